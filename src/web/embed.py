#!/usr/bin/python3
"""Writes files as C arrays, with the media type and entity tag they are served with.

usage: embed.py OUTPUT.h FILE... [--gzip FILE...]      those behind --gzip are compressed
"""
import gzip
import hashlib
import json
import pathlib
import sys

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


def content(path):
    """The bytes to serve: JSON goes without the white space that is there for people."""
    if path.suffix == ".json":
        document = json.loads(path.read_text(encoding="utf-8"))
        return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    return path.read_bytes()


def array(name, data):
    lines = [f"static const unsigned char {name}[] = {{"]
    for at in range(0, len(data), 24):
        lines.append("    " + " ".join(f"{byte}," for byte in data[at : at + 24]))
    lines.append("};")
    return "\n".join(lines)


def main():
    output, *files = sys.argv[1:]
    arrays, rows = [], []
    split = files.index("--gzip") if "--gzip" in files else len(files)
    compressed = {pathlib.Path(file) for file in files[split + 1 :]}
    paths = compressed | {pathlib.Path(file) for file in files[:split]}
    for number, path in enumerate(sorted(paths, key=lambda path: path.name)):
        data = content(path)
        if path in compressed:
            data = gzip.compress(data, mtime=0)
        tag = hashlib.sha256(data).hexdigest()[:16]
        arrays.append(array(f"web_data_{number}", data))
        rows.append(
            f'    {{"{path.name}", "{TYPES[path.suffix]}", "\\"{tag}\\"",'
            f" {{(const char *)web_data_{number}, sizeof(web_data_{number})}}, {'true' if path in compressed else 'false'}}},"
        )
    text = "/* Made by src/web/embed.py. */\n\n" + "\n\n".join(arrays)
    text += "\n\nstatic const struct lk_web_asset web_assets[] = {\n" + "\n".join(rows) + "\n};\n"
    pathlib.Path(output).write_text(text, encoding="utf-8")


main()
