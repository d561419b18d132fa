"""Django checks the hashes that we make, and we check Django's, through the program password_tool."""
import pytest
from django.conf import settings

import lk

if not settings.configured:
    settings.configure(
        SECRET_KEY="h3-reference-secret-key-0123456789-abcdefghijklmnopqrstuvwxyz",
        USE_TZ=True,
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"],
    )
    import django

    django.setup()

from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password  # noqa: E402

PASSWORDS = ["password123", "", " ", "p\u00e4ssw\u00f6rd \u65e5\u672c", "\U0001f600" * 128, "x" * 63, "x" * 64, "x" * 65, "a\0b", "$!$"]
MISMATCH, INVALID, TOO_LARGE = "-15", "-1", "error -4"


@pytest.fixture(scope="module")
def tool():
    with lk.tool("password_tool") as ask:
        yield ask


def make(tool, password, iterations):
    return tool("make", str(iterations), password.encode().hex())


def check(tool, password, encoded):
    return tool("check", password.encode().hex(), encoded)


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("iterations", [1, 2, 1000])
def test_django_takes_ours(tool, password, iterations):
    encoded = make(tool, password, iterations)
    assert encoded.startswith(f"pbkdf2_sha256${iterations}$")
    assert check_password(password, encoded)
    assert not check_password(password + "x", encoded)
    # Our salt has the length and the strength of Django's own, so a login there rewrites nothing for its sake.
    hasher = PBKDF2PasswordHasher()
    hasher.iterations = iterations
    assert not hasher.must_update(encoded)


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("salt", ["seasalt1234567890abcde", "s", "s p\u00e4ce!*", "x" * 64])
def test_we_take_djangos(tool, password, salt):
    encoded = PBKDF2PasswordHasher().encode(password, salt, 1000)
    assert check(tool, password, encoded) == "0"
    assert check(tool, password + "x", encoded) == MISMATCH


def test_the_default_of_django(tool):
    encoded = make_password("correct horse")
    assert check(tool, "correct horse", encoded) == "0"
    assert check(tool, "Correct horse", encoded) == MISMATCH


def test_unusable_password(tool):
    assert check(tool, "", make_password(None)) == MISMATCH
    assert not check_password("", make_password(None))


def test_longest_password(tool):
    assert make(tool, "x" * 513, 1) == TOO_LARGE
    assert check(tool, "x" * 600, make_password("x" * 600)) == "0"


def test_bounds(tool):
    assert make(tool, "x", 0) == f"error {INVALID}"
    assert make(tool, "x", 10000001) == f"error {INVALID}"
    assert check(tool, "x", "pbkdf2_sha256$1000$salt") == INVALID
