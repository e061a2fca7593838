# What two ends say to each other in all situations, and the list of situations. The network is in network.py.
"""Helpers of the situations."""

import socket
import struct

from .network import LabError

SITUATIONS = {}
REQUEST = b"GET / HTTP/1.0\r\n\r\n"
RESPONSE = b"HTTP/1.0 200 OK\r\n\r\nhello\n"


def situation(family=4, delay=None):
    """A situation's function is named as its first capture; it is given a network of that address family."""
    def register(function):
        SITUATIONS[function.__name__.replace("_", "-")] = (function, family, delay)
        return function
    return register


def receive(sock, data):
    """Read exactly what is expected."""
    got = b""
    while len(got) < len(data):
        part = sock.recv(len(data) - len(got))
        if not part:
            break
        got += part
    if got != data:
        raise LabError(f"received {got!r}, expected {data!r}")


def send(sender, receiver, data):
    sender.sendall(data)
    receive(receiver, data)


def exchange(client, server):
    send(client, server, REQUEST)
    send(server, client, RESPONSE)


def expect_end(sock):
    receive(sock, b"")
    if sock.recv(1):
        raise LabError("data where the end was expected")


def expect_error(kind, function, *arguments):
    try:
        function(*arguments)
    except kind:
        return
    raise LabError(f"expected {kind.__name__}")


def reset_on_close(sock):
    """SO_LINGER with a time of 0: close() sends RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
