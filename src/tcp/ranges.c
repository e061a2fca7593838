/* Bytes seen beyond a hole. Knows intervals of sequence numbers; knows nothing of whose they are.
 */
#include "tcp/ranges.h"

#include <glib.h>
#include <string.h>

#include "base/seq.h"

/* Takes @count intervals out at @at. */
static void remove_at(Ranges *ranges, unsigned at, unsigned count)
{
	memmove(&ranges->range[at], &ranges->range[at + count],
		(ranges->count - at - count) * sizeof(ranges->range[0]));
	ranges->count -= count;
}

void ranges_add(Ranges *ranges, uint32_t left, uint32_t right)
{
	unsigned at = 0;
	unsigned joined = 0;

	if (!seq_lt(left, right))
		return;
	while (at < ranges->count && seq_lt(ranges->range[at].right, left))
		at++;
	while (at + joined < ranges->count && seq_leq(ranges->range[at + joined].left, right)) {
		left = seq_min(left, ranges->range[at + joined].left);
		right = seq_max(right, ranges->range[at + joined].right);
		joined++;
	}
	if (joined > 1)
		remove_at(ranges, at, joined - 1);
	if (!joined) {
		if (ranges->count == RANGES_MAX) {
			if (at == RANGES_MAX)
				return;
			ranges->count--;
		}
		memmove(&ranges->range[at + 1], &ranges->range[at],
			(ranges->count - at) * sizeof(ranges->range[0]));
		ranges->count++;
	}
	ranges->range[at].left = left;
	ranges->range[at].right = right;
}

uint32_t ranges_advance(Ranges *ranges, uint32_t next)
{
	unsigned passed = 0;

	while (passed < ranges->count && seq_leq(ranges->range[passed].left, next)) {
		next = seq_max(next, ranges->range[passed].right);
		passed++;
	}
	if (passed)
		remove_at(ranges, 0, passed);
	return next;
}

void ranges_cut(Ranges *ranges, uint32_t limit)
{
	while (ranges->count && seq_geq(ranges->range[ranges->count - 1].left, limit))
		ranges->count--;
	if (ranges->count && seq_gt(ranges->range[ranges->count - 1].right, limit))
		ranges->range[ranges->count - 1].right = limit;
}
