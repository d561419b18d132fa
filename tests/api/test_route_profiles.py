"""000's profiles."""
import uuid

import pytest

import lk

FORBIDDEN = {"detail": "You do not have permission to perform this action."}
NOT_FOUND = {"detail": "Not found."}
EXISTS = {"username": ["profile with this username already exists."]}
CREATE = "/api/users/create/"


@pytest.mark.parametrize("path", [CREATE, "/api/users/create"])
def test_create_fills_the_profile_once(client, owner, path):
    fields = {"username": owner.username, "biography": "biography blabla"}
    assert client.post(path, json=fields, token=owner.access, expect=201).json() == fields
    assert client.get(f"/api/users/{owner.username}/", token=owner.access, expect=200).json() == fields
    assert client.post(path, json=fields, token=owner.access, expect=400).json() == EXISTS


def test_create_without_a_biography(client, owner):
    wanted = {"username": owner.username, "biography": "Default biography"}
    assert client.post(CREATE, json={"username": owner.username}, token=owner.access, expect=201).json() == wanted
    assert client.post(CREATE, json=wanted, token=owner.access, expect=400).json() == EXISTS


def test_create_bodies(client, owner, other):
    fields = {"username": owner.username, "biography": "form"}
    assert client.post(CREATE, data=fields, token=owner.access, expect=201).json() == fields
    parts = {"username": (None, other.username), "biography": (None, "parts")}
    assert client.post(CREATE, files=parts, token=other.access, expect=201).json()["biography"] == "parts"


@pytest.mark.parametrize("biography", ['Élan 日本 😀\nline2 <b>"q"</b> \\ / \u2028 end', "b" * 10000, "1.5", "\x01\x7f"])
def test_biographies(client, owner, biography):
    fields = {"username": owner.username, "biography": biography}
    answer = client.post(CREATE, json=fields, token=owner.access, expect=201)
    assert answer.json() == fields
    assert "\u2028" not in answer.text
    assert client.get(f"/api/users/{owner.username}/", token=owner.access).json() == fields


def test_number_as_text(client, owner):
    fields = {"username": owner.username, "biography": 1.5}
    assert client.post(CREATE, json=fields, token=owner.access, expect=201).json()["biography"] == "1.5"


@pytest.mark.parametrize(
    "fields,wrong",
    [
        ({}, {"username": ["This field is required."]}),
        ({"username": ""}, {"username": ["This field may not be blank."]}),
        ({"username": "  "}, {"username": ["This field may not be blank."]}),
        ({"username": None}, {"username": ["This field may not be null."]}),
        ({"username": True}, {"username": ["Not a valid string."]}),
        ({"username": ["a"]}, {"username": ["Not a valid string."]}),
        ({"username": "a\x00b"}, {"username": ["Null characters are not allowed."]}),
        ({"username": "x", "biography": ""}, {"biography": ["This field may not be blank."]}),
        ({"username": "x", "biography": None}, {"biography": ["This field may not be null."]}),
        ({"username": "x", "biography": ["a"]}, {"biography": ["Not a valid string."]}),
        ({"username": "x", "biography": "a\x00b"}, {"biography": ["Null characters are not allowed."]}),
    ],
)
def test_create_fields(client, owner, fields, wrong):
    assert client.post(CREATE, json=fields, token=owner.access, expect=400).json() == wrong


def test_biography_too_long(client, owner):
    fields = {"username": owner.username, "biography": "b" * 60000}
    assert list(client.post(CREATE, json=fields, token=owner.access, expect=400).json()) == ["biography"]


def test_create_callers(client, admin, owner, other, internal):
    fields = {"username": owner.username, "biography": "x"}
    client.post(CREATE, json=fields, expect=401)
    for token in (other.access, internal("read", "delete")):
        assert client.post(CREATE, json=fields, token=token, expect=403).json() == FORBIDDEN
        assert client.post(CREATE, json={"username": "nobody"}, token=token, expect=403).json() == FORBIDDEN
    client.post(CREATE, json=fields, token=internal("write"), expect=201)
    client.post(CREATE, json={"username": other.username}, token=admin.access, expect=201)
    for token in (admin.access, internal("write")):
        assert client.post(CREATE, json={"username": "nobody"}, token=token, expect=404).json() == NOT_FOUND
        assert client.post(CREATE, json={"username": "a b/c"}, token=token, expect=404).json() == NOT_FOUND


@pytest.mark.parametrize("slash", ["", "/"])
def test_get(client, owner, other, internal, slash):
    path = f"/api/users/{owner.username}{slash}"
    wanted = {"username": owner.username, "biography": "Default biography"}
    for token in (owner.access, other.access):
        answer = client.get(path, token=token, expect=200)
        assert answer.json() == wanted
        assert answer.headers["Cache-Control"] == "no-store"
    client.request("HEAD", path, token=owner.access, expect=200)
    client.get(path, expect=401)
    client.get(path, token=internal("read", "write", "delete"), expect=401)
    assert client.get(f"/api/users/nobody{slash}", token=owner.access, expect=404).json() == NOT_FOUND


@pytest.mark.parametrize("who", ["owner", "admin", "internal"])
def test_delete(client, admin, owner, other, internal, who):
    path = f"/api/users/delete/{owner.username}/"
    token = {"owner": owner.access, "admin": admin.access, "internal": internal("delete")}[who]
    client.delete(path, expect=401)
    for stranger in (other.access, internal("read", "write")):
        assert client.delete(path, token=stranger, expect=403).json() == FORBIDDEN
    client.delete(path, token=token, expect=204)
    assert client.delete(path, token=token, expect=404).json() == NOT_FOUND
    client.get(f"/api/users/{owner.username}/", token=other.access, expect=404)
    assert client.login(owner.username).id == owner.id
    fields = {"username": owner.username, "biography": "anew"}
    assert client.post(CREATE, json=fields, token=owner.access, expect=201).json() == fields


def test_unicode_name(client):
    name = "Ünïcödé" + uuid.uuid4().hex[:6]
    account = client.signup(name, email=f"{uuid.uuid4().hex}@x.io", password=lk.PASSWORD)
    assert client.get(f"/api/users/{name}/", token=account.access, expect=200).json()["username"] == name
