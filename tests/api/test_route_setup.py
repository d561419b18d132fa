"""The first admin, once."""
import pytest

import lk

NOT_FOUND = {"detail": "Not found."}


@pytest.fixture(scope="module", params=["/auth/setup/", "/api/auth/setup/"])
def path(request):
    return request.param


@pytest.fixture(scope="module")
def server(path):
    """One for each path: the first admin is made once."""
    running = lk.Server()
    yield running
    running.close()


@pytest.fixture(scope="module")
def fields(server):
    return {"code": server.setup_code, "username": "chief", "email": "chief@x.io", "password": lk.PASSWORD}


def test_setup_refused(client, path, fields):
    required = ["This field is required."]
    everything = {"code": required, "username": required, "email": required, "password": required}
    assert client.post(path, json={}, expect=400).json() == everything
    wrong = client.post(path, json={**fields, "code": "wrong"}, expect=403).json()
    assert wrong == {"detail": "The setup code is not right."}
    assert list(client.post(path, json={**fields, "password": "short"}, expect=400).json()) == ["password"]
    client.post(path, data=b"hello", headers={"Content-Type": "text/plain"}, expect=415)
    client.post(path, data=b" " * 70000, headers={"Content-Type": "application/json"}, expect=413)


def test_setup_code_is_on_the_console_alone(server):
    assert server.setup_code and server.setup_code not in server.logged()


def test_a_restart_gives_a_new_code(client, server, path, fields):
    old = server.setup_code
    server.restart()
    assert server.setup_code != old
    client.post(path, json={**fields, "code": old}, expect=403)
    fields["code"] = server.setup_code


def test_setup_once(client, server, path, fields):
    answer = client.post(path.rstrip("/"), json=fields, expect=201)
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert (body["username"], body["email"], body["roles"]) == ("chief", "chief@x.io", ["user", "admin"])
    assert client.login("chief").id == body["id"]
    again = {**fields, "username": "second", "email": "second@x.io"}
    assert client.post(path, json=again, expect=404).json() == NOT_FOUND
    assert client.post(path, json={}, expect=404).json() == NOT_FOUND
    server.setup_code = None
    server.restart()
    assert server.setup_code is None
    client.post(path, json=fields, expect=404)
