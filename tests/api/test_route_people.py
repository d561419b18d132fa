"""003: accounts with a name and a picture."""
import json
import struct
import uuid
import zlib

import pytest

import lk

MEDIA = f"{lk.PUBLIC_URL}/api/user/media/"
NOT_IMAGE = "Upload a valid image. The file you uploaded was either not an image or a corrupted image."
NOT_FILE = "The submitted data was not a file. Check the encoding type on the form."
REGISTER = "/api/user/register/"
UPDATE = "/api/user/update/"
LOGIN = "/api/user/login/"


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(size=1, comment=b""):
    rows = b"".join(b"\0" + b"\xff\0\0" * size for _ in range(size))
    parts = chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0))
    if comment:
        parts += chunk(b"tEXt", b"Comment\0" + comment)
    parts += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


GIF = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"


def fresh(**fields):
    return {"email": uuid.uuid4().hex[:12] + "@x.io", "full_name": "Jane Doe", "password": lk.PASSWORD, **fields}


def register(client, **fields):
    """The answer, an access token, and the fields sent."""
    sent = fresh(**fields)
    body = client.post(REGISTER, json=sent, expect=201).json()
    return body, client.post(LOGIN, json=sent, expect=200).json()["tokens"]["access"], sent


def upload(client, content, name="pic.png", media_type="image/png", method="POST", path=REGISTER, token=None, **fields):
    sent = fresh(**fields)
    files = {"profile_pic": (name, content, media_type)}
    return client.request(method, path, data=sent, files=files, token=token)


def fetch(client, url, **kwargs):
    assert url.startswith(MEDIA)
    return client.get(url[len(lk.PUBLIC_URL):], **kwargs)


# --- register and log in ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [REGISTER, "/api/user/register"])
def test_register(client, path):
    for kind in ("json", "data", "files"):
        fields = fresh()
        sent = {name: (None, value) for name, value in fields.items()} if kind == "files" else fields
        answer = client.post(path, **{kind: sent}, expect=201)
        body = answer.json()
        assert uuid.UUID(body.pop("id"))
        assert body == {"full_name": "Jane Doe", "email": fields["email"], "profile_pic": None}
        assert answer.headers["Cache-Control"] == "no-store"
    client.post(path, json=fresh(profile_pic=None), expect=201)
    assert client.post(path, json=fresh(full_name=12345), expect=201).json()["full_name"] == "12345"
    assert client.post(path, json=fresh(full_name="Zoë 日本 😀"), expect=201).json()["full_name"] == "Zoë 日本 😀"


def test_register_fields(client):
    required = ["This field is required."]
    everything = {"full_name": required, "email": required, "password": required}
    assert client.post(REGISTER, json={}, expect=400).json() == everything
    assert client.post(REGISTER, files={"x": (None, "y")}, expect=400).json() == everything
    for fields, wrong in (
        ({"full_name": "   "}, {"full_name": ["This field may not be blank."]}),
        ({"full_name": None}, {"full_name": ["This field may not be null."]}),
        ({"full_name": ["a"]}, {"full_name": ["Not a valid string."]}),
        ({"full_name": "x" * 256}, {"full_name": ["Ensure this field has no more than 255 characters."]}),
        ({"email": 12345}, {"email": ["Enter a valid email address."]}),
        ({"password": None}, {"password": ["This field may not be null."]}),
        ({"password": "x" * 129}, {"password": ["Ensure this field has no more than 128 characters."]}),
        ({"profile_pic": ""}, {"profile_pic": [NOT_FILE]}),
        ({"profile_pic": {}}, {"profile_pic": [NOT_FILE]}),
        ({"profile_pic": "text"}, {"profile_pic": [NOT_FILE]}),
    ):
        assert client.post(REGISTER, json=fresh(**fields), expect=400).json() == wrong


def test_register_taken(client):
    body, _, sent = register(client)
    taken = {"email": ["user with this email already exists."]}
    assert client.post(REGISTER, json=fresh(email=sent["email"].upper()), expect=400).json() == taken


@pytest.mark.parametrize("path", [LOGIN, "/api/user/login"])
def test_login(client, path):
    body, _, sent = register(client)
    for kind in ("json", "data"):
        answer = client.post(path, **{kind: {"email": sent["email"].upper(), "password": sent["password"]}}, expect=200)
        assert answer.headers["Cache-Control"] == "no-store"
        assert set(answer.json()) == {"tokens", "data"} and answer.json()["data"] == body
        access = answer.json()["tokens"]["access"]
        assert client.get("/api/user/me/", token=access, scheme="JWT", expect=200).json() == body
        refresh = {"refresh": answer.json()["tokens"]["refresh"]}
        client.post("/api/user/refresh/", json=refresh, expect=200)


def test_login_refused_alike(client):
    _, _, sent = register(client)
    sentence = ["No active account found with the given credentials"]
    for address, password in ((sent["email"], "wrong"), ("no@x.io", sent["password"]), (sent["email"], "x" * 5000)):
        answer = client.post(LOGIN, json={"email": address, "password": password}, expect=400)
        assert answer.json() == {"email": sentence, "password": sentence}


