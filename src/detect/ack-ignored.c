/* Servers that ignore the ACK of a handshake. Knows such handshakes and what comes after them; does
 * not know which SYN-ACKs count, see opening.c, nor what follows from it all, see ack-cause.c.
 *
 * The cause is weighed at the first repetition, where somebody may be waiting for it, and once more
 * when the matter is over and others of that server had their time; what was said first is taken
 * back if it was something else. */
#include "detect/ack-ignored.h"

#include <stdio.h>

#include "detect/ack-cause.h"
#include "detect/detect.h"
#include "detect/raise.h"

/* What a server does with one handshake says something of another for so long. */
#define TOGETHER (60 * NSTIME_SECOND)

/* An answer to the first data that comes so soon needed no second copy of them. */
#define AT_ONCE (500 * NSTIME_MILLISECOND)

/* A server that speaks first does so within this time. One that tires of a silent client is more
 * patient; it may have accepted that when deferred accept gave up. */
#define GREETING (3 * NSTIME_SECOND)

/* Servers that are watched at once, those that ignored something last; and how often the cause of
 * one connection is told. */
#define SERVERS  16
#define TOLD_MAX 3

/* A server that ignored the ACK of a handshake, with less than TOGETHER between one and the next.
 */
typedef struct {
	Endpoint server;    /* which; its version is 0: none */
	NsTime since, last; /* when the first and the last SYN-ACK came again */
	unsigned ignored;   /* handshakes that it ignored */
	unsigned eager;     /* of those, whose client had sent data, or was asked more than once */
	unsigned taken;     /* others that it took, before it ignored one once more */
	unsigned taken_now; /* and since then */
	unsigned asked;     /* of all those that it took, whose client had sent data before */
	bool speaks_first;  /* it sent data to one that had not */
} Server;

typedef struct {
	Observer observer;       /* first: it is one */
	Analysis *analysis;      /* where anomalies go */
	Server servers[SERVERS]; /* see above */
	NsTime last;             /* when any of them last ignored one */
} AckIgnored;

/* Per connection of which an ACK was ignored. */
typedef struct {
	IgnoredAck ignored;     /* as it was at the last SYN-ACK */
	AckEvidence evidence;   /* what speaks for what */
	uint64_t again[2];      /* frames of the first and the last SYN-ACK that count */
	NsTime again_time[2];   /* and when they passed */
	NsTime data_time;       /* when the client first sent data after them; 0: it did not */
	uint64_t detour;        /* frame of its last SYN-ACK with another TTL; 0: none */
	uint64_t shown;         /* frame of the server's first other segment; 0: none yet */
	NsTime shown_time;      /* when that passed */
	NsTime told_time;       /* when the cause was told last */
	Severity told_severity; /* and how gravely */
	unsigned taken_before;  /* Server.taken when it was first ignored */
	uint8_t told;           /* the causes that were told last, bits of AckCause */
	uint8_t told_count;     /* how often that was */
	bool data_again;        /* the client had to send its data again */
} Slot;

static Server *server_find(AckIgnored *detector, const Endpoint *endpoint)
{
	for (unsigned i = 0; i < SERVERS; i++) {
		Server *server = &detector->servers[i];

		if (server->server.version && endpoint_compare(&server->server, endpoint) == 0)
			return server;
	}
	return NULL;
}

/* The server, which ignores something @now; the one that did so least recently makes room. */
static Server *server_of(AckIgnored *detector, const Endpoint *endpoint, NsTime now)
{
	Server *server = server_find(detector, endpoint);

	if (!server) {
		server = &detector->servers[0];
		for (unsigned i = 1; i < SERVERS && server->server.version; i++)
			if (!detector->servers[i].server.version ||
			    detector->servers[i].last < server->last)
				server = &detector->servers[i];
		*server = (Server){ .server = *endpoint, .since = now };
	} else if (now - server->last > TOGETHER) {
		*server = (Server){ .server = *endpoint, .since = now };
	}
	server->last = now;
	detector->last = now;
	server->taken += server->taken_now;
	server->taken_now = 0;
	return server;
}

static const Endpoint *endpoint_of(const Connection *connection)
{
	return &connection->key.end[detect_peer(connection->client)];
}

/* No deferred accept explains it. */
static bool is_eager(const AckEvidence *evidence)
{
	return evidence->data_ignored || evidence->count > 1;
}

