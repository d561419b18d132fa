"""The first admin, once."""
import pytest

import lk

SETTINGS = {"throttle": "off"}
NOT_FOUND = {"detail": "Not found."}


@pytest.fixture(scope="module")
def fields(server):
    return {"code": server.setup_code, "username": "chief", "email": "chief@x.io", "password": lk.PASSWORD}


def test_setup_refused(client, fields):
    required = ["This field is required."]
    everything = {"code": required, "username": required, "email": required, "password": required}
    for mount in ("/auth", "/api/auth"):
        assert client.post(f"{mount}/setup/", json={}, expect=400).json() == everything
    wrong = client.post("/auth/setup/", json={**fields, "code": "wrong"}, expect=403).json()
    assert wrong == {"detail": "The setup code is not right."}
    short = client.post("/auth/setup/", json={**fields, "password": "short"}, expect=400).json()
    assert list(short) == ["password"]
    client.post("/auth/setup/", data=b"hello", headers={"Content-Type": "text/plain"}, expect=415)
    client.post("/auth/setup/", data=b" " * 70000, headers={"Content-Type": "application/json"}, expect=413)


def test_setup_code_is_on_the_console_alone(server):
    assert server.setup_code and server.setup_code not in server.logged()


def test_a_restart_gives_a_new_code(client, server, fields):
    old = server.setup_code
    server.restart()
    assert server.setup_code != old
    client.post("/auth/setup/", json={**fields, "code": old}, expect=403)
    fields["code"] = server.setup_code


def test_setup_once(client, server, fields):
    answer = client.post("/auth/setup/", json=fields, expect=201)
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert (body["username"], body["email"], body["roles"]) == ("chief", "chief@x.io", ["user", "admin"])
    chief = client.login("chief")
    assert chief.id == body["id"]
    for mount in ("/auth", "/api/auth"):
        again = {**fields, "username": "second", "email": "second@x.io"}
        assert client.post(f"{mount}/setup/", json=again, expect=404).json() == NOT_FOUND
        assert client.post(f"{mount}/setup/", json={}, expect=404).json() == NOT_FOUND
    server.setup_code = None
    server.restart()
    assert server.setup_code is None
    client.post("/auth/setup/", json=fields, expect=404)
