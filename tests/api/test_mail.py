"""Mail submission against aiosmtpd: in clear on loopback, STARTTLS, implicit TLS, AUTH, refusals, silence."""
import email
import email.policy
import os
import pathlib
import re
import socket
import ssl
import subprocess
import threading
import time

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

import lk
from mail_server import Keep, Pki, Starttls, free_port, local

TOOL = pathlib.Path(os.environ["LATCHKEYD"]).parent / "mail_tool"
MESSAGE = (
    "From: noreply@login.example\r\nTo: ann@example.com\r\nSubject: hello\r\n\r\n"
    "first\r\n.\r\n..two dots\r\nMAIL FROM:<eve@example.com>\r\nlast\r\n"
)


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def serve():
    running = []

    def start(controller):
        controller.start()
        running.append(controller)
        return controller.port

    yield start
    for controller in running:
        controller.stop()


def submit(target, way="smtp", ca="", pin="", patience=60000, to="ann@example.com", message=MESSAGE):
    """Returns (result, stage, code, server_wide, text)."""
    done = subprocess.run(
        [TOOL, way, target, "noreply@login.example", to, str(ca), pin, str(patience)],
        input=message.encode(), capture_output=True, timeout=lk.PATIENCE, check=True)
    result, stage, code, server_wide, text = done.stdout.decode().rstrip("\n").split(" ", 4)
    return result, stage, int(code), server_wide == "1", text


def assert_delivered(keep):
    assert len(keep.mails) == 1
    envelope = keep.mails[0]
    assert envelope.content.decode() == MESSAGE
    assert envelope.mail_from == "noreply@login.example"
    assert envelope.rcpt_tos == ["ann@example.com"]


def test_in_clear_on_loopback(serve):
    keep = Keep()
    port = serve(local(keep))
    assert submit(f"127.0.0.1:{port}")[0] == "ok"
    assert_delivered(keep)
    assert keep.tls == [False]
    assert f"SIZE={len(MESSAGE)}" in keep.mails[0].mail_options


def test_starttls(serve, pki):
    keep = Keep()
    port = serve(Starttls(keep, pki.context("localhost"), require_starttls=True))
    assert submit(f"localhost:{port}", ca=pki.ca)[0] == "ok"
    assert_delivered(keep)
    assert keep.tls == [True]


def test_starttls_is_used_where_it_is_offered(serve, pki):
    keep = Keep()
    port = serve(Starttls(keep, pki.context("localhost")))
    assert submit(f"localhost:{port}", ca=pki.ca)[0] == "ok"
    assert keep.tls == [True]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_implicit_tls(serve, pki, version):
    keep = Keep()
    context = pki.context("localhost")
    context.minimum_version = context.maximum_version = version
    port = serve(local(keep, ssl_context=context))
    assert submit(f"localhost:{port}", way="smtps", ca=pki.ca)[0] == "ok"
    assert_delivered(keep)


def test_an_rsa_certificate(serve, pki):
    keep = Keep()
    port = serve(Starttls(keep, pki.context("localhost", key=("rsa:2048",)), require_starttls=True))
    assert submit(f"localhost:{port}", ca=pki.ca)[0] == "ok"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_tls_is_refused(serve, pki):
    context = pki.context("localhost")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    keep = Keep()
    port = serve(Starttls(keep, context))
    result, stage, _, server_wide, _ = submit(f"localhost:{port}", ca=pki.ca)
    assert (result, stage, server_wide) == ("later", "tls", True)
    assert keep.mails == []


