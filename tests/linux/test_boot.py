"""The package on a machine that systemd booted: installed, started, reloaded, killed, removed. The machine is a container
over this one's own files (an overlay in a mount namespace), and goes away with the test."""
import contextlib
import os
import shutil
import subprocess

import pytest

from linux import BUILD, lacks_namespaces, pack

NSPAWN = shutil.which("systemd-nspawn")
LIMIT = 240  # seconds, from power on to power off

UNIT = """
[Unit]
Requires=basic.target
After=basic.target
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
ExecStart=/bin/sh -eu /test/script
StandardOutput=file:/test/out
StandardError=file:/test/err
"""

# What is written to standard output is what the test looks at.
SCRIPT = """
exec 3>&1 >&2
set -x
trap 'journalctl -o cat -n 40 -u latchkeyd' EXIT
say() { echo "$*" >&3; }
property() { systemctl show -P "$1" latchkeyd; }
pid() { property MainPID; }
ready() { curl -sk --retry 30 --retry-connrefused --retry-delay 1 https://localhost:8443/readyz; }
say booted
[ -e /test/latchkey.deb ] || exit 0
rm -f /usr/sbin/policy-rc.d  # images of containers forbid services by it
dpkg -i /test/latchkey.deb
systemctl is-enabled latchkeyd
say installed "$(property ActiveState)" "$(ready)"
say code "$(journalctl -u latchkeyd -o cat | grep -c '^setup code: ')"
say user "$(ps -o user= -p "$(pid)")"
for field in NoNewPrivs Seccomp CapEff; do
    say "$field" "$(sed -n "s/^$field:[[:space:]]*//p" "/proc/$(pid)/status")"
done
say root "$(awk '$5 == "/" { print substr($6, 1, 2) }' "/proc/$(pid)/mountinfo")"
before=$(pid)
systemctl reload latchkeyd
say reloaded "$(property ActiveState)" "$([ "$before" = "$(pid)" ] && echo same process)"
kill -9 "$before"
while [ "$(pid)" = "$before" ] || [ "$(property ActiveState)" != active ]; do sleep 0.1; done
say restarted "$(property NRestarts)" "$(ready)"
dpkg -i /test/latchkey.deb
say upgraded "$(property ActiveState)" "$(ready)"
echo 'listen = https://127.0.0.1:443' >>/etc/latchkey/latchkey.conf
systemctl restart latchkeyd
say low "$(curl -sk https://localhost/readyz)"
echo 'sigunp = open' >>/etc/latchkey/latchkey.conf
systemctl restart latchkeyd || say refused "$(journalctl -u latchkeyd -o cat | grep -o 'did you mean signup?' | head -1)"
sed -i '/^sigunp/d' /etc/latchkey/latchkey.conf
systemctl reset-failed latchkeyd
systemctl start latchkeyd
dpkg -r latchkey
say removed "$(systemctl is-active latchkeyd || true)"
dpkg -P latchkey
say done
"""


def boot(folder):
    """Boots, runs the script, and gives what it said, a line for each word at its start."""
    shared = folder / "test"
    shared.mkdir(exist_ok=True)
    (shared / "script").write_text(SCRIPT)
    (shared / "unit").write_text(UNIT)
    out = shared / "out"
    out.write_text("")
    machine = f"""
        cd {folder} && mkdir -p upper root && mount -t tmpfs none upper && mkdir upper/u upper/w
        mount -t overlay none -o lowerdir=/,upperdir=upper/u,workdir=upper/w root
        exec {NSPAWN} -q -D root --boot --register=no --keep-unit --private-network --link-journal=no --console=pipe \\
            --machine=latchkey-test-{os.getpid()} --bind={shared}:/test \\
            --bind-ro={shared}/unit:/etc/systemd/system/latchkey-test.service systemd.unit=latchkey-test.service
    """
    with open(folder / "console", "wb") as console:
        done = subprocess.Popen(["unshare", "--mount", "sh", "-eu", "-c", machine], stdin=subprocess.DEVNULL,
                                stdout=console, stderr=console)
        # A machine that hangs is switched off: first politely, as two signals ask systemd-nspawn.
        for end, patience in ((None, LIMIT), (done.terminate, 20), (done.terminate, 20), (done.kill, 20)):
            if end:
                end()
            with contextlib.suppress(subprocess.TimeoutExpired):
                done.wait(patience)
                break
    said = dict(line.split(" ", 1) if " " in line else (line, "") for line in out.read_text().splitlines())
    return said, "\n".join(path.read_text(errors="replace") for path in (folder / "console", shared / "err") if path.exists())


@pytest.fixture
def machine(tmp_path):
    """A folder from which a machine boots; not every container lets another one be booted in it."""
    if why := lacks_namespaces() or ("" if NSPAWN else "there is no systemd-nspawn"):
        pytest.skip(why)
    said, told = boot(tmp_path)
    if "booted" not in said:
        pytest.skip(f"systemd does not boot here: {told[-300:]}")
    return tmp_path


def test_under_systemd(machine):
    package = pack(BUILD, machine / "package")
    shutil.copy(package, machine / "test/latchkey.deb")
    said, told = boot(machine)
    assert "done" in said, f"{said}\n{told}"
    ready = said["installed"].removeprefix("active ")
    assert ready.startswith("{") and said["installed"].startswith("active "), said
    assert said["code"] == "1" and said["user"] == "latchkey"
    assert (said["NoNewPrivs"], said["Seccomp"], int(said["CapEff"], 16)) == ("1", "2", 1 << 10)  # CAP_NET_BIND_SERVICE
    assert said["root"] == "ro"
    assert said["reloaded"] == "active same process"
    assert said["restarted"] == f"1 {ready}"
    assert said["upgraded"] == f"active {ready}"
    assert said["low"] == ready
    assert said["refused"] == "did you mean signup?"
    assert said["removed"] == "inactive"
