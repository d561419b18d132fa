"""What an image is made of, from its link map: text, constants, data and bss, for each library and in all."""
import collections
import re
import sys

KINDS = ("text", "rodata", "data", "bss")
# An input section with its address, size and object; a long name stands on a line of its own before.
PLACED = re.compile(r"^ (\S+)? +0x([0-9a-f]+) +0x([0-9a-f]+) (\S.*)$")
NAME = re.compile(r"^ (\.\S+|COMMON)$")
OUTPUT = re.compile(r"^(\.\S+)(?: |$)")

LIBRARIES = {
    "libwolfssl.a": "wolfSSL",
    "liblwip.a": "lwIP",
    "libcivetweb.a": "CivetWeb",
    "liblmdb.a": "LMDB",
    "libcjson.a": "cJSON",
    "libutf8proc.a": "utf8proc",
    "libqrencode.a": "qrencode",
    "liblk_kernel.a": "kernel",
    "liblk_net.a": "network port",
    "liblk_nic.a": "network port",
    "liblk_storage.a": "storage port",
    "liblk_port.a": "port",
}


def library_of(path):
    """The row of the table that an object belongs to."""
    archive = re.search(r"([^/]+\.a)\(", path)
    if archive is None:
        return "C library" if "/gcc/" in path else "firmware and board"
    name = archive[1]
    if name in LIBRARIES:
        return LIBRARIES[name]
    if name.startswith("liblk_"):
        return "src/" + name[len("liblk_"):-len(".a")]
    return "C library"


def kind_of(output, section):
    if output in (".bss", ".noinit", ".stack"):
        return "bss"
    if output == ".data":
        return "data"
    if output.startswith((".text", ".boot", ".ARM")):
        return "rodata" if section.startswith((".rodata", ".ARM")) else "text"
    return None


def read_map(path):
    """{library: {kind: bytes}} of what the linker kept."""
    placed, output, name, begun = [], "", None, False
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            begun = begun or line.startswith("Linker script and memory map")
            if not begun:
                continue
            if found := PLACED.match(line):
                section = found[1] or name or ""
                if kind_of(output, section) is not None and section != "*fill*" and int(found[3], 16) > 0:
                    placed.append((output, int(found[2], 16), int(found[3], 16), section, found[4]))
                name = None
            elif alone := NAME.match(line):
                name = alone[1]
            elif start := OUTPUT.match(line):
                output = start[1]
    table = collections.defaultdict(collections.Counter)
    placed.sort(key=lambda item: item[1])
    for item, after in zip(placed, placed[1:] + [None]):
        output, address, size, section, path = item
        # Equal strings are kept once: the map gives the size that a section of them had before.
        if after is not None and after[0] == output:
            size = min(size, after[1] - address)
        table[library_of(path)][kind_of(output, section)] += size
    return table


def show(table):
    print(f"{'':20}" + "".join(f"{kind:>9}" for kind in KINDS) + f"{'flash':>9}{'RAM':>9}")

    def row(name, counts):
        flash = counts["text"] + counts["rodata"] + counts["data"]
        print(f"{name:20}" + "".join(f"{counts[kind]:9}" for kind in KINDS) + f"{flash:9}{counts['data'] + counts['bss']:9}")

    for name, counts in sorted(table.items(), key=lambda item: -sum(item[1].values())):
        row(name, counts)
    row("in all", sum(table.values(), collections.Counter()))


if __name__ == "__main__":
    show(read_map(sys.argv[1]))
