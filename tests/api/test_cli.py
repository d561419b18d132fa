"""latchkeyd's subcommands: on data that no server has open, beside a running one, and each of their errors."""
import json
import os
import pathlib
import pty
import re
import resource
import shutil
import stat
import subprocess

import jwt
import pytest

import lk

PASSWORD = lk.PASSWORD
BASE = {"pbkdf2_iterations": "1000", "password_blocklist": "off", "mail": "off", "listen": "https://127.0.0.1:0"}


def run(*words, stdin=None, expect=0, binary=lk.BINARY):
    done = subprocess.run([*lk.WRAPPER, binary, *map(str, words)], input=stdin, capture_output=True, text=True,
                          timeout=lk.PATIENCE, start_new_session=True)
    assert done.returncode == expect, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


class Data:
    """A data folder without a server."""

    def __init__(self, folder, **settings):
        self.settings = {**BASE, "data_dir": folder, **settings}
        self.folder = pathlib.Path(folder)

    def run(self, *words, **options):
        return run(*words, *(f"{key}={value}" for key, value in self.settings.items()), **options)

    def show(self, name):
        return json.loads(self.run("user", "show", name, "--json").stdout)

    def add(self, name, *options, password=PASSWORD):
        self.run("user", "add", name, f"{name}@x.io", "--stdin", *options, stdin=password + "\n")
        return self.show(name)


class Beside(Data):
    """The data of a running server."""

    def __init__(self, server):
        self.settings = {key: value for key, value in server.settings.items()}
        self.folder = server.data_dir


@pytest.fixture
def data(tmp_path):
    return Data(tmp_path / "data")


@pytest.fixture(params=["stopped", "running"])
def either(request, tmp_path):
    if request.param == "stopped":
        yield Data(tmp_path / "data")
        return
    server = lk.Server()
    yield Beside(server)
    server.close()


def complaint(done):
    """The error messages, each of which says who speaks."""
    lines = done.stderr.splitlines()
    assert lines and lines[0].startswith("latchkeyd: "), done.stderr
    return done.stderr


# --- --help, --version, usage --------------------------------------------------------------------------------------------


def test_help():
    text = run("--help").stdout
    for word in ("user add", "user roles", "token internal", "keys rotate", "export", "import", "backup", "check",
                 "--config", "--stdin", "data_dir", "listen", "mail_from", "Exit status"):
        assert word in text
    assert max(map(len, text.splitlines())) <= 120
    assert run("user", "list", "-h").stdout == text


def test_version():
    text = run("--version").stdout
    assert re.match(r"latchkeyd \(Latchkey\) \d+\.\d+\.\d+\n", text)
    for library in ("CivetWeb", "wolfSSL", "LMDB", "cJSON", "utf8proc"):
        assert re.search(rf"^{library} \d", text, re.MULTILINE)


@pytest.mark.parametrize("words, said", [
    (["--nonsense"], "no such option"),
    (["frobnicate"], "no such command"),
    (["user"], "which of its commands"),
    (["user", "frobnicate"], "which of its commands"),
    (["user", "show"], "usage: latchkeyd user show NAME"),
    (["user", "show", "a", "b"], "usage: latchkeyd user show NAME"),
    (["user", "list", "--stdin"], "usage: latchkeyd user list"),
    (["user", "add", "ann"], "usage: latchkeyd user add NAME EMAIL"),
    (["user", "roles", "ann", "king"], "'user' and 'admin'"),
    (["user", "roles", "ann", "user,"], "'user' and 'admin'"),
    (["token", "internal"], "--service and --scope"),
    (["token", "internal", "--service", "x", "--scope", "all"], "--scope"),
    (["token", "internal", "--service", "x", "--scope", "credentials:read", "--ttl", "301"], "--ttl"),
    (["token", "internal", "--service", "x", "--scope", "credentials:read", "--ttl", "0"], "--ttl"),
    (["token", "internal", "--service", "x", "--scope", "credentials:read", "--ttl", "soon"], "--ttl"),
    (["backup"], "usage: latchkeyd backup DIR"),
    (["export", "a", "b"], "usage: latchkeyd export"),
    (["--json"], "only a command takes"),
    (["user", "list", "--config"], "needs a value"),
    (["a", "b", "c", "d", "e", "f", "g"], "too many words"),
])
def test_usage(words, said, tmp_path):
    assert said in complaint(run(f"data_dir={tmp_path}", *words, expect=2))


