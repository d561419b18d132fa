"""What the pages call: their session, one's own sessions and account, and what an admin does."""
import base64
import re
import time

import jwt
import pytest

import lk

MOUNTS = ["/auth", "/api/auth"]
CSRF = "X-CSRF-Token"
NO_ACCOUNT = {"detail": "No active account found with the given credentials"}
NO_CREDENTIALS = {"detail": "Authentication credentials were not provided."}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}
LAST_ADMIN = {"detail": "This is the only active administrator: give somebody else the role first."}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


class Page:
    """A browser that is signed in: its cookie, and what it learnt from the page."""

    def __init__(self, client, name, password=lk.PASSWORD, mount="/auth"):
        self.client, self.mount = client, mount
        answer = client.post(f"{mount}/session/", json={"username": name, "password": password},
                             headers={"User-Agent": FIREFOX}, expect=200)
        self.take_cookie(answer)
        self.body = answer.json()
        self.csrf = self.body["csrf_token"]
        self.id = self.body["account"]["id"]

    def take_cookie(self, answer):
        self.cookie = re.match(r"(__Host-latchkey=[^;]*);", answer.headers["Set-Cookie"])[1]

    def request(self, method, path, *, csrf=True, headers=None, **kwargs):
        headers = {"Cookie": self.cookie, **({CSRF: self.csrf} if csrf else {}), **(headers or {})}
        return self.client.request(method, self.mount + path, headers=headers, **kwargs)

    def who(self):
        return self.request("GET", "/session/", csrf=False, expect=200).json()["account"]


@pytest.fixture(params=MOUNTS)
def mount(request):
    return request.param


@pytest.fixture
def page(client, owner, mount):
    return Page(client, owner.username, mount=mount)


@pytest.fixture
def chief(client, admin, mount):
    return Page(client, admin.username, mount=mount)


# What asks for a caller: method, path, body.
OWN = [("DELETE", "/session/", None), ("PATCH", "/session/account/", {"full_name": "X"}), ("GET", "/sessions/", None),
       ("DELETE", "/sessions/", None), ("DELETE", "/sessions/0/", None)]
ADMINS = [("GET", "/accounts/", None), ("POST", "/accounts/", {"email": "z@x.io"}),
          ("PATCH", "/accounts/{id}/", {"is_active": False}), ("DELETE", "/accounts/{id}/", None),
          ("POST", "/accounts/{id}/link/", {}), ("GET", "/audit/", None)]


# --- who may call -----------------------------------------------------------------------------------------------------


def test_nobody(client, mount):
    for method, path, body in OWN + ADMINS:
        assert client.request(method, mount + path.format(id="0"), json=body, expect=401).json() == NO_CREDENTIALS


def test_a_service_is_none_of_them(client, internal, mount):
    token = internal("read", "write", "delete")
    for method, path, body in OWN + ADMINS:
        client.request(method, mount + path.format(id="0"), json=body, token=token, expect=401)


def test_others_are_no_admins(client, page, owner, other, mount):
    for method, path, body in ADMINS:
        path = path.format(id=owner.id)
        assert page.request(method, path, json=body, expect=403).json() == FORBIDDEN
        assert client.request(method, mount + path, json=body, token=other.access, expect=403).json() == FORBIDDEN
    assert page.who()["username"] == owner.username


def test_a_token_does_as_well(client, admin, owner, mount):
    assert len(client.get(f"{mount}/sessions/", token=owner.access, expect=200).json()["sessions"]) == 1
    client.get(f"{mount}/accounts/", token=admin.access, expect=200)
    client.delete(f"{mount}/session/", token=owner.access, expect=204)
    client.delete(f"{mount}/session/", token=owner.access, expect=401)


@pytest.mark.parametrize("method,path,body", OWN + ADMINS)
def test_the_cookie_alone_is_nobody(chief, method, path, body):
    path = path.format(id=chief.id)
    assert chief.request(method, path, json=body, csrf=False, expect=401).json() == NO_CREDENTIALS
    assert chief.who() is not None


