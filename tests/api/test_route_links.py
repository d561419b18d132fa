"""What a mail points to: verifying an address, choosing a new password."""
import re
import secrets

import pytest

import lk

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SENT = {"message": "Password reset e-mail has been sent."}
DONE = {"message": "Password has been reset."}
NEW = "Br4nd-new-pass!"
MOUNTS = ["", "/api"]


def is_page(answer, title):
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f"<h1>{title}</h1>" in answer.text
    assert "{{" not in answer.text and "<script" not in answer.text and "style=" not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert '<meta name="referrer" content="no-referrer">' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r'(src|href|action)="(?!/|\?lang=)', answer.text)


def ask(client, account):
    """The path of a fresh link."""
    def asked():
        return len([m for m in client.server.mails(account.email) if "reset" in m.get_body().get_content()])

    before = asked()
    client.post("/auth/reset_password/", json={"email": account.email}, expect=200)
    lk.wait_for(lambda: asked() > before, "no mail came")
    return client.server.link(account.email, "password_reset_confirm")


# --- languages ---------------------------------------------------------------------------------------------------------


def newest(client, to, count):
    lk.wait_for(lambda: len(client.server.mails(to)) >= count, "no mail came")
    return client.server.mails(to)[-1]


@pytest.mark.parametrize("headers, language", [
    ({"Accept-Language": "fr-CA, en;q=0.5"}, "fr"),
    ({"Accept-Language": "de, en-GB;q=0.9, fr;q=0.8"}, "en"),
    ({"Accept-Language": "en", "Cookie": "latchkey_lang=fr"}, "fr"),  # as it was chosen on the pages
    ({}, "en"),
])
def test_mails_speak_the_language_of_the_request(client, headers, language):
    body = {"username": f"u{secrets.token_hex(6)}", "password": lk.PASSWORD}
    body["email"] = f"{body['username']}@x.io"
    client.post("/auth/signup/", json=body, headers=headers, expect=201)
    verify = newest(client, body["email"], 1)
    client.post("/auth/reset_password/", json={"email": body["email"]}, headers=headers, expect=200)
    reset = newest(client, body["email"], 2)
    assert verify["Content-Language"] == reset["Content-Language"] == language
    words = {"en": ("Confirm your email address on ", "Password reset on "),
             "fr": ("Confirmez votre adresse e-mail sur ", "Réinitialisation du mot de passe sur ")}[language]
    assert verify["Subject"].startswith(words[0]) and reset["Subject"].startswith(words[1])
    assert ("Votre nom d’utilisateur" in reset.get_content()) == (language == "fr")


def test_an_invitation_in_french_of_a_device_with_a_name(spec):
    server = lk.Server(brand_name="Café & Söhne")
    try:
        client = lk.Client(server, spec)
        admin = client.admin()
        client.post("/auth/accounts/", json={"email": "zoe@x.io", "mail": True}, token=admin.access,
                    headers={"Accept-Language": "fr"}, expect=201)
        mail = newest(client, "zoe@x.io", 1)
        assert mail["Subject"] == "Vous avez un compte sur Café & Söhne"
        assert mail.get_content().replace("\r\n", "\n").endswith("L’équipe Café & Söhne\n")
        client.get(server.link("zoe@x.io", "password_reset_confirm"), headers=HTML, expect=200)
    finally:
        server.close()


# --- verify-email ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_verify(client, server, owner, mount, slash):
    link = mount + server.link(owner.email, "verify-email").rstrip("/") + slash
    assert client.get("/auth/me/", token=owner.access).json()["email_verified"] is False
    assert client.get(link, expect=200).json() == {"message": "Email verified successfully"}
    assert client.get("/auth/me/", token=owner.access).json()["email_verified"] is True
    assert client.get(link, expect=400).json() == {"error": "Invalid verification link"}


def test_verify_page(client, server, owner):
    link = server.link(owner.email, "verify-email")
    is_page(client.get(link, headers=HTML, expect=200), "Thank you")
    is_page(client.get(link, headers=HTML, expect=400), "This link is not valid")


def test_head_leaves_the_link_alone(client, server, owner):
    link = server.link(owner.email, "verify-email")
    client.request("HEAD", link, expect=200)
    assert client.get("/auth/me/", token=owner.access).json()["email_verified"] is False
    client.get(link, expect=200)
    client.request("HEAD", link, expect=400)


def test_bad_verify_links(client, server, owner, other):
    _, _, kind, uid, token, *_ = server.link(owner.email, "verify-email").split("/")
    other_uid = server.link(other.email, "verify-email").split("/")[3]
    for path in (f"{uid}/abc-123", f"zzzz/{token}", f"{other_uid}/{token}", f"{uid}/{token[:-1]}", f"{uid}/{token}x",
                 f"%C3%A9/{token}", f"{uid}/%F0%9F%98%80"):
        answer = client.get(f"/auth/verify-email/{path}/", expect=400)
        assert answer.json() == {"error": "Invalid verification link"}
    client.get(f"/auth/verify-email/{uid}/{token}/", expect=200)


def test_kinds_of_links_do_not_mix(client, server, owner):
    verify = server.link(owner.email, "verify-email")
    reset = ask(client, owner)
    client.get(reset.replace("password_reset_confirm", "verify-email"), expect=400)
    crossed = verify.replace("verify-email", "password_reset_confirm")
    client.get(crossed, expect=400)
    client.post(crossed, json={"new_password1": NEW, "new_password2": NEW}, expect=400)


