"""
Bytes that no TLS client sends: hand-made ClientHellos (RFC 8446 4.1.2), against the running server. Whatever comes, the
connection ends and the next client is served. The unit test tls_hardening_test looks at the same library from inside.
"""

import os
import random
import socket
import ssl
import struct
import subprocess

import pytest

import lk

HANDSHAKE, ALERT = 22, 21
X25519, X448 = 29, 30
POINT = b"\x09" + bytes(31)  # a public key that every X25519 takes: the base point


def vector(length_format, data):
    return struct.pack(length_format, len(data)) + data


def extension(number, data):
    return struct.pack(">H", number) + vector(">H", data)


def client_hello(groups):
    """A record with a ClientHello that is correct but for what `groups`, its key shares, make of it."""
    shares = b"".join(struct.pack(">H", group) + vector(">H", POINT) for group in groups)
    extensions = (extension(43, b"\x02\x03\x04")                     # supported_versions: TLS 1.3
                  + extension(10, vector(">H", struct.pack(">H", X25519)))
                  + extension(13, vector(">H", b"\x04\x03\x08\x04"))   # ECDSA P-256, RSA-PSS with SHA-256
                  + extension(51, vector(">H", shares)))
    body = (b"\x03\x03" + os.urandom(32) + b"\x00"                   # version, random, no session id
            + vector(">H", b"\x13\x01") + b"\x01\x00" + vector(">H", extensions))
    message = b"\x01" + struct.pack(">I", len(body))[1:] + body
    return b"\x16\x03\x01" + vector(">H", message)


def answer(port, data, enough=1 << 20):
    """What the server says to these bytes, up to its end of the line or to as many bytes as are enough."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=lk.PATIENCE) as line:
        try:
            line.sendall(data)
            while len(received) < enough:
                piece = line.recv(65536)
                if not piece:
                    break
                received += piece
        except ConnectionError:  # its end of the line, too
            pass
    return received


def serves(server):
    """A well-behaved client gets a whole handshake."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", server.port), timeout=lk.PATIENCE) as line:
        with context.wrap_socket(line) as tls:
            return tls.version() == "TLSv1.3"


@pytest.mark.parametrize("groups", [[X25519], [0x0A0A, X25519, X448]])
def test_good_hello_is_answered(server, groups):
    """The control: the refusals below are for the shares alone."""
    received = answer(server.port, client_hello(groups), enough=6)
    assert received[0] == HANDSHAKE and received[5] == 2  # ServerHello


@pytest.mark.parametrize("groups", [[X25519, X25519], [X448, X25519, X448], [0x5000 + i for i in range(17)] + [X25519]])
def test_shares_against_the_rules_are_refused(server, groups):
    received = answer(server.port, client_hello(groups))
    assert not received or received[0] == ALERT
    assert serves(server)


def test_damaged_hellos_harm_nobody(server):
    rng = random.Random(8446)
    good = client_hello([X25519])
    for _ in range(150):
        bad = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            bad[rng.randrange(5, len(bad))] = rng.randrange(256)
        with socket.create_connection(("127.0.0.1", server.port), timeout=lk.PATIENCE) as line:
            line.sendall(bad[:rng.choice([len(bad), rng.randrange(1, len(bad))])])
    assert serves(server)


NONSENSE = {
    "plain HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a record longer than any may be": b"\x16\x03\x01\xff\xff" + b"\x01" * 70000,
    "empty records without end": b"\x16\x03\x01\x00\x00" * 1000,
    "data before any handshake": b"\x17\x03\x03\x00\x10" + bytes(16),
    "warnings without end": b"\x15\x03\x03\x00\x02\x01\x5a" * 1000,
    "change_cipher_spec without end": b"\x14\x03\x03\x00\x01\x01" * 1000,
}


@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_ends_the_connection(server, what):
    received = answer(server.port, NONSENSE[what])
    assert not received or received[0] == ALERT
    assert serves(server)


def openssl(server, *arguments, **options):
    return subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", *arguments],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def test_nothing_is_negotiated_twice(server):
    with openssl(server, "-tls1_2") as client:
        client.stdin.write(b"R\n")  # asks for a handshake inside the connection
        client.stdin.flush()
        client.wait(lk.PATIENCE)  # its input is open: it leaves because the server does
        assert b"RENEGOTIATING" in client.stdout.read()
    assert serves(server)


def test_no_data_before_the_handshake(server, tmp_path):
    """What a client sends with its first flight could be sent again by anybody."""
    request = tmp_path / "request"
    request.write_bytes(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    ticket = tmp_path / "ticket"
    with openssl(server, "-tls1_3", "-quiet", "-ign_eof", "-sess_out", ticket) as client:
        answered, _ = client.communicate(request.read_bytes(), lk.PATIENCE)
        assert b" 200 OK" in answered
    with openssl(server, "-tls1_3", "-sess_in", ticket, "-early_data", request) as client:
        said, _ = client.communicate(b"", lk.PATIENCE)
    assert b"Reused, TLSv1.3" in said and b"Early data was not sent" in said and b" 200 OK" not in said
