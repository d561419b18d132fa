"""The far end of a board's network cable: frames by hand, where QEMU's own network is too well behaved."""
import contextlib
import random
import select
import socket
import struct
import tempfile
import threading
import time

HOST_MAC = bytes.fromhex("525500000002")
BROADCAST = b"\xff" * 6
HOST = "10.0.2.2"
SECONDS = 120

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def address(text):
    return socket.inet_aton(text)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Packet:
    """An IPv4 packet of UDP or TCP, as far as tests look at it."""

    def __init__(self, frame):
        self.to_mac, self.from_mac = frame[:6], frame[6:12]
        ip = frame[14:]
        head = (ip[0] & 15) * 4
        self.protocol = ip[9]
        self.source, self.target = socket.inet_ntoa(ip[12:16]), socket.inet_ntoa(ip[16:20])
        body = ip[head : struct.unpack("!H", ip[2:4])[0]]
        self.sport, self.dport = struct.unpack("!HH", body[:4])
        if self.protocol == 17:
            self.payload = body[8:]
        elif self.protocol == 6:
            self.seq, self.ack, offset, self.flags, self.window = struct.unpack("!IIBBH", body[4:16])
            self.payload = body[(offset >> 4) * 4 :]


class Wire:
    """
    One Ethernet peer, with the address HOST. It answers ARP for whatever is asked, and DHCP with `offer` unless that
    is None. Everything else that the board sends is kept for wait_for().
    """

    def __init__(self, offer="10.0.2.15", ntp_server=None):
        self.offer = offer
        self.ntp_server = ntp_server
        self.answer_arp = True
        self.folder = tempfile.TemporaryDirectory(prefix="latchkey-wire-")
        self.ours, self.theirs = f"{self.folder.name}/host", f"{self.folder.name}/board"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.ours)
        # A board that has no room takes nothing from its cable for a while: whoever sends waits.
        self.socket.settimeout(SECONDS)
        self.board_mac = None
        self.dhcp_names = []
        self.packets = []
        self.arrived = threading.Condition()
        self.closing = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.closing = True
        self.thread.join()
        self.socket.close()
        self.folder.cleanup()

    @property
    def netdev(self):
        """For Board(netdev=…)."""
        return f"dgram,id=n0,local.type=unix,local.path={self.theirs},remote.type=unix,remote.path={self.ours}"

    # --- frames -----------------------------------------------------------------------------------------------------

    def send_frame(self, kind, body, to=None):
        frame = (to or self.board_mac or BROADCAST) + HOST_MAC + struct.pack("!H", kind) + body
        self.socket.sendto(frame.ljust(60, b"\0"), self.theirs)

    def send_ip(self, protocol, target, body, source=HOST, to=None):
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), random.getrandbits(16), 0, 64, protocol, 0)
        head += address(source) + address(target)
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        self.send_frame(0x0800, head + body, to)

    def send_udp(self, target, sport, dport, payload, source=HOST, to=None):
        self.send_ip(17, target, struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload, source, to)

    def send_tcp(self, target, sport, dport, flags, seq=0, ack=0, payload=b"", window=8192, source=HOST):
        head = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x50, flags, window, 0, 0)
        pseudo = address(source) + address(target) + struct.pack("!BBH", 0, 6, len(head) + len(payload))
        head = head[:16] + struct.pack("!H", checksum(pseudo + head + payload)) + head[18:]
        self.send_ip(6, target, head + payload, source)

    def wait_for(self, matches, what, seconds=SECONDS):
        """The first packet that came, and was not waited for yet, of which `matches` is true."""
        deadline = time.monotonic() + seconds
        with self.arrived:
            while True:
                for packet in self.packets:
                    if matches(packet):
                        self.packets.remove(packet)
                        return packet
                left = deadline - time.monotonic()
                assert left > 0, f"the board did not send {what}"
                self.arrived.wait(min(left, 1))

    def _run(self):
        while not self.closing:
            if not select.select([self.socket], [], [], 0.2)[0]:
                continue
            frame = self.socket.recv(2048)
            self.board_mac = frame[6:12]
            kind = struct.unpack("!H", frame[12:14])[0]
            if kind == 0x0806:
                self._arp(frame[14:])
            elif kind == 0x0800 and frame[23] in (6, 17):
                packet = Packet(frame)
                if packet.protocol == 17 and packet.dport == 67:
                    self._dhcp(packet)
                    continue
                with self.arrived:
                    self.packets.append(packet)
                    self.arrived.notify_all()

    def _arp(self, body):
        operation, mac, source, target = struct.unpack("!H", body[6:8])[0], body[8:14], body[14:18], body[24:28]
        if operation == 1 and source != target and self.answer_arp:
            reply = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2) + HOST_MAC + target + mac + source
            self.send_frame(0x0806, reply, mac)

    def _dhcp(self, packet):
        options, rest = {}, packet.payload[240:]
        while rest and rest[0] != 255:
            if rest[0] == 0:
                rest = rest[1:]
                continue
            options[rest[0]] = rest[2 : 2 + rest[1]]
            rest = rest[2 + rest[1] :]
        self.dhcp_names.append(options.get(12, b"").decode())
        answer = {1: 2, 3: 5}.get(options[53][0])  # discover: offer; request: acknowledge
        if self.offer is None or answer is None:
            return
        reply = bytes([2]) + packet.payload[1:16] + address(self.offer) + address(HOST) + packet.payload[24:240]
        reply += bytes([53, 1, answer, 54, 4]) + address(HOST) + bytes([51, 4]) + struct.pack("!I", 3600)
        reply += bytes([1, 4, 255, 255, 255, 0, 3, 4]) + address(HOST)
        if self.ntp_server:
            reply += bytes([42, 4]) + address(self.ntp_server)
        self.send_udp("255.255.255.255", 67, 68, reply + b"\xff", to=BROADCAST)


class Connection:
    """A TCP connection to the board made by hand: it acknowledges when it is told to."""

    def __init__(self, wire, target, dport, source=HOST):
        self.wire, self.target, self.dport, self.source = wire, target, dport, source
        self.sport = random.randrange(1024, 65536)
        self.seq = random.getrandbits(32)
        self.ack = 0
        self.window = 8192
        self.send(SYN)

    def send(self, flags, payload=b""):
        self.last = (flags, self.seq, payload)
        self.wire.send_tcp(
            self.target, self.sport, self.dport, flags, self.seq, self.ack, payload, self.window, self.source
        )
        self.seq = (self.seq + len(payload) + (1 if flags & (SYN | FIN) else 0)) & 0xFFFFFFFF

    def wait(self, matches, what, seconds=SECONDS):
        """Waits for a segment, and says once more what it said last, every other second, until it comes."""

        def ours(packet):
            return packet.protocol == 6 and (packet.sport, packet.dport) == (self.dport, self.sport) and matches(packet)

        for _ in range(seconds // 2):
            with contextlib.suppress(AssertionError):
                return self.wire.wait_for(ours, what, 2)
            flags, self.seq, payload = self.last
            self.send(flags, payload)
        raise AssertionError(f"the board did not send {what}")

    def establish(self):
        answer = self.wait(lambda p: p.flags & SYN, "its SYN")
        self.ack = (answer.seq + 1) & 0xFFFFFFFF
        self.send(ACK)
        return self

    def ask(self, payload):
        """Sends it, takes the answer's first segment and acknowledges that."""
        self.send(PSH | ACK, payload)
        answer = self.wait(lambda p: p.payload and p.seq == self.ack, "an answer")
        self.ack = (self.ack + len(answer.payload)) & 0xFFFFFFFF
        self.send(ACK)
        return answer.payload