def test_bad_configuration(data, tmp_path):
    assert "frobnicate" in complaint(data.run("user", "list", "frobnicate=1", expect=1))
    assert "access_lifetime" in complaint(data.run("user", "list", "access_lifetime=soon", expect=1))
    file = tmp_path / "latchkeyd.conf"
    file.write_text("# a comment\n\naccess_lifetime = 60\nsignup = perhaps\n")
    text = complaint(data.run("user", "list", "--config", file, expect=1))
    assert "latchkeyd.conf:4: signup" in text
    assert "missing.conf" in complaint(data.run("check", "--config=missing.conf", expect=1))


def test_a_configuration_file(data, tmp_path):
    file = tmp_path / "latchkeyd.conf"
    file.write_text("".join(f"{key} = {value}\n" for key, value in data.settings.items()))
    run("user", "add", "ann", "ann@x.io", "--stdin", "--config", file, stdin=PASSWORD)
    assert "ann" in run("user", "list", f"--config={file}").stdout


# --- user ------------------------------------------------------------------------------------------------------------------


def test_user_add_list_show(either):
    shown = either.add("ann", "--full-name", "Ann Other")
    assert shown["username"] == "ann"
    assert shown["email"] == "ann@x.io"
    assert shown["full_name"] == "Ann Other"
    assert shown["roles"] == ["user"]
    assert shown["is_active"] is True
    assert shown["email_verified"] is False
    assert shown["last_login"] is None
    assert shown["biography"] == "Default biography"
    assert "password" not in shown
    assert either.add("root", "--admin")["roles"] == ["user", "admin"]
    assert either.show("ann@x.io") == shown
    text = either.run("user", "show", "ann").stdout
    assert re.search(r"^username +ann$", text, re.MULTILINE)
    assert shown["id"] in text
    lines = either.run("user", "list").stdout.splitlines()
    assert lines[0].split()[:3] == ["USERNAME", "EMAIL", "ROLES"]
    assert sorted(line.split()[0] for line in lines[1:]) == ["ann", "root"]
    listed = [json.loads(line) for line in either.run("user", "list", "--json").stdout.splitlines()]
    assert sorted(row["username"] for row in listed) == ["ann", "root"]


def test_audit(either):
    ann = either.add("ann")
    either.run("user", "disable", "ann")
    trail = [json.loads(line) for line in either.run("audit", "--json").stdout.splitlines()]
    assert [record["event"] for record in trail[:2]] == ["disabled", "signup"]
    assert {record["account"] for record in trail[:2]} == {ann["id"]}
    assert trail[0]["username"] == "ann" and trail[0]["actor"] == "console"
    assert either.run("audit", "1", "--json").stdout.splitlines() == [json.dumps(trail[0], separators=(",", ":"))]
    table = either.run("audit").stdout.splitlines()
    assert len(table) == 1 + len(trail) and "disabled" in table[1] and "signup" in table[2]
    assert "is a number of records" in either.run("audit", "many", expect=2).stderr


def test_user_list_of_many(data):
    rows = "".join(
        json.dumps({"username": f"u{i}", "email": f"u{i}@x.io", "password": "!"}) + "\n" for i in range(257))
    data.run("import", stdin=rows)
    listed = [json.loads(line)["username"] for line in data.run("user", "list", "--json").stdout.splitlines()]
    assert sorted(listed) == sorted(f"u{i}" for i in range(257))


@pytest.mark.parametrize("name, email, password, said", [
    ("ann", "other@x.io", PASSWORD, "username: A user with that username already exists."),
    ("other", "ANN@x.io", PASSWORD, "email: "),
    ("me", "me@x.io", PASSWORD, "username: "),
    ("b b", "b@x.io", PASSWORD, "username: Enter a valid username."),
    ("bob", "bob", PASSWORD, "email: Enter a valid email address."),
    ("bob", "bob@x.io", "short", "password: This password is too short."),
    ("bob", "bob@x.io", "", "password: "),
    ("bob", "bob@x.io", "x" * 129, "password: "),
    ("bob", "bob@x.io", "x" * 2000, "password: "),
])
def test_user_add_refused(data, name, email, password, said):
    data.add("ann")
    text = complaint(data.run("user", "add", name, email, "--stdin", stdin=password + "\n", expect=1))
    assert said in text
    assert len(data.run("user", "list").stdout.splitlines()) == 2


