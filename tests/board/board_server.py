"""lk.Server on a board in QEMU: the tests of tests/api run against firmware, each server on a flash of its own."""
import calendar
import email.message
import os
import pathlib
import re
import secrets
import ssl
import tempfile
import time

import board
import lk

NAME = os.environ.get("LATCHKEY_BOARD", "")
ISO = "%Y-%m-%dT%H:%M:%SZ"
# What a board is not told: where files are, how large the store is.
NOT_ON_A_BOARD = {"data_dir", "listen", "map_size"}
# Bodies and pictures as large as the tests', in place of a board's own.
SETTINGS = {"max_body": "64K", "max_picture": "512K"}


class BoardServer(lk.Server):
    addresses_of_clients = ("10.0.2.2",)  # QEMU's own

    def __init__(self, config_file=None, **settings):
        assert config_file is None, "a board has no configuration file"
        self.folder = tempfile.TemporaryDirectory(prefix="latchkey-")
        self.settings = {**lk.SETTINGS, **SETTINGS, **settings}
        self.keys = {"jwt": secrets.token_bytes(32), "internal": secrets.token_bytes(32)}
        self.board = board.Board(NAME, flash=pathlib.Path(self.folder.name, "flash"))
        self.seen = 0  # how much of the console this start has not said
        self.wait_ready()
        for name, key in self.keys.items():
            self.type(f"key {'user' if name == 'jwt' else name} {key.hex()}", "^done$")
        self.restart()

    def type(self, line, pattern):
        return self.board.ask(line, pattern)

    def type_settings(self):
        for key, value in self.settings.items():
            if value is not None and key not in NOT_ON_A_BOARD:
                self.type(f"set {key}={value}", "^stored;")

    def wait_ready(self):
        self.board.wait_for("^ready$", self.seen)
        code = re.search(r"^setup code: (\S+)$", self.board.text[self.seen:], re.MULTILINE)
        self.setup_code = code[1] if code else None
        self.set_clock()
        self.port = self.board.port(443)
        self.url = f"https://localhost:{self.port}"
        self.certificate.write_text(ssl.get_server_certificate(("127.0.0.1", self.port), timeout=lk.PATIENCE))

    def set_clock(self):
        """There is no time server in QEMU's network, and a guest that had to wait for its host has lost ticks. Only ever
        forward: a token of a moment ago must not be one of the future. Returns the board's seconds."""
        theirs = self.type("time", r"^(\S+Z) \(")[1]
        ours = time.strftime(ISO, time.gmtime())
        if ours > theirs:
            theirs = self.type(f"time {ours}", r"^(\S+Z) \(set\)$")[1]
        return calendar.timegm(time.strptime(theirs, ISO))

    def start(self):
        self.seen = 0
        self.board.start()
        self.wait_ready()

    def stop(self):
        if self.board.process is not None:
            self.board.stop()

    def kill(self):
        self.board.kill()

    def restart(self, **settings):
        self.settings.update(settings)
        self.type_settings()
        self.seen = self.board.position
        self.board.send("reboot\n")
        self.wait_ready()

    def close(self):
        self.board.close()
        self.folder.cleanup()

    def command(self, *arguments):
        assert arguments[0] == "user", arguments
        said = self.type(" ".join(arguments), "^(done|there is no .*|no such .*|a list of .*)\n")[1]
        assert said == "done", said

    def user_token(self, *arguments, **claims):
        return super().user_token(*arguments, **{"iat": self.set_clock(), **claims})

    def internal_token(self, *scopes, **claims):
        return super().internal_token(*scopes, **{"iat": self.set_clock(), **claims})

    @property
    def console(self):
        return self.board.text.splitlines()

    def logged(self):
        return "\n".join(line for line in self.console if re.match(r"(> )?\d{4}-\d\d-\d\dT", line))

    @property
    def certificate(self):
        return pathlib.Path(self.folder.name, "tls.crt")

    def key(self, name):
        return self.keys[name]

    def mails(self, to):
        """The mails of the log, as messages: their addresses and links, without the words around them."""
        found = []
        for match in re.finditer(r'info mail to=(\S+) subject="([^"]*)" link=(\S+)$', self.board.text, re.MULTILINE):
            if to.lower() in match[1].lower():
                mail = email.message.EmailMessage()
                mail["To"], mail["Subject"] = match[1], match[2]
                mail.set_content(f"{match[2]}\n{match[3]}\n")
                found.append(mail)
        return found
