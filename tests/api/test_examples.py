"""Every operation of openapi.json has an example, and the example runs: each against an account of its own state."""
import base64
import re
from urllib.parse import quote

import jwt
import pytest

import lk

SPEC = lk.Spec()
NAME, EMAIL, PASSWORD = "ada", "ada@example.com", "correct horse battery"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
MAKES_THE_ACCOUNT = {"signup", "register", "setup", "registerPerson"}
# What the caller must be, beyond a person that is logged in.
BY_A_SERVICE = {"listCredentials": "read"}
BY_AN_ADMIN = {"deleteAccountById", "findAccounts", "invite", "manageAccount", "manageDelete", "handLink", "audit"}
# Those that take a caller run under either scheme.
CASES = [
    pytest.param(template, method, operation, scheme, id=f"{method} {template} {scheme}")
    for template, method, operation in SPEC.operations()
    for scheme in (("Bearer", "JWT") if any(operation["security"]) else ("Bearer",))
]


@pytest.fixture
def fresh(server, operation):
    """A server with no account at all. The first admin is made once in its life."""
    if operation["operationId"] == "setup":
        own = lk.Server()
        yield own
        own.close()
        return
    yield server
    for row in server.command("user", "list").splitlines()[1:]:
        server.command("user", "delete", row.split()[0])
    for mail in server.mail_dir.glob("*.eml"):
        mail.unlink()


def parameters(template, operation):
    """Those of the operation, and of its path where the operation does not say otherwise."""
    shared = SPEC.resolve(SPEC.document["paths"][template]).get("parameters", [])
    both = {(p["name"], p["in"]): p for p in shared}
    both.update({(p["name"], p["in"]): p for p in operation.get("parameters", [])})
    return both.values()


def words_in(operation, template):
    """The words in braces of its examples: what only the caller has."""
    text = str(operation.get("requestBody", "")) + str(list(parameters(template, operation)))
    return set(re.findall(r"'\{(\w+)\}'", text))


def learn(server, client, operation_id, wanted):
    """Does what brings the words, as a person would."""
    known = {"code": server.setup_code}
    if operation_id in MAKES_THE_ACCOUNT:
        return known
    fields = {"email": EMAIL, "full_name": "Ada Lovelace", "password": PASSWORD}
    with_picture = {"profile_pic": ("ada.png", PIXEL, "image/png")}
    if "image" in wanted:
        made = client.post("/api/user/register/", data=fields, files=with_picture, expect=201).json()
        known["image"] = made["profile_pic"].rsplit("/", 1)[1]
    else:
        client.post("/auth/register/", json={**fields, "username": NAME}, expect=201)
    known.update(client.post("/auth/login/", json={"email": EMAIL, "password": PASSWORD}, expect=200).json())
    known["session"] = jwt.decode(known["access"], options={"verify_signature": False})["sid"]
    if "other_id" in wanted:
        other = {"username": "other", "email": "other@example.com", "password": PASSWORD}
        known["other_id"] = client.post("/auth/register/", json=other, expect=201).json()["id"]
    known["id"] = client.get("/auth/me/", token=known["access"], expect=200).json()["id"]
    if "link_token" in wanted:
        kind = "verify-email" if operation_id == "verifyEmail" else "password_reset_confirm"
        if kind == "password_reset_confirm":
            client.post("/auth/reset_password/", json={"email": EMAIL}, expect=200)
        known["uidb64"], known["link_token"] = server.link(EMAIL, kind, user_id=known["id"]).strip("/").split("/")[-2:]
    return known


def fill(value, known):
    if isinstance(value, dict):
        return {key: fill(inner, known) for key, inner in value.items()}
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda word: known[word[1]], value)
    return value


@pytest.mark.parametrize("template, method, operation, scheme", CASES)
def test_the_example_runs(fresh, spec, template, method, operation, scheme):
    client = lk.Client(fresh, spec)
    name = operation["operationId"]
    secured = any(operation["security"])
    known = learn(fresh, client, name, words_in(operation, template))
    if name in BY_AN_ADMIN:
        fresh.command("user", "roles", NAME, "user,admin")
    token = known.get("access") if secured and {} not in operation["security"] else None
    if name in BY_A_SERVICE:
        token = fresh.internal_token(BY_A_SERVICE[name])
    path, query = template, {}
    for parameter in parameters(template, operation):
        assert "example" in parameter or not parameter.get("required"), parameter["name"]
        if "example" in parameter and parameter["in"] == "path":
            path = path.replace("{%s}" % parameter["name"], quote(fill(parameter["example"], known), safe=""))
        elif "example" in parameter:
            query[parameter["name"]] = parameter["example"]
    body = None
    if "requestBody" in operation:
        body = fill(operation["requestBody"]["content"]["application/json"]["example"], known)
    good = min(int(status) for status in operation["responses"])
    client.request(method, path, params=query, json=body, token=token, scheme=scheme, expect=good)
