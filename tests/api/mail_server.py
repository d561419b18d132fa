"""Mail servers for tests: aiosmtpd, with certificates of an authority made for the occasion."""
import hashlib
import random
import socket
import ssl
import subprocess

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


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


def local(handler, **options):
    """A server on loopback. It is told its name: it would ask DNS for it at each connection, which may take long."""
    return Controller(handler, hostname="127.0.0.1", port=free_port(), server_hostname="localhost", **options)


class Starttls(Controller):
    def __init__(self, handler, context, **options):
        self.context = context
        self.options = options
        super().__init__(handler, hostname="127.0.0.1", port=free_port())

    def factory(self):
        return SMTP(self.handler, hostname="localhost", tls_context=self.context, **self.options)


def free_port():
    """Below those that the kernel hands out, of which one may be another's before it is used."""
    while True:
        port = random.randrange(10000, 32768)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


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
