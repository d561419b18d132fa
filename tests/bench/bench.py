"""
The benchmark: Latchkey against nginx where there is something to compare, and against its own goals where not.

Runs of the two servers alternate and medians are compared, because the machine's mood changes between runs: trust the
ratios, not the absolute numbers. Everything is on loopback; each server is started and ended here.

    bench.py LATCHKEYD HANDSHAKE OUTPUT.json [NAME ...]

Without names every measurement runs. Prints a table and writes JSON.
"""

import hashlib
import json
import os
import re
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
ITERATIONS_FAST = 1000
PASSWORD = "a long enough secret"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, seconds=10.0):
    """The seconds until the port takes a connection."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return time.monotonic() - start
        except OSError:
            time.sleep(0.0005)
    raise RuntimeError(f"nothing listens on port {port}")


class Process:
    """A server of ours: started, measured, ended by its own pid."""

    def __init__(self, args, port, folder):
        self.port = port
        self.folder = folder
        self.started = time.monotonic()
        self.log = open(Path(folder) / "output", "ab")
        self.popen = subprocess.Popen(args, stdout=self.log, stderr=self.log, cwd=folder)

    def __enter__(self):
        wait_for(self.port)
        return self

    def __exit__(self, *_):
        self.popen.terminate()
        self.popen.wait(30)
        self.log.close()

    def memory_kb(self):
        """Resident memory that is the process's own, without pages of files (the database's map)."""
        status = Path(f"/proc/{self.popen.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+)", status)[1])

    def cpu_seconds(self):
        total = 0
        for pid in [self.popen.pid, *children(self.popen.pid)]:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")


def children(pid):
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


class Latchkey(Process):
    def __init__(self, binary, folder, *settings):
        port = free_port()
        self.data = Path(folder) / "data"
        super().__init__(
            [binary, f"data_dir={self.data}", f"listen=https://127.0.0.1:{port}", "log_level=error", "mail=off",
             "throttle=off", "max_connections=4000", "max_connections_per_address=4000", *settings],
            port, folder)
        self.certificate = self.data / "tls.crt"

    def request(self, method, path, body=None, token=None):
        """One request over a connection of its own: set-up and warming, never what is measured."""
        import http.client
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=30)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, data

    def login(self, name="bench"):
        self.request("POST", "/auth/signup/", {"username": name, "email": f"{name}@x.io", "password": PASSWORD})
        status, data = self.request("POST", "/auth/login/", {"username": name, "password": PASSWORD})
        assert status == 200, data
        return json.loads(data)


class Nginx(Process):
    """nginx with the same certificate, key and cipher, answering a fixed body."""

    def __init__(self, latchkey, folder, cipher, body):
        port = free_port()
        folder = Path(folder)
        (folder / "nginx.conf").write_text(f"""
