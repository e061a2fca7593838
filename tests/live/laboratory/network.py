# The network of captures/lab with three taps, and the moments at which ss is asked. It knows what the kernel says of itself; it
# knows nothing of wirestate.
"""A scenario is a function of a Laboratory; what it records is judged by tests/live/judge."""

import contextlib
import json
import os
import shutil
import socket
import time

from lab.network import NETWORKS, LabError, Lab, as_expected, run, until
from lab.wire import OTHER

from .trace import PORTS, NotAllowed

# Nothing has been on any wire for so long when ss is asked.
QUIET = 0.06
# Nor has any tap captured anything from so long before ss was asked first until it had answered twice.
BEFOREHAND = 0.05
TAPS = {"client": ("client", "eth0"), "router": ("router", "inner"), "server": ("server", "eth0")}
EVERYWHERE = "client router server"
# The states of /proc/net/tcp, in ss's spelling (include/net/tcp_states.h). A request is shown there as SYN_RECV.
STATES = ["", "ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "UNCONN", "CLOSE-WAIT", "LAST-ACK",
          "LISTEN", "CLOSING", "SYN-RECV"]

# What a perfect passive observer cannot know, and why. doc/inference.md has the same list with the argument.
LOST = "lost or held up behind this tap, and nothing has shown it yet"
UNSEEN = "what did it did not pass this tap"
IGNORED = "its host got the segment and ignored it, without a word"
TAKEN = "its host took a segment that it had ignored before, without a word"
SILENT = "the kernel ended it without a word"
FORGED = "forged in its name, and nothing tells it from its own"
STRAY = "a SYN on a live connection may be anybody's until it is answered"
COOKIE = "with SYN cookies the server keeps nothing until the ACK"
BUFFERED = "the FIN waits behind a closed window, or behind what was lost"
BEFORE = "it happened before this tap began to record"
REASONS = (LOST, UNSEEN, IGNORED, TAKEN, SILENT, FORGED, STRAY, COOKIE, BUFFERED, BEFORE)


def before_loss(leg, sender):
    """The taps that a packet passes before it is lost on a leg."""
    way = ["client", "router", "server"] if sender == "client" else ["server", "router", "client"]
    return " ".join(way[:1] if leg == sender else way[:2])


def behind_loss(leg, sender):
    passed = before_loss(leg, sender).split()
    return " ".join(tap for tap in TAPS if tap not in passed)


