"""The network of a board without the server: tests/board/net_image.c in QEMU."""
import contextlib
import random
import re
import socket
import struct
import threading
import time

import pytest

import board
import wire
from net_board import ECHO, HTTP, SINK, SOURCE, boot

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
ANSWER_END = b"ok\n"


@pytest.fixture(scope="module")
def shared():
    """One board behind QEMU's own network, for tests that leave it as it was."""
    with boot() as running:
        running.wait_for("^ready$")
        yield running


@pytest.fixture
def net(shared):
    yield shared
    # No test may leave it without connections to give.
    assert fetch(shared.connect(HTTP)).endswith(ANSWER_END)


@pytest.fixture
def cable():
    with wire.Wire() as peer:
        yield peer


def counters(running):
    words = running.ask("counters", r"^received .*$")[0].split()
    return {name: int(value) for name, value in zip(words[::2], words[1::2], strict=True)}


def pools(running):
    at = running.position
    running.send("pools\n")
    running.wait_for("^end of pools$", at)
    rows = [line.split() for line in running.text[at:].splitlines() if line.startswith("pool ")]
    return {row[1]: {row[i]: int(row[i + 1]) for i in range(2, len(row), 2)} for row in rows}


def receive(connection, count):
    """As many bytes as that."""
    got = b""
    while len(got) < count:
        piece = connection.recv(min(count - len(got), 65536))
        assert piece, f"closed after {len(got)} of {count} bytes"
        got += piece
    return got


def fetch(connection):
    connection.sendall(REQUEST)
    answer = b""
    while not answer.endswith(ANSWER_END):
        piece = connection.recv(4096)
        assert piece, "closed before its answer was whole"
        answer += piece
    return answer


def pattern_sum(data):
    total = 0
    for byte in data:
        total = (total * 31 + byte) & 0xFFFFFFFF
    return total


def pattern(count):
    state, out = 1, bytearray()
    for _ in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out.append(state >> 24)
    return bytes(out)


def upload(running, data):
    with running.connect(SINK) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile().readline()
    assert answer == f"{len(data)} {pattern_sum(data)}\n"


def download(running, count):
    with running.connect(SOURCE) as connection:
        connection.sendall(f"{count}\n".encode())
        assert receive(connection, count) == pattern(count)


def wait_until(condition, otherwise):
    deadline = time.monotonic() + board.SECONDS
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.1)


def at_once(*actions):
    """Runs them in threads of their own; the first failure fails the test."""
    failures = []

    def run(action):
        try:
            action()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


# --- an address ---------------------------------------------------------------------------------------------------------


def test_smoke(net):
    net.ask("status", r"^link up, address 10\.0\.2\.15 \(dhcp\), gateway 10\.0\.2\.2$")
    with net.connect(ECHO) as connection:
        connection.sendall(b"hello")
        assert receive(connection, 5) == b"hello"


def test_a_fixed_address():
    with boot("fixed", address="10.0.2.77") as running:
        running.wait_for("^ready$")
        running.ask("status", r"^link up, address 10\.0\.2\.77 \(fixed\)")
        fetch(running.connect(HTTP))


def test_without_dhcp_the_fixed_address_until_dhcp_answers(cable):
    cable.offer = None
    with boot("dhcp fixed", netdev=cable.netdev) as running:
        running.wait_for(r"^link up, address 10\.0\.2\.77 \(fixed\)")
        running.wait_for("^ready$")
        assert b"200 OK" in wire.Connection(cable, "10.0.2.77", HTTP).establish().ask(REQUEST)
        cable.offer = "10.0.2.15"
        running.wait_for(r"^link up, address 10\.0\.2\.15 \(dhcp\)")
        assert b"200 OK" in wire.Connection(cable, "10.0.2.15", HTTP).establish().ask(REQUEST)
        assert "latchkey-test" in cable.dhcp_names


# --- the cable ------------------------------------------------------------------------------------------------------------


def test_the_cable_is_pulled_and_put_back(net):
    with net.connect(ECHO) as connection:
        for _ in range(2):
            at = net.position
            net.set_link(False)
            net.wait_for("^link down", at)
            connection.sendall(b"while it was out")
            at = net.position
            net.set_link(True)
            net.wait_for(r"^link up, address 10\.0\.2\.15 \(dhcp\)", at)
            assert receive(connection, 16) == b"while it was out"




# --- data --------------------------------------------------------------------------------------------------------------------


def test_large_transfers_both_ways_at_once(net):
    data = random.randbytes(300_000)
    at_once(*[lambda: upload(net, data)] * 3, *[lambda: download(net, 300_000)] * 3)


def test_pieces_of_every_length(net):
    """Frames of every length, odd ones too, leave and enter the controller's FIFO whole."""
    with net.connect(ECHO) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for length in [*range(1, 140), 535, 536, 537, 1459, 1460, 1461]:
            data = random.randbytes(length)
            connection.sendall(data)
            assert receive(connection, length) == data


# --- many clients ----------------------------------------------------------------------------------------------------------


def test_many_connections_at_once(net):
    def talk():
        with net.connect(ECHO) as connection:
            for _ in range(30):
                data = random.randbytes(200)
                connection.sendall(data)
                assert receive(connection, 200) == data

    at_once(*[talk] * 12)


def test_a_flood_of_idle_connections(net):
    """The idlest make room: a newcomer is always served, and afterwards nothing is missing."""
    before = counters(net)
    idle = []
    for i in range(60):
        idle.append(net.connect(ECHO))
        if i % 10 == 0:
            fetch(net.connect(HTTP))
    wait_until(lambda: counters(net)["evicted"] > before["evicted"] + 40, "the idle ones are not put out")
    # The last that came are still there.
    idle[-1].sendall(b"still here")
    assert receive(idle[-1], 10) == b"still here"
    for connection in idle:
        connection.close()
    at_once(*[lambda: fetch(net.connect(HTTP))] * 8)
    now = counters(net)
    assert now["failed_accepts"] == before["failed_accepts"]
    assert now["no_buffer"] == before["no_buffer"]


