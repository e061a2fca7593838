# What no kernel would send: forged segments on an open connection, and peers that break the rules.
"""Scenarios: forged segments and raw peers. A raw peer is no host of ss's, so only the other side is compared."""

import socket

from lab.network import LabError
from lab.wire import data, fins, from_client, syn_acks

from .closing import opened
from .network import EVERYWHERE, FORGED, IGNORED
from .peer import Forger, Peer
from .scenario import REQUEST, RESPONSE, close_both, exchange, expect_end, receive, register, reset_on_close, scenario, send


def forged(name, *segments, like_true=False, **options):
    """A connection that is open; the client seems to send SEGMENTS (flags, numbers off by, more). The server takes none of them,
    and both go on. LIKE_TRUE: from outside nothing tells them from segments of the client's own."""
    def run(lab):
        client, server = opened(lab)
        forger = Forger(lab, client, server)
        unknown = [("client", EVERYWHERE, FORGED)] if like_true else ()
        for flags, more in segments:
            forger.send("client", flags, **more)
        lab.moment("the forged segment came", unknown, client="ESTAB", server="ESTAB")
        send(server, client, RESPONSE)
        lab.moment("the server goes on", unknown, client="ESTAB", server="ESTAB")
        send(client, server, REQUEST * 10)
        lab.moment("the client goes on", client="ESTAB", server="ESTAB")
        close_both(lab, client, server)
        lab.moment("closed", client="TIME-WAIT", server="none")

    register(name, run, **options)


# RFC 5961 3.2: in the window but not exact: a challenge ACK.
forged("rst-in-window", ("R", {"seq": 1000}))
forged("rst-in-window-ack", ("R.", {"seq": 1}))
forged("rst-below-window", ("R", {"seq": -1}))
forged("rst-beyond-window", ("R", {"seq": 1 << 20}))
# Between what was read and what is expected there is nothing: exact is exact, with or without ACK.
forged("fin-beyond-window", ("F.", {"seq": 1 << 20}))
forged("fin-beyond-hole", ("F.", {"seq": 100}), like_true=True)
forged("fin-below-window", ("F.", {"seq": -20}))
forged("fin-old-timestamp", ("F.", {"age": 100000}))
forged("fin-acks-unsent", ("F.", {"ack": 100000}), like_true=True)
forged("fin-without-ack", ("F", {}))
forged("data-old-timestamp", ("P.", {"age": 100000, "data": b"forged"}))
forged("data-beyond-window", ("P.", {"seq": 1 << 20, "data": b"forged"}))
forged("data-without-ack", ("P", {"data": b"forged"}))
forged("data-acks-unsent", ("P.", {"ack": 100000, "data": b"forged"}))
forged("ack-of-unsent", (".", {"ack": 100000}))
forged("ack-long-ago", (".", {"ack": -(1 << 20)}))
forged("ack-below-window", (".", {"seq": -100}))
forged("keep-alive-with-a-byte", (".", {"seq": -1, "data": b"x"}))
forged("blind-syn", ("S", {"seq": 12345678}))
forged("blind-syn-in-window", ("S", {"seq": 10}))
forged("blind-syn-ipv6", ("S", {"seq": 12345678}), family=6)
forged("blind-syn-ack", ("S.", {"seq": 12345678}))
forged("null-and-xmas", ("", {}), ("FP", {"seq": 1 << 24}))


@scenario()
def rst_exact_forged(lab):
    """Believed; the client whose name it bore goes on and learns of it by an RST."""
    client, server = opened(lab)
    Forger(lab, client, server).send("client", "R")
    lab.moment("the server believed it", client="ESTAB", server="none", unknown=[("client", EVERYWHERE, FORGED)])
    client.sendall(REQUEST)
    lab.moment("data met an RST", client="none", server="none")


@scenario()
def rst_exact_forged_to_client(lab):
    client, server = opened(lab)
    Forger(lab, client, server).send("server", "R.")
    lab.moment("the client believed it", client="none", server="ESTAB", unknown=[("server", EVERYWHERE, FORGED)])
    server.sendall(RESPONSE)
    lab.moment("data met an RST", client="none", server="none")


