/* Anomalies of the handshake. Knows SYNs, their answers and when they came; knows nothing of what
 * follows the handshake.
 *
 * RFC 9293 3.5 needs three segments. What goes wrong shows in who repeats what. A client that
 * repeats its SYN has no answer; a server that repeats its SYN-ACK has not got, or not taken, the
 * ACK. Both timers fire near 1 s after the first copy (RFC 6298 2.1), so when the first exchange
 * was lost two SYN-ACKs and two ACKs may cross, and the second SYN-ACK, which passes the tap after
 * an ACK, says nothing. Only a SYN-ACK that left the server after the ACK had time to reach it
 * speaks of an ACK that was ignored. */
#include "detect/ack-ignored.h"
#include "detect/detect.h"
#include "detect/raise.h"
#include "detect/recall.h"
#include "detect/scan.h"
#include "detect/survey.h"

/* A SYN-ACK that passes the tap later than this after the ACK, and later than two round trips
 * between tap and server, cannot have left before the ACK arrived. */
#define CROSSING (500 * NSTIME_MILLISECOND)

/* No timer repeats a SYN or a SYN-ACK sooner than this (RFC 6298 2.1: 1 s). A SYN that comes again
 * at once follows the RST with which its sender answered an ACK of a lost connection (RFC 9293
 * 3.5.1); a SYN-ACK answers a SYN that came again as well; or it was captured twice. */
#define TIMER_LEAST (100 * NSTIME_MILLISECOND)

/* At the end of the capture, a SYN is unanswered for good when it was repeated this often, and a
 * SYN-ACK when that long has passed: both are two timeouts of RFC 6298, 1 s and 2 s. A client that
 * repeated its SYN and kept silent for the handshake's patience gave up, whatever its number of
 * attempts was. */
#define TIMEOUT_REPEATS  2
#define INCOMPLETE_AFTER (3 * NSTIME_SECOND)

typedef struct {
	Observer observer;   /* first: it is one */
	Analysis *analysis;  /* where anomalies go */
	HostDetectors hosts; /* who knows of hosts */
} Opening;

/* Times that are kept: of each side the first copy of its SYN, the last one, and what acknowledged
 * it. */
enum { TIME_SYN, TIME_LAST = 2, TIME_ACKED = 4, TIMES = 6 };

/* Per connection. A side's SYN is its SYN or its SYN-ACK. */
typedef struct {
	RecallFrame syn[2];       /* each side's first SYN; 0: none was captured */
	RecallFrame last_syn[2];  /* its last copy; 0: there is but one */
	RecallFrame acked[2];     /* what first acknowledged it, as far as passed; 0: nothing */
	uint16_t repeats[2];      /* copies after the first; UINT16_MAX: or more */
	uint8_t syn_ttl[2];       /* TTL of the first copy */
	uint8_t again_raised : 2; /* a bit for each side: syn-retransmitted or
				     syn-ack-retransmitted */
	bool proxy_window : 1;    /* a SYN-ACK offered no window */
	bool refused : 1;         /* connection-refused */
	bool simultaneous : 1;    /* simultaneous-open */
	uint32_t times[TIMES];    /* when which of these passed: keep_time() */
} Slot;

/* What few connections need: connection_extra()'s. */
typedef struct {
	RecallFrame stray; /* a SYN that may be the next connection's; 0: none, or it has it */
	NsTime stray_time; /* when it passed */
	NsTime far[TIMES]; /* see TIME_FAR */
} Rare;

static Rare *rare_of(const Opening *opening, Connection *connection)
{
	return connection_extra(connection, opening->observer.id, sizeof(Rare));
}

/* A time is kept from the connection's first segment on: in whole microseconds, doubled, or in
 * nanoseconds, doubled and one more; or this says that there is no room for it, and where it is. */
#define TIME_FAR UINT32_MAX

