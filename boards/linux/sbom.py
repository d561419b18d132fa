#!/usr/bin/python3
"""Writes what the program is made of: SPDX 2.3, JSON. The same input gives the same bytes.

usage: sbom.py VERSION deps.lock SOURCES OUTPUT NAME...      the names of the libraries that were built in
"""
import datetime
import hashlib
import json
import os
import pathlib
import sys
import uuid

# As each library's own files say; a wolfSSL since 5.8.2 is GPL-3.0-or-later.
LICENSES = {
    "civetweb": "MIT",
    "wolfssl": "GPL-2.0-or-later",
    "lmdb": "OLDAP-2.8",
    "cjson": "MIT",
    "utf8proc": "MIT",
    "qrencode": "LGPL-2.1-or-later",
    "swagger-ui": "Apache-2.0",
}


def locked(path):
    """{name: (source, version, SHA-256 of the upstream archive)}"""
    rows = (line.split() for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#")
    return {name: (source, version, digest) for name, source, version, digest in rows}


def package(name, source, version, digest, built):
    kind, _, origin = source.rpartition(":")
    purl = f"pkg:npm/{origin}@{version}" if kind == "npm" else f"pkg:deb/debian/{origin}@{built}?arch=source"
    return {
        "SPDXID": f"SPDXRef-{name}",
        "name": name,
        "versionInfo": built,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": LICENSES[name],
        "licenseDeclared": LICENSES[name],
        "copyrightText": "NOASSERTION",
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "externalRefs": [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}],
    }


def main():
    version, lock, sources, output, *names = sys.argv[1:]
    lock = locked(pathlib.Path(lock))
    packages = [{
        "SPDXID": "SPDXRef-latchkey",
        "name": "latchkey",
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "GPL-2.0-or-later",
        "licenseDeclared": "MIT",
        "copyrightText": "NOASSERTION",
        "comment": "Our own code is MIT; linked with this wolfSSL the program as a whole is GPL-2.0-or-later.",
    }]
    for name in names:
        built = pathlib.Path(sources, name, "latchkey-version")
        built = built.read_text(encoding="utf-8").strip() if built.exists() else lock[name][1]
        packages.append(package(name, *lock[name], built))
    made = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.timezone.utc)
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"latchkey-{version}",
        "creationInfo": {"created": made.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: latchkey-sbom"]},
        "packages": packages,
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
             "relatedSpdxElement": "SPDXRef-latchkey"}] + [
            {"spdxElementId": "SPDXRef-latchkey", "relationshipType": "CONTAINS",
             "relatedSpdxElement": one["SPDXID"]} for one in packages[1:]],
    }
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    document["documentNamespace"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}"
    pathlib.Path(output).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


main()
