"""Logging in and out, refreshing and checking tokens: documents 000, 001, 002, 004 and SimpleJWT."""
import time

import jwt
import pytest

import lk

NO_ACCOUNT = {"detail": "No active account found with the given credentials"}
INVALID = {"detail": "Token is invalid or expired", "code": "token_not_valid"}
BLACKLISTED = {"error": "Token is invalid or already blacklisted"}
OUT = {"message": "Logged out successfully"}
LOGINS = ["/auth/login/", "/auth/login", "/api/auth/login/", "/auth/token/", "/auth/token", "/api/auth/token/"]
REFRESHES = [
    "/auth/token/refresh/", "/api/auth/token/refresh", "/auth/refresh/", "/api/auth/refresh/", "/api/user/refresh/"
]


# --- login -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LOGINS)
def test_login_by_username(client, owner, path):
    answer = client.post(path, json={"username": owner.username, "password": owner.password}, expect=200)
    assert set(answer.json()) == {"refresh", "access"}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", LOGINS)
def test_login_by_email(client, owner, path):
    tokens = client.post(path, json={"email": owner.email.upper(), "password": owner.password}, expect=200).json()
    assert set(tokens) == {"refresh", "access", "token", "token_type", "expires_in"}
    assert tokens["token"] == tokens["access"]
    assert tokens["token_type"] == "Bearer" and tokens["expires_in"] == 300


def test_login_with_both_goes_by_username(client, owner, other):
    fields = {"username": owner.username, "email": other.email, "password": owner.password}
    tokens = client.post("/auth/login/", json=fields, expect=200).json()
    assert set(tokens) == {"refresh", "access"}
    assert client.get("/auth/me/", token=tokens["access"]).json()["id"] == owner.id


def test_login_bodies(client, owner):
    fields = {"username": owner.username, "password": owner.password}
    client.post("/auth/login/", data=fields, expect=200)
    client.post("/auth/login/", files={name: (None, value) for name, value in fields.items()}, expect=200)


@pytest.mark.parametrize("path", LOGINS)
def test_login_refused_alike(client, owner, path):
    """Unknown, wrong and far too long are told apart by nothing."""
    for fields in (
        {"username": owner.username, "password": "wrong"},
        {"username": owner.username, "password": owner.password + " "},
        {"username": owner.username, "password": " " + owner.password},
        {"username": owner.username, "password": "x" * 5000},
        {"username": owner.username.upper(), "password": owner.password},
        {"username": "nobody-at-all", "password": owner.password},
        {"username": "no such form $", "password": owner.password},
        {"username": "u" * 700, "password": owner.password},
        {"username": 12345, "password": 12345},
        {"email": "nobody@x.io", "password": owner.password},
        {"email": "no address", "password": owner.password},
    ):
        answer = client.post(path, json=fields, expect=401)
        assert answer.json() == NO_ACCOUNT
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize(
    "fields,wrong",
    [
        ({}, {"username": ["This field is required."], "password": ["This field is required."]}),
        ({"username": "", "password": ""},
         {"username": ["This field may not be blank."], "password": ["This field may not be blank."]}),
        ({"username": "   ", "password": "x"}, {"username": ["This field may not be blank."]}),
        ({"username": None, "password": None},
         {"username": ["This field may not be null."], "password": ["This field may not be null."]}),
        ({"username": True, "password": ["a"]},
         {"username": ["Not a valid string."], "password": ["Not a valid string."]}),
        ({"username": {"a": 1}, "password": "x"}, {"username": ["Not a valid string."]}),
        ({"username": "a\x00b", "password": "x"}, {"username": ["Null characters are not allowed."]}),
        ({"email": True, "password": "x"}, {"email": ["Enter a valid email address."]}),
        ({"email": None, "password": "x"}, {"email": ["This field may not be null."]}),
    ],
)
def test_login_fields(client, fields, wrong):
    assert client.post("/auth/login/", json=fields, expect=400).json() == wrong