@pytest.mark.parametrize(
    "fields,wrong",
    [
        ({"email": "nope", "password": "x"}, {"email": ["Enter a valid email address."]}),
        ({"email": "", "password": ""},
         {"email": ["This field may not be blank."], "password": ["This field may not be blank."]}),
        ({"email": None, "password": None},
         {"email": ["This field may not be null."], "password": ["This field may not be null."]}),
        ({}, {"email": ["This field is required."], "password": ["This field is required."]}),
    ],
)
def test_login_fields(client, fields, wrong):
    assert client.post(LOGIN, json=fields, expect=400).json() == wrong


def test_me(client, internal):
    body, token, _ = register(client)
    for path in ("/api/user/me/", "/api/user/me"):
        answer = client.get(path, token=token, scheme="JWT", expect=200)
        assert answer.json() == body and answer.headers["Cache-Control"] == "no-store"
    answer = client.get("/api/user/me/", token=internal("read"), expect=401)
    assert answer.headers["WWW-Authenticate"] == 'JWT realm="api"'


# --- update ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [UPDATE, "/api/user/update"])
def test_put(client, path):
    body, token, sent = register(client)
    new = {**fresh(), "full_name": "日本 😀", "password": sent["password"]}
    for kind in ("json", "data"):
        answer = client.put(path, **{kind: new}, token=token, scheme="JWT", expect=200)
        assert answer.json() == {**body, "full_name": "日本 😀", "email": new["email"]}
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/api/user/me/", token=token).json() == answer.json()


def test_put_fields(client):
    _, token, sent = register(client)
    taken = register(client)[2]["email"]
    required = ["This field is required."]
    everything = {"full_name": required, "email": required, "password": required}
    assert client.put(UPDATE, json={}, token=token, expect=400).json() == everything
    for fields, wrong in (
        ({"email": taken}, {"email": ["user with this email already exists."]}),
        ({"full_name": ""}, {"full_name": ["This field may not be blank."]}),
        ({"password": "short"}, {"password": ["This password is too short. It must contain at least 8 characters."]}),
    ):
        assert client.put(UPDATE, json={**sent, **fields}, token=token, expect=400).json() == wrong
    partly = {"email": sent["email"], "full_name": "J"}
    assert client.put(UPDATE, json=partly, token=token, expect=400).json() == {"password": required}


def test_patch(client):
    body, token, sent = register(client)
    assert client.patch(UPDATE, json={}, token=token, expect=200).json() == body
    assert client.patch(UPDATE, json={"full_name": "N"}, token=token, expect=200).json() == {**body, "full_name": "N"}
    address = fresh()["email"]
    changed = client.patch(UPDATE, data={"email": address}, token=token, expect=200).json()
    assert changed == {**body, "full_name": "N", "email": address}
    assert client.patch(UPDATE, json={"email": "x"}, token=token, expect=400).json() == {
        "email": ["Enter a valid email address."]
    }
    client.post(LOGIN, json={"email": sent["email"], "password": sent["password"]}, expect=400)
    client.post(LOGIN, json={"email": address, "password": sent["password"]}, expect=200)


def test_new_password_ends_other_sessions(client):
    _, token, sent = register(client)
    elsewhere = client.post(LOGIN, json=sent, expect=200).json()["tokens"]
    client.patch(UPDATE, json={"password": "An0ther-pass!"}, token=token, expect=200)
    client.get("/api/user/me/", token=token, expect=200)
    client.get("/api/user/me/", token=elsewhere["access"], expect=401)
    client.post("/api/user/refresh/", json={"refresh": elsewhere["refresh"]}, expect=401)
    client.post(LOGIN, json=sent, expect=400)
    client.post(LOGIN, json={**sent, "password": "An0ther-pass!"}, expect=200)


def test_same_password_ends_nothing(client):
    _, token, sent = register(client)
    elsewhere = client.post(LOGIN, json=sent, expect=200).json()["tokens"]["access"]
    client.put(UPDATE, json=sent, token=token, expect=200)
    client.get("/api/user/me/", token=elsewhere, expect=200)


# --- pictures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name,content,media_type", [("pic.png", png(), "image/png"), ("p.GIF", GIF, "image/gif"),
                                                     ("../../etc/evil.png", png(2), "image/png"),
                                                     ("C:\\pics\\my pic.png", png(3), "image/png")])
def test_upload(client, name, content, media_type):
    body = upload(client, content, name, "application/octet-stream").json()
    picture = fetch(client, body["profile_pic"], expect=200)
    assert picture.content == content and picture.headers["Content-Type"] == media_type
    assert "evil" not in body["profile_pic"]


def test_media(client):
    url = upload(client, png()).json()["profile_pic"]
    answer = fetch(client, url, expect=200)
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "private" in answer.headers["Cache-Control"] and "immutable" in answer.headers["Cache-Control"]
    tag = answer.headers["ETag"]
    for listed in (tag, f'W/{tag}', f'"x", {tag}', "*"):
        assert fetch(client, url, headers={"If-None-Match": listed}, expect=304).content == b""
    fetch(client, url, headers={"If-None-Match": '"x"'}, expect=200)
    head = client.request("HEAD", url[len(lk.PUBLIC_URL):], expect=200)
    assert head.headers["Content-Length"] == str(len(png()))
    fetch(client, url + "/", expect=200)
    for name in ("none.png", "..%2f..%2fdata.mdb", "x" * 200, "jwt.key", "%2e%2e"):
        client.get(f"/api/user/media/{name}", expect=404)


