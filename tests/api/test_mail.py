"""Mail submission against aiosmtpd: in clear on loopback, STARTTLS, implicit TLS, AUTH, refusals, silence."""
import hashlib
import os
import pathlib
import socket
import ssl
import subprocess
import threading
import time

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

TOOL = pathlib.Path(os.environ["LATCHKEYD"]).parent / "mail_tool"
MESSAGE = (
    "From: noreply@login.example\r\nTo: ann@example.com\r\nSubject: hello\r\n\r\n"
    "first\r\n.\r\n..two dots\r\nMAIL FROM:<eve@example.com>\r\nlast\r\n"
)


class Keep:
    """Keeps what was delivered; refuses what it is told to."""

    def __init__(self, refuse=None):
        self.refuse = refuse or {}
        self.mails = []
        self.tls = []

    async def handle_MAIL(self, server, session, envelope, address, options):
        if "MAIL" in self.refuse:
            return self.refuse["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if "RCPT" in self.refuse:
            return self.refuse["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope)
        self.tls.append(session.ssl is not None)
        return self.refuse.get("DATA", "250 taken")


class Starttls(Controller):
    def __init__(self, handler, context, **options):
        self.context = context
        self.options = options
        super().__init__(handler, hostname="127.0.0.1", port=free_port())

    def factory(self):
        return SMTP(self.handler, tls_context=self.context, **self.options)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run_openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Pki:
    """An authority, and certificates that it signed."""

    def __init__(self, folder):
        self.folder = folder
        self.ca = folder / "ca.pem"
        run_openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 30,
                    "-subj", "/CN=Test authority", "-keyout", folder / "ca.key", "-out", self.ca)

    def certificate(self, name, days=30, key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256")):
        stem = hashlib.sha256(f"{name}{days}{key}".encode()).hexdigest()[:12]
        pem = self.folder / f"{stem}.pem"
        private = self.folder / f"{stem}.key"
        request = self.folder / f"{stem}.csr"
        extensions = self.folder / f"{stem}.ext"
        if not pem.exists():
            extensions.write_text(f"subjectAltName=DNS:{name}\n")
            run_openssl("req", "-newkey", *key, "-nodes", "-subj", f"/CN={name}", "-keyout", private, "-out", request)
            run_openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.folder / "ca.key",
                        "-days", days, "-extfile", extensions, "-out", pem)
        return pem, private

    def context(self, *arguments, **options):
        pem, private = self.certificate(*arguments, **options)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, private)
        return context

    def fingerprint(self, *arguments, **options):
        pem, _ = self.certificate(*arguments, **options)
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem.read_text())).hexdigest()


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


def submit(target, way="smtp", ca="", pin="", patience=5000, to="ann@example.com", message=MESSAGE):
    """Returns (result, stage, code, server_wide, text)."""
    done = subprocess.run(
        [TOOL, way, target, "noreply@login.example", to, str(ca), pin, str(patience)],
        input=message.encode(), capture_output=True, timeout=30, check=True)
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
    port = serve(Controller(keep, hostname="127.0.0.1", port=free_port()))
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
    port = serve(Controller(keep, hostname="127.0.0.1", port=free_port(), ssl_context=context))
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
        port = serve(Controller(keep, hostname="127.0.0.1", port=free_port(), ssl_context=context))
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
    assert answer[0] == result
    assert len(keep.mails) == (1 if result == "ok" else 0)
    if result != "ok":
        assert answer[1:4] == ("auth", 535, True)


def test_no_password_without_tls(serve):
    keep = Keep()
    port = serve(Controller(keep, hostname="127.0.0.1", port=free_port(), authenticator=authenticator,
                            auth_require_tls=False))
    result, stage, _, _, text = submit(f"ann%40x:p%3Aw%2F%25@127.0.0.1:{port}")
    assert (result, stage) == ("later", "starttls")
    assert "clear" in text
    assert keep.mails == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("reply, result", [("451 later", "later"), ("550 never", "never")])
def test_refusals(serve, command, reply, result):
    port = serve(Controller(Keep({command: reply}), hostname="127.0.0.1", port=free_port()))
    answer = submit(f"127.0.0.1:{port}")
    assert answer == (result, command.lower(), int(reply[:3]), False, reply[4:])


def test_an_address_that_is_not_ascii(serve):
    keep = Keep()
    port = serve(Controller(keep, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=True))
    assert submit(f"127.0.0.1:{port}", to="ann@é.example")[0] == "ok"
    assert keep.mails[0].rcpt_tos == ["ann@é.example"]
    plain = serve(Controller(Keep(), hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=False))
    assert submit(f"127.0.0.1:{plain}", to="ann@é.example")[0] == "never"


def test_too_large_for_the_server(serve):
    port = serve(Controller(Keep(), hostname="127.0.0.1", port=free_port(), data_size_limit=100))
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
    start = time.monotonic()
    result = submit(f"127.0.0.1:{Scripted(behave).port}", way=way, ca=pki.ca, patience=1500)
    assert result[0] == "later"
    assert result[3]
    assert time.monotonic() - start < 4


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