@scenario()
def rst_corrupted(lab):
    """An RST with the right number and a wrong checksum: its host drops it, and the connection goes on."""
    client, server = opened(lab)
    Forger(lab, client, server).send("client", "R", corrupted=True)
    lab.moment("nobody took it", client="ESTAB", server="ESTAB",
               unknown=[("client", EVERYWHERE, FORGED), ("server", EVERYWHERE, IGNORED)])
    exchange(client, server)
    lab.moment("both go on", client="ESTAB", server="ESTAB")


@scenario()
def rst_after_lost_data(lab):
    """What the server expects next is before the data that the tap saw pass: an RST behind them is not exact."""
    client, server = opened(lab, patient=True)
    lost = lab.lose("server", from_client(data))
    client.sendall(REQUEST)
    lab.until_taken(lost)
    Forger(lab, client, server).send("client", "R", seq=1000)
    lab.moment("an RST beyond the data came", client="ESTAB", server="ESTAB")
    lost.lift()
    receive(server, REQUEST)
    lab.moment("the data came", client="ESTAB", server="ESTAB")


@scenario()
def rst_at_the_sack_edge(lab):
    """Linux takes an RST at the end of the right-most SACK block (RFC 5961 and RFC 7323 together)."""
    client, server = opened(lab, patient=True)
    lost = lab.lose("server", from_client(data), 1)
    client.sendall(REQUEST)
    lab.until_taken(lost)
    again = lab.lose("server", lambda packet: packet.source == "client" and packet.length == len(REQUEST))
    client.sendall(RESPONSE)
    lab.until_quiet()
    Forger(lab, client, server).send("client", "R")
    lab.moment("the RST came", client="ESTAB", server="none", unknown=[("client", EVERYWHERE, FORGED)])
    again.lift()
    lab.moment("the client's data met an RST", client="none", server="none")


def rst_one_below(lab, state):
    """The FIN's own number, in a state where the FIN was received: Linux, tcp_reset_check()."""
    client, server = opened(lab, patient=True)
    client.shutdown(socket.SHUT_WR)
    expect_end(server)
    lab.until_state("client", "FIN-WAIT-2")
    lost = lab.lose("server", fins)
    if state == "LAST-ACK":
        server.close()
        lab.until_taken(lost)
    lab.until_state("server", state)
    Forger(lab, client, server).send("client", "R", seq=-1)
    lab.moment("the RST came", client="FIN-WAIT-2", server="none", unknown=[("client", EVERYWHERE, FORGED)])


register("rst-one-below-in-close-wait", lambda lab: rst_one_below(lab, "CLOSE-WAIT"))


@scenario()
def rst_in_window_in_fin_wait_2(lab):
    """FIN_WAIT_2 with a process: not exact, a challenge ACK."""
    client, server = opened(lab)
    client.shutdown(socket.SHUT_WR)
    expect_end(server)
    lab.until_state("client", "FIN-WAIT-2")
    Forger(lab, client, server).send("server", "R", seq=100)
    lab.moment("the RST came", client="FIN-WAIT-2", server="CLOSE-WAIT")
    send(server, client, RESPONSE)
    lab.moment("the server goes on", client="FIN-WAIT-2", server="CLOSE-WAIT")


@scenario()
def rst_in_window_in_orphans_fin_wait_2(lab):
    """FIN_WAIT_2 of an orphan is a mini-socket, and believes any RST in its window."""
    client, server = opened(lab)
    forger = Forger(lab, client, server)
    client.close()
    expect_end(server)
    lab.until_state("client", "FIN-WAIT-2")
    forger.send("server", "R", seq=100)
    lab.moment("the RST came", client="none", server="CLOSE-WAIT", unknown=[("server", EVERYWHERE, FORGED)])


def into_time_wait(name, flags, after="TIME-WAIT", unknown=(), **more):
    def run(lab):
        client, server = opened(lab)
        forger = Forger(lab, client, server)
        close_both(lab, client, server)
        lab.moment("closed", client="TIME-WAIT", server="none")
        forger.send("server", flags, **more)
        lab.moment("the segment came", unknown, client=after, server="none")

    register(name, run)


