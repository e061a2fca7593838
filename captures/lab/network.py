# Three network namespaces, taps, chosen losses, and what ss says.
# It knows how to build and observe a network; what happens in it is in the modules beside it.
"""client (eth0) --- (toclient) router (toserver) --- (eth0) server"""

import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import time

from .wire import Wire

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1

ADDRESSES = {
    4: {"client": "192.0.2.1", "server": "198.51.100.2"},
    6: {"client": "2001:db8:1::1", "server": "2001:db8:2::2"},
}
# Ethernet addresses are from the block for documentation (RFC 9542 2.1.4).
MAC = {"client": "00:00:5e:00:53:01", "toclient": "00:00:5e:00:53:fc",
       "server": "00:00:5e:00:53:02", "toserver": "00:00:5e:00:53:fd"}
# Linux cooked v2 records it, and tcpdump prints the name that this number has where it reads: "?" for an unlikely one.
INDEX = "5353"
NETWORKS = {
    "client": ("toclient", "192.0.2.1/24", "192.0.2.254", "2001:db8:1::1/64", "2001:db8:1::fe"),
    "server": ("toserver", "198.51.100.2/24", "198.51.100.254", "2001:db8:2::2/64", "2001:db8:2::fe"),
}
# A moment is written down only if no frame passed the tap this long before it and after it.
QUIET = 0.1
PATIENCE = 20
# After so long a clock of 60 s (2 MSL, "stuck") has certainly run out; the kernel's own may be an eighth late.
MINUTE = 75


class LabError(Exception):
    """The network did not do what the situation needs; nothing is written."""


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def until(condition, what, patience=PATIENCE):
    """Wait for a condition; never for a time that is only thought to be long enough."""
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise LabError(f"waited {patience} s in vain for {what}")
        time.sleep(0.02)


def as_expected(rows, states):
    return states == "*" or sorted(row[0] for row in rows) == sorted(states.replace("none", "").split())


