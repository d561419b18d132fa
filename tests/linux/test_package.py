"""The Debian package: what it holds, its life on a machine, and that two builds of it are the same bytes.

The life on a machine needs root: an overlay over this machine's own files, in a mount namespace of its own, takes what
dpkg does, and goes away with the test. Without root the rest runs: the content, the program out of it, the second build."""
import os
import re
import shutil
import socket
import subprocess

import pytest
import requests

import lk
from linux import BUILD, EPOCH, lacks_namespaces, pack, run

LIMIT = 60  # seconds, for what takes a moment


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return pack(BUILD, tmp_path_factory.mktemp("package") / "out")


def test_content(package, tmp_path):
    assert re.fullmatch(r"latchkey_\d+\.\d+\.\d+_\w+\.deb", package.name)
    rows = run("dpkg-deb", "-c", package).splitlines()
    for row in rows:
        assert row.split()[1] == "root/root" and not re.match(r"^.[rwx-]{4}w|^.[rwx-]{7}w", row), row
    names = {row.split()[5].removeprefix(".") for row in rows}
    assert {"/usr/sbin/latchkeyd", "/etc/latchkey/latchkey.conf", "/usr/lib/systemd/system/latchkeyd.service",
            "/usr/lib/sysusers.d/latchkey.conf", "/usr/lib/tmpfiles.d/latchkey.conf", "/usr/share/man/man8/latchkeyd.8",
            "/usr/share/doc/latchkey/latchkey.spdx.json", "/usr/share/doc/latchkey/LICENSE",
            "/usr/share/bash-completion/completions/latchkeyd"} <= names
    run("dpkg-deb", "-x", package, tmp_path)
    program = tmp_path / "usr/sbin/latchkeyd"
    assert "Latchkey" in run(program, "--version")
    needed = set(re.findall(r"NEEDED.*\[(\S+)\]", run("readelf", "-d", program)))
    assert {name for name in needed if not name.startswith("ld-linux")} == {"libc.so.6"}
    assert ".debug_info" not in run("readelf", "-S", program)


def test_two_builds_are_the_same(package, tmp_path):
    """The same files in another folder, built from nothing without a cache, on another day."""
    tree = tmp_path / "a place of another length"
    names = run("git", "-C", lk.ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    assert "README.md" in names
    for name in filter(None, names):
        if (lk.ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(lk.ROOT / name, tree / name)
    build = tree / "out"
    environment = {key: value for key, value in os.environ.items() if key != "CMAKE_C_COMPILER_LAUNCHER"}
    environment["SOURCE_DATE_EPOCH"] = EPOCH
    run("cmake", "-S", tree, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DLATCHKEY_TESTS=OFF",
        f"-DCMAKE_C_COMPILER={os.environ.get('CC', 'gcc')}", f"-DLATCHKEY_SOURCES={os.environ['LATCHKEY_SOURCES']}",
        env=environment)
    run("cmake", "--build", build, "--target", "latchkeyd", "linux_files", env=environment)
    again = pack(build, tmp_path / "again")
    assert again.name == package.name
    assert again.read_bytes() == package.read_bytes()


# --- on a machine ------------------------------------------------------------------------------------------------------------


class Machine:
    """This machine's files under an overlay, in a namespace of its own: what happens there stays there."""

    def __init__(self, folder):
        self.root = folder / "root"
        for name in ("upper", "work", "root"):
            (folder / name).mkdir()
        script = (f"mount -t tmpfs none {folder}/upper && mkdir {folder}/upper/u {folder}/upper/w && "
                  f"mount -t overlay none -o lowerdir=/,upperdir={folder}/upper/u,workdir={folder}/upper/w {self.root} && "
                  f"mount -t proc none {self.root}/proc && mount --rbind /dev {self.root}/dev && "
                  f"mount -t tmpfs none {self.root}/run && mount -t tmpfs none {self.root}/tmp && echo up && cat")
        self.keeper = subprocess.Popen(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.keeper.stdout.readline() == "up\n"

    def command(self, *words):
        """The namespace is that of the shell under unshare."""
        child = run("pgrep", "-P", self.keeper.pid).split()[0]
        return ["nsenter", "--target", child, "--mount", "--pid", f"--root=/proc/{child}/root", "chroot", str(self.root),
                *map(str, words)]

    def run(self, *words, **options):
        return run(*self.command(*words), **options)

    def end(self):
        self.keeper.stdin.close()
        self.keeper.wait(LIMIT)
        self.keeper.stdout.close()


@pytest.fixture
def machine(tmp_path):
    if why := lacks_namespaces():
        pytest.skip(why)
    here = Machine(tmp_path)
    yield here
    here.end()


class Service:
    """The unit's command as its user, told of readiness by the protocol of the service manager."""

    def __init__(self, machine, port, folder):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"\0latchkey-test-{os.getpid()}")
        self.socket.settimeout(LIMIT)
        unit = machine.run("cat", "/usr/lib/systemd/system/latchkeyd.service")
        command = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)[1].split()
        self.out = open(folder, "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            machine.command("setpriv", "--reuid", "latchkey", "--regid", "latchkey", "--clear-groups", "--no-new-privs",
                            "--bounding-set=-all", *command, f"listen=https://127.0.0.1:{port}", "pbkdf2_iterations=1000"),
            stdout=self.out, stderr=self.out,
            env={**os.environ, "NOTIFY_SOCKET": f"@latchkey-test-{os.getpid()}"})
        assert "READY=1" in self.said(), self.shown()

    def said(self):
        return self.socket.recv(1000).decode().split("\n")

    def shown(self):
        self.out.seek(0)
        return self.out.read()

    def pid(self, machine):
        return machine.run("cat", "/var/lib/latchkey/server.pid").strip()

    def stop(self, machine):
        machine.run("kill", self.pid(machine))
        assert self.said() == ["STOPPING=1"]
        assert self.process.wait(LIMIT) == 0
        self.socket.close()
        self.out.close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def newer(package, folder):
    """The same package under the next version."""
    tree = folder / "newer"
    run("dpkg-deb", "-R", package, tree)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*$", "Version: 99.0", control.read_text(), flags=re.MULTILINE))
    run("dpkg-deb", "--root-owner-group", "-b", tree, folder / "latchkey_99.deb")
    return folder / "latchkey_99.deb"


