"""A board from its first start to its second: set up, signed up, logged in, and all of it there after a restart."""
import base64
import hashlib
import re
import sys

import pytest

import lk

sys.path.insert(0, str(lk.ROOT / "tests" / "board"))
from board_server import BoardServer  # noqa: E402

SPEC = lk.Spec()


@pytest.fixture(scope="module")
def server():
    running = BoardServer(pbkdf2_iterations=None)  # the board's own count
    yield running
    running.close()


def microseconds(server):
    """What the log says the last login took."""
    server.type("time", r"^\S+Z \(")
    return int(re.findall(r"path=/auth/login/ status=200 .*us=(\d+)", server.logged())[-1])


def test_from_start_to_restart(server):
    client = lk.Client(server, SPEC)
    admin = client.admin()
    owner = client.signup()
    for account in (admin, owner):
        assert client.get("/auth/me/", token=account.access, expect=200).json()["username"] == account.username
    server.restart()
    client = lk.Client(server, SPEC)
    assert server.setup_code is None
    client.get("/auth/me/", token=owner.access, expect=200)
    client.login(owner.username)
    assert "check: 0 broken" in server.type("check", r"^check: \d+ broken$").string


def test_a_hash_from_elsewhere(server):
    """Of 600 000 rounds: it takes its time once, and is then rewritten at the board's own count."""
    key = hashlib.pbkdf2_hmac("sha256", lk.PASSWORD.encode(), b"saltsaltsalt", 600000)
    encoded = f"pbkdf2_sha256$600000$saltsaltsalt${base64.b64encode(key).decode()}"
    server.command("user", "import", "moved", "moved@x.io", encoded)
    client = lk.Client(server, SPEC)
    client.login("moved")
    first = microseconds(server)
    client.login("moved")
    assert microseconds(server) * 4 < first


def test_the_stacks_are_what_they_were_set_to(server):
    """CivetWeb's master has a small one of its own, and nobody has come near the end of his."""
    at = server.board.position
    server.board.send("stat\n")
    server.board.wait_for(r"^frames: .*$", at)
    rows = re.findall(r"^thread: (\S+) .*stack (\d+) peak (\d+)$", server.board.text[at:], re.MULTILINE)
    sizes = {name: int(size) for name, size, _ in rows}
    assert sizes["civetweb-master"] * 4 < sizes["civetweb-worker"]
    assert [row for row in rows if int(row[2]) * 5 > int(row[1]) * 4 and row[0] != "idle"] == []
