# How connections open, or do not.
"""Scenarios: opening."""

import socket
import time

from lab.network import MINUTE
from lab.wire import acks, from_client, from_server, syn_acks, syns

from .network import COOKIE, EVERYWHERE, IGNORED, LOST, SILENT, TAKEN, UNSEEN, before_loss
from .scenario import (REQUEST, RESPONSE, close_both, exchange, expect_end, expect_error, receive, register, scenario,
                       send)


def open_and_close(lab):
    client, server = lab.pair(80)
    lab.moment("open", client="ESTAB", server="ESTAB")
    exchange(client, server)
    lab.moment("the request is answered", client="ESTAB", server="ESTAB")
    client.close()
    expect_end(server)
    lab.moment("the client has closed", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    lab.moment("both have closed", client="TIME-WAIT", server="none")


def without(*settings):
    def with_settings(lab):
        for host in ("client", "server"):
            lab.sysctl(host, **{setting: 0 for setting in settings})
        open_and_close(lab)
    return with_settings


register("open-close", open_and_close)
register("open-close-ipv6", open_and_close, family=6)
register("open-close-far", open_and_close, delay=(0.05, 0.1))
register("open-close-no-timestamps", without("ipv4__tcp_timestamps"))
register("open-close-no-options", without("ipv4__tcp_timestamps", "ipv4__tcp_sack", "ipv4__tcp_window_scaling"))


@scenario(slow=True)
def time_wait_ends(lab):
    client, server = lab.pair(80)
    close_both(lab, client, server)
    lab.moment("closed", client="TIME-WAIT", server="none")
    time.sleep(MINUTE)
    lab.moment("2 MSL later", client="none", server="none")


@scenario()
def refused(lab):
    bound = lab.socket("server")
    bound.bind(lab.address("server", 8080))
    expect_error(ConnectionRefusedError, lab.connect, 8080)
    lab.moment("after the RST", client="none", server="none")


@scenario(family=6)
def refused_ipv6(lab):
    expect_error(ConnectionRefusedError, lab.connect, 8080)
    lab.moment("after the RST", client="none", server="none")


@scenario()
def refused_late(lab):
    """The first SYNs get no answer, the third an RST."""
    lost = lab.lose("server", syns, 2)
    client = lab.begin(8080)
    lab.until_taken(lost, 2)
    lab.moment("no answer", client="SYN-SENT", server="none")
    lab.until_state("client", "none")
    lab.moment("refused", client="none", server="none")
    client.close()


@scenario(slow=True)
def connect_timeout(lab):
    lab.lose("server", syns)
    client = lab.socket("client")
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_SYNCNT, 1)
    client.setblocking(False)
    client.connect_ex(lab.address("server", 80))
    lab.moment("waiting", client="SYN-SENT", server="none")
    lab.until_state("client", "none", 60)
    time.sleep(MINUTE)
    lab.moment("long after", client="none", server="none")


@scenario(slow=True)
def syn_ack_never_acked(lab):
    lab.lose("client", from_client(acks))
    with lab.listening(80):
        lab.begin(80)
        lab.moment("the ACK is lost", client="ESTAB", server="SYN-RECV", unknown=[("server", "client", LOST)])
        lab.until_state("server", "none", 100)
    # Its last wait may have been an eighth shorter than it should.
    time.sleep(5)
    lab.moment("the server has given up", client="ESTAB", server="none")


@scenario()
def abandoned_in_syn_sent(lab):
    """close() in SYN_SENT says nothing; the SYN-ACK that comes afterwards meets an RST."""
    held = lab.hold("client", syn_acks)
    with lab.listening(80):
        client = lab.begin(80)
        lab.moment("the SYN-ACK is on its way", client="SYN-SENT", server="SYN-RECV",
                   unknown=[("client", before_loss("client", "server"), LOST), ("server", "client", UNSEEN)])
        client.close()
        lab.until_state("client", "none")
        lab.moment("the client has given up", client="none", server="SYN-RECV",
                   unknown=[("client", EVERYWHERE, SILENT), ("server", "client", UNSEEN)])
        held.lift()
        lab.moment("the SYN-ACK met an RST", client="none", server="none")