def test_no_password_at_hand(data):
    assert "--stdin" in complaint(data.run("user", "add", "ann", "ann@x.io", expect=1))
    assert "standard input" in complaint(data.run("user", "add", "ann", "ann@x.io", "--stdin", stdin="", expect=1))


@pytest.mark.parametrize("second, code", [(PASSWORD, 0), ("something else", 1)])
def test_a_password_from_the_terminal(data, second, code):
    settings = [f"{key}={value}" for key, value in data.settings.items()]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(lk.BINARY, [lk.BINARY, "user", "add", "ann", "ann@x.io", *settings])
    shown = b""
    for prompt, answer in ((b"New password: ", PASSWORD), (b"Again: ", second)):
        while prompt not in shown:
            shown += os.read(terminal, 1000)
        os.write(terminal, answer.encode() + b"\n")
    try:
        while chunk := os.read(terminal, 1000):
            shown += chunk
    except OSError:
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == code
    assert PASSWORD.encode() not in shown
    assert ("ann" in data.run("user", "list").stdout) == (code == 0)


def test_unknown_accounts(either):
    either.add("ann")
    for words in (["show", "bob"], ["show", "bob@x.io"], ["passwd", "bob", "--stdin"], ["disable", "bob"],
                  ["enable", "bob"], ["delete", "bob"], ["roles", "bob", "user"]):
        assert "bob" in complaint(either.run("user", *words, stdin=PASSWORD + "\n", expect=1))


def test_user_changes(either):
    either.add("ann")
    either.run("user", "disable", "ann")
    assert either.show("ann")["is_active"] is False
    assert "disabled" in either.run("user", "list").stdout
    either.run("user", "enable", "ann")
    assert either.show("ann")["is_active"] is True
    either.run("user", "roles", "ann", "admin,user")
    assert either.show("ann")["roles"] == ["user", "admin"]
    either.run("user", "roles", "ann@x.io", "user")
    assert either.show("ann")["roles"] == ["user"]
    either.run("user", "delete", "ann")
    either.run("user", "show", "ann", expect=1)
    either.run("check")


def test_changes_reach_the_running_server(server, client):
    beside = Beside(server)
    beside.run("user", "add", "carl", "carl@x.io", "--stdin", stdin=PASSWORD + "\n")
    carl = client.login("carl")
    beside.run("user", "roles", "carl", "user,admin")
    assert client.get("/auth/me/", token=carl.access, expect=200).json()["roles"] == ["user", "admin"]

    beside.run("user", "passwd", "carl", "--stdin", stdin="An0ther-pass\n")
    client.get("/auth/me/", token=carl.access, expect=401)
    client.post("/auth/login/", json={"username": "carl", "password": PASSWORD}, expect=401)
    carl = client.login("carl", "An0ther-pass")

    beside.run("user", "disable", "carl")
    client.get("/auth/me/", token=carl.access, expect=401)
    client.post("/auth/login/", json={"username": "carl", "password": "An0ther-pass"}, expect=401)
    beside.run("user", "enable", "carl")
    carl = client.login("carl", "An0ther-pass")

    beside.run("user", "delete", "carl")
    client.get("/auth/me/", token=carl.access, expect=401)


# --- token, keys ---------------------------------------------------------------------------------------------------------


def test_token_internal(server, client):
    beside = Beside(server)
    client.signup("dora")
    token = beside.run("token", "internal", "--service", "backups", "--scope", "credentials:read,credentials:write",
                       "--ttl", "60").stdout.strip()
    claims = jwt.decode(token, server.key("internal"), ["HS256"], audience="auth-service")
    assert claims["iss"] == claims["sub"] == "backups"
    assert claims["exp"] - claims["iat"] == 60
    assert "password" in client.get("/auth/dora/", token=token, expect=200).json()
    client.delete("/auth/delete/dora/", token=token, expect=403)


def test_token_without_a_key(data):
    words = ["token", "internal", "--service", "x", "--scope", "credentials:read"]
    assert "start the server once" in complaint(data.run(*words, expect=1))
    data.add("ann")
    data.run(*words)
    assert "--service" in complaint(data.run("token", "internal", "--service", "a b", "--scope", "credentials:read",
                                             expect=2))
    (data.folder / "internal.key").chmod(0o640)
    assert "chmod" in complaint(data.run(*words, expect=1))


