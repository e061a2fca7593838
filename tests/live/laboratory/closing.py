# How connections close, or do not.
"""Scenarios: closing."""

import os
import signal
import socket
import time

from lab.network import MINUTE
from lab.wire import acks, data, fins, from_client, from_server

from .network import BUFFERED, EVERYWHERE, LOST, SILENT, UNSEEN
from .scenario import REQUEST, RESPONSE, exchange, expect_end, receive, scenario, send


def opened(lab, port=80, source_port=0, patient=False):
    """PATIENT: repetitions come late enough for moments before them."""
    if patient:
        lab.patient()
    elif lab.slack > 1:
        lab.patient(0.2)
    client, server = lab.pair(port, source_port)
    exchange(client, server)
    lab.until_quiet()
    return client, server


@scenario()
def server_closes_first(lab):
    client, server = opened(lab)
    server.close()
    expect_end(client)
    lab.moment("the server has closed", client="CLOSE-WAIT", server="FIN-WAIT-2")
    client.close()
    lab.moment("both have closed", client="none", server="TIME-WAIT")


@scenario()
def close_without_a_word(lab):
    """Opened and closed at once: nothing was ever said."""
    client, server = lab.pair(80)
    client.close()
    expect_end(server)
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario()
def close_in_three_segments(lab):
    """The server's FIN carries the ACK of the client's: its own ACK never passes."""
    client, server = opened(lab)
    lost = lab.lose("server", from_server(acks))
    client.close()
    expect_end(server)
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="none")
    lost.lift()


