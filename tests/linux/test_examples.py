"""The examples, run as a person would: the C and Python programs that verify tokens, the curl recipes, and the way from
Django and back."""
import os
import sys

import pytest

import lk
from linux import EXAMPLES, run

SETTINGS = {"pbkdf2_iterations": "1000", "password_blocklist": "on", "public_url": None}


@pytest.fixture(scope="module")
def verify_c(tmp_path_factory):
    """The C example against latchkey_jwt as it is installed, on the wolfSSL of this build."""
    folder = tmp_path_factory.mktemp("jwt")
    definitions = ";".join(os.environ["LATCHKEY_JWT_DEFINITIONS"].split())
    prefix = folder / "prefix"
    package = prefix / "lib/cmake/wolfssl"
    package.mkdir(parents=True)
    includes = ";".join(str(lk.ROOT / path) for path in ("ports/config", "ports/config/posix"))
    (package / "wolfssl-config.cmake").write_text(f"""
add_library(wolfssl::wolfssl STATIC IMPORTED)
set_target_properties(wolfssl::wolfssl PROPERTIES IMPORTED_LOCATION "{os.environ['LATCHKEY_JWT_WOLFSSL']}"
    INTERFACE_COMPILE_DEFINITIONS "{definitions}"
    INTERFACE_INCLUDE_DIRECTORIES "{os.environ['LATCHKEY_SOURCES']}/wolfssl;{includes}")
""")
    run("cmake", "-S", lk.ROOT / "src/jwt", "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DCMAKE_INSTALL_PREFIX={prefix}", "-DCMAKE_INSTALL_LIBDIR=lib")
    run("cmake", "--build", folder / "build")
    run("cmake", "--install", folder / "build")
    run(os.environ.get("CC", "cc"), "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", EXAMPLES / "verify.c",
        f"-I{prefix}/include", f"-L{prefix}/lib", "-llatchkey_jwt", os.environ["LATCHKEY_JWT_WOLFSSL"], "-lm",
        "-lpthread", "-o", folder / "verify")
    return [folder / "verify"]


@pytest.fixture(scope="module")
def verify_py():
    return [sys.executable, EXAMPLES / "verify.py"]


@pytest.mark.parametrize("language", ["c", "py"])
def test_verify(language, server, client, request):
    program = request.getfixturevalue(f"verify_{language}")
    owner = client.signup(password="correct horse battery")
    key = server.data_dir / "jwt.key"
    assert run(*program, key, input=owner.access + "\n").strip() == owner.id
    for bad in (owner.refresh, owner.access[:-4] + "AAAA", "nonsense", ""):
        run(*program, key, input=bad + "\n", expect=1)
    run(*program, server.data_dir / "internal.key", input=owner.access + "\n", expect=1)
    old = server.user_token(owner.id, iat=1, exp=2)
    run(*program, key, input=old + "\n", expect=1)


def test_the_c_example_is_short():
    assert len((EXAMPLES / "verify.c").read_text().splitlines()) <= 60


RECIPES = {
    "gateway.sh": '"biography":"Wrote the first program."',
    "pages.sh": "Token is valid",
    "services.sh": '"username":"ada"',
    "people.sh": "Ada King",
    "credentials.sh": "Logged out successfully",
}


def test_every_recipe_is_run():
    assert {path.name for path in EXAMPLES.glob("*.sh")} == {*RECIPES, "common.sh"}


@pytest.mark.parametrize("recipe", RECIPES)
def test_recipe(server, recipe):
    internal = server.command("token", "internal", "--service", "example", "--scope",
                              "credentials:read,credentials:delete").strip()
    environment = {**os.environ, "URL": server.url, "CACERT": str(server.certificate), "INTERNAL": internal}
    assert RECIPES[recipe] in run("sh", EXAMPLES / recipe, env=environment)
    assert "ada" not in server.command("user", "list")  # it leaves nothing


# --- Django ----------------------------------------------------------------------------------------------------------------

MANAGE = """
import sys
from django.conf import settings
settings.configure(
    SECRET_KEY="x" * 50, USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
)
import django
django.setup()
from django.core.management import call_command
"""


def django(database, code, **options):
    return run("/usr/bin/python3", "-c", MANAGE + code, database, **options)


def test_moving_in_from_django_and_back(server, client, tmp_path):
    there, back = tmp_path / "there.sqlite", tmp_path / "back.sqlite"
    rows, fixture = tmp_path / "users.jsonl", tmp_path / "back.jsonl"
    django(there, f"""
call_command("migrate", verbosity=0)
from django.contrib.auth.models import User
User.objects.create_user("erika", "erika@x.io", "an old Passw0rd", first_name="Erika", last_name="Muster")
User.objects.create_superuser("boss", "boss@x.io", "another old Passw0rd")
User.objects.create_user("gone", "gone@x.io", "a third Passw0rd", is_active=False)
call_command("dumpdata", "auth.user", format="jsonl", output={str(rows)!r}, verbosity=0)
""")
    assert server.command("import", str(rows)) == "3 imported, 0 refused\n"
    client.login("erika", "an old Passw0rd")
    boss = client.login("boss", "another old Passw0rd")
    assert client.get("/auth/me/", token=boss.access).json()["roles"] == ["user", "admin"]
    client.post("/auth/login/", json={"username": "gone", "password": "a third Passw0rd"}, expect=401)

    # One chooses a new password here; both log in there.
    me = client.post("/api/user/login/", json={"email": "erika@x.io", "password": "an old Passw0rd"}, expect=200).json()
    client.patch("/api/user/update/", json={"password": "a new Passw0rd"}, token=me["tokens"]["access"], expect=200)
    exported = server.command("export")
    fixture.write_text(run(sys.executable, EXAMPLES / "django_back.py", input=exported))
    shown = django(back, f"""
call_command("migrate", verbosity=0)
call_command("loaddata", {str(fixture)!r}, verbosity=0)
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
for name, password in (("erika", "a new Passw0rd"), ("boss", "another old Passw0rd"), ("erika", "an old Passw0rd"),
                       ("gone", "a third Passw0rd")):
    print(authenticate(username=name, password=password))
boss = User.objects.get(username="boss")
erika = User.objects.get(username="erika")
print(boss.is_superuser, erika.is_superuser, erika.get_full_name(), erika.email)
""")
    assert shown.splitlines() == ["erika", "boss", "None", "None", "True False Erika Muster erika@x.io"]