@pytest.mark.parametrize("method,path,body", OWN + ADMINS)
def test_a_forged_csrf_token_is_refused(client, chief, admin, method, path, body):
    other = Page(client, admin.username)
    path = path.format(id=chief.id)
    for forged in ("x", other.csrf, chief.csrf[:-1], chief.csrf + "A", chief.csrf.swapcase()):
        answer = chief.request(method, path, json=body, headers={CSRF: forged}, expect=403)
        assert answer.json() == {"detail": "CSRF Failed: CSRF token incorrect."}
    assert chief.who() is not None


@pytest.mark.parametrize("method,path,body", OWN + ADMINS)
def test_another_origin_is_refused(server, chief, method, path, body):
    path = path.format(id=chief.id)
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                    {"Origin": f"http://localhost:{server.port}"}, {"Sec-Fetch-Site": "same-site"}):
        answer = chief.request(method, path, json=body, headers=headers, expect=403)
        assert answer.json() == {"detail": "CSRF Failed: Origin checking failed."}
    assert chief.who() is not None


def test_our_own_origins_are_taken(server, page):
    for headers in ({"Origin": server.url}, {"Origin": lk.PUBLIC_URL}, {"Sec-Fetch-Site": "same-origin"}):
        page.request("GET", "/sessions/", headers=headers, expect=200)


def test_the_cookie_counts_on_these_routes_alone(client, page, owner):
    headers = {"Cookie": page.cookie, CSRF: page.csrf}
    for method, path in (("GET", "/auth/me/"), ("GET", f"/auth/{owner.username}/"), ("GET", "/api/user/me/"),
                         ("PATCH", "/api/user/update/"), ("DELETE", f"/auth/delete/{owner.username}/")):
        client.request(method, path, headers=headers, expect=401)
    token = page.cookie.split("=", 1)[1]
    client.get("/auth/me/", token=token, expect=401)
    client.post("/auth/refresh/", json={"refresh": token}, expect=401)
    client.post("/auth/logout/", json={"refresh": token}, expect=401)
    assert page.who() is not None


# --- signing in and out -----------------------------------------------------------------------------------------------


def test_sign_in(client, owner, mount):
    page = Page(client, owner.email.upper(), mount=mount)
    account = page.body["account"]
    assert (account["id"], account["username"], account["email"]) == (owner.id, owner.username, owner.email)
    assert (page.body["signup"], page.body["setup"], page.body["mail"]) == ("open", False, True)
    claims = jwt.decode(page.cookie.split("=", 1)[1], options={"verify_signature": False})
    assert claims["token_type"] == "page"
    assert page.who() == account
    assert page.request("GET", "/session/", csrf=False).json()["csrf_token"] == page.csrf


def test_sign_in_refused(client, server, owner, mount):
    path = f"{mount}/session/"
    fields = {"username": owner.username, "password": lk.PASSWORD}
    for wrong in ({**fields, "password": "wrong"}, {**fields, "username": "nobody"}):
        answer = client.post(path, json=wrong, expect=401)
        assert answer.json() == NO_ACCOUNT and "Set-Cookie" not in answer.headers
    assert set(client.post(path, json={}, expect=400).json()) == {"username", "password"}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert "Set-Cookie" not in client.post(path, data=fields, headers=headers, expect=403).headers
        assert client.get(path, headers=headers, expect=403).json() == FORBIDDEN
    client.post(path, data=fields, headers={"Origin": server.url}, expect=200)


def test_nobody_is_signed_in(client, mount):
    answer = client.get(f"{mount}/session/", expect=200)
    assert answer.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in answer.headers
    body = answer.json()
    assert (body["account"], body["csrf_token"], body["password_min_length"]) == (None, None, 8)


def test_sign_out(client, page):
    answer = page.request("DELETE", "/session/", expect=204)
    assert answer.headers["Set-Cookie"].startswith("__Host-latchkey=; Path=/; Max-Age=0;")
    page.request("DELETE", "/session/", expect=401)
    answer = page.request("GET", "/session/", csrf=False, expect=200)  # a dead cookie is dropped
    assert answer.json()["account"] is None and "Max-Age=0" in answer.headers["Set-Cookie"]
    for cookie in ("__Host-latchkey=", "__Host-latchkey=a.b.c", f"{page.cookie}; {page.cookie}"):
        assert client.get("/auth/session/", headers={"Cookie": cookie}, expect=200).json()["account"] is None


