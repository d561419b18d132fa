"""
Power cuts, as near as a process can come to them: the server is killed with SIGKILL at random moments of a mixed write
load over HTTPS, again and again on the same data. After each restart every write that was acknowledged must be there,
no write may be half there, and `latchkeyd check` must find every invariant kept.

KILLS sets how often (100). The seed is printed; SEED=… replays its choices.
"""

import http.client
import json
import os
import random
import threading
import time

import lk

KILLS = int(os.environ.get("KILLS", "100"))
WRITERS = 6
PASSWORD = "first secret of theirs"
UNSURE = (OSError, http.client.HTTPException)  # the line went dead: done or not done, but never half


class Account:
    """One account as its writer believes it to be: the acknowledged state, and what may have come after it."""

    def __init__(self, name):
        self.name = name
        self.states = [None]  # None: no such account
        self.refresh = None   # a token of a session that lives in every state but None
        self.dead = None      # a token of a session whose end was acknowledged

    @property
    def state(self):
        return self.states[-1]

    def attempt(self, changed, act):
        """Runs `act`; until it is acknowledged both states are possible."""
        self.states = [self.states[-1], changed]
        answer = act()
        self.states = [changed]
        return answer


class Client:
    def __init__(self, server):
        self.server = server
        self.connection = None

    def call(self, method, path, body=None, token=None, expect=(200, 201, 204)):
        if self.connection is None:
            self.connection = http.client.HTTPSConnection("localhost", self.server.port, timeout=lk.PATIENCE,
                                                          context=self.server.tls_context)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body)
        self.connection.request(method, path, data, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status in expect, (method, path, answer.status, text)
        return answer.status, json.loads(text) if text else None


def write(client, rng, account):
    """One random change of one account."""
    state = account.state
    if state is None:
        fresh = {"password": PASSWORD, "full_name": "", "biography": "Default biography"}
        account.attempt(fresh, lambda: client.call("POST", "/auth/signup/", {
            "username": account.name, "email": f"{account.name}@x.io", "password": PASSWORD}))
        account.refresh = None
        return
    _, tokens = client.call("POST", "/auth/login/", {"username": account.name, "password": state["password"]})
    access = tokens["access"]
    choice = rng.choice(["name", "name", "biography", "password", "logout", "delete"])
    if choice == "name":
        name = f"name {rng.random()}"
        account.attempt({**state, "full_name": name},
                        lambda: client.call("PATCH", "/api/user/update/", {"full_name": name}, access))
    elif choice == "biography" and state["biography"] == "Default biography":
        text = f"life {rng.random()} " + "x" * rng.randrange(3000)
        account.attempt({**state, "biography": text}, lambda: client.call(
            "POST", "/api/users/create/", {"username": account.name, "biography": text}, access))
    elif choice == "password":
        password = f"secret {rng.random()}"
        account.attempt({**state, "password": password},
                        lambda: client.call("PATCH", "/api/user/update/", {"password": password}, access))
    elif choice == "logout":
        client.call("POST", "/auth/logout/", {"refresh_token": tokens["refresh"]})
        account.dead = tokens["refresh"]
    elif choice == "delete" and rng.random() < 0.3:
        account.attempt(None, lambda: client.call("DELETE", f"/auth/delete/{account.name}/", token=access))
        account.dead = None


def load(server, seed, accounts, acknowledged, stop, errors):
    rng = random.Random(seed)
    client = Client(server)
    try:
        while not stop.is_set():
            write(client, rng, rng.choice(accounts))
            acknowledged.append(1)
    except UNSURE:
        pass
    except AssertionError as wrong:
        errors.append(wrong)


def look(client, account, password):
    """The account as the server has it, or None."""
    status, tokens = client.call("POST", "/auth/login/", {"username": account.name, "password": password},
                                 expect=(200, 401))
    if status == 401:
        return None
    _, me = client.call("GET", "/api/user/me/", token=tokens["access"])
    _, profile = client.call("GET", f"/api/users/{account.name}/", token=tokens["access"])
    return {"password": password, "full_name": me["full_name"], "biography": profile["biography"]}


def verify(server, account):
    client = Client(server)
    seen = None
    for state in account.states:
        if state is not None and seen is None:
            seen = look(client, account, state["password"])
    assert seen in account.states, f"{account.name}: the store has {seen}, acknowledged was {account.states}"
    account.states = [seen]
    if account.dead is not None:
        client.call("POST", "/auth/token/refresh/", {"refresh": account.dead}, expect=(401,))


def test_every_acknowledged_write_survives_a_kill():
    seed = int(os.environ.get("SEED", time.time_ns() % 1000000007))
    print(f"SEED={seed}")
    rng = random.Random(seed)
    groups = [[Account(f"w{w}-{n}") for n in range(5)] for w in range(WRITERS)]
    acknowledged = []
    server = lk.Server(log_level="error")
    for kill in range(KILLS):
        for account in (a for group in groups for a in group):
            if len(account.states) > 1 or rng.random() < 0.2:
                verify(server, account)
        stop, errors = threading.Event(), []
        threads = [threading.Thread(target=load, args=(server, rng.random(), group, acknowledged, stop, errors))
                   for group in groups]
        for thread in threads:
            thread.start()
        before = len(acknowledged)
        lk.wait_for(lambda: errors or len(acknowledged) > before, "nothing is written")
        time.sleep(rng.uniform(0, 0.3))
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
        assert not errors, f"kill {kill}: {errors[0]}"
        server.command("check")
        server.start()
    for account in (a for group in groups for a in group):
        verify(server, account)
    server.close()
    print(f"{KILLS} kills, {len(acknowledged)} acknowledged writes, none lost")
    assert len(acknowledged) >= KILLS
