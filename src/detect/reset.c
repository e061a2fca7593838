/* Anomalies around RSTs. Knows who reset what, when and in which stage, and whether it was
 * believed; knows nothing of silence.
 *
 * A RST is one of four things, and raises only that. It breaks a live connection off (reset), it
 * comes from a side that had closed already or to one that has (reset-after-close), its receiver
 * must not believe it (reset-ignored; RFC 5961 3.2), or a side that knows nothing of the connection
 * answers a segment of it (half-open; RFC 9293 3.5.1). Only the last has no ACK and stands at the
 * number that the segment before it acknowledged (RFC 9293 3.10.7.1); an aborted socket sends RST
 * and ACK. A RST that answers a SYN is a refusal, see opening.c.
 *
 * Or the side that forgot a connection opens it again. Its SYN is challenged with an ACK (RFC 5961
 * 4), which it answers with a RST. */
#include "detect/detect.h"
#include "detect/probe.h"
#include "detect/raise.h"
#include "detect/recall.h"
#include "detect/rst-cause.h"
#include "detect/survey.h"

/* An ACK that comes later than this after the RST or SYN that it may challenge is about something
 * else; and a RST later than this after a segment does not answer that. Nor does an ACK of so few
 * bytes behind a SYN challenge it: the capture lacks the rest of that handshake. */
#define CHALLENGE_WITHIN (3 * NSTIME_SECOND)
#define OWN_BYTES        (1u << 20)

/* Who resets after so many keep-alives or repetitions without an answer gave up: what was wrong was
 * said before, as dead-peer. */
#define UNANSWERED 3

typedef struct {
	Observer observer;   /* first: it is one */
	Analysis *analysis;  /* where anomalies go */
	HostDetectors hosts; /* who knows of hosts and frames */
} ResetDetector;

/* A segment that its receiver may challenge. */
typedef enum { ODD_NONE, ODD_RST, ODD_SYN_ACK, ODD_SYN } Odd;

/* Per connection. */
typedef struct {
	uint8_t asked[2];       /* keep-alives and repetitions since its peer's last segment */
	uint8_t odd[2];         /* Odd: what its last segment is, when its peer has not answered */
	uint8_t challenged : 2; /* a bit for each side: Rare.challenge is valid */
	RstMemory memory;       /* what explains a RST */
} Slot;

/* What few connections need: connection_extra()'s. */
typedef struct {
	RstSilence silence;    /* first: it is looked for as one. What may explain a RST */
	uint64_t challenge[2]; /* frame of the ACK with which the peer challenged a SYN that is its
				* last segment; see Slot.challenged */
} Rare;

static Rare *rare_of(const ResetDetector *detector, Connection *connection)
{
	return connection_extra(connection, detector->observer.id, sizeof(Rare));
}

/* The ACK that challenged the SYN which is the side's last segment; 0: none did. */
static uint64_t challenge_of(const ResetDetector *detector, Connection *connection,
			     const Slot *slot, unsigned side)
{
	return slot->challenged & 1u << side ? rare_of(detector, connection)->challenge[side] : 0;
}

static Recall *remembered(const ResetDetector *detector, const Connection *connection)
{
	return recall_of(detector->hosts.recall, connection);
}

/* Frame of the last segment of the side, before the one at hand; 0: none yet. */
static uint64_t last_of(const ResetDetector *detector, const SegmentEvent *event, unsigned side)
{
	return recall_frame(detector->hosts.recall,
			    remembered(detector, event->connection)->last[side]);
}

static bool is_over(TcpState state)
{
	return state == TCP_STATE_CLOSED || state == TCP_STATE_TIME_WAIT;
}

static bool is_before_syn(TcpState state)
{
	return state == TCP_STATE_UNKNOWN || state == TCP_STATE_LISTEN ||
	       state == TCP_STATE_SYN_SENT;
}