@scenario()
def both_timers_cross(lab):
    """The way takes longer than the first timeout of either end: SYN and SYN-ACK are each repeated before their answer comes."""
    first, answers = lab.hold("client", syns), lab.hold("server", syn_acks)
    with lab.listening(80) as listener:
        client = lab.begin(80)
        lab.until_taken(first, 2)
        first.lift()
        lab.until_taken(answers, 2)
        lab.moment("the SYN-ACKs are on their way", client="SYN-SENT", server="SYN-RECV",
                   unknown=[("client", "server", LOST), ("server", "client router", UNSEEN)])
        answers.lift()
        lab.finish(client)
        server = lab.accept(listener)
    lab.moment("open", client="ESTAB", server="ESTAB")
    close_both(lab, client, server)
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario(delay=(0.3, 0.3))
def slower_than_its_timers(lab):
    with lab.listening(80) as listener:
        client = lab.begin(80)
        lab.finish(client)
        server = lab.accept(listener)
    lab.until_quiet(0.7)
    lab.moment("open", client="ESTAB", server="ESTAB")
    exchange(client, server)
    client.close()
    expect_end(server)
    lab.moment("the client has closed", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="none")


def overflow(lab):
    """A server that does not accept, with room for three connections, is given four: the last two SYNs arrive before the ACK of
    either, so both are answered, and then one ACK finds the queue full. Returns the listener and that one's socket."""
    listener = lab.listen(8080, backlog=2)
    for _ in range(2):
        lab.connect(8080)
    lab.until_state("server", "ESTAB ESTAB")
    held = lab.hold("client", from_client(acks))
    last = [lab.begin(8080), lab.begin(8080)]
    lab.until_taken(held, 2)
    held.lift()
    return listener, last[1]


def until_syn_acks(lab, more):
    """Wait until the server has sent that many more SYN-ACKs."""
    watch = lab.watch("server", syn_acks)
    lab.until_taken(watch, more)


@scenario()
def accept_queue_full(lab):
    _, last = overflow(lab)
    lab.moment("the last ACK met a full queue", client="ESTAB " * 4, server="ESTAB ESTAB ESTAB SYN-RECV",
               unknown=[("server", EVERYWHERE, IGNORED, last.getsockname()[1])])
    until_syn_acks(lab, 2)
    lab.moment("its SYN-ACK came again twice", client="ESTAB " * 4, server="ESTAB ESTAB ESTAB SYN-RECV")


def accept_queue_drains(lab, wait):
    listener, last = overflow(lab)
    until_syn_acks(lab, 2)
    lab.moment("its SYN-ACK came again twice", client="ESTAB " * 4, server="ESTAB ESTAB ESTAB SYN-RECV")
    servers = [lab.accept(listener) for _ in range(4)]
    lab.moment("the repeated ACK found room", client="ESTAB " * 4, server="ESTAB " * 4,
               unknown=[("server", EVERYWHERE, TAKEN, last.getsockname()[1])])
    time.sleep(wait)
    if wait:
        lab.moment("no SYN-ACK came for twice the last interval", client="ESTAB " * 4, server="ESTAB " * 4)
    last.settimeout(20)
    for server in servers:
        if server.getpeername() == last.getsockname():
            send(server, last, RESPONSE)
    lab.moment("the server talks", client="ESTAB " * 4, server="ESTAB " * 4)


register("accept-queue-drains", lambda lab: accept_queue_drains(lab, 0))
register("accept-queue-drains-in-silence", lambda lab: accept_queue_drains(lab, 20), slow=True)


@scenario()
def accept_queue_drains_for_data(lab):
    listener, last = overflow(lab)
    until_syn_acks(lab, 2)
    for _ in range(3):
        lab.accept(listener)
    last.settimeout(20)
    last.sendall(REQUEST)
    receive(lab.accept(listener), REQUEST)
    lab.moment("the data found room", client="ESTAB " * 4, server="ESTAB " * 4)


@scenario()
def abort_on_overflow(lab):
    lab.sysctl("server", ipv4__tcp_abort_on_overflow=1)
    overflow(lab)
    lab.moment("the last was reset", client="ESTAB " * 3, server="ESTAB " * 3)


