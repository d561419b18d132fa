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
NOT_ON_A_BOARD = {"data_dir", "map_size"}
# Bodies and pictures as large as the tests', in place of a board's own.
SETTINGS = {"max_body": "64K", "max_picture": "512K"}


class BoardServer(lk.Server):
    addresses_of_clients = ("10.0.2.2",)  # QEMU's own
    max_picture = 512 << 10

    def __init__(self, config=None, **settings):
        self.folder = tempfile.TemporaryDirectory(prefix="latchkey-")
        self.settings = {**lk.SETTINGS, **SETTINGS, **(config or {}), **settings}
        # A board has the usual ports; which of its host's lead there is QEMU's choice.
        plain = "http://" in self.settings["listen"]
        self.settings["listen"] = "https://0.0.0.0:443,http://0.0.0.0:80" if plain else None
        self.keys = {"jwt": secrets.token_bytes(32), "internal": secrets.token_bytes(32)}
        self.board = board.Board(NAME, flash=pathlib.Path(self.folder.name, "flash"), ports=(443, 80))
        self.seen = 0  # how much of the console this start has not said
        self.wait_ready()
        for name, key in self.keys.items():
            self.type(f"key {'user' if name == 'jwt' else name} {key.hex()}", "^done$")
        self.restart()

    def type(self, line, pattern):
        return self.board.ask(line, pattern)

    def type_settings(self, settings):
        for key, value in settings.items():
            if value is not None and key not in NOT_ON_A_BOARD:
                self.type(f"set {key}={value}", "^stored;")

    def wait_ready(self):
        self.board.wait_for("^ready$", self.seen)
        code = re.search(r"^setup code: (\S+)$", self.board.text[self.seen:], re.MULTILINE)
        self.setup_code = code[1] if code else None
        self.set_clock()
        self.port, self.plain_port = self.board.port(443), self.board.port(80)
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
        self.type_settings(self.settings)
        self.seen = self.board.position
        self.board.send("reboot\n")
        self.wait_ready()

    def reload(self, **changes):
        """What is typed counts at once."""
        self.settings.update(changes)
        self.type_settings(changes)

    def reload_refused(self, says, **changes):
        for key, value in changes.items():
            self.type(f"set {key}={value}", f"^(?!> ).*{re.escape(says)}.*$")

    def close(self):
        print("the console's last:", *self.console[-60:], sep="\n")  # pytest shows it with a failure
        self.board.close()
        self.folder.cleanup()

    def command(self, *arguments):
        assert arguments[0] == "user", arguments
        said = self.type(" ".join(arguments), "^(done|there is no .*|no such .*|a list of .*)\n")[1]
        assert said == "done", said

    def user_token(self, *arguments, **claims):
        return super().user_token(*arguments, **{**self.times(), **claims})

    def internal_token(self, *scopes, **claims):
        return super().internal_token(*scopes, **{**self.times(), **claims})

    def times(self):
        """Of a token that another service made by the board's clock: a longer life than this is refused."""
        now = self.set_clock()
        return {"iat": now, "exp": now + 300}

    @property
    def console(self):
        return self.board.text.splitlines()

    def logged(self):
        """The lines of the log since the last start."""
        text = self.board.text[self.seen:]
        return "\n".join(line for line in text.splitlines() if re.match(r"(> )?\d{4}-\d\d-\d\dT", line))

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