@pytest.mark.parametrize("way", ["smtp", "smtps"])
@pytest.mark.parametrize("fault", ["other name", "other authority", "expired", "no file"])
def test_a_wrong_certificate(serve, pki, tmp_path, way, fault):
    context = pki.context("mail.example") if fault == "other name" else pki.context("localhost")
    if fault == "expired":
        context = pki.context("localhost", days=-1)
    ca = pki.ca
    if fault == "other authority":
        (tmp_path / "other").mkdir()
        ca = Pki(tmp_path / "other").ca
    if fault == "no file":
        ca = tmp_path / "missing.pem"
    keep = Keep()
    if way == "smtps":
        port = serve(local(keep, ssl_context=context))
    else:
        port = serve(Starttls(keep, context))
    result, stage, _, server_wide, text = submit(f"localhost:{port}", way=way, ca=ca)
    assert (result, stage, server_wide) == ("later", "tls", True)
    assert text
    assert keep.mails == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_pinned_fingerprint(serve, pki, version):
    keep = Keep()
    context = pki.context("mail.example", days=-1)
    context.minimum_version = context.maximum_version = version
    port = serve(Starttls(keep, context, require_starttls=True))
    pin = pki.fingerprint("mail.example", days=-1)
    assert submit(f"127.0.0.1:{port}", pin=pin)[0] == "ok"
    assert_delivered(keep)


@pytest.mark.parametrize("chain", [False, True])
def test_another_certificate_than_the_pinned_one(serve, pki, chain):
    """The pinned certificate among those sent is not enough: it must be the one whose key is proven."""
    keep = Keep()
    pem, private = pki.certificate("localhost")
    pin = pki.fingerprint("mail.example")
    if chain:
        both = pki.folder / "both.pem"
        both.write_text(pem.read_text() + pki.certificate("mail.example")[0].read_text())
        pem = both
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    port = serve(Starttls(keep, context))
    result, stage, _, _, text = submit(f"localhost:{port}", pin=pin, ca=pki.ca)
    assert (result, stage) == ("later", "tls")
    assert "pinned" in text
    assert keep.mails == []


def authenticator(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"ann@x", b"p:w/%")
    return AuthResult(success=good, handled=good)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("password, result", [("p%3Aw%2F%25", "ok"), ("wrong", "later")])
def test_auth(serve, pki, mechanism, password, result):
    keep = Keep()
    exclude = ["LOGIN"] if mechanism == "PLAIN" else ["PLAIN"]
    port = serve(Starttls(keep, pki.context("localhost"), require_starttls=True, authenticator=authenticator,
                          auth_required=True, auth_exclude_mechanism=exclude))
    answer = submit(f"ann%40x:{password}@localhost:{port}", ca=pki.ca)
    assert answer[0] == result, answer
    assert len(keep.mails) == (1 if result == "ok" else 0)
    if result != "ok":
        assert answer[1:4] == ("auth", 535, True), answer


def test_no_password_without_tls(serve):
    keep = Keep()
    port = serve(local(keep, authenticator=authenticator, auth_require_tls=False))
    result, stage, _, _, text = submit(f"ann%40x:p%3Aw%2F%25@127.0.0.1:{port}")
    assert (result, stage) == ("later", "starttls")
    assert "clear" in text
    assert keep.mails == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("reply, result", [("451 later", "later"), ("550 never", "never")])
def test_refusals(serve, command, reply, result):
    port = serve(local(Keep({command: reply})))
    answer = submit(f"127.0.0.1:{port}")
    assert answer == (result, command.lower(), int(reply[:3]), False, reply[4:])


def test_an_address_that_is_not_ascii(serve):
    keep = Keep()
    port = serve(local(keep, enable_SMTPUTF8=True))
    assert submit(f"127.0.0.1:{port}", to="ann@é.example")[0] == "ok"
    assert keep.mails[0].rcpt_tos == ["ann@é.example"]
    plain = serve(local(Keep(), enable_SMTPUTF8=False))
    assert submit(f"127.0.0.1:{plain}", to="ann@é.example")[0] == "never"


def test_too_large_for_the_server(serve):
    port = serve(local(Keep(), data_size_limit=100))
    assert submit(f"127.0.0.1:{port}")[:2] == ("never", "mail")


def test_nobody_listens():
    result, stage, _, server_wide, text = submit(f"127.0.0.1:{free_port()}")
    assert (result, stage, server_wide) == ("later", "connect", True)
    assert "refused" in text


