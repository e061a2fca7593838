/* Anomalies that speak of the capture rather than of the ends. Knows what a capture can lack and
 * what no TCP sends.
 *
 * An acknowledgement is made by somebody who has the bytes. When bytes are acknowledged that did
 * not pass the tap the capture has lost them (capture-gap), or never sees that direction at all
 * (one-way). Nothing that seems missing then is evidence against an end. Flags are judged alone
 * (bad-flags): RFC 9293 3.10.7 has an answer for each of these combinations, and no TCP makes them.
 */
#include "detect/detect.h"
#include "detect/raise.h"
#include "detect/recall.h"
#include "detect/survey.h"

/* So much new data without one segment from the other side: no window is that patient with a peer
 * that is not there. */
#define ONE_WAY_DATA 10

/* So many copies, and one in so many segments, are how the capture was made, and no accident. */
#define COPIES_LEAST 3
#define COPIES_SHARE 100

typedef struct {
	Observer observer;   /* first: it is one */
	Analysis *analysis;  /* where anomalies go */
	HostDetectors hosts; /* who knows of hosts and frames */
	/* Connections of which one direction only was captured. */
	unsigned one_way[2]; /* how many show the server's [0] or the client's [1] segments only */
	unsigned only;       /* the number of the last of them */
	unsigned only_side;  /* the side of @only that was captured */
	Endpoint ends[2];    /* its ends: that side's, its peer's */
	DetectText names[2]; /* and what they are called */
	bool told;           /* one-way was raised */
	bool suspected;      /* some connection has a slot, or had one */
	uint64_t evidence[ANOMALY_FRAMES_MAX]; /* first frames of the first of them */
	unsigned evidence_count;               /* in @evidence */
	/* Segments that were captured twice. */
	uint64_t copies;                          /* how many */
	uint64_t copy_frames[ANOMALY_FRAMES_MAX]; /* the first pairs */
} CaptureDetector;

/* Per connection of which one side alone was captured so far, when that acknowledges or sends data.
 */
typedef struct {
	unsigned data;     /* segments with new data of that side */
	uint32_t ack;      /* its last acknowledgement; see @acked */
	bool acked;        /* it has sent one */
	bool acknowledges; /* it acknowledged what did not pass */
	bool counted;      /* as one-way */
} Slot;

/* What is wrong with the flags, completing "it sent a segment with "; NULL: nothing. */
static const char *fault_of(const Segment *segment)
{
	unsigned flags = segment->flags & (TH_FIN | TH_SYN | TH_RST | TH_PUSH | TH_ACK | TH_URG);

	if ((flags & (TH_SYN | TH_FIN)) == (TH_SYN | TH_FIN))
		return "SYN and FIN, which open and close at once";
	if ((flags & (TH_SYN | TH_RST)) == (TH_SYN | TH_RST))
		return "SYN and RST, which open and break off at once";
	if ((flags & (TH_FIN | TH_RST)) == (TH_FIN | TH_RST))
		return "FIN and RST, which close and break off at once";
	if (flags & (TH_SYN | TH_RST | TH_ACK))
		return NULL;
	/* RFC 9293 3.10.7.4, fifth: what has no ACK after the handshake is dropped. */
	if (!flags)
		return "no flags at all";
	if ((flags & (TH_FIN | TH_PUSH | TH_URG)) == (TH_FIN | TH_PUSH | TH_URG))
		return "FIN, PSH and URG but no ACK";
	return flags & TH_FIN ? "FIN but no ACK" : "neither SYN, RST nor ACK";
}

static void raise_bad_flags(CaptureDetector *detector, const SegmentEvent *event, Recall *recall,
			    const char *fault)
{
	Anomaly anomaly = detect_at(event, ANOMALY_BAD_FLAGS, event->sender);

	if (survey_takes(detector->hosts.survey, event->connection, &anomaly))
		return;
	recall_mark(recall, MARK_BAD_FLAGS);
	detect_raise(detector->analysis, anomaly, "%s sent a segment with %s",
		     detect_side(event->connection, event->sender).text, fault);
}

static void raise_gap(CaptureDetector *detector, const SegmentEvent *event, const Recall *recall)
{
	Connection *connection = event->connection;
	unsigned side = event->sender, peer = detect_peer(side);
	Anomaly anomaly = detect_at(event, ANOMALY_CAPTURE_GAP, peer);

	detect_evidence(&anomaly, recall_frame(detector->hosts.recall, recall->last[peer]));
	detect_raise(detector->analysis, anomaly,
		     "%s acknowledges bytes of %s that were not captured: its ACK is %u",
		     detect_side(connection, side).text, detect_side(connection, peer).text,
		     event->segment->ack);
}

