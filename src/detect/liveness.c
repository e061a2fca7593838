/* Whether anybody is still there. Knows keep-alives, repetitions and silence; knows no close.
 *
 * RFC 9293 3.8.4: a side asks an idle peer for a sign of life with a segment one below the next
 * number; any answer is one. RFC 9293 3.8.3 and RFC 1122 4.2.3.5: a side repeats what is not
 * acknowledged, at growing intervals, and gives up in the end. Both are routine while the peer
 * answers. Three probes or five repetitions of the same bytes with not a single segment from the
 * peer are not: by then Linux has asked the route whether it is dead (tcp_retries1 is 3) and more
 * than six seconds have passed. Probes of a closed window are neither: the peer is known to be
 * there, it does not want anything. */
#include "detect/detect.h"
#include "detect/raise.h"

#define DEAD_PROBES  3
#define DEAD_REPEATS 5
#define DEAD_AFTER                                                                                 \
	(5 * NSTIME_SECOND) /* from the first repetition: five may be lost in a row in less */

/* From such a time on a device between may have forgotten the connection: no known limit is shorter
 * (idle-limits.c). It is told and no more: when nobody says that the connection was dropped, the
 * time is that of the program, and equals no limit. */
#define IDLE_LONG (60 * NSTIME_SECOND)

/* What looks like a probe and follows another segment closer than this is none. */
#define PROBE_IDLE (500 * NSTIME_MILLISECOND)

typedef struct {
	Observer observer;  /* first: it is one */
	Analysis *analysis; /* where anomalies go */
} Liveness;

/* What a side has asked without an answer. */
typedef struct {
	uint64_t first, last; /* frames of the first and the last probe or repetition */
	NsTime since;         /* when the first one passed */
	NsTime idle;          /* for how long the peer had been silent when that was first sent */
	uint32_t seq;         /* number of the bytes that are repeated */
	uint16_t probes;      /* keep-alives */
	uint16_t repeats;     /* repetitions of the bytes at @seq */
	bool raised;          /* dead-peer, in this silence */
} Unanswered;

/* Per connection. */
typedef struct {
	Unanswered asked[2]; /* by each side, since its peer's last segment */
	bool probed;         /* keep-alive was raised in this idle phase */
} Slot;

static void count(Unanswered *asked, const SegmentEvent *event, uint16_t *counter)
{
	const Connection *connection = event->connection;
	const Segment *segment = event->segment;
	unsigned side = event->sender;

	if (!asked->probes && !asked->repeats) {
		asked->first = segment->frame;
		asked->since = segment->time;
		/* A repetition shows that what came after the silence was not answered. */
		asked->idle = event->class & SEGMENT_AGAIN
				      ? connection->last_payload[side] -
						connection->last_sent[detect_peer(side)]
				      : event->idle;
	}
	asked->last = segment->frame;
	++*counter;
}

static void raise_keep_alive(Liveness *liveness, const SegmentEvent *event, Slot *slot)
{
	Connection *connection = event->connection;

	slot->probed = true;
	detect_raise(liveness->analysis, detect_at(event, ANOMALY_KEEP_ALIVE, event->sender),
		     "%s probed %s after %s without a segment",
		     detect_side(connection, event->sender).text,
		     detect_side(connection, detect_peer(event->sender)).text,
		     detect_span(event->idle).text);
}

static void raise_dead(Liveness *liveness, const SegmentEvent *event, Unanswered *asked)
{
	Connection *connection = event->connection;
	unsigned side = event->sender, peer = detect_peer(side);
	Anomaly anomaly = detect_at(event, ANOMALY_DEAD_PEER, peer);

	asked->raised = true;
	detect_evidence(&anomaly, asked->first);
	if (asked->probes)
		anomaly.hint =
			"Keep-alives are not answered: the peer's host is down, was cut off, or a "
			"device between forgot the connection. "
			"When probes run out (net.ipv4.tcp_keepalive_probes) this side ends it.";
	else if (asked->idle >= IDLE_LONG)
		anomaly.hint =
			"Data after a long silence is not answered: a device between dropped the "
			"connection for being idle, without a word, or the peer's host is gone. "
			"If new connections to it work it is the device: raise its limit, or use "
			"keep-alives at shorter intervals (SO_KEEPALIVE with TCP_KEEPIDLE).";
	detect_raise(liveness->analysis, anomaly, "%s has not answered %u %s of %s within %s%s%s",
		     detect_side(connection, peer).text,
		     asked->probes ? asked->probes : asked->repeats,
		     asked->probes ? "keep-alives" : "repetitions of the same data",
		     detect_side(connection, side).text,
		     detect_span(event->segment->time - asked->since).text,
		     asked->idle >= IDLE_LONG ? ", after a silence of " : "",
		     asked->idle >= IDLE_LONG ? detect_span(asked->idle).text : "");
}

static void liveness_segment(Observer *observer, const SegmentEvent *event)
{
	Liveness *liveness = (Liveness *)observer;
	const Segment *segment = event->segment;
	unsigned side = event->sender, peer = detect_peer(side);
	Unanswered *asked;
	Slot *slot;

	if (event->class & SEGMENT_STRAY || event->connection->self)
		return;
	/* It begins with what is asked again, and whatever comes then may be an answer. */
	slot = observer_slot(observer, event->connection);
	observer_watch(observer, event->connection, true);
	asked = &slot->asked[side];
	slot->asked[peer] = (Unanswered){ 0 };
	if (event->class & SEGMENT_WINDOW_PROBE || segment->flags & TH_RST)
		return;
	/* The half that was not captured may have answered everything. */
	if (!connection_side(event->connection, peer)->seen)
		return;
	if (event->class & SEGMENT_KEEP_ALIVE) {
		/* An ACK that was overtaken has the same number; probes come after a second at
		 * least. */
		if (event->idle < PROBE_IDLE)
			return;
		if (!slot->probed)
			raise_keep_alive(liveness, event, slot);
		count(asked, event, &asked->probes);
	} else if (event->class & SEGMENT_AGAIN && segment->payload) {
		/* Others may be sent in between, as probes for a lost tail are: what counts is one
		 * number again and again. */
		if (!asked->repeats)
			asked->seq = segment->seq;
		if (asked->seq == segment->seq)
			count(asked, event, &asked->repeats);
	} else if (event->class & SEGMENT_NEW) {
		slot->probed = false;
		asked->probes = 0;
	}
	if (!asked->raised &&
	    (asked->probes >= DEAD_PROBES ||
	     (asked->repeats >= DEAD_REPEATS && segment->time - asked->since >= DEAD_AFTER)))
		raise_dead(liveness, event, asked);
}

static void liveness_free(Observer *observer)
{
	g_free(observer);
}

Observer *detect_liveness_new(Analysis *analysis)
{
	Liveness *liveness = g_new(Liveness, 1);

	*liveness = (Liveness){
		.observer = {
			.slot_size = sizeof(Slot),
			.slot_is_rare = true,
			.wants_classes = SEGMENT_KEEP_ALIVE | SEGMENT_AGAIN,
			.segment = liveness_segment,
			.free = liveness_free,
		},
		.analysis = analysis,
	};
	return &liveness->observer;
}
