/* Anomalies around RSTs. Knows who reset what, when and in which stage, and whether it was
 * believed; knows nothing of silence.
 *
 * A RST is one of four things. It breaks a live connection off (reset), it comes from a side that
 * had closed already or to one that has (reset-after-close), its receiver must not believe it
 * (reset-ignored; RFC 5961 3.2), or it is how a side that knows nothing of the connection answers a
 * segment of it (half-open; RFC 9293 3.5.1). Only the last has no ACK and stands at the number that
 * the segment before it acknowledged: RFC 9293 3.10.7.1 makes a RST from a segment for which there
 * is no connection that way, while a socket that is aborted sends RST and ACK. One RST raises one
 * of the four and no other. A RST that answers a SYN is a refusal, see opening.c.
 *
 * The other way in which a lost connection shows: the side that forgot it opens it again. Its SYN
 * is challenged with an ACK (RFC 5961 4), which it answers with a RST. */
#include "detect/detect.h"
#include "detect/probe.h"
#include "detect/raise.h"
#include "detect/rst-cause.h"
#include "detect/survey.h"

/* An ACK that comes later than this after the RST or SYN that it may challenge is about something
 * else; and a RST later than this after a segment does not answer that. */
#define CHALLENGE_WITHIN (3 * NSTIME_SECOND)

/* A client that resets so soon after a segment with data of the server stops a transfer. */
#define CANCELLED_WITHIN (100 * NSTIME_MILLISECOND)

/* Who resets after so many keep-alives or repetitions without an answer gave up: what was wrong was
 * said before, as dead-peer. */
#define UNANSWERED 3

typedef struct {
	Observer observer;   /* first: it is one */
	Analysis *analysis;  /* where anomalies go */
	HostDetectors hosts; /* who knows of hosts */
} ResetDetector;

/* Per connection. */
typedef struct {
	uint64_t last[2];      /* frame of each side's last segment; 0: none yet */
	uint64_t odd[2];       /* frame of a SYN, SYN-ACK or bad RST of it that its peer may
				* challenge */
	NsTime odd_time[2];    /* when that passed */
	uint64_t syn[2];       /* frame of such a SYN that was challenged; 0: none */
	uint64_t challenge[2]; /* frame of the peer's ACK that did it */
	unsigned asked[2];     /* keep-alives and repetitions since its peer's last segment */
	bool synchronised[2];  /* it has sent something that is neither SYN nor RST */
	bool had_payload[2];   /* its last segment carried data */
	bool odd_syn_ack[2];   /* @odd is a SYN-ACK */
	RstMemory memory;      /* what explains a RST */
	/* Each kind is raised once a side. */
	bool ignored_raised[2], after_raised[2], challenge_raised[2];
} Slot;

static bool is_over(TcpState state)
{
	return state == TCP_STATE_CLOSED || state == TCP_STATE_TIME_WAIT;
}

static bool is_opening(TcpState state)
{
	return state == TCP_STATE_SYN_SENT || state == TCP_STATE_SYN_RCVD;
}

static bool is_before_syn(TcpState state)
{
	return state == TCP_STATE_UNKNOWN || state == TCP_STATE_LISTEN ||
	       state == TCP_STATE_SYN_SENT;
}

static ResetStage stage_of(const SegmentEvent *event, const Slot *slot)
{
	unsigned sender = event->sender, receiver = detect_peer(sender);
	TcpState own = event->before[sender], other = event->before[receiver];

	if (is_over(own) || is_over(other))
		return STAGE_CLOSED;
	if (is_opening(own) || is_opening(other))
		return is_before_syn(own) && is_before_syn(other) ? STAGE_SYN : STAGE_HANDSHAKE;
	/* It sent its SYN-ACK and nothing since: that the ACK had reached it was only assumed, and
	 * this RST without ACK refuses that ACK (Linux: net.ipv4.tcp_abort_on_overflow). */
	if (connection_side(event->connection, sender)->has_iss && !slot->synchronised[sender] &&
	    !(event->segment->flags & TH_ACK))
		return STAGE_HANDSHAKE;
	if (connection_side(event->connection, sender)->fin_sent ||
	    connection_side(event->connection, receiver)->fin_sent)
		return STAGE_CLOSE;
	return STAGE_DATA;
}

static Anomaly about_rst(const SegmentEvent *event, AnomalyKind kind, const Slot *slot)
{
	Anomaly anomaly = detect_at(event, kind, event->sender);

	anomaly.stage = stage_of(event, slot);
	anomaly.idle = event->idle;
	detect_evidence(&anomaly, slot->last[detect_peer(event->sender)]);
	return anomaly;
}

