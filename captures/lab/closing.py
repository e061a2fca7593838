# How connections close, or do not.
"""Situations: closing."""

import os
import signal
import socket
import time

from .network import MINUTE
from .talk import REQUEST, RESPONSE, exchange, expect_end, receive, reset_on_close, send, situation


@situation(family=6)
def server_closes_first(lab):
    lab.tap("server-closes-first", "server", interface="any")
    for host in ("client", "server"):
        lab.sysctl(host, ipv4__tcp_timestamps=0)
    client, server = lab.pair(80)
    exchange(client, server)
    lab.moment("the request is answered", client="ESTAB", server="ESTAB")
    server.close()
    expect_end(client)
    lab.moment("the server has closed, the client not yet", client="CLOSE-WAIT", server="FIN-WAIT-2")
    client.close()
    lab.moment("both have closed", client="none", server="TIME-WAIT")


@situation()
def half_close_never_closed(lab):
    lab.tap("half-close-never-closed", "client")
    # Else the kernel forgets an orphan in FIN_WAIT_2 after 60 s.
    lab.sysctl("client", ipv4__tcp_fin_timeout=300)
    client, server = lab.pair(5432)
    exchange(client, server)
    client.close()
    expect_end(server)
    lab.moment("the client has closed", client="FIN-WAIT-2", server="CLOSE-WAIT")
    time.sleep(MINUTE)
    lab.moment("the server still has not", client="FIN-WAIT-2", server="CLOSE-WAIT")
    # Another connection: with it the capture's time moves on.
    later, later_server = lab.pair(80)
    exchange(later, later_server)
    lab.moment("another connection is open", client="ESTAB FIN-WAIT-2", server="CLOSE-WAIT ESTAB")
    later.close()
    expect_end(later_server)
    later_server.close()
    lab.moment("it is closed, the first is as it was", client="FIN-WAIT-2 TIME-WAIT", server="CLOSE-WAIT")


@situation()
def shutdown_write(lab):
    lab.tap("shutdown-write", "client", options=("-s", "96"))
    client, server = lab.pair(80)
    send(client, server, REQUEST)
    client.shutdown(socket.SHUT_WR)
    expect_end(server)
    lab.moment("the client has shut its half down", client="FIN-WAIT-2", server="CLOSE-WAIT")
    for _ in range(3):
        send(server, client, RESPONSE * 100)
    lab.moment("data came all the same", client="FIN-WAIT-2", server="CLOSE-WAIT")
    server.close()
    expect_end(client)
    lab.moment("the server has closed too", client="TIME-WAIT", server="none")


@situation(family=6)
def shutdown_read(lab):
    lab.tap("shutdown-read", "client")
    for host in ("client", "server"):
        lab.sysctl(host, ipv4__tcp_ecn=1)
    client, server = lab.pair(80)
    send(client, server, REQUEST)
    client.shutdown(socket.SHUT_RD)
    lab.moment("the client has shut its reading half down", client="ESTAB", server="ESTAB")
    # Linux still acknowledges and keeps what comes; without reading it, close() would send RST.
    send(server, client, RESPONSE)
    lab.moment("data came all the same", client="ESTAB", server="ESTAB")
    client.close()
    expect_end(server)
    server.close()
    lab.moment("closed", client="TIME-WAIT", server="none")


@situation()
def killed(lab):
    def serve(ready):
        listener = socket.create_server(lab.address("server", 7000))
        ready()
        peer = listener.accept()[0]
        receive(peer, REQUEST)
        peer.sendall(RESPONSE)
        signal.pause()

    lab.tap("killed", "server")
    child = lab.process("server", serve)
    client = lab.connect(7000)
    client.sendall(REQUEST)
    receive(client, RESPONSE)
    lab.moment("the process lives", client="ESTAB", server="ESTAB")
    os.kill(child, signal.SIGKILL)
    expect_end(client)
    lab.moment("it was killed: the kernel closes for it", client="CLOSE-WAIT", server="FIN-WAIT-2")
    client.sendall(REQUEST)
    lab.moment("the client's next request met an RST", client="none", server="none")


@situation()
def close_unread(lab):
    lab.tap("close-unread", "server")
    client, server = lab.pair(80)
    send(client, server, REQUEST)
    server.sendall(RESPONSE)
    lab.moment("the response lies unread", client="ESTAB", server="ESTAB")
    client.close()
    lab.moment("the client has closed", client="none", server="none")


@situation(family=6)
def linger0(lab):
    lab.tap("linger0", "client")
    client, server = lab.pair(80)
    exchange(client, server)
    lab.moment("all is read", client="ESTAB", server="ESTAB")
    reset_on_close(client)
    client.close()
    lab.moment("the client has closed", client="none", server="none")


@situation(delay=(0.4, 0))
def simultaneous_close(lab):
    lab.tap("simultaneous-close", "client", options=("--time-stamp-precision=nano",))
    client, server = lab.pair(7000)
    exchange(client, server)
    lab.moment("before", client="ESTAB", server="ESTAB")
    client.close()
    server.close()
    lab.moment("the FINs have crossed", client="CLOSING", server="CLOSING")
    lab.moment("both are acknowledged", client="TIME-WAIT", server="TIME-WAIT")


@situation(family=6)
def last_ack_lost(lab):
    lab.tap("last-ack-lost", "client")
    lab.tap("last-ack-lost-behind", "server")
    client, server = lab.pair(80)
    exchange(client, server)
    client.close()
    expect_end(server)
    lab.moment("the client has closed", client="FIN-WAIT-2", server="CLOSE-WAIT")
    lab.lose("tcp dport 80", first=4)
    server.close()
    lab.until_lost(3)
    # Before the router one cannot know that the ACK was lost until the FIN comes again.
    lab.moment("the ACK of the server's FIN is lost", client="TIME-WAIT", server="LAST-ACK", taps=["last-ack-lost-behind"])
    lab.moment("at last one got through", client="TIME-WAIT", server="none")


@situation(family=6)
def time_wait_reuse(lab):
    lab.tap("time-wait-reuse", "server")
    for round_ in ("first", "second"):
        listener = lab.listen(80)
        client = lab.connect(80, source_port=40000)
        server = lab.accept(listener)
        listener.close()
        exchange(client, server)
        lab.moment(f"the {round_} connection is open", client="ESTAB", server="ESTAB")
        server.close()
        expect_end(client)
        client.close()
        lab.moment(f"the {round_} connection is closed", client="none", server="TIME-WAIT")
