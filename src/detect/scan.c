/* Floods of SYNs; scans are survey.c's. Knows how many handshakes are begun with an endpoint and
 * how many are completed; knows no sequence number.
 *
 * A SYN flood (RFC 4987) begins handshakes and completes none. A busy server has many handshakes
 * under way as well, but each is completed within a round trip. So a handshake is judged once, a
 * second after its SYN, when every round trip is over; it counts as completed at the client's first
 * ACK. A refused SYN is neither: that port is closed. And a client that repeats its SYN is a real
 * one that gets no answer, no flood, and one that sends its ACK later than that is a slow one: what
 * was counted for these is taken back. An endpoint is in a flood while, over the last ten seconds,
 * at least a hundred handshakes failed this way and at least as many as were completed, and it
 * still is a second later, when those who repeat have repeated.
 *
 * One flood is one anomaly, whatever its size; when it ends with ten times as many as were said,
 * another of severity info gives the total. What the flood does to each connection has the same
 * cause and is not reported again, see scan_is_flooded(). */
#include "detect/scan.h"

#include <string.h>

#include "detect/attempts.h"
#include "detect/detect.h"
#include "detect/raise.h"
#include "detect/recall.h"
#include "flow/recent.h"

/* Seconds over which handshakes are counted, and how many failed ones within them are a flood. */
#define WINDOW       10
#define FLOOD_FAILED 100

/* When a handshake is judged, after its SYN: before that or its answer is repeated. And when a
 * flood is reported, after it was noticed. */
#define JUDGED_AFTER (900 * NSTIME_MILLISECOND)
#define RAISED_AFTER (1 * NSTIME_SECOND)

/* At the end of the capture, where no handshake was completed at all, a handshake is judged when
 * its SYN is that old. */
#define FINISH_AFTER (100 * NSTIME_MILLISECOND)

/* Total over the first count that is worth another line. */
#define TOTAL_GROWTH 10

/* Watched at once: those that handshakes were begun with last. */
#define ENDPOINTS_MAX 16384

/* An endpoint that handshakes are begun with. */
typedef struct {
	RecentEntry entry;          /* first: its key is the endpoint in end[0], the rest is zero */
	bool begun;                 /* @second is valid */
	NsTime second;              /* the second that is counted now, from the epoch */
	unsigned failed[WINDOW];    /* handshakes judged as failed, by second */
	unsigned completed[WINDOW]; /* handshakes completed, by second */
	bool flooded;               /* now */
	bool raised;                /* and it was said */
	NsTime noticed;             /* when it began to be so */
	bool was_flooded;           /* now or earlier: @from and @until are valid */
	NsTime from, until;         /* handshakes begun in between belong to the last flood */
	unsigned raised_at;         /* failed handshakes when it was raised */
	unsigned total;             /* failed handshakes since it began to be noticed */
	bool one_source;            /* all of them from @source */
	Address source;             /* where the first failed one came from */
	uint64_t frames[ANOMALY_FRAMES_MAX]; /* SYNs of the first ones; from @shown on 0 */
	unsigned shown;                      /* how many these are */
} Target;

typedef struct {
	Observer observer;    /* first: it is one */
	Analysis *analysis;   /* where anomalies go */
	HostDetectors hosts;  /* who knows of attempts */
	RecentTable *targets; /* Target */
} Scan;

/* Of the endpoint that the connection with @key was opened to. */
static FlowKey target_key(const FlowKey *key, unsigned client)
{
	FlowKey target;

	memset(&target, 0, sizeof(target));
	target.end[0] = key->end[detect_peer(client)];
	target.scope = key->scope;
	return target;
}

/* Where a second is counted; times before the epoch exist in hostile captures only. */
static unsigned place_of(NsTime second)
{
	return (uint64_t)second % WINDOW;
}

static unsigned sum(const unsigned *counts)
{
	unsigned total = 0;

	for (unsigned i = 0; i < WINDOW; i++)
		total += counts[i];
	return total;
}

/* The hosts that a flood is about: the one that is flooded, and the one that does it if there is no
 * other. */