static void raise_ignored(ResetDetector *detector, const SegmentEvent *event, Slot *slot)
{
	Connection *connection = event->connection;
	unsigned sender = event->sender, receiver = detect_peer(sender);
	Anomaly anomaly = about_rst(event, ANOMALY_RESET_IGNORED, slot);

	if (slot->ignored_raised[sender])
		return;
	slot->ignored_raised[sender] = true;
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
	Anomaly anomaly = about_rst(event, ANOMALY_RESET_AFTER_CLOSE, slot);
	bool lost;

	rst_explain(detector->analysis, &slot->memory, event, &anomaly, RST_CLOSED);
	if (slot->after_raised[sender])
		return;
	slot->after_raised[sender] = true;
	lost = rst_loses_request(&slot->memory, event, &anomaly);
	detect_raise(detector->analysis, anomaly,
		     "%s sent a RST %s after the last segment, when it was in %s and %s in %s%s",
		     detect_side(connection, sender).text, detect_span(event->idle).text,
		     tcp_state_name(event->before[sender]), detect_side(connection, receiver).text,
		     tcp_state_name(event->before[receiver]),
		     lost ? ": the request had no reader" : "");
}

static const char *reset_hint(const SegmentEvent *event, ResetStage stage)
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

/* Nobody misses a SYN that is taken back, an attempt that the client gave up, a connection that its
 * client broke off before any data, as health checks do, or while data came in that it no longer
 * wants, as browsers do when a tab is closed, or a close by RST when all had arrived. */