static void keep_time(const Opening *opening, Connection *connection, Slot *slot, unsigned which,
		      NsTime time)
{
	NsTime offset = time - connection->first;
	NsTime microseconds = offset / NSTIME_MICROSECOND;
	bool whole = microseconds * NSTIME_MICROSECOND == offset;

	if (offset < 0 || (whole ? microseconds : offset) >= INT32_MAX) {
		slot->times[which] = TIME_FAR;
		rare_of(opening, connection)->far[which] = offset;
	} else if (whole) {
		slot->times[which] = (uint32_t)microseconds << 1;
	} else {
		slot->times[which] = (uint32_t)offset << 1 | 1;
	}
}

static NsTime time_of(const Opening *opening, Connection *connection, const Slot *slot,
		      unsigned which)
{
	uint32_t kept = slot->times[which];

	if (kept == TIME_FAR)
		return connection->first + rare_of(opening, connection)->far[which];
	return connection->first + (kept & 1 ? kept >> 1 : (kept >> 1) * NSTIME_MICROSECOND);
}

static uint64_t number(const Opening *opening, RecallFrame frame)
{
	return recall_frame(opening->hosts.recall, frame);
}

static uint64_t last_syn(const Opening *opening, const Slot *slot, unsigned side)
{
	return number(opening, slot->last_syn[side] ? slot->last_syn[side] : slot->syn[side]);
}

static NsTime last_time(const Opening *opening, Connection *connection, const Slot *slot,
			unsigned side)
{
	return time_of(opening, connection, slot,
		       (slot->last_syn[side] ? TIME_LAST : TIME_SYN) + side);
}

/* How often a side sent its SYN. */
static const char *times(const Slot *slot, unsigned side)
{
	if (slot->repeats[side] == UINT16_MAX)
		return "times or more";
	return slot->repeats[side] ? "times" : "time";
}

static void raise_refused(Opening *opening, const SegmentEvent *event, Slot *slot)
{
	Connection *connection = event->connection;
	unsigned client = detect_peer(event->sender);
	Anomaly anomaly = detect_at(event, ANOMALY_CONNECTION_REFUSED, event->sender);

	slot->refused = true;
	if (survey_takes(opening->hosts.survey, connection, &anomaly))
		return;
	detect_evidence(&anomaly, last_syn(opening, slot, client));
	detect_raise(opening->analysis, anomaly, "%s answered the SYN of %s with a RST",
		     detect_side(connection, event->sender).text,
		     detect_side(connection, client).text);
}

static void raise_simultaneous(Opening *opening, const SegmentEvent *event, Slot *slot)
{
	Connection *connection = event->connection;
	unsigned peer = detect_peer(event->sender);
	Anomaly anomaly = detect_at(event, ANOMALY_SIMULTANEOUS_OPEN, ANOMALY_NO_SIDE);

	slot->simultaneous = true;
	detect_evidence(&anomaly, number(opening, slot->syn[peer]));
	detect_raise(opening->analysis, anomaly,
		     "%s sent a SYN of its own before it answered that of %s",
		     detect_side(connection, event->sender).text,
		     detect_side(connection, peer).text);
}

static void raise_self_connect(Opening *opening, const SegmentEvent *event, Slot *slot)
{
	Anomaly anomaly = detect_at(event, ANOMALY_SIMULTANEOUS_OPEN, ANOMALY_NO_SIDE);

	slot->simultaneous = true;
	anomaly.hint = "A program that connects to a port of its own range, where nothing listens, "
		       "can be given that very port as its own and then talks to itself: keep the "
		       "service's port out of net.ipv4.ip_local_port_range.";
	detect_raise(opening->analysis, anomaly,
		     "%s connected to itself: both ends have one address and port",
		     detect_side(event->connection, event->sender).text);
}

