"""
Replays what the services behind the five documents answered (cases.json), section by section, each against a fresh
server. An answer must match in status and JSON body. Where the contract of this server says otherwise on purpose, the
case carries the answer to expect `instead`, with the rule; nothing else may differ.

In a section, `config` and `setup` bring the server to the state the recording started from; `caller` is the account
whose tokens the requests carry. In values, `<jwt>` and the like stand for anything of that form, and `<access>`,
`<expired>` and the like for a token made for the case.
"""

import json
import pathlib
import re
import time
import uuid

import jwt
import pytest
import requests

import lk

PASSWORD = "S3cure-pass!"
SECTIONS = json.loads((pathlib.Path(__file__).parent / "cases.json").read_text(encoding="utf-8"))

WILDCARDS = {
    "<jwt>": r"[\w-]+\.[\w-]+\.[\w-]+",
    "<uuid>": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "<salt22>": r"[A-Za-z0-9]{22}",
    "<hash44>": r"[A-Za-z0-9+/]{43}=",
    "<picture url>": re.escape(lk.PUBLIC_URL) + r"/api/user/media/[\w-]+\.(png|jpg|gif|webp)",
}

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000"
                    "0003010100c9fe92ef0000000049454e44ae426082")
GIF = bytes.fromhex("47494638396101000100800000ff0000ffffff2c00000000010001000002024401003b")
# One grey pixel, baseline: quantisation, frame, the two Huffman tables, scan.
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb004300" + "01" * 64 + "ffc0000b080001000101011100"
                     "ffc4001400" + "01" + "00" * 15 + "00" "ffc4001410" + "01" + "00" * 15 + "00"
                     "ffda0008010100003f003fffd9")
FILES = {"png": PNG, "jpeg": JPEG, "gif": GIF, "text": b"this is not a PNG\n", "empty": b"", "html": b"<script>alert(1)</script>"}


class Replay:
    """One section's server and what its cases refer to."""

    def __init__(self, section, spec):
        self.section = section
        settings = dict(item.split("=", 1) for item in section["config"])
        self.server = lk.Server(**settings)
        self.client = lk.Client(self.server, spec)
        self.tokens = {}
        self.paths = {}
        for step in section["setup"]:
            self.prepare(step)
        caller = section.get("caller")
        if caller:
            password = next(step["json"]["password"] for step in section["setup"]
                            if isinstance(step, dict) and caller in step.get("json", {}).values())
            self.tokens.update(self.login(caller, password))
            self.tokens["refresh two"] = self.login(caller, password)["refresh"]
            self.user_id = jwt.decode(self.tokens["access"], options={"verify_signature": False})["user_id"]
        if section.get("auth") == "internal":
            self.tokens["internal"] = self.server.internal_token("read", "write", "delete")

    def login(self, name, password):
        answer = self.client.post("/auth/login/", json={"username": name, "password": password}, expect=200).json()
        return {"access": answer["access"], "refresh": answer["refresh"]}

    def prepare(self, step):
        if step in ("gone", "disabled"):
            tokens = self.client.signup(step)
            self.tokens[f"access of {step}"], self.tokens[f"refresh of {step}"] = tokens.access, tokens.refresh
            if step == "gone":
                self.client.delete(f"/auth/delete/{step}/", token=tokens.access, expect=204)
            else:
                self.disable(step)
        elif step == "verify":
            self.paths["<used verify path>"] = self.server.link("john@example.com", "verify-email")
            self.client.get(self.paths["<used verify path>"], expect=200)
        elif step == "reset":
            self.client.post("/auth/reset_password/", json={"email": "john@example.com"}, expect=200)
            self.paths["<reset path>"] = self.server.link("john@example.com", "password_reset_confirm")
        elif "disable" in step:
            self.disable(step["disable"])
        elif "profile" in step:
            token = self.server.internal_token("write")
            self.client.post("/api/users/create/", token=token, json={"username": step["profile"]}, expect=201)
        elif "picture" in step:
            fields = {"email": step["picture"], "full_name": "Pic", "password": PASSWORD}
            answer = self.client.post("/api/user/register/", data=fields,
                                      files={"profile_pic": ("pic.png", PNG, "image/png")}, expect=201)
            self.paths["<picture path>"] = answer.json()["profile_pic"].removeprefix(lk.PUBLIC_URL)
        else:
            self.client.post(step["route"], json=step["json"], expect=201)

    def disable(self, name):
        self.server.command("user", "disable", name)

    def forge(self, kind):
        """A token as `kind` says, signed with the server's own key."""
        name = kind.removeprefix("refresh ")
        now = int(time.time())
        refresh = kind.startswith("refresh") or kind.endswith("refresh")
        claims = {"token_type": "refresh" if refresh else "access", "exp": now + 300, "iat": now,
                  "jti": uuid.uuid4().hex, "user_id": self.user_id}
        key, headers, algorithm = self.server.key("jwt"), None, "HS256"
        change = {
            "expired": {"exp": now - 1, "iat": now - 301}, "expired refresh": {"exp": now - 1, "iat": now - 301},
            "token_type other": {"token_type": "sliding"}, "no token_type": {"token_type": None}, "no jti": {"jti": None},
            "no exp": {"exp": None}, "no user_id": {"user_id": None}, "exp garbage string": {"exp": "soon"},
            "exp as string": {"exp": str(now + 300)}, "iat in the future": {"iat": now + 3600},
            "nbf in the future": {"nbf": now + 3600}, "unknown user": {"user_id": str(uuid.uuid4())},
            "user_id wrong type": {"user_id": {"a": 1}}, "crafted": {}, "no typ header": {}, "bad signature": {},
            "alg none": {},
        }[name]
        claims = {name: value for name, value in {**claims, **change}.items() if value is not None}
        if name == "bad signature":
            key = b"another key of thirty-two bytes!"
        elif name == "no typ header":
            headers = {"typ": None}
        elif name == "alg none":
            key, algorithm = None, "none"
        return jwt.encode(claims, key, algorithm, headers)

    def fill(self, text):
        """The text with its `<…>` names replaced."""
        for name, path in self.paths.items():
            text = text.replace(name, path)
        match = re.search(r"<([a-z_ ]+)>", text)
        if match is None or match[0] == "<b>":
            return text
        token = self.tokens.get(match[1])
        return text.replace(match[0], token if token is not None else self.forge(match[1]))

    def send(self, case):
        headers = {name: self.fill(value).strip() for name, value in case.get("headers", {}).items()}
        if "internal" in self.tokens and "Authorization" not in headers and "no auth" not in case["case"]:
            headers["Authorization"] = f"Bearer {self.tokens['internal']}"
        more = {}
        if "content_type" in case:
            headers["Content-Type"] = case["content_type"]
        if "json" in case:
            headers["Content-Type"] = "application/json"
            more["data"] = self.fill(json.dumps(case["json"]))
        elif "form" in case:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            more["data"] = case["form"]
        elif "multipart" in case:
            more["files"] = [(part["name"], self.part(part)) for part in case["multipart"]]
        elif "body_hex" in case:
            more["data"] = bytes.fromhex(case["body_hex"])
        elif "body" in case:
            more["data"] = self.fill(case["body"]).encode()
        return self.client.request(case["method"], self.fill(case["path"]), headers=headers, **more)

    @staticmethod
    def part(part):
        if "file" not in part:
            return (None, part["value"])
        return (part["filename"], FILES[part["file"]], part["type"])


