/* Hosts that try one endpoint after the other. Knows how many endpoints a host tried in vain, and
 * how; knows no sequence number.
 *
 * A scanner wants to know which ports are open, so it tries many and most are not. A SYN that is
 * answered by a RST, by nothing, or by a SYN-ACK that its sender then resets has found no service
 * that anybody wanted to use. Clients do that, too, but they try again: who repeats a SYN means it.
 * And they try few endpoints: a host is a scanner (syn-scan) when it has so tried many ports, or
 * many hosts, and completed hardly a handshake meanwhile.
 *
 * RFC 9293 3.10.7.1 and 3.10.7.2: a segment without SYN, RST and ACK is answered with a RST by a
 * closed port and dropped by an open one, and no TCP sends it. That makes it another way to ask:
 * with FIN alone (fin-scan), no flag (null-scan), or FIN, PSH and URG (xmas-scan). A few endpoints
 * are enough.
 *
 * Which endpoints were tried is kept as bits of a hash, so that a scan of all ports takes no more
 * room than another. What is counted is then a little less than what was. */
#include "detect/survey.h"

#include <stdio.h>
#include <string.h>

#include "detect/attempts.h"
#include "detect/detect.h"
#include "detect/raise.h"
#include "detect/recall.h"
#include "flow/recent.h"

/* Endpoints tried in vain that make a scan: ports, or hosts, by SYNs; either by odd flags. */
#define SYN_PORTS     10
#define SYN_HOSTS     20
#define ODD_ENDPOINTS 3

/* A scan completes less than one handshake for so many that come to nothing. */
#define PER_COMPLETED 3

/* When a SYN without an answer is given up: a client would have repeated it. And at the end of the
 * capture. */
#define SILENT_AFTER (2 * NSTIME_SECOND)
#define FINISH_AFTER (100 * NSTIME_MILLISECOND)

/* A host that has tried nothing in vain for so long begins anew. */
#define QUIET_AFTER (300 * NSTIME_SECOND)

/* Hosts that are watched at once: those that tried something last. */
#define SOURCES_MAX 4096

/* Total over the first count that is worth another line. */
#define TOTAL_GROWTH 10

/* How an endpoint is tried. */
typedef enum {
	BY_SYN,
	BY_FIN,
	BY_NULL,
	BY_XMAS,
	WAYS,
	BY_NONE = WAYS,
} Way;

static const struct {
	AnomalyKind kind;  /* what many of them are called */
	AnomalyKind each;  /* what one of them is called */
	const char *named; /* what is sent, in a sentence */
} ways[WAYS] = {
	[BY_SYN] = { ANOMALY_SYN_SCAN, ANOMALY_CONNECTION_REFUSED, "SYNs that came to nothing" },
	[BY_FIN] = { ANOMALY_FIN_SCAN, ANOMALY_BAD_FLAGS, "segments with FIN alone" },
	[BY_NULL] = { ANOMALY_NULL_SCAN, ANOMALY_BAD_FLAGS, "segments without any flag" },
	[BY_XMAS] = { ANOMALY_XMAS_SCAN, ANOMALY_BAD_FLAGS, "segments with FIN, PSH and URG" },
};

#define BITS 256

/* What a host tried in one way. */
typedef struct {
	uint64_t ports[BITS / 64], hosts[BITS / 64]; /* hashed */
	unsigned total;                              /* attempts */
	unsigned raised_at;                          /* @total when it was raised; 0: not yet */
	NsTime first, last;                          /* when the first and the last one were made */
	uint64_t frames[ANOMALY_FRAMES_MAX];         /* of the first ones; 0: fewer */
	AnomalyFold raised;                          /* what was raised of them, one by one */
} Tries;

/* A host that tries endpoints. */
typedef struct {
	RecentEntry entry;  /* first: its key is the address in end[0], the rest is zero */
	unsigned completed; /* handshakes that it completed since the first one in vain */
	Tries tries[WAYS];  /* see above */
} Source;

typedef struct {
	Observer observer;    /* first: it is one */
	Analysis *analysis;   /* where anomalies go */
	HostDetectors hosts;  /* who knows of attempts */
	RecentTable *sources; /* Source */
} Survey;

/* Of the host at the end @asker of the connection with @key. */
static FlowKey source_key(const FlowKey *key, unsigned asker)
{
	FlowKey source;

	memset(&source, 0, sizeof(source));
	source.end[0] = key->end[asker];
	source.end[0].port = 0;
	source.scope = key->scope;
	return source;
}

static Source *source_find(const Survey *survey, const Connection *connection)
{
	FlowKey key = source_key(&connection->key, connection->first_sender);

	return recent_find(survey->sources, &key);
}

static NsTime source_last(const Source *source)
{
	NsTime last = 0;

	for (unsigned way = 0; way < WAYS; way++)
		last = MAX(last, source->tries[way].last);
	return last;
}

static void raise_total(Survey *survey, const Source *source, NsTime now);

