"""Where the build left what the package holds."""
import os
import pathlib
import subprocess

import lk

BUILD = pathlib.Path(os.environ.get("LATCHKEY_BUILD", pathlib.Path(lk.BINARY).parent))
MADE = BUILD / "linux"
BOARD = lk.ROOT / "boards/linux"
EXAMPLES = BOARD / "examples"
EPOCH = "1700000000"  # when a package is said to be made


def run(*words, expect=0, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=1700, **options)
    assert done.returncode == expect, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def pack(build, out):
    """Makes the package of what was built there. Gives its path."""
    out.mkdir()
    run("cpack", "-G", "DEB", "-B", out, "--config", build / "CPackConfig.cmake", cwd=build,
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH})
    [package] = out.glob("*.deb")
    return package


def lacks_namespaces():
    """Why no machine can be made beside this one, with files and processes of its own; empty where it can. A container may
    keep even root from it."""
    if os.geteuid() != 0:
        return "dpkg, mounts and another user need root"
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "none", "/mnt"],
                          capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"no mounts of one's own here: {done.stderr.strip()}"
