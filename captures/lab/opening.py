# How connections open, or do not.
"""Situations: opening."""

import random
import socket
import struct
import time

from .network import ADDRESSES, MINUTE, LabError, run, until
from .talk import REQUEST, RESPONSE, exchange, expect_end, expect_error, receive, send, situation


@situation()
def connect_close(lab):
    lab.tap("connect-close", "client")
    client, server = lab.pair(80)
    exchange(client, server)
    lab.moment("the request is answered", client="ESTAB", server="ESTAB")
    client.close()
    expect_end(server)
    lab.moment("the client has closed, the server not yet", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    lab.moment("both have closed", client="TIME-WAIT", server="none")
    time.sleep(MINUTE)
    lab.moment("2 MSL later", client="none", server="none")


@situation()
def refused(lab):
    lab.tap("refused", "client")
    bound = lab.socket("server")
    bound.bind(lab.address("server", 8080))
    expect_error(ConnectionRefusedError, lab.connect, 8080)
    lab.moment("after the RST", client="none", server="none")


@situation()
def connect_timeout(lab):
    lab.tap("connect-timeout", "client")
    lab.lose("tcp dport 80")
    client = lab.socket("client")
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_SYNCNT, 2)
    client.setblocking(False)
    client.connect_ex(lab.address("server", 80))
    lab.until_lost(2)
    lab.moment("waiting for an answer", client="SYN-SENT")
    # At first the repetitions come every second and are not counted (net.ipv4.tcp_syn_linear_timeouts).
    lab.until_lost(6)
    lab.moment("the last SYN has been sent", client="SYN-SENT")
    lab.until_state("client", "none")
    time.sleep(MINUTE)
    lab.moment("long after", client="none", server="none")


@situation()
def no_such_host(lab):
    lab.tap("no-such-host", "client")
    client = lab.socket("client")
    # The router asks for its Ethernet address three times, then says so.
    expect_error(OSError, client.connect, ("198.51.100.77", 80))
    lab.moment("after the ICMP message", client="none")


@situation()
def syn_lost(lab):
    lab.tap("syn-lost", "client")
    lab.lose("tcp flags syn / syn,ack", first=1)
    listener = lab.listen(80)
    client = lab.connect(80)
    server = lab.accept(listener)
    exchange(client, server)
    lab.moment("the second SYN got through", client="ESTAB", server="ESTAB")
    client.close()
    expect_end(server)
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="none")


@situation()
def syn_ack_never_acked(lab):
    lab.tap("syn-ack-never-acked", "server")
    lab.sysctl("server", ipv4__tcp_synack_retries=3)
    lab.lose("tcp dport 80 tcp flags ack / syn,ack")
    lab.listen(80)
    lab.connect(80)
    lab.moment("the client's ACK is lost", client="ESTAB", server="SYN-RECV")
    lab.until_lost(4)
    lab.moment("the last repetition has been sent", client="ESTAB", server="SYN-RECV")
    lab.until_state("server", "none", 60)
    time.sleep(MINUTE - 8)
    lab.moment("the server has given up long ago", client="ESTAB", server="none")


@situation(delay=(0.1, 0))
def accept_queue_full(lab):
    lab.tap("accept-queue-full", "client")
    last = overflow(lab)
    # That the last ACK met a full queue shows only when its SYN-ACK comes again and again.
    lab.moment("the client believes in all four", client="ESTAB " * 4)
    lab.taps[0].until_frames(4 * 3 + 2 * 3)
    lab.moment("the last SYN-ACK has come again and again", client="ESTAB " * 4, server="ESTAB ESTAB ESTAB SYN-RECV")
    lab.until_state("server", "ESTAB ESTAB ESTAB", 90)
    time.sleep(1)
    last.sendall(REQUEST)
    lab.moment("the client's data met an RST", client="ESTAB " * 3, server="ESTAB " * 3)


def overflow(lab):
    """Four connections to a server that does not accept any and whose queue has room for three; returns the last.
    The last two SYNs arrive before the ACK of either, so both are answered; then one ACK finds the queue full."""
    lab.listen(8080, backlog=2)
    first = [lab.connect(8080), lab.connect(8080)]
    last = [lab.socket("client"), lab.socket("client")]
    for sock in last:
        sock.setblocking(False)
        sock.connect_ex(lab.address("server", 8080))
    lab.until_state("client", "ESTAB " * (len(first) + len(last)))
    return last[-1]


