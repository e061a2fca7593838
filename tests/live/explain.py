# Why a tap could not know a state that differs from what ss said: from the three captures, which together say what was lost, and
# where, and what was held up. It knows segments and their order; it does not know what wirestate makes of them.
"""Explanations of what differs in a net that loses what it likes. Each is for one kind of difference and asks for the very
segments that cause it; what it does not find stays unexplained."""

import collections
import socket
import struct

FIN, RST, ACK = 1, 4, 16
ITS_RST_LOST = "its RST was lost before this tap, and no other came"
RST_TO_IT_LOST = "the RST to it was lost behind this tap, and no other came"
FIRST_FIN_LOST = "the first copy of its FIN was lost before this tap, and the next acknowledges what came since"
FIN_WAITED = "its FIN waited for a window or a repair, and the other one came before it left"
HELD_UP = "what it had sent before the RST came to it was held up and passed this tap after that RST"
REASONS = (ITS_RST_LOST, RST_TO_IT_LOST, FIRST_FIN_LOST, FIN_WAITED, HELD_UP)
# IDENTITY is the same at all taps: all but the checksum of the IP header and what a router changes.
Segment = collections.namedtuple("Segment", "identity source destination flags end ack")


def segments(path):
    """All TCP segments of a capture with Ethernet headers or those of loopback, by the pair of their ends."""
    found = collections.defaultdict(list)
    with open(path, "rb") as capture:
        data = capture.read()
    at = 24
    while at + 16 <= len(data):
        kept = struct.unpack_from("<I", data, at + 8)[0]
        packet = data[at + 16 + 14:at + 16 + kept]
        at += 16 + kept
        if packet[0] >> 4 == 4:
            header, protocol, addresses, family = (packet[0] & 15) * 4, packet[9], (12, 16, 20), socket.AF_INET
            end, identity = struct.unpack_from("!H", packet, 2)[0], packet[4:8] + packet[12:]
        else:
            header, protocol, addresses, family = 40, packet[6], (8, 24, 40), socket.AF_INET6
            end, identity = 40 + struct.unpack_from("!H", packet, 4)[0], packet[:7] + packet[8:]
        if protocol != socket.IPPROTO_TCP:
            continue
        sport, dport, seq, ack = struct.unpack_from("!HHII", packet, header)
        flags = packet[header + 13]
        length = end - header - (packet[header + 12] >> 4) * 4
        ends = [(socket.inet_ntop(family, packet[addresses[i]:addresses[i + 1]]), port) for i, port in ((0, sport), (1, dport))]
        found[frozenset(ends)].append(Segment(identity, *ends, flags, seq + length + (flags & 3).bit_count(), ack))
    return found


class Explainer:
    """Knows the captures of one scenario: {tap: path}. They are read when they are asked for."""

    def __init__(self, paths):
        self.paths, self.read = paths, {}

    def passed(self, tap, ends):
        if tap not in self.read:
            self.read[tap] = segments(self.paths[tap])
        return self.read[tap][frozenset(ends)]

    def why(self, verdict):
        """Why that tap could not know, or None. Only the loss of all that would have told may go with a state that is called proven."""
        ends = (verdict.local, verdict.peer)
        own, here = self.passed(verdict.host, ends), self.passed(verdict.tap, ends)
        ended, open_still = verdict.wanted is None, verdict.got not in ("CLOSED", None)
        why = None
        if ended and open_still:
            why = its_rst_was_lost(own, here, verdict.local) or \
                (None if verdict.proven else it_was_held_up(own, here, verdict.local))
        if not ended and verdict.got == "CLOSED":
            why = rst_to_it_was_lost(own, here, verdict.peer)
        if not why and {verdict.wanted or "CLOSED", verdict.got} == {"TIME_WAIT", "CLOSED"} and not verdict.proven:
            why = who_closed_first(own, here, verdict.local, verdict.wanted)
        return why


def resets(passed, source):
    return [segment for segment in passed if segment.source == source and segment.flags & RST]


def its_rst_was_lost(own, here, local):
    passed = {segment.identity for segment in here}
    if resets(own, local) and not any(segment.identity in passed for segment in resets(own, local)):
        return ITS_RST_LOST
    return None


def rst_to_it_was_lost(own, here, peer):
    arrived = {segment.identity for segment in own}
    if resets(here, peer) and not any(segment.identity in arrived for segment in resets(here, peer)):
        return RST_TO_IT_LOST
    return None


def it_was_held_up(own, here, local):
    order = {segment.identity: number for number, segment in enumerate(own)}
    ended = None
    for segment in here:
        if segment.flags & RST and segment.source != local:
            ended = order.get(segment.identity, ended)
        elif ended is not None and segment.source == local and order.get(segment.identity, ended) < ended:
            return HELD_UP
    return None


def who_closed_first(own, here, local, wanted):
    def fins(passed, of_local):
        return [segment for segment in passed if segment.flags & FIN and (segment.source == local) == of_local]

    first, seen, others = fins(own, True), fins(here, True), fins(own, False)
    if not first or not seen or not others:
        return None
    if first[0].identity != seen[0].identity:
        return FIRST_FIN_LOST
    # TIME_WAIT is reached only by who closes first.
    if wanted == "TIME_WAIT" and first[0].flags & ACK and first[0].ack == others[0].end & 0xffffffff:
        return FIN_WAITED
    return None