/* The first repetition is worth a line; the others have the same cause. */
static void raise_again(Opening *opening, const SegmentEvent *event, Slot *slot)
{
	Connection *connection = event->connection;
	unsigned side = event->sender, peer = detect_peer(side);
	const char *answer;
	bool answers = event->segment->flags & TH_ACK;
	Anomaly anomaly = detect_at(
		event, answers ? ANOMALY_SYN_ACK_RETRANSMITTED : ANOMALY_SYN_RETRANSMITTED, side);

	if (slot->again_raised & 1u << side)
		return;
	slot->again_raised |= 1u << side;
	detect_evidence(&anomaly, number(opening, slot->syn[side]));
	if (answers)
		answer = slot->acked[side] ? "although its ACK had passed"
					   : "and no ACK of it had passed";
	else
		answer = slot->syn[peer] ? "although a SYN-ACK had passed"
					 : "and no answer had passed";
	detect_raise(opening->analysis, anomaly, "%s sent its %s again %s after the first, %s",
		     detect_side(connection, side).text, answers ? "SYN-ACK" : "SYN",
		     detect_span(event->segment->time -
				 time_of(opening, connection, slot, TIME_SYN + side))
			     .text,
		     answer);
}

/* What passed so long before a SYN-ACK or less may not have reached the server when that left. */
static NsTime crossing(const SegmentEvent *event)
{
	return MAX(CROSSING, 2 * event->connection->rtt[event->sender]);
}

/* Whether a SYN-ACK that passes now may have left the server before the ACK reached it. */
static bool crosses_ack(const Opening *opening, const SegmentEvent *event, const Slot *slot)
{
	NsTime acked = time_of(opening, event->connection, slot, TIME_ACKED + event->sender);

	return event->segment->time - acked <= crossing(event);
}

static void note_ignored(Opening *opening, const SegmentEvent *event, Slot *slot)
{
	Connection *connection = event->connection;
	unsigned server = event->sender;
	IgnoredAck ignored = {
		.syn_ack = number(opening, slot->syn[server]),
		.ack = number(opening, slot->acked[server]),
		.syn_ack_time = time_of(opening, connection, slot, TIME_SYN + server),
		.ack_time = time_of(opening, connection, slot, TIME_ACKED + server),
		.crossing = crossing(event),
		.repeats = slot->repeats[server],
		.ttl = slot->syn_ttl[server],
		.no_window = slot->proxy_window,
	};

	/* What lies behind this repetition needs no line of its own any more. */
	slot->again_raised |= 1u << server;
	ack_ignored_note(opening->hosts.ack_ignored, event, &ignored);
}

static void note_last(const Opening *opening, const SegmentEvent *event, Slot *slot)
{
	slot->last_syn[event->sender] = recall_keep(event->segment->frame);
	keep_time(opening, event->connection, slot, TIME_LAST + event->sender,
		  event->segment->time);
}

static void syn_again(Opening *opening, const SegmentEvent *event, Slot *slot)
{
	unsigned side = event->sender;
	NsTime since = event->segment->time - last_time(opening, event->connection, slot, side);

	if (slot->repeats[side] < UINT16_MAX)
		slot->repeats[side]++;
	note_last(opening, event, slot);
	/* No timer sent it. */
	if (since < TIMER_LEAST)
		return;
	/* Some systems try a refused port a few times more; and a flood is reported once. */
	if (slot->refused || (event->segment->flags & TH_ACK &&
			      scan_is_flooded(opening->hosts.scan, event->connection)))
		return;
	if (event->segment->flags & TH_ACK && slot->acked[side]) {
		if (!crosses_ack(opening, event, slot)) {
			note_ignored(opening, event, slot);
			return;
		}
	}
	raise_again(opening, event, slot);
}

/* The SYN that this connection began with may have passed while the one before held its ports. */
static void adopt_syn(Opening *opening, Connection *connection, Slot *slot)
{
	Rare *before = connection_extra_find(connection->previous, opening->observer.id);
	unsigned client = connection->client;

	if (!before || !before->stray || slot->syn[client] ||
	    connection->first != before->stray_time)
		return;
	slot->syn[client] = before->stray;
	keep_time(opening, connection, slot, TIME_SYN + client, before->stray_time);
	before->stray = 0;
}