/* What more there is; nothing when it was counted before an entry made room and came back. */
static unsigned beyond(unsigned count, unsigned known)
{
	return count > known ? count - known : 0;
}

/* Adds what is known of the server's other handshakes; see AckEvidence. */
static AckVerdict weigh(AckIgnored *detector, const Connection *connection, Slot *slot)
{
	const Server *server = server_find(detector, endpoint_of(connection));
	AckEvidence *evidence = &slot->evidence;

	if (server && server->since <= slot->again_time[0]) {
		evidence->others = MAX(evidence->others, beyond(server->ignored, 1));
		evidence->others_taken =
			MAX(evidence->others_taken, beyond(server->taken, slot->taken_before));
		evidence->asked = server->asked;
		evidence->only_silent = !server->eager;
		evidence->others_eager |= beyond(server->eager, is_eager(evidence)) > 0;
		evidence->speaks_first |= server->speaks_first;
	}
	return ack_cause_weigh(evidence);
}

/* --- Telling ---------------------------------------------------------------------------------- */

static void tell(AckIgnored *detector, Connection *connection, Slot *slot, Anomaly anomaly,
		 const AckVerdict *verdict)
{
	unsigned server = anomaly.side;
	AnomalyFold before = { .kind = anomaly.kind,
			       .severity = slot->told_severity,
			       .count = 1,
			       .since = slot->told_time,
			       .number = connection->number };
	char again[32] = "again";

	if (verdict->causes == ACK_CAUSE_DEFERRED) {
		anomaly.severity = SEVERITY_INFO;
		anomaly.hint = "The server accepts a connection when its first data comes "
			       "(TCP_DEFER_ACCEPT; nginx: listen ... deferred), and this client "
			       "has nothing to say yet, as a browser that connects ahead: routine.";
	}
	if (slot->told) {
		anomaly.folds = &before;
		anomaly.fold_count = 1;
	}
	slot->told = (uint8_t)verdict->causes;
	slot->told_count++;
	slot->told_time = anomaly.time;
	slot->told_severity = anomaly.severity;
	if (slot->evidence.count > 1)
		snprintf(again, sizeof(again), "%u times more, until", slot->evidence.count);
	detect_evidence(&anomaly, slot->ignored.syn_ack);
	detect_evidence(&anomaly, slot->ignored.ack);
	detect_evidence(&anomaly, slot->again[0]);
	detect_evidence(&anomaly, slot->again[1]);
	detect_evidence(&anomaly, slot->shown);
	detect_raise(detector->analysis, anomaly,
		     "%s sent its SYN-ACK %s %s after the %s's ACK (frame %" G_GUINT64_FORMAT
		     "); %s",
		     detect_side(connection, server).text, again,
		     detect_span(slot->again_time[1] - slot->ignored.ack_time).text,
		     detect_role(connection, detect_peer(server)), slot->ignored.ack, verdict->why);
}

/* Says it once more when it turned out to be something else. */
static void tell_anew(AckIgnored *detector, Connection *connection, Slot *slot, NsTime now)
{
	AckVerdict verdict = weigh(detector, connection, slot);

	if (verdict.causes == slot->told || slot->told_count == TOLD_MAX)
		return;
	tell(detector, connection, slot,
	     detect_later(connection, ANOMALY_HANDSHAKE_ACK_IGNORED,
			  detect_peer(connection->client), now),
	     &verdict);
}

/* Whether data of the client passed so long ago that a server that takes any had taken them. */
static bool ignores_data(const SegmentEvent *event, const IgnoredAck *ignored, const Slot *slot)
{
	const Connection *connection = event->connection;
	unsigned client = connection->self ? 0 : detect_peer(event->sender);
	NsTime latest = event->segment->time - ignored->crossing;
	/* The first are not kept, but new ones, and what was last sent again. */
	NsTime times[] = { slot->data_time, connection->last_payload[client],
			   connection->last_text[client][0], connection->last_text[client][1] };

	/* Only a FIN was. */
	if (!times[1] || times[1] < ignored->ack_time)
		return false;
	for (unsigned i = 0; i < G_N_ELEMENTS(times); i++)
		if (times[i] && times[i] >= ignored->ack_time && times[i] < latest)
			return true;
	return false;
}