static ResetStage stage_of(const SegmentEvent *event, const Recall *recall)
{
	unsigned sender = event->sender, receiver = detect_peer(sender);
	TcpState own = event->before[sender], other = event->before[receiver];

	if (is_over(own) || is_over(other))
		return STAGE_CLOSED;
	if (detect_is_opening(own) || detect_is_opening(other))
		return is_before_syn(own) && is_before_syn(other) ? STAGE_SYN : STAGE_HANDSHAKE;
	/* It sent its SYN-ACK and nothing since: that the ACK had reached it was only assumed, and
	 * this RST without ACK refuses that ACK (Linux: net.ipv4.tcp_abort_on_overflow). */
	if (connection_side(event->connection, sender)->has_iss &&
	    !(recall->synchronised & 1u << sender) && !(event->segment->flags & TH_ACK))
		return STAGE_HANDSHAKE;
	if (connection_side(event->connection, sender)->fin_sent ||
	    connection_side(event->connection, receiver)->fin_sent)
		return STAGE_CLOSE;
	return STAGE_DATA;
}

static Anomaly about_rst(const ResetDetector *detector, const SegmentEvent *event, AnomalyKind kind)
{
	Anomaly anomaly = detect_at(event, kind, event->sender);

	anomaly.stage = stage_of(event, remembered(detector, event->connection));
	anomaly.idle = event->idle;
	detect_evidence(&anomaly, last_of(detector, event, detect_peer(event->sender)));
	return anomaly;
}

static void raise_ignored(ResetDetector *detector, const SegmentEvent *event, Slot *slot)
{
	Connection *connection = event->connection;
	unsigned sender = event->sender, receiver = detect_peer(sender);
	Anomaly anomaly = about_rst(detector, event, ANOMALY_RESET_IGNORED);

	if (!recall_mark(remembered(detector, connection), MARK_RST_IGNORED_SIDES + sender))
		return;
	if (rst_explain(detector->analysis, &slot->memory, event, &anomaly, RST_IGNORED))
		anomaly.severity = SEVERITY_INFO;
	detect_raise(detector->analysis, anomaly,
		     "%s has to ignore the RST in the name of %s: its number %u is not the one "
		     "that it expects",
		     detect_side(connection, receiver).text, detect_side(connection, sender).text,
		     event->segment->seq);
}

static void raise_after_close(ResetDetector *detector, const SegmentEvent *event, Slot *slot)
{
	Connection *connection = event->connection;
	unsigned sender = event->sender, receiver = detect_peer(sender);
	Anomaly anomaly = about_rst(detector, event, ANOMALY_RESET_AFTER_CLOSE);
	bool lost;

	rst_explain(detector->analysis, &slot->memory, event, &anomaly, RST_CLOSED);
	if (!recall_mark(remembered(detector, connection), MARK_RST_AFTER_SIDES + sender))
		return;
	lost = rst_loses_request(&slot->memory, event, &anomaly);
	detect_raise(detector->analysis, anomaly,
		     "%s sent a RST %s after the last segment, when it was in %s and %s in %s%s",
		     detect_side(connection, sender).text, detect_span(event->idle).text,
		     tcp_state_name(event->before[sender]), detect_side(connection, receiver).text,
		     tcp_state_name(event->before[receiver]),
		     lost ? ": the request had no reader" : "");
}

/* A health check is told as one of many once there were enough of them. */
static void note_probe(ResetDetector *detector, Connection *connection, const Slot *slot,
		       Anomaly anomaly)
{
	if (anomaly.severity != SEVERITY_INFO)
		return;
	probe_note(detector->hosts.probe, connection, &anomaly);
	anomaly.kind = ANOMALY_ABORTIVE_CLOSE;
	if (slot->memory.abort_raised)
		probe_note(detector->hosts.probe, connection, &anomaly);
}

