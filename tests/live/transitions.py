# Holds the transitions that the kernel reported of its sockets against those that wirestate infers at the tap on the same host. It
# knows the order of both; of moments, and of what ss says, it knows nothing.
"""Each transition of sock:inet_sock_set_state has to be one that wirestate reports for that side or passes through, in the same
order; and no side is said to have been in a state, without taking it back, that its socket was not in. What has a reason to
differ is below, or is named by the scenario as not to be known."""

import collections
import json
import subprocess

# A socket that moves to TIME_WAIT, or to FIN_WAIT_2 as an orphan, is replaced by a mini-socket and closed itself; mini-sockets, and
# requests, which are SYN_RCVD before there is a socket, are not traced.
NAMES = {"SYN_SENT": {"SYN_SENT"}, "SYN_RECV": {"SYN_RCVD"}, "NEW_SYN_RECV": {"SYN_RCVD"}, "ESTABLISHED": {"ESTABLISHED"},
         "FIN_WAIT1": {"FIN_WAIT_1"}, "FIN_WAIT2": {"FIN_WAIT_2"}, "CLOSING": {"CLOSING"}, "CLOSE_WAIT": {"CLOSE_WAIT"},
         "LAST_ACK": {"LAST_ACK"}, "TIME_WAIT": {"TIME_WAIT"}, "CLOSE": {"CLOSED", "TIME_WAIT", "FIN_WAIT_2"}}
QUEUED = "the socket was closed while what it had to send was held back: its FIN left later, or never"
REFUSED = "a segment was on its way to it that its host answered with an RST: it has no socket, or no room"
LATE = "the tap began later"
OVER = "no frame came after it, and the capture's clock stops with the last one"
# Seconds. The kernel's clock of traces and that of captures are not read at the same instant.
TICK = 0.02
Result = collections.namedtuple("Result", "followed excepted problems")


def of_kernel(record, host):
    """{(local, peer): the states that its sockets entered, with times}, for connections that were more than an attempt to listen."""
    events, found = collections.defaultdict(list), {}
    for when, old, new, local, peer in record["trace"]:
        # An attempt to connect has no port before it is SYN_SENT.
        if local[0] == record["addresses"][host] and local[1] and peer[1] and new != "LISTEN":
            events[tuple(local), tuple(peer)].append((when, old, new))
    for ends, waiting in events.items():
        # An orphan of an earlier network that had the same ports: all sockets of this one were made while it was traced.
        while waiting and waiting[0][1] not in ("CLOSE", "LISTEN", "SYN_SENT"):
            del waiting[0]
        states = []
        while waiting:
            # The clocks of two processors differ by a little: what follows tells.
            near = [event for event in waiting if event[0] - waiting[0][0] < TICK]
            event = next((event for event in near if states and event[1] == states[-1][1]), waiting[0])
            waiting.remove(event)
            if event[1] == "SYN_SENT" and (not states or states[-1][1] == "CLOSE"):
                states.append((event[0], "SYN_SENT"))
            states.append((event[0], event[2]))
        if states:
            found[ends] = states
    return found


def since(states, begin, late):
    """What was entered after the tap had begun. A handshake that it has not seen from its beginning leaves it nothing to go by."""
    later = [state for state in states if state[0] >= begin]
    while late and later and later[0][1] in ("SYN_SENT", "SYN_RECV"):
        del later[0]
    return later


