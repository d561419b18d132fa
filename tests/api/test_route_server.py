"""The server itself: health, numbers, documents; and its way of starting, stopping and taking settings."""
import hashlib
import html
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import stat
import subprocess
import time

import pytest
import requests

import lk


@pytest.mark.parametrize("slash", ["", "/"])
def test_health(client, slash):
    assert client.get(f"/healthz{slash}", expect=200).json() == {"status": "ok"}
    assert client.get(f"/readyz{slash}", expect=200).json() == {"status": "ready"}
    client.request("HEAD", "/healthz", expect=200)
    client.request("HEAD", "/readyz", expect=200)


def test_metrics(client, server, owner, internal):
    """For whoever asks from the machine itself, and for services from elsewhere."""
    local = "127.0.0.1" in server.addresses_of_clients
    for token in (None, owner.access):
        client.get("/metrics", token=token, expect=200 if local else 403)
    answer = client.get("/metrics", token=internal(), expect=200)
    assert answer.headers["Cache-Control"] == "no-store"
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert all(re.match(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? \d+$', line) for line in lines)
    values = dict(line.rsplit(" ", 1) for line in lines)
    assert int(values["latchkey_accounts"]) >= 1 and int(values["latchkey_sessions"]) >= 1
    assert int(values['latchkey_requests_total{route="signup",status="2xx"}']) >= 1
    assert int(values["latchkey_connections"]) >= 1
    client.get("/metrics", token="garbage", expect=401)


def test_openapi(client, server, spec):
    answer = client.get("/openapi.json", expect=200)
    assert answer.json() == spec.document
    tag = answer.headers["ETag"]
    client.get("/openapi.json", headers={"If-None-Match": tag}, expect=304)
    assert len(answer.content) < 80000
    # A board has no room for it as it is.
    packed = bool(os.environ.get("LATCHKEY_BOARD"))
    assert answer.headers.get("Content-Encoding") == ("gzip" if packed else None)
    for accept, status in (("identity", 406 if packed else 200), ("gzip;q=0", 406 if packed else 200), ("*", 200)):
        answer = client.session.get(server.url + "/openapi.json", headers={"Accept-Encoding": accept})
        assert answer.status_code == status


def test_documentation(client):
    for path in ("/auth/doc/", "/auth/doc", "/api/auth/doc/"):
        page = client.get(path, expect=200)
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert 'href="/openapi.json"' in page.text
        assert "<script>" not in page.text and "unsafe" not in page.headers["Content-Security-Policy"]


def test_swagger_ui(client, spec):
    """As the build was told: LATCHKEY_SWAGGER is CMake's option of that name."""
    page = client.get("/auth/doc/", expect=200)
    names = re.findall(r'(?:src|href)="/assets/([^"]+)"', page.text)
    if os.environ.get("LATCHKEY_SWAGGER", "ON") != "ON":
        assert names == ["latchkey.css"]
        for template, method, operation in spec.operations():
            line = f"<code>{method.upper()} {template}</code></td><td>{html.escape(operation['summary'])}</td>"
            assert line in page.text or template.startswith("/api/auth/") or operation["operationId"].startswith("page")
        return
    assert "swagger-ui-bundle.js" in names, "no npm at set-up: tools/deps says why"
    for name in names:
        answer = client.get(f"/assets/{name}", expect=200)
        assert answer.headers.get("Content-Encoding") == (None if name == "swagger.js" else "gzip")
        client.get(f"/assets/{name}", headers={"If-None-Match": answer.headers["ETag"]}, expect=304)
        assert client.request("HEAD", f"/assets/{name}", expect=200).content == b""
    assert len(client.get("/assets/swagger-ui-bundle.js").content) > 1000000


def test_assets(client):
    answer = client.get("/assets/latchkey.css", expect=200)
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    client.get("/assets/latchkey.css", headers={"If-None-Match": answer.headers["ETag"]}, expect=304)
    for name in ("doc.html", "openapi.json", "none.css", "..%2fweb.c"):
        client.get(f"/assets/{name}", expect=404)


def test_first_start_makes_what_it_needs(server):
    assert stat.S_IMODE(server.data_dir.stat().st_mode) == 0o700
    for path in server.data_dir.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert len(server.key("jwt")) >= 32 and len(server.key("internal")) >= 32
    assert server.key("jwt") != server.key("internal")
    assert not list(server.data_dir.glob("*.tmp"))


def test_sessions_survive_a_restart(spec):
    server = lk.Server()
    try:
        client = lk.Client(server, spec)
        account = client.signup()
        certificate = server.certificate.read_bytes()
        server.restart()
        client.get("/auth/me/", token=account.access, expect=200)
        client.post("/auth/refresh/", json={"refresh": account.refresh}, expect=200)
        assert server.certificate.read_bytes() == certificate
    finally:
        server.close()


def refused_start(**settings):
    """What a start that must fail says."""
    command = lk.WRAPPER + [lk.BINARY] + [f"{key}={value}" for key, value in settings.items()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=lk.PATIENCE)
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if line.startswith("latchkeyd: ")]
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_refused_starts(tmp_path, server):
    quiet = {"listen": "https://127.0.0.1:0", "mail": "off"}
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    os.chmod(folder, 0o755)
    assert str(folder) in refused_start(data_dir=folder, **quiet)
    assert str(server.data_dir) in refused_start(data_dir=server.data_dir, **quiet)
    folder.chmod(0o700)
    (folder / "jwt.key").write_bytes(b"k" * 32)
    (folder / "jwt.key").chmod(0o644)
    assert "jwt.key" in refused_start(data_dir=folder, **quiet)
    (folder / "jwt.key").chmod(0o600)
    (folder / "jwt.key").write_bytes(b"short")
    assert "jwt.key: a token key is 32 to 128 bytes" in refused_start(data_dir=folder, **quiet)
    (folder / "jwt.key").unlink()
    shared = tmp_path / "shared.key"
    shared.write_bytes(os.urandom(32))
    shared.chmod(0o600)
    assert "internal_key_file" in refused_start(
        data_dir=folder, jwt_key_file=shared, internal_key_file=shared, **quiet
    )
    assert "none.key" in refused_start(data_dir=folder, jwt_key_file=tmp_path / "none.key", **quiet)
    missing = {"tls_certificate": tmp_path / "none.crt", "tls_key": tmp_path / "none.key"}
    assert "none.crt" in refused_start(data_dir=folder, **missing, **quiet)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused_start(data_dir=folder, mail="off", listen=f"https://127.0.0.1:{port}")
    assert "nonsense" in refused_start(data_dir=folder, nonsense="1", **quiet)


def test_refresh_rotation(spec):
    server = lk.Server(refresh_rotation="on")
    try:
        client = lk.Client(server, spec)
        account = client.signup()
        first = client.post("/auth/refresh/", json={"refresh": account.refresh}, expect=200).json()
        assert set(first) == {"access", "refresh"} and first["refresh"] != account.refresh
        client.get("/auth/me/", token=first["access"], expect=200)
        # A lost answer must not log anyone out: within the grace the old one is still good.
        client.post("/auth/refresh/", json={"refresh": account.refresh}, expect=200)
        client.post("/auth/refresh/", json={"refresh": first["refresh"]}, expect=200)
    finally:
        server.close()


def test_signup_policies(spec):
    server = lk.Server(signup="admin")
    try:
        client = lk.Client(server, spec)
        admin = client.admin()
        fields = {"username": "one", "email": "one@x.io", "password": lk.PASSWORD}
        mounts = ("/auth", "/api/auth")
        paths = [f"{m}/{name}/" for m in mounts for name in ("signup", "register")] + ["/api/user/register/"]
        for path in paths:
            for token in (None, server.internal_token("read")):
                answer = client.post(path, json={**fields, "full_name": "N"}, token=token, expect=403)
                assert answer.json() == {"detail": "You do not have permission to perform this action."}
        client.post("/auth/signup/", json=fields, token=admin.access, expect=201)
        user = client.login("one")
        two = {"username": "two", "email": "two@x.io", "password": lk.PASSWORD, "full_name": "Two"}
        client.post("/auth/register/", json=two, token=user.access, expect=403)
        client.post("/auth/register/", json=two, token=server.internal_token("write"), expect=201)
        three = {"email": "three@x.io", "password": lk.PASSWORD, "full_name": "Three"}
        client.post("/api/user/register/", json=three, token=admin.access, expect=201)
        server.restart(signup="closed")
        for path in paths:
            for token in (None, admin.access, server.internal_token("write")):
                answer = client.post(path, json={**two, "username": "four"}, token=token, expect=403)
                assert answer.json() == {"detail": "Sign-up is closed."}
    finally:
        server.close()


def test_throttle(spec):
    server = lk.Server(throttle="on")
    try:
        client = lk.Client(server, spec)
        account = client.signup()
        wrong = {"username": account.username, "password": "wrong"}
        right = {"username": account.username, "password": account.password}

        def fail():
            """Waits as long as it must, and fails once more. Returns a moment before that."""
            while True:
                begin = time.monotonic()
                answer = client.post("/auth/login/", json=wrong)
                if answer.status_code == 401:
                    return begin
                time.sleep(int(answer.headers["Retry-After"]))

        def refused_everywhere():
            """True when every way in was refused; false when the wait was over before the last was tried."""
            mail = {"email": account.email, "password": account.password}
            ways = [(mount + path, right) for mount in ("", "/api") for path in ("/auth/login/", "/auth/token/")]
            for path, fields in [*ways, ("/api/user/login/", mail)]:
                answer = client.post(path, json=fields)
                if answer.status_code == 200:
                    return False
                assert answer.status_code == 429 and int(answer.headers["Retry-After"]) >= 1
                assert answer.json()["detail"].startswith("Request was throttled. Expected available in ")
            return True

        # Five failures cost nothing, and each one after them twice the wait: a slow machine needs some more.
        failures = 7
        while True:
            for _ in range(failures):
                fail()
            if refused_everywhere():
                break
            failures += 1
        client.get("/auth/me/", token=account.access, expect=200)
        # Remembered over a restart: one more failure, however late, costs more than the ones before.
        server.restart()
        begin = fail()
        wait = int(client.post("/auth/login/", json=right).headers.get("Retry-After", 0))
        assert wait + (time.monotonic() - begin) > 1 << (failures - 5)
    finally:
        server.close()


def test_signup_throttle(spec):
    """Accounts from one address come slower and slower; an admin makes as many as are wanted."""
    server = lk.Server(throttle="on")
    try:
        client = lk.Client(server, spec)
        admin = client.admin()
        made = iter(range(1000))

        def fields():
            name = f"new{next(made)}"
            return {"username": name, "email": f"{name}@x.io", "password": lk.PASSWORD, "full_name": "New"}

        for path in ("/auth/signup/", "/auth/register/", "/api/user/register/"):
            for mount in ("", "/api") if path.startswith("/auth") else ("",):
                def throttled():
                    answer = client.post(mount + path, json=fields())
                    assert answer.status_code in (201, 429)
                    return answer.headers.get("Retry-After")
                lk.wait_for(throttled)
        for _ in range(30):
            client.post("/auth/signup/", json=fields(), token=admin.access, expect=201)
    finally:
        server.close()


def test_setup_throttle(spec):
    server = lk.Server(throttle="on")
    try:
        client = lk.Client(server, spec)
        fields = {"code": "wrong", "username": "chief", "email": "chief@x.io", "password": lk.PASSWORD}
        for path in ("/auth/setup/", "/api/auth/setup/"):
            def throttled():
                answer = client.post(path, json=fields)
                assert answer.status_code in (403, 429)
                return answer.status_code == 429
            lk.wait_for(throttled)
    finally:
        server.close()


def test_blocklist(spec):
    server = lk.Server(password_blocklist="on")
    try:
        client = lk.Client(server, spec)
        fields = {"username": "common", "email": "common@x.io", "password": "password123"}
        answer = client.post("/auth/signup/", json=fields, expect=400)
        assert answer.json() == {"password": ["This password is too common."]}
        client.post("/auth/signup/", json={**fields, "password": lk.PASSWORD}, expect=201)
    finally:
        server.close()


def test_reload_takes_the_policy(spec):
    """Settings are read anew; a bad one changes nothing."""
    server = lk.Server(config={"signup": "closed"})
    try:
        client = lk.Client(server, spec)
        fields = {"username": "reloaded", "email": "reloaded@x.io", "password": lk.PASSWORD}
        client.post("/auth/signup/", json=fields, expect=403)
        server.reload_refused("signup", signup="sometimes")
        client.post("/auth/signup/", json=fields, expect=403)
        server.reload(signup="open")
        lk.wait_for(lambda: client.post("/auth/signup/", json=fields).status_code == 201)
    finally:
        server.close()


def test_reload_takes_the_way_of_mails(spec, tmp_path):
    """From none to a folder; one that is not there changes nothing."""
    server = lk.Server(config={"mail": "off"})
    try:
        client = lk.Client(server, spec)
        client.signup()
        server.reload_refused("folder", signup="closed", mail=f"file:{tmp_path}/none")
        client.signup()
        server.reload(mail=f"file:{server.mail_dir}", mail_from="second@y.io")

        def mailed():
            client.signup()
            return server.mails("@x.io")

        lk.wait_for(mailed)
        assert "second@y.io" in str(server.mails("@x.io")[0]["From"])
    finally:
        server.close()


def test_reload_takes_all_or_nothing(spec, tmp_path):
    server = lk.Server(config={"signup": "open"})
    try:
        client = lk.Client(server, spec)
        server.reload_refused("none.key", signup="closed", jwt_key_file=f"{tmp_path}/none.key")
        client.signup()
        server.reload(signup="closed")
        lk.wait_for(lambda: client.post("/auth/signup/", json={}).status_code == 403)
    finally:
        server.close()


def test_reload_to_the_self_signed_certificate(tmp_path):
    """HSTS under it would lock browsers out."""
    certificate, key = make_certificate(tmp_path, "own")
    server = lk.Server(config={"tls_certificate": certificate, "tls_key": key})

    def strict(trusted):
        answer = requests.get(server.url + "/healthz", verify=str(trusted), timeout=lk.PATIENCE)
        return "Strict-Transport-Security" in answer.headers

    try:
        assert strict(certificate)
        server.reload(tls_certificate=None, tls_key=None)
        lk.wait_for(lambda: ssl.get_server_certificate(("localhost", server.port)).strip() != certificate.read_text().strip())
        assert not strict(server.certificate)
    finally:
        server.close()


def test_reload_takes_rotated_keys(spec):
    """Nobody is logged out by a rotation."""
    server = lk.Server()
    try:
        client = lk.Client(server, spec)
        account = client.signup()
        key = server.key("jwt")
        (server.data_dir / "jwt.key.1").write_bytes(key)
        (server.data_dir / "jwt.key.1").chmod(0o600)
        (server.data_dir / "jwt.key").write_bytes(os.urandom(32))
        server.reload()
        fields = {"username": account.username, "password": account.password}

        def new_key_signs():
            token = client.post("/auth/login/", json=fields, expect=200).json()["access"]
            return token.split(".")[0] != account.access.split(".")[0]

        lk.wait_for(new_key_signs)
        client.get("/auth/me/", token=account.access, expect=200)
        client.post("/auth/refresh/", json={"refresh": account.refresh}, expect=200)
        client.get("/auth/me/", token=server.user_token(account.id, key=key), expect=401)
        client.get("/auth/me/", token=server.user_token(account.id), expect=200)
    finally:
        server.close()


def make_certificate(folder, name):
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=owner"
    command += f" -addext subjectAltName=DNS:localhost -keyout {folder}/{name}.key -out {folder}/{name}.crt"
    subprocess.run(command.split(), check=True, capture_output=True)
    return folder / f"{name}.crt", folder / f"{name}.key"


def test_owner_certificate(tmp_path):
    """The owner's certificate brings HSTS; another one is taken at SIGHUP, a bad one is not."""
    certificate, key = make_certificate(tmp_path, "first")
    server = lk.Server(tls_certificate=certificate, tls_key=key)
    try:
        answer = requests.get(server.url + "/healthz", verify=str(certificate), timeout=lk.PATIENCE)
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
        answer = requests.post(server.url + "/auth/login/", data=b" " * 70000, verify=str(certificate), timeout=lk.PATIENCE)
        assert answer.status_code == 413 and "Strict-Transport-Security" in answer.headers
        assert not server.certificate.exists()

        def served():
            return ssl.get_server_certificate(("localhost", server.port)).strip()

        assert served() == certificate.read_text().strip()
        second, second_key = make_certificate(tmp_path, "second")
        certificate.write_text(second.read_text())
        key.write_text(second_key.read_text())
        server.reload()
        lk.wait_for(lambda: served() == second.read_text().strip())
        certificate.write_text("no certificate at all")
        server.reload()
        server.wait_logged("certificate")
        assert served() == second.read_text().strip()
    finally:
        server.close()


def days_of(pem):
    """From when to when a certificate is good, in days since 1970."""
    text = subprocess.run(["openssl", "x509", "-noout", "-dates"], input=pem, check=True, capture_output=True, text=True)
    return [ssl.cert_time_to_seconds(line.split("=")[1]) / 86400 for line in text.stdout.splitlines()]


def make_ending(folder, seconds):
    """A self-signed certificate that ends so many seconds from now, and its key, as tls.crt and tls.key."""
    end = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds))
    (folder / "index").write_text("")
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca = d\n[d]\ndatabase = index\nrand_serial = yes\nnew_certs_dir = .\ndefault_md = sha256\n"
        "policy = p\nx509_extensions = x\nunique_subject = no\n[p]\ncommonName = supplied\n"
        "[x]\nsubjectAltName = DNS:localhost\n")
    for command in ("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout tls.key"
                    " -out request", f"ca -batch -config ca.cnf -selfsign -keyfile tls.key -in request -out tls.crt -notext"
                    f" -startdate 20200101000000Z -enddate {end}"):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
    (folder / "tls.key").chmod(0o600)
    (folder / "tls.crt").chmod(0o600)
    return (folder / "tls.crt").read_text()


