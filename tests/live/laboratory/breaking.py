# How connections break.
"""Scenarios: breaking, without forged segments."""

import socket

from lab.network import run
from lab.wire import acks, data, fins, from_client, from_server, rsts, syns

from .network import EVERYWHERE, LOST, SILENT, STRAY, UNSEEN
from .closing import cross, opened, until_all_taken
from .peer import icmp_error
from .scenario import (REQUEST, RESPONSE, close_both, exchange, expect_end, receive, register,
                       reset_on_close, scenario, send)

TCP_USER_TIMEOUT = 18


def abort(sock):
    reset_on_close(sock)
    sock.close()


@scenario()
def abort_when_open(lab):
    client, _ = opened(lab)
    abort(client)
    lab.moment("reset", client="none", server="none")


@scenario(family=6)
def abort_by_server(lab):
    _, server = opened(lab)
    abort(server)
    lab.moment("reset", client="none", server="none")


@scenario()
def abort_in_close_wait(lab):
    client, server = opened(lab)
    client.close()
    expect_end(server)
    lab.moment("the client has closed", client="FIN-WAIT-2", server="CLOSE-WAIT")
    abort(server)
    lab.moment("reset", client="none", server="none")


@scenario()
def abort_in_fin_wait_2(lab):
    client, server = opened(lab)
    client.shutdown(socket.SHUT_WR)
    expect_end(server)
    lab.moment("the client has shut its half down", client="FIN-WAIT-2", server="CLOSE-WAIT")
    abort(client)
    # Linux sends no RST from FIN_WAIT_2 to a peer that has nothing outstanding.
    lab.moment("aborted", client="none", server="*",
               unknown=[("client", EVERYWHERE, SILENT)] if "CLOSE-WAIT" in lab.glance("server") else ())
    if "CLOSE-WAIT" in lab.glance("server"):
        server.sendall(RESPONSE)
        lab.moment("data met an RST", client="none", server="none")


@scenario()
def abort_in_fin_wait_1(lab):
    client, server = opened(lab, patient=True)
    lost = lab.lose("client", from_client(fins))
    client.shutdown(socket.SHUT_WR)
    lab.until_taken(lost)
    abort(client)
    lab.moment("aborted", client="none")
    del server


@scenario()
def close_unread(lab):
    client, server = opened(lab)
    server.sendall(RESPONSE)
    lab.moment("the response lies unread", client="ESTAB", server="ESTAB")
    client.close()
    lab.moment("the client has closed", client="none", server="none")


