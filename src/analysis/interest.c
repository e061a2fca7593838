/* Which detectors want which events. Knows what each asked for at its registration; knows nothing
 * of what they do with it. */
#include "analysis/interest.h"

void interest_add(Interest *interest, const Observer *detector)
{
	uint16_t bit = (uint16_t)(1u << detector->id);
	bool all = !detector->wants_enter && !detector->wants_leave;

	for (unsigned flags = 0; flags <= TH_ALL; flags++) {
		if ((flags | WANTS_ALL) & detector->wants_flags)
			interest->flags[flags] |= bit;
	}
	for (unsigned class = 0; class < INTEREST_CLASSES; class ++) {
		if (detector->wants_classes & 1u << class)
			interest->class[class] |= bit;
	}
	interest->classes |= detector->wants_classes;
	if (!detector->transition)
		return;
	for (unsigned state = 0; state < TCP_STATE_COUNT; state++) {
		if (all || detector->wants_enter & STATE_BIT(state))
			interest->enter[state] |= bit;
		if (detector->wants_leave & STATE_BIT(state))
			interest->leave[state] |= bit;
	}
}

static bool gets_all(const Observer *observer, bool is_detector)
{
	return observer->segment && (!is_detector || observer->wants_flags & WANTS_ALL);
}

/* Those that get every segment, or those that do not, in the reverse of their order: what a segment
 * says to all of them the one that is registered last remembers (detect/recall.h), of whose memory
 * each segment touches most. Returns where the next slot may begin. */
static size_t place(const GPtrArray *observers, bool are_detectors, bool all, size_t at)
{
	for (unsigned i = observers->len; i-- > 0;) {
		Observer *observer = observers->pdata[i];

		if (observer->slot_is_rare || gets_all(observer, are_detectors) != all)
			continue;
		observer->slot_offset = at;
		at += (observer->slot_size + 7) / 8 * 8;
	}
	return at;
}

size_t interest_place_slots(const GPtrArray *detectors, const GPtrArray *reports)
{
	size_t at = (sizeof(ConnectionInterest) + 7) / 8 * 8;

	at = place(detectors, true, true, at);
	at = place(reports, false, true, at);
	at = place(detectors, true, false, at);
	return place(reports, false, false, at);
}