def test_login_surrogate(client):
    answer = client.post(
        "/auth/login/",
        data=b'{"username": "a\\ud800b", "password": "x"}',
        headers={"Content-Type": "application/json"},
        expect=400,
    )
    assert answer.json() == {"username": ["Surrogate characters are not allowed: U+D800."]}


def test_login_looks_at_no_authorization(client, owner):
    fields = {"username": owner.username, "password": owner.password}
    client.post("/auth/login/", json=fields, token="garbage", expect=200)


# --- what a token is -------------------------------------------------------------------------------------------------


def test_token_form(client, server, owner):
    access = jwt.decode(owner.access, server.key("jwt"), ["HS256"])
    refresh = jwt.decode(owner.refresh, server.key("jwt"), ["HS256"])
    assert list(access)[:5] == ["token_type", "exp", "iat", "jti", "user_id"]
    assert (access["token_type"], refresh["token_type"]) == ("access", "refresh")
    assert access["user_id"] == owner.id and access["sid"] == refresh["sid"]
    assert access["exp"] - access["iat"] == 300 and refresh["exp"] - refresh["iat"] == 86400
    header = jwt.get_unverified_header(owner.access)
    assert header["alg"] == "HS256" and header["typ"] == "JWT" and set(header) == {"alg", "typ", "kid"}


def test_foreign_token_of_the_shared_key(client, server, owner):
    token = server.user_token(owner.id)
    assert client.get("/auth/me/", token=token, expect=200).json()["id"] == owner.id
    no_typ = server.user_token(owner.id, headers={"typ": None})
    assert "typ" not in jwt.get_unverified_header(no_typ)
    client.get("/auth/me/", token=no_typ, expect=200)


def test_schemes(client, owner):
    for path in ("/auth/me/", "/api/auth/me/", "/api/user/me/"):
        for scheme in ("Bearer", "JWT", "bearer", "BEARER", "jwt", "Jwt", "Bearer  "):
            client.get(path, token=owner.access, scheme=scheme, expect=200)


def refused(client, token, message=None, **body):
    answer = client.get("/auth/me/", token=token, expect=401).json()
    if message is not None:
        assert answer["detail"] == "Given token not valid for any token type"
        assert answer["code"] == "token_not_valid"
        assert answer["messages"][0]["message"] == message
    for name, value in body.items():
        assert answer[name] == value


def test_hostile_tokens(client, server, owner):
    invalid = "Token is invalid or expired"
    now = int(time.time())
    make = server.user_token
    refused(client, make(owner.id, key="", algorithm="none"), invalid)
    refused(client, make(owner.id, algorithm="HS512"), invalid)
    refused(client, make(owner.id, key=b"k" * 32), invalid)
    refused(client, make(owner.id, key=server.key("internal")))
    refused(client, make(owner.id, exp=now - 10), invalid)
    refused(client, make(owner.id, iat=now + 3600), invalid)
    refused(client, make(owner.id, nbf=now + 3600), invalid)
    refused(client, make(owner.id, exp="soon"), invalid)
    refused(client, make(owner.id, exp=str(now + 300)), invalid)
    refused(client, make(owner.id, headers={"kid": "other"}), invalid)
    refused(client, make(owner.id, headers={"crit": ["exp"]}), invalid)
    refused(client, owner.access[:-2] + ("AA" if owner.access[-2:] != "AA" else "BB"), invalid)
    refused(client, owner.access + "=", invalid)
    refused(client, owner.access.rsplit(".", 1)[0] + ".", invalid)