def of_wirestate(program, path):
    """{(local, peer): its transitions, as (to, basis), in the order of the capture, of all its incarnations}; and when the capture
    ends."""
    done = subprocess.run([program, "--timeline", "--connections", "--json", "-n", "-r", path], capture_output=True, text=True,
                          check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    ends = {}
    for line in lines:
        if line["type"] == "connection":
            pair = [(line[side]["addr"], line[side]["port"]) for side in ("client", "server")]
            ends[line["connection"], "client"], ends[line["connection"], "server"] = tuple(pair), tuple(pair[::-1])
    found = collections.defaultdict(list)
    for line in lines:
        if line["type"] == "transition":
            found[ends[line["connection"], line["side"]]].append((line["to"], line["basis"]))
    return found, max((line["time"] for line in lines if line["type"] == "segment"), default=0)


def missing(kernel, inferred):
    """The first state that the kernel entered and that did not follow in order, as its number; None when all did."""
    at = 0
    for number, (_, state) in enumerate(kernel):
        names = NAMES[state]
        # A mini-socket has the state that the socket had.
        if state == "CLOSE" and at and inferred[at - 1] in names:
            continue
        # One segment can bring the ACK of the FIN and the other FIN: FIN_WAIT_1 > TIME_WAIT, in the figure. The kernel takes the
        # ACK first.
        if state == "FIN_WAIT2" and inferred[at - 1:at + 1] == ["FIN_WAIT_1", "TIME_WAIT"]:
            continue
        while at < len(inferred) and inferred[at] not in names:
            at += 1
        if at == len(inferred):
            return number
        at += 1
    return None


def queued(kernel, number, inferred):
    states = [state for _, state in kernel]
    return ("FIN_WAIT1" in states[:number + 1] and "CLOSING" in states and "CLOSING" not in inferred) or \
        (states[number] == "FIN_WAIT1" and "FIN_WAIT_1" not in inferred)


def upheld(transitions):
    """The transitions that were not taken back."""
    path = []
    for state, basis in transitions:
        if basis == "revised":
            while path and path[-1][0] != state:
                path.pop()
            if path:
                continue
        path.append((state, basis))
    return path


def invented(kernel, transitions):
    """The first state that a side is said to have been in, and not taken back, that its socket was not in; and why, if there is a
    reason."""
    known = {"SYN_SENT", "SYN_RCVD", "TIME_WAIT", "CLOSED"}.union(*(NAMES[state] for _, state in kernel))
    path = upheld(transitions)
    for number, (state, basis) in enumerate(path):
        if state not in known:
            refused = basis == "assumed" and [state for state, _ in path[number + 1:number + 2]] == ["CLOSED"]
            waited = state in ("CLOSE_WAIT", "LAST_ACK") and "CLOSING" in [state for _, state in kernel]
            return state, REFUSED if refused else QUEUED if waited else None
    return None, None


def compare(program, record, host, path, why_unknown):
    """WHY_UNKNOWN(local, peer) is what the scenario says of that side at this tap, or None."""
    inferred, end = of_wirestate(program, path)
    followed, excepted, problems = 0, collections.Counter(), []
    begin, late = record["begun"][host]
    sockets = of_kernel(record, host)
    # What has no segment here is a socket in another network on this machine, with the same addresses and, by chance, such a port:
    # of its own one judge_moment() would have found the row in ss.
    for local, peer in sorted(ends for ends in inferred if ends[0][0] == record["addresses"][host]):
        kernel = since(sockets.get((local, peer), []), begin, late)
        states = [state for state, _ in inferred[local, peer]]
        named = why_unknown(local, peer)
        said = (f"the {host}'s {local[0]}:{local[1]} - {peer[0]}:{peer[1]}: the kernel's "
                f"{' '.join(state for _, state in kernel) or 'none'}, wirestate's {' '.join(states) or 'none'}")
        number = missing(kernel, states)
        followed += len(kernel) if number is None else number
        if number is not None:
            why = named or (QUEUED if queued(kernel, number, states) else OVER if kernel[number][0] > end + TICK else None)
            if why:
                excepted[why] += len(kernel) - number
            else:
                problems.append(f"{said}: {kernel[number][1]} ({number}) is not passed through")
        state, why = invented(kernel, inferred[local, peer])
        if state and not (why or named or late):
            problems.append(f"{said}: {state} was not a state of that socket")
        elif state:
            excepted[why or named or LATE] += 1
    return Result(followed, excepted, problems)