# TIME_WAIT answers; the ACK meets nobody any more, and the RST to that ends TIME_WAIT.
into_time_wait("time-wait-fin-again", "F.", after="none", seq=-1)
into_time_wait("time-wait-rst-exact", "R", after="none")
into_time_wait("time-wait-rst-in-window", "R", seq=100, after="*")
into_time_wait("time-wait-rst-below", "R", seq=-1000)
# The RST makes room for a new connection, as far as anybody can tell.
into_time_wait("time-wait-old-syn", "S", after="none", unknown=[("server", EVERYWHERE, FORGED)], seq=-1000)
into_time_wait("time-wait-old-data", ".", after="none", seq=-10, data=b"forged")


# Raw peers: the server's kernel against a client that is none

def patient(lab):
    """Nothing that the kernel repeats by itself crosses what the peer says."""
    lab.patient(3)


def handshake(lab, port=80, listener_options=()):
    patient(lab)
    listener = lab.listen(port)
    for option in listener_options:
        listener.setsockopt(*option)
    peer = Peer(lab, "client", lab.port, port)
    peer.send("S", 0)
    peer.receive("S.")
    return listener, peer


def in_syn_rcvd(name, *segments, after, **options):
    """SEGMENTS to a server in SYN_RCVD."""
    def run(lab):
        listener, peer = handshake(lab)
        lab.moment("the SYN is answered", server="SYN-RECV")
        again = lab.watch("server", syn_acks)
        for flags, seq, ack, more in segments:
            peer.send(flags, seq, ack, **more)
            lab.until_quiet()
        if after == "none" and again.count:
            raise LabError("the SYN-ACK came again and crossed what ends it")
        lab.moment("what came", server=after)
        listener.close()

    register(name, run, **options)


in_syn_rcvd("syn-rcvd-ack", (".", 1, 1, {}), after="ESTAB")
in_syn_rcvd("syn-rcvd-ack-too-high", (".", 1, 100, {}), after="SYN-RECV")
in_syn_rcvd("syn-rcvd-ack-too-low", (".", 1, 0, {}), after="SYN-RECV")
in_syn_rcvd("syn-rcvd-rst-exact", ("R", 1, 0, {}), after="none")
in_syn_rcvd("syn-rcvd-rst-exact-ipv6", ("R", 1, 0, {}), after="none", family=6)
in_syn_rcvd("syn-rcvd-rst-in-window", ("R", 100, 0, {}), after="SYN-RECV")
in_syn_rcvd("syn-rcvd-rst-beyond-window", ("R", 1 << 20, 0, {}), after="SYN-RECV")
in_syn_rcvd("syn-rcvd-rst-ack", ("R.", 1, 1, {}), after="none")
in_syn_rcvd("syn-rcvd-fin", ("F.", 1, 1, {}), after="CLOSE-WAIT")
in_syn_rcvd("syn-rcvd-data", ("P.", 1, 1, {"data": REQUEST}), after="ESTAB")
in_syn_rcvd("syn-rcvd-data-fin", ("FP.", 1, 1, {"data": REQUEST}), after="CLOSE-WAIT")
in_syn_rcvd("syn-rcvd-data-out-of-order", ("P.", 100, 1, {"data": REQUEST}), after="ESTAB")
in_syn_rcvd("syn-rcvd-fin-beyond-hole", ("F.", 100, 1, {}), after="ESTAB")
in_syn_rcvd("syn-rcvd-data-beyond-window", ("P.", 1 << 20, 1, {"data": REQUEST}), after="SYN-RECV")
in_syn_rcvd("syn-rcvd-fin-without-ack", ("F", 1, 0, {}), after="SYN-RECV")
in_syn_rcvd("syn-rcvd-other-syn", ("S", 5000, 0, {}), after="*")
in_syn_rcvd("syn-rcvd-syn-in-window", ("S", 1, 0, {}), after="*")
in_syn_rcvd("syn-rcvd-syn-again", ("S", 0, 0, {}), after="SYN-RECV")


# Raw peers: the client's kernel against a server that is none