/* What judge_unfinished() can find something in. A single SYN is no news. */
static void note_waiting(const Observer *observer, Connection *connection, const Slot *slot)
{
	bool waits = detect_is_opening(connection_state(connection, 0)) ||
		     detect_is_opening(connection_state(connection, 1));

	observer_await(
		observer, connection,
		waits && (slot->repeats[0] || slot->repeats[1] || (slot->syn[0] && slot->syn[1])));
}

static void opening_segment(Observer *observer, const SegmentEvent *event)
{
	Opening *opening = (Opening *)observer;
	Slot *slot = observer_slot(observer, event->connection);
	unsigned side = event->sender;
	bool syn = event->segment->flags & TH_SYN;

	if (event->class & SEGMENT_STRAY) {
		if (syn && !(event->segment->flags & TH_ACK)) {
			Rare *rare = rare_of(opening, event->connection);

			rare->stray = recall_keep(event->segment->frame);
			rare->stray_time = event->segment->time;
		}
		return;
	}
	if (event->connection->previous)
		adopt_syn(opening, event->connection, slot);
	if (!slot->refused && detect_is_refusal(event))
		raise_refused(opening, event, slot);
	if (!syn)
		return;
	if (event->class & SEGMENT_SYN_AGAIN && slot->syn[side]) {
		syn_again(opening, event, slot);
		note_waiting(observer, event->connection, slot);
		return;
	}
	if (!slot->syn[side] || event->class & SEGMENT_SYN_OTHER) {
		slot->syn[side] = recall_keep(event->segment->frame);
		slot->last_syn[side] = 0;
		keep_time(opening, event->connection, slot, TIME_SYN + side, event->segment->time);
		slot->repeats[side] = 0;
		slot->syn_ttl[side] = event->segment->ttl;
		slot->proxy_window = event->segment->flags & TH_ACK && !event->segment->window;
	} else {
		/* Both opened: it has answered the peer's SYN after its own. */
		note_last(opening, event, slot);
	}
	note_waiting(observer, event->connection, slot);
	if (event->class & SEGMENT_SIMULTANEOUS && !slot->simultaneous)
		raise_simultaneous(opening, event, slot);
	else if (event->connection->self && !slot->simultaneous)
		raise_self_connect(opening, event, slot);
}

/* RFC 9293 3.5: the SYN was sent until its sender gave up, and nothing came. */
static void raise_timeout(Opening *opening, Connection *connection, unsigned client, NsTime now,
			  const Slot *slot)
{
	Anomaly anomaly = detect_later(connection, ANOMALY_CONNECT_TIMEOUT, client, now);

	detect_evidence(&anomaly, number(opening, slot->syn[client]));
	detect_evidence(&anomaly, last_syn(opening, slot, client));
	detect_raise(opening->analysis, anomaly,
		     "%s sent its SYN %u %s within %s, and %s answered nothing",
		     detect_side(connection, client).text, slot->repeats[client] + 1u,
		     times(slot, client),
		     detect_span(last_time(opening, connection, slot, client) -
				 time_of(opening, connection, slot, TIME_SYN + client))
			     .text,
		     detect_side(connection, detect_peer(client)).text);
}

static void raise_incomplete(Opening *opening, Connection *connection, unsigned server, NsTime now,
			     const Slot *slot)
{
	Anomaly anomaly = detect_later(connection, ANOMALY_HANDSHAKE_INCOMPLETE, server, now);

	detect_evidence(&anomaly, number(opening, slot->syn[detect_peer(server)]));
	detect_evidence(&anomaly, number(opening, slot->syn[server]));
	detect_evidence(&anomaly, last_syn(opening, slot, server));
	detect_raise(opening->analysis, anomaly,
		     "%s sent its SYN-ACK %u %s, and %s did not acknowledge it within %s",
		     detect_side(connection, server).text, slot->repeats[server] + 1u,
		     times(slot, server), detect_side(connection, detect_peer(server)).text,
		     detect_span(now - time_of(opening, connection, slot, TIME_SYN + server)).text);
}

