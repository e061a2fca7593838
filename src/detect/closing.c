/* Anomalies of the close. Knows FINs, what came after them, and who takes the ports of a connection
 * in TIME_WAIT; knows no clock.
 *
 * RFC 9293 3.6: each direction is closed on its own, by a FIN that takes the last number of what
 * its sender sends. So a side may go on after the peer's FIN (half-closed) but never after its own;
 * both may close at once; and a FIN that nobody acknowledged comes again. A side counts as going on
 * only once it has shown that it has the peer's FIN: data that was on its way when the FIN passed
 * is no half-close. */
#include "detect/detect.h"
#include "detect/raise.h"
#include "detect/recall.h"

typedef struct {
	Observer observer;   /* first: it is one */
	Analysis *analysis;  /* where anomalies go */
	HostDetectors hosts; /* who knows of frames */
} Closing;

/* Per connection that does more than close. */
typedef struct {
	NsTime fin_time[2]; /* when each side's FIN passed; see @fin_past */
	bool fin_past[2];   /* it has sent more that takes up numbers since: fin_time is valid */
	uint64_t left_time_wait; /* frame at which something ended a TIME_WAIT of it; 0: nothing did
				  */
	NsTime time_wait_since;  /* when a side of it came into TIME_WAIT */
} Slot;

/* The first copy of the side's FIN that its peer could take; 0: none. */
static uint64_t fin_frame(const Closing *closing, const Connection *connection, unsigned side)
{
	const Recall *recall = recall_of(closing->hosts.recall, connection);

	return recall->fin_outside & 1u << side
		       ? 0
		       : recall_frame(closing->hosts.recall, recall->fin[side]);
}

/* When that passed: with the last that the side sent of what takes up numbers, until it sends more.
 */
static NsTime fin_time(const Closing *closing, const Connection *connection, unsigned side)
{
	const Slot *slot = observer_slot_if_there(&closing->observer, connection);

	if (slot && slot->fin_past[side])
		return slot->fin_time[side];
	return connection->last_text[connection->self ? 0 : side][0];
}

/* The segment at hand may be the first that its sender sends after its FIN. */
static void keep_fin_time(Closing *closing, const SegmentEvent *event)
{
	Connection *connection = event->connection;
	unsigned side = event->sender;
	Slot *slot;

	if (!segment_seq_len(event->segment) || !fin_frame(closing, connection, side))
		return;
	slot = observer_slot(&closing->observer, connection);
	if (slot->fin_past[side])
		return;
	slot->fin_past[side] = true;
	slot->fin_time[side] = connection->last_text[connection->self ? 0 : side][1];
}

static void raise_fin_again(Closing *closing, const SegmentEvent *event)
{
	unsigned side = event->sender;
	Anomaly anomaly = detect_at(event, ANOMALY_FIN_RETRANSMITTED, side);

	detect_evidence(&anomaly, fin_frame(closing, event->connection, side));
	detect_raise(closing->analysis, anomaly, "%s sent its FIN again %s after the first",
		     detect_side(event->connection, side).text,
		     detect_span(event->segment->time - fin_time(closing, event->connection, side))
			     .text);
}

static void raise_data_after_fin(Closing *closing, const SegmentEvent *event)
{
	unsigned side = event->sender;
	Anomaly anomaly = detect_at(event, ANOMALY_DATA_AFTER_FIN, side);

	detect_evidence(&anomaly, fin_frame(closing, event->connection, side));
	detect_raise(closing->analysis, anomaly,
		     "%s sent %u bytes beyond its own FIN (frame %" G_GUINT64_FORMAT
		     "), %s after it",
		     detect_side(event->connection, side).text, event->segment->payload,
		     fin_frame(closing, event->connection, side),
		     detect_span(event->segment->time - fin_time(closing, event->connection, side))
			     .text);
}

static void raise_half_closed(Closing *closing, const SegmentEvent *event)
{
	Connection *connection = event->connection;
	unsigned side = event->sender, peer = detect_peer(side);
	Anomaly anomaly = detect_at(event, ANOMALY_HALF_CLOSED, side);

	detect_evidence(&anomaly, fin_frame(closing, event->connection, peer));
	detect_raise(
		closing->analysis, anomaly,
		"%s goes on sending %s after the FIN of %s, which it has acknowledged",
		detect_side(connection, side).text,
		detect_span(event->segment->time - fin_time(closing, event->connection, peer)).text,
		detect_side(connection, peer).text);
}

static void raise_simultaneous_close(Closing *closing, const SegmentEvent *event)
{
	Connection *connection = event->connection;
	Anomaly anomaly = detect_at(event, ANOMALY_SIMULTANEOUS_CLOSE, ANOMALY_NO_SIDE);

	detect_evidence(&anomaly, fin_frame(closing, event->connection, 0));
	detect_evidence(&anomaly, fin_frame(closing, event->connection, 1));
	detect_raise(closing->analysis, anomaly,
		     "%s and %s each sent a FIN before having the other's",
		     detect_side(connection, connection->client).text,
		     detect_side(connection, detect_peer(connection->client)).text);
}