def test_own_certificate_is_renewed(tmp_path):
    """In time at a start, and in time while it serves: a month before its end."""
    server = lk.Server()

    def served():
        return ssl.get_server_certificate(("localhost", server.port)).strip()

    def restart_with(seconds):
        server.stop()
        pem = make_ending(tmp_path, seconds)
        for name in ("tls.crt", "tls.key"):
            (server.data_dir / name).write_bytes((tmp_path / name).read_bytes())
            (server.data_dir / name).chmod(0o600)
        server.start()
        return pem.strip()

    try:
        begins, ends = days_of(served())
        assert 800 < ends - begins <= 825  # what Apple's clients take
        month = 30 * 86400
        assert restart_with(2 * month) == served()
        ending = restart_with(month - 60)
        assert served() != ending
        line = server.wait_logged("certificate_made")
        assert hashlib.sha256(ssl.PEM_cert_to_DER_cert(served())).hexdigest() in line
        ending = restart_with(month + 4)
        lk.wait_for(lambda: served() != ending, "it is not renewed")
        begins, ends = days_of(served())
        assert 800 < ends - begins <= 825 and ends > days_of(ending)[1]
        assert server.certificate.read_text().strip() == served()
        server.restart()
        assert server.certificate.read_text().strip() == served()
    finally:
        server.close()