/* Whether the side has shown that it hears from the other: an ACK that moves on, or one at all
 * after its own SYN. */
static void note_acknowledgement(const SegmentEvent *event, Slot *slot)
{
	const Segment *segment = event->segment;
	unsigned side = event->sender;

	bool moves_on = slot->acked && segment->ack != slot->ack;
	bool answers = !slot->acked && !(event->class & SEGMENT_FIRST) &&
		       connection_side(event->connection, side)->has_iss &&
		       connection_is_client(event->connection, side);

	/* The SYN that a SYN-ACK acknowledges may have passed before the capture began. */
	if (!(segment->flags & TH_SYN) && (moves_on || answers))
		slot->acknowledges = true;
	slot->acked = true;
	slot->ack = segment->ack;
}

/* Watches a connection until both of its sides were seen. */
static void note_direction(Observer *observer, const SegmentEvent *event)
{
	Connection *connection = event->connection;
	bool acks = (event->segment->flags & (TH_ACK | TH_RST)) == TH_ACK;
	bool data = event->segment->payload && event->class & SEGMENT_NEW;
	bool both = connection_side(connection, detect_peer(event->sender))->seen;

	observer_watch(observer, connection, !both);
	if (both) {
		observer_slot_drop(observer, connection);
		observer_await(observer, connection, false);
		return;
	}
	if (acks || data) {
		((CaptureDetector *)observer)->suspected = true;
		observer_await(observer, connection, true);
	}
	if (acks)
		note_acknowledgement(event, observer_slot(observer, connection));
	if (data)
		((Slot *)observer_slot(observer, connection))->data++;
}

static void capture_segment(Observer *observer, const SegmentEvent *event)
{
	CaptureDetector *detector = (CaptureDetector *)observer;
	Recall *recall = recall_of(detector->hosts.recall, event->connection);
	unsigned peer = detect_peer(event->sender);
	const char *fault = fault_of(event->segment);

	if (fault && !recall_has(recall, MARK_BAD_FLAGS))
		raise_bad_flags(detector, event, recall, fault);
	if (event->class & SEGMENT_STRAY || event->connection->self)
		return;
	/* A side's first ACK in a capture that began later speaks of what was sent before. */
	if (event->class & SEGMENT_ACK_UNSEEN && connection_side(event->connection, peer)->seen &&
	    !(event->class & SEGMENT_FIRST && event->connection->open == OPEN_MIDSTREAM) &&
	    recall_mark(recall, MARK_GAP))
		raise_gap(detector, event, recall);
	note_direction(observer, event);
}

/* The side of which alone segments were captured although the other spoke, or ANOMALY_NO_SIDE. */
static unsigned one_way_side(const Connection *connection, const Slot *slot)
{
	bool seen[2] = { connection->side[0].seen, connection->side[1].seen };

	if (seen[0] == seen[1] || (!slot->acknowledges && slot->data < ONE_WAY_DATA))
		return ANOMALY_NO_SIDE;
	return seen[0] ? 0 : 1;
}

static void count_one_way(void *data, Connection *connection)
{
	CaptureDetector *detector = data;
	const Observer *recall = detector->hosts.recall;
	Slot *slot = observer_slot_if_there(&detector->observer, connection);
	unsigned side = slot ? one_way_side(connection, slot) : ANOMALY_NO_SIDE;

	if (side == ANOMALY_NO_SIDE || slot->counted)
		return;
	slot->counted = true;
	detector->one_way[connection_is_client(connection, side)]++;
	detector->only = connection->number;
	detector->only_side = side;
	for (unsigned i = 0; i < 2; i++) {
		unsigned end = i ? detect_peer(side) : side;

		detector->ends[i] = connection->key.end[end];
		detector->names[i] = detect_side(connection, end);
	}
	if (detector->evidence_count < ANOMALY_FRAMES_MAX)
		detector->evidence[detector->evidence_count++] =
			recall_frame(recall, recall_of(recall, connection)->first);
}

static void capture_connection(Observer *observer, Connection *connection, ConnectionPhase phase)
{
	CaptureDetector *detector = (CaptureDetector *)observer;

	if (phase == CONNECTION_RETIRED)
		count_one_way(detector, connection);
}