/* A host makes room for another. What it tried lately might have become a scan. */
static void source_leaves(void *data, void *entry, NsTime now)
{
	Survey *survey = data;

	raise_total(survey, entry, now);
	if (source_last(entry) + QUIET_AFTER >= now)
		analysis_forget(survey->analysis, FORGOTTEN_HOSTS);
}

static Source *source_of(Survey *survey, const FlowKey *key, NsTime now)
{
	Source *source = recent_find(survey->sources, key);

	if (source && source_last(source) + QUIET_AFTER < now) {
		raise_total(survey, source, now);
		recent_remove(survey->sources, source);
	}
	return recent_use(survey->sources, key, now);
}

/* --- What was tried --------------------------------------------------------------------------- */

static unsigned count(const uint64_t *bits)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < BITS / 64; i++)
		sum += (unsigned)__builtin_popcountll(bits[i]);
	return sum;
}

/* Neighbours have different ones: scans go through them. */
static uint32_t address_hash(const Address *address)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < sizeof(address->bytes); i++)
		hash = hash * 31 + address->bytes[i];
	return hash;
}

static void set(uint64_t *bits, uint32_t hash)
{
	bits[hash % BITS / 64] |= UINT64_C(1) << hash % 64;
}

static bool is_scan(const Source *source, Way way)
{
	const Tries *tries = &source->tries[way];
	unsigned ports = count(tries->ports), hosts = count(tries->hosts);

	if (way != BY_SYN)
		return ports >= ODD_ENDPOINTS || hosts >= ODD_ENDPOINTS;
	return (ports >= SYN_PORTS || hosts >= SYN_HOSTS) &&
	       tries->total >= PER_COMPLETED * source->completed;
}

static void raise_scan(Survey *survey, Source *source, Way way, NsTime now, uint64_t frame)
{
	Tries *tries = &source->tries[way];
	unsigned ports = count(tries->ports), hosts = count(tries->hosts);
	char address[ADDRESS_TEXT_MAX], before[64] = "";
	Anomaly anomaly = detect_later(NULL, ways[way].kind, ANOMALY_NO_SIDE, now);

	tries->raised_at = tries->total;
	anomaly.frame = frame;
	for (unsigned i = 0; i < ANOMALY_FRAMES_MAX; i++)
		detect_evidence(&anomaly, tries->frames[i]);
	address_format(address, &source->entry.key.end[0].addr, source->entry.key.end[0].version);
	if (tries->raised.count) {
		anomaly.folds = &tries->raised;
		anomaly.fold_count = 1;
		snprintf(before, sizeof(before), ", with %u %s before this", tries->raised.count,
			 anomaly_kind_name(tries->raised.kind));
	}
	detect_raise(survey->analysis, anomaly, "%s sent %s to %u port%s of %u host%s within %s%s",
		     address, ways[way].named, ports, ports == 1 ? "" : "s", hosts,
		     hosts == 1 ? "" : "s", detect_span(now - tries->first).text, before);
}

/* One more line when it was far more than what was said. */
static void raise_total(Survey *survey, const Source *source, NsTime now)
{
	char address[ADDRESS_TEXT_MAX];

	address_format(address, &source->entry.key.end[0].addr, source->entry.key.end[0].version);
	for (unsigned way = 0; way < WAYS; way++) {
		const Tries *tries = &source->tries[way];
		Anomaly anomaly = detect_later(NULL, ways[way].kind, ANOMALY_NO_SIDE, now);

		if (!tries->raised_at || tries->total < TOTAL_GROWTH * tries->raised_at)
			continue;
		anomaly.severity = SEVERITY_INFO;
		for (unsigned i = 0; i < ANOMALY_FRAMES_MAX; i++)
			detect_evidence(&anomaly, tries->frames[i]);
		detect_raise(survey->analysis, anomaly, "the scan by %s came to %u %s, within %s",
			     address, tries->total, ways[way].named,
			     detect_span(tries->last - tries->first).text);
	}
}

/* An endpoint was tried in vain. @frame shows it; 0: that nothing came does. */
static void try_endpoint(Survey *survey, const Attempt *attempt, Way way, NsTime now,
			 uint64_t frame)
{
	const Endpoint *endpoint = &attempt->key.end[detect_peer(attempt->client)];
	const FlowKey key = source_key(&attempt->key, attempt->client);
	Source *source = source_of(survey, &key, now);
	Tries *tries = &source->tries[way];

	if (!tries->total)
		tries->first = attempt->begun;
	if (tries->total < ANOMALY_FRAMES_MAX)
		tries->frames[tries->total] = attempt->frame;
	tries->total++;
	tries->last = now;
	set(tries->ports, endpoint->port ^ endpoint->port >> 8);
	set(tries->hosts, address_hash(&endpoint->addr));
	if (!tries->raised_at && is_scan(source, way))
		raise_scan(survey, source, way, now, frame);
}

/* --- What becomes of a connection --------------------------------------------------------------
 */