static uint8_t hops_between(uint8_t a, uint8_t b)
{
	return a > b ? a - b : b - a;
}

void ack_ignored_note(Observer *observer, const SegmentEvent *event, const IgnoredAck *ignored)
{
	AckIgnored *detector = (AckIgnored *)observer;
	Connection *connection = event->connection;
	Slot *slot = observer_slot(observer, connection);
	unsigned side = event->sender;
	NsTime now = event->segment->time;
	Server *server = server_of(detector, &connection->key.end[side], now);
	AckEvidence *evidence = &slot->evidence;
	bool was_eager = is_eager(evidence);
	AckVerdict verdict;

	slot->ignored = *ignored;
	if (!evidence->count) {
		slot->again[0] = event->segment->frame;
		slot->again_time[0] = now;
		slot->taken_before = server->taken;
		server->ignored++;
	}
	evidence->count++;
	evidence->repeats = ignored->repeats;
	evidence->ttl = ignored->ttl;
	evidence->no_window = ignored->no_window;
	evidence->wait = slot->again_time[0] - ignored->syn_ack_time;
	slot->again[1] = event->segment->frame;
	slot->again_time[1] = now;
	if (ignores_data(event, ignored, slot))
		evidence->data_ignored = true;
	if (event->segment->ttl != ignored->ttl) {
		evidence->ttl_again =
			MAX(evidence->ttl_again, hops_between(event->segment->ttl, ignored->ttl));
		slot->detour = event->segment->frame;
	}
	if (!was_eager && is_eager(evidence))
		server->eager++;
	observer_watch(observer, connection, true);
	observer_time(observer, connection, true);
	observer_await(observer, connection, true);
	if (slot->told)
		return;
	verdict = weigh(detector, connection, slot);
	tell(detector, connection, slot, detect_at(event, ANOMALY_HANDSHAKE_ACK_IGNORED, side),
	     &verdict);
}

/* --- What comes later ------------------------------------------------------------------------- */

/* Whether the SYN begins a handshake with a server that ignores others. */
static bool is_other(AckIgnored *detector, const Segment *syn)
{
	const Server *server;

	if (!detector->last || syn->time - detector->last > TOGETHER)
		return false;
	server = server_find(detector, &syn->dst);
	return server && syn->time - server->last <= TOGETHER;
}

/* What becomes of such a handshake tells. It is watched, and has no slot: there may be a flood of
 * them. */
static void begin_other(AckIgnored *detector, const SegmentEvent *event)
{
	const Segment *segment = event->segment;
	bool other;

	if ((segment->flags & (TH_SYN | TH_ACK)) != TH_SYN || event->connection->self)
		return;
	other = event->memo ? event->memo->marks & 1u << detector->observer.id
			    : is_other(detector, segment);
	if (other)
		observer_watch(&detector->observer, event->connection, true);
}

static void ack_ignored_embryo(Observer *observer, const Segment *syn, const FlowPlace *place,
			       EmbryoMemo *memo)
{
	(void)place;
	if (is_other((AckIgnored *)observer, syn))
		memo->marks |= (uint16_t)(1u << observer->id);
}

/* Whether the server's first segment after its SYN-ACK of @since has data for a client that has
 * sent none: neither captured nor acknowledged. */
static bool speaks_first(const SegmentEvent *event, NsTime since)
{
	const Connection *connection = event->connection;
	const Segment *segment = event->segment;
	unsigned client = detect_peer(event->sender);
	const TcpSide *side = connection_side(connection, client);

	return segment->payload && !connection->last_payload[client] && side->has_iss &&
	       segment->ack == side->iss + 1 && segment->time - since <= GREETING;
}

static void end_other(AckIgnored *detector, const SegmentEvent *event)
{
	Server *server = server_find(detector, &event->connection->key.end[event->sender]);

	if (server && !(event->segment->flags & TH_RST)) {
		server->taken_now++;
		if (event->connection->last_payload[detect_peer(event->sender)])
			server->asked++;
		if (speaks_first(event, event->connection->first))
			server->speaks_first = true;
	}
	observer_watch(&detector->observer, event->connection, false);
}

static void note_data(const SegmentEvent *event, Slot *slot)
{
	if (!event->segment->payload)
		return;
	if (event->class & SEGMENT_AGAIN)
		slot->data_again = true;
	else if (!slot->data_time)
		slot->data_time = event->segment->time;
}