def test_token_claims(client, server, owner):
    make = server.user_token
    refused(client, make(owner.id, token_type="refresh"), "Token has wrong type")
    refused(client, make(owner.id, token_type="internal"), "Token has wrong type")
    refused(client, owner.refresh, "Token has wrong type")
    refused(client, make(owner.id, drop=["token_type"]), "Token has no type")
    refused(client, make(owner.id, drop=["jti"]), "Token has no id")
    refused(client, make(owner.id, drop=["exp"]), "Token has no 'exp' claim")
    no_user = "Token contained no recognizable user identification"
    refused(client, make(owner.id, drop=["user_id"]), detail=no_user, code="token_not_valid")
    unknown = "00000000-0000-4000-8000-000000000000"
    refused(client, make(unknown), detail="User not found", code="user_not_found")
    for user_id in (1, "1", None, ["a"], {"a": 1}, True):
        client.get("/auth/me/", token=make(user_id), expect=401)


@pytest.mark.parametrize("method, path", [("GET", "/auth/me/"), ("POST", "/auth/logout/")])
def test_two_authorization_headers(client, server, owner, method, path):
    """Which of two a proxy and the server take must not matter."""
    import http.client
    import ssl

    context = ssl.create_default_context(cafile=str(server.certificate))
    connection = http.client.HTTPSConnection("localhost", server.port, context=context)
    connection.putrequest(method, path)
    connection.putheader("Authorization", f"Bearer {owner.access}")
    connection.putheader("Authorization", f"Bearer {owner.access}")
    connection.putheader("Content-Length", "0")
    connection.endheaders()
    assert connection.getresponse().status in (400, 401)
    connection.close()
    client.get("/auth/me/", token=owner.access, expect=200)


# --- refresh ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", REFRESHES)
def test_refresh(client, owner, path):
    for field in ("refresh", "refresh_token"):
        answer = client.post(path, json={field: owner.refresh}, expect=200)
        assert set(answer.json()) == {"access"}
        assert answer.headers["Cache-Control"] == "no-store"
        assert client.get("/auth/me/", token=answer.json()["access"], expect=200).json()["id"] == owner.id
    client.post(path, data={"refresh": owner.refresh}, expect=200)
    client.post(path, files={"refresh": (None, owner.refresh)}, expect=200)


@pytest.mark.parametrize("path", REFRESHES)
def test_refresh_fields(client, path):
    required = {"refresh": ["This field is required."]}
    assert client.post(path, json={}, expect=400).json() == required
    assert client.post(path, expect=400).json() == required
    assert client.post(path, json={"access": "x"}, expect=400).json() == required
    assert client.post(path, json={"refresh": ""}, expect=400).json() == {"refresh": ["This field may not be blank."]}
    assert client.post(path, json={"refresh": None}, expect=400).json() == {"refresh": ["This field may not be null."]}
    assert client.post(path, json={"refresh": ["a"]}, expect=400).json() == {"refresh": ["Not a valid string."]}


@pytest.mark.parametrize("path", REFRESHES)
def test_refresh_refused(client, server, owner, path):
    now = int(time.time())
    for token in ("garbage", "a.b.c", 5, owner.refresh[:-3] + "xyz"):
        assert client.post(path, json={"refresh": token}, expect=401).json() == INVALID
    wrong_type = {"detail": "Token has wrong type", "code": "token_not_valid"}
    assert client.post(path, json={"refresh": owner.access}, expect=401).json() == wrong_type
    expired = server.user_token(owner.id, token_type="refresh", exp=now - 5)
    assert client.post(path, json={"refresh": expired}, expect=401).json() == INVALID
    client.post(path, json={"refresh": server.user_token(owner.id, exp=now - 5)}, expect=401)
    no_session = server.user_token(owner.id, token_type="refresh")
    client.post(path, json={"refresh": no_session}, expect=401)
    client.post(path, json={"refresh": server.internal_token("read")}, expect=401)


# --- verify and validate ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mount", ["/auth", "/api/auth"])
def test_verify(client, server, owner, mount):
    for token in (owner.access, owner.refresh):
        assert client.post(f"{mount}/token/verify/", json={"token": token}, expect=200).json() == {}
    expired = server.user_token(owner.id, exp=int(time.time()) - 5)
    for token in ("garbage", expired, 5):
        assert client.post(f"{mount}/token/verify/", json={"token": token}, expect=401).json() == INVALID
    client.post(f"{mount}/token/verify/", json={"token": server.internal_token("read")}, expect=401)
    required = {"token": ["This field is required."]}
    assert client.post(f"{mount}/token/verify/", json={}, expect=400).json() == required