def matches(expected, seen):
    if isinstance(expected, str) and isinstance(seen, str):
        pattern = re.escape(expected)
        for name, form in WILDCARDS.items():
            pattern = pattern.replace(re.escape(name), form)
        return re.fullmatch(pattern, seen) is not None
    if isinstance(expected, dict) and isinstance(seen, dict):
        return list(expected) == list(seen) and all(matches(expected[name], seen[name]) for name in expected)
    if isinstance(expected, list) and isinstance(seen, list):
        return len(expected) == len(seen) and all(map(matches, expected, seen))
    return type(expected) is type(seen) and expected == seen


def differs(case, answer, allow):
    """What is not as the case says, or None."""
    if answer.status_code != case["status"]:
        return f"status {answer.status_code}, not {case['status']}"
    kind = answer.headers.get("Content-Type", "")
    if case.get("answer_is") == "html" and not kind.startswith("text/html"):
        return f"Content-Type {kind}, not a page"
    if case.get("answer_is") == "image" and (kind != "image/png" or answer.content != PNG):
        return "not the picture that was sent"
    expected = case.get("answer")
    if expected is not None:
        try:
            seen = answer.json()
        except requests.exceptions.JSONDecodeError:
            return f"not JSON: {answer.text[:80]!r}"
        if str(expected.get("detail", "")).startswith("JSON parse error"):
            seen_detail = seen.get("detail", "")
            return None if list(seen) == ["detail"] and seen_detail.startswith("JSON parse error") else str(seen)
        if not matches(expected, seen):
            return f"{answer.text}, not {json.dumps(expected, ensure_ascii=False)}"
    elif "answer_is" not in case and answer.content != b"":
        return f"a body where there should be none: {answer.text}"
    if allow is not None and lk.allowed(answer) != set(allow):
        return f"Allow: {answer.headers.get('Allow')}"
    if "www_authenticate" in case and answer.status_code == 401:
        if answer.headers.get("WWW-Authenticate") != case["www_authenticate"]:
            return f"WWW-Authenticate: {answer.headers.get('WWW-Authenticate')}"
    return None


COUNTS = {"as recorded": 0, "by a rule of the contract": 0}


@pytest.mark.parametrize("section", SECTIONS, ids=[section["section"] for section in SECTIONS])
def test_section(section, spec):
    replay = Replay(section, spec)
    wrong = []
    try:
        for case in section["cases"]:
            answer = replay.send(case)
            instead = case.get("instead")
            allow = case.get("allow")
            if instead is None:
                problem = differs(case, answer, allow)
            else:
                changed = {"status": instead.get("status", case["status"]),
                           "answer": instead["answer"] if "answer" in instead else case.get("answer"),
                           **{name: case[name] for name in ("www_authenticate",) if name in case}}
                if "answer_is" in instead:
                    changed["answer_is"] = instead["answer_is"]
                    changed["answer"] = None
                problem = differs(changed, answer, instead.get("allow", allow if "status" not in instead else None))
                assert problem or differs(case, answer, allow), f"{case['case']}: no longer differs; drop `instead`"
            COUNTS["as recorded" if instead is None else "by a rule of the contract"] += problem is None
            if problem:
                wrong.append(f"{case['case']}: {case['method']} {case['path']}: {problem}")
    finally:
        replay.server.close()
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_share_that_matches():
    """Runs last: at least 98 of a hundred answers are as recorded or as a rule of the contract has them."""
    total = sum(len(section["cases"]) for section in SECTIONS)
    print(f"{COUNTS['as recorded']} of {total} as recorded, {COUNTS['by a rule of the contract']} otherwise by a rule")
    assert sum(COUNTS.values()) >= 0.98 * total
