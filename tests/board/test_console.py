"""What an owner types on a board's serial console, as its server's clients see it."""
import sys

import pytest

import lk

sys.path.insert(0, str(lk.ROOT / "tests" / "board"))
from board_server import NAME, BoardServer  # noqa: E402

SPEC = lk.Spec()
WORD = "another good one"


@pytest.fixture(scope="module")
def server():
    running = BoardServer(throttle="on")
    yield running
    running.close()


@pytest.fixture
def client(server):
    server.set_clock()
    return lk.Client(server, SPEC)


def type_two(server, line, second, answer):
    """A command that asks for a line of its own."""
    at = server.board.position
    server.board.send(f"{line}\n{second}\n")
    return server.board.wait_for(answer, at)


def with_password(server, line, password, answer="^done$"):
    at = server.board.position
    answered = type_two(server, line, password, answer)
    assert password not in server.board.text[at:answered.start()], "it was echoed"


def test_accounts(server, client):
    with_password(server, "user add ada ada@x.io admin", lk.PASSWORD)
    with_password(server, "user add bob bob@x.io", lk.PASSWORD)
    ada, bob = client.login("ada"), client.login("bob")
    client.get("/auth/audit/", token=ada.access, expect=200)
    client.get("/auth/audit/", token=bob.access, expect=403)
    said = server.type("user list", r"^(\d+) accounts$")
    assert said[1] == "2"
    listed = server.board.text[:said.start()].splitlines()[-2:]
    assert sorted(listed) == ["ada  ada@x.io  admin", "bob  bob@x.io"]

    with_password(server, "user passwd bob", WORD)
    client.get("/auth/me/", token=bob.access, expect=401)  # a new password ends what was open under the old one
    client.post("/auth/login/", json={"username": "bob", "password": lk.PASSWORD}, expect=401)
    bob = client.login("bob", WORD)

    server.command("user", "disable", "bob")
    client.get("/auth/me/", token=bob.access, expect=401)
    server.type("user list", "^bob  bob@x.io  disabled$")
    server.command("user", "enable", "bob")
    bob = client.login("bob", WORD)
    server.command("user", "roles", "bob", "user,admin")
    client.get("/auth/audit/", token=client.login("bob", WORD).access, expect=200)
    server.command("user", "delete", "bob")
    client.get("/auth/me/", token=bob.access, expect=401)


def test_what_an_account_must_not_be(server, client):
    """The rules of sign-up hold here too, in its words; an unknown name and a half command are told."""
    client.signup("carl")
    with_password(server, "user add carl carl2@x.io", lk.PASSWORD, "^username: .*$")
    with_password(server, "user add new1 none", lk.PASSWORD, "^email: .*$")
    with_password(server, "user add new1 new1@x.io", "short", "^password: .*$")
    with_password(server, "user passwd carl", "tiny", "^password: .*$")
    client.login("carl")
    server.type("user passwd nobody", "^there is no such account$")
    server.type("user add half", r"^user add NAME EMAIL \[admin\]$")
    server.type("user roles carl king", "^a list of roles is ")
    server.type("users", "^no such command;")
    client.post("/auth/login/", json={"username": "new1", "password": lk.PASSWORD}, expect=401)


def test_a_setting_that_the_server_does_not_take_is_not_stored(server, client):
    """Else it would not serve after its next start."""
    server.reload_refused("mail names no server", mail="smtp://user@")
    server.reload_refused("takes off, log, smtp://", mail="file:/nowhere")
    server.reload_refused("cannot be set on a board", brand_logo="/logo.svg")
    server.type("set signup=closed", "^stored;")
    client.post("/auth/signup/", json={}, expect=403)
    server.type("unset signup", "^stored;")
    client.post("/auth/signup/", json={}, expect=400)
    server.restart()
    server.type("show", r"^  signup = open ")
    lk.Client(server, SPEC).get("/healthz", expect=200)


def test_a_key_that_another_service_shares(server, client):
    """Tokens of the one before end with it."""
    owner = client.signup()
    key = bytes(range(40))
    server.type(f"key user {key.hex()[:40]}", "^32 to 128 bytes in lower-case hexadecimal are wanted$")
    client.get("/auth/me/", token=owner.access, expect=200)
    server.type(f"key user {key.hex()}", "^done$")
    server.keys["jwt"] = key
    client.get("/auth/me/", token=owner.access, expect=401)
    client.get("/auth/me/", token=server.user_token(owner.id), expect=200)


def test_factory_reset(server, client):
    """Wipes accounts, sessions, keys and settings: on purpose, and only then."""
    owner = client.signup()
    token = server.user_token(owner.id)
    server.type("set host_name=kitchen", "^stored;")
    certificate = server.certificate.read_text()
    for answer in ("no", "", NAME[:-1], NAME.upper()):
        type_two(server, "factory-reset", answer, "^nothing was wiped$")
    server.restart()
    client = lk.Client(server, SPEC)
    client.get("/auth/me/", token=owner.access, expect=200)
    assert server.setup_code is None  # there is an admin

    server.seen = server.board.position
    type_two(server, "factory-reset", NAME, "^wiped; starting anew$")
    server.wait_ready()
    client = lk.Client(server, SPEC)
    assert server.setup_code is not None
    assert server.certificate.read_text() != certificate
    client.get("/auth/me/", token=owner.access, expect=401)
    client.get("/auth/me/", token=token, expect=401)
    client.post("/auth/refresh/", json={"refresh": owner.refresh}, expect=401)
    client.post("/auth/login/", json={"username": owner.username, "password": owner.password}, expect=401)
    server.type("show", "^  host_name = latchkey ")
    assert server.type("user list", r"^(\d+) accounts$")[1] == "0"
    # And it is a board as good as new.
    client.admin()
    server.restart()
    lk.Client(server, SPEC).login("root-admin")
