"""What people see of latchkeyd: the console of a start, colours, progress, status; and backup with restore."""
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import time

import pytest
import qrcode

import lk
from test_cli import Beside, Data, complaint, run

LIMIT = 60  # seconds, for what takes a moment


class Terminal:
    """A program with a terminal of its own."""

    def __init__(self, *words, **environment):
        self.shown = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm", "LC_ALL": "C.UTF-8", **environment})
            os.environ.pop("NO_COLOR", None) if "NO_COLOR" not in environment else None
            os.execv(lk.BINARY, [lk.BINARY, *map(str, words)])

    def read(self, until=None):
        """What was shown, once `until` stands in it or the program has ended."""
        deadline = time.monotonic() + LIMIT
        while until is None or until not in self.shown.decode(errors="replace"):
            assert time.monotonic() < deadline, self.shown
            if select.select([self.terminal], [], [], 1)[0]:
                try:
                    self.shown += os.read(self.terminal, 65536)
                except OSError:
                    break
        return self.shown.decode(errors="replace")

    def end(self, number=None):
        if number is not None:
            os.kill(self.pid, number)
        self.read()
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def plain(text):
    return re.sub(r"\033\[[0-9;]*[A-Za-z]", "", text).replace("\r", "")


def serve(tmp_path, **environment):
    settings = {**lk.SETTINGS, "data_dir": tmp_path / "data", "mail": "off"}
    return Terminal(*(f"{key}={value}" for key, value in settings.items()), **environment)


# --- the console ---------------------------------------------------------------------------------------------------------


def modules(text):
    """The dark modules of a code drawn with half blocks, light ones shown, two of them around it."""
    rows = []
    for line in text.splitlines():
        if re.fullmatch("[ \u2580\u2584\u2588]{20,}", line):
            rows.append([char in " \u2584" for char in line])  # upper half dark
            rows.append([char in " \u2580" for char in line])
    width = len(rows[0])
    return [row[2:-2] for row in rows[2 : width - 2]]


def possible(content):
    """The code of that text in a byte segment at the lowest level, in each of the eight masks."""
    for mask in range(8):
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, mask_pattern=mask, border=0)
        code.add_data(qrcode.util.QRData(content.encode(), mode=qrcode.util.MODE_8BIT_BYTE))
        code.make()
        yield code.get_matrix()


def test_a_first_start_on_a_terminal(tmp_path):
    terminal = serve(tmp_path)
    shown = terminal.read("ready")
    assert "\033[" in shown
    text = plain(shown)
    code = re.search(r"setup code: (\S+)", text)[1]
    claim = re.search(r"claim: (\S+)", text)[1]
    assert claim == f"{lk.PUBLIC_URL}/claim#{code}"
    assert modules(text) in list(possible(claim))
    assert re.search(r"^listening: https://127\.0\.0\.1:\d+$", text, re.MULTILINE)
    assert terminal.end(signal.SIGTERM) == 0


def test_without_colours(tmp_path):
    terminal = serve(tmp_path, NO_COLOR="1")
    assert "\033[" not in terminal.read("ready")
    assert terminal.end(signal.SIGTERM) == 0
    terminal = serve(tmp_path, LC_ALL="C", TERM="dumb")  # a terminal that shows neither
    shown = terminal.read("ready")
    assert "\033[" not in shown and "\u2588" not in shown
    assert "claim: " in shown
    assert terminal.end(signal.SIGINT) == 0


def test_a_console_that_is_no_terminal(server):
    text = "\n".join(server.console)
    assert "\033" not in text and "\u2588" not in text
    assert f"claim: {lk.PUBLIC_URL}/claim#{server.setup_code}" in server.console


def test_the_address_that_others_reach(tmp_path):
    """localhost is good on this machine alone: a phone is shown the machine's own address, where it has one."""
    server = lk.Server(public_url=None, listen="https://0.0.0.0:0")
    try:
        claim = next(line for line in server.console if line.startswith("claim: "))
        own = subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split()
        hosts = [f"https://{address}:{server.port}" for address in own if ":" not in address]
        assert claim.removeprefix("claim: ").split("/claim#")[0] in (hosts or ["https://localhost"])
    finally:
        server.close()


def test_a_second_start_shows_no_code(tmp_path):
    server = lk.Server()
    try:
        lk.Client(server, lk.Spec()).admin()
        server.console.clear()
        server.restart()
        assert not [line for line in server.console if "code" in line or "claim" in line]
    finally:
        server.close()


