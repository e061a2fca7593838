# Every segment that opens or closes a connection, lost on either leg, and what becomes of it.
"""Scenarios: each loss, with recovery. What is lost stays lost through its first repetitions."""

import socket

from lab.wire import acks, data, fins, from_client, from_server, rsts, syn_acks, syns

from .network import LOST, UNSEEN, before_loss, behind_loss
from .scenario import REQUEST, RESPONSE, close_both, exchange, expect_end, receive, register, reset_on_close, send

OTHER = {"client": "server", "server": "client"}
FROM = {"client": from_client, "server": from_server}


def opened(lab):
    """An open connection, by host."""
    lab.patient()
    client, server = lab.pair(80)
    exchange(client, server)
    lab.until_quiet()
    return {"client": client, "server": server}


def on_its_way(leg, sender):
    """Each time it was lost it had passed the taps before the loss, and none behind it."""
    return [(OTHER[sender], before_loss(leg, sender), LOST), (sender, behind_loss(leg, sender), UNSEEN)]


def closed_normally(lab, ends, first="client"):
    close_both(lab, ends[first], ends[OTHER[first]])
    lab.moment("closed", **{first: "TIME-WAIT", OTHER[first]: "none"})


def lost_syn(lab, leg):
    rule = lab.lose(leg, syns)
    with lab.listening(80) as listener:
        client = lab.begin(80)
        lab.until_taken(rule)
        lab.moment("lost", client="SYN-SENT", server="none")
        lab.until_taken(rule, 2)
        lab.moment("lost again", client="SYN-SENT", server="none")
        rule.lift()
        lab.finish(client)
        server = lab.accept(listener)
    lab.moment("open", client="ESTAB", server="ESTAB")
    closed_normally(lab, {"client": client, "server": server})


def lost_syn_ack(lab, leg):
    rule = lab.lose(leg, syn_acks)
    unknown = on_its_way(leg, "server")
    with lab.listening(80) as listener:
        client = lab.begin(80)
        lab.until_taken(rule)
        lab.moment("lost", unknown, client="SYN-SENT", server="SYN-RECV")
        lab.until_taken(rule, 3)
        lab.moment("lost again", unknown, client="SYN-SENT", server="SYN-RECV")
        rule.lift()
        lab.finish(client)
        server = lab.accept(listener)
    lab.moment("open", client="ESTAB", server="ESTAB")
    closed_normally(lab, {"client": client, "server": server})


def lost_third_ack(lab, leg):
    rule = lab.lose(leg, from_client(acks))
    with lab.listening(80) as listener:
        client = lab.begin(80)
        lab.finish(client)
        lab.until_taken(rule)
        lab.moment("lost", [("server", before_loss(leg, "client"), LOST)], client="ESTAB", server="SYN-RECV")
        lab.until_taken(rule, 3)
        lab.moment("lost three times", client="ESTAB", server="SYN-RECV")
        rule.lift()
        server = lab.accept(listener)
        send(server, client, RESPONSE)
    lab.moment("open", client="ESTAB", server="ESTAB")
    closed_normally(lab, {"client": client, "server": server})


def lost_data_before_fin(lab, leg, first, sack):
    """The FIN arrives, the data before it do not. Without SACK nothing speeds their repetition up; with it they come again at once,
    and are lost again."""
    for host in ("client", "server"):
        lab.sysctl(host, ipv4__tcp_sack=sack)
    ends = opened(lab)
    sender, receiver = ends[first], ends[OTHER[first]]
    rule = lab.lose(leg, FROM[first](data))
    sender.sendall(REQUEST)
    lab.until_taken(rule)
    sender.close()
    if sack:
        lab.until_taken(rule, 2)
    # A repetition that is lost, too, may have come before it was quiet.
    lab.moment("the FIN came without the data",
               lambda: [(OTHER[first], before_loss(leg, first), LOST)] if rule.count > 1 else (),
               **{first: "FIN-WAIT-1", OTHER[first]: "ESTAB"})
    lab.until_taken(rule, 2 + sack)
    lab.moment("the data are lost again", [(OTHER[first], before_loss(leg, first), LOST)],
               **{first: "FIN-WAIT-1", OTHER[first]: "ESTAB"})
    rule.lift()
    receive(receiver, REQUEST)
    expect_end(receiver)
    lab.moment("the hole is filled", **{first: "FIN-WAIT-2", OTHER[first]: "CLOSE-WAIT"})
    receiver.close()
    lab.moment("closed", **{first: "TIME-WAIT", OTHER[first]: "none"})


def lost_data_with_fin(lab, leg, first):
    """Data and FIN in one segment, lost as a whole."""
    ends = opened(lab)
    sender, receiver = ends[first], ends[OTHER[first]]
    rule = lab.lose(leg, FROM[first](fins))
    sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    sender.sendall(REQUEST)
    sender.close()
    lab.until_taken(rule)
    lab.moment("lost", on_its_way(leg, first), **{first: "FIN-WAIT-1", OTHER[first]: "ESTAB"})
    lab.until_taken(rule, 2)
    lab.moment("lost again", on_its_way(leg, first), **{first: "FIN-WAIT-1", OTHER[first]: "ESTAB"})
    rule.lift()
    receive(receiver, REQUEST)
    expect_end(receiver)
    lab.moment("it arrived", **{first: "FIN-WAIT-2", OTHER[first]: "CLOSE-WAIT"})