static void raise_reset(ResetDetector *detector, const SegmentEvent *event, Slot *slot)
{
	Connection *connection = event->connection;
	unsigned sender = event->sender, receiver = detect_peer(sender);
	Anomaly anomaly = about_rst(detector, event, ANOMALY_RESET);
	const Recall *recall = remembered(detector, connection);
	const char *loss = rst_loss(connection_side(connection, sender));
	/* Who is asked by one segment, the first that was captured, and has no such connection,
	 * says so without ACK (RFC 9293 3.10.7.1): that segment was late, or of a scan. */
	bool answers = recall->last[receiver] && recall->last[receiver] == recall->first &&
		       !(event->segment->flags & TH_ACK);
	bool alone = !recall->last[sender] && (!recall->last[receiver] || answers);
	static const char *const when[] = {
		[STAGE_SYN] = "before its SYN was answered",
		[STAGE_HANDSHAKE] = "during the handshake",
		[STAGE_DATA] = "while it was open",
		[STAGE_CLOSE] = "after its peer's FIN",
		[STAGE_CLOSED] = "after its end",
	};

	if (rst_is_harmless(&slot->memory, event, anomaly.stage, !*loss) || alone)
		anomaly.severity = SEVERITY_INFO;
	/* What was said of a host is not said again of each of its connections. */
	if (anomaly.severity == SEVERITY_INFO && connection_is_client(connection, sender) &&
	    (survey_is_scan(detector->hosts.survey, connection) ||
	     probe_is_known(detector->hosts.probe, connection)))
		return;
	if (alone) {
		detect_raise(detector->analysis, anomaly,
			     "%s %s %s of which nothing else was captured",
			     detect_side(connection, sender).text,
			     answers ? "answered with a RST a segment of a connection with"
				     : "reset a connection with",
			     detect_side(connection, receiver).text);
		return;
	}
	anomaly.hint = rst_hint(event, anomaly.stage);
	detect_evidence(&anomaly, last_of(detector, event, sender));
	if (slot->asked[sender]) {
		/* From the third on, what is wrong has been said. */
		if (slot->asked[sender] >= UNANSWERED)
			anomaly.severity = SEVERITY_INFO;
		anomaly.hint = "It gave up because its peer no longer answers: look for the peer's "
			       "host and the path to it.";
		loss = ", without an answer to its keep-alives or repetitions";
	} else if (rst_explain(detector->analysis, &slot->memory, event, &anomaly, RST_BREAKS)) {
		anomaly.severity = SEVERITY_INFO;
	}
	note_probe(detector, connection, slot, anomaly);
	detect_raise(detector->analysis, anomaly,
		     "%s reset the connection with %s %s, %s after the last segment%s",
		     detect_side(connection, sender).text, detect_side(connection, receiver).text,
		     when[anomaly.stage], detect_span(event->idle).text, loss);
}

/* RFC 9293 3.5.1, figure 10: a segment of one side met a host that has no such connection. */
static bool forgot(const ResetDetector *detector, const SegmentEvent *event, const Slot *slot)
{
	const Recall *recall = remembered(detector, event->connection);
	unsigned sender = event->sender, receiver = detect_peer(sender);

	if (event->segment->flags & TH_ACK || !(event->class & SEGMENT_RST_CLOSES))
		return false;
	/* It answers the receiver's last segment at once; nothing of its own came between. */
	if (!last_of(detector, event, receiver) ||
	    last_of(detector, event, sender) > last_of(detector, event, receiver) ||
	    event->idle > CHALLENGE_WITHIN)
		return false;
	/* Somebody else spoke in its name. */
	if (rst_is_foreign(&slot->memory, event))
		return false;
	/* It gave the handshake up long ago, in silence, and its peer never knew. */
	if (connection_side(event->connection, sender)->expired)
		return event->before[receiver] == TCP_STATE_ESTABLISHED;
	/* The sender must have been there once, or the receiver must have thought so enough to send
	 * it data. */
	return recall->synchronised & 1u << sender ||
	       (!last_of(detector, event, sender) && recall->synchronised & 1u << receiver &&
		recall->payload & 1u << receiver);
}

static void raise_half_open(ResetDetector *detector, const SegmentEvent *event, Slot *slot)
{
	Connection *connection = event->connection;
	unsigned sender = event->sender, receiver = detect_peer(sender);
	Anomaly anomaly = detect_at(event, ANOMALY_HALF_OPEN, sender);
	bool never = !(remembered(detector, connection)->synchronised & 1u << sender) &&
		     connection_side(connection, sender)->expired;
	const RstSilence *gap = connection_extra_find(connection, detector->observer.id);
	NsTime silence = never ? 0 : rst_silence(gap, event);

	rst_excuse(&slot->memory, event, true);
	detect_evidence(&anomaly, last_of(detector, event, sender));
	detect_evidence(&anomaly, last_of(detector, event, receiver));
	if (never)
		anomaly.hint = "The client was told that it is connected, and the server had given "
			       "up: its accept queue was full, or the client's ACK was lost; see "
			       "handshake-ack-ignored and handshake-incomplete of this connection.";
	else if (silence)
		anomaly.hint = "One side, or a device between, dropped the connection while it was "
			       "idle and says so only now (AWS Network Load Balancers and NAT "
			       "gateways do so, after 350 s): use keep-alives at shorter intervals "
			       "(SO_KEEPALIVE with TCP_KEEPIDLE), or raise its limit.";
	detect_raise(detector->analysis, anomaly,
		     "%s %s and answered the segment of %s (frame %" G_GUINT64_FORMAT
		     ") with a RST%s%s",
		     detect_side(connection, sender).text,
		     never ? "had given up the handshake" : "no longer knew the connection",
		     detect_side(connection, receiver).text, last_of(detector, event, receiver),
		     never     ? ""
		     : silence ? ", after a silence of "
			       : ", without having closed or reset it before",
		     silence ? detect_span(silence).text : "");
}

