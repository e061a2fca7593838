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

typedef struct {
	Observer observer;  /* first: it is one */
	Analysis *analysis; /* where anomalies go */
} Closing;

/* Per connection. */
typedef struct {
	uint64_t fin[2];         /* frame of the first copy of each side's FIN; 0: none */
	NsTime fin_time[2];      /* when it passed */
	bool again_raised[2];    /* fin-retransmitted */
	bool after_raised[2];    /* data-after-fin */
	bool half_closed;        /* half-closed was raised */
	bool simultaneous;       /* simultaneous-close was raised */
	uint64_t left_time_wait; /* frame at which something ended a TIME_WAIT of it; 0: nothing did
				  */
	NsTime time_wait_since;  /* when a side of it came into TIME_WAIT */
} Slot;

static void raise_fin_again(Closing *closing, const SegmentEvent *event, Slot *slot)
{
	unsigned side = event->sender;
	Anomaly anomaly = detect_at(event, ANOMALY_FIN_RETRANSMITTED, side);

	slot->again_raised[side] = true;
	detect_evidence(&anomaly, slot->fin[side]);
	detect_raise(closing->analysis, anomaly, "%s sent its FIN again %s after the first",
		     detect_side(event->connection, side).text,
		     detect_span(event->segment->time - slot->fin_time[side]).text);
}

static void raise_data_after_fin(Closing *closing, const SegmentEvent *event, Slot *slot)
{
	unsigned side = event->sender;
	Anomaly anomaly = detect_at(event, ANOMALY_DATA_AFTER_FIN, side);

	slot->after_raised[side] = true;
	detect_evidence(&anomaly, slot->fin[side]);
	detect_raise(
		closing->analysis, anomaly,
		"%s sent %u bytes beyond its own FIN (frame %" G_GUINT64_FORMAT "), %s after it",
		detect_side(event->connection, side).text, event->segment->payload, slot->fin[side],
		detect_span(event->segment->time - slot->fin_time[side]).text);
}

static void raise_half_closed(Closing *closing, const SegmentEvent *event, Slot *slot)
{
	Connection *connection = event->connection;
	unsigned side = event->sender, peer = detect_peer(side);
	Anomaly anomaly = detect_at(event, ANOMALY_HALF_CLOSED, side);

	slot->half_closed = true;
	detect_evidence(&anomaly, slot->fin[peer]);
	detect_raise(closing->analysis, anomaly,
		     "%s goes on sending %s after the FIN of %s, which it has acknowledged",
		     detect_side(connection, side).text,
		     detect_span(event->segment->time - slot->fin_time[peer]).text,
		     detect_side(connection, peer).text);
}

static void raise_simultaneous_close(Closing *closing, const SegmentEvent *event, Slot *slot)
{
	Connection *connection = event->connection;
	Anomaly anomaly = detect_at(event, ANOMALY_SIMULTANEOUS_CLOSE, ANOMALY_NO_SIDE);

	slot->simultaneous = true;
	detect_evidence(&anomaly, slot->fin[0]);
	detect_evidence(&anomaly, slot->fin[1]);
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
	detect_evidence(&anomaly, old->fin[0]);
	detect_evidence(&anomaly, old->fin[1]);
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
	Slot *slot = observer_slot(observer, event->connection);
	const Segment *segment = event->segment;
	unsigned side = event->sender;

	if (event->class & (SEGMENT_STRAY | SEGMENT_OUTSIDE | SEGMENT_PAWS) ||
	    segment->flags & TH_RST)
		return;
	if (event->class & SEGMENT_FIN_AGAIN && slot->fin[side] && !slot->again_raised[side])
		raise_fin_again(closing, event, slot);
	if (event->class & SEGMENT_AFTER_FIN && slot->fin[side] && !slot->after_raised[side])
		raise_data_after_fin(closing, event, slot);
	if (segment->flags & TH_FIN && !slot->fin[side]) {
		slot->fin[side] = segment->frame;
		slot->fin_time[side] = segment->time;
	}
	/* Data that comes with a FIN of its own ends the other half: that is a close and not a
	 * half-close. */
	if (event->before[side] == TCP_STATE_CLOSE_WAIT && event->class & SEGMENT_NEW &&
	    segment->payload && !(segment->flags & TH_FIN) &&
	    connection_state(event->connection, side) == TCP_STATE_CLOSE_WAIT &&
	    connection_state_proven(event->connection, side) && slot->fin[detect_peer(side)] &&
	    !slot->half_closed)
		raise_half_closed(closing, event, slot);
	/* A connection to itself cannot close otherwise. */
	if (event->connection->close == CLOSE_SIMULTANEOUS && !event->connection->self &&
	    !slot->simultaneous)
		raise_simultaneous_close(closing, event, slot);
}

static void closing_transition(Observer *observer, const Transition *transition)
{
	Slot *slot = observer_slot(observer, transition->connection);
	Connection *previous = transition->connection->previous;
	Slot *old = previous ? observer_slot(observer, previous) : NULL;

	if (transition->to == TCP_STATE_TIME_WAIT)
		slot->time_wait_since = transition->time;
	/* What the new incarnation replaces, or a RST cleared for it, is told before it itself. */
	if (transition->from == TCP_STATE_TIME_WAIT && transition->cause != CAUSE_TIME_WAIT_OVER)
		slot->left_time_wait = transition->frame;
	if (old && old->left_time_wait && old->left_time_wait == transition->frame) {
		old->left_time_wait = 0;
		raise_reuse((Closing *)observer, transition, old);
	}
}

static void closing_free(Observer *observer)
{
	g_free(observer);
}

Observer *detect_closing_new(Analysis *analysis)
{
	Closing *closing = g_new(Closing, 1);

	*closing = (Closing){
		.observer = {
			.slot_size = sizeof(Slot),
			.segment = closing_segment,
			.transition = closing_transition,
			.free = closing_free,
		},
		.analysis = analysis,
	};
	return &closing->observer;
}
