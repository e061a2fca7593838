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
#include "detect/target.h"

/* At the end of the capture, where no handshake was completed at all, a handshake is judged when
 * its SYN is that old. */
#define FINISH_AFTER (100 * NSTIME_MILLISECOND)

/* Watched at once: those that handshakes were begun with last. */
#define ENDPOINTS_MAX 16384

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

/* That endpoint, with its window at @now. In a flood it is the one that was looked for last. */
static Target *target_of(Scan *scan, const FlowKey *key, unsigned client, NsTime now)
{
	Target *target = recent_newest(scan->targets);

	if (!target || target->entry.key.scope != key->scope ||
	    memcmp(&target->entry.key.end[0], &key->end[detect_peer(client)], sizeof(Endpoint))) {
		const FlowKey own = target_key(key, client);

		target = recent_use(scan->targets, &own, now);
	}
	target_advance(scan->analysis, target, now);
	return target;
}

/* An endpoint makes room for another. What failed there within the window might have become a
 * flood, and what belongs to one is not known any more. */
static void target_leaves(void *data, void *entry, NsTime now)
{
	Scan *scan = data;
	Target *target = entry;

	target_review(scan->analysis, target, now, true);
	target_advance(scan->analysis, target, now);
	if (!target_has_failed(target))
		return;
	if (target->flooded)
		target_end_flood(scan->analysis, target, now);
	analysis_forget(scan->analysis, FORGOTTEN_HOSTS);
}

/* Counts a handshake as failed that was to be judged at @judged. */
static void judge_failed(Scan *scan, Attempt *attempt, NsTime judged, NsTime now)
{
	const TargetHandshake handshake = {
		.begun = attempt->begun,
		.judged = judged,
		.frame = attempt->frame,
		.source = &attempt->key.end[attempt->client].addr,
	};
	Target *target = target_of(scan, &attempt->key, attempt->client, now);

	attempt->open = false;
	attempt->failed = true;
	target_fail(target, &handshake, now);
	/* What was raised, or has not been noticed by now, is not raised a second later. */
	attempt->review = target->flooded && !target->raised;
	attempt->flooded = target->flooded;
}

/* A handshake that was @begun with @target by @source, in @frame, was judged as failed when it was
 * time, and had not. */
static void take_back(Target *target, NsTime begun, uint64_t frame, const Address *source)
{
	target_take_back(target,
			 &(TargetHandshake){ begun, begun + TARGET_JUDGED_AFTER, frame, source });
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
	Target *target;

	if (by_client && rst) {
		if (!failed)
			judge_failed(scan, attempt, now, now);
		return;
	}
	if (!failed)
		attempt->open = false;
	if (!failed && !completed)
		return;
	target = target_of(scan, &connection->key, connection->client, now);
	if (failed)
		take_back(target, connection->first, first_frame(scan, connection),
			  &connection->key.end[connection->client].addr);
	if (completed)
		target_complete(target);
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
	Target *target;

	/* When it began is not known any more: the connection has to say. */
	if (!attempt)
		return !memo->number;
	target = target_of(scan, &place->key, place->sender, ack->time);
	if (attempt->failed)
		take_back(target, attempt->begun, attempt->frame,
			  &place->key.end[place->sender].addr);
	attempt->open = false;
	target_complete(target);
	return true;
}

static void judge(Observer *observer, Attempt *attempt, NsTime now)
{
	if (attempt->open)
		judge_failed((Scan *)observer, attempt, attempt->begun + TARGET_JUDGED_AFTER, now);
}

static void look_again(Observer *observer, Attempt *attempt, NsTime now)
{
	Scan *scan = (Scan *)observer;
	Target *target;

	if (!attempt->review)
		return;
	target = target_of(scan, &attempt->key, attempt->client, now);
	target_review(scan->analysis, target, now, false);
	attempt->flooded = target->flooded;
}

static void judge_unfinished(Observer *observer, Attempt *attempt, NsTime now)
{
	Scan *scan = (Scan *)observer;

	if (!attempt->open || now - attempt->begun < FINISH_AFTER)
		return;
	if (!target_has_completed(target_of(scan, &attempt->key, attempt->client, now)))
		judge_failed(scan, attempt, now, now);
}

/* A capture may end before the first handshakes of a flood are a second old. */
static void scan_finish(Observer *observer, const AnalysisTotals *totals)
{
	Scan *scan = (Scan *)observer;
	Target *target;

	attempts_each(scan->hosts.attempts, ATTEMPT_JUDGED, judge_unfinished, observer,
		      totals->now);
	for (target = recent_oldest(scan->targets); target; target = recent_newer(target)) {
		target_review(scan->analysis, target, totals->now, true);
		if (target->flooded)
			target_end_flood(scan->analysis, target, totals->now);
	}
}

bool scan_flooded_then(Observer *scan, const FlowKey *key, unsigned client, NsTime first)
{
	FlowKey of_target = target_key(key, client);
	const Target *target;

	if (!scan)
		return false;
	target = recent_find(((Scan *)scan)->targets, &of_target);
	return target && target_was_flooded(target, first);
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
	attempts_set_stage(hosts->attempts, ATTEMPT_JUDGED, TARGET_JUDGED_AFTER, judge,
			   &scan->observer);
	attempts_set_stage(hosts->attempts, ATTEMPT_REVIEWED,
			   TARGET_JUDGED_AFTER + TARGET_RAISED_AFTER, look_again, &scan->observer);
	return &scan->observer;
}
