"""The dashboard names numbers that there are, the list of parts is complete, the announcement and the unit are sound."""
import json
import re
import xml.etree.ElementTree

import lk
from linux import BOARD, MADE, run


def test_every_number_of_the_dashboard_is_there(server, client):
    client.signup()
    client.post("/auth/login/", json={"username": "nobody", "password": "x"}, expect=401)
    text = client.get("/metrics", expect=200).text
    there = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    board = json.loads((BOARD / "grafana.json").read_text())
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    queries += [variable["query"] for variable in board["templating"]["list"] if variable["type"] == "query"]
    named = {name for query in queries for name in re.findall(r"latchkey_\w+", query)}
    assert len(named) >= 12 and named <= set(there)
    assert set(there) <= named, "a number that no panel shows"
    for query in queries:  # what only grows is shown as a rate, what goes up and down as it is
        for name in re.findall(r"latchkey_\w+", query):
            assert (there[name] == "counter") == bool(re.search(rf"rate\({name}\b", query)), query
    labels = {label for query in queries for label in re.findall(r"(?:by \(|, )(\w+)(?:\)|=~)", query)}
    assert labels <= {"route", "status", "instance"}
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_the_list_of_parts():
    document = json.loads((MADE / "latchkey.spdx.json").read_text())
    assert document["spdxVersion"] == "SPDX-2.3" and document["dataLicense"] == "CC0-1.0"
    assert document["documentNamespace"].startswith("urn:uuid:")
    assert document["SPDXID"] == "SPDXRef-DOCUMENT" and document["name"] and document["creationInfo"]["creators"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["creationInfo"]["created"])
    packages = {package["name"]: package for package in document["packages"]}
    version = run(lk.BINARY, "--version")
    built = set(re.findall(r"^(\w+) \d", version, re.MULTILINE))
    assert {name.lower().removeprefix("lib") for name in built} <= set(packages)
    locked = dict(line.split()[::3] for line in (lk.ROOT / "tools/deps.lock").read_text().splitlines() if line[0] != "#")
    for name, package in packages.items():
        assert package["SPDXID"] == f"SPDXRef-{name}" and package["licenseConcluded"] and package["versionInfo"]
        assert package["downloadLocation"] and package["filesAnalyzed"] is False  # what the specification asks for
        if name != "latchkey":
            assert package["checksums"] == [{"algorithm": "SHA256", "checksumValue": locked[name]}]
            assert package["externalRefs"][0]["referenceLocator"].startswith("pkg:")
    assert {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
            "relatedSpdxElement": "SPDXRef-latchkey"} in document["relationships"]
    contained = {row["relatedSpdxElement"] for row in document["relationships"] if row["relationshipType"] == "CONTAINS"}
    assert contained == {f"SPDXRef-{name}" for name in packages} - {"SPDXRef-latchkey"}


def test_the_announcement_names_the_port_of_the_configuration():
    tree = xml.etree.ElementTree.parse(BOARD / "latchkey.avahi")
    assert tree.findtext("service/type") == "_https._tcp"
    configuration = (MADE / "latchkey.conf").read_text()
    assert re.search(rf"^#?listen = https://0\.0\.0\.0:{tree.findtext('service/port')}$", configuration, re.MULTILINE)


def test_the_sandbox_of_the_unit(tmp_path):
    unit = (BOARD / "latchkeyd.service").read_text()
    for line in ("User=latchkey", "NoNewPrivileges=yes", "ProtectSystem=strict", "Type=notify",
                 "CapabilityBoundingSet=CAP_NET_BIND_SERVICE", "AmbientCapabilities=CAP_NET_BIND_SERVICE"):
        assert f"\n{line}\n" in unit
    (tmp_path / "latchkeyd.service").write_text(unit.replace("/usr/sbin/latchkeyd", lk.BINARY))
    run("systemd-analyze", "verify", "--man=no", tmp_path / "latchkeyd.service")
    # 0 is a program that may nothing, 10 one that may everything.
    run("systemd-analyze", "security", "--offline=true", "--threshold=20", tmp_path / "latchkeyd.service")
