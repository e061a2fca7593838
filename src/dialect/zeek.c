/* Zeek's two ends and what it calls the connection. Knows Zeek's rules for flags and numbers; knows
 * neither our states nor time: its time-outs are not followed. */
#include "dialect/zeek.h"

#include <string.h>

#include "base/seq.h"
#include "dialect/zeek-parts.h"

/* A SYN or RST that is so far from the other numbers does not move them, nor an ACK of 0. */
#define JUMP_MAX (1 << 20)

/* Which roles have spoken, in ZeekConnection.spoke. */
enum {
	SPOKE_ORIG = 1 << 0,
	SPOKE_RESP = 1 << 1,
};

/* Zeek's likely_server_ports, as far as they are TCP's. */
static bool is_server_port(uint16_t port)
{
	/* clang-format off */
	static const uint16_t ports[] = {
		21, 22, 25, 53, 79, 80, 81, 88, 135, 139, 143, 389, 443, 445, 465, 502, 514, 563,
		585, 587, 614, 631, 636, 989, 990, 992, 993, 995, 1080, 1434, 1883, 2811, 3128,
		3268, 3306, 3389, 5222, 5223, 5269, 5432, 6666, 6667, 6668, 6669, 6379, 8000, 8080,
		8888, 20000,
	};
	/* clang-format on */

	for (size_t at = 0; at < G_N_ELEMENTS(ports); at++) {
		if (ports[at] == port)
			return true;
	}
	return false;
}

/* The first sender is orig, unless a segment that is no pure SYN comes from a server's port. */
static bool begins_flipped(const Segment *segment)
{
	uint16_t from = segment->src.port;
	uint16_t to = segment->dst.port;

	if ((segment->flags & (TH_SYN | TH_ACK)) == TH_SYN || !is_server_port(from))
		return false;
	if (!is_server_port(to))
		return true;
	return !(segment->flags & TH_SYN) && from < to;
}

void zeek_begin(ZeekConnection *zeek, unsigned sender, const Segment *segment)
{
	memset(zeek, 0, sizeof(*zeek));
	zeek->orig = sender;
	for (unsigned end = 0; end < 2; end++) {
		zeek->end[end].delivered = 1;
		zeek->end[end].trimmed = 1;
	}
	if (begins_flipped(segment))
		zeek_flip(zeek);
}

static void init_numbers(ZeekEnd *end, uint32_t start, uint32_t last)
{
	end->start = start;
	end->ack = start;
	end->last = last;
}

void zeek_begin_syn(ZeekConnection *zeek, unsigned sender, uint32_t number)
{
	const Segment syn = { .flags = TH_SYN, .seq = number };
	ZeekEnd *end = &zeek->end[sender];

	zeek_begin(zeek, sender, &syn);
	init_numbers(end, number, number + 1);
	zeek_write_segment(zeek, sender, &syn, 0);
	end->state = ZEEK_SYN_SENT;
	zeek->spoke = SPOKE_ORIG;
}

static bool has_closed(const ZeekEnd *end)
{
	return end->state == ZEEK_CLOSED || end->state == ZEEK_RESET;
}

bool zeek_begins_anew(const ZeekConnection *zeek, const Segment *segment)
{
	const ZeekEnd *orig = &zeek->end[zeek->orig];
	const ZeekEnd *resp = &zeek->end[!zeek->orig];
	const ZeekEnd *opener = orig;

	if (!(segment->flags & TH_SYN))
		return false;
	/* A SYN-ACK only where nothing came from orig. */
	if (segment->flags & TH_ACK) {
		if (orig->state != ZEEK_INACTIVE)
			return false;
		opener = resp;
	}
	if (has_closed(orig) || has_closed(resp))
		return true;
	if (segment->seq == opener->start)
		return false;
	/* The SYN of the SYN-ACK that came before it. */
	return (segment->flags & TH_ACK) || orig->state != ZEEK_SYN_ACK_SENT ||
	       resp->state != ZEEK_INACTIVE || segment->seq != resp->start;
}

