#!/usr/bin/python3
"""Writes files as C arrays, with the media type and entity tag they are served with.

usage: embed.py OUTPUT.h FILE... [--gzip FILE...]      those behind --gzip are compressed

Where a text names another file as /assets/@NAME, that file's tag goes into the address: what is served there never
changes, and may be kept for good.
"""
import gzip
import hashlib
import html
import json
import pathlib
import re
import sys

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


def overview(document):
    """The operations of openapi.json as tables, a tag each. The HTML pages are left out: their words say enough."""
    tables = {tag["name"]: [f"<h2>{html.escape(tag['description'])}</h2>\n<table>"] for tag in document["tags"]}
    for address, item in document["paths"].items():
        for method, operation in item.items():
            if method in ("parameters", "$ref") or operation["operationId"].startswith("page"):
                continue
            tables[operation["tags"][0]].append(
                f"<tr><td><code>{method.upper()} {address}</code></td><td>{html.escape(operation['summary'])}</td></tr>")
    return "\n</table>\n".join("\n".join(rows) for rows in tables.values()) + "\n</table>\n"


class Files:
    """What is served of each file. Compressed ones are the same bytes on every machine: no date, no name."""

    def __init__(self, plain, compressed):
        self.compressed = set(compressed)
        self.paths = {path.name: path for path in plain | compressed}
        self.done, self.under_way = {}, []

    def content(self, path):
        """The bytes to serve: JSON goes without the white space that is there for people."""
        if path.suffix == ".json":
            document = json.loads(path.read_text(encoding="utf-8"))
            return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
        if path.name == "doc.html":
            described = json.loads(self.paths["openapi.json"].read_text(encoding="utf-8"))
            return path.read_text(encoding="utf-8").replace("{{operations}}", overview(described)).encode()
        return path.read_bytes()

    def served(self, name):
        """(bytes, tag)"""
        if name not in self.done:
            if name in self.under_way:
                sys.exit(f"embed.py: {' -> '.join(self.under_way + [name])} go round in a circle")
            self.under_way.append(name)
            path = self.paths[name]
            data = re.sub(rb"/assets/@([\w.-]+)", self.address, self.content(path))
            if path in self.compressed:
                data = gzip.compress(data, mtime=0)
            self.done[name] = data, hashlib.sha256(data).hexdigest()[:16]
            self.under_way.pop()
        return self.done[name]

    def address(self, match):
        name = match[1].decode()
        return f"/assets/{name}?v={self.served(name)[1]}".encode()


def array(name, data):
    lines = [f"static const unsigned char {name}[] = {{"]
    for at in range(0, len(data), 24):
        lines.append("    " + " ".join(f"{byte}," for byte in data[at : at + 24]))
    lines.append("};")
    return "\n".join(lines)


def option(path):
    """The option (src/options.h) that brings the file into the program, or None."""
    if path.parent.name == "app":
        return "LK_PAGES"
    return "LK_DOC" if path.name.startswith(("doc.", "openapi.", "swagger")) else None


def guarded(option, text):
    return f"#if {option}\n{text}\n#endif" if option else text


def main():
    output, *files = sys.argv[1:]
    arrays, rows = [], []
    split = files.index("--gzip") if "--gzip" in files else len(files)
    compressed = {pathlib.Path(file) for file in files[split + 1 :]}
    paths = compressed | {pathlib.Path(file) for file in files[:split]}
    served = Files(paths, compressed)
    for number, path in enumerate(sorted(paths, key=lambda path: path.name)):
        data, tag = served.served(path.name)
        arrays.append(array(f"web_data_{number}", data))
        row = (
            f'    {{"{path.name}", "{TYPES[path.suffix]}", "\\"{tag}\\"",'
            f" {{(const char *)web_data_{number}, sizeof(web_data_{number})}}, {'true' if path in compressed else 'false'}}},"
        )
        arrays[-1] = guarded(option(path), arrays[-1])
        rows.append(guarded(option(path), row))
    text = "/* Made by src/web/embed.py. */\n\n" + "\n\n".join(arrays)
    text += "\n\nstatic const struct lk_web_asset web_assets[] = {\n" + "\n".join(rows) + "\n};\n"
    pathlib.Path(output).write_text(text, encoding="utf-8")


main()