@scenario()
def fin_with_data(lab):
    client, server = opened(lab)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    client.sendall(REQUEST)
    client.close()
    receive(server, REQUEST)
    expect_end(server)
    lab.moment("the client has closed", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    server.sendall(RESPONSE)
    server.close()
    # Nobody reads the response: the client's host has no socket for it and answers RST.
    lab.moment("closed", client="none", server="none")


@scenario()
def half_close(lab):
    client, server = opened(lab)
    client.shutdown(socket.SHUT_WR)
    expect_end(server)
    lab.moment("the client has shut its half down", client="FIN-WAIT-2", server="CLOSE-WAIT")
    for _ in range(3):
        send(server, client, RESPONSE * 100)
    lab.moment("data came all the same", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    expect_end(client)
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario(family=6)
def half_close_of_server(lab):
    client, server = opened(lab)
    server.shutdown(socket.SHUT_WR)
    expect_end(client)
    lab.moment("the server has shut its half down", client="CLOSE-WAIT", server="FIN-WAIT-2")
    send(client, server, REQUEST * 500)
    lab.moment("data came all the same", client="CLOSE-WAIT", server="FIN-WAIT-2")
    client.close()
    expect_end(server)
    lab.moment("closed", client="none", server="TIME-WAIT")


def cross(lab, what_client, what_server):
    """Hold what each sends first until both have sent it: they cross on the way between router and server."""
    return [lab.hold("server", from_client(what_client), 1), lab.hold("server", from_server(what_server), 1)]


def until_all_taken(lab, rules):
    for rule in rules:
        lab.until_taken(rule)


CROSSED = [("client", "server", LOST), ("server", "client router", LOST)]


@scenario()
def simultaneous_close(lab):
    client, server = opened(lab, patient=True)
    held = cross(lab, fins, fins)
    client.close()
    server.close()
    until_all_taken(lab, held)
    # On its own side of the crossing a tap has seen one FIN only.
    lab.moment("the FINs are on their way", client="FIN-WAIT-1", server="FIN-WAIT-1",
               unknown=[("client", "server", UNSEEN), ("server", "client router", UNSEEN)])
    answers = cross(lab, acks, acks)
    for rule in held:
        rule.lift()
    until_all_taken(lab, answers)
    lab.moment("the FINs have crossed", client="CLOSING", server="CLOSING", unknown=CROSSED)
    for rule in answers:
        rule.lift()
    lab.moment("closed", client="TIME-WAIT", server="TIME-WAIT")


@scenario(delay=(0.1, 0.1))
def simultaneous_close_far(lab):
    client, server = opened(lab)
    client.close()
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="TIME-WAIT")


@scenario(delay=(0.08, 0.08))
def simultaneous_close_one_ack_lost(lab):
    """CLOSING at one end, TIME_WAIT at the other, until the FIN is repeated."""
    client, server = opened(lab, patient=True)
    lost = lab.lose("server", from_client(acks))
    client.close()
    server.close()
    lab.until_taken(lost)
    lab.moment("the client's ACK is lost", client="TIME-WAIT", server="CLOSING", unknown=[("server", "client router", LOST)])
    lost.lift()
    lab.moment("it came again", client="TIME-WAIT", server="TIME-WAIT")


@scenario(delay=(0.08, 0.08))
def closing_ends_in_silence(lab):
    """Both ACKs are lost; the repeated FINs cross, and each acknowledges the other."""
    client, server = opened(lab, patient=True)
    lost = [lab.lose("server", from_client(acks)), lab.lose("server", from_server(acks))]
    client.close()
    server.close()
    until_all_taken(lab, lost)
    lab.moment("both ACKs are lost", client="CLOSING", server="CLOSING", unknown=CROSSED)
    lab.moment("the repeated FINs have crossed", client="TIME-WAIT", server="TIME-WAIT")


@scenario()
def fin_crosses_data(lab):
    """The server's data cross the client's FIN."""
    client, server = opened(lab)
    client.shutdown(socket.SHUT_WR)
    held = lab.hold("client", from_server(), 2)
    server.sendall(RESPONSE)
    lab.moment("the FIN's ACK and data are on their way", server="CLOSE-WAIT", unknown=[("client", "router server", LOST)])
    held.lift()
    receive(client, RESPONSE)
    lab.moment("they arrived", client="FIN-WAIT-2", server="CLOSE-WAIT")


@scenario()
def fin_overtakes_data(lab):
    """The data come after the FIN: then, and not before, the FIN counts."""
    client, server = opened(lab)
    held = lab.hold("server", from_client(data), 1)
    client.sendall(REQUEST)
    lab.until_taken(held)
    again = lab.lose("server", from_client(data))
    client.close()
    lab.moment("the FIN came first", client="FIN-WAIT-1", server="ESTAB", unknown=[("server", "client router", LOST)])
    held.lift()
    again.lift()
    receive(server, REQUEST)
    expect_end(server)
    lab.moment("the hole is filled", client="FIN-WAIT-2", server="CLOSE-WAIT")


@scenario()
def fin_repeated_by_the_net(lab):
    client, server = opened(lab)
    lab.repeat("server", fins)
    client.close()
    expect_end(server)
    lab.moment("the FIN came twice", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    # TIME_WAIT answers both; the second answer meets nobody any more, and the RST to it ends TIME_WAIT.
    lab.moment("so did the other", client="none", server="none")


@scenario()
def everything_repeated_by_the_net(lab):
    lab.repeat("client", lambda packet: not packet.flags & 4)
    client, server = lab.pair(80)
    exchange(client, server)
    lab.moment("open", client="ESTAB", server="ESTAB")
    client.close()
    expect_end(server)
    lab.moment("the client has closed", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    lab.moment("closed", client="none", server="none")


@scenario()
def closed_window(lab):
    """The FIN waits behind a window that is closed: ss says FIN_WAIT_1 before any FIN is on the wire."""
    lab.sysctl("server", ipv4__tcp_rmem="4096 8192 16384")
    client, server = opened(lab)
    client.setblocking(False)
    amount = 0
    for _ in range(200):
        try:
            amount += client.send(b"x" * 4096)
        except BlockingIOError:
            lab.until_quiet()
            if lab.wire.idle() > 0.06:
                break
    lab.moment("the window is closed", client="ESTAB", server="ESTAB")
    client.close()
    lab.moment("the FIN waits", client="FIN-WAIT-1", server="ESTAB", unknown=[("client", EVERYWHERE, BUFFERED)])
    while amount:
        amount -= len(server.recv(min(amount, 1 << 20)))
    expect_end(server)
    lab.moment("all was read", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario()
def shutdown_read(lab):
    client, server = opened(lab)
    client.shutdown(socket.SHUT_RD)
    server.sendall(RESPONSE)
    lab.moment("data came all the same", client="ESTAB", server="ESTAB")
    # Else close() would send RST.
    receive(client, RESPONSE)
    client.close()
    expect_end(server)
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario()
def shutdown_both_then_data(lab):
    """Data to a socket that nobody reads any more meet an RST."""
    client, server = opened(lab)
    client.shutdown(socket.SHUT_RDWR)
    expect_end(server)
    lab.moment("the client has shut both halves down", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.sendall(RESPONSE)
    lab.moment("data met an RST", client="none", server="none")


@scenario()
def killed(lab):
    def serve(ready):
        listener = socket.create_server(lab.address("server", 7000))
        ready()
        peer = listener.accept()[0]
        receive(peer, REQUEST)
        peer.sendall(RESPONSE)
        signal.pause()

    child = lab.process("server", serve)
    client = lab.connect(7000)
    client.sendall(REQUEST)
    receive(client, RESPONSE)
    lab.moment("the process lives", client="ESTAB", server="ESTAB")
    os.kill(child, signal.SIGKILL)
    expect_end(client)
    lab.moment("it was killed", client="CLOSE-WAIT", server="FIN-WAIT-2")
    client.sendall(REQUEST)
    lab.moment("the next request met an RST", client="none", server="none")


@scenario()
def orphan_forgotten(lab):
    """FIN_WAIT_2 without a process ends after tcp_fin_timeout; nothing on the wire says so."""
    lab.sysctl("client", ipv4__tcp_fin_timeout=1)
    client, server = opened(lab)
    client.close()
    expect_end(server)
    lab.moment("the client has closed", client="FIN-WAIT-2", server="CLOSE-WAIT")
    lab.moment("the kernel has forgotten it", client="none", server="CLOSE-WAIT", unknown=[("client", EVERYWHERE, SILENT)])
    server.sendall(RESPONSE)
    lab.moment("data met an RST", client="none", server="none")


@scenario()
def orphan_forgotten_then_fin(lab):
    lab.sysctl("client", ipv4__tcp_fin_timeout=1)
    client, server = opened(lab)
    client.close()
    expect_end(server)
    lab.moment("the client has closed", client="FIN-WAIT-2", server="CLOSE-WAIT")
    lab.until_state("client", "none")
    server.close()
    lab.moment("the FIN met an RST", client="none", server="none")


@scenario()
def last_ack_given_up(lab):
    """An orphan in LAST_ACK repeats its FIN tcp_orphan_retries times, then goes without a word."""
    lab.sysctl("server", ipv4__tcp_orphan_retries=1)
    client, server = opened(lab)
    client.close()
    expect_end(server)
    lab.until_state("client", "FIN-WAIT-2")
    lost = lab.lose("client", fins)
    server.close()
    lab.until_taken(lost, 2)
    lab.moment("the FIN is lost", client="FIN-WAIT-2", server="LAST-ACK",
               unknown=[("client", "server router", LOST), ("server", "client", UNSEEN)])
    lab.moment("the server has given up", client="FIN-WAIT-2", server="none",
               unknown=[("client", "server router", LOST), ("server", EVERYWHERE, SILENT)])


@scenario(slow=True)
def half_close_for_long(lab):
    for host in ("client", "server"):
        lab.sysctl(host, ipv4__tcp_fin_timeout=300)
    client, server = opened(lab)
    client.close()
    expect_end(server)
    lab.moment("the client has closed", client="FIN-WAIT-2", server="CLOSE-WAIT")
    time.sleep(MINUTE)
    lab.moment("the server still has not", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="none")