static Way odd_way(const Segment *segment)
{
	switch (segment->flags & (TH_FIN | TH_SYN | TH_RST | TH_PUSH | TH_ACK | TH_URG)) {
	case 0:
		return BY_NULL;
	case TH_FIN:
		return BY_FIN;
	case TH_FIN | TH_PUSH | TH_URG:
		return BY_XMAS;
	default:
		return BY_NONE;
	}
}

/* Out of nowhere came what no TCP sends. */
static void begin_odd(Survey *survey, const SegmentEvent *event, Recall *recall)
{
	const Segment *segment = event->segment;
	Way way = odd_way(segment);
	Attempt attempt = { event->connection->key, segment->time, segment->frame,
			    .client = (uint8_t)event->sender };

	if (way == BY_NONE)
		return;
	recall->odd = (uint8_t)way;
	observer_watch(&survey->observer, event->connection, true);
	try_endpoint(survey, &attempt, way, segment->time, segment->frame);
}

static void survey_segment(Observer *observer, const SegmentEvent *event)
{
	Survey *survey = (Survey *)observer;
	Connection *connection = event->connection;
	Recall *recall = recall_of(survey->hosts.recall, connection);
	Attempt *attempt = attempts_of(survey->hosts.attempts, connection);
	const Segment *segment = event->segment;
	Source *source;

	if (event->class & SEGMENT_STRAY || connection->self)
		return;
	if (!recall->first) {
		if (attempt)
			observer_watch(observer, connection, true);
		else
			begin_odd(survey, event, recall);
		return;
	}
	if (recall->odd && !(segment->flags & TH_RST) && odd_way(segment) == BY_NONE)
		recall->odd = BY_SYN;
	if (!attempt || !attempt->pending) {
		observer_watch(observer, connection, recall->odd);
		return;
	}
	if (segment->flags & TH_RST) {
		attempt->pending = false;
		try_endpoint(survey, attempt, BY_SYN, segment->time, segment->frame);
	} else if (event->class & SEGMENT_SYN_AGAIN) {
		attempt->pending = false;
	} else if (event->sender == attempt->client && segment->flags & TH_ACK) {
		attempt->pending = false;
		source = source_find(survey, connection);
		if (source)
			source->completed++;
	}
}

static void find_silent(Observer *observer, Attempt *attempt, NsTime now)
{
	if (!attempt->pending)
		return;
	attempt->pending = false;
	try_endpoint((Survey *)observer, attempt, BY_SYN, now, 0);
}

static void find_unanswered(Observer *observer, Attempt *attempt, NsTime now)
{
	if (now - attempt->begun >= FINISH_AFTER)
		find_silent(observer, attempt, now);
}

static void survey_finish(Observer *observer, const AnalysisTotals *totals)
{
	Survey *survey = (Survey *)observer;
	const Source *source;

	attempts_each(survey->hosts.attempts, ATTEMPT_SILENT, find_unanswered, observer,
		      totals->now);
	for (source = recent_oldest(survey->sources); source; source = recent_newer(source))
		raise_total(survey, source, totals->now);
}

bool survey_is_scan(Observer *survey, const Connection *connection)
{
	const Source *source = survey ? source_find((Survey *)survey, connection) : NULL;

	for (unsigned way = 0; source && way < WAYS; way++)
		if (source->tries[way].raised_at)
			return true;
	return false;
}

bool survey_takes(Observer *observer, const Connection *connection, const Anomaly *raised)
{
	Survey *survey = (Survey *)observer;
	Source *source;
	FlowKey key;
	Way way;

	if (survey_is_scan(observer, connection))
		return true;
	way = survey ? recall_of(survey->hosts.recall, connection)->odd : BY_SYN;
	if (!survey || connection->self || raised->kind != ways[way].each)
		return false;
	key = source_key(&connection->key, connection->first_sender);
	source = source_of(survey, &key, raised->time);
	detect_fold(&source->tries[way].raised, raised, &key.end[0].addr);
	return false;
}

bool survey_is_odd(Observer *survey, const Connection *connection)
{
	return survey && recall_of(((Survey *)survey)->hosts.recall, connection)->odd;
}

static void survey_free(Observer *observer)
{
	recent_free(((Survey *)observer)->sources);
	g_free(observer);
}

Observer *detect_survey_new(Analysis *analysis, const HostDetectors *hosts)
{
	Survey *survey = g_new(Survey, 1);

	*survey = (Survey){
		.observer = {
			.wants_classes = SEGMENT_FIRST,
			.segment = survey_segment,
			.finish = survey_finish,
			.free = survey_free,
		},
		.analysis = analysis,
		.hosts = *hosts,
	};
	survey->sources = recent_new(sizeof(Source), SOURCES_MAX, source_leaves, survey);
	attempts_set_stage(hosts->attempts, ATTEMPT_SILENT, SILENT_AFTER, find_silent,
			   &survey->observer);
	return &survey->observer;
}
