"""
Session tickets over real connections: they resume, a forged one makes a full handshake, and none outlives the certificate.
How keys follow each other in time is tests/unit/serve_tickets_test.c.
"""

import base64
import re
import subprocess

import pytest

from test_serving import OK, Server

PEM = "-----{} SSL SESSION PARAMETERS-----"
GET = b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def server():
    running = Server()
    yield running
    assert running.stop() == 0


@pytest.fixture(params=["tls1_2", "tls1_3"])
def version(request):
    return request.param


def connect(server, version, *options):
    """One request by the openssl program. Returns whether its session was resumed."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{server.tls}", f"-{version}", "-ign_eof", *options]
    done = subprocess.run(command, input=GET, capture_output=True, timeout=60)
    assert OK in done.stdout, done.stderr
    how = re.search(rb"^(New|Reused), TLSv1", done.stdout, re.MULTILINE)
    return how[1] == b"Reused"


def first_session(server, version, path):
    assert not connect(server, version, "-sess_out", str(path))
    assert connect(server, version, "-sess_in", str(path))


def element(der, at):
    """The DER element at an index: where its contents begin and end."""
    length, begin = der[at + 1], at + 2
    if length >= 0x80:
        begin += length - 0x80
        length = int.from_bytes(der[at + 2:begin], "big")
    return begin, begin + length


def ticket_of(der):
    """Where the ticket begins and ends in OpenSSL's SSL_SESSION: an octet string in the field tagged [10]."""
    at, end = element(der, 0)
    while at < end:
        begin, after = element(der, at)
        if der[at] == 0xAA:
            return element(der, begin)
        at = after
    raise AssertionError("no ticket")


def test_resumes(server, version, tmp_path):
    first_session(server, version, tmp_path / "session")


def test_forged_is_a_full_handshake(server, version, tmp_path):
    """A bit of the key's name, the nonce, what is encrypted, the tag or a padding: the client is served, as a new one."""
    path = tmp_path / "session"
    first_session(server, version, path)
    der = base64.b64decode("".join(path.read_text().splitlines()[1:-1]))
    begin, end = ticket_of(der)
    for at in (begin, begin + 16, begin + 31, (begin + end) // 2, end - 32, end - 17, end - 1):
        forged = der[:at] + bytes([der[at] ^ 1]) + der[at + 1:]
        text = base64.encodebytes(forged).decode()
        (tmp_path / "forged").write_text(f"{PEM.format('BEGIN')}\n{text}{PEM.format('END')}\n")
        assert not connect(server, version, "-sess_in", str(tmp_path / "forged")), at - begin
    assert connect(server, version, "-sess_in", str(path))


def test_another_server_takes_no_ticket_of_this_one(server, version, tmp_path):
    first_session(server, version, tmp_path / "session")
    other = Server()
    assert not connect(other, version, "-sess_in", str(tmp_path / "session"))
    assert other.stop() == 0


def test_none_outlives_the_certificate(server, version, tmp_path):
    first_session(server, version, tmp_path / "session")
    server.process.stdin.write("\n")
    server.process.stdin.flush()
    assert server.process.stdout.readline() == "renewed\n"
    assert not connect(server, version, "-sess_in", str(tmp_path / "session"))
