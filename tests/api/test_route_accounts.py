"""Signing up, seeing, listing and deleting accounts: documents 000, 001 and 004."""
import re
import unicodedata
import urllib.parse
import uuid

import pytest

import lk

FORBIDDEN = {"detail": "You do not have permission to perform this action."}
NOT_FOUND = {"detail": "Not found."}
HASH = re.compile(r"pbkdf2_sha256\$1000\$[A-Za-z0-9]{22}\$[A-Za-z0-9+/]{43}=$")
USERNAME_FORM = "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."
MOUNTS = ["/auth", "/api/auth"]


def fresh(**fields):
    name = "n" + uuid.uuid4().hex[:12]
    return {"username": name, "email": f"{name}@x.io", "password": lk.PASSWORD, **fields}


# --- signup ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/auth/signup/", "/auth/signup", "/api/auth/signup/", "/api/auth/signup"])
def test_signup(client, path):
    for kind in ("json", "data", "files"):
        fields = fresh()
        sent = {name: (None, value) for name, value in fields.items()} if kind == "files" else fields
        answer = client.post(path, **{kind: sent}, expect=201)
        assert answer.json() == {"username": fields["username"], "email": fields["email"]}
        assert answer.headers["Cache-Control"] == "no-store"
        account = client.login(fields["username"])
        profile = client.get(f"/api/users/{fields['username']}/", token=account.access, expect=200)
        assert profile.json() == {"username": fields["username"], "biography": "Default biography"}


def test_signup_gives_no_more_than_a_user(client):
    fields = fresh(is_staff=True, is_superuser=True, roles=["admin"], id=77, is_active=False)
    client.post("/auth/signup/", json=fields, expect=201)
    account = client.login(fields["username"])
    assert client.get("/auth/me/", token=account.access).json()["roles"] == ["user"]


@pytest.mark.parametrize("sent,kept", [("日本語", None), ("émile", None), ("ﬁ-ligature", "fi-ligature"), (" padded ", "padded"),
                                       ("a", None), ("A.b+c@d-e_f", None), (12345, "12345"), ("x" * 150, None)])
def test_usernames_taken(client, sent, kept):
    fields = fresh(username=sent)
    wanted = kept or sent
    assert client.post("/auth/signup/", json=fields, expect=201).json()["username"] == wanted
    again = client.post("/auth/signup/", json={**fresh(), "username": sent}, expect=400).json()
    assert again == {"username": ["A user with that username already exists."]}
    tokens = client.post("/auth/login/", json={"username": sent, "password": lk.PASSWORD}, expect=200).json()
    for form in ("NFC", "NFD", "NFKC"):
        path = urllib.parse.quote(unicodedata.normalize(form, wanted))
        answer = client.get(f"/auth/{path}/", token=tokens["access"], expect=200)
        assert answer.json() == {"username": wanted, "email": fields["email"]}


@pytest.mark.parametrize(
    "username,wrong",
    [
        (None, "This field may not be null."),
        ("", "This field may not be blank."),
        ("   ", "This field may not be blank."),
        (True, "Not a valid string."),
        (["a"], "Not a valid string."),
        ({"a": 1}, "Not a valid string."),
        ("user$", USERNAME_FORM),
        ("<b>", USERNAME_FORM),
        ("a b", USERNAME_FORM),
        ("a/b", USERNAME_FORM),
        ("user\u200b", USERNAME_FORM),
        ("😀", USERNAME_FORM),
        ("x" * 151, "Ensure this field has no more than 150 characters."),
    ],
)
def test_usernames_refused(client, username, wrong):
    assert client.post("/auth/signup/", json=fresh(username=username), expect=400).json() == {"username": [wrong]}


def test_username_with_nul(client):
    wrong = {"username": [USERNAME_FORM, "Null characters are not allowed."]}
    assert client.post("/auth/signup/", json=fresh(username="a\x00b"), expect=400).json() == wrong


@pytest.mark.parametrize("word", ["me", "login", "signup", "register", "token", "refresh", "logout", "doc", "setup", "delete",
                                  "validate_token", "reset_password", "verify-email", "password_reset_confirm", "create"])
def test_usernames_that_name_a_route(client, word):
    assert list(client.post("/auth/signup/", json=fresh(username=word), expect=400).json()) == ["username"]