/* The server sends something other than its SYN-ACK. */
static void note_shown(Observer *observer, const SegmentEvent *event, Slot *slot)
{
	const Segment *segment = event->segment;
	AckEvidence *evidence = &slot->evidence;
	Server *server = server_find((AckIgnored *)observer, endpoint_of(event->connection));

	slot->shown = segment->frame;
	slot->shown_time = segment->time;
	evidence->shown = true;
	/* RFC 9293 3.10.7.1: it answers a segment that got there. */
	evidence->rst = (segment->flags & (TH_RST | TH_ACK)) == TH_RST;
	if (!(segment->flags & TH_RST))
		evidence->ttl_of_others = hops_between(segment->ttl, slot->ignored.ttl);
	if (speaks_first(event, slot->again_time[1])) {
		evidence->speaks_first = true;
		if (server)
			server->speaks_first = true;
	}
	evidence->data_at_once = slot->data_time && !evidence->data_ignored && !slot->data_again &&
				 slot->data_time > slot->again_time[1] &&
				 segment->time - slot->data_time <= AT_ONCE &&
				 !(segment->flags & TH_RST);
	observer_watch(observer, event->connection, false);
	observer_time(observer, event->connection, true);
}

static void ack_ignored_segment(Observer *observer, const SegmentEvent *event)
{
	AckIgnored *detector = (AckIgnored *)observer;
	Connection *connection = event->connection;
	Slot *slot = observer_slot_if_there(observer, connection);

	if (event->class & SEGMENT_STRAY)
		return;
	if (event->class & SEGMENT_FIRST) {
		begin_other(detector, event);
	} else if (event->segment->flags & TH_SYN) {
		return;
	} else if (slot) {
		if (event->sender == connection->client)
			note_data(event, slot);
		else
			note_shown(observer, event, slot);
	} else if (event->sender != connection->client) {
		end_other(detector, event);
	}
}

/* Where a segment and its copy are captured at two places, either may come first. */
static void ack_ignored_copy(Observer *observer, const SegmentEvent *event)
{
	Slot *slot = observer_slot_if_there(observer, event->connection);

	if (!slot || event->segment->ttl != slot->ignored.ttl)
		return;
	if (event->copy_of == slot->detour)
		slot->evidence.ttl_again = 0;
	else if (event->copy_of == slot->shown)
		slot->evidence.ttl_of_others = 0;
}

/* When no more is expected: others of that server had their time, or the connection goes. */
static NsTime ack_ignored_due(Observer *observer, Connection *connection, NsTime now)
{
	AckIgnored *detector = (AckIgnored *)observer;
	Slot *slot = observer_slot(observer, connection);
	NsTime at = MAX(slot->again_time[1], slot->shown_time) + TOGETHER;

	if (connection_is_over(connection))
		at = MIN(at, connection->last + analysis_options(detector->analysis)->msl);
	if (at > now)
		return at;
	tell_anew(detector, connection, slot, now);
	observer_time(observer, connection, false);
	return NSTIME_NEVER;
}

static void judge_at_end(void *data, Connection *connection)
{
	AckIgnored *detector = data;
	Slot *slot = observer_slot_if_there(&detector->observer, connection);

	/* One that is kept only for those who read it is not looked at any more. */
	if (slot && !connection->retired)
		tell_anew(detector, connection, slot, analysis_totals(detector->analysis)->now);
}

static void ack_ignored_finish(Observer *observer, const AnalysisTotals *totals)
{
	AckIgnored *detector = (AckIgnored *)observer;

	(void)totals;
	/* A visit to all that are awaited costs, and none is unless some server ignored one. */
	if (detector->servers[0].server.version)
		analysis_each_awaited(detector->analysis, NULL, judge_at_end, observer);
}

Observer *detect_ack_ignored_new(Analysis *analysis)
{
	AckIgnored *detector = g_new0(AckIgnored, 1);

	detector->observer = (Observer){
		.slot_size = sizeof(Slot),
		.slot_is_rare = true,
		.wants_classes = SEGMENT_FIRST,
		.segment = ack_ignored_segment,
		.embryo = ack_ignored_embryo,
		.copy = ack_ignored_copy,
		.due = ack_ignored_due,
		.finish = ack_ignored_finish,
	};
	detector->analysis = analysis;
	return &detector->observer;
}