def test_full_store(spec):
    """A full store refuses by name, and takes what makes room again."""
    server = lk.Server(map_size="1M", mail="off")
    try:
        client = lk.Client(server, spec)
        account = client.signup()

        def fill(path, fields):
            """How often it went well until the store was full."""
            for number in range(20000):
                answer = client.post(path, json=fields(number))
                if answer.status_code == 507:
                    return number
                assert answer.status_code < 300
            raise AssertionError("the store does not fill")

        made = fill("/auth/signup/", lambda n: {"username": f"u{n}", "email": f"u{n}@x.io", "password": lk.PASSWORD})
        fill("/auth/login/", lambda n: {"username": account.username, "password": lk.PASSWORD})
        assert client.get("/readyz", expect=503).json() == {"detail": "The store takes no writes."}
        client.get("/auth/me/", token=account.access, expect=200)
        internal = server.internal_token("delete")
        for number in range(made):
            client.delete(f"/auth/delete/u{number}/", token=internal, expect=204)
        client.login(account.username)
    finally:
        server.close()


def test_plain_listener(spec):
    """It shows the way to HTTPS, and answers by itself only where the owner opened it to this machine; a board's is
    never that."""
    server = lk.Server(listen="https://127.0.0.1:0,http://127.0.0.1:0", plain_http="off")

    def get(path):
        return requests.get(f"http://127.0.0.1:{server.plain_port}{path}", allow_redirects=False, timeout=lk.PATIENCE)

    try:
        answer = get("/auth/me/?a=b")
        assert answer.status_code == 308
        assert answer.headers["Location"] == lk.PUBLIC_URL + "/auth/me/?a=b"
        server.restart(plain_http="loopback")
        assert get("/healthz").status_code == (200 if "127.0.0.1" in server.addresses_of_clients else 308)
    finally:
        server.close()


def test_stops_cleanly_under_load(spec):
    server = lk.Server()
    try:
        client = lk.Client(server, spec)
        account = client.signup()
        client.get("/auth/me/", token=account.access, expect=200)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(lk.PATIENCE) == 0
        server.reader.join()
        server.process.stdout.close()
        server.process = None
    finally:
        server.close()


def test_specification_is_well_formed(spec):
    """Every reference leads somewhere, every operation has its own name, every schema is one."""
    import jsonschema

    names = [operation["operationId"] for template, _, operation in spec.operations() if template[:5] != "/api/"]
    names += [o["operationId"] for t, _, o in spec.operations() if t.startswith(("/api/user/", "/api/users/"))]
    assert len(names) == len(set(names))
    text = json.dumps(spec.document)
    for target in set(re.findall(r'"\$ref": "([^"]+)"', text)):
        spec.resolve({"$ref": target})
    for schema in spec.document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    source = pathlib.Path(lk.ROOT, "src/api/openapi.json").read_text(encoding="utf-8")
    assert json.loads(source) == spec.document