@pytest.mark.parametrize("mount", ["/auth", "/api/auth"])
def test_validate(client, server, owner, mount):
    path = f"{mount}/validate_token/"
    assert client.post(path, json={"token": owner.access}, expect=200).json() == {"message": "Token is valid"}
    assert client.post(path, data={"token": owner.access}, expect=200).json() == {"message": "Token is valid"}
    expired = server.user_token(owner.id, exp=int(time.time()) - 5)
    for token in (owner.refresh, expired, "x", 5, server.internal_token("read")):
        assert client.post(path, json={"token": token}, expect=401).json() == {"message": "Token is invalid"}
    assert client.post(path, json={}, expect=400).json() == {"token": ["This field is required."]}
    assert client.post(path, json={"token": None}, expect=400).json() == {"token": ["This field may not be null."]}
    assert client.post(path, json={"token": []}, expect=400).json() == {"token": ["Not a valid string."]}


# --- logout ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mount", ["/auth", "/api/auth"])
@pytest.mark.parametrize("field", ["refresh_token", "refresh"])
def test_logout_ends_the_session(client, owner, mount, field):
    again = client.login(owner.username)
    assert client.post(f"{mount}/logout/", json={field: owner.refresh}, expect=200).json() == OUT
    refused(client, owner.access, "Token is invalid or expired")
    client.post("/auth/refresh/", json={"refresh": owner.refresh}, expect=401)
    for path in ("/auth/token/verify/", "/auth/validate_token/"):
        client.post(path, json={"token": owner.access}, expect=401)
    client.post("/auth/token/verify/", json={"token": owner.refresh}, expect=401)
    answer = client.post(f"{mount}/logout/", json={field: owner.refresh}, expect=401)
    assert answer.json() == BLACKLISTED
    client.get("/auth/me/", token=again.access, expect=200)


def test_logout_by_header(client, server, owner, internal):
    assert client.post("/auth/logout/", token=owner.access, expect=200).json() == OUT
    client.get("/auth/me/", token=owner.access, expect=401)
    for token in (owner.access, "garbage", internal("read", "write", "delete"), owner.refresh):
        assert client.post("/auth/logout/", token=token, expect=401).json() == BLACKLISTED
    again = client.login(owner.username)
    assert client.post("/auth/logout/", token=server.user_token(owner.id), expect=401).json() == BLACKLISTED
    client.get("/auth/me/", token=again.access, expect=200)


def test_logout_body_wins_over_the_header(client, owner, other):
    client.post("/auth/logout/", token=other.access, json={"refresh_token": owner.refresh}, expect=200)
    client.get("/auth/me/", token=other.access, expect=200)
    client.get("/auth/me/", token=owner.access, expect=401)


def test_logout_bodies(client, owner, other):
    client.post("/auth/logout/", data={"refresh_token": owner.refresh}, expect=200)
    client.post("/auth/logout/", files={"refresh_token": (None, other.refresh)}, expect=200)


def test_logout_refused(client, owner):
    path = "/auth/logout/"
    required = {"refresh_token": ["This field is required."]}
    assert client.post(path, json={}, expect=400).json() == required
    assert client.post(path, expect=400).json() == required
    null = {"refresh_token": ["This field may not be null."]}
    assert client.post(path, json={"refresh_token": None}, expect=400).json() == null
    for value in ("", "  ", ["a"], {}, True):
        assert client.post(path, json={"refresh_token": value}, expect=400).json() == BLACKLISTED
    for value in ("garbage", 5, owner.access, owner.refresh[:-3] + "xyz"):
        answer = client.post(path, json={"refresh_token": value}, expect=401)
        assert answer.json() == BLACKLISTED
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'