def test_a_token_without_a_session_has_none_to_end(client, server, owner, mount):
    client.delete(f"{mount}/session/", token=server.user_token(owner.id), expect=404)


def test_a_disabled_accounts_cookie_dies(server, page, owner):
    server.command("user", "disable", owner.username)
    page.request("GET", "/sessions/", expect=401)
    assert page.who() is None
    server.command("user", "enable", owner.username)
    page.request("GET", "/sessions/", expect=401)


def test_a_throttled_sign_in(spec, mount):
    server = lk.Server(throttle="on")
    try:
        client = lk.Client(server, spec)
        fields = {"username": "nobody", "password": "wrong"}
        while (answer := client.post(f"{mount}/session/", json=fields)).status_code == 401:
            pass
        assert answer.status_code == 429 and int(answer.headers["Retry-After"]) >= 1
    finally:
        server.close()


# --- one's own account ------------------------------------------------------------------------------------------------


def test_own_account(client, page):
    changed = page.request("PATCH", "/session/account/", json={"full_name": "Ann A."}, expect=200).json()
    assert changed["full_name"] == "Ann A." and changed == page.who()
    files = {"profile_pic": ("a.png", PIXEL, "image/png")}
    picture = page.request("PATCH", "/session/account/", files=files, expect=200).json()["picture"]
    assert client.get(picture, expect=200).content == PIXEL
    assert page.request("PATCH", "/session/account/", json={"profile_pic": None}, expect=200).json()["picture"] is None
    bad = page.request("PATCH", "/session/account/", json={"full_name": "", "profile_pic": "x"}, expect=400).json()
    assert set(bad) == {"full_name", "profile_pic"}


def test_a_picture_may_be_larger_than_other_bodies(page):
    image = PIXEL[:33] + b"".join(chunk(b"teSt", b"x" * 90000) for _ in range(2)) + PIXEL[33:]
    files = {"profile_pic": ("a.png", image, "image/png")}
    page.request("PATCH", "/session/account/", files=files, expect=200)


def chunk(kind, data):
    import struct
    import zlib
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_password_and_address_ask_for_the_password(client, page, owner):
    path = "/session/account/"
    for change in ({"password": "another good one"}, {"email": "new@" + owner.email.split("@")[0] + ".io"}):
        assert list(page.request("PATCH", path, json=change, expect=400).json()) == ["current_password"]
        wrong = page.request("PATCH", path, json={**change, "current_password": "wrong"}, expect=400).json()
        assert wrong == {"current_password": ["Your old password was entered incorrectly. Please enter it again."]}
    page.request("PATCH", path, json={"email": owner.email, "full_name": "Ann"}, expect=200)  # nothing new
    other = client.login(owner.username)
    change = {"password": "another good one", "current_password": lk.PASSWORD}
    page.request("PATCH", path, json=change, expect=200)
    client.get("/auth/me/", token=other.access, expect=401)  # every other session has ended
    assert page.who() is not None
    assert Page(client, owner.username, "another good one").who() is not None


def test_a_wrong_current_password_counts(spec, mount):
    server = lk.Server(throttle="on")
    try:
        client = lk.Client(server, spec)
        page = Page(client, client.signup().username, mount=mount)
        change = {"password": "another good one", "current_password": "wrong"}
        while (answer := page.request("PATCH", "/session/account/", json=change)).status_code == 400:
            pass
        assert answer.status_code == 429
    finally:
        server.close()


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_sessions(client, page, owner, other):
    rows = page.request("GET", "/sessions/", expect=200).json()["sessions"]
    assert [row["current"] for row in rows] == [False, True]
    assert rows[1]["device"] == "Firefox, Linux" and rows[0]["device"] == "python-requests"
    assert rows[1]["address"] in client.server.addresses_of_clients
    assert rows[1]["created"] <= rows[1]["last_used"] < rows[1]["expires"]
    theirs = client.get("/auth/sessions/", token=other.access, expect=200).json()["sessions"]
    for foreign in (theirs[0]["id"], "0", "00000000-0000-0000-0000-000000000000"):
        page.request("DELETE", f"/sessions/{foreign}/", expect=404)
    page.request("DELETE", f"/sessions/{rows[0]['id']}/", expect=204)
    client.get("/auth/me/", token=owner.access, expect=401)
    client.get("/auth/me/", token=other.access, expect=200)
    client.login(owner.username)
    assert page.request("DELETE", "/sessions/", expect=200).json() == {"ended": 1}
    assert page.request("DELETE", "/sessions/", expect=200).json() == {"ended": 0}
    answer = page.request("DELETE", f"/sessions/{rows[1]['id']}/", expect=204)
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert page.who() is None