def test_a_changed_address_is_verified_anew(client, server, owner):
    old = server.link(owner.email, "verify-email")
    address = "new-" + owner.email
    client.patch("/api/user/update/", json={"email": address}, token=owner.access, expect=200)
    client.get(old, expect=400)
    client.get(server.link(address, "verify-email"), expect=200)
    assert client.get("/auth/me/", token=owner.access).json()["email_verified"] is True


# --- reset_password --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/auth/reset_password/", "/auth/reset_password", "/api/auth/reset_password/"])
def test_ask(client, owner, path):
    for kind in ("json", "data"):
        for address in (owner.email, owner.email.upper(), "nobody@x.io"):
            assert client.post(path, **{kind: {"email": address}}, expect=200).json() == SENT


@pytest.mark.parametrize(
    "fields,wrong",
    [
        ({}, "This field is required."),
        ({"email": ""}, "This field may not be blank."),
        ({"email": None}, "This field may not be null."),
        ({"email": 5}, "Enter a valid email address."),
        ({"email": {}}, "Enter a valid email address."),
        ({"email": "plain"}, "Enter a valid email address."),
    ],
)
def test_ask_fields(client, fields, wrong):
    assert client.post("/auth/reset_password/", json=fields, expect=400).json() == {"email": [wrong]}


def test_no_mail_to_strangers(client, server, owner):
    client.post("/auth/reset_password/", json={"email": "stranger@x.io"}, expect=200)
    ask(client, owner)
    assert server.mails("stranger@x.io") == []


def test_links_name_public_url(client, server, owner):
    client.post("/auth/reset_password/", json={"email": owner.email}, headers={"Host": "evil.example"}, expect=200)
    server.link(owner.email, "password_reset_confirm")
    for mail in server.mails(owner.email):
        assert "evil" not in mail.as_string()


# --- password_reset_confirm ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize("kind", ["json", "data", "files"])
def test_reset(client, owner, mount, kind):
    link = mount + ask(client, owner)
    is_page(client.get(link, expect=200), "Choose a password")
    client.request("HEAD", link, expect=200)
    fields = {"new_password1": NEW, "new_password2": NEW}
    sent = {name: (None, value) for name, value in fields.items()} if kind == "files" else fields
    assert client.post(link.rstrip("/"), **{kind: sent}, expect=200).json() == DONE
    client.get("/auth/me/", token=owner.access, expect=401)
    client.post("/auth/refresh/", json={"refresh": owner.refresh}, expect=401)
    client.post("/auth/login/", json={"username": owner.username, "password": owner.password}, expect=401)
    again = client.login(owner.username, NEW)
    assert client.get("/auth/me/", token=again.access).json()["email_verified"] is True
    for answer in (client.get(link), client.post(link, json=fields)):
        assert answer.status_code == 400 and "invalid, possibly because" in answer.json()["error"]


def test_reset_in_a_browser(client, owner):
    link = ask(client, owner)
    page = client.get(link, headers=HTML, expect=200)
    is_page(page, "Choose a password")
    assert 'name="new_password1"' in page.text and 'name="new_password2"' in page.text
    for first, second, wrong in (
        (NEW, NEW + "x", "The two password fields didn’t match."),
        ("aZ3$", "aZ3$", "This password is too short. It must contain at least 8 characters."),
        ("", "", "This field may not be blank."),
    ):
        fields = {"new_password1": first, "new_password2": second}
        page = client.post(link, data=fields, headers=HTML, expect=400)
        is_page(page, "Choose a password")
        assert f"<li>{wrong}</li>" in page.text
        assert first == "" or first not in page.text
    fields = {"new_password1": NEW, "new_password2": NEW}
    is_page(client.post(link, data=fields, headers=HTML, expect=200), "Your password is set")
    is_page(client.get(link, headers=HTML, expect=400), "Password reset unsuccessful")
    is_page(client.post(link, data=fields, headers=HTML, expect=400), "Password reset unsuccessful")
    client.login(owner.username, NEW)


def test_reset_fields(client, owner):
    link = ask(client, owner)
    required = ["This field is required."]
    assert client.post(link, json={}, expect=400).json() == {"new_password1": required, "new_password2": required}
    mismatch = client.post(link, json={"new_password1": NEW, "new_password2": "x"}, expect=400).json()
    assert mismatch == {"new_password2": ["The two password fields didn’t match."]}
    short = client.post(link, json={"new_password1": "x", "new_password2": "x"}, expect=400).json()
    assert short == {"new_password2": ["This password is too short. It must contain at least 8 characters."]}
    name = client.post(link, json={"new_password1": owner.username, "new_password2": owner.username}, expect=400)
    assert list(name.json()) == ["new_password2"]
    client.get(link, expect=200)
    assert client.post(link[:-3] + "xyz/", json={}, expect=400).json().keys() == {"error"}


def test_a_new_link_or_password_voids_the_old(client, owner):
    first = ask(client, owner)
    client.patch("/api/user/update/", json={"password": NEW}, token=owner.access, expect=200)
    client.get(first, expect=400)


def test_a_deleted_account_has_no_links(client, owner):
    link = ask(client, owner)
    client.delete(f"/auth/delete/{owner.username}/", token=owner.access, expect=204)
    client.get(link, expect=400)
    client.post(link, json={"new_password1": NEW, "new_password2": NEW}, expect=400)


def test_odd_passwords_in_forms(client, owner):
    """Taken byte for byte, as everywhere."""
    password = " pä ss+w%20&=\t "
    link = ask(client, owner)
    client.post(link, data={"new_password1": password, "new_password2": password}, expect=200)
    client.login(owner.username, password)
    assert lk.PASSWORD != password