def install(machine, package):
    shutil.copy(package, "/dev/shm/latchkey-test.deb")  # seen in the overlay under /dev
    try:
        machine.run("dpkg", "-i", "/dev/shm/latchkey-test.deb")
    finally:
        os.unlink("/dev/shm/latchkey-test.deb")


def test_install_upgrade_remove_purge(package, machine, tmp_path):
    """Its life on a machine, from the first start to the purge, with data kept over an upgrade and a removal."""
    install(machine, package)
    assert machine.run("id", "-un", "latchkey").strip() == "latchkey"
    assert machine.run("stat", "-c", "%U:%G %a", "/etc/latchkey/latchkey.conf").strip() == "root:latchkey 640"
    assert machine.run("stat", "-c", "%U:%G %a", "/var/lib/latchkey").strip() == "latchkey:latchkey 700"

    port = free_port()
    service = Service(machine, port, tmp_path / "first")
    assert "setup code: " in service.shown()
    # Root names neither configuration nor data, and leaves nothing behind that the server cannot read.
    machine.run("latchkeyd", "user", "add", "ann", "ann@x.io", "--stdin", input="S3cure-pass!\n")
    assert "running" in machine.run("latchkeyd", "status")
    machine.run("latchkeyd", "backup", "/var/backups/latchkey/one")
    assert machine.run("find", "/var/lib/latchkey", "/var/backups/latchkey", "-not", "-user", "latchkey") == ""
    machine.run("kill", "-HUP", service.pid(machine))
    assert service.said() == ["RELOADING=1"] and service.said() == ["READY=1"]
    login = {"username": "ann", "password": "S3cure-pass!"}
    (tmp_path / "tls.crt").write_text(machine.run("cat", "/var/lib/latchkey/tls.crt"))

    def log_in():
        return requests.post(f"https://localhost:{port}/auth/login/", json=login, timeout=LIMIT,
                             verify=str(tmp_path / "tls.crt")).status_code

    assert log_in() == 200
    service.stop(machine)

    machine.run("sh", "-c", "echo '# ours' >> /etc/latchkey/latchkey.conf")
    install(machine, newer(package, tmp_path))
    assert "# ours" in machine.run("cat", "/etc/latchkey/latchkey.conf")
    service = Service(machine, port, tmp_path / "second")
    assert log_in() == 200  # the same certificate, keys and account
    service.stop(machine)

    machine.run("dpkg", "--remove", "latchkey")
    machine.run("test", "!", "-e", "/usr/sbin/latchkeyd")
    machine.run("test", "-e", "/var/lib/latchkey/data.mdb")
    machine.run("test", "-e", "/etc/latchkey/latchkey.conf")
    machine.run("dpkg", "--purge", "latchkey")
    machine.run("sh", "-c", "! ls -d /var/lib/latchkey /etc/latchkey 2>/dev/null")
    machine.run("test", "-e", "/var/backups/latchkey/one/data.mdb")
