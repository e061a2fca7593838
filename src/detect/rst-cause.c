/* Why a RST came: what it tells beyond that it came. Knows one connection's recent exchange, the
 * TTLs and IP IDs of its sides; does not know which RSTs count, see reset.c.
 *
 * That a connection was reset is a fact; why, the capture can only speak for. It does so in four
 * ways, from the most telling to the least. A request that left before its sender could have known
 * of the peer's FIN, and met a RST, lost a race (close-race). A RST after an idle time that equals
 * a limit of a well-known device is that device's (idle-timeout). A RST with the TTL or the IP ID
 * of somebody else is somebody else's (middlebox-reset). And a RST that a live side sends of its
 * own accord is how it closes when it has unread data or SO_LINGER is 0 (abortive-close; Linux
 * tcp_close(), RFC 9293 3.10.5, RFC 1122 4.2.2.13). */
#include "detect/rst-cause.h"

#include <stdio.h>

#include "base/seq.h"
#include "detect/idle-limits.h"
#include "detect/raise.h"

/* The gap before a request and the FIN that it crosses ended at most so long before either. */
#define GAP_REACH (3 * NSTIME_SECOND)

/* A number is none of a counter of IP IDs when it is so far away. */
#define ID_AWAY 1024

/* Within so short a time even the counter of a whole busy host does not get that far. Else only the
 * counter of a socket counts as evidence, which was seen to count by one so often. */
#define ID_FRESH (1 * NSTIME_SECOND)
#define ID_STEPS 4

/* A client that resets so soon after a segment with data of the server stops a transfer. */
#define CANCELLED_WITHIN (100 * NSTIME_MILLISECOND)

/* A window that grows by less than a segment says nothing. */
#define FREED_LEAST 1460

/* Of a frame that was kept before the one at hand. */
static uint64_t number(RecallFrame frame, const SegmentEvent *event)
{
	return recall_number(frame, event->segment->frame);
}

/* --- Whose RST it is -------------------------------------------------------------------------- */

static bool is_of_copies(const RstOrigin *origin, uint8_t ttl)
{
	return ttl >= origin->copy_low && ttl <= origin->copy_high;
}

static bool ttl_is_far(const RstOrigin *origin, uint8_t ttl)
{
	unsigned range = origin->ttl_high - origin->ttl_low;

	/* Paths of different lengths make a range; what lies near it may be another such path. */
	return origin->ttl_known &&
	       (ttl + range < origin->ttl_low || ttl > origin->ttl_high + range);
}

static bool ttl_is_foreign(const RstOrigin *origin, uint8_t ttl)
{
	/* Of what passed twice the copy alone may have been captured. */
	return ttl_is_far(origin, ttl) && !is_of_copies(origin, ttl);
}

/* RFC 6864 4.1: nothing binds the ID of a datagram that is not to be fragmented, so only a counter
 * that was seen to count says anything. A RST that a host sends without a socket has ID 0 on Linux,
 * whatever its sockets count: that is no evidence. */
static bool id_is_foreign(const RstOrigin *origin, const SegmentEvent *event)
{
	const Segment *segment = event->segment;
	uint16_t step = (uint16_t)(segment->ip_id - origin->id_last);

	if (!segment->ip_id || origin->id_erratic || (step > 0 && step <= ID_AWAY))
		return false;
	if (event->idle < ID_FRESH)
		return origin->id_steps >= (origin->id_by_one ? 1 : 2);
	return origin->id_by_one && origin->id_steps >= ID_STEPS;
}

bool rst_is_foreign(const RstMemory *memory, const SegmentEvent *event)
{
	const RstOrigin *origin = &memory->origin[event->sender];

	return ttl_is_foreign(origin, event->segment->ttl) || id_is_foreign(origin, event);
}