def test_keys_rotate_logs_nobody_out(server, client):
    beside = Beside(server)
    owner = client.signup()
    before = server.key("jwt")
    beside.run("keys", "rotate")
    assert server.key("jwt") != before
    assert (server.data_dir / "jwt.key.1").read_bytes() == before
    assert stat.S_IMODE((server.data_dir / "jwt.key").stat().st_mode) == 0o600

    def kid():
        return jwt.get_unverified_header(client.login(owner.username).access)["kid"]

    former = jwt.get_unverified_header(owner.access)["kid"]
    lk.wait_for(lambda: kid() != former, "the server did not take the new key")
    client.get("/auth/me/", token=owner.access, expect=200)
    client.post("/auth/token/refresh/", json={"refresh": owner.refresh}, expect=200)


def test_keys_rotate_internal(server):
    before = server.key("internal")
    user = server.key("jwt")
    Beside(server).run("keys", "rotate", "--internal")
    assert server.key("internal") != before
    assert server.key("jwt") == user


def test_keys_rotate_on_a_stopped_server(data):
    assert "start the server once" in complaint(data.run("keys", "rotate", expect=1))
    data.add("ann")
    before = (data.folder / "jwt.key").read_bytes()
    data.run("keys", "rotate")
    assert (data.folder / "jwt.key").read_bytes() != before


# --- export, import --------------------------------------------------------------------------------------------------------


def exported(data):
    return {row["username"]: row for row in map(json.loads, data.run("export").stdout.splitlines())}


