# How connections lose segments, wait, break, and what of it a tap sees that does not see everything.
"""Situations: losing, waiting, breaking, and partial captures."""

import socket

from .network import ADDRESSES, run
from .talk import REQUEST, exchange, expect_end, receive, send, situation


@situation()
def retransmission(lab):
    lab.tap("retransmission", "client")
    lab.tap("fin-beyond-hole", "server")
    client, server = lab.pair(80)
    exchange(client, server)
    # The first part alone, by its length: IPv4 and TCP headers with timestamps, and 100 bytes.
    lab.lose("meta length 152 tcp dport 80", first=5)
    client.sendall(b"a" * 100)
    # Corked, the second part leaves together with the FIN.
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    client.sendall(b"b" * 200)
    client.close()
    lab.until_lost(4)
    lab.moment("the FIN has arrived, but beyond a hole", client="FIN-WAIT-1", server="ESTAB", taps=["fin-beyond-hole"])
    # Before the router, each repetition may have filled the hole as far as a tap can know.
    lab.moment("the first part is still being repeated", client="FIN-WAIT-1", taps=["retransmission"])
    receive(server, b"a" * 100 + b"b" * 200)
    expect_end(server)
    lab.moment("the hole is filled", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="none")


@situation(family=6)
def keep_alive(lab):
    lab.tap("keep-alive", "client")
    client, server = lab.pair(5432)
    keep_alive_on(client)
    exchange(client, server)
    # Seven frames until the response is acknowledged, then four keep-alives, each answered.
    lab.taps[0].until_frames(7 + 8)
    lab.moment("idle, and alive", client="ESTAB", server="ESTAB")
    client.close()
    expect_end(server)
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="none")


@situation()
def keep_alive_dead(lab):
    lab.tap("keep-alive-dead", "client")
    client, server = lab.pair(5432)
    keep_alive_on(client)
    exchange(client, server)
    lab.lose("ip saddr 192.0.2.1")
    lab.until_lost(2)
    lab.moment("nobody answers", client="ESTAB", server="ESTAB")
    # The RST is lost too: the server knows nothing of it, and a tap here cannot know that.
    lab.moment("the client has given up", client="none")


def keep_alive_on(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)


def destroy_silently(lab, host):
    """As if the host had lost power: its sockets are gone, and nobody was told."""
    lab.lose("tcp flags & rst != 0")
    run("ss", "-N", lab.namespace(host), "-K", "state", "established")
    lab.until_state(host, "none")
    lab.until_lost(1)
    lab.deliver()


@situation()
def half_open_reboot(lab):
    lab.tap("half-open-reboot", "client")
    client, server = lab.pair(5432)
    exchange(client, server)
    lab.moment("before", client="ESTAB", server="ESTAB")
    destroy_silently(lab, "server")
    lab.moment("the server has lost its state", client="ESTAB")
    client.sendall(REQUEST)
    lab.moment("the client's data met an RST", client="none", server="none")


@situation()
def half_open_discovery(lab):
    lab.tap("half-open-discovery", "server")
    listener = lab.listen(5432)
    client = lab.connect(5432, source_port=40001)
    server = lab.accept(listener)
    exchange(client, server)
    lab.moment("before", client="ESTAB", server="ESTAB")
    destroy_silently(lab, "client")
    lab.moment("the client has lost its state", server="ESTAB")
    client = lab.connect(5432, source_port=40001)
    server = lab.accept(listener)
    exchange(client, server)
    lab.moment("connected again from the same port", client="ESTAB", server="ESTAB")


# What the tap sees of it

@situation()
def midstream(lab):
    client, server = lab.pair(80)
    exchange(client, server)
    lab.tap("midstream", "client", interface="any", options=("-y", "LINUX_SLL"))
    exchange(client, server)
    lab.moment("recording began after the handshake", client="ESTAB", server="ESTAB")
    client.close()
    expect_end(server)
    lab.moment("the client has closed", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    lab.moment("both have closed", client="TIME-WAIT", server="none")


@situation()
def one_way(lab):
    lab.tap("one-way", "client", expression="tcp and src host " + ADDRESSES[4]["client"])
    client, server = lab.pair(80)
    exchange(client, server)
    lab.moment("only the client's half is recorded", client="ESTAB", server="ESTAB")
    client.close()
    expect_end(server)
    # That the FIN is acknowledged is not in this half.
    lab.moment("the client has closed", server="CLOSE-WAIT")
    server.close()
    # The last ACK covers one number more: a FIN, but in this half it could be a byte.
    lab.moment("both have closed")


@situation()
def loopback(lab):
    lab.alone = "127.0.0.1:7000"
    lab.tap("loopback", "client", interface="lo")
    with lab.on("client"):
        listener = socket.create_server(("127.0.0.1", 7000))
        client = socket.create_connection(("127.0.0.1", 7000))
    server = lab.accept(listener)
    listener.close()
    exchange(client, server)
    lab.moment("open", client="ESTAB", server="ESTAB")
    client.close()
    expect_end(server)
    lab.moment("the client has closed", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    lab.moment("both have closed", client="TIME-WAIT", server="none")


@situation()
def self_connect(lab):
    lab.hosts = ("client",)
    lab.tap("self-connect", "client", interface="lo")
    with lab.on("client"):
        sock = socket.socket()
    sock.bind(("127.0.0.1", 40002))
    sock.connect(("127.0.0.1", 40002))
    send(sock, sock, REQUEST)
    lab.moment("one socket, connected to itself", client="ESTAB")
    sock.close()
    lab.moment("closed", client="TIME-WAIT")