def test_the_name_of_a_picture_stays_out_of_the_log(client, server):
    name = upload(client, png()).json()["profile_pic"][len(MEDIA):]
    client.get(f"/api/user/media/{name}", expect=200)
    client.get("/healthz", expect=200)
    server.wait_logged("/healthz")
    logged = server.logged()
    assert "/api/user/media/" in logged and name not in logged


def test_large_picture(client):
    content = png(8, b"x" * 300000)
    assert fetch(client, upload(client, content).json()["profile_pic"], expect=200).content == content


@pytest.mark.parametrize(
    "name,content,wrong",
    [
        ("t.png", b"just text, no image", NOT_IMAGE),
        ("x.png", b"<html><script></script>", NOT_IMAGE),
        ("cut.png", png()[:-6], NOT_IMAGE),
        ("more.png", png() + b"<script>", NOT_IMAGE),
        ("e.png", b"", "The submitted file is empty."),
        ("n" * 106 + ".png", png(), "Ensure this filename has at most 100 characters (it has 110)."),
    ],
)
def test_upload_refused(client, name, content, wrong):
    answer = upload(client, content, name)
    assert answer.status_code == 400 and answer.json() == {"profile_pic": [wrong]}


@pytest.mark.parametrize("name,extension", [("noext", ""), ("page.html", "html"), ("pic.PNG.exe", "exe"), (".png", "")])
def test_extensions(client, name, extension):
    answer = upload(client, png(), name)
    assert answer.status_code == 400
    sentence = answer.json()["profile_pic"][0]
    assert sentence.startswith(f"File extension “{extension}” is not allowed. Allowed extensions are: ")


def test_picture_over_the_limit(client):
    limit = client.server.max_picture
    answer = upload(client, png(1, b"x" * limit))
    assert answer.status_code == 400
    assert answer.json() == {"profile_pic": [f"Ensure this file has at most {limit} bytes."]}
    assert upload(client, png(1, b"x" * (2 * limit))).status_code == 413


def test_large_pictures(spec):
    """As large as the owner allows, though one takes more than the server's usual memory for requests."""
    server = lk.Server(max_picture="16M")
    try:
        client = lk.Client(server, spec)
        for size in (6 << 20, 16 << 20):
            content = png(1, b"x" * (size - len(png(1, b"x")) + 1))
            assert len(content) == size
            answer = upload(client, content)
            assert answer.status_code == 201, answer.text
            assert fetch(client, answer.json()["profile_pic"]).content == content
    finally:
        server.close()


def test_empty_text_is_no_picture(client):
    fields = {name: (None, value) for name, value in fresh(profile_pic="").items()}
    assert client.post(REGISTER, files=fields, expect=201).json()["profile_pic"] is None
    fields = {name: (None, value) for name, value in fresh(profile_pic="text").items()}
    assert client.post(REGISTER, files=fields, expect=400).json() == {"profile_pic": [NOT_FILE]}


def test_change_and_remove(client):
    body, token, sent = register(client)
    put = dict(method="PUT", path=UPDATE, token=token, **sent)
    first = upload(client, png(), **put).json()["profile_pic"]
    second = upload(client, GIF, "p.gif", **put).json()["profile_pic"]
    assert first != second
    fetch(client, first, expect=404)
    assert fetch(client, second, expect=200).content == GIF
    assert client.put(UPDATE, json=sent, token=token, expect=200).json()["profile_pic"] == second
    assert upload(client, b"junk", "n.png", **put).json() == {"profile_pic": [NOT_IMAGE]}
    assert client.get("/api/user/me/", token=token).json()["profile_pic"] == second
    assert client.put(UPDATE, json={**sent, "profile_pic": None}, token=token, expect=200).json()["profile_pic"] is None
    fetch(client, second, expect=404)
    third = upload(client, png(), **put).json()["profile_pic"]
    empty = {name: (None, value) for name, value in {**sent, "profile_pic": ""}.items()}
    assert client.put(UPDATE, files=empty, token=token, expect=200).json()["profile_pic"] is None
    fetch(client, third, expect=404)
    fourth = upload(client, png(), **{**put, "method": "PATCH"}).json()["profile_pic"]
    fetch(client, fourth, expect=200)


def test_picture_goes_with_the_account(client, internal):
    body = upload(client, png()).json()
    client.delete(f"/auth/{body['id']}/", token=internal("delete"), expect=204)
    fetch(client, body["profile_pic"], expect=404)


def test_links_follow_public_url_alone(client):
    _, token, sent = register(client)
    answer = client.put(UPDATE, data=sent, files={"profile_pic": ("p.png", png(), "image/png")}, token=token,
                        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}, expect=200)
    assert answer.json()["profile_pic"].startswith(MEDIA) and "evil" not in json.dumps(answer.json())