/* RFC 9293 3.5.1, figure 9: the SYN of a side that forgot the connection was challenged. */
static void raise_reopened(ResetDetector *detector, const SegmentEvent *event, const Slot *slot)
{
	Connection *connection = event->connection;
	unsigned sender = event->sender, receiver = detect_peer(sender);
	Anomaly anomaly = detect_at(event, ANOMALY_HALF_OPEN, sender);

	detect_evidence(&anomaly, last_of(detector, event, sender));
	detect_evidence(&anomaly, challenge_of(detector, connection, slot, sender));
	detect_raise(detector->analysis, anomaly,
		     "%s no longer knew the connection: it sent a SYN (frame %" G_GUINT64_FORMAT
		     "), %s answered with an ACK of the old one, and that was reset",
		     detect_side(connection, sender).text, last_of(detector, event, sender),
		     detect_side(connection, receiver).text);
}

static void judge_rst(ResetDetector *detector, const SegmentEvent *event, Slot *slot)
{
	unsigned sender = event->sender, receiver = detect_peer(sender);
	const TcpSide *side = connection_side(event->connection, sender);
	uint64_t challenge = challenge_of(detector, event->connection, slot, sender);

	/* Nor is the answer to a segment that no TCP sends the end of anything. */
	if (detect_is_refusal(event) || survey_is_odd(detector->hosts.survey, event->connection))
		return;
	if (challenge && challenge >= last_of(detector, event, sender) &&
	    (event->class & (SEGMENT_RST_IGNORED | SEGMENT_RST_ANSWERS)) != SEGMENT_RST_IGNORED) {
		/* In TIME_WAIT nobody is left to be surprised: that is how ports are reused. */
		if (event->before[receiver] != TCP_STATE_TIME_WAIT)
			raise_reopened(detector, event, slot);
		slot->challenged &= ~(1u << sender);
	} else if (event->class & SEGMENT_RST_ANSWERS && !(event->class & SEGMENT_RST_CLOSES)) {
		/* It tells the sender of a bad segment so and ends nothing. */
		return;
	} else if (event->class & SEGMENT_RST_IGNORED && !is_over(event->before[receiver])) {
		raise_ignored(detector, event, slot);
	} else if (is_over(event->before[receiver]) || side->fin_sent ||
		   (is_over(event->before[sender]) && !side->expired)) {
		raise_after_close(detector, event, slot);
	} else if (forgot(detector, event, slot)) {
		raise_half_open(detector, event, slot);
	} else if (event->class & SEGMENT_RST_CLOSES) {
		raise_reset(detector, event, slot);
	}
}

/* RFC 5961 3.2 and 4.2: what is not exact is answered with an ACK, which asks if it was meant. */
static void judge_challenge(ResetDetector *detector, const SegmentEvent *event, Slot *slot)
{
	Connection *connection = event->connection;
	unsigned sender = event->sender, asked = detect_peer(sender);
	uint64_t frame = last_of(detector, event, asked);
	static const char *const names[] = { "", "RST", "SYN-ACK", "SYN" };
	Odd odd = slot->odd[asked];
	bool syn = odd == ODD_SYN;
	Anomaly anomaly = detect_at(event, ANOMALY_CHALLENGE_ACK, sender);

	slot->odd[asked] = ODD_NONE;
	if (!(event->class & SEGMENT_BARE_ACK) ||
	    event->segment->time - connection->last_sent[connection->self ? 0 : asked] >
		    CHALLENGE_WITHIN)
		return;
	/* A SYN is challenged by who holds a connection, perhaps one that the capture does not. */
	if (syn && !detect_is_synchronised(event->before[sender]) &&
	    (!(event->class & SEGMENT_ACK_BAD) ||
	     event->segment->ack - connection_side(connection, asked)->iss <= OWN_BYTES))
		return;
	if (syn) {
		slot->challenged |= 1u << asked;
		rare_of(detector, connection)->challenge[asked] = event->segment->frame;
	}
	if (!recall_mark(remembered(detector, connection), MARK_CHALLENGE_SIDES + sender))
		return;
	detect_evidence(&anomaly, frame);
	detect_raise(detector->analysis, anomaly,
		     "%s answered the %s in the name of %s (frame %" G_GUINT64_FORMAT
		     ") with an ACK and stayed in %s",
		     detect_side(connection, sender).text, names[odd],
		     detect_side(connection, asked).text, frame,
		     tcp_state_name(connection_state(connection, sender)));
}

