# A raw peer: segments that no kernel would send. It knows how to write and read them; it keeps no state but numbers.
"""Forged segments, in the name of a host (Forger) or from an address of its own (Peer)."""

import socket
import struct

from lab.network import LabError, until
from lab.wire import ACK, FIN, OTHER, PUSH, RST, SYN, Packet, ones_sum

LETTERS = {"S": SYN, "F": FIN, "R": RST, "P": PUSH, ".": ACK}
# On the networks of the two hosts, and nobody's: no kernel answers for them.
NOBODY = {4: {"client": "192.0.2.77", "server": "198.51.100.77"}, 6: {"client": "2001:db8:1::77", "server": "2001:db8:2::77"}}


def timestamps(value, echo):
    return struct.pack("!BBBBII", 1, 1, 8, 10, value & 0xffffffff, echo & 0xffffffff)


def build(source, destination, sport, dport, flags, seq, ack=0, window=64240, data=b"", options=b"", corrupted=False):
    """An IP packet with a TCP segment. FLAGS are tcpdump's letters. CORRUPTED: its checksum is wrong."""
    options += b"\0" * (-len(options) % 4)
    tcp = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xffffffff, ack & 0xffffffff, (5 + len(options) // 4) << 4,
                      sum(LETTERS[letter] for letter in flags), window, 0, 0) + options + data
    packet = wrap(source, destination, socket.IPPROTO_TCP, tcp, 16)
    # The urgent pointer, which nobody looks at without URG.
    return packet[:-len(tcp) + 18] + b"\x12\x34" + packet[len(packet) - len(tcp) + 20:] if corrupted else packet


def wrap(source, destination, protocol, payload, checksum_at, pseudo=True):
    """Put it into an IP packet, its own checksum filled in."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    addresses = socket.inet_pton(family, source) + socket.inet_pton(family, destination)
    over = addresses + struct.pack("!HH", protocol, len(payload)) if pseudo else b""
    checksum = ~ones_sum(over + payload) & 0xffff
    payload = payload[:checksum_at] + struct.pack("!H", checksum) + payload[checksum_at + 2:]
    if family == socket.AF_INET6:
        return struct.pack("!IHBB", 0x60000000, len(payload), protocol, 64) + addresses + payload
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0x1234, 0x4000, 64, protocol, 0) + addresses
    return header[:10] + struct.pack("!H", ~ones_sum(header) & 0xffff) + header[12:] + payload


class Line:
    """A host's own end of its wire: what is sent there, all taps see."""

    def __init__(self, lab, host):
        self.lab, self.host = lab, host
        with lab.on(host):
            self.socket = lab.wire.open("eth0")
        interface = "to" + host
        self.header = bytes.fromhex((lab.MAC[interface] + lab.MAC[host]).replace(":", ""))
        lab.sockets.append(self.socket)

    def send(self, packet):
        self.socket.send(self.header + (b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00") + packet)


class Forger:
    """Forges segments of an open connection between the two hosts, in the name of either. Numbers are relative to what that
    host would send next, and to what it has acknowledged."""

    def __init__(self, lab, client, server):
        self.lab = lab
        self.ends = {"client": client.getsockname()[:2], "server": (server if server else client).getsockname()[:2]}
        if not server:
            self.ends["server"] = client.getpeername()[:2]
        self.lines = {host: Line(lab, host) for host in self.ends}

    def numbers(self, host):
        """What the host would send next, and what it has acknowledged, as the wire has seen it."""
        sent = [packet for packet in self.lab.wire.seen if packet.source == host and packet.tcp and not packet.flags & RST and
                packet.sport == self.ends[host][1] and packet.dport == self.ends[OTHER[host]][1]]
        if not sent:
            raise LabError(f"{host} has sent nothing")
        newest = sent[0]
        for packet in sent:
            # A new incarnation starts its numbers afresh.
            if packet.flags & SYN or ((packet.end - newest.end) & 0xffffffff) < 1 << 31:
                newest = packet
        acked = [packet for packet in sent if packet.flags & ACK]
        stamps = newest.timestamps()
        return newest.end, acked[-1].ack if acked else 0, stamps

    def send(self, host, flags, seq=0, ack=0, age=None, **more):
        """AGE: with a timestamp so much older than the host's last one."""
        next_seq, next_ack, stamps = self.numbers(host)
        if age is not None:
            more["options"] = timestamps(stamps[0] - age, stamps[1])
        (source, sport), (destination, dport) = self.ends[host], self.ends[OTHER[host]]
        self.lines[host].send(build(source, destination, sport, dport, flags, next_seq + seq,
                                    next_ack + ack if "." in flags else 0, **more))
        self.lab.until_quiet()


class Peer:
    """A peer without a kernel, at one of the hosts. Its numbers are relative to its ISN, and to the other's."""

    def __init__(self, lab, host, port, other_port, isn=1000000):
        self.lab, self.host, self.isn, self.other_isn = lab, host, isn, None
        self.own = (NOBODY[lab.family][host], port)
        self.other = lab.address(OTHER[host], other_port)
        self.line = Line(lab, host)
        self.begin = len(lab.wire.seen)

    def send(self, flags, seq, ack=0, data=b"", **more):
        self.line.send(build(self.own[0], self.other[0], self.own[1], self.other[1], flags, self.isn + seq,
                             (self.other_isn or 0) + ack if "." in flags else 0, data=data, **more))

    def receive(self, flags):
        """The next segment to this peer with exactly these flags; others are passed over."""
        wanted = sum(LETTERS[letter] for letter in flags)
        found = []

        def look():
            for packet in self.lab.wire.seen[self.begin:]:
                self.begin += 1
                if packet.tcp and packet.source != self.host and packet.dport == self.own[1] and \
                   packet.flags & ~PUSH == wanted & ~PUSH:
                    found.append(packet)
                    return True
            return False

        until(look, f"{flags} to the raw peer")
        if found[0].flags & SYN:
            self.other_isn = found[0].seq
            self.other = (self.other[0], found[0].sport)
        return found[0]

    def nothing_came(self):
        """Whether the other has sent nothing since the last receive()."""
        return not any(packet.source != self.host for packet in self.lab.wire.seen[self.begin:])


def icmp_error(lab, packet, code, mtu=0):
    """The router tells the sender of PACKET (a Packet of the wire's) that it could not be delivered: destination unreachable."""
    quoted = bytes(packet.data[:28])
    message = struct.pack("!BBHHH", 3, code, 0, 0, mtu) + quoted
    address = socket.inet_ntop(socket.AF_INET, packet.data[12:16])
    router = {"client": "192.0.2.254", "server": "198.51.100.254"}[packet.source]
    lab.wire.tell(Packet(wrap(router, address, socket.IPPROTO_ICMP, message, 2, pseudo=False), OTHER[packet.source]))
