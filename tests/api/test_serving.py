"""The engine under clients that are slow, rude, many or wrong, over real sockets.

Drives serve_tool (tests/unit/serve_tool.c): the engine with a handler of a few lines and deadlines of a second, so that
what is seen here is the engine's doing. It stands beside latchkeyd in the build folder.
"""
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import threading
import time

import pytest

import lk

TOOL = pathlib.Path(os.environ.get("LATCHKEYD", "build/linux/latchkeyd")).with_name("serve_tool")
SUPPRESSIONS = pathlib.Path(__file__).resolve().parent.parent / "tsan.supp"
OK = b'{"ok":true}'
HELD = b'{"held":true}'
GET = b"GET / HTTP/1.1\r\nHost: t\r\n\r\n"


class Server:
    def __init__(self, descriptors=None, **options):
        limit = ["prlimit", f"--nofile={descriptors}"] if descriptors else []
        command = limit + lk.WRAPPER + [str(TOOL)] + [f"{key}={value}" for key, value in options.items()]
        environment = dict(os.environ)
        environment["TSAN_OPTIONS"] = environment.get("TSAN_OPTIONS", "") + f" suppressions={SUPPRESSIONS}"
        if descriptors:
            # With none left ThreadSanitizer cannot read the names that the suppressions go by.
            environment["TSAN_OPTIONS"] += " report_bugs=0"
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment)
        line = self.process.stdout.readline().split()
        assert line and line[0] == "ready", line
        self.tls, self.plain = int(line[1]), int(line[2])

    def stop(self):
        self.process.stdin.close()
        return self.process.wait(lk.PATIENCE)

    def connect(self, tls=False, context=None, session=None, source="127.0.0.1"):
        sock = socket.create_connection(("127.0.0.1", self.tls if tls else self.plain), lk.PATIENCE, (source, 0))
        if tls:
            sock = (context or client_context()).wrap_socket(sock, server_hostname="localhost", session=session)
        return sock

    def get(self, path="/", tls=False, source="127.0.0.1"):
        with self.connect(tls, source=source) as sock:
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n".encode())
            return read_answer(sock)

    def stats(self, source="127.0.0.1"):
        return json.loads(self.get("/stats", source=source)[1])

    def hold(self, tls=False):
        """A connection with a request that is being handled, until `release` or the end."""
        sock = self.connect(tls)
        sock.sendall(b"GET /hold HTTP/1.1\r\nHost: t\r\n\r\n")
        assert self.process.stdout.readline() == "held\n"
        return sock

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_quiet(self):
        """True when half a second costs it hardly any processor: one that spins never is."""
        before = self.cpu_seconds()
        time.sleep(0.5)
        return self.cpu_seconds() - before < 0.1