/* Keeps what the receiver may challenge: a RST that does not close it, unless that is an answer
 * itself, a SYN, and a SYN-ACK with another number. */
static void note_odd(const SegmentEvent *event, Slot *slot)
{
	unsigned sender = event->sender;
	unsigned flags = event->segment->flags & (TH_SYN | TH_ACK | TH_RST);
	Odd odd = ODD_NONE;

	if (flags == TH_SYN)
		odd = ODD_SYN;
	else if (flags == (TH_SYN | TH_ACK) && event->class & SEGMENT_STRAY)
		odd = ODD_SYN_ACK;
	else if ((event->class & (SEGMENT_RST_IGNORED | SEGMENT_RST_ANSWERS)) ==
		 SEGMENT_RST_IGNORED)
		odd = ODD_RST;
	slot->odd[sender] = odd;
	if (odd != ODD_NONE)
		slot->challenged &= ~(1u << sender);
}

static void reset_segment(Observer *observer, const SegmentEvent *event)
{
	ResetDetector *detector = (ResetDetector *)observer;
	Slot *slot = observer_slot(observer, event->connection);
	unsigned sender = event->sender, receiver = detect_peer(sender);

	slot->asked[receiver] = 0;
	if (event->steady && slot->odd[receiver] == ODD_NONE && event->idle < RST_GAP) {
		slot->odd[sender] = ODD_NONE;
		rst_note_steady(&slot->memory, event);
		return;
	}
	if (event->segment->flags & TH_RST)
		judge_rst(detector, event, slot);
	else if (slot->odd[receiver] != ODD_NONE)
		judge_challenge(detector, event, slot);
	note_odd(event, slot);
	if (event->class & (SEGMENT_KEEP_ALIVE | SEGMENT_AGAIN))
		slot->asked[sender] = (uint8_t)MIN(slot->asked[sender] + 1, UINT8_MAX);
	if (rst_ends_silence(&slot->memory, event))
		rst_note_silence(&slot->memory, &rare_of(detector, event->connection)->silence,
				 event);
	rst_note(&slot->memory, event);
}

static void reset_copy(Observer *observer, const SegmentEvent *event)
{
	rst_judge_copy(((ResetDetector *)observer)->analysis,
		       &((Slot *)observer_slot(observer, event->connection))->memory,
		       connection_extra_find(event->connection, observer->id), event);
}

static bool has_closed(const Connection *connection, unsigned side)
{
	const TcpSide *state = connection_side(connection, side);

	return is_over(state->state) && state->fin_sent && !state->reset && !state->reset_sent;
}

/* Of a connection that both sides have closed nobody asks why it ended. */
static void reset_transition(Observer *observer, const Transition *transition)
{
	Connection *connection = transition->connection;

	if (is_over(transition->to) && has_closed(connection, 0) && has_closed(connection, 1))
		rst_forget(&((Slot *)observer_slot(observer, connection))->memory);
}

Observer *detect_reset_new(Analysis *analysis, const HostDetectors *hosts)
{
	ResetDetector *detector = g_new(ResetDetector, 1);

	*detector = (ResetDetector){
		.observer = {
			.slot_size = sizeof(Slot),
			.wants_flags = WANTS_ALL,
			.segment = reset_segment,
			.copy = reset_copy,
			.wants_enter = STATE_BIT(TCP_STATE_TIME_WAIT) | STATE_BIT(TCP_STATE_CLOSED),
			.transition = reset_transition,
		},
		.analysis = analysis,
		.hosts = *hosts,
	};
	return &detector->observer;
}
