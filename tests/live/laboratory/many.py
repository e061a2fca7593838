# A thousand connections at once, each with an end of its own, over legs that lose one packet in twenty.
"""Scenarios: many connections."""

import asyncio
import random
import resource
import socket
import time

from lab.network import LabError, until
from lab.wire import OTHER

from .scenario import REQUEST, RESPONSE, register, reset_on_close

COUNT = 1000
LOSS = 0.05
# Of the sides of a thousand connections so many agree with ss. A RST comes once, so that its loss is never shown: of a fifth of the
# connections a handful of those is one in a hundred, by chance, and more on a busy machine, where RTTs vary. All are explained.
SHARE, SHARE_OF_FEW = 0.995, 0.98
PATIENCE = 120
# Seconds after which a side whose peer has aborted says something, if it has not heard of it.
UNANSWERED = 3
# TIME_WAIT lasts for 60 s, give or take an eighth: who comes later finds some of them gone, and some not.
TIME_WAIT = 55
# These move on by themselves.
PASSING = {"SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "CLOSING", "LAST-ACK"}
# How a connection ends, and how many of twenty do. What the client sends first tells the server.
ENDS = {b"client closes": 4, b"server closes": 4, b"both close": 2, b"left open": 3, b"client half": 3, b"server half": 2,
        b"client aborts": 1, b"server unread": 1}
LINE = 32


async def read(loop, sock, amount):
    while amount:
        part = await loop.sock_recv(sock, min(amount, 65536))
        if not part:
            raise ConnectionError
        amount -= len(part)


async def until_end(loop, sock):
    while await loop.sock_recv(sock, 65536):
        pass


async def until_reset(loop, sock):
    """A RST comes once. Who does not get it talks some time later, and gets another."""
    try:
        await asyncio.wait_for(until_end(loop, sock), UNANSWERED)
    except asyncio.TimeoutError:
        await loop.sock_sendall(sock, REQUEST)
        await until_end(loop, sock)


async def client(loop, lab, end, source):
    sock = lab.socket("client")
    sock.setblocking(False)
    rounds = source.randint(1, 4)
    sizes = [source.choice((20, 200, 5000)) for _ in range(rounds)]
    try:
        await loop.sock_connect(sock, lab.address("server", 80))
        await loop.sock_sendall(sock, (b"%s %d" % (end, rounds)).ljust(LINE))
        for size in sizes:
            await loop.sock_sendall(sock, (b"%d" % size).ljust(LINE) + REQUEST)
            await read(loop, sock, size)
        if end in (b"client closes", b"both close"):
            sock.close()
        elif end == b"client aborts":
            reset_on_close(sock)
            sock.close()
        elif end == b"client half":
            sock.shutdown(socket.SHUT_WR)
        elif end == b"server unread":
            await loop.sock_sendall(sock, REQUEST)
            await until_reset(loop, sock)
        elif end == b"server closes":
            await until_end(loop, sock)
            sock.close()
        elif end == b"server half":
            await until_end(loop, sock)
    except OSError:
        sock.close()


async def serve(loop, sock):
    try:
        line = await loop.sock_recv(sock, LINE)
        while len(line) < LINE:
            line += await loop.sock_recv(sock, LINE - len(line))
        end, rounds = line.rsplit(None, 1)[0], int(line.rsplit(None, 1)[1])
        for _ in range(rounds):
            line = b""
            while len(line) < LINE + len(REQUEST):
                line += await loop.sock_recv(sock, LINE + len(REQUEST) - len(line))
            size = int(line.split(None, 1)[0])
            await loop.sock_sendall(sock, (RESPONSE * (size // len(RESPONSE) + 1))[:size])
        if end in (b"server closes", b"both close"):
            sock.close()
        elif end == b"server half":
            sock.shutdown(socket.SHUT_WR)
        elif end == b"server unread":
            await asyncio.sleep(1)
            sock.close()
        elif end == b"client closes":
            await until_end(loop, sock)
            sock.close()
        elif end == b"client half":
            await until_end(loop, sock)
        elif end == b"client aborts":
            await until_reset(loop, sock)
    except OSError:
        sock.close()


async def talk(lab, listener, count, source):
    loop = asyncio.get_running_loop()
    tasks = set()

    async def accept():
        while True:
            sock, _ = await loop.sock_accept(listener)
            sock.setblocking(False)
            lab.sockets.append(sock)
            tasks.add(asyncio.create_task(serve(loop, sock)))

    accepting = asyncio.create_task(accept())
    ends = [end for end, share in ENDS.items() for _ in range(share)]
    for number in range(count):
        tasks.add(asyncio.create_task(client(loop, lab, ends[number % len(ends)], source)))
    # What is to be said is said when only the ends that wait for nothing are left.
    for _ in range(PATIENCE * 10):
        await asyncio.sleep(0.1)
        if lab.wire.idle() > 3 and not PASSING & {*lab.glance("client"), *lab.glance("server")}:
            break
    accepting.cancel()
    for task in tasks:
        task.cancel()
    await asyncio.gather(accepting, *tasks, return_exceptions=True)


def many(lab, count, loss):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    del soft
    for host in ("client", "server"):
        # FIN_WAIT_2 of orphans, and repetitions of SYN-ACKs, outlast the run.
        lab.sysctl(host, ipv4__tcp_max_syn_backlog=4 * count, core__somaxconn=4 * count)
    source = random.Random(count)
    if loss:
        for leg in OTHER:
            lab.lose(leg, lambda packet: source.random() < loss)
    listener = lab.listen(80, backlog=4 * count)
    listener.setblocking(False)
    begin = time.monotonic()
    asyncio.run(talk(lab, listener, count, source))
    listener.close()
    until(lambda: not PASSING & {*lab.glance("client"), *lab.glance("server")}, "the end of all", PATIENCE)
    lab.until_quiet(1)
    lab.share = SHARE_OF_FEW if loss and count < COUNT else SHARE
    lab.moment("all is over")
    if time.monotonic() - begin > TIME_WAIT:
        raise LabError("it took longer than TIME_WAIT")


register("many", lambda lab: many(lab, COUNT, LOSS), slow=True)
register("many-far", lambda lab: many(lab, COUNT, LOSS), delay=(0.02, 0.03), slow=True)
register("many-with-loss", lambda lab: many(lab, COUNT // 5, LOSS), delay=(0.01, 0.01))
register("many-without-loss", lambda lab: many(lab, COUNT // 5, 0))
