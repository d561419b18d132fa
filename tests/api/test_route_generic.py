"""What holds for every route, on both mounts, with and without a slash at the end: taken from openapi.json."""
import pytest

import conftest

OPERATIONS = [(template, method) for template, method, _ in conftest.SPEC.operations()]
# Setup is over here: it is gone, whatever is sent. test_route_setup.py has its bodies.
BODIES = [(t, m) for t, m, o in conftest.SPEC.operations() if "requestBody" in o and not t.endswith("/setup/")]
SECURED = [(t, m) for t, m, o in conftest.SPEC.operations() if o["security"] and {} not in o["security"]]
# A path of which one method is open says 405 to everyone.
OPEN = {t for t, _, o in conftest.SPEC.operations() if not o["security"] or {} in o["security"]}
TEMPLATES = list(conftest.SPEC.document["paths"])
VARIABLES = {"username": "nobody", "uidb64": "abc", "token": "def", "image": "none.png", "name": "none.css",
             "account_id": "0", "session_id": "0"}


def fill(template):
    for name, value in VARIABLES.items():
        template = template.replace("{%s}" % name, value)
    return template


def credentials(template, method, admin, internal):
    """A token that is good enough to come past the router."""
    if template in ("/auth/", "/api/auth/"):
        return internal("read")
    return admin.access if (template, method) in SECURED else None


@pytest.mark.parametrize("template", TEMPLATES)
def test_options(client, template):
    for path in {fill(template), fill(template).rstrip("/")}:
        client.request("OPTIONS", path, expect=200)


@pytest.mark.parametrize("template", TEMPLATES)
def test_other_methods(client, spec, admin, internal, template):
    token = internal("read") if template in ("/auth/", "/api/auth/") else admin.access
    missing = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO"} - spec.methods(template)
    for method in sorted(missing):
        answer = client.request(method, fill(template), token=token, expect=405)
        if method != "HEAD":
            assert answer.json() == {"detail": f'Method "{method}" not allowed.'}


@pytest.mark.parametrize("template,method", SECURED)
def test_no_credentials(client, template, method):
    scheme = "JWT" if template.startswith("/api/user/") else "Bearer"
    for header in (None, "", "Basic dTpw", "eyJhbGciOiJIUzI1NiJ9.e30.x", "Token abc"):
        headers = {} if header is None else {"Authorization": header}
        answer = client.request(method, fill(template), headers=headers, expect=401)
        assert answer.json() == {"detail": "Authentication credentials were not provided."}
        assert answer.headers["WWW-Authenticate"] == f'{scheme} realm="api"'


# /auth/forward/ looks for its caller by itself, to say where to sign in: after the router looked at the method.
LATE = {"/auth/forward/", "/api/auth/forward/"}


@pytest.mark.parametrize("template,method", [(t, m) for t, m in SECURED if t not in OPEN | LATE])
def test_wrong_method_needs_credentials_first(client, spec, template, method):
    for other in sorted({"POST", "PUT", "FOO"} - spec.methods(template)):
        client.request(other, fill(template), expect=401)


@pytest.mark.parametrize("template,method", SECURED)
def test_bad_credentials(client, template, method):
    for header in ("Bearer", "Bearer a b", "JWT", "jwt a b"):
        answer = client.request(method, fill(template), headers={"Authorization": header}, expect=401)
        assert answer.json() == {
            "detail": "Authorization header must contain two space-delimited values",
            "code": "bad_authorization_header",
        }
    for token in ("garbage", "a.b.c", "x" * 3000):
        answer = client.request(method, fill(template), token=token, expect=401)
        assert answer.json() == {
            "detail": "Given token not valid for any token type",
            "code": "token_not_valid",
            "messages": [
                {"token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired"}
            ],
        }


@pytest.mark.parametrize("template,method", OPERATIONS)
def test_accept(client, spec, admin, internal, template, method):
    token = credentials(template, method, admin, internal)
    operation = spec.resolve(spec.document["paths"][template])[method]
    answer = client.request(method, fill(template), token=token, headers={"Accept": "application/xml"})
    if "406" in operation["responses"]:
        assert answer.status_code == 406
        assert answer.json() == {"detail": "Could not satisfy the request Accept header."}
    else:
        assert answer.status_code != 406


@pytest.mark.parametrize("template,method", BODIES)
def test_media_types(client, admin, internal, template, method):
    token = credentials(template, method, admin, internal)
    for media_type in ("text/plain", "application/xml", "application/vnd.api+json", ""):
        headers = {"Content-Type": media_type} if media_type else {}
        answer = client.request(method, fill(template), token=token, headers=headers, data=b"hello", expect=415)
        assert answer.json() == {"detail": f'Unsupported media type "{media_type}" in request.'}


@pytest.mark.parametrize("template,method", BODIES)
def test_broken_bodies(client, admin, internal, template, method):
    token = credentials(template, method, admin, internal)

    def send(media_type, data):
        headers = {"Content-Type": media_type}
        return client.request(method, fill(template), token=token, headers=headers, data=data, expect=400).json()

    for text in (b"{'a':1}", b'{"a":1} x', b'{"a": ', b'{"a": NaN}', b'{"a": "\xff"}', b"\xef\xbb\xbf{}", b"[" * 5000):
        assert send("application/json", text)["detail"].startswith("JSON parse error")
    for text, kind in ((b"[]", "list"), (b'"s"', "str"), (b"5", "int"), (b"1.5", "float"), (b"true", "bool")):
        wanted = {"non_field_errors": [f"Invalid data. Expected a dictionary, but got {kind}."]}
        assert send("application/json", text) == wanted
    assert send("application/json", b"null") == {"non_field_errors": ["No data provided"]}
    assert send("multipart/form-data", b"x") == {
        "detail": "Multipart form parse error - Invalid boundary in multipart: None"
    }


@pytest.mark.parametrize("template,method", BODIES)
def test_too_large(client, admin, internal, template, method):
    token = credentials(template, method, admin, internal)
    headers = {"Content-Type": "application/json"}
    chunks = (b" " * 7000 for _ in range(10))
    for data in (b" " * 70000, chunks):
        answer = client.request(method, fill(template), token=token, headers=headers, data=data)
        assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/nothing", "/auth", "/AUTH/login/", "/api/", "/api/other/", "/auth//login/",
                                  "/auth/a/b/c/d/", "/api/user/", "/api/users/", "/api/user/media/", "/favicon.ico"])
def test_unknown_paths(client, path):
    if path == "/auth":
        client.get(path, expect=401)
    else:
        assert client.get(path, expect=404).json() == {"detail": "Not found."}


def test_a_secret_stays_out_of_the_log(client, server, owner):
    secret = "s3cret-part-of-a-link"
    client.get(f"/auth/verify-email/abc/{secret}/", expect=400)
    client.get("/auth/me/", token=owner.access, expect=200)
    logged = server.logged()
    assert "/auth/verify-email/" in logged
    for hidden in (secret, owner.access, owner.refresh, owner.password):
        assert hidden not in logged
