# Why connections break or wait: who it was, and what of it a tap can know.
"""Situations: devices between, programs that give up first, and hosts that look for something."""

import random
import socket
import time

from .network import ADDRESSES, run
from .opening import forged_syn
from .talk import REQUEST, RESPONSE, exchange, expect_end, expect_error, receive, reset_on_close, send, situation

KEEP_ALIVE = 5


def nft(lab, rules):
    run("ip", "netns", "exec", lab.namespace("router"), "nft", "-f", "-", text=rules)


@situation(delay=(0.1, 0))
def close_race(lab):
    lab.tap("close-race", "client")
    client, server = lab.pair(80)
    exchange(client, server)
    exchange(client, server)
    lab.moment("kept alive", client="ESTAB", server="ESTAB")
    time.sleep(KEEP_ALIVE)
    # As a server does whose keep-alive time is over, while the next request is on its way.
    server.close()
    lab.until_state("server", "FIN-WAIT-1")
    client.sendall(REQUEST)
    lab.until_state("client", "none")
    lab.moment("the request met a closed socket", client="none", server="none")


@situation()
def reset_by_firewall(lab):
    lab.tap("reset-by-firewall", "client")
    client, server = lab.pair(5432)
    exchange(client, server)
    lab.moment("before", client="ESTAB", server="ESTAB")
    nft(lab, "add rule inet loss forward tcp dport 5432 counter reject with tcp reset\n")
    client.sendall(REQUEST)
    lab.until_state("client", "none")
    # Nobody has told the server, and a tap at the client cannot know that.
    lab.moment("a device between has reset the client", client="none")


@situation(family=6)
def rejected_by_firewall(lab):
    lab.tap("rejected-by-firewall", "client")
    nft(lab, "add rule inet loss forward tcp dport 8080 counter reject with icmpx type admin-prohibited\n")
    expect_error(OSError, lab.connect, 8080)
    client, server = lab.pair(80)
    exchange(client, server)
    nft(lab, "add rule inet loss forward tcp dport 80 counter reject with icmpx type admin-prohibited\n")
    client.sendall(REQUEST)
    lab.until_lost(3)
    lab.moment("an open connection survives it", client="ESTAB", server="ESTAB")
    lab.deliver()
    receive(server, REQUEST)
    send(server, client, RESPONSE)
    lab.moment("and goes on when the rule is gone", client="ESTAB", server="ESTAB")


@situation()
def deferred_accept(lab):
    lab.tap("deferred-accept", "client")
    listener = lab.listen(80)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 5)
    client = lab.connect(80)
    # As a browser does that connects before there is anything to ask for.
    # That the server does not take the ACK shows only when its SYN-ACK comes again.
    lab.moment("the server has the ACK and waits for data", client="ESTAB")
    lab.taps[0].until_frames(5)
    lab.moment("it has asked once more, and waits no longer", client="ESTAB", server="ESTAB")
    client.sendall(REQUEST)
    server = lab.accept(listener)
    receive(server, REQUEST)
    send(server, client, RESPONSE)
    lab.moment("the data has made the connection", client="ESTAB", server="ESTAB")


@situation()
def health_checks(lab):
    lab.tap("health-checks", "server")
    listener = lab.listen(80)
    for _ in range(8):
        client = lab.connect(80)
        server = lab.accept(listener)
        reset_on_close(client)
        client.close()
        lab.until_state("client", "none")
        server.close()
        time.sleep(0.5)
    lab.moment("asked eight times", client="none", server="none")


@situation()
def port_scan(lab):
    lab.tap("port-scan", "client")
    lab.listen(80)
    numbers = random.Random(1)
    with lab.on("client"), socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        for port in [21, 22, 23, 25, 53, 80, 110, 135, 139, 143, 443, 445, 993, 3306, 3389, 8080]:
            raw.sendto(forged_syn(ADDRESSES[4]["client"], ADDRESSES[4]["server"], numbers, port), (ADDRESSES[4]["server"], 0))
            time.sleep(0.01)
    lab.taps[0].until_frames(33)
    lab.moment("one port was open, and the scanner's host has reset what it did not ask for", client="none", server="none")


@situation()
def seen_twice(lab):
    lab.tap("seen-twice", "router", interface="any", options=("-y", "LINUX_SLL", "-s", "128"))
    client, server = lab.pair(80)
    exchange(client, server)
    lab.lose("tcp dport 80 meta length > 60", first=1)
    exchange(client, server)
    client.close()
    expect_end(server)
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="none")


@situation()
def syn_proxy(lab):
    lab.tap("syn-proxy", "client")
    lab.sysctl("router", netfilter__nf_conntrack_tcp_loose=0)
    nft(lab, """
table ip proxy {
	chain raw {
		type filter hook prerouting priority -300;
		tcp dport 80 tcp flags syn notrack
	}
	chain forward {
		type filter hook forward priority 10;
		tcp dport 80 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm
		ct state invalid drop
	}
}
""")
    client, server = lab.pair(80)
    exchange(client, server)
    lab.moment("open, through the proxy", client="ESTAB", server="ESTAB")
    nft(lab, "table ip proxy { chain output { type filter hook output priority 0; tcp dport 80 drop; }; }\n")
    lab.connect(80)
    # A tap at the client cannot tell the proxy from the server.
    lab.moment("the proxy has answered, and does not reach the server", client="ESTAB ESTAB")