def test_export_import_is_the_same(either, tmp_path):
    either.add("ann", "--full-name", "Ann \"Ö\" Other")
    either.add("root", "--admin")
    either.add("gone")
    either.run("user", "disable", "gone")
    file = tmp_path / "accounts.jsonl"
    either.run("export", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = exported(either)
    assert rows["ann"]["password"].startswith("pbkdf2_sha256$1000$")
    fresh = Data(tmp_path / "fresh")
    assert fresh.run("import", file).stdout == "3 imported, 0 refused\n"
    assert exported(fresh) == rows
    fresh.run("check")
    assert "name a new file" in complaint(either.run("export", file, expect=1))
    assert "taken" in complaint(fresh.run("import", file, expect=1))
    assert exported(fresh) == rows


def test_import_from_django(server, client, tmp_path):
    settings = pytest.importorskip("django.conf").settings
    if not settings.configured:
        settings.configure()
    from django.contrib.auth.hashers import make_password

    fields = {"password": make_password(PASSWORD), "is_active": True, "is_staff": True, "is_superuser": False,
              "first_name": "Erika", "last_name": "Muster", "date_joined": "2023-01-02T03:04:05.678Z",
              "last_login": None, "groups": [], "user_permissions": []}
    rows = [
        {"model": "auth.user", "pk": 1, "fields": {**fields, "username": "erika", "email": "erika@x.io"}},
        {"id": 2, **fields, "username": "max", "email": "max@x.io", "is_superuser": 1, "is_active": 1,
         "date_joined": "2023-01-02 03:04:05+01:00", "last_login": "2024-05-06 07:08:09"},
        {"id": 3, **fields, "username": "idle", "email": "idle@x.io", "is_active": False},
    ]
    file = tmp_path / "auth_user.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    beside = Beside(server)
    assert beside.run("import", file).stdout == "3 imported, 0 refused\n"
    erika = client.login("erika")
    assert erika.email == "erika@x.io"
    client.login("max")
    client.post("/auth/login/", json={"username": "idle", "password": PASSWORD}, expect=401)
    shown = beside.show("erika")
    assert shown["full_name"] == "Erika Muster"
    assert shown["roles"] == ["user"]
    assert shown["created"] == "2023-01-02T03:04:05Z"
    shown = beside.show("max")
    assert shown["roles"] == ["user", "admin"]
    assert shown["created"] == "2023-01-02T02:04:05Z"


HASH = "pbkdf2_sha256$1000$seasalt1234567890abcde$+mrJV1or3sXqbh2FU5v/LZJzsH54qMk5WG2EvU9SH7s="


def row(**changes):
    fields = {"username": "ann", "email": "ann@x.io", "password": HASH, **changes}
    return json.dumps({name: value for name, value in fields.items() if value is not ...})


@pytest.mark.parametrize("line, said", [
    ("{", "not a JSON value"),
    ("[]", "not a JSON object"),
    ("{} {}", "not a JSON value"),
    ('{"username": "a", "username": "b"}', "a name stands twice"),
    (row(username="a\0b"), "NUL"),
    (row(email=...), "email: "),
    (row(email=""), "email: "),
    (row(email="ann"), "email: Enter a valid email address."),
    (row(email=5), "not a string"),
    (row(username="a b"), "username: "),
    (row(password=...), "password: "),
    (row(password="plain text"), "password: "),
    (row(password="argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdA$aGFzaA"), "password: "),
    (row(roles=["king"]), "roles"),
    (row(roles="admin"), "roles"),
    (row(is_active="yes"), "is_active"),
    (row(created="yesterday"), "date"),
    (row(created="2023-13-02T03:04:05Z"), "date"),
    (row(created="2023-02-29T03:04:05Z"), "date"),
    (row(created="2023-01-02T24:00:00Z"), "date"),
    (row(id="7"), "id: "),
    (row(full_name="x" * 256), "full_name: Ensure this field has no more than 255 characters."),
    (row(biography=7), "biography"),
    ('{"model": "auth.group", "fields": {}}', "auth.user"),
    (" " * 600000 + "{}", "too long"),
], ids=lambda text: text[:40].strip())
def test_import_refuses_a_line_and_goes_on(data, line, said):
    lines = [row(username="first", email="first@x.io"), line, "", row(username="last", email="last@x.io")]
    done = data.run("import", "-", stdin="\n".join(lines), expect=1)
    assert "line 2: " in complaint(done) and said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == "2 imported, 1 refused\n"
    assert sorted(exported(data)) == ["first", "last"]


def test_a_terminal_does_what_no_account_says(data):
    evil = "\x1b[31m \x9b31m \x7f \u202e \u2066"
    lines = row(full_name=evil, biography=evil, email='"\x1b[31m"@x.io')
    data.run("import", "-", stdin=lines)
    for words in (["user", "list"], ["user", "show", "ann"], ["user", "list", "--json"], ["user", "show", "ann", "--json"],
                  ["export"]):
        shown = data.run(*words).stdout
        assert "31m" in shown and not set(shown) & {"\x1b", "\x9b", "\x7f"}
    assert not set(data.run("user", "show", "ann").stdout) & {"\u202e", "\u2066"}
    assert exported(data)["ann"]["full_name"] == evil


@pytest.mark.parametrize("name", ["audit", "Sessions", "ｍｅ", "018f4e5a-0000-7000-8000-000000000000"])
def test_who_has_a_name_of_ours_moves_in_all_the_same(data, name):
    lines = [row(username=name), row(username="bob", email="bob@x.io")]
    done = data.run("import", "-", stdin="\n".join(lines))
    assert "line 1: " in done.stderr and "email as username" in done.stderr and len(done.stderr.splitlines()) == 1
    assert done.stdout == "2 imported, 0 refused\n"
    assert data.show("ann@x.io")["email"] == "ann@x.io"
    assert sorted(exported(data)) == ["ann@x.io", "bob"]
    assert "taken" in data.run("import", "-", stdin=lines[0], expect=1).stderr


def test_import_of_bad_utf8(data, tmp_path):
    file = tmp_path / "rows"
    file.write_bytes(b'{"username": "a\xff", "email": "a@x.io", "password": "!"}\n')
    assert "UTF-8" in complaint(data.run("import", file, expect=1))


def test_import_of_a_missing_file(data):
    assert "No such file" in complaint(data.run("import", "nowhere.jsonl", expect=1))


# --- backup, check ---------------------------------------------------------------------------------------------------------


def test_backup(server, client, tmp_path):
    owner = client.signup()
    beside = Beside(server)
    copy = tmp_path / "copy"
    beside.run("backup", copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o700
    for name in ("jwt.key", "internal.key", "tls.crt", "tls.key"):
        assert (copy / name).read_bytes() == (server.data_dir / name).read_bytes()
        assert stat.S_IMODE((copy / name).stat().st_mode) == 0o600
    assert "empty" in complaint(beside.run("backup", copy, expect=1))

    # The copy serves: the token made before is still good.
    restored = lk.Server(data_dir=copy)
    try:
        restored.data_dir = copy
        again = lk.Client(restored, client.spec)
        again.get("/auth/me/", token=owner.access, expect=200)
        again.login(owner.username)
    finally:
        restored.close()
    Data(copy).run("check")


def test_check(either):
    either.add("ann")
    text = either.run("check").stdout
    assert "1 accounts" in text
    assert text.endswith("all is well\n")


@pytest.mark.parametrize("words", [["user", "list"], ["user", "show", "ann"], ["export"], ["backup", "/nowhere/copy"], ["check"]])
def test_a_data_folder_that_is_not_there(data, words):
    assert "there is no data here" in complaint(data.run(*words, expect=1))
    assert not data.folder.exists()


def test_check_finds_faults(data, tmp_path):
    data.add("ann")
    (data.folder / "jwt.key").chmod(0o644)
    assert "chmod" in complaint(data.run("check", expect=1))
    (data.folder / "jwt.key").chmod(0o600)
    (data.folder / "internal.key").write_bytes(b"short")
    assert "32 to 128 bytes" in complaint(data.run("check", expect=1))
    (data.folder / "internal.key").write_bytes(bytes(32))
    data.run("check")
    (data.folder / "tls.crt").write_text("nonsense")
    (data.folder / "tls.crt").chmod(0o600)
    (data.folder / "tls.key").write_text("nonsense")
    (data.folder / "tls.key").chmod(0o600)
    assert "tls.crt" in complaint(data.run("check", expect=1))
    assert "missing.pem" in complaint(data.run("check", "tls_certificate=missing.pem", "tls_key=missing.key", expect=1))
    data.settings["mail"] = "smtp://user@"
    assert "mail names no server" in complaint(data.run("check", expect=1))
    data.settings["mail"] = "off"
    data.folder.chmod(0o755)
    assert str(data.folder) in complaint(data.run("check", expect=1))


def test_a_certificate_with_another_key(server, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(server.data_dir, other, ignore=shutil.ignore_patterns("*.mdb", "tls.*"))
    other.chmod(0o700)
    second = lk.Server()
    try:
        shutil.copy(server.data_dir / "tls.crt", other)
        shutil.copy(second.data_dir / "tls.key", other)
        assert "belong together" in complaint(Data(other).run("check", expect=1))
    finally:
        second.close()


def test_a_full_standard_output(data):
    data.add("ann")
    settings = [f"{key}={value}" for key, value in data.settings.items()]
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([lk.BINARY, "user", "list", *settings], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert "standard output" in complaint(done)


# --- the server itself ---------------------------------------------------------------------------------------------------


def test_a_second_server_on_the_same_data(server):
    words = [f"{key}={value}" for key, value in server.settings.items()]
    assert str(server.data_dir) in complaint(run(*words, expect=1))


def test_the_console_of_a_server(tmp_path):
    server = lk.Server()
    try:
        prints = [line for line in server.console if line.startswith("certificate: SHA-256 ")]
        assert len(prints) == 1
        assert server.setup_code
        assert server.setup_code not in server.logged()
        assert (server.data_dir / "server.pid").read_text() == f"{server.process.pid}\n"
    finally:
        server.stop()
    assert not (server.data_dir / "server.pid").exists()
    server.close()


def test_descriptors_for_the_connections(monkeypatch):
    """The soft limit is raised; where the hard one is too low, the log says so. Without a wrapper: Valgrind keeps the
    limits of its own process apart."""
    for hard, limit in ((1024, 576), (300, 300)):
        monkeypatch.setattr(lk, "WRAPPER", ["prlimit", f"--nofile=256:{hard}"])
        server = lk.Server(max_connections="512")
        try:
            assert resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE) == (limit, hard)
            assert ("few_descriptors limit=300 wanted=576" in server.logged()) == (limit < 576)
        finally:
            server.close()


def test_weak_hashes_are_told():
    server = lk.Server(pbkdf2_iterations="99999")
    try:
        assert "warn weak_hashes pbkdf2_iterations=99999" in server.logged()
        server.restart(pbkdf2_iterations="100000")
        assert "weak_hashes" not in server.logged()
    finally:
        server.close()


def test_reload(server, client):
    """SIGHUP with a configuration that is as it was changes nothing and ends nothing."""
    owner = client.signup()
    server.reload()
    server.wait_logged("reloaded")
    client.get("/auth/me/", token=owner.access, expect=200)