def client_context(lowest=None, highest=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if lowest:
        context.minimum_version = lowest
    if highest:
        context.maximum_version = highest
    return context


class Reader:
    """Answers one after the other from one socket."""

    def __init__(self, sock):
        self.sock, self.data = sock, bytearray()

    def more(self):
        piece = self.sock.recv(65536)
        if not piece:
            raise EOFError(self.data)
        self.data += piece

    def answer(self, head_only=False):
        while b"\r\n\r\n" not in self.data:
            self.more()
        head = self.take(self.data.index(b"\r\n\r\n"))
        self.take(4)
        status = int(head.split()[1])
        length = re.search(rb"(?i)content-length: (\d+)", head)
        length = int(length[1]) if length and not head_only else 0
        while len(self.data) < length:
            self.more()
        return status, self.take(length), head

    def take(self, length):
        taken = bytes(self.data[:length])
        del self.data[:length]
        return taken


def read_answer(sock):
    return Reader(sock).answer()


def stats_by(sock):
    """The server's numbers, by a connection that is there already."""
    sock.sendall(b"GET /stats HTTP/1.1\r\nHost: t\r\n\r\n")
    return json.loads(read_answer(sock)[1])


def closed(sock):
    """True when the server ends the connection without another byte, within the socket's timeout."""
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.fixture(scope="module")
def server():
    s = Server(idle_ms=600000, write_ms=600000)  # on a slow machine, too
    yield s
    assert s.stop() == 0


@pytest.fixture
def hasty():
    """Makes a server with one deadline that passes soon; the others are out of the way of a slow machine."""
    running = []

    def make(**deadline):
        far = {f"{name}_ms": 600000 for name in ("handshake", "header", "body", "idle", "write")}
        running.append(Server(**{**far, "min_rate": 100000000, **deadline}))
        return running[-1]

    yield make
    for s in running:
        assert s.stop() == 0


# --- the ordinary ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tls", [False, True])
def test_keep_alive(server, tls):
    with server.connect(tls) as sock:
        reader = Reader(sock)
        for _ in range(50):
            sock.sendall(GET)
            status, body, head = reader.answer()
            assert (status, body) == (200, OK)
            assert b"Connection: keep-alive" in head


@pytest.mark.parametrize("tls", [False, True])
def test_pipelined(server, tls):
    with server.connect(tls) as sock:
        requests = [b"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n\r\n%s" % (len(b), b)
                    for b in [b"<%d>" % i for i in range(300)]]
        # By this thread alone: OpenSSL lets no two use a connection at once. It all fits the sockets' buffers.
        sock.sendall(b"".join(requests))
        reader = Reader(sock)
        for i in range(300):
            assert reader.answer()[1] == b"<%d>" % i


@pytest.mark.parametrize("tls", [False, True])
def test_every_cut_of_a_request(server, tls):
    request = (b"\r\nPOST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
               b"3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: u\r\n\r\n")
    with server.connect(tls) as sock:
        if not tls:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader = Reader(sock)
        for cut in range(1, len(request)):
            sock.sendall(request[:cut])
            if cut % 10 == 0:
                time.sleep(0.002)
            sock.sendall(request[cut:])
            assert reader.answer()[1] == b"abcde"


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("size", [1, 999, 1000, 1001, 16384, 20000, 300000, 1 << 20])
def test_body_of_any_size(server, tls, size):
    body = os.urandom(size)
    with server.connect(tls) as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n\r\n" % size)
        sock.sendall(body)
        reader = Reader(sock)
        assert reader.answer()[1] == body
        sock.sendall(GET)
        assert reader.answer()[1] == OK


def test_large_chunked_body(server):
    body = os.urandom(500000)
    raw = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[i:i + 777] for i in range(0, len(body), 777)))
    with server.connect(True) as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n" + raw + b"0\r\n\r\n" + GET)
        reader = Reader(sock)
        assert reader.answer()[1] == body
        assert reader.answer()[1] == OK


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("path", ["/bytes/8000000", "/stream/8000000"])
def test_slow_reader_gets_all(server, tls, path):
    with server.connect(tls) as sock:
        sock.sendall(b"GET %s HTTP/1.1\r\nHost: t\r\n\r\n" % path.encode())
        time.sleep(0.3)
        reader = Reader(sock)
        assert len(reader.answer()[1]) == 8000000
        sock.sendall(GET)
        assert reader.answer()[1] == OK


def test_half_closed_client_is_answered(server):
    with server.connect() as sock:
        sock.sendall(b"GET /bytes/8000000 HTTP/1.1\r\nHost: t\r\n\r\n")
        sock.shutdown(socket.SHUT_WR)
        lk.wait_for(server.is_quiet, "the engine spins while it waits for the client")
        assert len(read_answer(sock)[1]) == 8000000
        assert closed(sock)