def test_usernames_differ_by_case(client):
    name = "Case" + uuid.uuid4().hex[:8]
    client.signup(name)
    client.signup(name.lower(), email=f"other{name}@x.io")


@pytest.mark.parametrize(
    "address,wrong",
    [
        (None, ["This field may not be null."]),
        ("", ["This field may not be blank."]),
        (5, ["Enter a valid email address."]),
        (True, ["Enter a valid email address."]),
        (["a"], ["Enter a valid email address."]),
        ("plain", ["Enter a valid email address."]),
        ("@x.io", ["Enter a valid email address."]),
        ("a@b", ["Enter a valid email address."]),
        ("a b@x.io", ["Enter a valid email address."]),
        ("a@x..io", ["Enter a valid email address."]),
        (".a@x.io", ["Enter a valid email address."]),
        ("a@127.0.0.1", ["Enter a valid email address."]),
        ("é@x.io", ["Enter a valid email address."]),
        ("a\x00b@x.io", ["Null characters are not allowed.", "Enter a valid email address."]),
    ],
)
def test_emails_refused(client, address, wrong):
    assert client.post("/auth/signup/", json=fresh(email=address), expect=400).json() == {"email": wrong}


def test_email_is_unique_without_regard_to_case(client, owner):
    answer = client.post("/auth/signup/", json=fresh(email=owner.email.upper()), expect=400)
    assert answer.json() == {"email": ["This field must be unique."]}
    fields = fresh()
    fields["email"] = f"Caps{fields['username']}@Domain.IO"
    kept = client.post("/auth/signup/", json=fields, expect=201).json()["email"]
    assert kept == f"Caps{fields['username']}@domain.io"


@pytest.mark.parametrize(
    "password,wrong",
    [
        ("aZ3$", ["This password is too short. It must contain at least 8 characters."]),
        ("", ["This field may not be blank."]),
        (None, ["This field may not be null."]),
        (True, ["Not a valid string."]),
        (["a"], ["Not a valid string."]),
        ("x" * 129, ["Ensure this field has no more than 128 characters."]),
    ],
)
def test_passwords_refused(client, password, wrong):
    assert client.post("/auth/signup/", json=fresh(password=password), expect=400).json() == {"password": wrong}


def test_passwords_taken_as_sent(client):
    for password in (" lead and trail ", "日本語日本語日本語", "pässwörd ", "x" * 128, "é" * 128):
        account = client.signup(password=password)
        for other in (password + "x", password.strip() + "y"):
            client.post("/auth/login/", json={"username": account.username, "password": other}, expect=401)


def test_password_like_the_name(client):
    name = "longname" + uuid.uuid4().hex[:8]
    answer = client.post("/auth/signup/", json=fresh(username=name, password=name), expect=400).json()
    assert answer == {"password": ["The password is too similar to the username."]}
    address = f"{name}@x.io"
    answer = client.post("/auth/signup/", json=fresh(email=address, password=address), expect=400).json()
    assert answer == {"password": ["The password is too similar to the email address."]}


def test_signup_reports_all_fields(client, owner):
    required = ["This field is required."]
    everything = {"username": required, "email": required, "password": required}
    assert client.post("/auth/signup/", json={}, expect=400).json() == everything
    assert client.post("/auth/signup/", expect=400).json() == everything
    taken = {"username": owner.username, "email": owner.email}
    assert client.post("/auth/signup/", json=taken, expect=400).json() == {
        "username": ["A user with that username already exists."],
        "email": ["This field must be unique."],
        "password": required,
    }


@pytest.mark.parametrize("path", ["/auth/signup/", "/auth/register/", "/api/user/register/", "/api/auth/signup/",
                                  "/api/auth/register/"])
def test_signup_refuses_a_bad_header(client, path):
    assert client.post(path, json=fresh(), token="garbage", expect=401).json()["code"] == "token_not_valid"


# --- register --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/auth/register/", "/auth/register", "/api/auth/register/"])
def test_register(client, path):
    address = uuid.uuid4().hex[:12] + "@x.io"
    answer = client.post(path, json={"email": address, "password": lk.PASSWORD}, expect=201)
    body = answer.json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert (body["username"], body["email"], body["roles"]) == (address, address, ["user"])
    tokens = client.post("/auth/login/", json={"email": address, "password": lk.PASSWORD}, expect=200).json()
    assert client.get("/auth/me/", token=tokens["token"]).json()["id"] == body["id"]
    client.post("/auth/login/", json={"username": address, "password": lk.PASSWORD}, expect=200)