/* --- Numbers --------------------------------------------------------------------------------- */

/* Where an end's numbers begin: at its first segment, and again at a SYN with another number. */
static void init_end(ZeekEnd *end, const Segment *segment, uint32_t after)
{
	bool syn = segment->flags & TH_SYN;

	switch (end->state) {
	case ZEEK_INACTIVE:
		/* As if there had been a SYN before it. */
		if (syn)
			init_numbers(end, segment->seq, after);
		else
			init_numbers(end, segment->seq - 1, segment->seq);
		break;
	case ZEEK_SYN_SENT:
	case ZEEK_SYN_ACK_SENT:
		if (syn && segment->seq != end->start)
			init_numbers(end, segment->seq, after);
		break;
	case ZEEK_ESTABLISHED:
	case ZEEK_PARTIAL:
		if (syn)
			init_numbers(end, segment->seq, after);
		break;
	case ZEEK_RESET:
		if (syn && end->before == ZEEK_INACTIVE)
			init_numbers(end, segment->seq, after);
		break;
	default:
		break;
	}
}

/* A number of @end relative to its start. @wraps is how often numbers had passed 2^32 at @last, the
 * highest of the kind. False: it lies before the start, or so far beyond that it seems to. */
static bool relative_number(const ZeekEnd *end, uint32_t number, uint32_t last, uint32_t wraps,
			    uint32_t *relative)
{
	int32_t delta = (int32_t)(number - last);

	if (delta < 0 && wraps && number > last)
		wraps--;
	else if (delta > 0 && number < last)
		wraps++;
	*relative = number - end->start;
	return wraps || (int32_t)*relative >= 0;
}

/* The receiver's number that the segment acknowledges, relative; 0 when it is not to be trusted. */
static uint32_t take_ack(ZeekEnd *peer, const Segment *segment)
{
	uint32_t relative;
	int32_t delta;

	if (peer->state == ZEEK_INACTIVE) {
		init_numbers(peer, segment->ack - 1, segment->ack - 1);
		return 1;
	}
	if (!relative_number(peer, segment->ack, peer->ack, peer->ackwraps, &relative))
		return 0;
	delta = (int32_t)(segment->ack - peer->ack);
	if (!(segment->flags & TH_RST) && delta > 0 && !(segment->ack == 0 && delta > JUMP_MAX)) {
		if (segment->ack < peer->ack)
			peer->ackwraps++;
		peer->ack = segment->ack;
	}
	return relative;
}

static void move_last(ZeekEnd *end, uint32_t after)
{
	if (after < end->last)
		end->wraps++;
	end->last = after;
}

/* How far the sender has sent; what it sent before is a repetition. */
static void take_last(ZeekConnection *zeek, unsigned sender, const Segment *segment, uint32_t after)
{
	ZeekEnd *end = &zeek->end[sender];
	int32_t delta = (int32_t)(after - end->last);

	if ((segment->flags & (TH_SYN | TH_RST)) && (delta > JUMP_MAX || delta < -JUMP_MAX))
		return;
	if ((segment->flags & TH_FIN) && end->last == end->start + 1)
		move_last(end, after);
	else if (end->state == ZEEK_RESET)
		return;
	else if (delta > 0)
		move_last(end, after);
	else if (segment->payload)
		zeek_write_counted(zeek, sender, 'T', &end->repeats);
}

static void note_fin(ZeekEnd *end, bool placed, uint32_t relative, uint32_t length)
{
	end->fin_seen = true;
	end->fin_end = relative + length;
	/* A FIN below the start is never reached by an acknowledgement. */
	end->fin_placed = placed || ((int32_t)relative < 0 && (int32_t)end->fin_end > 0);
}

/* --- States ---------------------------------------------------------------------------------- */

static void set_state(ZeekEnd *end, ZeekState state)
{
	if (end->state == state)
		return;
	end->before = end->state;
	end->state = state;
}