static Anomaly one_way_anomaly(const CaptureDetector *detector, Connection *connection,
			       unsigned side)
{
	Anomaly anomaly = detect_later(connection, ANOMALY_ONE_WAY, side,
				       analysis_totals(detector->analysis)->last);

	for (unsigned i = 0; i < detector->evidence_count; i++)
		detect_evidence(&anomaly, detector->evidence[i]);
	return anomaly;
}

/* The only connection of its kind is named. */
static void raise_named(CaptureDetector *detector, Anomaly anomaly)
{
	detector->told = true;
	detect_raise(detector->analysis, anomaly,
		     "only segments of %s were captured, which show that %s sent some, too",
		     detector->names[0].text, detector->names[1].text);
}

static void raise_only_one_way(void *data, Connection *connection)
{
	CaptureDetector *detector = data;

	if (connection->number == detector->only)
		raise_named(detector, one_way_anomaly(detector, connection,
						      detect_peer(detector->only_side)));
}

/* It is over, and may not be there any more. */
static void raise_one_that_was(CaptureDetector *detector)
{
	Anomaly anomaly = one_way_anomaly(detector, NULL, ANOMALY_NO_SIDE);

	anomaly.hosts[0] = detector->ends[1];
	anomaly.hosts[1] = detector->ends[0];
	raise_named(detector, anomaly);
}

static void raise_one_way(CaptureDetector *detector, const AnalysisTotals *totals)
{
	unsigned count = detector->one_way[0] + detector->one_way[1];

	if (count == 1)
		analysis_each_awaited(detector->analysis, NULL, raise_only_one_way, detector);
	if (count == 1 && !detector->told)
		raise_one_that_was(detector);
	if (!detector->told)
		detect_raise(detector->analysis, one_way_anomaly(detector, NULL, ANOMALY_NO_SIDE),
			     "of %u of %u connections only one direction was captured: %u show "
			     "the client's segments, %u the server's",
			     count, totals->connections, detector->one_way[1],
			     detector->one_way[0]);
}

static void capture_copy(Observer *observer, const SegmentEvent *event)
{
	CaptureDetector *detector = (CaptureDetector *)observer;
	uint64_t place = 2 * detector->copies++;

	if (place + 1 < ANOMALY_FRAMES_MAX) {
		detector->copy_frames[place] = event->copy_of;
		detector->copy_frames[place + 1] = event->segment->frame;
	}
}

static void raise_copies(CaptureDetector *detector, const AnalysisTotals *totals)
{
	Anomaly anomaly =
		detect_later(NULL, ANOMALY_DUPLICATE_FRAMES, ANOMALY_NO_SIDE, totals->last);

	/* A net doubles a packet now and then. */
	if (detector->copies < COPIES_LEAST || detector->copies * COPIES_SHARE < totals->segments)
		anomaly.severity = SEVERITY_INFO;
	for (unsigned i = 0; i < ANOMALY_FRAMES_MAX; i++)
		detect_evidence(&anomaly, detector->copy_frames[i]);
	detect_raise(detector->analysis, anomaly,
		     "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
		     " TCP segments are copies: frame %" G_GUINT64_FORMAT
		     " holds the segment of frame %" G_GUINT64_FORMAT
		     " once more; no copy moves a state or counts as a repetition",
		     detector->copies, totals->segments, detector->copy_frames[1],
		     detector->copy_frames[0]);
}

static void capture_finish(Observer *observer, const AnalysisTotals *totals)
{
	CaptureDetector *detector = (CaptureDetector *)observer;

	if (detector->suspected)
		analysis_each_awaited(detector->analysis, NULL, count_one_way, detector);
	if (detector->copies)
		raise_copies(detector, totals);
	if (detector->one_way[0] || detector->one_way[1])
		raise_one_way(detector, totals);
}

static void capture_free(Observer *observer)
{
	g_free(observer);
}

Observer *detect_capture_new(Analysis *analysis, const HostDetectors *hosts)
{
	CaptureDetector *detector = g_new(CaptureDetector, 1);

	*detector = (CaptureDetector){
		.observer = {
			.slot_size = sizeof(Slot),
			.slot_is_rare = true,
			/* Flags that do not go together, and the first sign of each side. */
			.wants_flags = TH_SYN | TH_RST,
			.wants_classes = SEGMENT_FIRST | SEGMENT_NO_ACK | SEGMENT_ACK_UNSEEN,
			.segment = capture_segment,
			.copy = capture_copy,
			.connection = capture_connection,
			.finish = capture_finish,
			.free = capture_free,
		},
		.analysis = analysis,
		.hosts = *hosts,
	};
	return &detector->observer;
}
