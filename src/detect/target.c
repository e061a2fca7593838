/* An endpoint that handshakes are begun with. Knows how many of them failed and how many were
 * completed, when that makes a flood, and how a flood is told; knows no connection. */
#include "detect/target.h"

#include <string.h>

#include "detect/raise.h"

/* How many failed handshakes within the window are a flood. */
#define FLOOD_FAILED 100

/* Total over the first count that is worth another line. */
#define TOTAL_GROWTH 10

/* The one that @time is in, before the epoch, too. */
static NsTime second_of(NsTime time)
{
	return time / NSTIME_SECOND - (time % NSTIME_SECOND < 0);
}

/* Where a second is counted; times before the epoch exist in hostile captures only. */
static unsigned place_of(NsTime second)
{
	return (uint64_t)second % TARGET_WINDOW;
}

static unsigned sum(const unsigned *counts)
{
	unsigned total = 0;

	for (unsigned i = 0; i < TARGET_WINDOW; i++)
		total += counts[i];
	return total;
}

bool target_has_failed(const Target *target)
{
	return sum(target->failed) > 0;
}

bool target_has_completed(const Target *target)
{
	return sum(target->completed) > 0;
}

/* The hosts that a flood is about: the one that is flooded, and the one that does it if there is no
 * other. Returns whether there is none. */
static bool set_hosts(Anomaly *anomaly, const Target *target)
{
	anomaly->hosts[0] = target->entry.key.end[0];
	if (!sources_are_one(&target->sources, target->total, &anomaly->hosts[1].addr))
		return false;
	anomaly->hosts[1].version = anomaly->hosts[0].version;
	return true;
}

void target_end_flood(Analysis *analysis, Target *target, NsTime now)
{
	const TargetFlood *flood = &target->floods[0];
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
		analysis, anomaly,
		"the flood of SYNs to %s came to %u handshakes that were not completed, within %s",
		endpoint, target->total, detect_span(flood->until - flood->from).text);
}

/* It was none; the one before may have been. */
static void forget_flood(Target *target)
{
	target->flooded = false;
	target->floods[0] = target->floods[1];
	target->floods[1].noticed = false;
}

void target_move_on(Analysis *analysis, Target *target, NsTime now)
{
	NsTime second = second_of(now);

	if (!target->begun)
		target->second = second;
	target->begun = true;
	for (unsigned i = 0; i < TARGET_WINDOW && target->second < second; i++) {
		target->second++;
		target->failed[place_of(target->second)] = 0;
		target->completed[place_of(target->second)] = 0;
	}
	target->second = MAX(target->second, second);
	target->ends = (target->second + 1) * NSTIME_SECOND;
	if (target->failed[place_of(target->second)] || target_has_failed(target))
		return;
	/* All that it seemed to be was taken back before it was said. */
	if (target->flooded && !target->raised)
		forget_flood(target);
	if (target->flooded)
		target_end_flood(analysis, target, now);
	target->total = target->shown = 0;
	target->sources = (Sources){ 0 };
	memset(target->frames, 0, sizeof(target->frames));
}

static bool is_flood(const Target *target)
{
	unsigned failed = sum(target->failed);

	return failed >= FLOOD_FAILED && failed >= sum(target->completed);
}

static void raise_flood(Analysis *analysis, Target *target, NsTime now)
{
	unsigned failed = sum(target->failed), completed = sum(target->completed);
	char endpoint[ENDPOINT_TEXT_MAX], source[ADDRESS_TEXT_MAX] = "many addresses";
	Anomaly anomaly = detect_later(NULL, ANOMALY_SYN_FLOOD, ANOMALY_NO_SIDE, now);

	target->raised = true;
	target->raised_at = target->total;
	endpoint_format(endpoint, &target->entry.key.end[0]);
	if (set_hosts(&anomaly, target))
		address_format(source, &anomaly.hosts[1].addr, anomaly.hosts[1].version);
	for (unsigned i = 0; i < ANOMALY_FRAMES_MAX; i++)
		detect_evidence(&anomaly, target->frames[i]);
	detect_raise(
		analysis, anomaly,
		"of the last %u handshakes that were begun with %s, from %s, %u were not completed",
		failed + completed, endpoint, source, failed);
}

static void begin_flood(Target *target, NsTime now)
{
	target->flooded = true;
	target->raised = false;
	target->noticed = now;
	target->floods[1] = target->floods[0];
	target->floods[0] = (TargetFlood){
		.noticed = true,
		.from = now - TARGET_WINDOW * NSTIME_SECOND - TARGET_JUDGED_AFTER,
		.until = NSTIME_EARLIEST,
	};
}

void target_review(Analysis *analysis, Target *target, NsTime now, bool last)
{
	if (!target->flooded || target->raised ||
	    (!last && now - target->noticed < TARGET_RAISED_AFTER))
		return;
	if (is_flood(target))
		raise_flood(analysis, target, now);
	else
		forget_flood(target);
}

/* Where a handshake is counted as failed; NULL: it is too old. */
static unsigned *count_of(Target *target, const TargetHandshake *handshake)
{
	NsTime second = second_of(handshake->judged);

	if (second > target->second || target->second - second >= TARGET_WINDOW)
		return NULL;
	return &target->failed[place_of(second)];
}

void target_fail(Target *target, const TargetHandshake *handshake, NsTime now)
{
	unsigned *count = count_of(target, handshake);

	if (!count)
		return;
	++*count;
	target->total++;
	sources_add(&target->sources, handshake->source);
	if (target->shown < ANOMALY_FRAMES_MAX)
		target->frames[target->shown++] = handshake->frame;
	if (!target->flooded && is_flood(target))
		begin_flood(target, now);
	if (target->flooded)
		target->floods[0].until = MAX(target->floods[0].until, handshake->begun);
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

void target_take_back(Target *target, const TargetHandshake *handshake)
{
	unsigned *count = count_of(target, handshake);

	if (!count || !*count)
		return;
	--*count;
	target->total--;
	sources_remove(&target->sources, handshake->source);
	forget_frame(target, handshake->frame);
	/* Nothing is left of it, which is seen next time. */
	if (!target_has_failed(target))
		target->ends = NSTIME_EARLIEST;
}

void target_complete(Target *target)
{
	target->completed[place_of(target->second)]++;
}

bool target_was_flooded(const Target *target, NsTime first)
{
	for (unsigned i = 0; i < TARGET_FLOODS; i++) {
		const TargetFlood *flood = &target->floods[i];
		bool is_on = i == 0 && target->flooded;

		if (flood->noticed && first >= flood->from && (is_on || first <= flood->until))
			return true;
	}
	return false;
}
