/* The first numbers of each address and port pair: what tcpdump prints numbers relative to. Knows
 * tcpdump's rule and nothing else of TCP.
 *
 * The rule is simpler than a connection and follows no state: only segments with ACK count. The
 * first of a pair, and each one with SYN (so each SYN-ACK), is printed as it is and noted, its own
 * number and the acknowledgement number less one; all later ones are printed relative to what was
 * noted. A segment without ACK (a SYN, a bare RST) is printed as it is and notes nothing. tcpdump
 * never forgets a pair, and so neither does this table; but tcpdump's has a fixed number of chains
 * and gets slow, this one grows. */
#include <glib.h>
#include <string.h>

#include "flow/flow-key.h"
#include "report/tcpdump-parts.h"

#define SLOTS_FIRST 1024

/* One pair; unused while the version of its addresses is 0. */
typedef struct {
	FlowKey key;       /* both ends, scope 0: tcpdump knows neither VLAN nor tunnel here */
	uint32_t first[2]; /* the first number of each end, in the key's order */
} Pair;

/* Open addressing, at most half full. */
struct LineNumbers {
	Pair *slots;  /* @count of them */
	size_t count; /* a power of two */
	size_t used;  /* how many hold a pair */
};

LineNumbers *line_numbers_new(void)
{
	LineNumbers *numbers = g_new0(LineNumbers, 1);

	numbers->count = SLOTS_FIRST;
	numbers->slots = g_new0(Pair, numbers->count);
	return numbers;
}

void line_numbers_free(LineNumbers *numbers)
{
	if (!numbers)
		return;
	g_free(numbers->slots);
	g_free(numbers);
}

/* The slot of @key, or the one where it belongs. */
static Pair *find_slot(const LineNumbers *numbers, const FlowKey *key)
{
	size_t mask = numbers->count - 1;
	size_t at = flow_key_hash(key) & mask;

	while (numbers->slots[at].key.end[0].version != 0 &&
	       !flow_key_equal(&numbers->slots[at].key, key))
		at = (at + 1) & mask;
	return &numbers->slots[at];
}

static void grow(LineNumbers *numbers)
{
	g_autofree Pair *old = numbers->slots;
	size_t old_count = numbers->count;

	numbers->count *= 2;
	numbers->slots = g_new0(Pair, numbers->count);
	for (size_t i = 0; i < old_count; i++) {
		if (old[i].key.end[0].version != 0)
			*find_slot(numbers, &old[i].key) = old[i];
	}
}

LineBase line_numbers_base(LineNumbers *numbers, const Segment *segment)
{
	unsigned sender;
	FlowKey key;
	Pair *pair;
	LineBase base = { 0 };

	if (!(segment->flags & TH_ACK))
		return base;
	key = flow_key(segment, &sender);
	key.scope = 0;
	pair = find_slot(numbers, &key);
	if (pair->key.end[0].version != 0 && !(segment->flags & TH_SYN)) {
		base.seq = pair->first[sender];
		base.ack = pair->first[!sender];
		base.sack = base.ack;
		return base;
	}
	if (pair->key.end[0].version == 0) {
		if (numbers->used >= numbers->count / 2) {
			grow(numbers);
			pair = find_slot(numbers, &key);
		}
		numbers->used++;
		pair->key = key;
	}
	pair->first[sender] = segment->seq;
	pair->first[!sender] = segment->ack - 1;
	/* The line that is noted shows its own numbers as they are, but SACK blocks already
	 * relative. */
	base.sack = pair->first[!sender];
	return base;
}