/* RFC 6191 2, RFC 9293 3.6.1: a SYN may open a new incarnation from TIME_WAIT. It is raised at the
 * new one, at its first transition. */
static void raise_reuse(Closing *closing, const Transition *transition, const Slot *old)
{
	Connection *connection = transition->connection;
	Anomaly anomaly = detect_later(connection, ANOMALY_TIME_WAIT_REUSE, connection->client,
				       transition->time);

	anomaly.frame = transition->frame;
	detect_evidence(&anomaly, fin_frame(closing, connection->previous, 0));
	detect_evidence(&anomaly, fin_frame(closing, connection->previous, 1));
	detect_evidence(&anomaly, transition->frame);
	detect_raise(
		closing->analysis, anomaly,
		"%s opened a new connection from the ports of connection %u, %s into its TIME_WAIT",
		detect_side(connection, connection->client).text, connection->previous->number,
		detect_span(connection->first - old->time_wait_since).text);
}

static void closing_segment(Observer *observer, const SegmentEvent *event)
{
	Closing *closing = (Closing *)observer;
	Connection *connection = event->connection;
	Recall *recall = recall_of(closing->hosts.recall, connection);
	const Segment *segment = event->segment;
	unsigned side = event->sender;

	/* From the first FIN on whatever comes may be part of the close. */
	observer_watch(observer, connection, true);
	keep_fin_time(closing, event);
	if (event->class & SEGMENT_STRAY || segment->flags & TH_RST ||
	    (event->class & (SEGMENT_OUTSIDE | SEGMENT_PAWS) &&
	     segment_is_foreign(segment, event->class)))
		return;
	if (event->class & SEGMENT_FIN_AGAIN && fin_frame(closing, connection, side) &&
	    recall_mark(recall, MARK_FIN_AGAIN_SIDES + side))
		raise_fin_again(closing, event);
	if (event->class & SEGMENT_AFTER_FIN && fin_frame(closing, connection, side) &&
	    recall_mark(recall, MARK_AFTER_FIN_SIDES + side))
		raise_data_after_fin(closing, event);
	/* Data that comes with a FIN of its own ends the other half: that is a close and not a
	 * half-close. */
	if (event->before[side] == TCP_STATE_CLOSE_WAIT && event->class & SEGMENT_NEW &&
	    segment->payload && !(segment->flags & TH_FIN) &&
	    connection_state(connection, side) == TCP_STATE_CLOSE_WAIT &&
	    connection_state_proven(connection, side) &&
	    fin_frame(closing, connection, detect_peer(side)) &&
	    recall_mark(recall, MARK_HALF_CLOSED))
		raise_half_closed(closing, event);
	/* A connection to itself cannot close otherwise. */
	if (connection->close == CLOSE_SIMULTANEOUS && !connection->self &&
	    recall_mark(recall, MARK_SIMULTANEOUS_CLOSE))
		raise_simultaneous_close(closing, event);
}

static void closing_transition(Observer *observer, const Transition *transition)
{
	Connection *previous = transition->connection->previous;
	Slot *old = previous ? observer_slot_if_there(observer, previous) : NULL;

	/* What the new incarnation replaces, or a RST cleared for it, is told before it itself. */
	if (transition->from == TCP_STATE_TIME_WAIT && transition->cause != CAUSE_TIME_WAIT_OVER) {
		Slot *slot = observer_slot(observer, transition->connection);

		slot->left_time_wait = transition->frame;
		slot->time_wait_since = MAX(slot->time_wait_since, transition->since);
	}
	if (old && old->left_time_wait && old->left_time_wait == transition->frame) {
		old->left_time_wait = 0;
		raise_reuse((Closing *)observer, transition, old);
	}
}

static void closing_free(Observer *observer)
{
	g_free(observer);
}

Observer *detect_closing_new(Analysis *analysis, const HostDetectors *hosts)
{
	Closing *closing = g_new(Closing, 1);

	*closing = (Closing){
		.observer = {
			.slot_size = sizeof(Slot),
			.slot_is_rare = true,
			.wants_flags = TH_FIN,
			.segment = closing_segment,
			/* Out of TIME_WAIT, and the first of an incarnation. */
			.wants_leave = STATE_BIT(TCP_STATE_TIME_WAIT) | STATE_BIT(TCP_STATE_LISTEN) |
				       STATE_BIT(TCP_STATE_CLOSED) | STATE_BIT(TCP_STATE_UNKNOWN),
			.transition = closing_transition,
			.free = closing_free,
		},
		.analysis = analysis,
		.hosts = *hosts,
	};
	return &closing->observer;
}
