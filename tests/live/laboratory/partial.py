# What of a connection a tap sees that does not see all: it begins late, sees one half, or both ends of it are on one host.
"""Scenarios: partial captures, and connections within a host."""

import socket

from lab.network import LabError
from lab.wire import acks, from_client, from_server, syn_acks

from .closing import opened
from .network import BEFORE, EVERYWHERE, TAPS, UNSEEN
from .scenario import REQUEST, RESPONSE, close_both, exchange, expect_end, register, reset_on_close, scenario, send


@scenario(taps={})
def midstream(lab):
    client, server = opened(lab)
    lab.record()
    exchange(client, server)
    lab.moment("data in both directions", client="ESTAB", server="ESTAB")
    client.close()
    expect_end(server)
    lab.moment("the client has closed", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario(taps={}, family=6)
def midstream_server_closes(lab):
    client, server = opened(lab)
    lab.record()
    server.close()
    expect_end(client)
    lab.moment("the server has closed", client="CLOSE-WAIT", server="FIN-WAIT-2")
    client.close()
    lab.moment("closed", client="none", server="TIME-WAIT")


@scenario(taps={})
def midstream_data_one_way(lab):
    client, server = opened(lab)
    lab.record()
    send(client, server, REQUEST)
    lab.moment("data of the client, and their ACK", client="ESTAB", server="ESTAB")
    reset_on_close(client)
    client.close()
    lab.moment("reset", client="none", server="none")


@scenario(taps={})
def midstream_half_closed(lab):
    """The client's FIN was before the recording; it acknowledges what the server sends as always. Its RST then says enough."""
    client, server = opened(lab)
    client.shutdown(socket.SHUT_WR)
    expect_end(server)
    lab.until_state("client", "FIN-WAIT-2")
    lab.record()
    send(server, client, RESPONSE)
    lab.moment("data came", [("client", EVERYWHERE, BEFORE), ("server", EVERYWHERE, BEFORE)],
               client="FIN-WAIT-2", server="CLOSE-WAIT")
    client.close()
    server.sendall(RESPONSE)
    lab.moment("data met an RST", client="none", server="none")


@scenario(taps={})
def midstream_fin_again(lab):
    """The client's FIN was before the recording; the ACK of it was lost, so that the FIN comes again."""
    client, server = opened(lab, patient=True)
    lost = lab.lose("server", from_server(acks))
    client.shutdown(socket.SHUT_WR)
    lab.until_taken(lost)
    lab.record()
    lab.until_taken(lost, 2)
    lost.lift()
    lab.moment("the FIN came again", client="FIN-WAIT-2", server="CLOSE-WAIT")
    send(server, client, RESPONSE)
    lab.moment("data came", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    expect_end(client)
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario(taps={})
def midstream_rst(lab):
    """The first segment is an RST."""
    client, _ = opened(lab)
    lab.record()
    reset_on_close(client)
    client.close()
    lab.moment("reset", client="none", server="none")


def lift_the_only_one(held):
    """What was held comes first in the recording; it is to be the only copy."""
    if held.count > 1:
        raise LabError("it came again before the taps were listening")
    held.lift()


@scenario(taps={})
def begins_with_the_syn_ack(lab):
    held = lab.hold("server", syn_acks)
    with lab.listening(80) as listener:
        client = lab.begin(80)
        lab.until_taken(held)
        lab.record({tap: TAPS[tap] for tap in ("client", "router")})
        lift_the_only_one(held)
        lab.finish(client)
        server = lab.accept(listener)
    lab.moment("open", client="ESTAB", server="ESTAB")
    exchange(client, server)
    close_both(lab, client, server)
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario(taps={})
def begins_with_the_third_ack(lab):
    held = lab.hold("client", from_client(acks))
    with lab.listening(80) as listener:
        client = lab.begin(80)
        lab.until_taken(held)
        lab.record({tap: TAPS[tap] for tap in ("router", "server")})
        lift_the_only_one(held)
        lab.finish(client)
        server = lab.accept(listener)
    lab.moment("open", client="ESTAB", server="ESTAB")
    exchange(client, server)
    close_both(lab, client, server)
    lab.moment("closed", client="TIME-WAIT", server="none")


def one_half(lab, host):
    """Only what one host sends is recorded."""
    lab.record(expression="tcp and src host " + lab.address(host, 0)[0])
    other = {"client": "server", "server": "client"}[host]
    ends = dict(zip(("client", "server"), lab.pair(80)))
    exchange(ends["client"], ends["server"])
    lab.moment("open", client="ESTAB", server="ESTAB")
    ends[host].close()
    expect_end(ends[other])
    # That its FIN was acknowledged is in the other half.
    lab.moment("the recorded one has closed", [(host, EVERYWHERE, UNSEEN)], **{host: "FIN-WAIT-2", other: "CLOSE-WAIT"})
    ends[other].close()
    # The last ACK covers one number more: a FIN, but in this half it could be a byte.
    lab.moment("both have closed", [(host, EVERYWHERE, UNSEEN), (other, EVERYWHERE, UNSEEN)],
               **{host: "TIME-WAIT", other: "none"})


register("one-way-client", lambda lab: one_half(lab, "client"), taps={})
register("one-way-server", lambda lab: one_half(lab, "server"), taps={})


# Within a host

ALONE = {"client": ("client", "lo")}


@scenario(taps=ALONE)
def loopback(lab):
    lab.alone_at("127.0.0.1")
    with lab.on("client"):
        listener = socket.create_server(("127.0.0.1", 7000))
        client = socket.create_connection(("127.0.0.1", 7000))
    server = lab.accept(listener)
    listener.close()
    exchange(client, server)
    lab.moment("open", client="ESTAB ESTAB")
    client.close()
    expect_end(server)
    lab.moment("the client has closed", client="FIN-WAIT-2 CLOSE-WAIT")
    server.close()
    lab.moment("closed", client="TIME-WAIT")


@scenario(taps=ALONE)
def self_connect(lab):
    lab.alone_at("127.0.0.1")
    with lab.on("client"):
        sock = socket.socket()
    lab.sockets.append(sock)
    sock.bind(("127.0.0.1", lab.port))
    sock.connect(("127.0.0.1", lab.port))
    lab.moment("one socket, connected to itself", client="ESTAB")
    send(sock, sock, REQUEST)
    lab.moment("it talks to itself", client="ESTAB")
    sock.close()
    lab.moment("closed", client="TIME-WAIT")


@scenario(taps=ALONE)
def self_connect_shut_down(lab):
    lab.alone_at("127.0.0.1")
    with lab.on("client"):
        sock = socket.socket()
    lab.sockets.append(sock)
    sock.bind(("127.0.0.1", lab.port))
    sock.connect(("127.0.0.1", lab.port))
    sock.shutdown(socket.SHUT_WR)
    lab.moment("its FIN has reached itself", client="TIME-WAIT")
