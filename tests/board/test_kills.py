"""
A board whose power fails: QEMU is killed at random moments of a write load over HTTPS, again and again on the same
flash. It must come up each time, and every invariant must be kept. On mps2-an386, whose flash is memory that outlives
QEMU, every acknowledged write must be there as well; emcraft-sf2's chip is a file that QEMU writes when it likes, so
that there the last writes may be missing, but never half of one.

KILLS sets how often. The seed is printed; SEED=… replays its choices.
"""
import http.client
import os
import random
import sys
import threading
import time

import lk

sys.path.insert(0, str(lk.ROOT / "tests" / "board"))
sys.path.insert(0, str(lk.ROOT / "tests" / "power"))
from board_server import NAME, BoardServer  # noqa: E402
import test_kill as power  # noqa: E402

DURABLE = NAME != "emcraft-sf2"
KILLS = int(os.environ.get("KILLS", "50" if DURABLE else "10"))
WRITERS = 2
# What a dead guest leaves a client with.
power.UNSURE = (OSError, http.client.HTTPException)


def test_every_acknowledged_write_survives_a_kill():
    seed = int(os.environ.get("SEED", time.time_ns() % 1000000007))
    print(f"SEED={seed}")
    rng = random.Random(seed)
    acknowledged, generation = [], 0
    groups = [[power.Account(f"w{w}-{n}") for n in range(3)] for w in range(WRITERS)]
    server = BoardServer()
    torn = 0
    for kill in range(KILLS):
        stop, errors = threading.Event(), []
        before = len(acknowledged)
        threads = [threading.Thread(target=power.load, args=(server, rng.random(), group, acknowledged, stop, errors))
                   for group in groups]
        for thread in threads:
            thread.start()
        lk.wait_for(lambda: len(acknowledged) > before or errors, "nothing is written")
        time.sleep(rng.uniform(0, 0.3))
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
        assert not errors, f"kill {kill}: {errors[0]}"
        server.start()
        torn += "flash_torn" in server.board.text
        assert "check: 0 broken" in server.type("check", r"^check: \d+ broken$").string, f"kill {kill}"
        if DURABLE:
            for account in (a for group in groups for a in group):
                if len(account.states) > 1 or rng.random() < 0.1:
                    power.verify(server, account)
        else:
            # What was lost is not known: other people from here on.
            generation += 1
            groups = [[power.Account(f"w{w}-{n}-{generation}") for n in range(3)] for w in range(WRITERS)]
    if DURABLE:
        for account in (a for group in groups for a in group):
            power.verify(server, account)
    server.close()
    print(f"{KILLS} kills, {torn} of them tore the log, {len(acknowledged)} acknowledged writes"
          f"{', none lost' if DURABLE else ''}")
    assert len(acknowledged) >= KILLS, "the load hardly wrote anything: this proves nothing"