@situation(delay=(0.1, 0))
def abort_on_overflow(lab):
    lab.tap("abort-on-overflow", "client")
    lab.sysctl("server", ipv4__tcp_abort_on_overflow=1)
    overflow(lab)
    lab.moment("the last was reset", client="ESTAB " * 3, server="ESTAB " * 3)


@situation(delay=(0.4, 0))
def simultaneous_open(lab):
    lab.tap("simultaneous-open", "client")
    ends = {"client": lab.socket("client"), "server": lab.socket("server")}
    for host, sock in ends.items():
        sock.bind(lab.address(host, 5000))
        sock.setblocking(False)
    ends["client"].connect_ex(lab.address("server", 5000))
    ends["server"].connect_ex(lab.address("client", 5000))
    lab.moment("both SYNs have arrived", client="SYN-RECV", server="SYN-RECV")
    lab.moment("both SYNs are acknowledged", client="ESTAB", server="ESTAB")
    for sock in ends.values():
        sock.settimeout(10)
    exchange(ends["client"], ends["server"])
    ends["client"].close()
    expect_end(ends["server"])
    ends["server"].close()
    lab.moment("closed", client="TIME-WAIT", server="none")


@situation(family=6)
def fast_open(lab):
    lab.tap("fast-open", "client")
    for host in ("client", "server"):
        lab.sysctl(host, ipv4__tcp_fastopen=3)
    listener = lab.listen(80)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 8)
    # The first connection fetches a cookie, the second uses it: its SYN carries the request.
    for label in ("with the cookie asked for", "with the data in the SYN"):
        client = lab.socket("client")
        client.settimeout(None)
        client.sendto(REQUEST, socket.MSG_FASTOPEN, lab.address("server", 80))
        server = lab.accept(listener)
        receive(server, REQUEST)
        send(server, client, RESPONSE)
        earlier = "TIME-WAIT" if label.startswith("with the data") else ""
        lab.moment(label, client="ESTAB " + earlier, server="ESTAB")
        client.close()
        expect_end(server)
        server.close()
        lab.until_state("server", "none")
    lab.moment("closed", client="TIME-WAIT TIME-WAIT", server="none")


@situation()
def syn_flood(lab):
    lab.tap("syn-flood", "server")
    lab.sysctl("server", ipv4__tcp_syncookies=0, ipv4__tcp_max_syn_backlog=16, ipv4__tcp_synack_retries=1)
    run("ip", "-n", lab.namespace("router"), "route", "add", "blackhole", "198.18.0.0/15")
    lab.listen(80, backlog=16)
    source = random.Random(1)
    with lab.on("client"), socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        for _ in range(250):
            raw.sendto(forged_syn(f"198.{source.randint(18, 19)}.{source.randint(0, 255)}.{source.randint(1, 254)}",
                                  ADDRESSES[4]["server"], source), (ADDRESSES[4]["server"], 0))
            time.sleep(0.0004)
    client = lab.socket("client")
    client.setblocking(False)
    client.connect_ex(lab.address("server", 80))
    lab.moment("the SYN queue is full, a real client gets no answer", client="SYN-SENT", server="*")
    if not 8 <= len(lab.rows("server")) <= 32:
        raise LabError(f"half-open connections: {lab.rows('server')}")
    until(lambda: lab.taps[0].times()[-1] > lab.taps[0].times()[0] + 2, "SYN-ACKs and the client's SYN again")


def forged_syn(source, destination, numbers, port=80):
    """An IPv4 packet with a SYN that no socket sends."""
    addresses = socket.inet_aton(source) + socket.inet_aton(destination)
    tcp = struct.pack("!HHIIBBHHH", numbers.randint(1024, 65535), port, numbers.getrandbits(32), 0, 0x60, 2, 64240, 0, 0)
    tcp += struct.pack("!BBH", 2, 4, 1460)
    words = struct.unpack(f"!{(12 + len(tcp)) // 2}H", addresses + struct.pack("!HH", 6, len(tcp)) + tcp)
    total = sum(words)
    total = (total & 0xffff) + (total >> 16)
    total = (total & 0xffff) + (total >> 16)
    tcp = tcp[:16] + struct.pack("!H", ~total & 0xffff) + tcp[18:]
    # The kernel fills in the length, the identification and the checksum of the IP header.
    return struct.pack("!BBHHHBBH", 0x45, 0, 0, 0, 0x4000, 64, 6, 0) + addresses + tcp