# --- accounts that may not come in -----------------------------------------------------------------------------------


def test_inactive_account(client, server, owner):
    """It is answered as if it were unknown where it logs in, and all that it held is void at once."""
    server.command("user", "disable", owner.username)
    fields = {"username": owner.username, "password": owner.password}
    assert client.post("/auth/login/", json=fields, expect=401).json() == NO_ACCOUNT
    mail = {"email": owner.email, "password": owner.password}
    sentence = ["No active account found with the given credentials"]
    refusal = {"email": sentence, "password": sentence}
    assert client.post("/api/user/login/", json=mail, expect=400).json() == refusal
    inactive = {"detail": "User is inactive", "code": "user_inactive"}
    for token in (owner.access, server.user_token(owner.id)):
        assert client.get("/auth/me/", token=token, expect=401).json() == inactive
    for path in REFRESHES:
        answer = client.post(path, json={"refresh": owner.refresh}, expect=401)
        assert answer.json()["code"] == "token_not_valid"
    client.post("/auth/validate_token/", json={"token": owner.access}, expect=401)
    server.command("user", "enable", owner.username)
    client.get("/auth/me/", token=owner.access, expect=401)
    client.login(owner.username)


def test_deleted_account(client, owner):
    client.delete(f"/auth/delete/{owner.username}/", token=owner.access, expect=204)
    for path in REFRESHES:
        answer = client.post(path, json={"refresh": owner.refresh}, expect=401)
        assert answer.json()["code"] == "token_not_valid"
    for path in ("/auth/token/verify/", "/auth/validate_token/"):
        for token in (owner.access, owner.refresh):
            client.post(path, json={"token": token}, expect=401)
    assert client.post("/auth/logout/", json={"refresh_token": owner.refresh}, expect=401).json() == BLACKLISTED


def test_foreign_token_from_before_a_revocation(client, server, owner):
    now = int(time.time())
    early = server.user_token(owner.id, iat=now - 60)
    client.get("/auth/me/", token=early, expect=200)
    server.command("user", "disable", owner.username)
    server.command("user", "enable", owner.username)
    refused(client, early, "Token is invalid or expired")
    # Dates in tokens are whole seconds: the one of the revocation is void too.
    lk.wait_for(lambda: client.get("/auth/me/", token=server.user_token(owner.id)).status_code == 200)


# --- me --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/auth/me/", "/auth/me", "/api/auth/me/"])
def test_me(client, owner, internal, path):
    answer = client.get(path, token=owner.access, expect=200)
    assert answer.json() == {
        "id": owner.id,
        "username": owner.username,
        "email": owner.email,
        "roles": ["user"],
        "is_active": True,
        "email_verified": False,
    }
    assert answer.headers["Cache-Control"] == "no-store"
    client.request("HEAD", path, token=owner.access, expect=200)
    client.get(path, token=internal("read", "write", "delete"), expect=401)


# --- internal tokens -------------------------------------------------------------------------------------------------


def test_internal_token_rules(client, server, owner):
    path = f"/auth/{owner.username}/"
    make = server.internal_token
    now = int(time.time())
    client.get(path, token=make("read"), expect=200)
    client.get(path, token=make("read", aud=["other", "auth-service"]), expect=200)
    for token in (
        make("read", exp=now + 600),
        make("read", iat=now - 100, exp=now + 201),
        make("read", exp=now - 1),
        make("read", key=server.key("jwt")),
        make("read", key=b"k" * 32),
        make("read", drop=["exp"]),
        make("read", drop=["iat"]),
        make("read", drop=["iss"]),
        make("read", drop=["sub"]),
        make("read", drop=["aud"]),
        make("read", aud="other"),
        make("read", sub="someone-else"),
        make("read", token_type="access"),
        make("read", drop=["token_type"]),
    ):
        client.get(path, token=token, expect=401)
    for scopes in (("write",), ("delete",), ()):
        client.get(path, token=make(*scopes), expect=403)