static void raise_foreign(Analysis *analysis, RstMemory *memory, const SegmentEvent *event,
			  Anomaly anomaly)
{
	const RstOrigin *origin = &memory->origin[event->sender];
	const char *ttl = event->segment->src.version == 4 ? "a TTL" : "a hop limit";
	DetectText side = detect_side(event->connection, event->sender);

	memory->foreign_raised = true;
	anomaly.kind = ANOMALY_MIDDLEBOX_RESET;
	if (!ttl_is_foreign(origin, event->segment->ttl))
		detect_raise(analysis, anomaly,
			     "the RST in the name of %s has the IP ID %u, and its own segments "
			     "have counted up to %u",
			     side.text, event->segment->ip_id, origin->id_last);
	else if (origin->ttl_low == origin->ttl_high)
		detect_raise(analysis, anomaly,
			     "the RST in the name of %s has %s of %u, its own segments have %u",
			     side.text, ttl, event->segment->ttl, origin->ttl_low);
	else
		detect_raise(analysis, anomaly,
			     "the RST in the name of %s has %s of %u, its own segments have %u to "
			     "%u",
			     side.text, ttl, event->segment->ttl, origin->ttl_low,
			     origin->ttl_high);
}

void rst_excuse(RstMemory *memory, const SegmentEvent *event, bool half_open)
{
	const RstOrigin *origin = &memory->origin[event->sender];
	uint8_t ttl = event->segment->ttl;

	if (!ttl_is_far(origin, ttl) || !is_of_copies(origin, ttl))
		return;
	memory->excused = recall_keep(event->segment->frame);
	memory->half_open = half_open;
}

/* A device next to a side makes RSTs that have lost one hop more, or less. Where the forwarded copy
 * is captured first that equals what copies of the side's segments have; the RST's own does not. */
void rst_judge_copy(Analysis *analysis, RstMemory *memory, const RstSilence *silence,
		    const SegmentEvent *event)
{
	const Connection *connection = event->connection;
	unsigned sender = event->sender, peer = detect_peer(sender);
	bool closing = connection_side(connection, sender)->fin_sent ||
		       connection_side(connection, peer)->fin_sent;
	Anomaly anomaly = detect_at(event, ANOMALY_MIDDLEBOX_RESET, sender);
	AnomalyFold before = {
		.kind = memory->half_open ? ANOMALY_HALF_OPEN : ANOMALY_ABORTIVE_CLOSE,
		.severity = memory->half_open ? SEVERITY_ERROR : SEVERITY_WARNING,
		.count = 1,
		.number = connection->number,
	};

	rst_note_copy(memory, event);
	if (!memory->excused || memory->excused != recall_keep(event->copy_of))
		return;
	memory->excused = 0;
	if (memory->foreign_raised || !ttl_is_foreign(&memory->origin[sender], event->segment->ttl))
		return;
	anomaly.stage = closing ? STAGE_CLOSE : STAGE_DATA;
	anomaly.idle = silence->excused;
	anomaly.folds = &before;
	anomaly.fold_count = 1;
	detect_evidence(&anomaly, event->copy_of);
	raise_foreign(analysis, memory, event, anomaly);
}

/* --- What it ended ---------------------------------------------------------------------------- */

/* Equal marks mean that nothing is outstanding. */
const char *rst_loss(const TcpSide *side)
{
	bool unread = side->acked_known && side->rcv_known && side->rcv_acked != side->rcv_nxt;
	bool unsent = side->una_known && side->snd_una != side->snd_nxt;

	if (unread && unsent)
		return ", with data outstanding in both directions";
	if (unread)
		return ", and had not acknowledged all that was on its way to it";
	if (unsent)
		return ", when not all that it had sent was acknowledged";
	return "";
}

/* Nobody misses a SYN that is taken back, an attempt that the client gave up, a connection that its
 * client broke off before any data, as health checks do, or while data came in that it no longer
 * wants, as browsers do when a tab is closed, or a close by RST when all had arrived. */
