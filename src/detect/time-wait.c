/* Anomalies of TIME_WAIT itself. Knows who waits, for how many connections at once, and what ends
 * it too soon; knows nothing of how connections close.
 *
 * The side that closes first waits for 2 MSL (RFC 9293 3.6.1), and as long its address and port
 * cannot be used for another connection to the same endpoint. A client that opens and closes
 * connections faster than its ports become free runs out of them (time-wait-accumulation): so they
 * are counted for each client and endpoint, against the range that Linux takes ports from. When the
 * server closes first it is the server that waits, which costs memory and no ports.
 *
 * RFC 1337: a RST ends TIME_WAIT at once (time-wait-assassination), usually because an old segment
 * met it, was answered, and the answer met a host that has forgotten. Then late segments of the old
 * connection may reach a new one. */
#include <string.h>

#include "detect/detect.h"
#include "detect/raise.h"
#include "detect/recall.h"
#include "flow/recent.h"

/* net.ipv4.ip_local_port_range. */
#define PORT_FIRST 32768u
#define PORT_LAST  60999u
#define PORTS      (PORT_LAST - PORT_FIRST + 1)

/* Connections in TIME_WAIT that are worth a line, then half of the ports and nine tenths. */
#define LEVELS 3
static const struct {
	unsigned count;    /* so many at once */
	Severity severity; /* how grave it is when it is the client that waits */
} levels[LEVELS] = {
	{ 1000, SEVERITY_INFO },
	{ PORTS / 2, SEVERITY_WARNING },
	{ PORTS / 10 * 9, SEVERITY_ERROR },
};

/* Pairs of a client and an endpoint that are watched at once: those in which something began to
 * wait last. */
#define PAIRS_MAX 4096

/* A client and an endpoint between which connections are in TIME_WAIT. */
typedef struct {
	RecentEntry entry;   /* first: its key is the endpoint in end[0], the client without its
			      * port in end[1] */
	unsigned waiting[2]; /* connections in which the server [0] or the client [1] waits */
	unsigned said[2];    /* levels that were raised of them */
	uint64_t frames[2][ANOMALY_FRAMES_MAX]; /* at which the first of them began to wait */
} Pair;

typedef struct {
	Observer observer;   /* first: it is one */
	Analysis *analysis;  /* where anomalies go */
	HostDetectors hosts; /* who knows of frames */
	RecentTable *pairs;  /* Pair */
} TimeWait;

static FlowKey pair_key(const FlowKey *key, unsigned client)
{
	FlowKey pair;

	memset(&pair, 0, sizeof(pair));
	pair.end[0] = key->end[detect_peer(client)];
	pair.end[1] = key->end[client];
	pair.end[1].port = 0;
	pair.scope = key->scope;
	return pair;
}

static void raise_accumulation(TimeWait *wait, const Pair *pair, bool of_client,
			       const TimeWaitEvent *event)
{
	unsigned level = pair->said[of_client] - 1, count = pair->waiting[of_client];
	char endpoint[ENDPOINT_TEXT_MAX], client[ADDRESS_TEXT_MAX];
	Anomaly anomaly =
		detect_later(NULL, ANOMALY_TIME_WAIT_ACCUMULATION, ANOMALY_NO_SIDE, event->time);

	anomaly.frame = event->frame;
	anomaly.hosts[0] = pair->entry.key.end[0];
	anomaly.hosts[1] = pair->entry.key.end[1];
	anomaly.severity = of_client ? levels[level].severity : SEVERITY_INFO;
	for (unsigned i = 0; i < ANOMALY_FRAMES_MAX; i++)
		detect_evidence(&anomaly, pair->frames[of_client][i]);
	endpoint_format(endpoint, &pair->entry.key.end[0]);
	address_format(client, &pair->entry.key.end[1].addr, pair->entry.key.end[1].version);
	if (of_client) {
		detect_raise(wait->analysis, anomaly,
			     "%u connections of the client %s to %s are in TIME_WAIT at the "
			     "client, which closes first: %u %% of the %u ports of the usual range "
			     "%u to %u",
			     count, client, endpoint, count * 100 / PORTS, PORTS, PORT_FIRST,
			     PORT_LAST);
		return;
	}
	anomaly.hint = "The server closes first and so it is the server that waits: that costs it "
		       "some memory and the client no ports. Nothing to do, unless the client "
		       "comes back from the same port sooner than that.";
	detect_raise(wait->analysis, anomaly,
		     "%u connections of the client %s to %s are in TIME_WAIT at the server, which "
		     "closes first",
		     count, client, endpoint);
}

