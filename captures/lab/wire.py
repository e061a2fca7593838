# The way between the two hosts: two legs with a router between them, each of which can delay, lose, hold and repeat.
# It knows the packets that it forwards; it knows neither sockets nor states.
"""client --- leg "client" --- inner --- leg "server" --- server"""

import contextlib
import heapq
import select
import socket
import struct
import threading
import time

FIN, SYN, RST, PUSH, ACK = 1, 2, 4, 8, 16
PACKET_IGNORE_OUTGOING = 23
SO_RCVBUFFORCE = 33
OTHER = {"client": "server", "server": "client"}


def ones_sum(data):
    """The Internet checksum's sum (RFC 1071), not yet inverted."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


class Packet:
    """An IP packet on its way, and what a rule may ask of it."""

    def __init__(self, data, source):
        self.data = bytearray(data)
        self.source = source
        self.tcp = False
        self.flags = self.seq = self.ack = self.length = self.sport = self.dport = 0
        if data[0] >> 4 == 4:
            at, end, protocol = (data[0] & 15) * 4, struct.unpack_from("!H", data, 2)[0], data[9]
        else:
            at, end, protocol = 40, 40 + struct.unpack_from("!H", data, 4)[0], data[6]
        if protocol != socket.IPPROTO_TCP:
            return
        self.tcp = True
        self.at = at
        self.sport, self.dport, self.seq, self.ack = struct.unpack_from("!HHII", data, at)
        self.flags = data[at + 13]
        self.window = struct.unpack_from("!H", data, at + 14)[0]
        self.length = end - at - (data[at + 12] >> 4) * 4
        self.options = bytes(data[at + 20:at + (data[at + 12] >> 4) * 4])

    @property
    def end(self):
        """The number after its last one, SYN and FIN counted."""
        return (self.seq + self.length + bool(self.flags & SYN) + bool(self.flags & FIN)) & 0xffffffff

    def timestamps(self):
        """TSval and TSecr, or None."""
        at = 0
        while at < len(self.options) and self.options[at]:
            if self.options[at] == 1:
                at += 1
                continue
            if self.options[at] == 8:
                return struct.unpack_from("!II", self.options, at + 2)
            at += self.options[at + 1]
        return None

    def hop(self):
        """One less to live, and for IPv4 the header's checksum that goes with it (RFC 1624)."""
        if self.data[0] >> 4 == 6:
            self.data[7] -= 1
            return
        self.data[8] -= 1
        checksum = struct.unpack_from("!H", self.data, 10)[0] + 0x100
        struct.pack_into("!H", self.data, 10, (checksum + (checksum >> 16)) & 0xffff)


# What a rule may look for. `from_client(FINS)` is a FIN of the client's.

def syns(packet):
    return packet.flags & (SYN | ACK) == SYN


def syn_acks(packet):
    return packet.flags & (SYN | ACK) == SYN | ACK


def fins(packet):
    return packet.flags & FIN


def rsts(packet):
    return packet.flags & RST


def data(packet):
    return packet.length


def acks(packet):
    """Bare ones."""
    return packet.flags & (SYN | FIN | RST | ACK) == ACK and not packet.length


def everything(_packet):
    return True


def from_client(what=everything):
    return lambda packet: packet.source == "client" and what(packet)


def from_server(what=everything):
    return lambda packet: packet.source == "server" and what(packet)


class Rule:
    """What happens on a leg to packets that match: "lose", "hold", "repeat" or, only counted, "watch"; all of them or the first so many."""

    def __init__(self, wire, leg, action, what, first):
        self.wire, self.leg, self.action, self.what, self.left = wire, leg, action, what, first
        self.count, self.held = 0, []

    def takes(self, packet):
        if self.left == 0 or not packet.tcp or not self.what(packet):
            return False
        if self.left is not None:
            self.left -= 1
        self.count += 1
        return True

    def lift(self):
        """Nothing more is taken; what was held goes on its way, in the order in which it came."""
        self.left = 0
        self.release()

    def release(self):
        """What was held goes on its way; what comes is held again, if the rule still holds."""
        with self.wire.lock:
            for packet in self.held:
                self.wire.proceed(packet, self.leg)
            self.held = []
        self.wire.wake()


