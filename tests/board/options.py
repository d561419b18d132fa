"""What each option of src/options.h costs on a board: one at a time is changed, the image built and started, and flash
and memory compared with those of the board as it is.

usage: options.py BOARD      from tools/size BOARD --options
"""
import collections
import os
import pathlib
import subprocess
import sys

import board
import measure
import size

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Each with another value than a board's own.
OPTIONS = [
    ("LK_UNICODE", 1),
    ("LK_PAGES", 0),
    ("LK_DOC", 0),
    ("LK_SMTP", 0),
    ("LK_TLS12", 0),
    ("LK_READ_AHEAD", 3072),
    ("LK_HEADER_FIELDS_MAX", 64),
    ("LK_ARENA_CHUNK", 8192),
    ("LK_PATH_TEXT_MAX", 128),
    ("LK_ADDRESS_BUCKETS", 16),
    ("LK_SWEEP_BATCH", 32),
    ("LK_THROTTLE_SLOTS", 128),
    ("LK_STORE_READERS_BESIDES", 8),
    ("LK_LMDB_LOGN", 9),
    ("LK_WORKER_STACK", 13312),
    ("LK_NET_CONNECTIONS", 21),
    ("LK_NET_SEND_BYTES", 13312),
    ("LK_NET_RECEIVE_PIECES", 33),
    ("LK_NET_MDNS", 1),
    ("LK_NET_DHCP_CHECK", 1),
]


def build(name, folder, header):
    subprocess.run(["cmake", "--preset", name, "-B", folder, f"-DLATCHKEY_OPTIONS={header}", "-DLATCHKEY_TESTS=OFF"],
                   cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", folder, "--target", "latchkey"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def look(name):
    """(bytes of flash, bytes of memory once it serves) of the image in LATCHKEY_BUILD."""
    counts = sum(size.read_map(board.built(name, "latchkey.map")).values(), collections.Counter())
    with board.Board(name) as running:
        running.wait_for("^ready$")
        used = int(measure.memory(running)[0].split()[-1])
    return counts["text"] + counts["rodata"] + counts["data"], counts["data"] + counts["bss"] + used


def main():
    name = sys.argv[1]
    folder = ROOT / "build" / f"{name}-option"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["LATCHKEY_BUILD"] = str(folder)
    header = folder / "option.h"
    header.write_text("\n")
    build(name, folder, header)
    flash, memory = look(name)
    print(f"{'as it is':32}{flash:9} flash{memory:9} memory", flush=True)
    for option, value in OPTIONS:
        header.write_text(f"#define {option} {value}\n")
        build(name, folder, header)
        one, other = look(name)
        print(f"{f'{option} {value}':32}{one - flash:+9} flash{other - memory:+9} memory", flush=True)

if __name__ == "__main__":
    main()
