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
 * are enough. */
#include "detect/survey.h"

#include <string.h>

#include "detect/attempts.h"
#include "detect/detect.h"
#include "detect/raise.h"
#include "detect/recall.h"
#include "detect/scan.h"
#include "detect/scanner.h"

/* When a SYN without an answer is given up: a client would have repeated it, after 1 s (RFC 6298 2)
 * or, where its system is older, after 3 s (RFC 1122 4.2.3.1). And at the end of the capture. */
#define SILENT_AFTER (3500 * NSTIME_MILLISECOND)
#define FINISH_AFTER (100 * NSTIME_MILLISECOND)

/* A host that has tried nothing in vain for so long begins anew. */
#define QUIET_AFTER (300 * NSTIME_SECOND)

/* Hosts that are watched at once: those that tried something last. */
#define SCANNERS_MAX 4096

typedef struct {
	Observer observer;     /* first: it is one */
	Analysis *analysis;    /* where anomalies go */
	HostDetectors hosts;   /* who knows of attempts */
	RecentTable *scanners; /* Scanner */
} Survey;

/* Of the host at the end @asker of the connection with @key. */
static FlowKey scanner_key(const FlowKey *key, unsigned asker)
{
	FlowKey scanner;

	memset(&scanner, 0, sizeof(scanner));
	scanner.end[0] = key->end[asker];
	scanner.end[0].port = 0;
	scanner.scope = key->scope;
	return scanner;
}

static bool is_quiet(const Scanner *scanner, NsTime now)
{
	return scanner_last(scanner) + QUIET_AFTER < now;
}

/* Who is at the end @asker; NULL when that has tried nothing in vain, or not for long. */
static Scanner *scanner_at(const Survey *survey, const FlowKey *key, unsigned asker, NsTime now)
{
	const FlowKey own = scanner_key(key, asker);
	Scanner *scanner = recent_find(survey->scanners, &own);

	return scanner && !is_quiet(scanner, now) ? scanner : NULL;
}

/* Who began the connection. */
static Scanner *scanner_find(const Survey *survey, const Connection *connection)
{
	return scanner_at(survey, &connection->key, connection->first_sender, connection->last);
}

/* A host makes room for another. What it tried lately might have become a scan. */
static void scanner_leaves(void *data, void *entry, NsTime now)
{
	Survey *survey = data;
	Scanner *scanner = entry;

	if (scanner->tries)
		scanner_raise_totals(survey->analysis, scanner, now);
	if (!is_quiet(scanner, now))
		analysis_forget(survey->analysis, FORGOTTEN_HOSTS);
	if (scanner->tries)
		scanner_clear(scanner);
}

static Scanner *scanner_of(Survey *survey, const FlowKey *key, NsTime now)
{
	Scanner *scanner = recent_use(survey->scanners, key, now);

	if (scanner_has_tried(scanner) && is_quiet(scanner, now)) {
		scanner_raise_totals(survey->analysis, scanner, now);
		scanner_clear(scanner);
		recent_clear(survey->scanners, scanner);
	}
	return scanner;
}

/* An endpoint was tried in vain. @frame shows it; 0: that nothing came does. */
static void try_endpoint(Survey *survey, const Attempt *attempt, ScanWay way, NsTime now,
			 uint64_t frame)
{
	const FlowKey key = scanner_key(&attempt->key, attempt->client);
	Scanner *scanner = scanner_of(survey, &key, now);

	if (scanner_try(scanner, attempt, way, now))
		scanner_raise(survey->analysis, scanner, way, now, frame);
}

/* --- What becomes of a connection --------------------------------------------------------------
 */

static ScanWay odd_way(const Segment *segment)
{
	switch (segment->flags & (TH_FIN | TH_SYN | TH_RST | TH_PUSH | TH_ACK | TH_URG)) {
	case 0:
		return SCAN_BY_NULL;
	case TH_FIN:
		return SCAN_BY_FIN;
	case TH_FIN | TH_PUSH | TH_URG:
		return SCAN_BY_XMAS;
	default:
		return SCAN_BY_NONE;
	}
}

/* Out of nowhere came what no TCP sends. */
static void begin_odd(Survey *survey, const SegmentEvent *event, Recall *recall)
{
	const Segment *segment = event->segment;
	ScanWay way = odd_way(segment);
	Attempt attempt = { .key = event->connection->key,
			    .begun = segment->time,
			    .frame = segment->frame,
			    .client = event->sender & 1u };

	if (way == SCAN_BY_NONE)
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
	Scanner *scanner;

	if (event->class & SEGMENT_STRAY || connection->self)
		return;
	if (!recall->first) {
		if (attempt)
			observer_watch(observer, connection, true);
		else
			begin_odd(survey, event, recall);
		return;
	}
	if (recall->odd && !(segment->flags & TH_RST) && odd_way(segment) == SCAN_BY_NONE)
		recall->odd = SCAN_BY_SYN;
	if (!attempt || !attempt->pending) {
		observer_watch(observer, connection, recall->odd);
		return;
	}
	if (segment->flags & TH_RST) {
		/* Whose address was forged for a flood sends one: see find_silent(). */
		if (attempt->flooded)
			return;
		attempt->pending = false;
		try_endpoint(survey, attempt, SCAN_BY_SYN, segment->time, segment->frame);
	} else if (event->class & SEGMENT_SYN_AGAIN) {
		attempt->pending = false;
	} else if (event->sender == attempt->client && segment->flags & TH_ACK) {
		attempt->pending = false;
		scanner = scanner_find(survey, connection);
		if (scanner)
			scanner->completed++;
	}
}

