"""The memory that all connections share: whoever takes much of it pays, and everyone else is served."""
import contextlib
import re
import socket
import ssl
import struct
import zlib

import lk

# A stranger is answered before the engine's deadline of 30 s would free what the crowd holds.
DEADLINE = 28
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def connect(server, source="127.0.0.1", receive=None):
    plain = socket.socket()
    if receive is not None:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    plain.bind((source, 0))
    plain.settimeout(DEADLINE)
    plain.connect(("127.0.0.1", server.port))
    return server.tls_context.wrap_socket(plain, server_hostname="localhost")


def is_served(server, source):
    """A stranger with a small request gets its 200."""
    with connect(server, source) as sock:
        sock.sendall(HEALTH)
        return sock.recv(100).startswith(b"HTTP/1.1 200")


def pictures_sent(client):
    """How many answers with a picture were begun."""
    text = client.get("/metrics", expect=200).text
    return sum(int(n) for n in re.findall(r'^latchkey_requests_total\{route="media".*\} (\d+)$', text, re.MULTILINE))


def picture(size):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = chunk(b"tEXt", bytes(size)) + chunk(b"IDAT", zlib.compress(bytes(4)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def test_bodies_that_never_end_shut_nobody_out(server):
    head = (
        b"POST /api/user/register/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1100000\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    with contextlib.ExitStack() as stack:
        for _ in range(30):
            sock = stack.enter_context(connect(server))
            with contextlib.suppress(OSError):  # one that has given way to another
                sock.sendall(head + bytes(1090000))
        for source in ("127.0.0.1", "127.0.0.9"):
            assert is_served(server, source)


def test_clients_that_never_read_hold_no_thread(server, client):
    fields = {"email": "slow@x.io", "full_name": "S", "password": lk.PASSWORD}
    files = {"profile_pic": ("a.png", picture(1000000), "image/png")}
    person = client.post("/api/user/register/", data=fields, files=files, expect=201).json()
    path = "/api/user/media/" + person["profile_pic"].rsplit("/", 1)[1]
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            with contextlib.suppress(ssl.SSLError, OSError):
                sock = stack.enter_context(connect(server, receive=4096))
                sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 8)
        lk.wait_for(lambda: pictures_sent(client) >= 20)
        for source in ("127.0.0.1", "127.0.0.9"):
            assert is_served(server, source)