@scenario()
def deferred_accept(lab):
    with lab.listening(80) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 10)
        client = lab.connect(80)
        lab.moment("the ACK alone is not enough", client="ESTAB", server="SYN-RECV",
                   unknown=[("server", EVERYWHERE, IGNORED)])
        client.sendall(REQUEST)
        server = lab.accept(listener)
    receive(server, REQUEST)
    lab.moment("data came", client="ESTAB", server="ESTAB")
    close_both(lab, client, server)
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario()
def deferred_accept_ends(lab):
    """No data: in the deferral's last period the server sends its SYN-ACK once more and takes the ACK of that."""
    with lab.listening(80) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
        lab.connect(80)
        lab.moment("the ACK alone is not enough", client="ESTAB", server="SYN-RECV",
                   unknown=[("server", EVERYWHERE, IGNORED)])
        lab.moment("the deferral is over", client="ESTAB", server="ESTAB")
        lab.accept(listener)


@scenario()
def simultaneous_open(lab):
    held = [lab.hold("server", from_client(syns)), lab.hold("server", from_server(syns))]
    ends = {}
    for host in ("client", "server"):
        ends[host] = lab.socket(host)
        ends[host].bind(lab.address(host, lab.port))
        ends[host].setblocking(False)
    ends["client"].connect_ex(lab.address("server", lab.port))
    ends["server"].connect_ex(lab.address("client", lab.port))
    for rule in held:
        lab.until_taken(rule)
    lab.moment("the SYNs have crossed", client="SYN-SENT", server="SYN-SENT",
               unknown=[("client", "server", LOST), ("server", "client router", LOST)])
    answers = [lab.hold("server", from_client(syn_acks)), lab.hold("server", from_server(syn_acks))]
    for rule in held:
        rule.lift()
    for rule in answers:
        lab.until_taken(rule)
    lab.moment("both are answered", client="SYN-RECV", server="SYN-RECV",
               unknown=[("client", "server", LOST), ("server", "client router", LOST)])
    for rule in answers:
        rule.lift()
    lab.moment("open", client="ESTAB", server="ESTAB")
    for sock in ends.values():
        sock.settimeout(10)
    exchange(ends["client"], ends["server"])
    close_both(lab, ends["client"], ends["server"])
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario()
def data_completes_the_handshake(lab):
    lost = lab.lose("client", from_client(acks))
    with lab.listening(80) as listener:
        client = lab.begin(80)
        lab.finish(client)
        lab.moment("the ACK is lost", client="ESTAB", server="SYN-RECV", unknown=[("server", "client", LOST)])
        client.sendall(REQUEST)
        server = lab.accept(listener)
        lost.lift()
    receive(server, REQUEST)
    lab.moment("data came", client="ESTAB", server="ESTAB")
    send(server, client, RESPONSE)
    close_both(lab, client, server)
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario()
def fin_completes_the_handshake(lab):
    lost = lab.lose("server", from_client(acks))
    with lab.listening(80) as listener:
        client = lab.begin(80)
        lab.finish(client)
        lab.until_taken(lost)
        client.close()
        lab.until_state("server", "CLOSE-WAIT")
        lost.lift()
        server = lab.accept(listener)
    expect_end(server)
    lab.moment("the FIN came", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario()
def request_outlives_its_listener(lab):
    held = lab.hold("client", from_client(acks))
    with lab.listening(80):
        lab.begin(80)
        lab.until_state("server", "SYN-RECV")
    lab.moment("the listener is gone", client="ESTAB", server="SYN-RECV", unknown=[("server", "client", LOST)])
    held.lift()
    lab.moment("the ACK met nobody", client="none", server="none")


@scenario()
def request_changes_its_listener(lab):
    """The repeated SYN is answered by another listener, with another ISN."""
    lost = lab.lose("client", syn_acks)
    with lab.listening(80):
        client = lab.begin(80)
        lab.until_state("server", "SYN-RECV")
    with lab.listening(80) as listener:
        lab.until_taken(lost, 2)
        lab.moment("the new listener's answer is lost too", client="SYN-SENT", server="SYN-RECV",
                   unknown=[("client", "router server", LOST), ("server", "client", UNSEEN)])
        lost.lift()
        lab.finish(client)
        server = lab.accept(listener)
    lab.moment("open", client="ESTAB", server="ESTAB")
    exchange(client, server)
    close_both(lab, client, server)
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario()
def syn_cookie(lab):
    lab.sysctl("server", ipv4__tcp_syncookies=2)
    held = lab.hold("server", from_client(acks), 1)
    with lab.listening(80) as listener:
        client = lab.begin(80)
        lab.finish(client)
        lab.until_taken(held)
        lab.moment("the ACK is on its way", client="ESTAB", server="none", unknown=[("server", EVERYWHERE, COOKIE)])
        held.lift()
        server = lab.accept(listener)
    lab.moment("it carried the cookie", client="ESTAB", server="ESTAB")
    exchange(client, server)
    close_both(lab, client, server)
    lab.moment("closed", client="TIME-WAIT", server="none")


@scenario()
def syn_cookie_queue_full(lab):
    """listen(fd, 0) has room for one; with cookies the second is answered, and its ACK and data are ignored."""
    lab.sysctl("server", ipv4__tcp_syncookies=1)
    listener = lab.listen(80, backlog=0)
    held = lab.hold("client", from_client(acks))
    first, second = lab.begin(80), lab.begin(80)
    lab.until_taken(held, 2)
    held.lift()
    lab.until_state("server", "ESTAB")
    lab.finish(first)
    lab.finish(second)
    port = second.getsockname()[1]
    second.sendall(REQUEST)
    lab.moment("the second believes that it is open", client="ESTAB ESTAB", server="*",
               unknown=[("server", EVERYWHERE, COOKIE, port)])
    lab.accept(listener)
    lab.accept(listener)
    lab.moment("its repeated data opened it", client="ESTAB ESTAB", server="ESTAB ESTAB")


def fast_open(lab, answer=None):
    """Data in the SYN. With ANSWER, "hold" or "lose", the client's ACK of the SYN-ACK is on its way while the server talks and
    closes; when it is lost, the one that answers the repeated SYN-ACK arrives."""
    for host in ("client", "server"):
        lab.sysctl(host, ipv4__tcp_fastopen=3)
    with lab.listening(80) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 8)
        for cookie_known in (False, True):
            held = getattr(lab, answer)("client", from_client(acks)) if cookie_known and answer else None
            client = lab.socket("client")
            client.settimeout(None)
            client.sendto(REQUEST, socket.MSG_FASTOPEN, lab.address("server", 80))
            client.settimeout(20)
            server = lab.accept(listener)
            receive(server, REQUEST)
            if held:
                lab.until_taken(held)
                lab.moment("the ACK of the SYN-ACK is on its way", server="SYN-RECV TIME-WAIT",
                           unknown=[("server", "client", LOST)])
                server.sendall(RESPONSE)
                receive(client, RESPONSE)
                lab.moment("the server talks in SYN_RCVD", server="SYN-RECV TIME-WAIT",
                           unknown=[("server", "client", LOST)])
                server.close()
                expect_end(client)
                lab.moment("the server closes in SYN_RCVD", client="CLOSE-WAIT", server="FIN-WAIT-1 TIME-WAIT",
                           unknown=[("server", "client", LOST)])
                if answer == "lose":
                    until_syn_acks(lab, 1)
                held.lift()
                lab.moment("the ACK arrived", client="CLOSE-WAIT", server="FIN-WAIT-2 TIME-WAIT")
                client.close()
            else:
                send(server, client, RESPONSE)
                lab.moment("open", client="ESTAB", server="*")
                server.close()
                expect_end(client)
                client.close()
                lab.until_state("client", "none")
        lab.moment("closed", client="none", server="TIME-WAIT TIME-WAIT")


register("fast-open", fast_open)
register("fast-open-ipv6", fast_open, family=6)
register("fast-open-server-closes-first", lambda lab: fast_open(lab, "hold"))
register("fast-open-ack-lost", lambda lab: fast_open(lab, "lose"))