static bool is_harmless(const SegmentEvent *event, const Slot *slot, ResetStage stage, bool all)
{
	bool by_client = connection_is_client(event->connection, event->sender);
	bool data = slot->memory.data[0] || slot->memory.data[1];
	bool cancelled = slot->memory.data_last == detect_peer(event->sender) + 1 &&
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
	Anomaly anomaly = about_rst(event, ANOMALY_RESET, slot);
	const char *loss = rst_loss(connection_side(connection, sender));
	bool alone = !slot->last[sender] && !slot->last[receiver];
	static const char *const when[] = {
		[STAGE_SYN] = "before its SYN was answered",
		[STAGE_HANDSHAKE] = "during the handshake",
		[STAGE_DATA] = "while it was open",
		[STAGE_CLOSE] = "after its peer's FIN",
		[STAGE_CLOSED] = "after its end",
	};

	if (is_harmless(event, slot, anomaly.stage, !*loss) || alone)
		anomaly.severity = SEVERITY_INFO;
	/* What was said of a host is not said again of each of its connections. */
	if (anomaly.severity == SEVERITY_INFO && connection_is_client(connection, sender) &&
	    (survey_is_scan(detector->hosts.survey, connection) ||
	     probe_is_known(detector->hosts.probe, connection)))
		return;
	if (alone) {
		detect_raise(detector->analysis, anomaly,
			     "%s reset a connection with %s of which nothing else was captured",
			     detect_side(connection, sender).text,
			     detect_side(connection, receiver).text);
		return;
	}
	anomaly.hint = reset_hint(event, anomaly.stage);
	detect_evidence(&anomaly, slot->last[sender]);
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
static bool forgot(const SegmentEvent *event, const Slot *slot)
{
	unsigned sender = event->sender, receiver = detect_peer(sender);

	if (event->segment->flags & TH_ACK || !(event->class & SEGMENT_RST_CLOSES))
		return false;
	/* It answers the receiver's last segment at once; nothing of its own came between. */
	if (!slot->last[receiver] || slot->last[sender] > slot->last[receiver] ||
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
	return slot->synchronised[sender] ||
	       (!slot->last[sender] && slot->synchronised[receiver] && slot->had_payload[receiver]);
}

static void raise_half_open(ResetDetector *detector, const SegmentEvent *event, const Slot *slot)
{
	Connection *connection = event->connection;
	unsigned sender = event->sender, receiver = detect_peer(sender);
	Anomaly anomaly = detect_at(event, ANOMALY_HALF_OPEN, sender);
	bool never = !slot->synchronised[sender] && connection_side(connection, sender)->expired;
	NsTime silence = never ? 0 : rst_silence(&slot->memory, event);

	detect_evidence(&anomaly, slot->last[sender]);
	detect_evidence(&anomaly, slot->last[receiver]);
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
		     detect_side(connection, receiver).text, slot->last[receiver],
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

	detect_evidence(&anomaly, slot->syn[sender]);
	detect_evidence(&anomaly, slot->challenge[sender]);
	detect_raise(detector->analysis, anomaly,
		     "%s no longer knew the connection: it sent a SYN (frame %" G_GUINT64_FORMAT
		     "), %s answered with an ACK of the old one, and that was reset",
		     detect_side(connection, sender).text, slot->syn[sender],
		     detect_side(connection, receiver).text);
}

static void judge_rst(ResetDetector *detector, const SegmentEvent *event, Slot *slot)
{
	unsigned sender = event->sender, receiver = detect_peer(sender);
	const TcpSide *side = connection_side(event->connection, sender);

	/* Nor is the answer to a segment that no TCP sends the end of anything. */
	if (detect_is_refusal(event) || survey_is_odd(detector->hosts.survey, event->connection))
		return;
	if (slot->syn[sender] && slot->challenge[sender] >= slot->last[sender] &&
	    (event->class & (SEGMENT_RST_IGNORED | SEGMENT_RST_ANSWERS)) != SEGMENT_RST_IGNORED) {
		/* In TIME_WAIT nobody is left to be surprised: that is how ports are reused. */
		if (event->before[receiver] != TCP_STATE_TIME_WAIT)
			raise_reopened(detector, event, slot);
		slot->syn[sender] = 0;
	} else if (event->class & SEGMENT_RST_ANSWERS && !(event->class & SEGMENT_RST_CLOSES)) {
		/* It tells the sender of a bad segment so and ends nothing. */
		return;
	} else if (event->class & SEGMENT_RST_IGNORED && !is_over(event->before[receiver])) {
		raise_ignored(detector, event, slot);
	} else if (is_over(event->before[receiver]) || side->fin_sent ||
		   (is_over(event->before[sender]) && !side->expired)) {
		raise_after_close(detector, event, slot);
	} else if (forgot(event, slot)) {
		raise_half_open(detector, event, slot);
	} else if (event->class & SEGMENT_RST_CLOSES) {
		raise_reset(detector, event, slot);
	}
}

/* RFC 5961 3.2 and 4.2: a RST that is not exact, and a SYN with or without ACK, are answered with
 * an ACK, which asks whether they were meant. */
static void judge_challenge(ResetDetector *detector, const SegmentEvent *event, Slot *slot)
{
	Connection *connection = event->connection;
	unsigned sender = event->sender, asked = detect_peer(sender);
	uint64_t odd = slot->odd[asked];
	bool syn = odd && slot->syn[asked] == odd;
	Anomaly anomaly;

	slot->odd[asked] = 0;
	if (!odd || odd != slot->last[asked] || !(event->class & SEGMENT_BARE_ACK) ||
	    event->segment->time - slot->odd_time[asked] > CHALLENGE_WITHIN)
		return;
	/* A SYN is challenged by who holds a connection, perhaps one that the capture does not. */
	if (syn && !detect_is_synchronised(event->before[sender]) &&
	    !(event->class & SEGMENT_ACK_BAD))
		return;
	slot->challenge[asked] = event->segment->frame;
	if (slot->challenge_raised[sender])
		return;
	slot->challenge_raised[sender] = true;
	anomaly = detect_at(event, ANOMALY_CHALLENGE_ACK, sender);
	detect_evidence(&anomaly, odd);
	detect_raise(detector->analysis, anomaly,
		     "%s answered the %s in the name of %s (frame %" G_GUINT64_FORMAT
		     ") with an ACK and stayed in %s",
		     detect_side(connection, sender).text,
		     syn                        ? "SYN"
		     : slot->odd_syn_ack[asked] ? "SYN-ACK"
						: "RST",
		     detect_side(connection, asked).text, odd,
		     tcp_state_name(connection_state(connection, sender)));
}

/* Keeps what the receiver may challenge: a RST that does not close it, unless that is an answer
 * itself, a SYN, and a SYN-ACK with another number. */
static void note_odd(const SegmentEvent *event, Slot *slot)
{
	unsigned sender = event->sender;
	bool syn = (event->segment->flags & (TH_SYN | TH_ACK | TH_RST)) == TH_SYN;
	bool syn_ack = (event->segment->flags & (TH_SYN | TH_ACK | TH_RST)) == (TH_SYN | TH_ACK) &&
		       (event->class & SEGMENT_STRAY);

	if (!syn && !syn_ack &&
	    (event->class & (SEGMENT_RST_IGNORED | SEGMENT_RST_ANSWERS)) != SEGMENT_RST_IGNORED)
		return;
	slot->odd[sender] = event->segment->frame;
	slot->odd_time[sender] = event->segment->time;
	slot->odd_syn_ack[sender] = syn_ack;
	slot->syn[sender] = syn ? event->segment->frame : 0;
	slot->challenge[sender] = 0;
}

static void reset_segment(Observer *observer, const SegmentEvent *event)
{
	ResetDetector *detector = (ResetDetector *)observer;
	Slot *slot = observer_slot(observer, event->connection);
	unsigned sender = event->sender;
	bool rst = event->segment->flags & TH_RST;

	if (rst)
		judge_rst(detector, event, slot);
	else
		judge_challenge(detector, event, slot);
	note_odd(event, slot);
	slot->last[sender] = event->segment->frame;
	slot->asked[detect_peer(sender)] = 0;
	if (event->class & (SEGMENT_KEEP_ALIVE | SEGMENT_AGAIN))
		slot->asked[sender]++;
	slot->had_payload[sender] = event->segment->payload;
	if (!(event->segment->flags & (TH_SYN | TH_RST)))
		slot->synchronised[sender] = true;
	rst_note(&slot->memory, event);
}

static void reset_free(Observer *observer)
{
	g_free(observer);
}

Observer *detect_reset_new(Analysis *analysis, const HostDetectors *hosts)
{
	ResetDetector *detector = g_new(ResetDetector, 1);

	*detector = (ResetDetector){
		.observer = {
			.slot_size = sizeof(Slot),
			.wants_flags = WANTS_ALL,
			.segment = reset_segment,
			.free = reset_free,
		},
		.analysis = analysis,
		.hosts = *hosts,
	};
	return &detector->observer;
}