static void set_hosts(Anomaly *anomaly, const Target *target)
{
	anomaly->hosts[0] = target->entry.key.end[0];
	if (!target->one_source)
		return;
	anomaly->hosts[1].addr = target->source;
	anomaly->hosts[1].version = anomaly->hosts[0].version;
}

/* The flood is over, or the capture is. */
static void end_flood(Scan *scan, Target *target, NsTime now)
{
	char endpoint[ENDPOINT_TEXT_MAX];
	Anomaly anomaly = detect_later(NULL, ANOMALY_SYN_FLOOD, ANOMALY_NO_SIDE, now);

	target->flooded = false;
	if (!target->raised || target->total < TOTAL_GROWTH * target->raised_at)
		return;
	endpoint_format(endpoint, &target->entry.key.end[0]);
	anomaly.severity = SEVERITY_INFO;
	set_hosts(&anomaly, target);
	for (unsigned i = 0; i < ANOMALY_FRAMES_MAX; i++)
		detect_evidence(&anomaly, target->frames[i]);
	detect_raise(
		scan->analysis, anomaly,
		"the flood of SYNs to %s came to %u handshakes that were not completed, within %s",
		endpoint, target->total, detect_span(target->until - target->from).text);
}

/* Moves the window on to the second of @now. */
static void target_advance(Scan *scan, Target *target, NsTime now)
{
	NsTime second = now / NSTIME_SECOND;

	for (unsigned i = 0; i < WINDOW && target->second < second; i++) {
		target->second++;
		target->failed[place_of(target->second)] = 0;
		target->completed[place_of(target->second)] = 0;
	}
	target->second = MAX(target->second, second);
	if (target->failed[place_of(target->second)] || sum(target->failed))
		return;
	if (target->flooded)
		end_flood(scan, target, now);
	target->total = target->shown = 0;
	memset(target->frames, 0, sizeof(target->frames));
}

/* The endpoint, with its window at @now. */
static Target *target_of(Scan *scan, const FlowKey *key, NsTime now)
{
	Target *target = recent_use(scan->targets, key, now);

	if (!target->begun)
		target->second = now / NSTIME_SECOND;
	target->begun = true;
	target_advance(scan, target, now);
	return target;
}

static bool is_flood(const Target *target)
{
	unsigned failed = sum(target->failed);

	return failed >= FLOOD_FAILED && failed >= sum(target->completed);
}

static void raise_flood(Scan *scan, Target *target, NsTime now)
{
	unsigned failed = sum(target->failed), completed = sum(target->completed);
	char endpoint[ENDPOINT_TEXT_MAX], source[ADDRESS_TEXT_MAX] = "many addresses";
	Anomaly anomaly = detect_later(NULL, ANOMALY_SYN_FLOOD, ANOMALY_NO_SIDE, now);

	target->raised = true;
	target->raised_at = target->total;
	set_hosts(&anomaly, target);
	endpoint_format(endpoint, &target->entry.key.end[0]);
	if (target->one_source)
		address_format(source, &target->source, target->entry.key.end[0].version);
	for (unsigned i = 0; i < ANOMALY_FRAMES_MAX; i++)
		detect_evidence(&anomaly, target->frames[i]);
	detect_raise(
		scan->analysis, anomaly,
		"of the last %u handshakes that were begun with %s, from %s, %u were not completed",
		failed + completed, endpoint, source, failed);
}

/* Says that a flood is on when it lasts, or when the capture ends (@last), and takes it back when
 * it does not. */
static void review(Scan *scan, Target *target, NsTime now, bool last)
{
	if (!target->flooded || target->raised || (!last && now - target->noticed < RAISED_AFTER))
		return;
	if (is_flood(target))
		raise_flood(scan, target, now);
	else
		target->flooded = target->was_flooded = false;
}

/* An endpoint makes room for another. What failed there within the window might have become a
 * flood, and what belongs to one is not known any more. */
static void target_leaves(void *data, void *entry, NsTime now)
{
	Scan *scan = data;
	Target *target = entry;

	review(scan, target, now, true);
	target_advance(scan, target, now);
	if (!sum(target->failed))
		return;
	if (target->flooded)
		end_flood(scan, target, now);
	analysis_forget(scan->analysis, FORGOTTEN_HOSTS);
}