def wire_sized_segments(interface):
    """Turn segmentation, coalescing and checksum offload off: what a tap sees is then what a wire would carry."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        # ETHTOOL_STXCSUM, STSO, SGSO, SGRO of <linux/ethtool.h>, through SIOCETHTOOL.
        for command in (0x17, 0x1f, 0x24, 0x2c):
            value = ctypes.create_string_buffer(struct.pack("II", command, 0))
            request = struct.pack("16sP16x", interface.encode(), ctypes.addressof(value))
            fcntl.ioctl(any_socket, 0x8946, request)


class Tap:
    """One tcpdump, and the times of the frames that it has written so far."""

    def __init__(self, lab, name, where, interface, options, expression):
        self.name = name
        self.path = os.path.join(lab.scratch, name + ".pcap")
        self.truth = []
        self.stderr = open(self.path + ".log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", lab.namespace(where), "tcpdump", "-n", "-U", "--immediate-mode", "-Z", "root",
             "-i", interface, "-w", self.path, *options, expression],
            stderr=self.stderr, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)

    def until_listening(self):
        until(lambda: "listening on" in self.log() or self.process.poll() is not None, "tcpdump to listen", 60)
        if self.process.poll() is not None:
            raise LabError(f"tcpdump: {self.log().strip()}")

    def log(self):
        self.stderr.seek(0)
        return self.stderr.read()

    def times(self):
        with open(self.path, "rb") as capture:
            data = capture.read()
        fraction = 1e-9 if data[:4] == b"\x4d\x3c\xb2\xa1" else 1e-6
        times, at = [], 24
        while at + 16 <= len(data):
            seconds, part, length = struct.unpack_from("<III", data, at)
            times.append(seconds + part * fraction)
            at += 16 + length
        return times

    def until_frames(self, count):
        until(lambda: len(self.times()) >= count, f"{count} frames in {self.name}")

    def quiet_between(self, begin, end):
        return not any(begin <= when <= end for when in self.times())

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10)
        if "\n0 packets dropped by kernel" not in self.log():
            raise LabError(f"{self.name}: {self.log()}")
        self.stderr.close()


class Lab:
    """One network with its taps. Everything it makes is gone when close() returns."""

    MAC = MAC
    # Whether the wire shows what is between its two legs at an interface of its own, "inner".
    has_inner = False

    def __init__(self, prefix, scratch, family=4, delay=None):
        """DELAY is the seconds that a packet takes on each of the wire's two legs; None: the router's kernel forwards."""
        self.prefix, self.scratch, self.family = prefix, scratch, family
        self.taps, self.children, self.sockets, self.wire = [], [], [], None
        # Whose rows are written down; and for loopback the server's "address:port" on the client's host.
        self.hosts, self.alone = ("client", "server"), None
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            self.build(forward=delay is None)
            if delay is not None:
                self.wire = Wire(self, delay)
        except BaseException:
            self.close()
            raise

    def namespace(self, host):
        return f"{self.prefix}-{host}"

    @contextlib.contextmanager
    def on(self, host):
        """Sockets made inside belong to that host."""
        with open(f"/run/netns/{self.namespace(host)}", "rb") as there:
            if LIBC.setns(there.fileno(), CLONE_NEWNET):
                raise LabError(f"setns {host}: {os.strerror(ctypes.get_errno())}")
        try:
            yield
        finally:
            LIBC.setns(self.home, CLONE_NEWNET)

    def sysctl(self, host, **settings):
        with self.on(host):
            for key, value in settings.items():
                path = "/proc/sys/net/" + key.replace("__", "/")
                with open(path, "w", encoding="ascii") as setting:
                    setting.write(str(value))

    def build(self, forward):
        for host in ("client", "router", "server"):
            run("ip", "netns", "add", self.namespace(host))
            # No duplicate address detection, no router solicitation, no link-local address: no noise.
            self.sysctl(host, ipv6__conf__default__accept_dad=0, ipv6__conf__default__router_solicitations=0,
                        ipv6__conf__default__addr_gen_mode=1, ipv6__conf__default__accept_ra=0,
                        ipv4__conf__all__rp_filter=0, ipv4__conf__default__rp_filter=0)
            run("ip", "-n", self.namespace(host), "link", "set", "lo", "up")
        for host, (port, ip4, gate4, ip6, gate6) in NETWORKS.items():
            run("ip", "link", "add", "eth0", "index", INDEX, "address", MAC[host], "netns", self.namespace(host), "type", "veth",
                "peer", "name", port, "address", MAC[port], "netns", self.namespace("router"))
            for there, interface in ((host, "eth0"), ("router", port)):
                with self.on(there):
                    wire_sized_segments(interface)
                run("ip", "-n", self.namespace(there), "link", "set", interface, "up")
            run("ip", "-n", self.namespace(host), "-batch", "-", text=f"""
                address add {ip4} dev eth0
                address add {ip6} dev eth0 nodad
                route add default via {gate4}
                neighbour add {gate4} lladdr {MAC[port]} dev eth0 nud permanent
                route add default via {gate6} dev eth0
                neighbour add {gate6} lladdr {MAC[port]} dev eth0 nud permanent""")
            run("ip", "-n", self.namespace("router"), "-batch", "-", text=f"""
                address add {gate4}/24 dev {port}
                address add {gate6}/64 dev {port} nodad
                neighbour add {ip4.split("/")[0]} lladdr {MAC[host]} dev {port} nud permanent
                neighbour add {ip6.split("/")[0]} lladdr {MAC[host]} dev {port} nud permanent""")
        self.sysctl("router", ipv4__ip_forward=int(forward), ipv6__conf__all__forwarding=int(forward))
        if self.has_inner:
            run("ip", "-n", self.namespace("router"), "link", "add", "inner", "up", "type", "veth", "peer", "name", "nowhere")
            run("ip", "-n", self.namespace("router"), "link", "set", "nowhere", "up")
        if forward:
            run("ip", "netns", "exec", self.namespace("router"), "nft", "-f", "-",
                text="table inet loss { chain forward { type filter hook forward priority 0; }; }\n")

    # Losing chosen segments in the router

    def lose(self, match, first=None):
        """Lose what matches, all of it or the FIRST so many; the taps before the router see it, those behind do not."""
        some = f"numgen inc mod 1000000 < {first}" if first else ""
        run("ip", "netns", "exec", self.namespace("router"), "nft",
            f"add rule inet loss forward {match} {some} counter drop")

    def lost(self):
        listing = json.loads(run("ip", "netns", "exec", self.namespace("router"), "nft", "-j", "list", "table", "inet", "loss"))
        rules = [entry["rule"]["expr"] for entry in listing["nftables"] if "rule" in entry]
        return sum(part["counter"]["packets"] for rule in rules for part in rule if "counter" in part)

    def until_lost(self, count):
        until(lambda: self.lost() >= count, f"{count} lost segments")

    def deliver(self):
        run("ip", "netns", "exec", self.namespace("router"), "nft", "flush chain inet loss forward")

    # Sockets

    def address(self, host, port):
        return (ADDRESSES[self.family][host], port)

    def socket(self, host):
        with self.on(host):
            sock = socket.socket(socket.AF_INET if self.family == 4 else socket.AF_INET6, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(PATIENCE)
        self.sockets.append(sock)
        return sock

    def listen(self, port, backlog=8):
        sock = self.socket("server")
        sock.bind(self.address("server", port))
        sock.listen(backlog)
        return sock

    def connect(self, port, source_port=0, sock=None):
        sock = sock or self.socket("client")
        if source_port:
            sock.bind(self.address("client", source_port))
        sock.connect(self.address("server", port))
        return sock

    def accept(self, listener):
        sock = listener.accept()[0]
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(PATIENCE)
        self.sockets.append(sock)
        return sock

    def pair(self, port, source_port=0):
        """A connection: the client's socket and the server's."""
        listener = self.listen(port)
        client = self.connect(port, source_port)
        server = self.accept(listener)
        listener.close()
        return client, server

    def process(self, host, work):
        """Runs work(ready) as a process of its own; returns its id once it has called ready()."""
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            try:
                die_with_parent()
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                with self.on(host):
                    work(lambda: os.write(writer, b"!"))
            finally:
                os._exit(0)
        os.close(writer)
        self.children.append(child)
        if os.read(reader, 1) != b"!":
            raise LabError("the process ended before it was ready")
        os.close(reader)
        return child

    # Observing

    def start_tap(self, name, where, interface=None, options=(), expression="tcp or icmp or icmp6"):
        tap = Tap(self, name, where, interface or "eth0", options, expression)
        self.taps.append(tap)
        return tap

    def tap(self, *arguments, **options):
        tap = self.start_tap(*arguments, **options)
        tap.until_listening()
        return tap

    def rows(self, host):
        """What ss shows on a host, but for listeners: (state, local, peer), in a fixed order."""
        where = self.namespace("client" if self.alone else host)
        rows = [line.split() for line in run("ss", "-N", where, "-tanH").splitlines()]
        rows = [(row[0], row[3], row[4]) for row in rows if row[0] != "LISTEN"]
        if self.alone:
            rows = [row for row in rows if (row[1] == self.alone) == (host == "server")]
        return sorted(rows)

    def until_state(self, host, states, patience=PATIENCE):
        """Wait until ss shows these states and no others; "none" means no row, "*" whatever there is."""
        until(lambda: as_expected(self.rows(host), states), f"{host} {states}; ss says {self.rows(host)}", patience)

    def moment(self, label, taps=None, **expected):
        """Write down what ss says once the hosts named are in the states expected and nothing is under way.
        What no tap could know of a host at that moment is left out by not naming it: it becomes a comment."""
        taps = [tap for tap in self.taps if taps is None or tap.name in taps]
        for host, states in expected.items():
            self.until_state(host, states)
        for _ in range(20):
            before = {host: self.rows(host) for host in self.hosts}
            now = time.time()
            time.sleep(QUIET * 1.2)
            after = {host: self.rows(host) for host in self.hosts}
            if before == after and all(tap.quiet_between(now - QUIET, now + QUIET) for tap in taps):
                break
        else:
            raise LabError(f"never quiet: {label}")
        for host, states in expected.items():
            if not as_expected(after[host], states):
                raise LabError(f"{label}: {host} moved on from {states} to {after[host]}")
        for tap in taps:
            tap.truth.append(f"# {label}")
            for host, rows in after.items():
                comment = "" if host in expected else "# not to be known here: "
                for row in rows or [("none",)]:
                    tap.truth.append(comment + " ".join((f"{now:.6f}", host, *row)))

    # The end

    def save(self, directory, formats):
        """Stop the taps and put the captures and the truth files in place."""
        for tap in self.taps:
            tap.stop()
        os.makedirs(os.path.join(directory, "truth"), exist_ok=True)
        for tap in self.taps:
            kind = formats.get(tap.name, "pcap")
            target = os.path.join(directory, f"{tap.name}.{kind}")
            if kind == "pcapng":
                run("editcap", "-F", "pcapng", tap.path, target)
            else:
                shutil.copyfile(tap.path, target)
            with open(os.path.join(directory, "truth", tap.name + ".ss"), "w", encoding="ascii") as truth:
                truth.write("\n".join(tap.truth) + "\n")

    def close(self):
        if self.wire:
            self.wire.stop()
        for sock in self.sockets:
            sock.close()
        for child in self.children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, 0)
        for tap in self.taps:
            if tap.process.poll() is None:
                tap.process.kill()
                tap.process.wait()
        for host in ("client", "router", "server"):
            subprocess.run(["ip", "netns", "delete", self.namespace(host)], stderr=subprocess.DEVNULL, check=False)
