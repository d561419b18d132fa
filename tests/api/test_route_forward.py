"""Who a reverse proxy lets through: the route that it asks, a real nginx and a real Caddy that ask it, and whom the server
believes."""
import contextlib
import os
import random
import re
import shutil
import socket
import subprocess
import urllib.parse

import pytest
import requests

import lk

MOUNTS = ["/auth/forward/", "/auth/forward", "/api/auth/forward/"]
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
CADDY = shutil.which("caddy")


def cookie_of(client, account):
    fields = {"username": account.username, "password": account.password}
    answer = client.post("/auth/session/", json=fields, expect=200)
    return re.match(r"(__Host-latchkey=[^;]*);", answer.headers["Set-Cookie"])[1]


@pytest.mark.parametrize("path", MOUNTS)
def test_let_through(client, owner, path):
    ways = [{"Authorization": f"Bearer {owner.access}"}, {"Authorization": f"JWT {owner.access}"},
            {"Cookie": cookie_of(client, owner)}]
    for headers in ways:
        for accept in ("*/*", "text/html", "image/avif"):
            answer = client.get(path, headers={**headers, "Accept": accept}, expect=204)
            assert answer.headers["Remote-User"] == owner.username
            assert answer.headers["Remote-Email"] == owner.email
            assert answer.headers["Remote-Groups"] == "user"
            assert answer.headers["X-Auth-User-Id"] == owner.id
            assert answer.headers["X-Auth-Email-Verified"] == "false"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Cookie" in answer.headers["Vary"]
    client.request("HEAD", path, headers=ways[0], expect=204)


def test_roles_and_other_scripts(client, admin):
    assert client.get("/auth/forward/", token=admin.access, expect=204).headers["Remote-Groups"] == "user,admin"
    for name in ("\u65e5" * 150, "\U00020000" * 150):  # what is longest once it is escaped
        long = client.signup(name, email="l" * 60 + f"{len(name.encode())}@" + "x" * 60 + "." + "y" * 60 + ".io")
        assert urllib.parse.unquote(client.get("/auth/forward/", token=long.access, expect=204).headers["Remote-User"]) == name
    zoe = client.signup("zoë+é", email="zoe@x.io")
    assert urllib.parse.unquote(client.get("/auth/forward/", token=zoe.access).headers["Remote-User"]) == "zoë+é"


@pytest.mark.parametrize("path", MOUNTS)
def test_turned_away(client, server, owner, internal, path):
    cookie = cookie_of(client, owner)
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": f"Bearer {owner.refresh}"},
                    {"Authorization": f"Bearer {internal('read')}"}, {"Cookie": "__Host-latchkey=x"},
                    {"Cookie": f"{cookie}; {cookie}"}, {"Authorization": "Bearer x", "Cookie": cookie},
                    {"Authorization": "Bearer a b"}, {"Remote-User": owner.username}):
        answer = client.get(path, headers=headers, expect=401)
        assert answer.headers["Location"] == lk.PUBLIC_URL + "/sign-in"
        assert "Remote-User" not in answer.headers
    server.command("user", "disable", owner.username)
    client.get(path, headers={"Cookie": cookie}, expect=401)
    client.get(path, token=owner.access, expect=401)


HOME = ["/", "/device/?a=b&c=%20d", "/a//b", "/%2F%2Fevil.example", "/x;y=~.:@!$'()*,"]
ELSEWHERE = ["//evil.example/", "/\\evil.example", "\\\\evil.example", "https://evil.example/", "evil", "javascript:alert(1)",
             "/a b", "/\xe9", "/" + "a" * 1024]


@pytest.mark.parametrize("field", ["X-Original-URI", "X-Forwarded-Uri"])
def test_the_way_back(client, field):
    for path in HOME:
        location = client.get("/auth/forward/", headers={field: path}, expect=401).headers["Location"]
        parts = urllib.parse.urlsplit(location)
        assert location.startswith(lk.PUBLIC_URL + "/sign-in?") and not parts.fragment
        assert urllib.parse.parse_qs(parts.query, strict_parsing=True) == {"next": [path]}
    for path in ELSEWHERE:
        answer = client.get("/auth/forward/", headers={field: path.encode("latin-1")}, expect=401)
        assert answer.headers["Location"] == lk.PUBLIC_URL + "/sign-in"