class Laboratory(Lab):
    """One scenario's network."""

    has_inner = True

    def __init__(self, name, prefix, scratch, scenario, slack=1, trace=None, untraced=None):
        """SLACK: how much more time than usual there has to be between what is done and what the kernel repeats. TRACE: its own
        account of sockets' states, or None, and why."""
        super().__init__(prefix, scratch, scenario.family, scenario.delay)
        self.name, self.moments, self.tables, self.slack = name, [], {}, slack
        self.trace, self.untraced = trace, untraced
        # When each tap was listening, and whether the scenario had begun before.
        self.begun, self.under_way = {}, False
        # Only ports from here on are traced: what sockets are bound to, and behind that what the kernel chooses.
        self.port = trace.first_port if trace else 40000
        # Of how many sides at least wirestate has to agree with ss, when what it cannot know is not named.
        self.share = 1
        self.own = {host: self.address(host, 0)[0] for host in ("client", "server")}
        try:
            for host in self.hosts:
                if trace:
                    self.sysctl(host, ipv4__ip_local_port_range=f"{self.port + 10} {self.port + PORTS - 1}")
                with self.on(host):
                    self.tables[host] = [open(f"/proc/thread-self/net/{table}", encoding="ascii")
                                         for table in ("tcp", "tcp6")]
            self.record(scenario.taps)
            self.under_way = True
        except BaseException:
            self.close()
            raise

    def record(self, taps=TAPS, expression="tcp or icmp or icmp6"):
        """Start taps: {name: (host, interface)}. All at once, for each takes its time."""
        started = [self.start_tap(name, *where, options=("-s", "2048"), expression=expression) for name, where in taps.items()]
        for tap in started:
            tap.until_listening()
            self.begun[tap.name] = [time.time(), self.under_way]

    def patient(self, seconds=0.5):
        """Connections from now on wait longer than usual before they repeat: time for a moment between a loss and its repetition."""
        for host in ("client", "server"):
            for version, gate in ((4, NETWORKS[host][2]), (6, NETWORKS[host][4])):
                run("ip", f"-{version}", "-n", self.namespace(host), "route", "change", "default", "via", gate, "dev", "eth0",
                    "rto_min", f"{int(seconds * self.slack * 1000)}ms")

    def alone_at(self, address):
        """All happens on the client's host, at that address."""
        self.hosts, self.own = ("client",), {"client": address}

    # Rules of the wire: what is on its way from one host to the other, on one of the two legs

    def lose(self, leg, what, first=None):
        return self.wire.add(leg, "lose", what, first)

    def hold(self, leg, what, first=None):
        return self.wire.add(leg, "hold", what, first)

    def repeat(self, leg, what, first=None):
        return self.wire.add(leg, "repeat", what, first)

    def watch(self, leg, what):
        """Takes nothing away, counts."""
        return self.wire.add(leg, "watch", what, None)

    @staticmethod
    def until_taken(rule, count=1, patience=20):
        until(lambda: rule.count >= count, f"{count} segments, had {rule.count}", patience)

    def idle(self):
        """For how long nothing has been under way: on the wire, or, where there is none (within a host), at a tap."""
        written = max((os.stat(tap.path).st_mtime for tap in self.taps if os.path.exists(tap.path)), default=0)
        return min(self.wire.idle(), time.time() - written)

    def until_quiet(self, seconds=QUIET):
        until(lambda: self.idle() >= seconds, "silence")

    # What the kernel says

    def glance(self, host):
        """The states on a host, as a list, without ss: cheap enough to be asked again and again."""
        found = []
        for table in self.tables[host]:
            table.seek(0)
            found += [STATES[int(line.split()[3], 16)] for line in table.read().splitlines()[1:]]
        return sorted(state for state in found if state != "LISTEN")

    def kernel_tables(self):
        """All that ss shows but for counters and timers: ends and states of all sockets."""
        found = []
        for host in self.hosts:
            for table in self.tables[host]:
                table.seek(0)
                found.append(sorted(line.split()[1:4] for line in table.read().splitlines()[1:]))
        return found

    def until_state(self, host, states, patience=20):
        until(lambda: as_expected([(state,) for state in self.glance(host)], states),
              f"{host} {states}; it says {self.glance(host)}", patience)

    def moment(self, label, unknown=(), patience=20, **expected):
        """Ask ss on both hosts once they are in the states expected and nothing is under way. UNKNOWN lists what cannot be known:
        (host, taps, why), or with a port of that connection at the end; or is a function that says so at that moment."""
        end = time.monotonic() + patience
        while True:
            for host, states in expected.items():
                self.until_state(host, states, patience)
            self.until_quiet()
            since, begin = self.wire.last, time.time()
            before = self.kernel_tables()
            rows = {host: self.rows(host) for host in self.hosts}
            now = time.time()
            entries = unknown() if callable(unknown) else unknown
            if before == self.kernel_tables() and self.wire.last == since and self.wire.idle() and \
               all(as_expected(rows[host], states) for host, states in expected.items()):
                break
            if time.monotonic() > end:
                raise LabError(f"never quiet: {label}: {rows}")
        assert all(entry[2] in REASONS for entry in entries), entries
        self.moments.append({"label": label, "begin": begin, "time": now, "end": time.time(), "ss": rows,
                             "unknown": [[*entry[:3], *entry[3:]] for entry in entries]})

    # Sockets

    def begin(self, port, source_port=0, host="client"):
        """A connection attempt that is not waited for."""
        sock = self.socket(host)
        if source_port:
            sock.bind(self.address(host, source_port))
        sock.setblocking(False)
        sock.connect_ex(self.address(OTHER[host], port))
        return sock

    @contextlib.contextmanager
    def listening(self, port, backlog=8):
        """A listener that goes before the end, so that no moment has it to explain."""
        listener = self.listen(port, backlog)
        yield listener
        listener.close()

    @staticmethod
    def finish(sock):
        """Wait until a connection attempt has succeeded."""
        sock.settimeout(20)
        until(lambda: sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0 and connected(sock), "the connection")

    # The end

    def traced(self):
        """What the kernel said of its sockets so far, or why it said nothing."""
        if not self.trace:
            return {"untraced": self.untraced}
        try:
            return {"trace": self.trace.events()}
        except NotAllowed as why:
            return {"untraced": str(why)}

    def save(self, directory, formats=None):
        traced = self.traced()
        for tap in self.taps:
            tap.stop()
        for tap in self.taps:
            times = tap.times()
            for moment in self.moments:
                if any(moment["begin"] - BEFOREHAND <= when <= moment["end"] for when in times):
                    raise LabError(f"{moment['label']}: it was not quiet at the {tap.name}'s tap")
        for tap in self.taps:
            shutil.copyfile(tap.path, os.path.join(directory, f"{self.name}.{tap.name}.pcap"))
        record = {"scenario": self.name, "taps": [tap.name for tap in self.taps], "moments": self.moments,
                  "addresses": self.own, "share": self.share, "begun": self.begun, **traced}
        with open(os.path.join(directory, self.name + ".json"), "w", encoding="ascii") as out:
            json.dump(record, out, indent=1)

    def close(self):
        for tables in self.tables.values():
            for table in tables:
                table.close()
        super().close()


def connected(sock):
    try:
        sock.getpeername()
        return True
    except OSError:
        return False

