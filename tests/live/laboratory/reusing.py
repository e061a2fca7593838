# What becomes of TIME_WAIT, and of ports that are used again.
"""Scenarios: TIME_WAIT and new incarnations."""

import time

from lab.network import MINUTE
from lab.wire import acks, data, from_client, from_server, syn_acks, syns

from .closing import opened
from .network import LOST, UNSEEN
from .scenario import REQUEST, RESPONSE, close_both, exchange, expect_end, receive, register, reset_on_close, scenario, send


def reuse(lab, close_first):
    """A new connection between the same ports."""
    for round_ in ("first", "second", "third"):
        client, server = opened(lab, 80, lab.port)
        lab.moment(f"the {round_} is open", client="ESTAB", server="ESTAB")
        close_first(lab, client, server)


def by_server(lab, client, server):
    close_both(lab, server, client)
    lab.moment("closed", client="none", server="TIME-WAIT")


def by_rst(lab, client, server):
    reset_on_close(client)
    client.close()
    del server
    lab.moment("reset", client="none", server="none")


register("time-wait-reuse", lambda lab: reuse(lab, by_server))
register("time-wait-reuse-ipv6", lambda lab: reuse(lab, by_server), family=6)
register("reuse-after-reset", lambda lab: reuse(lab, by_rst))


@scenario()
def time_wait_reuse_no_timestamps(lab):
    for host in ("client", "server"):
        lab.sysctl(host, ipv4__tcp_timestamps=0)
    reuse(lab, by_server)


@scenario()
def time_wait_reuse_by_client(lab):
    """The client itself is in TIME_WAIT and connects again from the same port (RFC 6191, tcp_tw_reuse)."""
    lab.sysctl("client", ipv4__tcp_tw_reuse=1)
    client, server = opened(lab, 80, lab.port)
    close_both(lab, client, server)
    lab.moment("closed", client="TIME-WAIT", server="none")
    time.sleep(1.1)
    client, server = opened(lab, 80, lab.port)
    lab.moment("open again", client="ESTAB", server="ESTAB")
    close_both(lab, client, server)
    lab.moment("closed again", client="TIME-WAIT", server="none")


@scenario()
def time_wait_reuse_syn_ack_lost(lab):
    """Until the SYN-ACK is seen the new SYN is a stray of the old connection."""
    client, server = opened(lab, 80, lab.port)
    close_both(lab, server, client)
    lab.moment("closed", client="none", server="TIME-WAIT")
    with lab.listening(80) as listener:
        held = lab.hold("server", syns, 1)
        client = lab.begin(80, lab.port)
        lab.until_taken(held)
        lab.moment("the SYN is on its way", client="SYN-SENT", server="TIME-WAIT",
                   unknown=[("client", "client router", LOST), ("client", "server", UNSEEN)])
        lost = lab.lose("client", syn_acks, 2)
        held.lift()
        lab.until_taken(lost)
        lab.moment("the SYN-ACK is lost", client="SYN-SENT", server="SYN-RECV",
                   unknown=[("client", "router server", LOST), ("client", "client", LOST), ("server", "client", UNSEEN)])
        lab.finish(client)
        server = lab.accept(listener)
    exchange(client, server)
    lab.moment("open", client="ESTAB", server="ESTAB")


@scenario()
def stray_of_the_old_incarnation(lab):
    """Segments of the old connection come while the new one between the same ports is open."""
    client, server = lab.pair(80, lab.port)
    held = lab.hold("client", from_client(data), 1)
    client.sendall(REQUEST)
    lab.until_taken(held)
    receive(server, REQUEST)
    send(server, client, RESPONSE)
    close_both(lab, server, client)
    lab.moment("closed", client="none", server="TIME-WAIT")
    client, server = opened(lab, 80, lab.port)
    lab.moment("open again", client="ESTAB", server="ESTAB")
    held.lift()
    lab.moment("old data came", client="ESTAB", server="ESTAB")
    exchange(client, server)
    close_both(lab, server, client)
    lab.moment("closed again", client="none", server="TIME-WAIT")


@scenario()
def time_wait_assassinated(lab):
    """A delayed ACK, overtaken by its own FIN, meets TIME_WAIT, which answers; the other socket is gone, and its host says RST."""
    client, server = opened(lab)
    client.close()
    expect_end(server)
    lab.until_state("client", "FIN-WAIT-2")
    held = lab.hold("client", from_server(acks), 1)
    lab.sysctl("client", ipv4__tcp_rfc1337=0)
    server.sendall(b"")
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="none")
    held.lift()


@scenario(slow=True)
def time_wait_starts_again(lab):
    """The FIN comes again and again: TIME_WAIT lasts 2 MSL from the last copy."""
    client, server = opened(lab)
    client.close()
    expect_end(server)
    lab.until_state("client", "FIN-WAIT-2")
    lost = lab.lose("client", from_client(acks))
    server.close()
    end = time.monotonic() + MINUTE
    # With the probe (RFC 8985) the last copy comes at least 25 s after the first.
    lab.until_taken(lost, 8, MINUTE)
    lost.lift()
    lab.moment("the last ACK arrived at last", client="TIME-WAIT", server="none", patience=MINUTE)
    time.sleep(max(0, end - time.monotonic()))
    lab.moment("2 MSL after the first FIN", client="TIME-WAIT", server="none")