# --- errors and what to do -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words, said", [
    (["usr", "list"], "did you mean user?"),
    (["bakcup", "x"], "did you mean backup?"),
    (["frobnicate"], "there is no such command\n"),
    (["user"], "add, list, show, passwd"),
    (["top", "often"], "COUNT"),
])
def test_what_was_meant(words, said, tmp_path):
    assert said in complaint(run(*words, f"data_dir={tmp_path}", expect=2))


def test_an_address_that_cannot_be_had(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        data = Data(tmp_path / "a", listen=f"https://127.0.0.1:{port}")
        assert f"127.0.0.1:{port}: another program listens there" in data.run(expect=1).stderr
    data = Data(tmp_path / "b", listen="https://192.0.2.200:8443")
    assert "this machine has no such address" in data.run(expect=1).stderr


@pytest.mark.parametrize("settings, said", [
    ({"jwt_key_file": "/none.key"}, "/none.key: there is no such file"),
    ({"tls_certificate": "/none.pem", "tls_key": "/none.key"}, "/none.pem: there is no such file"),
    ({"tls_certificate": lk.BINARY, "tls_key": lk.BINARY}, f"{lk.BINARY}: "),
    ({"mail": "file:/none"}, "the folder is not there or cannot be written; make it"),
    ({"mail": "smtp://localhost", "mail_ca_file": "/none.pem"}, "mail_ca_file cannot be read"),
    ({"mail": "smpt://u:secret@h"}, "mail = (not shown) is not allowed: it takes off, log"),
])
def test_what_is_missing(settings, said, tmp_path):
    data = Data(tmp_path / "data", listen="https://127.0.0.1:0", **settings)
    assert said in data.run(expect=1).stderr


def test_links_that_would_lead_nowhere():
    server = lk.Server(public_url=None, mail="smtp://localhost:9", log_level="warn")
    try:
        assert "public_url" in server.wait_logged("mail_links")
    finally:
        server.close()


def test_data_that_another_server_has_open(server):
    assert "stop it, or name another data_dir" in Beside(server).run("listen=https://127.0.0.1:0", expect=1).stderr


def test_a_configuration_that_is_not_there(tmp_path):
    assert "No such file" in complaint(run("--config", tmp_path / "none.conf", expect=1))


def test_top_without_a_server(data):
    data.add("ann")
    assert "no server runs" in complaint(data.run("top", "1", expect=1))


@pytest.fixture
def data(tmp_path):
    return Data(tmp_path / "data")


# --- status and top --------------------------------------------------------------------------------------------------------


def test_status(server, client, tmp_path):
    client.signup("sue")
    beside = Beside(server)
    told = json.loads(beside.run("status", "--json").stdout)
    assert told["running"] is True and told["accounts"] == 1 and told["sessions"] == 1
    assert told["connections"] >= 1 and told["hashes_waiting"] == 0
    assert 0 < told["store_used_bytes"] < told["store_map_bytes"]
    assert told["last_backup"] is None
    expiry = subprocess.run(["openssl", "x509", "-noout", "-enddate", "-dateopt", "iso_8601", "-in",
                             server.certificate], capture_output=True, text=True, check=True).stdout
    assert expiry.strip() == "notAfter=" + told["certificate_expires"].replace("T", " ")
    text = beside.run("status").stdout
    assert f"process {server.process.pid}" in text and "never" in text and "expires 20" in text

    beside.run("backup", tmp_path / "copy")
    assert str(tmp_path / "copy") in beside.run("status").stdout
    assert json.loads(beside.run("status", "--json").stdout)["last_backup"].startswith("20")


def test_status_of_a_stopped_server(data):
    data.add("ann")
    told = json.loads(data.run("status", "--json").stdout)
    assert told["running"] is False and told["accounts"] == 1 and "connections" not in told
    assert told["certificate_expires"] is None
    assert "stopped" in data.run("status").stdout


def test_status_of_a_certificate_that_outlives_us(data, tmp_path):
    """From 2050 on, a certificate writes its dates in another way."""
    data.add("ann")
    files = [tmp_path / "c.pem", tmp_path / "k.pem"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=a", "-days", "20000", "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    expiry = subprocess.run(["openssl", "x509", "-noout", "-enddate", "-dateopt", "iso_8601", "-in", files[0]],
                            capture_output=True, text=True, check=True).stdout.strip()
    told = json.loads(data.run("status", "--json", f"tls_certificate={files[0]}", f"tls_key={files[1]}").stdout)
    assert told["certificate_expires"] > "2050" and expiry == "notAfter=" + told["certificate_expires"].replace("T", " ")


def test_top(server, client):
    client.signup()
    looks = Beside(server).run("top", "2").stdout.split("\n\n")
    assert len(looks) == 3 and looks[2] == ""
    for look in looks[:2]:
        assert re.search(r"^requests/s +\d+\.\d$", look, re.MULTILINE)
        assert re.search(r"^accounts +[1-9]", look, re.MULTILINE)


# --- progress ----------------------------------------------------------------------------------------------------------------


def test_progress_on_a_terminal(data, tmp_path):
    """Shown while it lasts, and taken away at the end. A pipe that waits makes it last."""
    row = '{"username": "u%d", "email": "u%d@x.io", "password": "!"}\n'
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    settings = [f"{key}={value}" for key, value in data.settings.items()]
    terminal = Terminal("import", pipe, *settings)
    with open(pipe, "w", encoding="ascii") as rows:
        number = 0
        deadline = time.monotonic() + LIMIT
        while "import" not in terminal.shown.decode():
            assert time.monotonic() < deadline, terminal.shown
            rows.write(row % (number, number))
            rows.flush()
            number += 1
            while select.select([terminal.terminal], [], [], 0.01)[0]:
                terminal.shown += os.read(terminal.terminal, 65536)
    assert terminal.end() == 0
    last = terminal.shown.decode().rsplit("\033[K", 1)[1]
    assert last.strip() == f"{number} imported, 0 refused"
    assert "import" not in data.run("export").stderr  # no terminal, no progress


# --- data of an older program ------------------------------------------------------------------------------------------------


def make_older(folder):
    """Sets the number of the format back: what format 2 held, this one reads as it is."""
    file = folder / "data.mdb"
    bytes_ = file.read_bytes()
    now = b"format" + struct.pack("<I", 3)
    assert now in bytes_
    file.write_bytes(bytes_.replace(now, b"format" + struct.pack("<I", 2)))


def test_a_command_says_that_it_migrated(data):
    data.add("ann")
    make_older(data.folder)
    assert "of format 2 and is of format 3 now" in data.run("user", "list").stderr
    assert data.run("user", "list").stderr == ""


def test_a_server_says_that_it_migrated(spec):
    server = lk.Server(mail="off", log_level="info")
    try:
        lk.Client(server, spec).signup("ann")
        server.stop()
        make_older(server.data_dir)
        server.start()
        assert "from=2 to=3" in server.wait_logged("store_migrated")
        lk.Client(server, spec).login("ann")
    finally:
        server.close()


# --- restore -----------------------------------------------------------------------------------------------------------------


def test_backup_and_restore(spec, tmp_path):
    copy = tmp_path / "copy"
    server = lk.Server()
    try:
        beside = Beside(server)
        client = lk.Client(server, spec)
        before = client.signup("before")
        beside.run("backup", copy)
        client.signup("after")
        assert "there is data here already" in complaint(beside.run("restore", copy, expect=1))
        server.stop()
        server.data_dir.rename(server.data_dir.with_name("old"))
        beside.run("restore", copy)
        assert server.data_dir.stat().st_mode & 0o777 == 0o700
        assert not [path for path in server.data_dir.iterdir() if path.stat().st_mode & 0o077]
        assert beside.run("check").stdout.endswith("all is well\n")
        server.start()
        client = lk.Client(server, spec)
        client.get("/auth/me/", token=before.access, expect=200)  # the keys came back too
        client.login("before")
        client.post("/auth/login/", json={"username": "after", "password": lk.PASSWORD}, expect=401)
    finally:
        server.close()


def test_restore_of_what_is_no_backup(data, tmp_path):
    assert "there is no backup here" in complaint(data.run("restore", tmp_path / "none", expect=1))
    broken = tmp_path / "broken"
    broken.mkdir(mode=0o700)
    (broken / "data.mdb").write_bytes(b"nonsense" * 4096)
    complaint(data.run("restore", broken, expect=1))
    assert list(data.folder.iterdir()) == []
    trap = tmp_path / "trap"
    trap.mkdir(mode=0o700)
    os.mkfifo(trap / "data.mdb")  # whoever opens it would wait for ever
    assert "there is no backup here" in complaint(data.run("restore", trap, expect=1))
    os.remove(trap / "data.mdb")
    (trap / "data.mdb").symlink_to("/dev/zero")
    assert "there is no backup here" in complaint(data.run("restore", trap, expect=1))
    other = Data(tmp_path / "other")
    other.add("bob")
    copy = tmp_path / "copy"
    other.run("backup", copy)
    (copy / "tls.crt").unlink(missing_ok=True)
    (copy / "tls.crt").symlink_to("/etc/passwd")  # not a part of any backup
    third = Data(tmp_path / "third")
    third.run("restore", copy)
    assert third.show("bob")["username"] == "bob" and not (third.folder / "tls.crt").exists()
    data.add("ann")  # nothing of it stands in the way