def lost_first_fin(lab, leg, first):
    ends = opened(lab)
    rule = lab.lose(leg, FROM[first](fins))
    ends[first].close()
    lab.until_taken(rule)
    lab.moment("lost", on_its_way(leg, first), **{first: "FIN-WAIT-1", OTHER[first]: "ESTAB"})
    lab.until_taken(rule, 2)
    lab.moment("lost again", on_its_way(leg, first), **{first: "FIN-WAIT-1", OTHER[first]: "ESTAB"})
    rule.lift()
    expect_end(ends[OTHER[first]])
    lab.moment("it arrived", **{first: "FIN-WAIT-2", OTHER[first]: "CLOSE-WAIT"})
    ends[OTHER[first]].close()
    lab.moment("closed", **{first: "TIME-WAIT", OTHER[first]: "none"})


def lost_first_fins_ack(lab, leg, first):
    ends = opened(lab)
    second = OTHER[first]
    rule = lab.lose(leg, FROM[second](acks))
    unknown = [(first, before_loss(leg, second), LOST)]
    ends[first].close()
    expect_end(ends[second])
    lab.until_taken(rule)
    lab.moment("lost", unknown, **{first: "FIN-WAIT-1", second: "CLOSE-WAIT"})
    lab.until_taken(rule, 2)
    # Behind the loss the FIN comes again and no ACK of it was seen: either of them may be what was lost.
    lab.moment("lost again", unknown + [(second, behind_loss(leg, second), UNSEEN)],
               **{first: "FIN-WAIT-1", second: "CLOSE-WAIT"})
    rule.lift()
    lab.moment("it arrived", **{first: "FIN-WAIT-2", second: "CLOSE-WAIT"})
    ends[second].close()
    lab.moment("closed", **{first: "TIME-WAIT", second: "none"})


def lost_second_fin(lab, leg, first):
    ends = opened(lab)
    second = OTHER[first]
    ends[first].close()
    expect_end(ends[second])
    lab.until_state(first, "FIN-WAIT-2")
    rule = lab.lose(leg, FROM[second](fins))
    ends[second].close()
    lab.until_taken(rule)
    lab.moment("lost", on_its_way(leg, second), **{first: "FIN-WAIT-2", second: "LAST-ACK"})
    lab.until_taken(rule, 2)
    lab.moment("lost again", on_its_way(leg, second), **{first: "FIN-WAIT-2", second: "LAST-ACK"})
    rule.lift()
    lab.moment("closed", **{first: "TIME-WAIT", second: "none"})


def lost_last_ack(lab, leg, first):
    ends = opened(lab)
    second = OTHER[first]
    ends[first].close()
    expect_end(ends[second])
    lab.until_state(first, "FIN-WAIT-2")
    rule = lab.lose(leg, FROM[first](acks))
    unknown = [(second, before_loss(leg, first), LOST)]
    ends[second].close()
    lab.until_taken(rule)
    lab.moment("lost", unknown, **{first: "TIME-WAIT", second: "LAST-ACK"})
    lab.until_taken(rule, 2)
    lab.moment("lost again", unknown + [(first, behind_loss(leg, first), UNSEEN)],
               **{first: "TIME-WAIT", second: "LAST-ACK"})
    rule.lift()
    lab.moment("closed", **{first: "TIME-WAIT", second: "none"})


def lost_rst(lab, leg, first):
    ends = opened(lab)
    second = OTHER[first]
    rule = lab.lose(leg, FROM[first](rsts), 1)
    reset_on_close(ends[first])
    ends[first].close()
    lab.until_taken(rule)
    lab.moment("lost", on_its_way(leg, first),
               **{first: "none", second: "ESTAB"})
    ends[second].sendall(RESPONSE)
    lab.moment("data met nobody", client="none", server="none")


def lost_rst_of_data(lab, leg, first):
    """The RST that answers data is lost, too, until the data come again."""
    ends = opened(lab)
    second = OTHER[first]
    rule = lab.lose(leg, FROM[first](rsts))
    reset_on_close(ends[first])
    ends[first].close()
    lab.until_taken(rule)
    ends[second].sendall(RESPONSE)
    lab.until_taken(rule, 2)
    lab.moment("lost twice", on_its_way(leg, first),
               **{first: "none", second: "ESTAB"})
    rule.lift()
    lab.moment("an RST arrived", client="none", server="none")


def each_leg(name, function, *arguments, **options):
    for leg in ("client", "server"):
        register(f"{name}-{leg}-leg", lambda lab, leg=leg: function(lab, leg, *arguments), **options)


each_leg("lost-syn", lost_syn)
each_leg("lost-syn-ack", lost_syn_ack)
each_leg("lost-third-ack", lost_third_ack)
for side in ("client", "server"):
    each_leg(f"lost-data-before-fin-of-{side}", lost_data_before_fin, side, 0)
    each_leg(f"lost-data-before-fin-of-{side}-sack", lost_data_before_fin, side, 1)
    each_leg(f"lost-data-with-fin-of-{side}", lost_data_with_fin, side)
    each_leg(f"lost-first-fin-of-{side}", lost_first_fin, side)
    each_leg(f"lost-ack-of-first-fin-of-{side}", lost_first_fins_ack, side)
    each_leg(f"lost-second-fin-of-{OTHER[side]}", lost_second_fin, side)
    each_leg(f"lost-last-ack-of-{side}", lost_last_ack, side)
    each_leg(f"lost-rst-of-{side}", lost_rst, side)
    each_leg(f"lost-rst-of-data-of-{side}", lost_rst_of_data, side)