def test_http_1_0(server):
    with server.connect() as sock:
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert read_answer(sock)[1] == OK
        assert closed(sock)
    with server.connect() as sock:
        reader = Reader(sock)
        for _ in range(2):
            sock.sendall(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert reader.answer()[1] == OK


def test_connection_close(server):
    with server.connect(True) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n" + GET)
        _, body, head = read_answer(sock)
        assert body == OK and b"Connection: close" in head
        assert closed(sock)


@pytest.mark.parametrize("method", [b"FOO", b"TRACE", b"PATCH", b"get", b"M-SEARCH"])
def test_any_method_reaches_the_handler(server, method):
    with server.connect() as sock:
        sock.sendall(method + b" /head%00x/../?q=%zz HTTP/1.1\r\nHost: t\r\n\r\n")
        assert read_answer(sock)[1] == method + b"\n/head%00x/../?q=%zz\n/head%00x/../\nq=%zz\n127.0.0.1\n"


def test_unanswered_is_500(server):
    with server.connect() as sock:
        sock.sendall(b"GET /silent HTTP/1.1\r\nHost: t\r\n\r\n")
        assert read_answer(sock)[0] == 500
        assert closed(sock)


def test_expect(server):
    head = b"POST /echo HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    with server.connect(True) as sock:
        reader = Reader(sock)
        for _ in range(2):
            sock.sendall(head % 5)
            assert reader.answer(head_only=True)[0] == 100
            sock.sendall(b"hello")
            assert reader.answer()[1] == b"hello"
        sock.sendall(head % 5 + b"hello")
        assert reader.answer()[:2] == (200, b"hello")
        sock.sendall(head % (1 << 30))
        assert reader.answer()[0] == 413
        assert closed(sock)


# --- the wrong -----------------------------------------------------------------------------------------------------------

SMUGGLING = [
    (400, b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    (400, b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5abc\r\n\r\nhello"),
    (400, b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10000000000000000000\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length : 5\r\n\r\nhello"),
    (400, b"POST / HTTP/1.1\r\nHost: t\r\nX: y\r\n Content-Length: 5\r\n\r\nhello"),
    (501, b"POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n"),
    (400, b"GET / HTTP/1.1\nHost: t\n\n"),
    (400, b"GET / HTTP/1.1\r\nHost: t\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: t\rX: y\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: t\r\nX: a\0b\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    (400, b"GET  / HTTP/1.1\r\nHost: t\r\n\r\n"),
    (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    (414, b"GET /" + b"a" * 10000 + b" HTTP/1.1\r\nHost: t\r\n\r\n"),
    (431, b"GET / HTTP/1.1\r\nHost: t\r\nX: " + b"a" * 10000 + b"\r\n\r\n"),
    (431, b"GET / HTTP/1.1\r\nHost: t\r\n" + b"X: y\r\n" * 100 + b"\r\n"),
    (417, b"POST / HTTP/1.1\r\nHost: t\r\nExpect: 101\r\n\r\n"),
    (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    (505, b"GET / HTTP/3.0\r\nHost: t\r\n\r\n"),
]


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("status, request_bytes", SMUGGLING)
def test_refused(server, tls, status, request_bytes):
    with server.connect(tls) as sock:
        sock.sendall(GET + request_bytes + GET)
        reader = Reader(sock)
        assert reader.answer()[1] == OK
        got, body, head = reader.answer()
        assert got == status
        assert list(json.loads(body)) == ["detail"]
        assert re.fullmatch(r"[A-Z].*[^.]\.", json.loads(body)["detail"]), "a whole sentence, as everywhere"
        assert b"Connection: close" in head and b"X-Content-Type-Options: nosniff" in head
        assert closed(sock), "what follows a refused request is never looked at"


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("head", [b"Content-Length: 30000000", b"Transfer-Encoding: chunked"])
def test_large_body_is_refused_and_the_answer_seen(server, tls, head):
    with server.connect(tls) as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: t\r\n" + head + b"\r\n\r\n")
        piece = b"x" * 65536
        if head.startswith(b"Transfer"):
            piece = b"10000\r\n" + piece + b"\r\n"
        for _ in range(450):
            sock.sendall(piece)
        assert read_answer(sock)[0] == 413
        assert closed(sock)


# --- the slow --------------------------------------------------------------------------------------------------------------


def ends_after(seconds, begin, sock, first=b"", drip=None):
    """Sends what is first, then drips, until the server ends the connection: not before so many seconds from `begin`,
    and however often something drips."""
    sock.settimeout(0.1)

    def ended():
        try:
            if drip:
                sock.sendall(drip)
            return sock.recv(4096) == b""
        except (TimeoutError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True

    try:
        sock.sendall(first)
        lk.wait_for(ended, "the deadline does not pass")
    except OSError:  # it passed already
        pass
    return time.monotonic() - begin > seconds - 0.01


@pytest.mark.parametrize("tls", [False, True])
def test_silent_connect(hasty, tls):
    server = hasty(**{"handshake_ms" if tls else "header_ms": 600})
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.tls if tls else server.plain)) as sock:
        assert ends_after(0.6, begin, sock)


def test_dripped_handshake(hasty):
    server = hasty(handshake_ms=600)
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.tls)) as sock:
        assert ends_after(0.6, begin, sock, b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03", b"\0")


@pytest.mark.parametrize("tls", [False, True])
def test_dripped_header(hasty, tls):
    server = hasty(header_ms=600)
    begin = time.monotonic()
    with server.connect(tls) as sock:
        assert ends_after(0.6, begin, sock, b"GET / HTTP/1.1\r\nHost: t\r\nX: ", b"y")


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("head", [b"Content-Length: 1000", b"Transfer-Encoding: chunked"])
def test_dripped_body(hasty, tls, head):
    server = hasty(body_ms=800)
    begin = time.monotonic()
    with server.connect(tls) as sock:
        first = b"POST / HTTP/1.1\r\nHost: t\r\n" + head + b"\r\n\r\n"
        assert ends_after(0.8, begin, sock, first + (b"fff\r\n" if head.startswith(b"T") else b""), b"y")


@pytest.mark.parametrize("tls", [False, True])
def test_idle_connection_ends(hasty, tls):
    server = hasty(idle_ms=1000)
    begin = time.monotonic()
    with server.connect(tls) as sock:
        sock.sendall(GET)
        assert read_answer(sock)[1] == OK
        assert ends_after(1.0, begin, sock)


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("path", [b"/bytes/30000000", b"/stream/30000000"])
def test_client_that_never_reads(hasty, tls, path):
    server = hasty(write_ms=1000)
    with server.connect(tls) as sock:
        sock.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: t\r\n\r\n")
        # Each look is a connection too, which may still be closing at the next one.
        lk.wait_for(lambda: server.stats()["connections"] == 1)


def test_crowd_of_drippers_and_idlers_leaves_newcomers_served():
    server = Server(connections=2000, per_address=2000, header_ms=600000, idle_ms=600000)
    idle = [server.connect() for _ in range(1000)]
    for sock in idle:
        sock.sendall(GET)
    for sock in idle:
        assert read_answer(sock)[1] == OK
    drip = [server.connect() for _ in range(200)]
    stop = threading.Event()

    def dripping():
        while not stop.is_set():
            for sock in drip:
                try:
                    sock.sendall(b"P")
                except OSError:
                    pass
            time.sleep(0.01)
    thread = threading.Thread(target=dripping)
    thread.start()
    try:
        for _ in range(30):
            assert server.get(tls=True)[1] == OK
        lk.wait_for(lambda: server.stats()["connections"] == 1201)
    finally:
        stop.set()
        thread.join()
        for sock in idle + drip:
            sock.close()
        assert server.stop() == 0


def test_blocked_threads_leave_others_served():
    """As many threads as hashing may hold are asleep; the rest still answer."""
    server = Server(threads=12, active=2)
    slow = [server.hold() for _ in range(10)]
    for _ in range(50):
        assert server.get()[1] == OK
    assert server.get("/release")[1] == OK
    for sock in slow:
        assert read_answer(sock)[1] == HELD
        sock.close()
    assert server.stop() == 0


# --- the many ----------------------------------------------------------------------------------------------------------------


def test_full_server_closes_the_idlest():
    server = Server(connections=21, per_address=21, header_ms=600000, idle_ms=600000)
    looker = server.connect()  # whenever it looks, it is the last that was active
    crowd = [server.connect() for _ in range(20)]
    for number, sock in enumerate(crowd + crowd[:1]):
        sock.sendall(GET)
        assert read_answer(sock)[1] == OK
        # It becomes idle a moment after its answer has left.
        lk.wait_for(lambda: stats_by(looker)["idle"] == min(number + 1, 20))
    for _ in range(3):
        with server.connect() as sock:
            sock.sendall(GET)
            assert read_answer(sock)[1] == OK
    # The first newcomer took the place of 1, the idlest; 0 was used last and is still there.
    assert closed(crowd[1])
    crowd[0].sendall(GET)
    assert read_answer(crowd[0])[1] == OK
    assert server.stats()["evicted"] >= 1
    for sock in crowd + [looker]:
        sock.close()
    assert server.stop() == 0


def test_full_of_drippers_lets_a_newcomer_in():
    server = Server(connections=20, per_address=20, header_ms=600000)
    crowd = [server.connect() for _ in range(20)]
    # Two listeners have two queues: the newcomer comes when these are all in.
    lk.wait_for(lambda: stats_by(crowd[0])["connections"] == 20)
    for sock in crowd:
        sock.sendall(b"GET / HT")
    assert server.get(tls=True)[1] == OK
    for sock in crowd:
        sock.close()
    assert server.stop() == 0


def test_one_address_has_its_share():
    server = Server(connections=100, per_address=5)
    crowd = [server.connect() for _ in range(12)]
    # Seven have gone, and been closed, before any of them becomes busy.
    lk.wait_for(lambda: server.stats(source="127.0.0.3")["connections"] == 6)
    alive = 0
    for sock in crowd:
        try:
            sock.sendall(GET)
            alive += read_answer(sock)[1] == OK
        except (OSError, EOFError):
            pass
    assert alive == 5
    other = server.connect(source="127.0.0.2")
    other.sendall(GET)
    assert read_answer(other)[1] == OK
    for sock in crowd + [other]:
        sock.close()
    assert server.stop() == 0


def test_busy_connections_are_never_evicted():
    server = Server(connections=4, per_address=4)
    busy = [server.hold() for _ in range(4)]
    with server.connect() as sock:
        sock.sendall(GET)
        status, _, head = read_answer(sock)
        assert status == 503 and b"Retry-After" in head
    server.process.stdin.close()  # the end lets go what is held
    for sock in busy:
        assert read_answer(sock)[1] == HELD
        sock.close()
    assert server.process.wait(lk.PATIENCE) == 0


def test_memory_of_all_requests_is_bounded():
    server = Server(max_buffered=1000000, max_body=800000, body_ms=600000)
    first = server.connect()
    first.sendall(b"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 500000\r\n\r\n" + b"x" * 450000)
    lk.wait_for(lambda: server.stats()["buffered"] >= 450000)
    with server.connect() as second:
        second.sendall(b"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 700000\r\n\r\n" + b"x" * 700000)
        assert read_answer(second)[0] == 503
    assert server.get()[1] == OK
    first.sendall(b"x" * 50000)
    assert len(read_answer(first)[1]) == 500000
    first.close()
    lk.wait_for(lambda: server.stats()["buffered"] < 10000)
    assert server.stop() == 0


@pytest.mark.skipif(bool(lk.WRAPPER), reason="what wraps the server takes descriptors, too")
def test_out_of_descriptors_makes_room():
    server = Server(descriptors=40)
    crowd = []
    for _ in range(80):
        sock = server.connect()
        sock.sendall(GET)
        assert read_answer(sock)[1] == OK
        crowd.append(sock)
    assert server.get(tls=True)[1] == OK
    lk.wait_for(server.is_quiet, "the listener spins")
    for sock in crowd:
        sock.close()
    assert server.stop() == 0


# --- TLS -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_version_and_resumption(server, version):
    context = client_context(version, version)
    before = server.stats()["resumed"]
    session = None
    for _ in range(3):
        with server.connect(True, context=context, session=session) as sock:
            sock.sendall(GET)
            assert read_answer(sock)[1] == OK
            assert sock.session_reused == (session is not None)
            session = sock.session
    assert server.stats()["resumed"] == before + 2


def test_old_tls_is_refused(server):
    context = client_context()
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.options |= ssl.OP_NO_TLSv1_2 | ssl.OP_NO_TLSv1_3
    with pytest.raises((ssl.SSLError, ConnectionError)):
        server.connect(True, context=context)


@pytest.mark.parametrize("cipher", ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256",
                                    "DHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-CCM"])
def test_weak_cipher_is_refused(server, cipher):
    context = client_context(highest=ssl.TLSVersion.TLSv1_2)
    context.set_ciphers(cipher + ":@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        server.connect(True, context=context)


def test_certificate_is_replaced_under_way(server):
    def certificate(sock):
        return sock.getpeercert(binary_form=True)
    with server.connect(True) as old:
        server.process.stdin.write("\n")
        server.process.stdin.flush()
        assert server.process.stdout.readline() == "renewed\n"
        with server.connect(True) as new:
            new.sendall(GET)
            assert read_answer(new)[1] == OK
            assert certificate(new) != certificate(old)
        old.sendall(GET)
        assert read_answer(old)[1] == OK


def test_plain_http_on_the_tls_port(server):
    with socket.create_connection(("127.0.0.1", server.tls), lk.PATIENCE) as sock:
        sock.sendall(GET)
        try:
            assert OK not in sock.recv(4096)
        except ConnectionError:
            pass


# --- the end -------------------------------------------------------------------------------------------------------------------


def test_stop_lets_a_request_finish():
    server = Server(stop_ms=600000, idle_ms=600000)
    idle = server.connect()
    idle.sendall(GET)
    assert read_answer(idle)[1] == OK
    busy = server.hold(True)
    server.process.stdin.close()
    _, body, head = read_answer(busy)
    assert body == HELD and b"Connection: close" in head
    assert closed(idle)
    assert server.process.wait(lk.PATIENCE) == 0


def test_stop_does_not_wait_for_drippers():
    server = Server(stop_ms=500, header_ms=600000)
    sock = server.connect()
    sock.sendall(b"GET / HT")
    assert server.stop() == 0


def test_sockets_torn_at_random():
    """Clients that vanish at any moment leave nothing behind."""
    server = Server(header_ms=500)  # some wait for an answer to half a request
    context = client_context()

    def tear(seed):
        for i in range(40):
            try:
                sock = server.connect((seed + i) % 2 == 0, context=context)
                if i % 3 == 0:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                sock.sendall((GET * 3 + b"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\nabc")[:10 + 7 * i])
                if i % 4 == 0:
                    sock.recv(100)
                sock.close()
            except OSError:
                pass
    threads = [threading.Thread(target=tear, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    lk.wait_for(lambda: server.stats()["connections"] == 1)
    lk.wait_for(lambda: server.stats()["buffered"] < 5000)
    assert server.stop() == 0