bool rst_is_harmless(const RstMemory *memory, const SegmentEvent *event, ResetStage stage, bool all)
{
	bool by_client = connection_is_client(event->connection, event->sender);
	bool data = memory->data[0] || memory->data[1];
	bool cancelled = memory->data_last == detect_peer(event->sender) + 1 &&
			 event->idle < CANCELLED_WITHIN;

	switch (stage) {
	case STAGE_SYN:
		return true;
	case STAGE_HANDSHAKE:
		return by_client;
	case STAGE_DATA:
		return by_client &&
		       (cancelled || (!data && event->connection->open != OPEN_MIDSTREAM));
	default:
		return stage == STAGE_CLOSE && all;
	}
}

NsTime rst_silence(const RstSilence *silence, const SegmentEvent *event)
{
	bool just = silence && event->segment->time - silence->gap_end <= GAP_REACH;

	return just && silence->gap >= RST_SILENCE ? silence->gap : 0;
}

/* --- Why it came ------------------------------------------------------------------------------ */

/* Whether the request answers the closer's last words, as TLS says goodbye to a goodbye. */
static bool is_goodbye(const RstMemory *memory, unsigned closer)
{
	const RstRequest *words = &memory->request[closer];
	const RstRequest *request = &memory->request[detect_peer(closer)];

	return memory->unasked & 1u << closer && seq_gt(request->ack, words->seq) &&
	       memory->fin_time[closer] - memory->request_time[closer] <= GAP_REACH;
}

/* Whether the client's request had left before the client could have known of the FIN of the RST's
 * sender. Segments of one exchange may pass the tap in either order. What a server says when its
 * client leaves is no request. */
static bool is_close_race(const RstMemory *memory, const SegmentEvent *event)
{
	unsigned closer = event->sender, asker = detect_peer(closer);
	const TcpSide *closed = connection_side(event->connection, closer);
	const TcpSide *asking = connection_side(event->connection, asker);
	const RstRequest *request = &memory->request[asker];

	if (!closed->fin_sent || !memory->fin[closer] || !request->frame ||
	    event->connection->self || !connection_is_client(event->connection, asker))
		return false;
	/* It was closing as well, and not asking. */
	if ((asking->fin_sent && !asking->fin_second) || is_goodbye(memory, closer))
		return false;
	return seq_leq(request->ack, closed->fin_seq) &&
	       (!asking->una_known || seq_leq(asking->snd_una, request->seq));
}

/* A pool hands out a connection that the server has closed. Who says goodbye and closes, as TLS
 * does, asks for nothing, and neither does a server that goes on with its answer. */
bool rst_loses_request(const RstMemory *memory, const SegmentEvent *event, Anomaly *anomaly)
{
	unsigned closer = event->sender, asker = detect_peer(closer);
	const TcpSide *closed = connection_side(event->connection, closer);
	const TcpSide *asking = connection_side(event->connection, asker);
	const RstRequest *request = &memory->request[asker];

	if (!connection_is_client(event->connection, asker) || event->connection->self ||
	    !memory->fin[closer] || !closed->fin_sent ||
	    number(request->frame, event) < number(memory->fin[closer], event) ||
	    asking->fin_sent || seq_leq(request->ack, closed->fin_seq) ||
	    (asking->una_known && seq_gt(asking->snd_una, request->seq)))
		return false;
	anomaly->severity = SEVERITY_WARNING;
	anomaly->hint = "A request went out on a connection that the server had closed before, and "
			"is lost: a pool of connections does not notice that. Have it check idle "
			"connections, or give them up sooner than the server does, and repeat what "
			"may be repeated.";
	detect_evidence(anomaly, number(memory->fin[closer], event));
	return true;
}

/* How long no data had passed when the two crossed; completes the sentence. */
static DetectText idle_before_race(const RstMemory *memory, const SegmentEvent *event)
{
	const Connection *connection = event->connection;
	NsTime first = MIN(memory->request_time[detect_peer(event->sender)],
			   memory->fin_time[event->sender]);

	/* What the closer sends before its FIN may have ended the idle time. */
	if (memory->quiet && first - memory->quiet_end <= GAP_REACH)
		return detect_span(memory->quiet);
	if (connection->open == OPEN_MIDSTREAM && first - connection->first < RST_GAP)
		return (DetectText){ "a time that was not captured" };
	return (DetectText){ "no time at all" };
}