def test_register_with_a_name(client):
    fields = fresh(full_name="Zoë 😀", roles=["user"])
    body = client.post("/auth/register/", json=fields, expect=201).json()
    assert body["username"] == fields["username"]
    account = client.login(fields["username"])
    assert client.get("/api/user/me/", token=account.access).json()["full_name"] == "Zoë 😀"
    answer = client.post("/auth/register/", json=fields, expect=400).json()
    assert set(answer) == {"username", "email"}


def test_register_fields(client):
    required = ["This field is required."]
    assert client.post("/auth/register/", json={}, expect=400).json() == {"email": required, "password": required}
    for roles in (["root"], "admin", [5], {"a": 1}, None):
        assert list(client.post("/auth/register/", json=fresh(roles=roles), expect=400).json()) == ["roles"]


@pytest.mark.parametrize("mount", MOUNTS)
def test_register_roles(client, admin, owner, internal, mount):
    for token in (None, owner.access, internal("read", "delete")):
        answer = client.post(f"{mount}/register/", json=fresh(roles=["admin"]), token=token, expect=403)
        assert answer.json() == FORBIDDEN
    for token in (admin.access, internal("write")):
        fields = fresh(roles=["user", "admin"])
        body = client.post("/auth/register/", json=fields, token=token, expect=201).json()
        assert body["roles"] == ["user", "admin"]
        made = client.login(fields["username"])
        client.get(f"/auth/{owner.username}/", token=made.access, expect=200)
    form = [("email", fresh()["email"]), ("password", lk.PASSWORD), ("roles", "user"), ("roles", "admin")]
    assert client.post("/auth/register/", data=form, token=admin.access, expect=201).json()["roles"] == ["user", "admin"]


# --- GET /auth/<username>/ -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mount", MOUNTS)
def test_account_get(client, admin, owner, other, internal, mount):
    path = f"{mount}/{owner.username}/"
    shown = {"username": owner.username, "email": owner.email}
    for token in (owner.access, admin.access):
        for form in (path, path.rstrip("/")):
            answer = client.get(form, token=token, expect=200)
            assert answer.json() == shown
            assert answer.headers["Cache-Control"] == "no-store"
    with_hash = client.get(path, token=internal("read"), expect=200).json()
    assert HASH.match(with_hash.pop("password")) and with_hash == shown
    client.request("HEAD", path, token=owner.access, expect=200)
    for token in (other.access, internal("write", "delete"), internal()):
        assert client.get(path, token=token, expect=403).json() == FORBIDDEN
    client.get(path, expect=401)


def test_no_right_before_existence(client, admin, owner, internal):
    for path, method in (
        ("/auth/{}/", "GET"),
        ("/api/auth/{}/", "GET"),
        ("/auth/delete/{}/", "DELETE"),
        ("/api/auth/delete/{}/", "DELETE"),
        ("/api/users/delete/{}/", "DELETE"),
    ):
        for name in ("nobody-at-all", admin.username):
            answer = client.request(method, path.format(name), token=owner.access, expect=403)
            assert answer.json() == FORBIDDEN
        for token in (admin.access, internal("read", "delete")):
            answer = client.request(method, path.format("nobody-at-all"), token=token, expect=404)
            assert answer.json() == NOT_FOUND


@pytest.mark.parametrize("name", ["%ff", "a%00b", "%", "%zz", "x" * 700, "a%2Fb"])
def test_odd_names(client, admin, name):
    assert client.get(f"/auth/{name}/", token=admin.access).status_code in (400, 404)


# --- deletes ---------------------------------------------------------------------------------------------------------


def gone(client, admin, account, picture=None):
    client.get("/auth/me/", token=account.access, expect=401)
    client.post("/auth/refresh/", json={"refresh": account.refresh}, expect=401)
    client.post("/auth/login/", json={"username": account.username, "password": account.password}, expect=401)
    client.get(f"/auth/{account.username}/", token=admin.access, expect=404)
    client.get(f"/api/users/{account.username}/", token=admin.access, expect=404)


