"""A running server of its own for each test module, and a client that holds every answer to openapi.json."""
import base64
import contextlib
import email
import email.policy
import http.cookiejar
import json
import os
import pathlib
import re
import shlex
import signal
import ssl
import subprocess
import tempfile
import threading
import time
import uuid

import jsonschema
import jwt
import requests

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("LATCHKEYD", str(ROOT / "build/linux/latchkeyd"))
WRAPPER = shlex.split(os.environ.get("LATCHKEY_WRAPPER", ""))
PUBLIC_URL = "https://login.example.test"
PASSWORD = "S3cure-pass!"
# How long anything may take before it counts as not happening at all: no verdict hangs on the machine's speed.
PATIENCE = 120

# What keeps the tests quick and their passwords simple; a test gives its own where these matter.
SETTINGS = {
    "pbkdf2_iterations": "1000",
    "password_blocklist": "off",
    "throttle": "off",
    "public_url": PUBLIC_URL,
    "listen": "https://127.0.0.1:0",
}


def wait_for(condition, what="it did not happen"):
    """What `condition()` gives once it is true. `what` says what is missing, as text or as a function of none."""
    deadline = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(0.02)
    return value


class Server:
    """latchkeyd with a data folder of its own, on a port of its own. `config` stands in a configuration file, which
    reload() changes; `settings` on the command line, which goes before the file."""

    addresses_of_clients = ("127.0.0.1", "::1")  # as the server sees the tests
    max_picture = 1 << 20  # bytes, unless its settings say otherwise

    def __init__(self, config=None, **settings):
        self.folder = tempfile.TemporaryDirectory(prefix="latchkey-")
        self.data_dir = pathlib.Path(self.folder.name, "data")
        self.mail_dir = pathlib.Path(self.folder.name, "mail")
        self.mail_dir.mkdir(mode=0o700)
        self.config = config
        self.config_file = pathlib.Path(self.folder.name, "latchkeyd.conf")
        self.settings = {**SETTINGS, "data_dir": self.data_dir, "mail": f"file:{self.mail_dir}", **settings}
        if config is not None:
            self.settings = {key: value for key, value in self.settings.items() if key not in config}
            self.write_config(config)
        self.setup_code = None
        self.console = []
        self.process = None
        self.start()

    def start(self):
        settings = [f"{key}={value}" for key, value in self.settings.items() if value is not None]
        options = ["--config", str(self.config_file)] if self.config is not None else []
        command = WRAPPER + [BINARY] + options + settings
        # A log for each start. It is only appended to, and read by a file of its own: what shares an offset with a
        # reader overwrites its own lines.
        descriptor, name = tempfile.mkstemp(prefix="log-", dir=self.folder.name)
        os.close(descriptor)
        self.log = pathlib.Path(name)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        self.ready, self.started = threading.Event(), False
        self.reader = threading.Thread(target=self.read_console, args=(self.process.stdout,), daemon=True)
        self.reader.start()
        assert self.ready.wait(PATIENCE), "the server does not start"
        assert self.started, self.logged()
        self.url = f"https://localhost:{self.port}"

    def read_console(self, stdout):
        for line in stdout:
            self.console.append(line.rstrip("\n"))
            if match := re.match(r"listening: https://.*:(\d+)$", line):
                self.port = int(match[1])
            if match := re.match(r"listening: http://.*:(\d+)$", line):
                self.plain_port = int(match[1])
            if match := re.match(r"setup code: (\S+)$", line):
                self.setup_code = match[1]
            if line == "ready\n":
                self.started = True
                self.ready.set()
        self.ready.set()

    def logged(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_logged(self, text):
        """The first line of the log with this in it; it may take a moment."""
        def found():
            return next((line for line in self.logged().splitlines() if text in line), None)
        return wait_for(found, lambda: f"{text!r} is not in the log:\n{self.logged()}")

    @property
    def certificate(self):
        return self.data_dir / "tls.crt"

    def write_config(self, config):
        self.config_file.write_text("".join(f"{key} = {value}\n" for key, value in config.items() if value is not None))

    def reload(self, **changes):
        """Has the running server read everything anew, after these changes of the configuration; None takes a key out.
        It may take a moment."""
        if changes:
            self.config = {**self.config, **changes}
            self.write_config(self.config)
        self.process.send_signal(signal.SIGHUP)

    def reload_refused(self, says, **changes):
        """A reload that the server must not take, for a reason that it gives."""
        good = self.config
        self.reload(**changes)
        def refused():
            return any(line.startswith("latchkeyd: ") and says in line for line in self.logged().splitlines())
        wait_for(refused, lambda: f"{says!r} is not why:\n{self.logged()}")
        self.config = good
        self.write_config(good)

    def stop(self):
        """Ends it as an operator would; a server that does not leave cleanly fails the test."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self.reader.join()
        self.process.stdout.close()
        self.process = None
        assert code == 0, f"exit code {code}\n{self.logged()}"

    def set_clock(self):
        """The server's is this machine's."""

    def kill(self):
        """A power cut, as near as a process can come to one."""
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        self.process = None

    def command(self, *arguments):
        """Runs a subcommand on this server's data, running or not; a failure fails the test. Returns its output."""
        done = subprocess.run([BINARY, *arguments, f"data_dir={self.data_dir}"], capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    @property
    def tls_context(self):
        return ssl.create_default_context(cafile=self.certificate)

    def restart(self, **settings):
        self.stop()
        self.settings.update(settings)
        self.start()

    def close(self):
        try:
            self.stop()
        finally:
            self.folder.cleanup()

    # --- tokens that the server did not make itself ---

    def key(self, name):
        return (self.data_dir / f"{name}.key").read_bytes()

    def user_token(self, user_id, *, key=None, algorithm="HS256", headers=None, drop=(), **claims):
        """An access token as another service with the shared key makes it: without `sid`."""
        now = int(time.time())
        payload = {"token_type": "access", "exp": now + 300, "iat": now, "jti": uuid.uuid4().hex, "user_id": user_id}
        payload.update(claims)
        payload = {name: value for name, value in payload.items() if name not in drop}
        return jwt.encode(payload, self.key("jwt") if key is None else key, algorithm, headers)

    def internal_token(self, *scopes, key=None, drop=(), **claims):
        now = int(time.time())
        payload = {
            "token_type": "internal",
            "iss": "backups",
            "sub": "backups",
            "aud": "auth-service",
            "scope": " ".join(f"credentials:{scope}" for scope in scopes),
            "exp": now + 300,
            "iat": now,
        }
        payload.update(claims)
        payload = {name: value for name, value in payload.items() if name not in drop}
        return jwt.encode(payload, self.key("internal") if key is None else key, "HS256")

    # --- mail ---

    def mails(self, to):
        found = []
        for path in sorted(self.mail_dir.glob("*.eml")):
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if to.lower() in str(mail["To"]).lower():
                found.append(mail)
        return found

    def link(self, to, kind, nth=0, user_id=None):
        """The path of the nth newest mailed link of that kind; the mail may take a moment. `user_id` leaves out those
        of an account that had the address before."""
        whose = base64.urlsafe_b64encode(user_id.encode()).decode().rstrip("=") + "/" if user_id else ""
        def found():
            links = []
            for mail in self.mails(to):
                text = mail.get_body(("plain",)).get_content()
                links += re.findall(rf"{re.escape(PUBLIC_URL)}(/auth/{kind}/{whose}\S+)", text)
            return links[-1 - nth] if len(links) > nth else None
        return wait_for(found, f"no {kind} mail to {to}")


@contextlib.contextmanager
def tool(name):
    """A test program that stands beside the server: a function that asks it one line and gives its answer."""
    path = pathlib.Path(BINARY).parent / name
    process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def ask(*words):
        process.stdin.write(" ".join(words) + "\n")
        process.stdin.flush()
        return process.stdout.readline().rstrip("\n")

    yield ask
    process.stdin.close()
    assert process.wait(PATIENCE) == 0


class Spec:
    """openapi.json: which operation a request is, and whether an answer is one of its answers."""

    def __init__(self, path=ROOT / "src/api/openapi.json"):
        self.document = json.loads(path.read_text(encoding="utf-8"))
        self.seen = set()
        self.paths = []
        for template in self.document["paths"]:
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", template.rstrip("/"))
            self.paths.append((template.count("{"), re.compile(pattern + "/?$"), template))
        self.paths.sort(key=lambda entry: entry[0])  # a path without variables wins
        self.validators = {}

    def resolve(self, node):
        while "$ref" in node:
            target = self.document
            for part in node["$ref"][2:].split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def operations(self):
        """(template, method, operation) of each operation, both mounts apart."""
        for template, item in self.document["paths"].items():
            for method, operation in self.resolve(item).items():
                if method != "parameters":
                    yield template, method, operation

    def template(self, path):
        for _, pattern, template in self.paths:
            if pattern.match(path):
                return template
        return None

    def methods(self, template):
        """What Allow says there."""
        found = {method.upper() for method in self.resolve(self.document["paths"][template]) if method != "parameters"}
        return found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set())

    def never_seen(self):
        """The answers that are listed and never came. A full server and a full disk are left to other tests."""
        listed = {
            (method.upper(), template, int(status))
            for template, method, operation in self.operations()
            for status in operation["responses"]
        }
        return sorted(answer for answer in listed - self.seen if answer[2] not in (503, 507))

    def validate(self, schema, value):
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            whole = {**schema, "components": self.document["components"]}
            self.validators[key] = jsonschema.Draft202012Validator(whole)
        self.validators[key].validate(value)

    def check(self, method, path, answer):
        method = method.upper()
        where = f"{method} {path}: {answer.status_code} {answer.text[:400]}"
        check_headers(answer, where)
        if answer.status_code == 401:  # each mount names its own scheme
            scheme = "JWT" if path.startswith("/api/user/") else "Bearer"
            assert answer.headers["WWW-Authenticate"] == f'{scheme} realm="api"', where
        template = self.template(path.split("?")[0])
        if template is None:
            assert answer.status_code == 404, where
            self.check_body(self.response("NotFound"), answer, where)
            return
        assert allowed(answer) == self.methods(template), where
        item = self.resolve(self.document["paths"][template])
        name = "get" if method == "HEAD" else method.lower()
        if method == "OPTIONS":
            assert answer.status_code == 200 and answer.content == b"", where
        elif name not in item:
            kind = {405: "MethodNotAllowed", 401: "Unauthorized", 406: "NotAcceptable", 404: "NotFound"}
            kind[403] = "Forbidden"
            assert answer.status_code in kind, where
            if method != "HEAD":
                self.check_body(self.response(kind[answer.status_code]), answer, where)
        else:
            responses = item[name]["responses"]
            assert str(answer.status_code) in responses, where
            if method == "HEAD":
                assert answer.content == b"", where
                return
            self.seen.add((method, template, answer.status_code))
            self.check_body(self.resolve(responses[str(answer.status_code)]), answer, where)

    def response(self, name):
        return self.document["components"]["responses"][name]

    def check_body(self, response, answer, where):
        for header, rule in response.get("headers", {}).items():
            if rule.get("required"):
                assert header in answer.headers, where
        content = response.get("content")
        if content is None:
            assert answer.content == b"" and "Content-Type" not in answer.headers, where
            return
        media_type = answer.headers.get("Content-Type")
        assert media_type in content, where
        if media_type == "application/json":
            try:
                self.validate(content[media_type]["schema"], answer.json())
            except jsonschema.ValidationError as error:
                raise AssertionError(f"{where}\n{error.message}") from error


def allowed(answer):
    return {method.strip() for method in answer.headers.get("Allow", "").split(",")}


def check_headers(answer, where):
    headers = answer.headers
    assert headers.get("X-Content-Type-Options") == "nosniff", where
    assert headers.get("Referrer-Policy") == "same-origin", where
    assert headers.get("X-Frame-Options") == "DENY", where
    assert "Accept" in headers.get("Vary", ""), where
    assert "Server" not in headers, where
    assert check_cookie(headers.get("Set-Cookie"), where), where
    assert "Strict-Transport-Security" not in headers, where
    assert ("WWW-Authenticate" in headers) == (answer.status_code == 401), where


def check_cookie(text, where):
    """Only the pages have a cookie, and only their session's route and the end of that session touch it."""
    if text is None:
        return True
    name, attributes = text.split("; ", 1)
    assert re.match(r"(GET|POST|DELETE) (/api)?/auth/session", where), where
    assert re.fullmatch(r"__Host-latchkey=[A-Za-z0-9_.-]*", name), where
    return re.fullmatch(r"Path=/; Max-Age=\d+; Secure; HttpOnly; SameSite=Strict", attributes)


class Client:
    """Sends requests to a server and checks each answer against the specification."""

    def __init__(self, server, spec):
        self.server = server
        self.spec = spec
        self.session = requests.Session()
        self.session.verify = str(server.certificate)
        self.session.trust_env = False
        # No cookie is kept: a test that has one says so.
        self.session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))

    def request(self, method, path, *, token=None, scheme="Bearer", expect=None, headers=None, **kwargs):
        headers = dict(headers or {})
        if token is not None:
            headers["Authorization"] = f"{scheme} {token}"
        answer = self.session.request(
            method, self.server.url + path, headers=headers, allow_redirects=False, timeout=PATIENCE, **kwargs
        )
        answer.encoding = "utf-8"
        self.spec.check(method, path, answer)
        if expect is not None:
            assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text[:400]}"
        return answer

    def get(self, path, **kwargs):
        return self.request("GET", path, **kwargs)

    def post(self, path, **kwargs):
        return self.request("POST", path, **kwargs)

    def put(self, path, **kwargs):
        return self.request("PUT", path, **kwargs)

    def patch(self, path, **kwargs):
        return self.request("PATCH", path, **kwargs)

    def delete(self, path, **kwargs):
        return self.request("DELETE", path, **kwargs)

    # --- the usual steps ---

    def signup(self, username=None, **fields):
        """A new account that is logged in."""
        username = username or "u" + uuid.uuid4().hex[:12]
        fields = {"username": username, "email": f"{username}@x.io", "password": PASSWORD, **fields}
        self.post("/auth/signup/", json=fields, expect=201)
        return self.login(username, fields["password"], email=fields["email"])

    def login(self, username, password=PASSWORD, email=None):
        tokens = self.post("/auth/login/", json={"username": username, "password": password}, expect=200).json()
        me = self.get("/auth/me/", token=tokens["access"], expect=200).json()
        return Account(me["id"], username, email or me["email"], password, tokens["access"], tokens["refresh"])

    def admin(self, username="root-admin"):
        """The first admin, made with the setup code."""
        fields = {"code": self.server.setup_code, "username": username, "email": f"{username}@x.io"}
        self.post("/auth/setup/", json={**fields, "password": PASSWORD}, expect=201)
        return self.login(username)


class Account:
    def __init__(self, user_id, username, address, password, access, refresh):
        self.id = user_id
        self.username = username
        self.email = address
        self.password = password
        self.access = access
        self.refresh = refresh