/* What it means that @side never left @state, by a clock or because the capture ends. */
static void judge_attempt(Opening *opening, Connection *connection, unsigned side, TcpState state,
			  NsTime now, bool gave_up)
{
	const Slot *slot = observer_slot(&opening->observer, connection);
	unsigned peer = detect_peer(side);

	/* A half that was not captured says nothing about what it did not send. */
	if (!slot->syn[side] || connection->self)
		return;
	/* A single SYN is a probe, or a client that gave up at once: `open` says unanswered. */
	if (state == TCP_STATE_SYN_SENT && !slot->syn[peer] &&
	    !connection_side(connection, peer)->seen &&
	    slot->repeats[side] >= (gave_up ? 1 : TIMEOUT_REPEATS))
		raise_timeout(opening, connection, side, now, slot);
	if (state == TCP_STATE_SYN_RCVD && slot->syn[peer] && !slot->acked[side] &&
	    (gave_up ||
	     now - time_of(opening, connection, slot, TIME_SYN + side) >= INCOMPLETE_AFTER) &&
	    !scan_is_flooded(opening->hosts.scan, connection) &&
	    !survey_is_scan(opening->hosts.survey, connection))
		raise_incomplete(opening, connection, side, now, slot);
}

static void opening_transition(Observer *observer, const Transition *transition)
{
	Slot *slot = observer_slot(observer, transition->connection);
	unsigned side = transition->side;

	if (transition->from == TCP_STATE_SYN_RCVD && transition->basis == BASIS_ASSUMED &&
	    detect_is_synchronised(transition->to) && !slot->acked[side]) {
		slot->acked[side] = recall_keep(transition->frame);
		keep_time((Opening *)observer, transition->connection, slot, TIME_ACKED + side,
			  transition->time);
	}
	note_waiting(observer, transition->connection, slot);
	if (transition->to == TCP_STATE_CLOSED && transition->basis == BASIS_TIMER)
		judge_attempt((Opening *)observer, transition->connection, side, transition->from,
			      transition->time, true);
}

/* Whether judge_unfinished() may find something in one that was answered. In a flood: no. */
static bool may_be_unfinished(void *data, const Embryo *embryo)
{
	const Opening *opening = data;

	return analysis_totals(opening->analysis)->now - embryo->answer.time >= INCOMPLETE_AFTER &&
	       !scan_flooded_then(opening->hosts.scan, &embryo->key, embryo->sender,
				  embryo->syn.time);
}

static void judge_unfinished(void *data, Connection *connection)
{
	Opening *opening = data;
	NsTime now = analysis_totals(opening->analysis)->now;

	for (unsigned side = 0; side < 2; side++)
		judge_attempt(opening, connection, side, connection_state(connection, side), now,
			      false);
}

static void opening_finish(Observer *observer, const AnalysisTotals *totals)
{
	(void)totals;
	analysis_each_awaited(((Opening *)observer)->analysis, may_be_unfinished, judge_unfinished,
			      observer);
}

Observer *detect_opening_new(Analysis *analysis, const HostDetectors *hosts)
{
	Opening *opening = g_new(Opening, 1);

	*opening = (Opening){
		.observer = {
			.slot_size = sizeof(Slot),
			.wants_flags = TH_SYN | TH_RST,
			.wants_classes = SEGMENT_FIRST,
			.segment = opening_segment,
			.wants_enter = STATE_BIT(TCP_STATE_CLOSED),
			.wants_leave = STATE_BIT(TCP_STATE_SYN_RCVD),
			.transition = opening_transition,
			.finish = opening_finish,
		},
		.analysis = analysis,
		.hosts = *hosts,
	};
	return &opening->observer;
}
