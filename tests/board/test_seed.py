"""A board without a source of random numbers, which lives from a seed that was made elsewhere."""
import re
import secrets
import ssl

import pytest

import board
from board_server import NAME

IMAGE = board.built(NAME, "latchkey_seeded.elf")
SETUP_CODE = r"^setup code: (\S+)$"


def start(folder, name="flash"):
    return board.Board(NAME, IMAGE, flash=folder / name)


def provision(running, seed):
    """Stores the seed and starts anew. Returns the setup code and the certificate, which both come of chance."""
    running.wait_for("^No source of random numbers: this board needs a seed, ")
    running.ask(f"seed {seed.hex()}", "^done$")
    return reboot(running)


def reboot(running):
    at = running.position
    running.send("reboot\n")
    return served(running, at)


def served(running, at=0):
    running.wait_for("^ready$", at)
    code = re.compile(SETUP_CODE, re.MULTILINE).search(running.text, at)[1]
    return code, ssl.get_server_certificate(("127.0.0.1", running.port()), timeout=board.SECONDS)


def test_it_does_not_serve_without_a_seed(tmp_path):
    with start(tmp_path) as running:
        running.wait_for("^No source of random numbers: this board needs a seed, ")
        for wrong in ("", "00" * 47, "00" * 49, "zz" * 48):
            running.ask(f"seed {wrong}", "^[0-9]+ to [0-9]+ bytes in lower-case hexadecimal are wanted$")
        at = running.position
        running.send("reboot\n")
        running.wait_for("^No source of random numbers", at)
        assert "ready" not in running.text


def test_a_seed_is_good_for_one_start(tmp_path):
    """The next start has one of its own; a power cut brings none back."""
    seed = secrets.token_bytes(48)
    with start(tmp_path) as running:
        code, certificate = provision(running, seed)
        again, same = reboot(running)
        assert again != code and same == certificate
        running.stop()  # a power cut to the board, but its flash has what was written
        running.start()
        third, _ = served(running)
        assert third not in (code, again)
    # Chance is the seed's alone: another board that is given the same one repeats what this one said.
    with start(tmp_path, "other") as running:
        twin, twins_certificate = provision(running, seed)
        assert twin == code
    with start(tmp_path, "third") as running:
        other, _ = provision(running, secrets.token_bytes(48))
        assert other != code
