"""The board announces itself by multicast DNS: where LK_NET_MDNS is set."""
import struct

import wire
from net_board import boot


def test_multicast_dns():
    """Who asks the network for HTTPS servers finds the board, its name and its address (RFC 6762, RFC 6763)."""
    with wire.Wire() as cable, boot(netdev=cable.netdev) as running:
        running.wait_for("^ready$")
        name = b"\x06_https\x04_tcp\x05local\0"
        query = struct.pack("!HHHHHH", 0, 0, 1, 0, 0, 0) + name + struct.pack("!HH", 12, 1)

        def is_answer(packet):
            return packet.protocol == 17 and packet.dport == 5353 and packet.payload[2] & 0x80

        cable.send_udp("224.0.0.251", 5353, 5353, query, to=bytes.fromhex("01005e0000fb"))
        answer = cable.wait_for(lambda p: is_answer(p) and b"_https" in p.payload, "an answer to the question")
        assert answer.target == "224.0.0.251"
        assert b"latchkey-test" in answer.payload
        assert struct.pack("!H", 443) in answer.payload and wire.address("10.0.2.15") in answer.payload