class Wire(threading.Thread):
    """Forwards in the router's place. What has passed the first leg of its way is sent to the interface "inner", where a tap can
    record what is between the two legs. Delays are seconds for each leg, so two packets can cross on either.
    (A queue discipline could delay too, but not every kernel has netem.)"""

    def __init__(self, lab, delay=(0, 0)):
        super().__init__(daemon=True)
        self.delay = dict(zip(("client", "server"), delay))
        self.rules, self.waiting, self.number = [], [], 0
        self.lock = threading.RLock()
        self.running = True
        self.last = time.monotonic()
        self.seen = []
        self.listeners = []
        self.pipe = socket.socketpair()
        with lab.on("router"):
            self.ends, self.headers = {}, {}
            for interface, host in (("toclient", "client"), ("toserver", "server")):
                self.ends[host] = self.open(interface)
                self.headers[host] = bytes.fromhex((lab.MAC[host] + lab.MAC[interface]).replace(":", ""))
            self.inner = self.open("inner") if lab.has_inner else None
        self.start()

    @staticmethod
    def open(interface):
        end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        end.setsockopt(263, PACKET_IGNORE_OUTGOING, 1)
        with contextlib.suppress(PermissionError):
            end.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        end.bind((interface, 3))
        return end

    # Rules

    def add(self, leg, action, what, first):
        rule = Rule(self, leg, action, what, first)
        with self.lock:
            self.rules.append(rule)
        return rule

    def idle(self):
        """For how long nothing has been on the way."""
        with self.lock:
            if self.waiting or select.select(self.ends.values(), [], [], 0)[0]:
                return 0
            return time.monotonic() - self.last

    # The way of a packet

    def enter(self, packet, leg):
        """It begins its way along a leg."""
        self.last = time.monotonic()
        for rule in self.rules:
            if rule.leg == leg and rule.takes(packet):
                if rule.action == "lose":
                    return
                if rule.action == "hold":
                    rule.held.append(packet)
                    return
                if rule.action == "repeat":
                    self.proceed(Packet(packet.data, packet.source), leg)
                break
        self.proceed(packet, leg)

    def proceed(self, packet, leg):
        """It has survived what the rules of the leg do."""
        if not self.delay[leg]:
            self.leave(packet, leg)
            return
        self.number += 1
        heapq.heappush(self.waiting, (time.monotonic() + self.delay[leg], self.number, packet, leg))

    def leave(self, packet, leg):
        """It is at the end of a leg: between the legs, or at the other host."""
        self.last = time.monotonic()
        ether = b"\x86\xdd" if packet.data[0] >> 4 == 6 else b"\x08\x00"
        if leg == packet.source:
            packet.hop()
            if self.inner:
                self.inner.send(self.headers[OTHER[leg]] + ether + packet.data)
            self.enter(packet, OTHER[leg])
        else:
            self.ends[leg].send(self.headers[leg] + ether + packet.data)

    def receive(self, host):
        frame, address = self.ends[host].recvfrom(65536)
        if address[2] != socket.PACKET_HOST or frame[12:14] not in (b"\x08\x00", b"\x86\xdd"):
            return
        packet = Packet(frame[14:], host)
        self.seen.append(packet)
        self.enter(packet, host)

    def run(self):
        hosts = {end: host for host, end in self.ends.items()}
        poll = select.poll()
        by_fd = {end.fileno(): end for end in list(hosts) + [self.pipe[0]]}
        for descriptor in by_fd:
            poll.register(descriptor, select.POLLIN)
        while self.running:
            timeout = max(0, self.waiting[0][0] - time.monotonic()) * 1000 if self.waiting else None
            for descriptor, _ in poll.poll(timeout):
                end = by_fd[descriptor]
                with self.lock:
                    if end in hosts:
                        self.receive(hosts[end])
                    else:
                        end.recv(4096)
            with self.lock:
                while self.waiting and self.waiting[0][0] <= time.monotonic():
                    _, _, packet, leg = heapq.heappop(self.waiting)
                    self.leave(packet, leg)

    def tell(self, packet):
        """The router itself says something to the host that is not its source: it passes the inner tap and one leg."""
        with self.lock:
            self.leave(packet, packet.source)
        self.wake()

    def wake(self):
        self.pipe[1].send(b"!")

    def stop(self):
        self.running = False
        self.wake()
        self.join()
        for end in [*self.ends.values(), *([self.inner] if self.inner else []), *self.pipe]:
            end.close()