@scenario()
def close_unread_in_close_wait(lab):
    client, server = opened(lab)
    client.sendall(REQUEST)
    client.shutdown(socket.SHUT_WR)
    lab.moment("the request lies unread", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    lab.moment("the server has closed", client="none", server="none")


@scenario()
def close_unread_data_on_the_way(lab):
    """The RST answers what was read; more data were on their way."""
    client, server = opened(lab)
    server.sendall(RESPONSE)
    lab.until_quiet()
    held = lab.hold("client", from_server(data), 1)
    server.sendall(RESPONSE)
    lab.until_taken(held)
    client.close()
    lab.moment("the client has closed", client="none", server="none")
    held.lift()
    lab.moment("late data met nobody", client="none", server="none")


def destroy_silently(lab, host):
    """As if the host had lost power: its sockets are gone, and nobody was told."""
    lost = lab.lose(host, rsts)
    run("ss", "-N", lab.namespace(host), "-K", "state", "established")
    lab.until_taken(lost)
    lost.lift()


@scenario()
def destroyed(lab):
    opened(lab)
    run("ss", "-N", lab.namespace("server"), "-K", "state", "established")
    lab.moment("the server's socket was destroyed", client="none", server="none")


def power_loss(lab, port=80, source_port=0):
    """The server's host has forgotten everything; its RST was lost on its own leg."""
    client, server = opened(lab, port, source_port)
    destroy_silently(lab, "server")
    lab.moment("the server has lost its state", client="ESTAB", server="none",
               unknown=[("client", "server", LOST), ("server", "router client", UNSEEN)])
    return client, server


@scenario()
def half_open_met_by_data(lab):
    client, _ = power_loss(lab)
    client.sendall(REQUEST)
    lab.moment("data met an RST", client="none", server="none")


@scenario()
def half_open_met_by_fin(lab):
    client, _ = power_loss(lab)
    client.close()
    lab.moment("the FIN met an RST", client="none", server="none")


@scenario()
def half_open_discovery(lab):
    """The client has forgotten the connection and opens another between the same ports (RFC 9293 3.5.1)."""
    client, server = opened(lab, 80, lab.port)
    destroy_silently(lab, "client")
    lab.moment("the client has lost its state", client="none", server="ESTAB",
               unknown=[("server", "client", LOST), ("client", "router server", UNSEEN)])
    with lab.listening(80) as listener:
        client = lab.connect(80, lab.port)
        server = lab.accept(listener)
    lab.moment("open again", client="ESTAB", server="ESTAB")
    exchange(client, server)
    close_both(lab, client, server)
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario()
def half_open_discovery_slow(lab):
    """The same, with a moment at each step."""
    client, server = opened(lab, 80, lab.port)
    destroy_silently(lab, "client")
    with lab.listening(80) as listener:
        challenge = lab.hold("client", from_server(acks))
        client = lab.begin(80, lab.port)
        lab.until_taken(challenge)
        lab.moment("the challenge ACK is on its way", client="SYN-SENT", server="ESTAB",
                   unknown=[("client", EVERYWHERE, STRAY), ("server", "client", LOST)])
        reset = lab.hold("client", rsts)
        challenge.lift()
        lab.until_taken(reset)
        again = lab.lose("client", syns)
        lab.moment("the RST is on its way", client="SYN-SENT", server="ESTAB",
                   unknown=[("server", "client", LOST), ("client", "router server", UNSEEN)])
        reset.lift()
        again.lift()
        lab.finish(client)
        server = lab.accept(listener)
    exchange(client, server)
    lab.moment("open again", client="ESTAB", server="ESTAB")


@scenario()
def half_open_discovery_in_close_wait(lab):
    lab.sysctl("client", ipv4__tcp_fin_timeout=1)
    client, server = opened(lab, 80, lab.port)
    client.close()
    expect_end(server)
    lab.until_state("client", "none")
    with lab.listening(80) as listener:
        client = lab.connect(80, lab.port)
        server = lab.accept(listener)
    exchange(client, server)
    lab.moment("open again", client="ESTAB", server="ESTAB")


@scenario()
def half_open_discovery_in_syn_rcvd(lab):
    """The client has forgotten an attempt whose ACK never arrived, and tries again: the request knows another ISN."""
    lab.patient(3)
    with lab.listening(80) as listener:
        lost = lab.lose("server", from_client(acks))
        client = lab.begin(80, lab.port)
        lab.finish(client)
        lab.until_taken(lost)
        destroy_silently(lab, "client")
        lost.lift()
        client = lab.connect(80, lab.port)
        server = lab.accept(listener)
    exchange(client, server)
    lab.moment("open", client="ESTAB", server="ESTAB")
    close_both(lab, client, server)
    lab.moment("closed", client="TIME-WAIT", server="none")


def keep_alive_on(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 2)


@scenario()
def keep_alive(lab):
    client, server = opened(lab)
    watch = lab.watch("client", from_client(acks))
    keep_alive_on(client)
    lab.until_taken(watch, 2)
    lab.moment("alive", client="ESTAB", server="ESTAB")
    client.close()
    expect_end(server)
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario()
def keep_alive_unanswered(lab):
    client, _ = opened(lab)
    lost = [lab.lose("server", from_server())]
    keep_alive_on(client)
    lab.moment("the client has given up", client="none", server="none")
    del lost


@scenario()
def keep_alive_finds_nobody(lab):
    client, _ = power_loss(lab)
    keep_alive_on(client)
    lab.moment("the keep-alive met an RST", client="none", server="none")


@scenario()
def user_timeout(lab):
    """TCP_USER_TIMEOUT with data outstanding: the abort may be silent, or its RST below what the tap saw pass."""
    client, server = opened(lab)
    client.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, 600)
    lost = lab.lose("server", from_client(data))
    client.sendall(REQUEST)
    lab.until_taken(lost, 2)
    lab.moment("data are repeated", client="ESTAB", server="ESTAB")
    lab.until_state("client", "none")
    if "ESTAB" in lab.glance("server"):
        lab.moment("the client has given up silently", client="none", server="ESTAB",
                   unknown=[("client", EVERYWHERE, SILENT)])
        server.sendall(RESPONSE)
    lab.moment("gone", client="none", server="none")