# --- accounts ---------------------------------------------------------------------------------------------------------


def find(chief, **query):
    return chief.request("GET", "/accounts/", params=query, expect=200).json()


def test_search(client, chief, owner):
    row, = find(chief, search=owner.username.upper())["accounts"]
    assert row["id"] == owner.id and row["is_active"] and row["has_password"] and row["roles"] == ["user"]
    assert find(chief, search="no such account") == {"accounts": [], "next": None}
    seen, cursor = [], {}
    while True:
        body = find(chief, limit=2, **cursor)
        assert len(body["accounts"]) <= 2
        seen += [row["id"] for row in body["accounts"]]
        if body["next"] is None:
            break
        cursor = {"cursor": body["next"]}
    assert seen == sorted(set(seen)) and {owner.id, chief.id} <= set(seen)
    for query, field in (({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"limit": "x"}, "limit"),
                         ({"cursor": "x"}, "cursor"), ({"search": "x" * 255}, "search")):
        assert list(chief.request("GET", "/accounts/", params=query, expect=400).json()) == [field]
    assert "search" in chief.request("GET", "/accounts/?search=%ff", expect=400).json()


def test_invite(client, chief):
    name = f"guest{time.time_ns()}"
    fields = {"username": name, "email": f"{name}@x.io", "full_name": "A Guest"}
    made = chief.request("POST", "/accounts/", json=fields, expect=201).json()
    assert made["account"]["has_password"] is False and made["account"]["full_name"] == "A Guest"
    assert set(chief.request("POST", "/accounts/", json=fields, expect=400).json()) == {"username", "email"}
    path = made["link"]["url"].removeprefix(lk.PUBLIC_URL)
    new = {"new_password1": lk.PASSWORD, "new_password2": lk.PASSWORD}
    client.get(path, expect=200)
    client.post(path, json=new, expect=200)
    client.post(path, json=new, expect=400)
    assert Page(client, name).who()["email_verified"] is False
    assert list(chief.request("POST", "/accounts/", json={}, expect=400).json()) == ["email"]
    bad = {"email": "b@x.io", "roles": ["king"], "mail": "perhaps"}
    assert set(chief.request("POST", "/accounts/", json=bad, expect=400).json()) == {"roles", "mail"}


def test_invite_by_mail(client, server, chief):
    address = f"guest{time.time_ns()}@x.io"
    made = chief.request("POST", "/accounts/", data={"email": address, "mail": "true"}, expect=201).json()
    assert made["account"]["username"] == address and made["link"]["url"] is None
    path = server.link(address, "password_reset_confirm")
    assert "made an account for" in server.mails(address)[0].get_content()
    new = {"new_password1": lk.PASSWORD, "new_password2": lk.PASSWORD}
    client.post(path, json=new, expect=200)
    assert Page(client, address).who()["email_verified"] is True


def test_manage(client, chief, owner):
    path = f"/accounts/{owner.id}/"
    change = {"is_active": False, "roles": ["user", "admin"], "full_name": "Ann A."}
    row = chief.request("PATCH", path, json=change, expect=200).json()
    assert (row["is_active"], row["roles"], row["full_name"]) == (False, ["user", "admin"], "Ann A.")
    client.get("/auth/me/", token=owner.access, expect=401)
    assert chief.request("POST", path + "link/", json={}, expect=409).json()["detail"].startswith("This account is")
    row = chief.request("PATCH", path, json={"is_active": True, "roles": []}, expect=200).json()
    assert (row["is_active"], row["roles"]) == (True, ["user"])
    bad = {"is_active": "perhaps", "roles": "x", "full_name": ""}
    assert set(chief.request("PATCH", path, json=bad, expect=400).json()) == set(bad)
    for gone in ("0", "00000000-0000-0000-0000-000000000000"):
        chief.request("PATCH", f"/accounts/{gone}/", json={"is_active": True}, expect=404)
        chief.request("DELETE", f"/accounts/{gone}/", expect=404)
        chief.request("POST", f"/accounts/{gone}/link/", json={}, expect=404)
    chief.request("DELETE", path, expect=204)
    chief.request("DELETE", path, expect=404)


