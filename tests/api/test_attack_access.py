"""Who does not belong stays out: tokens of the wrong kind, other people's names, links used twice, odd paths."""
import base64
import concurrent.futures
import hashlib
import hmac
import json
import socket
import time
import uuid

import pytest

import lk

SETTINGS = {"plain_http": "loopback", "listen": "https://127.0.0.1:0"}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forge(header, payload, key):
    """A token of exactly these bytes, well signed."""
    first = f"{b64(header)}.{b64(payload)}"
    return f"{first}.{b64(hmac.new(key, first.encode(), hashlib.sha256).digest())}"


def claims(account, **more):
    now = int(time.time())
    named = {"token_type": "access", "exp": now + 300, "iat": now, "jti": "0" * 32, "user_id": account.id, **more}
    return json.dumps({name: value for name, value in named.items() if value is not None}).encode()


HEADER = b'{"alg":"HS256","typ":"JWT"}'


def session_of(account):
    payload = account.access.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=="))["sid"]


# --- tokens ---


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"none"}',
        b'{"alg":"HS384"}',
        b'{"alg":"hs256"}',
        b'{"alg":["HS256"]}',
        b'{"alg":"HS256","alg":"none"}',
        b'{"alg":"HS256","crit":["exp"]}',
        b'{"alg":"HS256","kid":""}',
        b'{"alg":"HS256","kid":"../../dev/null"}',
        b'{"alg":"HS256","kid":null}',
        b'{"alg":"HS256","b64":false,"crit":["b64"]}',
        b'{"typ":"JWT"}',
    ],
)
def test_a_header_chooses_nothing(client, server, owner, header):
    token = forge(header, claims(owner), server.key("jwt"))
    assert client.get("/auth/me/", token=token).status_code == 401
    client.get("/auth/me/", token=token.rsplit(".", 1)[0] + ".", expect=401)


def test_a_token_without_a_session_is_taken_on_its_own(client, server, owner):
    client.get("/auth/me/", token=forge(HEADER, claims(owner), server.key("jwt")), expect=200)


@pytest.mark.parametrize(
    "wrong",
    [
        {"token_type": "refresh"},
        {"token_type": "internal"},
        {"token_type": "Access"},
        {"token_type": None},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": 0},
        {"exp": -1},
        {"exp": 10**30},
        {"iat": 9999999999},
        {"iat": "1"},
        {"nbf": 9999999999},
        {"jti": None},
        {"user_id": None},
        {"user_id": 1},
        {"user_id": [1]},
        {"sid": str(uuid.uuid4())},
        {"sid": ""},
        {"sid": 0},
    ],
)
def test_a_claim_of_the_wrong_form_is_refused(client, server, owner, wrong):
    client.get("/auth/me/", token=forge(HEADER, claims(owner, **wrong), server.key("jwt")), expect=401)


def test_claims_that_stand_twice_are_refused(client, server, owner, other):
    payload = claims(owner)[:-1] + f',"user_id":"{other.id}"}}'.encode()
    client.get("/auth/me/", token=forge(HEADER, payload, server.key("jwt")), expect=401)
    payload = claims(owner)[:-1] + f',"user\\u005fid":"{other.id}"}}'.encode()
    client.get("/auth/me/", token=forge(HEADER, payload, server.key("jwt")), expect=401)


def test_a_session_serves_its_own_account_alone(client, server, owner, other):
    payload = claims(owner, sid=session_of(other))
    client.get("/auth/me/", token=forge(HEADER, payload, server.key("jwt")), expect=401)


def test_a_logout_ends_both_tokens_and_no_other_session(client, owner):
    second = client.login(owner.username)
    client.post("/auth/logout/", json={"refresh": owner.refresh}, expect=200)
    client.get("/auth/me/", token=owner.access, expect=401)
    client.post("/auth/token/refresh/", json={"refresh": owner.refresh}, expect=401)
    client.get("/auth/me/", token=second.access, expect=200)


def test_tokens_of_one_kind_do_not_pass_for_another(client, server, owner, internal):
    client.get("/auth/me/", token=internal("read", "write", "delete"), expect=401)
    client.get("/auth/", token=owner.access, expect=403)
    client.get("/auth/", token=internal("read", "write", key=server.key("jwt")), expect=401)
    client.get("/auth/", token=internal("write", "delete"), expect=403)
    client.delete(f"/auth/{owner.id}/", token=internal("read", "write"), expect=403)
    client.get("/auth/me/", token=owner.refresh, expect=401)
    client.post("/auth/token/refresh/", json={"refresh": owner.access}, expect=401)
    client.get("/auth/me/", token=server.user_token(owner.id, key=server.key("internal")), expect=401)
    client.get("/auth/", token=internal("read", exp=int(time.time()) + 3600), expect=401)
    client.get("/auth/", token=internal("read", iat=int(time.time()) - 200, exp=int(time.time()) + 200), expect=401)


# --- names ---


def test_nobody_learns_who_exists_without_the_right(client, owner, other):
    for name in (other.username, "no-such-person", other.id, other.email):
        for method, path in (("GET", "/auth/{}/"), ("DELETE", "/auth/delete/{}/"), ("DELETE", "/auth/{}/")):
            client.request(method, path.format(name), token=owner.access, expect=403)
            client.request(method, path.format(name), expect=401)
        client.delete(f"/api/users/delete/{name}/", token=owner.access, expect=403)
        client.post("/api/users/create/", json={"username": name}, token=owner.access, expect=403)


