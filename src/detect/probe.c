/* Connections that are opened and closed at once, again and again. Knows who asks whom, and how
 * often; knows no sequence number.
 *
 * Load balancers and monitors ask whether a port is open: handshake, then FIN or RST, and not a
 * byte of data; some send the RST instead of the handshake's ACK. Each of them looks like a client
 * that changed its mind, and there are thousands. When one client does so with one endpoint a few
 * times it is a health check, and that is said once. */
#include "detect/probe.h"

#include <string.h>

#include "detect/detect.h"
#include "detect/raise.h"
#include "detect/recall.h"
#include "flow/recent.h"

/* A connection without data that is closed so soon is a probe, and so many are worth a line. */
#define PROBE_WITHIN (1 * NSTIME_SECOND)
#define PROBES       5

/* Who has not probed for so long begins anew. */
#define QUIET_AFTER (600 * NSTIME_SECOND)

/* Pairs of client and endpoint that are watched at once: those that were probed last. */
#define PAIRS_MAX 4096

/* A client and an endpoint that it probes. */
typedef struct {
	RecentEntry entry;  /* first: its key is the endpoint in end[0], the client without its port
			     * in end[1] */
	unsigned probes;    /* so far */
	bool raised;        /* it was said */
	NsTime first, last; /* when the first and the last one began */
	uint64_t frames[ANOMALY_FRAMES_MAX]; /* their SYNs, of the first ones; 0: fewer */
	AnomalyFold folds[2];                /* what was raised of them: reset, abortive-close */
} Pair;

typedef struct {
	Observer observer;   /* first: it is one */
	Analysis *analysis;  /* where anomalies go */
	HostDetectors hosts; /* who knows of frames */
	RecentTable *pairs;  /* Pair */
} Probe;

static FlowKey pair_key(const Connection *connection)
{
	FlowKey key;

	memset(&key, 0, sizeof(key));
	key.end[0] = connection->key.end[detect_peer(connection->client)];
	key.end[1] = connection->key.end[connection->client];
	key.end[1].port = 0;
	key.scope = connection->key.scope;
	return key;
}

static bool is_quiet(const Pair *pair, NsTime now)
{
	return pair->last + QUIET_AFTER < now;
}

/* A pair makes room for another. What was probed lately might have been probed again. */
static void pair_leaves(void *data, void *entry, NsTime now)
{
	Probe *probe = data;

	if (!is_quiet(entry, now))
		analysis_forget(probe->analysis, FORGOTTEN_HOSTS);
}

static Pair *pair_of(Probe *probe, const Connection *connection, NsTime now)
{
	const FlowKey key = pair_key(connection);
	Pair *pair = recent_find(probe->pairs, &key);

	if (pair && is_quiet(pair, now))
		recent_remove(probe->pairs, pair);
	return recent_use(probe->pairs, &key, now);
}

static void raise_probes(Probe *probe, const Pair *pair, const SegmentEvent *event)
{
	char client[ADDRESS_TEXT_MAX], endpoint[ENDPOINT_TEXT_MAX];
	Anomaly anomaly = detect_later(NULL, ANOMALY_PROBE, ANOMALY_NO_SIDE, event->segment->time);

	anomaly.frame = event->segment->frame;
	anomaly.hosts[0] = pair->entry.key.end[0];
	anomaly.hosts[1] = pair->entry.key.end[1];
	for (unsigned i = 0; i < ANOMALY_FRAMES_MAX; i++)
		detect_evidence(&anomaly, pair->frames[i]);
	anomaly.folds = pair->folds;
	anomaly.fold_count = G_N_ELEMENTS(pair->folds);
	address_format(client, &pair->entry.key.end[1].addr, pair->entry.key.end[1].version);
	endpoint_format(endpoint, &pair->entry.key.end[0]);
	detect_raise(probe->analysis, anomaly,
		     "%s opened %u connections to %s and closed each at once, without data, about "
		     "every %s",
		     client, pair->probes, endpoint,
		     detect_span((pair->last - pair->first) / (pair->probes - 1)).text);
}

static void count_probe(Probe *probe, const SegmentEvent *event, const Recall *recall)
{
	Connection *connection = event->connection;
	Pair *pair = pair_of(probe, connection, event->segment->time);

	if (!pair->probes)
		pair->first = connection->first;
	if (pair->probes < ANOMALY_FRAMES_MAX)
		pair->frames[pair->probes] = recall_frame(probe->hosts.recall, recall->first);
	pair->last = connection->first;
	pair->probes++;
	if (pair->probes < PROBES || pair->raised)
		return;
	pair->raised = true;
	raise_probes(probe, pair, event);
}

static bool is_answered(const Connection *connection, unsigned client)
{
	const TcpSide *server = connection_side(connection, detect_peer(client));

	return server->seen && server->has_iss;
}

/* Begins to watch with a client's SYN, and ends when it is known whether that is a probe. */
static void probe_segment(Observer *observer, const SegmentEvent *event)
{
	Probe *probe = (Probe *)observer;
	Connection *connection = event->connection;
	Recall *recall = recall_of(probe->hosts.recall, connection);
	const Segment *segment = event->segment;
	unsigned client = connection->client;
	bool by_client = connection_is_client(connection, event->sender);

	if (event->class & SEGMENT_STRAY || connection->self)
		return;
	if ((segment->flags & (TH_SYN | TH_ACK | TH_RST)) == TH_SYN && by_client) {
		if (!recall->first)
			observer_watch(observer, connection, true);
		return;
	}
	if (!recall->first || connection->first_sender != client) {
		observer_watch(observer, connection, false);
	} else if (segment->payload || segment->time - connection->first > PROBE_WITHIN) {
		observer_watch(observer, connection, false);
	} else if (by_client && is_answered(connection, client) &&
		   segment->flags & (TH_FIN | TH_RST)) {
		observer_watch(observer, connection, false);
		recall_mark(recall, MARK_PROBE);
		count_probe(probe, event, recall);
	}
}

bool probe_is_known(Observer *observer, const Connection *connection)
{
	Probe *probe = (Probe *)observer;
	FlowKey key = pair_key(connection);
	const Pair *pair;

	if (!probe || !recall_has(recall_of(probe->hosts.recall, connection), MARK_PROBE))
		return false;
	pair = recent_find(probe->pairs, &key);
	return pair && pair->raised;
}

void probe_note(Observer *observer, const Connection *connection, const Anomaly *raised)
{
	Probe *probe = (Probe *)observer;
	FlowKey key = pair_key(connection);
	Pair *pair;

	if (!probe || !recall_has(recall_of(probe->hosts.recall, connection), MARK_PROBE))
		return;
	pair = recent_find(probe->pairs, &key);
	if (pair)
		detect_fold(&pair->folds[raised->kind == ANOMALY_ABORTIVE_CLOSE], raised,
			    &key.end[1].addr);
}

static void probe_free(Observer *observer)
{
	recent_free(((Probe *)observer)->pairs);
	g_free(observer);
}

Observer *detect_probe_new(Analysis *analysis, const HostDetectors *hosts)
{
	Probe *probe = g_new(Probe, 1);

	*probe = (Probe){
		.observer = {
			.wants_classes = SEGMENT_FIRST,
			.segment = probe_segment,
			.free = probe_free,
		},
		.analysis = analysis,
		.hosts = *hosts,
	};
	probe->pairs = recent_new(sizeof(Pair), PAIRS_MAX, pair_leaves, probe);
	return &probe->observer;
}