@scenario()
def destroyed_with_data_lost(lab):
    """The RST's number is below what the tap saw pass, and it is accepted: those data never arrived."""
    client, _ = opened(lab, patient=True)
    lost = lab.lose("server", from_client(data))
    client.sendall(REQUEST)
    lab.until_taken(lost)
    run("ss", "-N", lab.namespace("client"), "-K", "state", "established")
    lab.moment("the client's socket was destroyed", client="none", server="*")


@scenario()
def abort_with_data_lost(lab):
    client, server = opened(lab, patient=True)
    lost = lab.lose("server", from_client(data))
    client.sendall(REQUEST)
    lab.until_taken(lost)
    abort(client)
    lab.moment("the client has aborted", client="none", server="*")
    del server


@scenario()
def both_abort(lab):
    client, server = opened(lab)
    held = cross(lab, rsts, rsts)
    abort(client)
    abort(server)
    until_all_taken(lab, held)
    lab.moment("both have aborted", client="none", server="none",
               unknown=[("client", "server", UNSEEN), ("server", "client router", UNSEEN)])
    for rule in held:
        rule.lift()
    lab.moment("the RSTs have crossed", client="none", server="none")


@scenario()
def abort_crosses_data(lab):
    client, server = opened(lab)
    held = lab.hold("server", rsts)
    abort(client)
    lab.until_taken(held)
    server.sendall(RESPONSE)
    lab.moment("data met another RST", client="none", server="ESTAB",
               unknown=[("server", "client router", LOST), ("client", "server", UNSEEN)])
    held.lift()
    lab.moment("the first RST came", client="none", server="none")


# ICMP

def unreachable(lab, code, ends, mtu=0):
    lost = lab.hold("server", syns)
    client = lab.begin(80)
    lab.until_taken(lost)
    lab.moment("no answer", client="SYN-SENT", server="none")
    icmp_error(lab, lost.held[0], code, mtu)
    lab.moment("the ICMP error came", client="none" if ends else "SYN-SENT", server="none")
    del client


register("icmp-host-unreachable", lambda lab: unreachable(lab, 1, True))
register("icmp-port-unreachable", lambda lab: unreachable(lab, 3, True))
register("icmp-admin-prohibited", lambda lab: unreachable(lab, 13, True))
register("icmp-fragmentation-needed", lambda lab: unreachable(lab, 4, False, 1400))


@scenario()
def icmp_with_an_old_number(lab):
    """Only an error that quotes the SYN's own number ends SYN_SENT."""
    lost = lab.hold("server", syns)
    lab.begin(80)
    lab.until_taken(lost)
    packet = lost.held[0]
    packet.data[25] ^= 1
    icmp_error(lab, packet, 1)
    lab.moment("the error quotes another number", client="SYN-SENT", server="none")
    packet.data[25] ^= 1


@scenario()
def icmp_when_open(lab):
    """A soft error then."""
    client, server = opened(lab)
    held = lab.hold("server", from_client(data), 1)
    client.sendall(REQUEST)
    lab.until_taken(held)
    icmp_error(lab, held.held[0], 1)
    lab.moment("the ICMP error came", client="ESTAB", server="ESTAB")
    held.lift()
    receive(server, REQUEST)
    send(server, client, RESPONSE)
    close_both(lab, client, server)
    lab.moment("closed", client="TIME-WAIT", server="none")