static void raise_close_race(Analysis *analysis, const RstMemory *memory, const SegmentEvent *event,
			     Anomaly anomaly)
{
	Connection *connection = event->connection;
	unsigned closer = event->sender, asker = detect_peer(closer);
	const RstRequest *request = &memory->request[asker];

	anomaly.kind = ANOMALY_CLOSE_RACE;
	anomaly.severity = anomaly_kind_severity(ANOMALY_CLOSE_RACE);
	anomaly.side = asker;
	detect_evidence(&anomaly, number(request->frame, event));
	detect_evidence(&anomaly, number(memory->fin[closer], event));
	detect_raise(analysis, anomaly,
		     "%s sent data (frame %" G_GUINT64_FORMAT
		     ") before it could know of the FIN of %s (frame %" G_GUINT64_FORMAT
		     "), which answered it with a RST; the connection had been idle for %s",
		     detect_side(connection, asker).text, number(request->frame, event),
		     detect_side(connection, closer).text, number(memory->fin[closer], event),
		     idle_before_race(memory, event).text);
}

static void raise_idle_timeout(Analysis *analysis, const SegmentEvent *event, Anomaly anomaly,
			       const char *whose, NsTime limit)
{
	anomaly.kind = ANOMALY_IDLE_TIMEOUT;
	detect_raise(
		analysis, anomaly,
		"%s, or somebody in its name, reset the connection after %s without a segment: "
		"%s is the idle limit of %s",
		detect_side(event->connection, event->sender).text, detect_span(event->idle).text,
		detect_span(limit).text, whose);
}

/* What lies unread is thrown away before Linux sends the RST of a close (tcp_close()), and so the
 * RST offers a window that its sender did not have before. Who reads so much without closing says
 * so at once with an ACK of its own (tcp_cleanup_rbuf()). */
static bool frees_window(const TcpSide *side, const Segment *rst, uint32_t *before, uint32_t *after)
{
	*before = side->rcv_adv - side->rcv_acked;
	*after = (uint32_t)rst->window << side->wscale;
	return rst->flags & TH_ACK && side->acked_known && side->has_iss && *after >= 2 * *before &&
	       *after - *before >= FREED_LEAST;
}

/* RFC 1122 4.2.2.13: a program that closes with data it has not read has lost that data, and its
 * host says so with a RST. What passed tells how likely it is that there was such data. */
static void raise_abortive(Analysis *analysis, RstMemory *memory, const SegmentEvent *event,
			   Anomaly anomaly)
{
	Connection *connection = event->connection;
	unsigned sender = event->sender, peer = detect_peer(sender);
	const TcpSide *side = connection_side(connection, sender);
	bool unacked = side->acked_known && side->rcv_known && side->rcv_acked != side->rcv_nxt;
	const char *role = detect_role(connection, peer);
	/* reset.c knows when a client may do so. */
	bool cancelled = anomaly.severity == SEVERITY_INFO && unacked &&
			 connection_is_client(connection, sender);
	uint32_t before, after;
	char weighed[160];

	anomaly.kind = ANOMALY_ABORTIVE_CLOSE;
	if (cancelled)
		anomaly.hint = "The client stopped a transfer in the middle, as a browser does "
			       "when a tab is closed (nginx logs 499): routine, unless it comes "
			       "at the same size or after the same time again and again.";
	memory->abort_raised = true;
	detect_evidence(&anomaly, number(memory->data[peer], event));
	if (!connection_side(connection, peer)->seen ||
	    (!memory->data[peer] && connection->open == OPEN_MIDSTREAM))
		snprintf(weighed, sizeof(weighed),
			 "what the %s had sent it was not captured: unread data or SO_LINGER 0",
			 role);
	else if (!memory->data[peer])
		snprintf(weighed, sizeof(weighed),
			 "the %s had sent no data that could be unread, so SO_LINGER 0 is likely",
			 role);
	else if (frees_window(side, event->segment, &before, &after))
		snprintf(weighed, sizeof(weighed),
			 "it had a window of %u bytes, and with the RST one of %u: what lay unread "
			 "was thrown away",
			 before, after);
	else if (unacked)
		snprintf(weighed, sizeof(weighed),
			 "data of the %s was still on its way to it, so %s is likely", role,
			 cancelled ? "a transfer that was cancelled" : "unread data");
	else if (memory->data_last == peer + 1)
		snprintf(weighed, sizeof(weighed),
			 "the last data was the %s's (%u bytes in frame %" G_GUINT64_FORMAT
			 "): unread data if the program had not read that, else SO_LINGER 0",
			 role, memory->data_bytes[peer], number(memory->data[peer], event));
	else
		snprintf(weighed, sizeof(weighed),
			 "it had sent data since the %s's last, which it had probably read by "
			 "then: rather SO_LINGER 0 than unread data",
			 role);
	detect_raise(analysis, anomaly,
		     "%s closed with a RST instead of a FIN, %s after the last segment; %s",
		     detect_side(connection, sender).text, detect_span(event->idle).text, weighed);
}