static bool survey_opened(Observer *observer, const Segment *ack, const FlowPlace *place,
			  const EmbryoMemo *memo)
{
	Survey *survey = (Survey *)observer;
	Attempt *attempt = attempts_noted(survey->hosts.attempts, memo);
	Scanner *scanner;

	if (!attempt)
		return true;
	attempt->pending = false;
	scanner = scanner_at(survey, &place->key, place->sender, ack->time);
	if (scanner)
		scanner->completed++;
	return true;
}

/* A router, or the host itself, says that there is no way. */
static void survey_icmp(Observer *observer, const IcmpEvent *event)
{
	Survey *survey = (Survey *)observer;
	Attempt *attempt = attempts_of(survey->hosts.attempts, event->connection);

	if (!attempt || !attempt->pending || event->side != attempt->client ||
	    connection_state(event->connection, event->side) != TCP_STATE_CLOSED)
		return;
	attempt->pending = false;
	try_endpoint(survey, attempt, SCAN_BY_SYN, event->error->time, event->error->frame);
}

/* Who takes part in a flood is not looked at: its sources are forged mostly, and as many as there
 * are SYNs. A scanner that comes to such an endpoint has tried others, too. */
static void find_silent(Observer *observer, Attempt *attempt, NsTime now)
{
	if (!attempt->pending || attempt->flooded)
		return;
	attempt->pending = false;
	try_endpoint((Survey *)observer, attempt, SCAN_BY_SYN, now, 0);
}

static void find_unanswered(Observer *observer, Attempt *attempt, NsTime now)
{
	const Survey *survey = (const Survey *)observer;

	/* It may have been judged a moment ago, and what looked like a flood was none. */
	attempt->flooded = attempt->flooded && scan_flooded_then(survey->hosts.scan, &attempt->key,
								 attempt->client, attempt->begun);
	if (now - attempt->begun >= FINISH_AFTER)
		find_silent(observer, attempt, now);
}

static void survey_finish(Observer *observer, const AnalysisTotals *totals)
{
	Survey *survey = (Survey *)observer;
	const Scanner *scanner;

	attempts_each(survey->hosts.attempts, ATTEMPT_SILENT, find_unanswered, observer,
		      totals->now);
	for (scanner = recent_oldest(survey->scanners); scanner; scanner = recent_newer(scanner))
		scanner_raise_totals(survey->analysis, scanner, totals->now);
}

bool survey_is_scan(Observer *survey, const Connection *connection)
{
	const Scanner *scanner = survey ? scanner_find((Survey *)survey, connection) : NULL;

	return scanner && scanner_is_known(scanner);
}

bool survey_takes(Observer *observer, const Connection *connection, const Anomaly *raised)
{
	Survey *survey = (Survey *)observer;
	AnomalyFold *fold;
	Scanner *scanner;

	if (survey_is_scan(observer, connection))
		return true;
	if (!survey || connection->self)
		return false;
	scanner = scanner_find(survey, connection);
	if (!scanner)
		return false;
	fold = scanner_fold(scanner, recall_of(survey->hosts.recall, connection)->odd,
			    raised->kind);
	if (fold)
		detect_fold(fold, raised, &scanner->entry.key.end[0].addr);
	return false;
}

bool survey_is_odd(Observer *survey, const Connection *connection)
{
	return survey && recall_of(((Survey *)survey)->hosts.recall, connection)->odd;
}

static void survey_free(Observer *observer)
{
	RecentTable *scanners = ((Survey *)observer)->scanners;

	for (Scanner *scanner = recent_oldest(scanners); scanner; scanner = recent_newer(scanner))
		scanner_clear(scanner);
	recent_free(scanners);
	g_free(observer);
}

Observer *detect_survey_new(Analysis *analysis, const HostDetectors *hosts)
{
	Survey *survey = g_new(Survey, 1);

	*survey = (Survey){
		.observer = {
			.wants_classes = SEGMENT_FIRST,
			.segment = survey_segment,
			.opened = survey_opened,
			.icmp = survey_icmp,
			.finish = survey_finish,
			.free = survey_free,
		},
		.analysis = analysis,
		.hosts = *hosts,
	};
	survey->scanners = recent_new(sizeof(Scanner), SCANNERS_MAX, scanner_leaves, survey);
	attempts_set_stage(hosts->attempts, ATTEMPT_SILENT, SILENT_AFTER, find_silent,
			   &survey->observer);
	return &survey->observer;
}