def in_syn_sent(name, answer, after, **options):
    """ANSWER(peer, its SYN) to a client in SYN_SENT."""
    def run(lab):
        patient(lab)
        peer = Peer(lab, "server", 80, lab.port)
        client = lab.socket("client")
        client.setblocking(False)
        client.connect_ex((peer.own[0], 80))
        peer.receive("S")
        lab.moment("the SYN has come", client="SYN-SENT")
        answer(peer)
        lab.until_quiet()
        lab.moment("what came", client=after)

    register(name, run, **options)


in_syn_sent("syn-sent-ack", lambda peer: peer.send(".", 0, 1), "SYN-SENT")
in_syn_sent("syn-sent-ack-too-high", lambda peer: peer.send(".", 0, 100), "SYN-SENT")
in_syn_sent("syn-sent-syn-ack", lambda peer: peer.send("S.", 0, 1), "ESTAB")
in_syn_sent("syn-sent-syn-ack-too-high", lambda peer: peer.send("S.", 0, 100), "SYN-SENT")
in_syn_sent("syn-sent-syn-ack-too-low", lambda peer: peer.send("S.", 0, 0), "SYN-SENT")
in_syn_sent("syn-sent-rst", lambda peer: peer.send("R", 0), "SYN-SENT")
in_syn_sent("syn-sent-rst-ack", lambda peer: peer.send("R.", 0, 1), "none")
in_syn_sent("syn-sent-rst-ack-too-high", lambda peer: peer.send("R.", 0, 100), "SYN-SENT")
in_syn_sent("syn-sent-rst-ack-too-low", lambda peer: peer.send("R.", 0, 0), "SYN-SENT")
in_syn_sent("syn-sent-fin", lambda peer: peer.send("F.", 0, 1), "SYN-SENT")
in_syn_sent("syn-sent-data", lambda peer: peer.send("P.", 0, 1, data=RESPONSE), "SYN-SENT")
in_syn_sent("syn-sent-syn", lambda peer: peer.send("S", 0), "SYN-RECV")
in_syn_sent("syn-sent-syn-fin", lambda peer: peer.send("SF.", 0, 1), "*")
in_syn_sent("syn-sent-syn-ack-with-data", lambda peer: peer.send("S.", 0, 1, data=RESPONSE), "ESTAB")


def until_syn_rcvd(lab):
    """The client's kernel in SYN_RCVD, by an active open that has met the peer's SYN."""
    patient(lab)
    peer = Peer(lab, "server", 80, lab.port)
    client = lab.socket("client")
    client.setblocking(False)
    client.connect_ex((peer.own[0], 80))
    peer.receive("S")
    peer.send("S", 0)
    lab.moment("the SYNs have crossed", client="SYN-RECV")
    return client, peer


@scenario()
def close_in_syn_rcvd(lab):
    """The edge SYN_RCVD > FIN_WAIT_1 (RFC 9293 3.10.4)."""
    client, peer = until_syn_rcvd(lab)
    client.close()
    peer.receive("F.")
    lab.moment("the client has closed", client="FIN-WAIT-1")
    peer.send(".", 1, 2)
    lab.moment("both its SYN and its FIN are acknowledged", client="FIN-WAIT-2")
    peer.send("F.", 1, 2)
    lab.moment("the peer's FIN", client="TIME-WAIT")


@scenario()
def abort_in_syn_rcvd(lab):
    client, peer = until_syn_rcvd(lab)
    reset_on_close(client)
    client.close()
    lab.moment("the client has aborted", client="none")
    del peer


@scenario()
def syn_sent_recovers(lab):
    """A server that has rebooted: its challenge ACK draws an RST, and the SYN comes again."""
    peer = Peer(lab, "server", 80, lab.port)
    client = lab.socket("client")
    client.setblocking(False)
    client.connect_ex((peer.own[0], 80))
    peer.receive("S")
    peer.send(".", 0, 5000)
    peer.receive("R")
    peer.receive("S")
    lab.moment("an RST, and the SYN again", client="SYN-SENT")
    peer.send("S.", 0, 1)
    lab.moment("open", client="ESTAB")
    lab.finish(client)
    client.close()
    peer.receive("F.")
    lab.moment("the client has closed", client="FIN-WAIT-1")
    peer.send(".", 1, 2)
    lab.moment("the ACK of its FIN", client="FIN-WAIT-2")
    peer.send("F.", 1, 2)
    lab.moment("the peer's FIN", client="TIME-WAIT")


