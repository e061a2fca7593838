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
