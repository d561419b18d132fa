"""What the running firmware costs: instructions of what clients ask for, and the most memory that was ever used.

usage: measure.py BOARD      after tools/size has built the image; LATCHKEY_BUILD says where, if not in build/BOARD

A plugin counts the instructions; what the board runs while nobody asks for anything is taken off.
"""
import collections
import concurrent.futures
import http.client
import json
import pathlib
import re
import ssl
import struct
import subprocess
import sys
import tempfile
import time

import board
import size

HERE = pathlib.Path(__file__).parent
PASSWORD = "S3cure-pass!"
ROUNDS = 5


class Counter:
    """The instructions of the guest so far, and how many a second it runs by itself."""

    def __init__(self, path):
        self.path = path
        self.idle = 0.0

    def read(self):
        return struct.unpack("<Q", self.path.read_bytes()[:8])[0]

    def settle(self):
        """Waits until the guest does no more than it does in two quiet moments one after the other."""
        deadline = time.monotonic() + board.SECONDS
        rates = [0.0, float("inf")]
        while abs(rates[-1] - rates[-2]) > 0.2 * rates[-1] + 1000:
            assert time.monotonic() < deadline, "the board does not come to rest"
            begin, at = self.read(), time.monotonic()
            time.sleep(0.3)
            rates.append((self.read() - begin) / (time.monotonic() - at))
        self.idle = min(rates[-2:])

    def cost(self, action):
        """Instructions that `action` made the guest run, and what it returned."""
        self.settle()
        begin, at = self.read(), time.monotonic()
        result = action()
        time.sleep(0.3)
        return self.read() - begin - self.idle * (time.monotonic() - at), result


def median(numbers):
    return sorted(numbers)[len(numbers) // 2]


def context(curve="prime256v1"):
    it = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    it.check_hostname, it.verify_mode = False, ssl.CERT_NONE
    it.minimum_version = ssl.TLSVersion.TLSv1_3
    if curve:
        it.set_ecdh_curve(curve)
    return it


class Client:
    """One kept connection."""

    def __init__(self, port, tls=None, session=None):
        self.connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=board.SECONDS)
        raw = http.client.socket.create_connection(("127.0.0.1", port), board.SECONDS)
        self.connection.sock = (tls or context()).wrap_socket(raw, session=session)

    def ask(self, method, path, fields=None, token=None, allowed=(200, 201)):
        headers = {"Content-Type": "application/json"} if fields else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.connection.request(method, path, json.dumps(fields) if fields else None, headers)
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status in allowed, (path, answer.status, body)
        return json.loads(body)

    def close(self):
        self.connection.close()


def handshakes(counter, port, curve="prime256v1", resumed=False):
    tls, session = context(curve), None
    if resumed:
        # Its ticket comes behind an answer, and is seen when the next one is read.
        first = Client(port, tls)
        deadline = time.monotonic() + board.SECONDS
        while not (first.connection.sock.session and first.connection.sock.session.has_ticket):
            assert time.monotonic() < deadline, "no ticket comes"
            first.ask("GET", "/healthz")
        session = first.connection.sock.session
        first.close()
    costs = []
    for _ in range(ROUNDS):
        cost, client = counter.cost(lambda: Client(port, tls, session))
        assert client.connection.sock.session_reused == resumed
        client.close()
        costs.append(cost)
    return median(costs)


def repeated(counter, action):
    """The median of single calls."""
    return median([counter.cost(action)[0] for _ in range(ROUNDS)])


def measure(running, counter):
    """Prints a line a number. The board has answered "ready"."""
    port = running.port(443)
    code = re.search(r"^setup code: (\S+)$", running.text, re.MULTILINE)[1]
    client = Client(port)
    client.ask("POST", "/auth/setup/",
               {"code": code, "username": "ada", "email": "ada@x.io", "password": PASSWORD})
    login = {"username": "ada", "password": PASSWORD}
    token = client.ask("POST", "/auth/login/", login)["access"]

    def show(what, cost):
        print(f"{what:55}{cost / 1e6:10.3f} M instructions", flush=True)

    show("GET /auth/me/ on a kept connection", repeated(counter, lambda: client.ask("GET", "/auth/me/", token=token)))
    show("login at the board's count", repeated(counter, lambda: client.ask("POST", "/auth/login/", login)))
    client.close()
    show("TLS 1.3 handshake, P-256 offered first", handshakes(counter, port))
    show("  resumed", handshakes(counter, port, resumed=True))
    show("  X25519 offered first: one more round trip", handshakes(counter, port, curve=None))


def at_once(port, clients=3):
    """As many people as there are workers sign in at the same moment, each on a new connection. A board hashes one
    password while one more waits: 503 is an answer, too."""
    def sign_in():
        client = Client(port)
        client.ask("POST", "/auth/login/", {"username": "ada", "password": PASSWORD}, allowed=(200, 503))
        client.close()

    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(sign_in) for _ in range(clients)]:
            done.result()


def memory(running):
    """What the console tells of heap, stacks and pools."""
    at = running.position
    running.send("stat\n")
    running.wait_for(r"^frames: .*$", at)
    return re.findall(r"^(?:heap|thread|pool): .*$", running.text[at:], re.MULTILINE)


def show_memory(running):
    """The RAM that the firmware takes: what it was linked with, and the most that the heap held."""
    counts = sum(size.read_map(board.built(running.name, "latchkey.map")).values(), collections.Counter())
    linked = counts["data"] + counts["bss"]

    def show_peak(what):
        peak = int(re.search(r"peak (\d+)", memory(running)[0])[1])
        print(f"{what:55}{(linked + peak) / 1024:10.1f} KB: {linked} linked, {peak} heap")

    print()
    show_peak("memory, one request at a time")
    at_once(running.port())
    show_peak("memory, three sign in at once")
    print("\n".join(["", *memory(running)]))


def iteration(name):
    """The test of the assembly prints what it counts."""
    image = board.built(name, "crypto_sha256_test.elf")
    command = [board.QEMU, "-M", board.MACHINES[name][0], "-display", "none", "-serial", "stdio", "-monitor", "none",
               "-semihosting-config", "enable=on,target=native", "-icount", "shift=5,sleep=off", "-kernel", str(image)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=board.SECONDS, check=True).stdout
    print(re.search(r"^\d+ instructions a PBKDF2 iteration$", said, re.MULTILINE)[0])


def main():
    name = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="latchkey-size-") as folder:
        folder = pathlib.Path(folder)
        plugin = folder / "count.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(plugin), str(HERE / "count.c")], check=True)
        options = ["-plugin", f"{plugin},into={folder / 'count'}"]
        with board.Board(name, flash=folder / "flash", options=options) as running:
            running.wait_for("^ready$")
            measure(running, Counter(folder / "count"))
            show_memory(running)
        iteration(name)


if __name__ == "__main__":
    main()