def test_the_way_back_is_to_this_host(client):
    def location(host):
        return client.get("/auth/forward/", headers={"X-Forwarded-Uri": "/a", "X-Forwarded-Host": host}).headers["Location"]

    for host in ("login.example.test", "LOGIN.example.test:8443"):
        assert location(host).endswith("/sign-in?next=/a")
    for host in ("evil.example", "login.example.test.evil.example", "login.example.tes", "a@login.example.test"):
        assert location(host).endswith("/sign-in")


# --- real proxies -----------------------------------------------------------------------------------------------------


def free_ports(count):
    """Below those that the kernel hands out, of which one may be another's before it is used."""
    with contextlib.ExitStack() as stack:
        ports = []
        while len(ports) < count:
            sock = stack.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                sock.bind(("127.0.0.1", random.randrange(10000, 32768)))
                ports.append(sock.getsockname()[1])
        return ports


@contextlib.contextmanager
def proxy(port, folder, command, **environment):
    """Runs the program until it listens at the port, and ends it afterwards. Gives its URL."""
    log = folder / "proxy.log"
    with open(log, "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **environment})

    def listens():
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return True

    try:
        lk.wait_for(listens, f"{command[0]} does not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(lk.PATIENCE)


# Each stands before a device's own pages, which greet whom it lets through.


def nginx(folder, server):
    port, device = free_ports(2)
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n"
                        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f"""
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    {temporary}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            auth_request /latchkey;
            auth_request_set $who $upstream_http_remote_user;
            auth_request_set $way_in $upstream_http_location;
            error_page 401 = @sign_in;
            proxy_set_header Remote-User $who;
            proxy_pass http://127.0.0.1:{device};
        }}
        location @sign_in {{ return 302 $way_in; }}
        location = /latchkey {{
            internal;
            proxy_pass https://127.0.0.1:{server.port}/auth/forward/;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Original-URI $request_uri;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
        location /auth/ {{
            proxy_pass https://127.0.0.1:{server.port};
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}
    server {{
        listen 127.0.0.1:{device};
        default_type text/plain;
        location / {{ return 200 "hello $http_remote_user"; }}
    }}
}}
""")
    return proxy(port, folder, [NGINX, "-p", folder, "-c", folder / "nginx.conf"])


def caddy(folder, server):
    port, device = free_ports(2)
    (folder / "Caddyfile").write_text(f"""
{{
    admin off
    auto_https off
}}
http://:{port} {{
    handle /auth/* {{
        reverse_proxy https://localhost:{server.port} {{
            transport http {{
                tls_trusted_ca_certs {server.certificate}
            }}
        }}
    }}
    handle {{
        forward_auth https://localhost:{server.port} {{
            uri /auth/forward/
            copy_headers Remote-User
            transport http {{
                tls_trusted_ca_certs {server.certificate}
            }}
            @out status 401
            handle_response @out {{
                redir {{http.reverse_proxy.header.Location}}
            }}
        }}
        reverse_proxy 127.0.0.1:{device}
    }}
}}
http://:{device} {{
    respond "hello {{header.Remote-User}}"
}}
""")
    return proxy(port, folder, [CADDY, "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"], HOME=str(folder))


@pytest.mark.parametrize("before", [nginx, caddy])
def test_a_proxy_asks(before, client, server, owner, tmp_path):
    with before(tmp_path, server) as url:
        def get(path, **headers):
            headers["Host"] = "login.example.test"
            return requests.get(url + path, headers=headers, allow_redirects=False, timeout=lk.PATIENCE)

        for headers in ({"Cookie": cookie_of(client, owner)}, {"Authorization": f"Bearer {owner.access}"}):
            answer = get("/page?x=1", **headers, **{"Remote-User": "root"})
            assert (answer.status_code, answer.text) == (200, f"hello {owner.username}")
        for headers in ({}, {"Remote-User": owner.username}, {"Authorization": "Bearer x"}):
            answer = get("/page?x=1", **headers)
            assert answer.status_code == 302
            assert answer.headers["Location"] == lk.PUBLIC_URL + "/sign-in?next=/page?x=1"
        if before is nginx:  # Caddy asks at no path of its own
            assert get("/latchkey").status_code == 404


# --- whose X-Forwarded-For is believed ------------------------------------------------------------------------------------


def fail_login(client, expect=401, **headers):
    return client.post("/auth/login/", json={"username": "nobody", "password": "x"}, headers=headers, expect=expect)


# US is where these tests ask from: the proxy, as the server sees it.
US = lk.Server.addresses_of_clients[0]


@pytest.fixture(scope="module")
def proxied(spec):
    """A server, and an access token of its admin."""
    running = lk.Server()
    yield running, lk.Client(running, spec).admin().access
    running.close()


def check_clients(proxied, spec, proxies, rows):
    """rows: what is forwarded, and whom the audit and the log then name."""
    server, token = proxied
    server.restart(trusted_proxies=proxies)
    client = lk.Client(server, spec)
    for number, (forwarded, seen) in enumerate(rows):
        fail_login(client, **{"X-Forwarded-For": forwarded})
        audit = client.get("/auth/audit/", params={"limit": 1}, token=token, expect=200).json()["records"]
        assert (audit[0]["event"], audit[0]["address"]) == ("login_failed", seen)

        def logged():
            return [line for line in server.logged().splitlines() if "path=/auth/login/" in line]

        lk.wait_for(lambda: len(logged()) > number)
        assert logged()[number].endswith(f"peer={seen}")


@pytest.mark.parametrize("proxies, rows", [
    ("", [("192.0.2.7", US)]),
    ("127.0.0.2", [("192.0.2.7", US)]),
    (US, [("192.0.2.7", "192.0.2.7"), ("unknown", US)]),
    (US.split(".")[0] + ".0.0.0/8", [("198.51.100.1, 192.0.2.7", "192.0.2.7")]),
    (f"{US}, 192.0.2.0/24", [("198.51.100.1, 203.0.113.9 ,192.0.2.7", "203.0.113.9"),
                             ("198.51.100.1, nonsense, 192.0.2.7", "192.0.2.7")]),
])
def test_the_client_behind_a_proxy(proxied, spec, proxies, rows):
    check_clients(proxied, spec, proxies, rows)


def test_a_client_of_ipv6_behind_a_proxy(proxied, spec):
    check_clients(proxied, spec, US, [("2001:db8::1", "2001:db8::1")])


def test_the_throttle_counts_the_client_behind_the_proxy(spec):
    server = lk.Server(trusted_proxies=US, throttle="on")
    try:
        client = lk.Client(server, spec)

        def throttled():
            name = f"n{random.randrange(1 << 60)}"
            answer = client.post("/auth/login/", json={"username": name, "password": "x"},
                                 headers={"X-Forwarded-For": "192.0.2.7"})
            return answer.status_code == 429

        lk.wait_for(throttled)
        fail_login(client, **{"X-Forwarded-For": "192.0.2.8"})
        # What stands before the last hop was written by the client itself.
        fail_login(client, **{"X-Forwarded-For": "192.0.2.7, 192.0.2.9"})
    finally:
        server.close()


def test_the_metrics_are_not_for_whom_a_proxy_brings(spec):
    server = lk.Server(trusted_proxies="127.0.0.1")
    try:
        client = lk.Client(server, spec)
        client.get("/metrics", expect=200)
        client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}, expect=403)
        client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1, 192.0.2.7"}, expect=403)
        client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}, expect=403)
    finally:
        server.close()


@pytest.mark.parametrize("field, value", [("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-For", ""),
                                          ("Forwarded", "for=192.0.2.7")])
def test_nor_for_whom_a_proxy_brings_that_nobody_named(spec, field, value):
    server = lk.Server()
    try:
        lk.Client(server, spec).get("/metrics", headers={field: value}, expect=403)
    finally:
        server.close()