static void inactive_syn(ZeekConnection *zeek, unsigned sender, bool orig, const Segment *segment)
{
	ZeekEnd *end = &zeek->end[sender];
	ZeekEnd *peer = &zeek->end[!sender];
	bool answers = segment->flags & TH_ACK;

	if (orig) {
		set_state(end, answers ? ZEEK_SYN_ACK_SENT : ZEEK_SYN_SENT);
		return;
	}
	/* The SYN-ACK was captured before its SYN. */
	if (!answers && peer->state == ZEEK_SYN_ACK_SENT) {
		zeek_flip(zeek);
		set_state(peer, ZEEK_ESTABLISHED);
		zeek->spoke |= SPOKE_ORIG;
	}
	if (peer->state == ZEEK_SYN_SENT)
		set_state(peer, ZEEK_ESTABLISHED);
	set_state(end, ZEEK_ESTABLISHED);
}

/* The end's first segment, as far as states go. @orig: it was orig when the segment came. */
static void move_inactive(ZeekConnection *zeek, unsigned sender, bool orig, const Segment *segment)
{
	ZeekEnd *end = &zeek->end[sender];
	ZeekEnd *peer = &zeek->end[!sender];

	if (segment->flags & TH_SYN)
		inactive_syn(zeek, sender, orig, segment);
	if (segment->flags & TH_FIN)
		set_state(end, ZEEK_CLOSED);
	if (segment->flags & TH_RST)
		set_state(end, ZEEK_RESET);
	if (end->state != ZEEK_INACTIVE)
		return;
	/* Some acknowledge a SYN before they answer it. */
	if (!orig && !segment->payload && zeek->end[zeek->orig].state == ZEEK_SYN_SENT)
		return;
	if ((segment->flags & TH_ACK) && peer->state == ZEEK_ESTABLISHED) {
		/* Only the SYN was not captured. */
		set_state(end, ZEEK_ESTABLISHED);
		zeek->partial = false;
		zeek->spoke |= orig ? SPOKE_ORIG : SPOKE_RESP;
	} else {
		set_state(end, ZEEK_PARTIAL);
	}
}

static void move_open(ZeekEnd *end, ZeekEnd *peer, unsigned flags)
{
	if ((flags & (TH_SYN | TH_ACK)) == TH_SYN && end->state == ZEEK_PARTIAL &&
	    peer->state == ZEEK_INACTIVE)
		set_state(end, ZEEK_SYN_SENT);
	if ((flags & (TH_FIN | TH_RST)) == TH_FIN) {
		set_state(end, ZEEK_CLOSED);
		/* A FIN and then a RST was a close after all. */
		if (peer->state == ZEEK_RESET && peer->before == ZEEK_CLOSED)
			set_state(peer, ZEEK_CLOSED);
	}
	if (flags & TH_RST)
		set_state(end, ZEEK_RESET);
}

static void move_states(ZeekConnection *zeek, unsigned sender, bool orig, const Segment *segment)
{
	ZeekEnd *end = &zeek->end[sender];
	ZeekEnd *peer = &zeek->end[!sender];

	switch (end->state) {
	case ZEEK_INACTIVE:
		move_inactive(zeek, sender, orig, segment);
		break;
	case ZEEK_SYN_SENT:
	case ZEEK_SYN_ACK_SENT:
		if (segment->flags & TH_FIN)
			set_state(end, ZEEK_CLOSED);
		if (segment->flags & TH_RST)
			set_state(end, ZEEK_RESET);
		break;
	case ZEEK_ESTABLISHED:
	case ZEEK_PARTIAL:
		move_open(end, peer, segment->flags);
		break;
	case ZEEK_CLOSED:
		if ((segment->flags & TH_RST) && peer->state != ZEEK_CLOSED)
			set_state(end, ZEEK_RESET);
		break;
	default:
		break;
	}
}

