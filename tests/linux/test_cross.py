"""The packages for 64-bit and 32-bit Arm, built here; each program serves under qemu-user."""
import json
import re

import pytest

import lk
from linux import run

MACHINES = {
    "arm64": ("AArch64", ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]),
    "armhf": ("ARM", ["qemu-arm", "-L", "/usr/arm-linux-gnueabihf"]),
}


@pytest.mark.parametrize("architecture", MACHINES)
def test_cross_built_package(architecture, spec, tmp_path, monkeypatch):
    machine, emulator = MACHINES[architecture]
    package = run(lk.ROOT / "tools/package", architecture).strip()
    assert run("dpkg-deb", "-f", package, "Architecture").strip() == architecture
    run("dpkg-deb", "-x", package, tmp_path)
    program = tmp_path / "usr/sbin/latchkeyd"
    assert re.search(rf"Machine: +{machine}$", run("readelf", "-h", program), re.MULTILINE)
    # What was made by running the program in the emulator is what this machine's program makes.
    described = json.loads(run(*emulator, program, "describe"))
    assert described == json.loads(run(lk.BINARY, "describe"))

    monkeypatch.setattr(lk, "BINARY", str(program))
    monkeypatch.setattr(lk, "WRAPPER", emulator)
    server = lk.Server(threads="4", max_connections="64")
    try:
        client = lk.Client(server, spec)
        admin = client.admin()
        owner = client.signup("ann")
        client.get("/auth/me/", token=owner.access, expect=200)
        client.get("/auth/ann/", token=admin.access, expect=200)
        refreshed = client.post("/auth/refresh/", json={"refresh": owner.refresh}, expect=200).json()["access"]
        client.post("/auth/logout/", json={"refresh": owner.refresh}, expect=200)
        client.get("/auth/me/", token=refreshed, expect=401)
        server.restart()
        client.login("ann")
        shown = run(*emulator, program, "status", "--json", f"data_dir={server.data_dir}")
        assert json.loads(shown)["accounts"] == 2
    finally:
        server.close()