def test_a_link_for_somebody(client, server, chief, owner):
    path = f"/accounts/{owner.id}/link/"
    first = chief.request("POST", path, json={"mail": False}, expect=200).json()["url"].removeprefix(lk.PUBLIC_URL)
    assert chief.request("POST", path, json={"mail": True}, expect=200).json()["url"] is None
    new = {"new_password1": "another good one", "new_password2": "another good one"}
    client.post(first, json=new, expect=400)
    client.post(server.link(owner.email, "password_reset_confirm"), json=new, expect=200)
    assert Page(client, owner.username, "another good one").who() is not None
    assert list(chief.request("POST", path, json={"mail": 1}, expect=400).json()) == ["mail"]


def test_the_last_active_admin_stays(client, server, chief, owner):
    path = f"/accounts/{chief.id}/"
    for method, body in (("PATCH", {"is_active": False}), ("PATCH", {"roles": ["user"]}), ("DELETE", None)):
        assert chief.request(method, path, json=body, expect=409).json() == LAST_ADMIN
    server.command("user", "roles", owner.username, "user,admin")
    server.command("user", "disable", owner.username)
    assert chief.request("PATCH", path, json={"roles": []}, expect=409).json() == LAST_ADMIN
    server.command("user", "enable", owner.username)
    deputy = Page(client, owner.username)
    assert deputy.request("PATCH", f"/accounts/{deputy.id}/", json={"roles": []}, expect=200).json()["roles"] == ["user"]
    deputy.request("GET", "/audit/", expect=403)
    assert chief.request("DELETE", path, expect=409).json() == LAST_ADMIN


def test_without_mail_and_with_sign_up_closed(spec):
    server = lk.Server(mail="off")
    try:
        client = lk.Client(server, spec)
        chief = Page(client, client.admin().username)
        assert chief.body["mail"] is False
        answer = chief.request("POST", "/accounts/", json={"email": "a@x.io", "mail": True}, expect=400)
        assert answer.json() == {"mail": ["This server sends no mail."]}
        answer = chief.request("POST", f"/accounts/{chief.id}/link/", json={"mail": True}, expect=400)
        assert list(answer.json()) == ["mail"]
        server.restart(signup="closed")
        chief.request("POST", "/accounts/", json={"email": "a@x.io"}, expect=403)
        assert chief.request("GET", "/session/", csrf=False).json()["signup"] == "closed"
    finally:
        server.close()


# --- audit ------------------------------------------------------------------------------------------------------------


def test_audit(client, chief, owner):
    chief.request("PATCH", f"/accounts/{owner.id}/", json={"is_active": False}, expect=200)
    body = chief.request("GET", "/audit/", params={"limit": 2}, expect=200).json()
    newest = body["records"][0]
    assert (newest["event"], newest["account"], newest["username"]) == ("disabled", owner.id, owner.username)
    assert newest["actor"] == "root-admin" and newest["address"] in client.server.addresses_of_clients
    following = chief.request("GET", "/audit/", params={"cursor": body["next"]}, expect=200).json()["records"]
    assert following[0]["sequence"] == body["records"][1]["sequence"] - 1
    last = chief.request("GET", "/audit/", params={"cursor": "3", "limit": 100}, expect=200).json()
    assert [row["sequence"] for row in last["records"]] == [2, 1] and last["next"] is None
    for query in ({"cursor": "0"}, {"cursor": "x"}, {"limit": "0"}):
        assert list(chief.request("GET", "/audit/", params=query, expect=400).json()) == list(query)


# --- names that are reserved now --------------------------------------------------------------------------------------


def test_new_reserved_words(client):
    """An account that has one from before still logs in: tests/unit/account_pages_test.c."""
    for word in ("session", "Sessions", "accounts", "audit"):
        fields = {"username": word, "email": f"{word}@x.io", "password": lk.PASSWORD}
        assert client.post("/auth/signup/", json=fields, expect=400).json() == {
            "username": ["This username is reserved."]}