def raw_closing(name, answers, family=4):
    """The client closes first; ANSWERS are (flags, seq, ack, the client's state after it)."""
    def run(lab):
        patient(lab)
        peer = Peer(lab, "server", 80, lab.port)
        client = lab.socket("client")
        client.setblocking(False)
        client.connect_ex((peer.own[0], 80))
        peer.receive("S")
        peer.send("S.", 0, 1)
        lab.finish(client)
        client.close()
        peer.receive("F.")
        for flags, seq, ack, state in answers:
            peer.send(flags, seq, ack)
            lab.until_quiet()
            lab.moment(f"{flags} {seq} ack {ack}", client=state)

    register(name, run, family=family)


raw_closing("fin-wait-1-fin", [("F.", 1, 1, "CLOSING"), (".", 2, 2, "TIME-WAIT")])
raw_closing("fin-wait-1-fin-ipv6", [("F.", 1, 1, "CLOSING"), (".", 2, 2, "TIME-WAIT")], 6)
raw_closing("fin-wait-1-fin-with-ack", [("F.", 1, 2, "TIME-WAIT")])
raw_closing("fin-wait-1-ack-too-high", [(".", 1, 100, "FIN-WAIT-1"), (".", 1, 2, "FIN-WAIT-2")])
raw_closing("fin-wait-1-fin-ack-too-high", [("F.", 1, 100, "FIN-WAIT-1"), ("F.", 1, 2, "TIME-WAIT")])
raw_closing("fin-wait-1-rst-exact", [("R", 1, 0, "none")])
raw_closing("fin-wait-1-rst-in-window", [("R", 100, 0, "FIN-WAIT-1"), ("R", 1, 0, "none")])
raw_closing("closing-rst-exact", [("F.", 1, 1, "CLOSING"), ("R", 2, 0, "none")])
raw_closing("closing-rst-one-below", [("F.", 1, 1, "CLOSING"), ("R", 1, 0, "none")])
raw_closing("closing-fin-again", [("F.", 1, 1, "CLOSING"), ("F.", 1, 1, "CLOSING"), ("F.", 1, 2, "TIME-WAIT")])
raw_closing("closing-ack-too-high", [("F.", 1, 1, "CLOSING"), (".", 2, 200, "CLOSING"), (".", 2, 2, "TIME-WAIT")])
raw_closing("fin-wait-2-fin-beyond-hole", [(".", 1, 2, "FIN-WAIT-2"), ("F.", 50, 2, "none")])


def closed_by_peer(lab):
    """A server whose peer has sent its FIN, which it has; and the peer."""
    listener, peer = handshake(lab)
    peer.send(".", 1, 1)
    server = lab.accept(listener)
    listener.close()
    peer.send("F.", 1, 1)
    expect_end(server)
    return server, peer


@scenario()
def last_ack_rst_one_below(lab):
    """The server's kernel in LAST_ACK; the peer answers with an RST that does not count its own FIN."""
    server, peer = closed_by_peer(lab)
    lab.moment("the peer has closed", server="CLOSE-WAIT")
    server.close()
    peer.receive("F.")
    lab.moment("so has the server", server="LAST-ACK")
    peer.send("R", 1)
    lab.moment("the RST came", server="none")


@scenario()
def last_ack_ack_too_high(lab):
    server, peer = closed_by_peer(lab)
    server.close()
    peer.receive("F.")
    peer.send(".", 2, 100)
    lab.moment("the ACK was too high", server="LAST-ACK")
    peer.send(".", 2, 2)
    lab.moment("it was right", server="none")


@scenario()
def data_after_fin(lab):
    """A peer that goes on after its own FIN."""
    server, peer = closed_by_peer(lab)
    peer.send("P.", 2, 1, data=REQUEST)
    lab.moment("data came after the FIN", server="CLOSE-WAIT")
    server.close()
    peer.receive("F.")
    peer.send(".", 2, 2)
    lab.moment("closed", server="none")