@pytest.mark.parametrize("mount", MOUNTS)
def test_delete_by_name(client, admin, internal, mount):
    for who in ("owner", "admin", "internal"):
        account = client.signup()
        token = {"owner": account.access, "admin": admin.access, "internal": internal("delete")}[who]
        path = f"{mount}/delete/{account.username}/"
        for stranger in (client.signup().access, internal("read", "write")):
            client.delete(path, token=stranger, expect=403)
        client.delete(path, expect=401)
        assert client.delete(path, token=token, expect=204).content == b""
        gone(client, admin, account)
        answer = client.delete(path, token=account.access, expect=401)
        assert answer.json() == {"detail": "User not found", "code": "user_not_found"}


@pytest.mark.parametrize("mount", MOUNTS)
def test_delete_by_id(client, admin, internal, mount):
    for who in ("admin", "internal"):
        account = client.signup()
        token = {"admin": admin.access, "internal": internal("delete")}[who]
        path = f"{mount}/{account.id}/"
        for stranger in (account.access, client.signup().access, internal("read", "write")):
            client.delete(path, token=stranger, expect=403)
        client.delete(path.rstrip("/"), token=token, expect=204)
        gone(client, admin, account)
        assert client.delete(path, token=token, expect=404).json() == NOT_FOUND
    assert client.delete("/auth/not-an-id/", token=admin.access, expect=404).json() == NOT_FOUND


def test_a_freed_name_is_a_new_account(client, owner):
    client.delete(f"/auth/delete/{owner.username}/", token=owner.access, expect=204)
    again = client.signup(owner.username)
    assert again.id != owner.id
    client.get("/auth/me/", token=owner.access, expect=401)


# --- the list --------------------------------------------------------------------------------------------------------


def test_list(client, server, admin, owner, other, internal):
    answer = client.get("/auth/", token=internal("read"), expect=200)
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    found = {entry["username"]: entry for entry in body["credentials"]}
    assert body["next"] is None
    assert found[owner.username]["id"] == owner.id and HASH.match(found[owner.username]["password"])
    assert found[admin.username]["roles"] == ["user", "admin"]
    assert client.get("/api/auth", token=internal("read"), expect=200).json() == body
    client.request("HEAD", "/auth/", token=internal("read"), expect=200)


def test_list_in_pages(client, owner, other, internal):
    whole = client.get("/auth/", token=internal("read"), expect=200).json()["credentials"]
    paged, cursor = [], None
    while True:
        query = "?limit=3" + (f"&cursor={cursor}" if cursor else "")
        page = client.get("/auth/" + query, token=internal("read"), expect=200).json()
        assert len(page["credentials"]) <= 3
        paged += page["credentials"]
        cursor = page["next"]
        if cursor is None:
            break
    assert paged == whole
    exact = client.get(f"/auth/?limit={len(whole)}", token=internal("read"), expect=200).json()
    assert exact == {"credentials": whole, "next": None}


@pytest.mark.parametrize("mount", MOUNTS)
def test_list_query(client, internal, mount):
    number, value = {"limit": ["A valid integer is required."]}, {"limit": ["Enter a valid value."]}
    for query, wrong in (
        ("limit=x", number),
        ("limit=-1", number),
        ("limit=", number),
        ("limit=0", value),
        ("limit=10001", value),
        ("limit=%ff", value),
        ("cursor=x", {"cursor": ["Enter a valid value."]}),
        ("cursor=x&limit=x", {"cursor": ["Enter a valid value."], **number}),
    ):
        assert client.get(f"{mount}/?{query}", token=internal("read"), expect=400).json() == wrong


@pytest.mark.parametrize("mount", MOUNTS)
def test_list_is_for_services_alone(client, admin, owner, internal, mount):
    client.get(f"{mount}/", expect=401)
    for token in (owner.access, admin.access, internal("write", "delete")):
        assert client.get(f"{mount}/", token=token, expect=403).json() == FORBIDDEN
    client.get("/auth/", token=owner.refresh, expect=401)


def test_long_list(client, internal):
    """More than one piece of the stream, every account once."""
    for _ in range(120):
        client.post("/auth/signup/", json=fresh(), expect=201)
    body = client.get("/auth/", token=internal("read"), expect=200).json()
    ids = [entry["id"] for entry in body["credentials"]]
    assert len(ids) >= 120 and ids == sorted(set(ids)) and body["next"] is None