def test_clients_that_do_not_read(net):
    """They fill the buffers, until one that waits longer than they deserve is dropped; others are served meanwhile."""
    stuck = []
    for _ in range(12):
        connection = net.connect(SOURCE)
        connection.sendall(b"100000000\n")
        stuck.append(connection)
    for _ in range(2):
        fetch(net.connect(HTTP))
        upload(net, random.randbytes(20_000))
    for connection in stuck:
        connection.close()
    download(net, 200_000)


def test_clients_that_send_and_do_not_read(net):
    """An echo that nobody takes: what they send goes on waiting in the board's receive buffers."""
    stuck = []
    for _ in range(12):
        connection = net.connect(ECHO)
        connection.setblocking(False)
        stuck.append(connection)
    for _ in range(20):
        for connection in stuck:
            try:
                connection.send(bytes(50_000))
            except (BlockingIOError, ConnectionError):
                pass
        fetch(net.connect(HTTP))
    for connection in stuck:
        connection.close()
    upload(net, random.randbytes(100_000))


# --- peers that are not what they seem: by hand ------------------------------------------------------------------------------


def answers(cable, source=wire.HOST):
    """A whole short connection."""
    connection = wire.Connection(cable, "10.0.2.15", HTTP, source).establish()
    assert b"200 OK" in connection.ask(REQUEST)
    connection.send(wire.FIN | wire.ACK)


def test_knocks_without_a_second_word(cable):
    with boot(netdev=cable.netdev) as running:
        running.wait_for("^ready$")
        answers(cable)
        for i in range(200):
            wire.Connection(cable, "10.0.2.15", HTTP, f"10.0.2.{100 + i % 100}")
        answers(cable)
        # One that is in use is not pushed out by them.
        kept = wire.Connection(cable, "10.0.2.15", HTTP).establish()
        assert b"200 OK" in kept.ask(REQUEST)
        for i in range(200):
            wire.Connection(cable, "10.0.2.15", HTTP, f"10.0.2.{100 + i % 100}")
        assert b"200 OK" in kept.ask(REQUEST)


def test_peers_that_vanish(cable):
    """Clients that take a connection, ask, and are never heard of again: neither acknowledgement nor goodbye."""
    with boot(netdev=cable.netdev) as running:
        running.wait_for("^ready$")
        for i in range(120):
            gone = wire.Connection(cable, "10.0.2.15", SOURCE, f"10.0.2.{100 + i % 100}").establish()
            gone.send(wire.PSH | wire.ACK, b"50000\n")
            if i % 20 == 19:
                answers(cable)
        answers(cable)
        assert counters(running)["failed_accepts"] == 0


# --- the clock -----------------------------------------------------------------------------------------------------------------


def is_question(packet):
    return packet.protocol == 17 and packet.dport == 123


def ntp_answer(question, seconds, originate=None):
    """What an NTP server of stratum 1 says (RFC 5905), with the time that the question gave as its own."""
    stamp = struct.pack("!II", (seconds + 2208988800) & 0xFFFFFFFF, 0)
    return b"\x24\x01\x06\xe9" + bytes(20) + (originate or question.payload[40:48]) + stamp + stamp


def answer_questions(cable, running, until, answers):
    """To each question for the time all these answers (source, originate, seconds), until `until` stands in what the
    board says of its clock. A question that was not answered at once is followed by another, and good for nothing."""
    def answered():
        with contextlib.suppress(AssertionError):
            question = cable.wait_for(is_question, "a question for the time", 1)
            for source, originate, seconds in answers:
                reply = ntp_answer(question, seconds, originate)
                cable.send_udp("10.0.2.15", 123, question.sport, reply, source)
        return re.search(until, show_time(running)[0])

    wait_until(answered, f"the clock is never {until}")


def show_time(running):
    return running.ask("time", r"^time (\d+) (\w+) refused (\d+) up (\d+)$")


def test_the_clock_is_set_by_an_answer_to_its_own_question():
    """Not by what others say, nor by who did not see the question; and then it is stored."""
    now = int(time.time())
    with wire.Wire(ntp_server="10.0.2.9") as cable, boot(f"dhcp stored={now}", netdev=cable.netdev) as running:
        running.wait_for("^ready$")
        started = show_time(running)
        assert int(started[1]) in range(now, now + 100) and started[2] == "unsynced"
        answer_questions(cable, running, " synced", (
            ("10.0.2.8", None, now + 90_000),
            ("10.0.2.9", bytes(8), now + 90_000),
            ("10.0.2.9", None, now + 5000),
        ))
        after = show_time(running)
        assert int(after[1]) in range(now + 5000, now + 5500) and after[3] == "0"
        assert int(after[4]) - int(started[4]) < 1_000_000, "the monotonic clock jumped"
        stored = running.ask("store", r"^file clock = (\d+)$")
        assert int(stored[1]) in range(now + 5000, now + 5500)


def test_the_clock_never_goes_back_below_what_was_stored():
    now = int(time.time())
    with wire.Wire(ntp_server="10.0.2.9") as cable, boot(f"dhcp stored={now}", netdev=cable.netdev) as running:
        answer_questions(cable, running, "refused [1-9]", [("10.0.2.9", None, now - 1000)])
        assert int(show_time(running)[1]) >= now and show_time(running)[2] == "unsynced"


def test_the_clock_starts_at_the_build_when_what_is_stored_is_older():
    with boot("dhcp stored=1000000000") as running:
        assert int(show_time(running)[1]) > 1_790_000_000