worker_processes {os.cpu_count()};
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    server {{
        listen 127.0.0.1:{port} ssl backlog=4096;
        ssl_certificate {latchkey.data}/tls.crt;
        ssl_certificate_key {latchkey.data}/tls.key;
        ssl_protocols TLSv1.3;
        ssl_ecdh_curve prime256v1;
        ssl_conf_command Ciphersuites {cipher};
        ssl_session_cache shared:s:4m;
        location / {{ default_type application/json; return 200 '{body}'; }}
    }}
}}
""")
        super().__init__(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], port, folder)


def wrk(port, path, connections, seconds=SECONDS, token=None, script=None, threads=None):
    """Requests a second, and their 99th percentile in microseconds. An answer other than 2xx, or none, is an error."""
    threads = threads or min(2, connections)
    args = ["wrk", "-t", str(threads), "-c", str(connections), "-d", f"{seconds}s", "--latency"]
    if token:
        args += ["-H", f"Authorization: Bearer {token}"]
    if script:
        args += ["-s", str(script)]
    text = subprocess.run(args + [f"https://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    failed = re.search(r"Socket errors: (.*)", text)
    if bad or failed:
        raise RuntimeError(f"{path}: {bad and bad[0]} {failed and failed[0]}")
    if rate == 0 or float(value) == 0:
        raise RuntimeError(f"{path}: nothing was answered")
    return rate, float(value) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def alternate(runs, *measures):
    """Each measure `runs` times in turn; a list of medians, element by element, for each."""
    results = [[] for _ in measures]
    for _ in range(runs):
        for kept, measure in zip(results, measures):
            kept.append(measure())
    return [[statistics.median(column) for column in zip(*kept)] for kept in results]


def sync_micros(folder):
    """What the disk takes to make 80 scattered pages durable, about those of 16 sign-ups: the measure of what a commit
    can cost here and now."""
    times = []
    path = Path(folder) / "pages"
    with open(path, "w+b", buffering=0) as file:
        file.write(bytes(16 << 20))
        os.fsync(file.fileno())
        for turn in range(50):
            for page in range(80):
                os.pwrite(file.fileno(), bytes([turn]) * 4096, (page * 51 + turn * 7) % 4096 * 4096)
            start = time.monotonic()
            os.fdatasync(file.fileno())
            times.append((time.monotonic() - start) * 1e6)
    path.unlink()
    return statistics.median(times)


def cipher_of(port):
    context = ssl._create_unverified_context()
    with socket.create_connection(("127.0.0.1", port)) as raw, context.wrap_socket(raw) as s:
        return s.cipher()[0]


class Bench:
    def __init__(self, binary, handshake):
        self.binary = binary
        self.handshake = handshake
        self.rows = []
        self.root = tempfile.mkdtemp(prefix="latchkey-bench-")

    def folder(self):
        return tempfile.mkdtemp(dir=self.root)

    def row(self, name, ours, other=None, goal=None, good=None, unit=""):
        ratio = ours / other if other else None
        self.rows.append({"name": name, "ours": ours, "other": other, "ratio": ratio, "unit": unit, "goal": goal,
                          "met": good})
        mark = "" if good is None else ("met" if good else "MISSED")
        other_text = f"{other:>12,.1f}" if other is not None else " " * 12
        ratio_text = f"{ratio:6.2f}" if ratio else " " * 6
        print(f"{name:<52}{ours:>12,.1f} {unit:<6}{other_text} {ratio_text}  {goal or '':<28}{mark}", flush=True)

    def server(self, *settings):
        return Latchkey(self.binary, self.folder(), f"pbkdf2_iterations={ITERATIONS_FAST}", *settings)

    # --- against nginx -------------------------------------------------------------------------------------------------

    def get(self):
        with self.server() as ours:
            access = ours.login()["access"]
            body = ours.request("GET", "/auth/me/", token=access)[1].decode()
            with Nginx(ours, self.folder(), cipher_of(ours.port), body) as nginx:
                for connections in (2, 16, 64, 256):
                    (rate, p99), (n_rate, n_p99) = alternate(
                        RUNS,
                        lambda: wrk(ours.port, "/auth/me/", connections, token=access),
                        lambda: wrk(nginx.port, "/auth/me/", connections, token=access))
                    judged = connections in (16, 64)
                    self.row(f"authenticated GET, {connections} connections", rate, n_rate,
                             "0.8 of nginx" if judged else None, rate >= 0.8 * n_rate if judged else None, "1/s")
                    self.row(f"  its 99th percentile, {connections} connections", p99, n_p99,
                             "no worse than nginx" if judged else None, p99 <= n_p99 if judged else None, "us")
                self.row("memory after load, without the map", ours.memory_kb(), unit="KB")

    def handshakes(self):
        with self.server() as ours, Nginx(ours, self.folder(), "TLS_AES_128_GCM_SHA256", "{}") as nginx:
            def run(port, mode):
                return [float(subprocess.run([self.handshake, str(port), str(SECONDS), "4", mode], check=True,
                                             capture_output=True, text=True).stdout)]
            for mode in ("full", "resumed"):
                (rate,), (n_rate,) = alternate(RUNS, lambda: run(ours.port, mode), lambda: run(nginx.port, mode))
                self.row(f"TLS 1.3 handshakes, {mode}", rate, n_rate, "1.1 of nginx", rate >= 1.1 * n_rate, "1/s")

    # --- against OpenSSL ---------------------------------------------------------------------------------------------------

    def hashing(self):
        """A login's time is its hash: compared with OpenSSL's by way of Python's hashlib."""
        with Latchkey(self.binary, self.folder(), "pbkdf2_iterations=600000") as ours:
            ours.login()

            def login():
                start = time.monotonic()
                status, _ = ours.request("POST", "/auth/login/", {"username": "bench", "password": PASSWORD})
                assert status == 200
                return [(time.monotonic() - start) * 1e3]

            def openssl():
                start = time.monotonic()
                hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), b"saltSALTsaltSALTsaltSA", 600000)
                return [(time.monotonic() - start) * 1e3]

            (mine,), (theirs,) = alternate(RUNS, login, openssl)
            self.row("login at 600 000 iterations, all in all", mine, theirs, "1.2 of OpenSSL's hash",
                     mine <= 1.2 * theirs, "ms")

    # --- on its own ----------------------------------------------------------------------------------------------------------

    def refresh(self):
        with self.server() as ours:
            token = ours.login()["refresh"]
            script = Path(ours.folder) / "refresh.lua"
            script.write_text(f"""wrk.method = "POST"
wrk.body = '{{"refresh":"{token}"}}'
wrk.headers["Content-Type"] = "application/json"
""")
            ((rate, p99),) = alternate(RUNS, lambda: wrk(ours.port, "/auth/token/refresh/", 64, script=script))
            self.row("refresh, 64 connections", rate, unit="1/s")
            self.row("  its 99th percentile", p99, unit="us")

    def signup(self):
        with self.server() as ours:
            script = Path(ours.folder) / "signup.lua"
            script.write_text(f"""local thread = 0
function setup(t) t:set("id", thread); thread = thread + 1 end
function init() n = 0; salt = tostring(os.time()) .. "x" .. math.random(1000000000) end
function request()
  n = n + 1
  local name = "u" .. id .. "-" .. salt .. "-" .. n
  return wrk.format("POST", "/auth/signup/", {{["Content-Type"] = "application/json"}},
    '{{"username":"' .. name .. '","email":"' .. name .. '@x.io","password":"{PASSWORD}"}}')
end
math.randomseed({time.time_ns() % 1000000007})
""")
            ((rate, p99),) = alternate(RUNS, lambda: wrk(ours.port, "/auth/signup/", 64, script=script))
            self.row("durable sign-ups, 1000 iterations", rate, goal="6000 a second", good=rate >= 6000, unit="1/s")
            self.row("  their 99th percentile", p99, unit="us")
            self.row("  the disk's own time for 80 pages", sync_micros(ours.folder), unit="us")

    def flood(self):
        """The authenticated GET's 99th percentile alone, and while logins at 600 000 iterations flood."""
        with Latchkey(self.binary, self.folder(), "pbkdf2_iterations=600000") as ours:
            access = ours.login()["access"]
            script = Path(ours.folder) / "login.lua"
            script.write_text("""wrk.method = "POST"
wrk.body = '{"username":"bench","password":"wrong"}'
wrk.headers["Content-Type"] = "application/json"
""")

            def idle():
                return [wrk(ours.port, "/auth/me/", 2, token=access)[1]]

            def waiting():
                return int(re.search(r"latchkey_hash_queue (\d+)", ours.request("GET", "/metrics")[1].decode())[1])

            def flooded():
                flood = subprocess.Popen(["wrk", "-t", "1", "-c", "32", "-d", f"{SECONDS + 2}s", "-s", str(script),
                                          f"https://127.0.0.1:{ours.port}/auth/login/"], stdout=subprocess.DEVNULL)
                time.sleep(1)
                p99 = wrk(ours.port, "/auth/me/", 2, token=access)[1]
                queue = waiting()
                flood.wait(60)
                if queue < 16:
                    raise RuntimeError(f"{queue} logins wait: that is no flood")
                return [p99]

            (quiet,), (busy,) = alternate(RUNS, idle, flooded)
            self.row("GET's 99th percentile under a login flood", busy, quiet, "3 times the idle one", busy <= 3 * quiet,
                     "us")

    def crowd(self):
        """1 000 idle and 200 dripping connections: what a newcomer waits."""
        with self.server() as ours:
            access = ours.login()["access"]
            context = ssl._create_unverified_context()
            idle = [context.wrap_socket(socket.create_connection(("127.0.0.1", ours.port))) for _ in range(1000)]
            dripping = [context.wrap_socket(socket.create_connection(("127.0.0.1", ours.port))) for _ in range(200)]
            for s in dripping:
                s.send(b"POST /auth/login/ HTTP/1.1\r\nHost: x\r\n")
            times = []
            for turn in range(200):
                dripping[turn].send(b"X")
                start = time.monotonic()
                status, _ = ours.request("GET", "/auth/me/", token=access)
                assert status == 200
                times.append((time.monotonic() - start) * 1e3)
            worst = sorted(times)[197]
            self.row("a newcomer's 99th percentile in a crowd", worst, goal="50 ms", good=worst < 50, unit="ms")
            for s in idle + dripping:
                s.close()

    def memory(self):
        with self.server() as ours:
            time.sleep(1)
            idle = ours.memory_kb()
            self.row("memory idle, without the map", idle, goal="4 MB", good=idle < 4096, unit="KB")
            context = ssl._create_unverified_context()
            first = [context.wrap_socket(socket.create_connection(("127.0.0.1", ours.port))) for _ in range(50)]
            time.sleep(1)
            before = ours.memory_kb()
            more = [context.wrap_socket(socket.create_connection(("127.0.0.1", ours.port))) for _ in range(500)]
            time.sleep(1)
            each = (ours.memory_kb() - before) / len(more)
            self.row("an idle TLS connection", each, goal="8 KB", good=each < 8, unit="KB")
            for s in first + more:
                s.close()

    def start(self):
        """From exec to the first HTTPS answer, with the keys and the certificate made on the way."""
        times, again = [], []
        for _ in range(RUNS):
            folder = self.folder()
            for kept in (times, again):
                ours = Latchkey(self.binary, folder, f"pbkdf2_iterations={ITERATIONS_FAST}")
                with ours:
                    ours.request("GET", "/healthz")
                    kept.append((time.monotonic() - ours.started) * 1e3)
        self.row("first start to first answer", statistics.median(times), goal="20 ms",
                 good=statistics.median(times) < 20, unit="ms")
        self.row("later start to first answer", statistics.median(again), unit="ms")

    def size(self):
        stripped = Path(self.root) / "stripped"
        subprocess.run(["strip", "-o", stripped, self.binary], check=True)
        self.row("the program, stripped", stripped.stat().st_size / 1024, unit="KB")

    def scale(self):
        """CPU time of an authenticated GET with a thousand and with a million accounts."""
        costs = []
        for count in (1000, 1000000):
            folder = self.folder()
            lines = Path(folder) / "accounts.jsonl"
            encoded = "pbkdf2_sha256$1000$seasalt1234567890abcde$+mrJV1or3sXqbh2FU5v/LZJzsH54qMk5WG2EvU9SH7s="
            with open(lines, "w", encoding="ascii") as out:
                for n in range(count):
                    out.write(json.dumps({"username": f"user{n}", "email": f"user{n}@x.io", "password": encoded}) + "\n")
            data = Path(folder) / "data"
            with Latchkey(self.binary, folder, f"pbkdf2_iterations={ITERATIONS_FAST}", "map_size=4G"):
                pass
            subprocess.run([self.binary, "import", str(lines), f"data_dir={data}", "map_size=4G"], check=True,
                           stdout=subprocess.DEVNULL)
            with Latchkey(self.binary, folder, f"pbkdf2_iterations={ITERATIONS_FAST}", "map_size=4G") as ours:
                tokens = []
                for n in range(0, count, count // 200):
                    status, answer = ours.request("POST", "/auth/login/",
                                                  {"username": f"user{n}", "password": "password123"})
                    assert status == 200, answer
                    tokens.append(json.loads(answer)["access"])
                script = Path(folder) / "me.lua"
                script.write_text("local tokens = {" + ",".join(f'"{t}"' for t in tokens) + "}\nlocal n = 0\n"
                                  "function request()\n  n = n % #tokens + 1\n"
                                  "  return wrk.format('GET', '/auth/me/', {Authorization = 'Bearer ' .. tokens[n]})\nend\n")

                def cost():
                    before = ours.cpu_seconds()
                    rate, _ = wrk(ours.port, "/auth/me/", 16, script=script)
                    return [(ours.cpu_seconds() - before) / (rate * SECONDS) * 1e6]
                ((micros,),) = alternate(RUNS, cost)
                costs.append(micros)
        self.row("CPU of a GET with 10^6 accounts, against 10^3", costs[1], costs[0], "1.3 times", costs[1] <= 1.3 * costs[0],
                 "us")


NAMES = ["get", "handshakes", "hashing", "refresh", "signup", "flood", "crowd", "memory", "start", "size", "scale"]


def main():
    binary, handshake, output, *names = sys.argv[1:]
    unknown = set(names) - set(NAMES)
    if unknown:
        sys.exit(f"bench: no measurement called {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    bench = Bench(os.path.abspath(binary), os.path.abspath(handshake))
    print(f"{'':<52}{'Latchkey':>12} {'':<6}{'other':>12} {'ratio':>6}  goal")
    try:
        for name in names or NAMES:
            getattr(bench, name)()
    finally:
        shutil.rmtree(bench.root, ignore_errors=True)
    Path(output).write_text(json.dumps({"runs": RUNS, "seconds": SECONDS, "rows": bench.rows}, indent=1) + "\n")
    missed = [row["name"].strip() for row in bench.rows if row["met"] is False]
    print(f"\n{len(missed)} goals missed{': ' if missed else ''}{'; '.join(missed)}")


if __name__ == "__main__":
    main()