/* Counts a handshake that was not completed at @now. */
static void judge_failed(Scan *scan, Attempt *attempt, NsTime now)
{
	const FlowKey key = target_key(&attempt->key, attempt->client);
	Target *target = target_of(scan, &key, now);
	const Address *source = &attempt->key.end[attempt->client].addr;

	attempt->open = false;
	attempt->failed = true;
	if (!target->total) {
		target->source = *source;
		target->one_source = true;
	}
	target->one_source =
		target->one_source && !memcmp(source, &target->source, sizeof(*source));
	if (target->shown < ANOMALY_FRAMES_MAX)
		target->frames[target->shown++] = attempt->frame;
	target->total++;
	target->failed[place_of(target->second)]++;
	if (!target->flooded && is_flood(target)) {
		target->flooded = target->was_flooded = true;
		target->raised = false;
		target->noticed = now;
		target->from = now - WINDOW * NSTIME_SECOND - JUDGED_AFTER;
	}
	if (target->flooded)
		target->until = attempt->begun;
	/* What was raised, or has not been noticed by now, is not raised a second later. */
	attempt->review = target->flooded && !target->raised;
}

/* It is no evidence any more. */
static void forget_frame(Target *target, uint64_t frame)
{
	uint64_t *frames = target->frames;
	unsigned left = 0;

	for (unsigned i = 0; i < target->shown; i++)
		if (frames[i] != frame)
			frames[left++] = frames[i];
	memset(frames + left, 0, (target->shown - left) * sizeof(*frames));
	target->shown = left;
}

/* A handshake that was @begun with @target, in @frame, was judged as failed, and had not. */
static void take_back(Target *target, NsTime begun, uint64_t frame)
{
	NsTime second = (begun + JUDGED_AFTER) / NSTIME_SECOND;

	if (target->second - second >= WINDOW || !target->failed[place_of(second)])
		return;
	target->failed[place_of(second)]--;
	target->total--;
	forget_frame(target, frame);
}

static void count_completed(Target *target)
{
	target->completed[place_of(target->second)]++;
}

static uint64_t first_frame(const Scan *scan, const Connection *connection)
{
	return recall_frame(scan->hosts.recall, recall_of(scan->hosts.recall, connection)->first);
}

/* The segment tells what came of the handshake. One that was judged as @failed before had not: a
 * client that repeats its SYN means it, one that completes the handshake then is slow, and so is
 * the way of a SYN that is refused then. */
static void settle(Scan *scan, const SegmentEvent *event, Attempt *attempt, bool failed)
{
	const Connection *connection = event->connection;
	bool by_client = connection_is_client(connection, event->sender);
	bool rst = event->segment->flags & TH_RST;
	bool completed = by_client && !rst && event->segment->flags & TH_ACK;
	NsTime now = event->segment->time;
	FlowKey key;
	Target *target;

	if (by_client && rst) {
		if (!failed)
			judge_failed(scan, attempt, now);
		return;
	}
	if (!failed)
		attempt->open = false;
	if (!failed && !completed)
		return;
	key = target_key(&connection->key, connection->client);
	target = target_of(scan, &key, now);
	if (failed)
		take_back(target, connection->first, first_frame(scan, connection));
	if (completed)
		count_completed(target);
}

static void scan_segment(Observer *observer, const SegmentEvent *event)
{
	Scan *scan = (Scan *)observer;
	Connection *connection = event->connection;
	Recall *recall = recall_of(scan->hosts.recall, connection);
	Attempt *attempt = attempts_of(scan->hosts.attempts, connection);
	bool by_client = connection_is_client(connection, event->sender);
	bool failed = !attempt || attempt->failed;

	/* What did not begin with a SYN is not judged, nor what another has taken the ports of. */
	if (event->class & SEGMENT_STRAY || !recall->attempt ||
	    recall_has(recall, MARK_HANDSHAKE_KNOWN) || (attempt && !attempt->open && !failed))
		return;
	if (!recall->first) {
		observer_watch(observer, connection, true);
	} else if (event->segment->flags & TH_RST ||
		   (by_client && (event->segment->flags & TH_ACK ||
				  (failed && event->class & SEGMENT_SYN_AGAIN)))) {
		recall_mark(recall, MARK_HANDSHAKE_KNOWN);
		observer_watch(observer, connection, false);
		settle(scan, event, attempt, failed);
	}
}

