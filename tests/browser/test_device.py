"""The stranger's walk on a device that is not this machine: a board in QEMU (LATCHKEY_BOARD), or any that LATCHKEY_URL and
LATCHKEY_SETUP_CODE name. Its mails are not read: the admin hands the link on."""
import os
import sys

import pytest

import lk
import walk
from browser import Browser


@pytest.fixture
def device():
    """(address, setup code)"""
    if "LATCHKEY_URL" in os.environ:
        yield os.environ["LATCHKEY_URL"], os.environ["LATCHKEY_SETUP_CODE"]
        return
    sys.path.insert(0, str(lk.ROOT / "tests" / "board"))
    from board_server import BoardServer

    board = BoardServer()
    try:
        yield board.url, board.setup_code
    finally:
        board.close()


def test_a_strangers_walk(device):
    base, code = device
    chief = Browser(base)
    guest = None
    try:
        walk.claim(chief, code)
        link = walk.invite(chief)
        guest = Browser(base, "fr")
        walk.accept(guest, link)
        walk.fill_profile(guest)
        for path in ("/profile", "/password", "/sessions", "/accounts", "/audit"):
            chief.open(path)
            chief.at(path)
            chief.check(f"device{path.replace('/', '-')}")
    finally:
        chief.close()
        if guest:
            guest.close()
