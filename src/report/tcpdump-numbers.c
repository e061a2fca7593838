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

#define PLACES_FIRST 1024

/* One pair. */
typedef struct {
	FlowKey key;       /* both ends, scope 0: tcpdump knows neither VLAN nor tunnel here */
	uint32_t first[2]; /* the first number of each end, in the key's order */
} Pair;

struct LineNumbers {
	Pair *pairs;   /* in the order in which they came; half as many fit as there are places */
	uint32_t used; /* how many there are */
	uint32_t *places; /* open addressing: a number of a pair, from 1; 0: free */
	uint32_t mask;    /* how many places less one; they are a power of two */
};

static void make_room(LineNumbers *numbers, uint32_t places)
{
	g_free(numbers->places);
	numbers->places = g_new0(uint32_t, places);
	numbers->mask = places - 1;
	numbers->pairs = g_renew(Pair, numbers->pairs, places / 2);
}

LineNumbers *line_numbers_new(void)
{
	LineNumbers *numbers = g_new0(LineNumbers, 1);

	make_room(numbers, PLACES_FIRST);
	return numbers;
}

void line_numbers_free(LineNumbers *numbers)
{
	if (!numbers)
		return;
	g_free(numbers->pairs);
	g_free(numbers->places);
	g_free(numbers);
}

/* The place of @key, or the one where it belongs. */
static uint32_t *find_place(const LineNumbers *numbers, const FlowKey *key)
{
	uint32_t at = flow_key_hash(key) & numbers->mask;

	while (numbers->places[at] != 0 &&
	       !flow_key_equal(&numbers->pairs[numbers->places[at] - 1].key, key))
		at = (at + 1) & numbers->mask;
	return &numbers->places[at];
}

static void grow(LineNumbers *numbers)
{
	make_room(numbers, (numbers->mask + 1) * 2);
	for (uint32_t at = 0; at < numbers->used; at++)
		*find_place(numbers, &numbers->pairs[at].key) = at + 1;
}

/* The number of the segment's pair; a new one has the highest that there is. */
static uint32_t find_pair(LineNumbers *numbers, const Segment *segment)
{
	unsigned sender;
	FlowKey key = flow_key(segment, &sender);
	uint32_t *place;

	key.scope = 0;
	place = find_place(numbers, &key);
	if (*place == 0) {
		if (numbers->used > numbers->mask / 2) {
			grow(numbers);
			place = find_place(numbers, &key);
		}
		numbers->pairs[numbers->used].key = key;
		*place = ++numbers->used;
	}
	return *place;
}

LineBase line_numbers_base(LineNumbers *numbers, const Segment *segment, uint32_t *number)
{
	uint32_t known = numbers->used;
	unsigned sender;
	Pair *pair;
	LineBase base = { 0 };

	if (!(segment->flags & TH_ACK))
		return base;
	if (*number == 0)
		*number = find_pair(numbers, segment);
	pair = &numbers->pairs[*number - 1];
	sender = memcmp(&segment->src, &pair->key.end[0], sizeof(Endpoint)) != 0;
	if (*number <= known && !(segment->flags & TH_SYN)) {
		base.seq = pair->first[sender];
		base.ack = pair->first[!sender];
		base.sack = base.ack;
		return base;
	}
	pair->first[sender] = segment->seq;
	pair->first[!sender] = segment->ack - 1;
	/* The line that is noted shows its own numbers as they are, but SACK blocks already
	 * relative. */
	base.sack = pair->first[!sender];
	return base;
}
