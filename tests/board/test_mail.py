"""Mails that leave a board: to an SMTP server of its host, by STARTTLS, to a certificate that was pinned."""
import email
import email.policy
import re
import socket
import sys
import time

import pytest

import lk
import mail_server
from test_route_pages import Page

sys.path.insert(0, str(lk.ROOT / "tests" / "board"))
from board_server import BoardServer  # noqa: E402

SPEC = lk.Spec()
HOST = BoardServer.addresses_of_clients[0]  # as the board calls it
NEW = "another good one"


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return mail_server.Pki(tmp_path_factory.mktemp("pki"))


class Post:
    """An SMTP server that can be closed and opened again."""

    def __init__(self, pki):
        self.pki = pki
        self.keep = mail_server.Keep()
        self.port = None
        self.open()

    def open(self):
        self.controller = mail_server.Starttls(self.keep, self.pki.context("localhost"), require_starttls=True)
        if self.port is not None:
            self.controller.port = self.port
        self.controller.start()
        self.port = self.controller.port

    def close(self):
        self.controller.stop()

    def settings(self):
        return {"mail": f"smtp://{HOST}:{self.port}", "mail_fingerprint": self.pki.fingerprint("localhost"),
                "mail_from": "noreply@login.example"}

    def mails(self, to):
        found = [email.message_from_bytes(kept.content, policy=email.policy.default) for kept in self.keep.mails]
        return [mail for mail in found if mail["To"] == to]

    def wait(self, to, nth=0):
        lk.wait_for(lambda: len(self.mails(to)) > nth, f"no mail came to {to}")
        assert all(self.keep.tls)
        return self.mails(to)[nth]


@pytest.fixture(scope="module")
def post(pki):
    running = Post(pki)
    yield running
    running.close()


@pytest.fixture(scope="module")
def server(post):
    running = BoardServer(**post.settings())
    yield running
    running.close()


@pytest.fixture
def client(server):
    server.set_clock()
    return lk.Client(server, SPEC)


def link(mail, kind):
    text = mail.get_content().replace("\r\n", "\n")
    return re.search(rf"^{re.escape(lk.PUBLIC_URL)}(/auth/{kind}/\S+)$", text, re.MULTILINE)[1]


def test_links_that_were_mailed_work(client, post):
    owner = client.signup()
    mail = post.wait(owner.email)
    assert mail["From"] == "noreply@login.example"
    assert mail["Subject"] == "Confirm your email address on login.example.test"
    client.get(link(mail, "verify-email"), expect=200)
    assert client.get("/auth/me/", token=owner.access).json()["email_verified"] is True
    client.post("/auth/reset_password/", json={"email": owner.email}, expect=200)
    client.post(link(post.wait(owner.email, 1), "password_reset_confirm"),
                json={"new_password1": NEW, "new_password2": NEW}, expect=200)
    client.login(owner.username, NEW)


def test_invite_by_mail(client, post):
    chief = Page(client, client.admin().username)
    address = f"guest{time.time_ns()}@x.io"
    made = chief.request("POST", "/accounts/", json={"email": address, "mail": True}, expect=201).json()
    assert made["account"]["username"] == address and made["link"]["url"] is None
    mail = post.wait(address)
    assert "made an account for" in mail.get_content()
    client.post(link(mail, "password_reset_confirm"), json={"new_password1": NEW, "new_password2": NEW}, expect=200)
    assert Page(client, address, NEW).who()["email_verified"] is True


def test_mails_wait_for_their_server_over_a_power_cut(server, client, post):
    post.close()
    try:
        with socket.create_server(("127.0.0.1", post.port)) as silent:
            silent.settimeout(lk.PATIENCE)
            owner = client.signup()
            silent.accept()
            server.stop()  # in the middle of it; what the flash has taken stays
    finally:
        post.open()
    server.start()
    mail = post.wait(owner.email)
    lk.Client(server, SPEC).get(link(mail, "verify-email"), expect=200)


def test_a_certificate_that_is_not_the_pinned_one(server, client, post):
    """Gets nothing, and the log says why. The last: the mail stays with the board, which tries again in a minute."""
    server.reload(mail_fingerprint="00" * 32)
    owner = client.signup()
    server.wait_logged("the server's certificate is not the pinned one")
    assert not post.mails(owner.email)
