"""tests/board/net_image.c on the board that LATCHKEY_BOARD names."""
import os

import board

NAME = os.environ.get("LATCHKEY_BOARD", "mps2-an386")
IMAGE = board.built(NAME, "net_image.elf")
ECHO, SINK, SOURCE, HTTP = 7, 9, 19, 80


def boot(argument="dhcp", **options):
    options.setdefault("ports", (ECHO, SINK, SOURCE, HTTP))
    running = board.Board(NAME, IMAGE, argument=argument, **options)
    running.wait_for("^net 0$")
    return running
