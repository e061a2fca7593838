# What the kernel itself reports of its sockets' states: the tracepoint sock:inet_sock_set_state, where it is allowed.
# It knows tracefs; it knows nothing of what happens in a scenario.
"""A Trace is an instance of its own in tracefs, so that nobody else's is disturbed. An event names ports and addresses, but not its
network namespace; so each scenario has ports of its own, on the whole machine: the instance that is named after them is the lock."""

import contextlib
import ctypes
import fcntl
import os
import re
import time

LIBC = ctypes.CDLL(None, use_errno=True)
KERNELS = "/sys/kernel/tracing"
# Where tracefs is mounted when it is not in its usual place.
OWN = "/run/wirestate-tracing"
EVENT = "events/sock/inet_sock_set_state"
PREFIX = "wirestate-"
# The ports of one scenario, and the first of all. As many as fit below 65536.
PORTS, FIRST = 1200, 10300
LINE = re.compile(r"(\d+\.\d+): inet_sock_set_state: .* sport=(\d+) dport=(\d+) .* saddrv6=(\S+) daddrv6=(\S+) "
                  r"oldstate=TCP_(\w+) newstate=TCP_(\w+)")
MNT_DETACH = 2


class NotAllowed(Exception):
    """Why nothing can be traced here."""


@contextlib.contextmanager
def tracing():
    """Where tracefs is, for as long as the context lasts; None, and why, where it is not allowed."""
    if os.path.isdir(os.path.join(KERNELS, EVENT)):
        yield KERNELS, None
        remove_all(KERNELS)
        return
    try:
        os.makedirs(OWN, exist_ok=True)
        if LIBC.mount(b"tracefs", OWN.encode(), b"tracefs", 0, None):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    except OSError as error:
        yield None, f"tracefs cannot be mounted: {error.strerror}"
        return
    try:
        yield OWN, None if os.path.isdir(os.path.join(OWN, EVENT)) else "the kernel has no sock:inet_sock_set_state"
        remove_all(OWN)
    finally:
        LIBC.umount2(OWN.encode(), MNT_DETACH)


def remove_all(root):
    """The instances of recorders that have been killed."""
    with contextlib.suppress(OSError):
        for name in os.listdir(os.path.join(root, "instances")):
            if re.fullmatch(PREFIX + r"\d+", name):
                with contextlib.suppress(OSError, NotAllowed):
                    Trace(root, int(name[len(PREFIX):])).remove()


def reserve(root):
    """A Trace with ports that no other has."""
    # Not all begin with the same ones: a recorder that is killed leaves some until another one ends.
    ways = (65536 - FIRST) // PORTS
    for way in range(ways):
        with contextlib.suppress(BlockingIOError, FileNotFoundError):
            return Trace(root, FIRST + (os.getpid() + way) % ways * PORTS)
    raise NotAllowed(f"all {ways} ranges of ports are being traced")


class Trace:
    """The states of all sockets with a port in a range of its own."""

    def __init__(self, root, port):
        self.first_port = port
        self.path = os.path.join(root, "instances", f"{PREFIX}{port}")
        try:
            os.makedirs(self.path, exist_ok=True)
            self.lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise NotAllowed(f"no instance can be made in tracefs: {error.strerror}") from error
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Another recorder may have removed it meanwhile.
            if not os.path.samestat(os.fstat(self.lock), os.stat(self.path)):
                raise FileNotFoundError(self.path)
        except (BlockingIOError, FileNotFoundError):
            os.close(self.lock)
            raise

    def begin(self):
        end = self.first_port + PORTS
        try:
            self.write("tracing_on", "0")
            self.write("trace", "")
            self.write("trace_clock", "mono")
            self.write(f"{EVENT}/filter", " || ".join(f"({port} >= {self.first_port} && {port} < {end})"
                                                      for port in ("sport", "dport")))
            self.write(f"{EVENT}/enable", "1")
            self.write("tracing_on", "1")
        except OSError as error:
            raise NotAllowed(f"sock:inet_sock_set_state cannot be enabled: {error.strerror}") from error

    def write(self, name, text):
        with open(os.path.join(self.path, name), "w", encoding="ascii") as file:
            file.write(text)

    def events(self):
        """In order: time, old state, new state, and the socket's own end and the other one."""
        with open(os.path.join(self.path, "trace"), encoding="ascii", errors="replace") as file:
            text = file.read()
        kept, written = map(int, re.search(r"entries-in-buffer/entries-written: (\d+)/(\d+)", text).groups())
        if kept != written:
            raise NotAllowed(f"only {kept} of {written} events were kept")
        offset = time.time() - time.monotonic()
        found = []
        for when, sport, dport, source, destination, old, new in LINE.findall(text):
            ends = [[address.replace("::ffff:", ""), int(port)] for address, port in ((source, sport), (destination, dport))]
            found.append([float(when) + offset, old, new, *ends])
        return sorted(found)

    def remove(self):
        """Its ports are free again."""
        with contextlib.suppress(OSError):
            self.write(f"{EVENT}/enable", "0")
        with contextlib.suppress(OSError):
            os.rmdir(self.path)
        os.close(self.lock)
