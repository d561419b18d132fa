"""Tokens of PyJWT and SimpleJWT pass our verifier, and ours pass theirs, through the program jwt_tool."""
import base64
import hashlib
import hmac
import json

import jwt
import pytest
from django.conf import settings

import lk

SECRET = "h3-reference-secret-key-0123456789-abcdefghijklmnopqrstuvwxyz"
NOW = 1700000000
CLAIMS = {"token_type": "access", "exp": NOW + 300, "iat": NOW, "jti": "00112233445566778899aabbccddeeff", "user_id": 1}
VECTOR = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzAwMDAwMzAwLCJpYXQiOjE3MDAwMDAwMDAs"
    "Imp0aSI6IjAwMTEyMjMzNDQ1NTY2Nzc4ODk5YWFiYmNjZGRlZWZmIiwidXNlcl9pZCI6MX0.vQPm9ldSBoGXDSAyv9NejVrPpiz6snmUqD6pF2xp"
    "HZI"
)
MALFORMED, BAD_ALGORITHM, BAD_SIGNATURE, EXPIRED = "error -101", "error -103", "error -105", "error -106"

if not settings.configured:
    settings.configure(
        SECRET_KEY=SECRET,
        USE_TZ=True,
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"],
    )
    import django

    django.setup()


@pytest.fixture(scope="module")
def tool():
    with lk.tool("jwt_tool") as ask:
        yield ask


def sign(tool, claims, secret=SECRET, kid="-"):
    return tool("sign", secret.encode().hex(), kid, json.dumps(claims, separators=(",", ":"), ensure_ascii=False))


def verify(tool, token, secret=SECRET, kid="-", now=NOW):
    return tool("verify", secret.encode().hex(), kid, str(now), token)


def test_vector_both_ways(tool):
    assert json.loads(verify(tool, VECTOR)) == CLAIMS
    assert sign(tool, CLAIMS) == VECTOR
    assert verify(tool, VECTOR, now=NOW + 300) == EXPIRED


@pytest.mark.parametrize("claims", [
    {},
    CLAIMS,
    {"sub": "jos\u00e9 \U0001f600 \u65e5\u672c", "aud": ["a", "b"], "exp": NOW + 1, "deep": {"a": [1, 2.5, None, True]}},
    {"quote": "\"\\/\b\f\n\r\t\u0001\u007f\u2028"},
])
@pytest.mark.parametrize("kid", ["-", "2026-11"])
def test_pyjwt_both_ways(tool, claims, kid):
    headers = None if kid == "-" else {"kid": kid}
    theirs = jwt.encode(claims, SECRET, algorithm="HS256", headers=headers)
    assert json.loads(verify(tool, theirs, kid=kid)) == claims
    ours = sign(tool, claims, kid=kid)
    options = {"verify_exp": False, "verify_aud": False, "verify_iat": False, "verify_sub": False}
    assert jwt.decode(ours, SECRET, algorithms=["HS256"], options=options) == claims
    assert jwt.get_unverified_header(ours).get("kid", "-") == kid


def test_pyjwt_refuses_our_token_under_another_key(tool):
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(sign(tool, {"a": 1}), SECRET + "x", algorithms=["HS256"])
    assert verify(tool, jwt.encode({"a": 1}, SECRET + "x")) == BAD_SIGNATURE


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_other_algorithms_of_pyjwt(tool, algorithm):
    assert verify(tool, jwt.encode(CLAIMS, SECRET, algorithm=algorithm)) == BAD_ALGORITHM


def test_unsigned_token_of_pyjwt(tool):
    assert verify(tool, jwt.encode(CLAIMS, None, algorithm="none")) == BAD_ALGORITHM


def test_header_that_lies_about_its_algorithm(tool):
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    body = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(CLAIMS).encode())
    token = body + b"." + part(hmac.new(SECRET.encode(), body, hashlib.sha512).digest())
    assert verify(tool, token.decode()) == BAD_SIGNATURE


def test_simplejwt_both_ways(tool):
    from rest_framework_simplejwt.backends import TokenBackend
    from rest_framework_simplejwt.tokens import AccessToken

    backend = TokenBackend("HS256", signing_key=SECRET)
    theirs = AccessToken()
    theirs["user_id"] = "0190163d-8694-739b-aea5-966c26f8ad91"
    taken = json.loads(verify(tool, str(theirs), now=theirs["iat"]))
    assert taken == dict(theirs.payload)

    claims = dict(CLAIMS, iat=theirs["iat"], exp=theirs["exp"], sid="0190163d-8694-739b-aea5-966c26f8ad92")
    ours = sign(tool, claims, kid="k1")
    assert backend.decode(ours, verify=True) == claims
    assert AccessToken(ours)["user_id"] == 1