def test_no_such_host():
    result, stage, _, server_wide, _ = submit("nowhere.invalid")
    assert (result, stage, server_wide) == ("later", "connect", True)


class Scripted:
    """A server that says one thing and then behaves badly."""

    def __init__(self, behave):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, args=(behave,), daemon=True).start()

    def run(self, behave):
        connection, _ = self.listener.accept()
        with connection:
            try:
                behave(connection)
            except OSError:
                pass


def hang(connection):
    connection.sendall(b"220 hello\r\n")
    while connection.recv(1000):
        pass


def hang_at_once(connection):
    connection.recv(1000)
    connection.recv(1000)


def drip(connection):
    while True:
        connection.sendall(b"2")
        time.sleep(0.05)


@pytest.mark.parametrize("behave", [hang, hang_at_once, drip])
@pytest.mark.parametrize("way", ["smtp", "smtps"])
def test_a_server_that_takes_its_time(pki, behave, way):
    """It hangs or drips for ever: that there is a result at all is the point."""
    result = submit(f"127.0.0.1:{Scripted(behave).port}", way=way, ca=pki.ca, patience=1500)
    assert result[0] == "later"
    assert result[3]


@pytest.mark.parametrize("when", range(4))
def test_a_dropped_line(when):
    def behave(connection):
        replies = [b"220 hello\r\n", b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n"]
        connection.sendall(replies[0])
        for reply in replies[1:when + 1]:
            connection.recv(1000)
            connection.sendall(reply)

    result, _, _, server_wide, text = submit(f"127.0.0.1:{Scripted(behave).port}")
    assert result == "later"
    assert server_wide
    assert text


# --- from the server's outbox -----------------------------------------------------------------------------------------------


@pytest.fixture
def start():
    running = []

    def start(**settings):
        running.append(lk.Server(**settings))
        return running[-1]

    yield start
    for server in running:
        server.close()


def mailed(keep, nth=0):
    lk.wait_for(lambda: len(keep.mails) > nth, "no mail came")
    return email.message_from_bytes(keep.mails[nth].content, policy=email.policy.default)


def test_links_that_were_mailed_work(serve, pki, start, spec):
    keep = Keep()
    port = serve(Starttls(keep, pki.context("localhost"), require_starttls=True, authenticator=authenticator,
                          auth_required=True))
    server = start(mail=f"smtp://ann%40x:p%3Aw%2F%25@localhost:{port}", mail_ca_file=pki.ca,
                   mail_from="noreply@login.example")
    client = lk.Client(server, spec)
    owner = client.signup("zoé", email="zoe@x.io")
    mail = mailed(keep)
    assert mail["To"] == owner.email
    assert mail["From"] == "noreply@login.example"
    assert mail["Subject"] == "Confirm your email address on login.example.test"
    text = mail.get_content().replace("\r\n", "\n")
    assert "Your username: zoé\n" in text
    link = re.search(rf"^{re.escape(lk.PUBLIC_URL)}(/auth/verify-email/\S+)$", text, re.MULTILINE)[1]
    client.get(link, expect=200)
    assert client.get("/auth/me/", token=owner.access).json()["email_verified"] is True

    client.post("/auth/reset_password/", json={"email": owner.email}, expect=200)
    text = mailed(keep, 1).get_content().replace("\r\n", "\n")
    link = re.search(rf"^{re.escape(lk.PUBLIC_URL)}(/auth/password_reset_confirm/\S+)$", text, re.MULTILINE)[1]
    client.post(link, json={"new_password1": "N3w-password", "new_password2": "N3w-password"}, expect=200)
    client.login("zoé", "N3w-password")


def test_nobody_is_mailed_for_an_unknown_address(serve, start, spec):
    keep = Keep()
    port = serve(local(keep))
    client = lk.Client(start(mail=f"smtp://127.0.0.1:{port}"), spec)
    client.post("/auth/reset_password/", json={"email": "nobody@x.io"}, expect=200)
    client.signup("somebody")
    assert mailed(keep)["To"] == "somebody@x.io"  # which was queued after the other
    assert len(keep.mails) == 1


def test_a_hanging_mail_server_slows_nothing_and_a_crash_loses_nothing(serve, start, spec):
    silent = socket.create_server(("127.0.0.1", 0))
    server = start(mail=f"smtp://127.0.0.1:{silent.getsockname()[1]}")
    client = lk.Client(server, spec)
    client.signup("one")
    held = silent.accept()  # a conversation that goes on until the server has died: its end is minutes away
    for name in ("two", "three"):
        client.signup(name)
    server.kill()
    held[0].close()
    keep = Keep()
    server.settings["mail"] = f"smtp://127.0.0.1:{serve(local(keep))}"
    server.start()
    assert {mailed(keep, nth)["To"] for nth in range(3)} == {"one@x.io", "two@x.io", "three@x.io"}


def test_a_hanging_mail_server_does_not_hold_up_the_end(start, spec):
    silent = socket.create_server(("127.0.0.1", 0))
    server = start(mail=f"smtp://127.0.0.1:{silent.getsockname()[1]}")
    lk.Client(server, spec).signup()
    held = silent.accept()
    server.stop()  # the conversation would take 300 s, the stop waits for less
    held[0].close()


def mail_counts(client):
    found = re.findall(r"^latchkey_mails_(sent|failed|dropped)_total (\d+)$", client.get("/metrics").text, re.MULTILINE)
    return {name: int(count) for name, count in found}


def test_mails_are_counted(serve, start, spec):
    """Also over a change of the way that they take."""
    server = start(config={"mail": f"smtp://127.0.0.1:{serve(local(Keep()))}"})
    client = lk.Client(server, spec)
    assert mail_counts(client) == {"sent": 0, "failed": 0, "dropped": 0}
    client.signup()
    lk.wait_for(lambda: mail_counts(client) == {"sent": 1, "failed": 0, "dropped": 0})
    server.reload(mail=f"file:{server.mail_dir}")
    server.wait_logged("reloaded")
    client.signup()
    lk.wait_for(lambda: mail_counts(client) == {"sent": 2, "failed": 0, "dropped": 0})


def test_a_refused_mail_is_dropped_with_a_line_in_the_log(serve, start, spec):
    keep = Keep({"RCPT": "550 no such person"})
    server = start(mail=f"smtp://127.0.0.1:{serve(local(keep))}")
    client = lk.Client(server, spec)
    client.signup("ida")
    line = server.wait_logged("mail_dropped")
    assert "ida@x.io" in line and "550" in line and "no such person" in line
    assert mail_counts(client) == {"sent": 0, "failed": 0, "dropped": 1}


def test_mail_to_the_log(start, spec):
    server = start(mail="log")
    client = lk.Client(server, spec)
    client.signup("lou")
    pattern = rf"{re.escape(lk.PUBLIC_URL)}(/auth/verify-email/[^\s\"]+)"
    link = lk.wait_for(lambda: re.search(pattern, server.logged()))[1]
    client.get(link, expect=200)


def test_mail_to_files(start, spec):
    server = start()
    lk.Client(server, spec).signup("fay")
    server.link("fay@x.io", "verify-email")
    (file,) = server.mail_dir.iterdir()
    assert file.suffix == ".eml"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("settings, said", [
    ({"mail": "smtp://user@"}, "mail"),
    ({"mail": "smtp://host:port"}, "mail"),
    ({"mail": "pigeon"}, "mail"),
    ({"mail": "smtp://host", "mail_from": "nobody"}, "mail_from"),
    ({"mail": "smtp://host", "mail_fingerprint": "00ff"}, "mail_fingerprint"),
])
def test_settings_that_cannot_work(tmp_path, settings, said):
    words = [f"{key}={value}" for key, value in {**lk.SETTINGS, "data_dir": tmp_path / "data", **settings}.items()]
    done = subprocess.run([*lk.WRAPPER, lk.BINARY, *words], capture_output=True, text=True, timeout=lk.PATIENCE)
    assert done.returncode == 1
    assert said in done.stderr