static bool scan_opened(Observer *observer, const Segment *ack, const FlowPlace *place,
			const EmbryoMemo *memo)
{
	Scan *scan = (Scan *)observer;
	Attempt *attempt = attempts_noted(scan->hosts.attempts, memo);
	FlowKey key;
	Target *target;

	/* When it began is not known any more: the connection has to say. */
	if (!attempt)
		return !memo->number;
	key = target_key(&place->key, place->sender);
	target = target_of(scan, &key, ack->time);
	if (attempt->failed)
		take_back(target, attempt->begun, attempt->frame);
	attempt->open = false;
	count_completed(target);
	return true;
}

static void judge(Observer *observer, Attempt *attempt, NsTime now)
{
	if (attempt->open)
		judge_failed((Scan *)observer, attempt, now);
}

static void look_again(Observer *observer, Attempt *attempt, NsTime now)
{
	Scan *scan = (Scan *)observer;
	FlowKey key;

	if (!attempt->review)
		return;
	key = target_key(&attempt->key, attempt->client);
	review(scan, target_of(scan, &key, now), now, false);
}

static void judge_unfinished(Observer *observer, Attempt *attempt, NsTime now)
{
	Scan *scan = (Scan *)observer;
	FlowKey key;

	if (!attempt->open || now - attempt->begun < FINISH_AFTER)
		return;
	key = target_key(&attempt->key, attempt->client);
	if (!sum(target_of(scan, &key, now)->completed))
		judge_failed(scan, attempt, now);
}

/* A capture may end before the first handshakes of a flood are a second old. */
static void scan_finish(Observer *observer, const AnalysisTotals *totals)
{
	Scan *scan = (Scan *)observer;
	Target *target;

	attempts_each(scan->hosts.attempts, ATTEMPT_JUDGED, judge_unfinished, observer,
		      totals->now);
	for (target = recent_oldest(scan->targets); target; target = recent_newer(target)) {
		review(scan, target, totals->now, true);
		if (target->flooded)
			end_flood(scan, target, totals->now);
	}
}

bool scan_flooded_then(Observer *scan, const FlowKey *key, unsigned client, NsTime first)
{
	FlowKey of_target = target_key(key, client);
	const Target *target;

	if (!scan)
		return false;
	target = recent_find(((Scan *)scan)->targets, &of_target);
	return target && target->was_flooded && first >= target->from &&
	       (target->flooded || first <= target->until);
}

bool scan_is_flooded(Observer *scan, const Connection *connection)
{
	return scan_flooded_then(scan, &connection->key, connection->client, connection->first);
}

static void scan_free(Observer *observer)
{
	Scan *scan = (Scan *)observer;

	recent_free(scan->targets);
	g_free(scan);
}

Observer *detect_scan_new(Analysis *analysis, const HostDetectors *hosts)
{
	Scan *scan = g_new(Scan, 1);

	*scan = (Scan){
		.observer = {
			.wants_classes = SEGMENT_FIRST | SEGMENT_SYN_AGAIN,
			.segment = scan_segment,
			.opened = scan_opened,
			.finish = scan_finish,
			.free = scan_free,
		},
		.analysis = analysis,
		.hosts = *hosts,
	};
	scan->targets = recent_new(sizeof(Target), ENDPOINTS_MAX, target_leaves, scan);
	attempts_set_stage(hosts->attempts, ATTEMPT_JUDGED, JUDGED_AFTER, judge, &scan->observer);
	attempts_set_stage(hosts->attempts, ATTEMPT_REVIEWED, JUDGED_AFTER + RAISED_AFTER,
			   look_again, &scan->observer);
	return &scan->observer;
}
