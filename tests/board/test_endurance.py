"""A firmware under everything at once: logins, idle connections, records that are no TLS, bodies over the limit. It
answers afterwards, has given all memory back, and has not started anew. LATCHKEY_SECONDS says for how long."""
import contextlib
import os
import re
import socket
import ssl
import sys
import threading
import time

import lk

sys.path.insert(0, str(lk.ROOT / "tests" / "board"))
from board_server import BoardServer  # noqa: E402

SECONDS = float(os.environ.get("LATCHKEY_SECONDS", "30"))
IDLE = 100
# Bytes that may differ between two moments of rest: a chunk that a worker keeps, a snapshot of the store.
SLACK = 24 << 10
BAD_RECORDS = [
    b"\x16\x03\x01\x3f\xff" + b"x" * 4000,
    b"\x16\x03\x01\x00\x05\x01\x00\x00\xff\xff",
    b"\x17\x03\x03\x00\x00",
    b"\xff" * 2000,
    b"GET / HTTP/1.1\r\n\r\n",
]


def heap(server):
    """Bytes in use, and the most that ever were."""
    server.type("stat", "^frames: .*$")
    size, peak, used = re.findall(r"^heap: size (\d+) peak (\d+) used (\d+)$", server.board.text, re.MULTILINE)[-1]
    assert int(peak) <= int(size)
    return int(used), int(peak)


class Flood:
    """Threads that each do one thing until the time is over."""

    def __init__(self, server):
        self.server = server
        self.over = threading.Event()
        self.done = dict.fromkeys((self.log_in, self.idle, self.nonsense, self.oversize), 0)
        self.threads = [threading.Thread(target=self.run, args=(what,)) for what in self.done]
        self.context = ssl.create_default_context()
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE

    def run(self, what):
        while not self.over.is_set():
            try:
                what()
                self.done[what] += 1
            except OSError:  # turned away, reset: the server's right
                time.sleep(0.01)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.server.port), lk.PATIENCE)

    def post(self, head, body):
        with self.connect() as plain, self.context.wrap_socket(plain) as tls:
            tls.sendall(b"POST /auth/login/ HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n\r\n" + body)
            return tls.recv(4096)

    def log_in(self):
        body = b'{"username":"nobody","password":"wrong-word"}'
        self.post(b"Content-Type: application/json\r\nContent-Length: %d" % len(body), body)

    def oversize(self):
        assert b" 413 " in self.post(b"Content-Type: application/json\r\nContent-Length: 99999999", b"x" * 2000)

    def idle(self):
        crowd = []
        try:
            for _ in range(IDLE):
                crowd.append(self.connect())
            self.over.wait(1)
        finally:
            for one in crowd:
                one.close()

    def nonsense(self):
        for record in BAD_RECORDS:
            with self.connect() as plain:
                plain.settimeout(1)
                plain.sendall(record)
                with contextlib.suppress(TimeoutError):  # a record that is not whole gets no answer
                    plain.recv(100)


def test_everything_at_once():
    server = BoardServer(throttle="on")
    try:
        client = lk.Client(server, lk.Spec())
        owner = client.signup()
        flood = Flood(server)
        for what in flood.done:  # what is made at the first time and kept is no leak
            what()
        rest = heap(server)[0]
        for thread in flood.threads:
            thread.start()
        time.sleep(SECONDS)
        flood.over.set()
        for thread in flood.threads:
            thread.join()
        print({what.__name__: count for what, count in flood.done.items()}, "heap", heap(server), "at rest", rest)
        assert all(flood.done.values())
        lk.wait_for(lambda: heap(server)[0] <= rest + SLACK, lambda: f"memory is not given back: {heap(server)} {rest}")
        client = lk.Client(server, lk.Spec())
        client.get("/auth/me/", token=client.login(owner.username).access, expect=200)
        said = server.board.text[server.seen:]
        assert "Latchkey " not in said[said.index("ready"):] and "kernel:" not in said, said[-2000:]
    finally:
        server.close()