static bool was_open(const Anomaly *reset)
{
	return reset->stage == STAGE_DATA || reset->stage == STAGE_CLOSE;
}

bool rst_explain(Analysis *analysis, RstMemory *memory, const SegmentEvent *event,
		 const Anomaly *anomaly, RstRole role)
{
	NsTime limit = 0;
	const char *whose = idle_limit_of(event->idle, &limit);
	Anomaly about = *anomaly;
	bool explained = false;

	about.hint = NULL;
	about.severity = SEVERITY_WARNING;
	if (role == RST_CLOSED && !memory->race_raised && is_close_race(memory, event)) {
		memory->race_raised = true;
		raise_close_race(analysis, memory, event, about);
		return true;
	}
	if (role == RST_BREAKS && whose && was_open(anomaly)) {
		/* Nobody misses a connection that was never used, as browsers make them ahead. */
		if (!memory->data_last && event->connection->open != OPEN_MIDSTREAM)
			about.severity = SEVERITY_INFO;
		raise_idle_timeout(analysis, event, about, whose, limit);
		about.severity = SEVERITY_INFO;
		explained = true;
	}
	if (role != RST_CLOSED && !memory->foreign_raised && rst_is_foreign(memory, event)) {
		raise_foreign(analysis, memory, event, about);
		explained = true;
	}
	if (role == RST_BREAKS && !explained && was_open(anomaly)) {
		about.severity = anomaly->severity;
		if (about.severity == SEVERITY_WARNING)
			rst_excuse(memory, event, false);
		raise_abortive(analysis, memory, event, about);
		explained = true;
	}
	return explained;
}

const char *rst_hint(const SegmentEvent *event, ResetStage stage)
{
	bool by_client = connection_is_client(event->connection, event->sender);

	if (stage == STAGE_HANDSHAKE && by_client)
		return "The client no longer wanted the connection when its SYN was answered: it "
		       "had given up, it is a scanner, or its address "
		       "was forged and the real host objects.";
	if (stage == STAGE_HANDSHAKE)
		return "The server or a device before it refused the connection after its SYN-ACK: "
		       "accept queue full with "
		       "net.ipv4.tcp_abort_on_overflow set (nstat TcpExtListenOverflows), a "
		       "listener that was closed, or a firewall.";
	if (stage == STAGE_CLOSE)
		return "It answered its peer's FIN with a RST: the program closed with unread data "
		       "or with SO_LINGER 0, or was "
		       "killed; what it had not read is lost.";
	if (stage == STAGE_DATA && event->segment->flags & TH_ACK)
		return "The program closed with unread data, with SO_LINGER 0 or by a timeout of "
		       "its own, or a device between broke the "
		       "connection: look at that side's log at this time, and at what it had not "
		       "read.";
	return NULL;
}