def test_an_own_id_in_place_of_a_name_deletes_nothing(client, owner):
    client.delete(f"/auth/{owner.id}/", token=owner.access, expect=403)
    client.delete(f"/auth/delete/{owner.id}/", token=owner.access, expect=403)
    client.get("/auth/me/", token=owner.access, expect=200)


@pytest.mark.parametrize("name", ["me", "ME", "Token", "ｍｅ", "ｄｏｃ", ".", "..", "Delete", str(uuid.uuid4()), "a/b", "a%2fb"])
def test_names_of_routes_and_ids_are_nobodys(client, name):
    fields = {"username": name, "email": f"{uuid.uuid4().hex}@x.io", "password": lk.PASSWORD}
    assert "username" in client.post("/auth/signup/", json=fields, expect=400).json()


def test_one_name_in_two_forms_is_one_name(client):
    name = "ﬁ" + uuid.uuid4().hex[:8]
    client.signup(name, email=f"{uuid.uuid4().hex}@x.io")
    fields = {"username": "fi" + name[1:], "email": f"{uuid.uuid4().hex}@x.io", "password": lk.PASSWORD}
    assert "username" in client.post("/auth/signup/", json=fields, expect=400).json()


def test_an_address_in_another_case_is_the_same(client, owner):
    fields = {"username": "n" + uuid.uuid4().hex[:8], "email": owner.email.upper(), "password": lk.PASSWORD}
    assert "email" in client.post("/auth/signup/", json=fields, expect=400).json()


# --- more than was asked for ---


@pytest.mark.parametrize("extra", [{"roles": ["admin"]}, {"is_admin": True}, {"is_staff": True}, {"role": "admin"}])
def test_nobody_makes_himself_an_admin(client, server, extra):
    name = "m" + uuid.uuid4().hex[:8]
    fields = {"username": name, "email": f"{name}@x.io", "password": lk.PASSWORD, "full_name": "M", **extra}
    answer = client.post("/auth/register/", json=fields)
    if "roles" in extra:
        assert answer.status_code == 403
        client.post("/auth/register/", data={**fields, "roles": ["user", "admin"]}, expect=403)
        client.post("/auth/signup/", json=fields, expect=201)
    account = client.login(name)
    assert client.get("/auth/me/", token=account.access).json()["roles"] == ["user"]
    client.patch("/api/user/update/", json={"roles": ["admin"], "is_active": False, "id": "x"}, token=account.access)
    me = client.get("/auth/me/", token=account.access, expect=200).json()
    assert me["roles"] == ["user"] and me["id"] == account.id


# --- links ---


def reset(client, server, account, nth=0):
    client.post("/auth/reset_password/", json={"email": account.email}, expect=200)
    return server.link(account.email, "password_reset_confirm", nth)


def test_a_reset_link_serves_once_however_many_ask_at_once(client, server, owner):
    path = reset(client, server, owner)

    def confirm(index):
        password = f"Another-pass-{index}!"
        mine = lk.Client(server, client.spec)
        fields = {"new_password1": password, "new_password2": password}
        return mine.post(path, json=fields).status_code

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(confirm, range(8)))
    # A small server hashes few at a time and sends the others away.
    answered = [code for code in codes if code != 503]
    assert answered == [200] + [400] * (len(answered) - 1)
    client.get("/auth/me/", token=owner.access, expect=401)


def test_links_to_a_former_address_are_dead(client, server, owner):
    path = reset(client, server, owner)
    verify = server.link(owner.email, "verify-email")
    client.patch("/api/user/update/", json={"email": f"new-{owner.email}"}, token=owner.access, expect=200)
    fields = {"new_password1": "Another-pass-9!", "new_password2": "Another-pass-9!"}
    client.post(path, json=fields, expect=400)
    client.get(verify, expect=400)
    assert not client.get("/auth/me/", token=owner.access).json()["email_verified"]


def test_a_link_of_one_kind_or_account_is_not_anothers(client, server, owner, other):
    path = reset(client, server, owner)
    verify = server.link(other.email, "verify-email")
    client.get(verify.replace("verify-email", "password_reset_confirm"), expect=400)
    client.get(path.replace("password_reset_confirm", "verify-email"), expect=400)
    uid = verify.split("/")[3]
    client.get("/".join(path.split("/")[:3] + [uid] + path.split("/")[4:]), expect=400)
    client.get(path, expect=200)


# --- paths ---


@pytest.mark.parametrize(
    "path",
    [
        "/auth/%6de/%2e%2e/",
        "/auth//me/",
        "//auth/me/",
        "/auth/me%00/",
        "/auth/me/..;/",
        "/auth/%c0%ae%c0%ae/",
        "/auth/%ff/",
        "/auth/me%2f/",
        "/auth/./me/",
        "/AUTH/me/",
        "/api/user/media/..%2f..%2fjwt.key",
        "/api/user/media/%2e%2e",
        "/assets/..%2f..%2fetc%2fpasswd",
        "/assets/%2e%2e/",
    ],
)
def test_paths_lead_nowhere_else(server, owner, path):
    """Sent as they are: a client library would tidy them up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=lk.PATIENCE) as plain:
        with server.tls_context.wrap_socket(plain, server_hostname="localhost") as tls:
            tls.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                        f"Authorization: Bearer {owner.access}\r\n\r\n".encode())
            answer = b""
            while part := tls.recv(4096):
                answer += part
    assert answer.split()[1] in (b"403", b"404"), answer
    assert owner.email.encode() not in answer