/* Whether the connection was picked up in mid-stream, from each side's first segment. */
static void note_partial(ZeekConnection *zeek, bool orig, unsigned flags)
{
	if (orig && !(zeek->spoke & SPOKE_ORIG))
		zeek->partial = (flags & (TH_SYN | TH_ACK)) != TH_SYN;
	else if (!orig && !(zeek->spoke & SPOKE_RESP) && !zeek->partial)
		zeek->partial = !(flags & TH_SYN);
}

/* All of zeek_segment() for what most segments are: they go on where the one before ended, between
 * two ends that are open, and no number passes 2^32. False, with nothing moved, for others. */
static bool goes_on(ZeekConnection *zeek, unsigned sender, const Segment *segment, bool cut)
{
	ZeekEnd *end = &zeek->end[sender], *peer = &zeek->end[!sender];
	uint32_t relative = segment->seq - end->start, acked = segment->ack - peer->start;
	uint32_t after = segment->seq + segment->payload;
	unsigned bit = segment->payload ? WRITTEN_DATA : WRITTEN_ACK;

	if ((segment->flags & (TH_SYN | TH_FIN | TH_RST | TH_ACK)) != TH_ACK ||
	    end->state != ZEEK_ESTABLISHED || peer->state != ZEEK_ESTABLISHED ||
	    zeek->spoke != (SPOKE_ORIG | SPOKE_RESP) || !segment->window ||
	    segment->seq != end->last || after < segment->seq || segment->ack < peer->ack ||
	    (int32_t)(segment->ack - peer->ack) < 0 || (int32_t)(relative | acked) < 0)
		return false;
	if (!(zeek->written[!zeek_is_orig(zeek, sender)] & bit))
		zeek_write_segment(zeek, sender, segment, relative);
	peer->ack = segment->ack;
	end->last = after;
	zeek_acked(zeek, !sender, acked);
	if (segment->payload && !cut)
		zeek_data(zeek, sender, relative, segment->payload);
	return true;
}

/* All others. */
static void take_other(ZeekConnection *zeek, unsigned sender, const Segment *segment, bool cut)
{
	ZeekEnd *end = &zeek->end[sender];
	ZeekEnd *peer = &zeek->end[!sender];
	unsigned flags = segment->flags;
	/* Zeek goes on with the role that the sender had before the segment turned the roles round.
	 */
	bool orig = zeek_is_orig(zeek, sender);
	/* The payload of a RST is no part of the stream. */
	uint32_t length =
		!!(flags & TH_SYN) + !!(flags & TH_FIN) + (flags & TH_RST ? 0 : segment->payload);
	uint32_t after = segment->seq + length;
	/* All others only move numbers. */
	bool moves = (flags & (TH_SYN | TH_FIN | TH_RST)) || end->state == ZEEK_INACTIVE;
	uint32_t relative, acked = 0;
	bool placed;

	if (zeek->spoke != (SPOKE_ORIG | SPOKE_RESP))
		note_partial(zeek, orig, flags);
	if (moves)
		init_end(end, segment, after);
	placed = relative_number(end, segment->seq, end->last, end->wraps, &relative);
	zeek_write_segment(zeek, sender, segment, relative);
	if (!segment->window && !(flags & TH_RST) && peer->state != ZEEK_CLOSED &&
	    end->state != ZEEK_RESET)
		zeek_write_counted(zeek, sender, 'W', &end->zeros);
	if (flags & TH_FIN)
		note_fin(end, placed, relative, length);
	if (flags & TH_ACK)
		acked = take_ack(peer, segment);
	take_last(zeek, sender, segment, after);
	if (moves)
		move_states(zeek, sender, orig, segment);
	if (flags & TH_ACK)
		zeek_acked(zeek, !sender, acked);
	if (segment->payload && !cut && !(flags & TH_RST) && placed)
		zeek_data(zeek, sender, relative + !!(flags & TH_SYN), segment->payload);
	zeek->spoke |= orig ? SPOKE_ORIG : SPOKE_RESP;
}

void zeek_segment(ZeekConnection *zeek, unsigned sender, const Segment *segment, bool cut)
{
	if (!goes_on(zeek, sender, segment, cut))
		take_other(zeek, sender, segment, cut);
}