static void begin_wait(TimeWait *wait, const TimeWaitEvent *event)
{
	const FlowKey key = pair_key(event->key, event->client);
	bool of_client = event->side == event->client;
	Pair *pair = recent_use(wait->pairs, &key, event->time);

	if (pair->waiting[of_client] < ANOMALY_FRAMES_MAX)
		pair->frames[of_client][pair->waiting[of_client]] = event->frame;
	pair->waiting[of_client]++;
	if (pair->said[of_client] < LEVELS &&
	    pair->waiting[of_client] >= levels[pair->said[of_client]].count) {
		pair->said[of_client]++;
		raise_accumulation(wait, pair, of_client, event);
	}
}

static void end_wait(TimeWait *wait, const FlowKey *of, unsigned client, bool of_client)
{
	const FlowKey key = pair_key(of, client);
	Pair *pair = recent_find(wait->pairs, &key);

	/* It may have made room for another since. */
	if (!pair || !pair->waiting[of_client])
		return;
	pair->waiting[of_client]--;
	if (!pair->waiting[of_client])
		pair->said[of_client] = 0;
	if (!pair->waiting[0] && !pair->waiting[1])
		recent_remove(wait->pairs, pair);
}

static void time_wait_waits(Observer *observer, const TimeWaitEvent *event)
{
	TimeWait *wait = (TimeWait *)observer;

	if (event->begins)
		begin_wait(wait, event);
	else
		end_wait(wait, event->key, event->client, event->side == event->client);
}

static void raise_assassination(TimeWait *wait, const Transition *transition)
{
	Connection *connection = transition->connection;
	const Observer *recall = wait->hosts.recall;
	unsigned side = transition->side;
	Anomaly anomaly =
		detect_later(connection, ANOMALY_TIME_WAIT_ASSASSINATION, side, transition->time);

	anomaly.frame = transition->frame;
	detect_evidence(&anomaly,
			recall_frame(recall, recall_of(recall, connection)->entered[side]));
	detect_evidence(&anomaly, transition->frame);
	detect_raise(
		wait->analysis, anomaly, "a RST of %s ended the TIME_WAIT of %s %s after it began",
		detect_side(connection, detect_peer(side)).text, detect_side(connection, side).text,
		detect_span(transition->time - transition->since).text);
}

static void time_wait_transition(Observer *observer, const Transition *transition)
{
	TimeWait *wait = (TimeWait *)observer;
	Connection *connection = transition->connection;
	bool of_client = connection_is_client(connection, transition->side);

	/* A connection to itself waits for itself. */
	if (connection->self || transition->anew)
		return;
	if (transition->to == TCP_STATE_TIME_WAIT) {
		begin_wait(wait, &(TimeWaitEvent){ .key = &connection->key,
						   .client = connection->client,
						   .side = transition->side,
						   .time = transition->time,
						   .frame = transition->frame });
	} else if (transition->from == TCP_STATE_TIME_WAIT) {
		end_wait(wait, &connection->key, connection->client, of_client);
		/* A RST that makes way for a new connection is how ports are reused. */
		if (transition->cause == CAUSE_RST_ARRIVED &&
		    !connection_side(connection, transition->side)->replaced)
			raise_assassination(wait, transition);
	}
}

/* One that is forgotten while it waits, because there are too many, leaves no transition. */
static void time_wait_connection(Observer *observer, Connection *connection, ConnectionPhase phase)
{
	if (phase != CONNECTION_RETIRED || connection->self)
		return;
	for (unsigned side = 0; side < 2; side++)
		if (connection_state(connection, side) == TCP_STATE_TIME_WAIT)
			end_wait((TimeWait *)observer, &connection->key, connection->client,
				 connection_is_client(connection, side));
}

/* A pair makes room for another: fewer connections count as waiting than do. */
static void pair_leaves(void *data, void *entry, NsTime now)
{
	const TimeWait *wait = data;

	(void)entry;
	(void)now;
	analysis_forget(wait->analysis, FORGOTTEN_HOSTS);
}

static void time_wait_free(Observer *observer)
{
	recent_free(((TimeWait *)observer)->pairs);
	g_free(observer);
}

Observer *detect_time_wait_new(Analysis *analysis, const HostDetectors *hosts)
{
	TimeWait *wait = g_new(TimeWait, 1);

	*wait = (TimeWait){
		.observer = {
			.wants_enter = STATE_BIT(TCP_STATE_TIME_WAIT),
			.wants_leave = STATE_BIT(TCP_STATE_TIME_WAIT),
			.transition = time_wait_transition,
			.waits = time_wait_waits,
			.connection = time_wait_connection,
			.free = time_wait_free,
		},
		.analysis = analysis,
		.hosts = *hosts,
	};
	wait->pairs = recent_new(sizeof(Pair), PAIRS_MAX, pair_leaves, wait);
	return &wait->observer;
}
