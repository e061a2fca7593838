/* The fields of a connection as words of 32 bits, and the other way round. Knows the fields; knows
 * nothing of what they mean for its states.
 *
 * One list of the fields, walk(), serves both directions. A word is what a field differs by from
 * what is to be expected of it: a mark from the mark that it follows, a time from another time of
 * the connection. So most are zero, or small, and those that are zero together stand together in
 * the list: see words.h. */
#include "flow/fields.h"

#include <glib.h>
#include <string.h>

/* Whether fields go in or come out. Always a constant where it is used, so that each direction is
 * code of its own. */
typedef enum { FREEZE, THAW } Direction;

#define ALWAYS_INLINE inline __attribute__((always_inline))

static ALWAYS_INLINE void walk_32(uint32_t **words, uint32_t *field, uint32_t expected,
				  Direction direction)
{
	if (direction == FREEZE)
		**words = *field - expected;
	else
		*field = **words + expected;
	++*words;
}

/* The same of a field that is not more than what is expected. */
static ALWAYS_INLINE void walk_less(uint32_t **words, uint32_t *field, uint32_t expected,
				    Direction direction)
{
	if (direction == FREEZE)
		**words = expected - *field;
	else
		*field = expected - **words;
	++*words;
}

/* Two words. */
static ALWAYS_INLINE void walk_64(uint32_t **words, void *field, Direction direction)
{
	uint64_t value;

	memcpy(&value, field, sizeof(value));
	if (direction == FREEZE) {
		(*words)[0] = (uint32_t)value;
		(*words)[1] = (uint32_t)(value >> 32);
	} else {
		value = (*words)[0] | (uint64_t)(*words)[1] << 32;
		memcpy(field, &value, sizeof(value));
	}
	*words += 2;
}

static ALWAYS_INLINE void walk_pointer(uint32_t **words, void *pointer, Direction direction)
{
	uint64_t value = 0;

	memcpy(&value, pointer, sizeof(void *));
	walk_64(words, &value, direction);
	if (direction == THAW)
		memcpy(pointer, &value, sizeof(void *));
}

/* Those of an IPv4 address come first. The version is in the last word of an endpoint. */
static ALWAYS_INLINE void walk_key(uint32_t **words, FlowKey *key, Direction direction)
{
	static const Endpoint usual = { .version = 4 };
	static const uint8_t order[] = { 0, 5, 4, 9, 1, 2, 3, 6, 7, 8, 10 };
	uint32_t parts[G_N_ELEMENTS(order)];
	uint32_t version;

	G_STATIC_ASSERT(sizeof(parts) == sizeof(*key));
	G_STATIC_ASSERT(sizeof(Endpoint) == 5 * sizeof(uint32_t));
	memcpy(&version, (const char *)&usual + sizeof(Address), sizeof(version));
	if (direction == FREEZE)
		memcpy(parts, key, sizeof(parts));
	for (unsigned i = 0; i < G_N_ELEMENTS(order); i++)
		walk_32(words, &parts[order[i]], order[i] % 5 == 4 ? version : 0, direction);
	if (direction == THAW)
		memcpy(key, parts, sizeof(parts));
	/* What comes next begins a group. */
	if (direction == FREEZE)
		**words = 0;
	++*words;
}

/* Two bytes of which no more than the low four bits are expected to be used, in one. */
static ALWAYS_INLINE void walk_pair(uint32_t **words, uint8_t *a, uint8_t *b, Direction direction)
{
	uint32_t value = 0;

	if (direction == FREEZE)
		value = (*a & 15u) | (*b & 15u) << 4 | (uint32_t)(*a >> 4) << 8 |
			(uint32_t)(*b >> 4) << 12;
	walk_32(words, &value, 0, direction);
	if (direction == THAW) {
		*a = (uint8_t)((value & 15) | (value >> 8 & 15) << 4);
		*b = (uint8_t)((value >> 4 & 15) | (value >> 12 & 15) << 4);
	}
}

/* The bit-fields of a side lie between its marks and its window's scale. */
#define FACTS      (offsetof(TcpSide, ts_recent) + sizeof(uint32_t))
#define FACTS_SIZE (offsetof(TcpSide, wscale) - FACTS)

/* What a side has, and what of that moves as long as it sends. */
static ALWAYS_INLINE void walk_side(uint32_t **words, TcpSide *side, Direction direction)
{
	uint32_t facts;

	G_STATIC_ASSERT(FACTS_SIZE == sizeof(facts));
	memcpy(&facts, (const char *)side + FACTS, sizeof(facts));
	walk_32(words, &facts, 0, direction);
	if (direction == THAW)
		memcpy((char *)side + FACTS, &facts, sizeof(facts));
	walk_pair(words, &side->wscale, &side->state, direction);
	walk_32(words, &side->iss, 0, direction);
	walk_32(words, &side->snd_nxt, side->iss, direction);
}

/* What each side sent comes before what the other one received of it. */
static ALWAYS_INLINE void walk_marks(uint32_t **words, TcpSide *side, const TcpSide *peer,
				     Direction direction)
{
	uint32_t next = peer->snd_nxt;

	walk_32(words, &side->snd_una, side->una_known ? side->snd_nxt : side->iss, direction);
	walk_less(words, &side->una_proven, side->snd_una, direction);
	walk_32(words, &side->rcv_nxt, side->rcv_known ? next : 0, direction);
	walk_less(words, &side->rcv_acked, side->acked_known ? side->rcv_nxt : 0, direction);
	walk_32(words, &side->rcv_adv, side->acked_known ? side->rcv_acked : 0, direction);
	walk_32(words, &side->ack_last, side->acked_known ? side->rcv_acked : 0, direction);
	walk_less(words, &side->fin_acked_at, side->fin_acked_seen ? next : 0, direction);
	walk_32(words, &side->ts_recent, 0, direction);
}

/* What differs in few connections only. */
static ALWAYS_INLINE void walk_rare(uint32_t **words, Connection *connection, Direction direction)
{
	TcpSide *side = connection->side;

	for (unsigned i = 0; i < 2; i++) {
		walk_32(words, &side[i].snd_seen, side[i].snd_nxt, direction);
		walk_32(words, &side[i].fin_seq, side[i].fin_sent ? side[i].snd_nxt - 1 : 0,
			direction);
		walk_32(words, &side[i].sack_max, 0, direction);
		walk_pair(words, &connection->syn_acks[i], &connection->syn_ack_tries[i],
			  direction);
	}
	walk_64(words, &connection->syn_ack_gap, direction);
	walk_pointer(words, &side[0].beyond, direction);
	walk_pointer(words, &side[1].beyond, direction);
	walk_pointer(words, &connection->provisional, direction);
	walk_pointer(words, &connection->previous, direction);
	walk_pointer(words, &connection->report, direction);
	walk_pointer(words, &connection->extras, direction);
	walk_64(words, &connection->rtt[0], direction);
	walk_64(words, &connection->rtt[1], direction);
}

/* The members of one or two values. */
static ALWAYS_INLINE void walk_flags(uint32_t **words, Connection *connection, Direction direction)
{
	bool *bits[] = { &connection->self,         &connection->retired,
			 &connection->present,      &connection->reset_ended,
			 &connection->rtt_known[0], &connection->rtt_known[1],
			 &connection->touched };
	uint32_t value = 0;

	if (direction == FREEZE) {
		value = connection->first_sender | (uint32_t)connection->client << 1;
		for (unsigned i = 0; i < G_N_ELEMENTS(bits); i++)
			value |= (uint32_t)*bits[i] << (i + 2);
	}
	walk_32(words, &value, 0, direction);
	if (direction == THAW) {
		connection->first_sender = value & 1;
		connection->client = value >> 1 & 1;
		for (unsigned i = 0; i < G_N_ELEMENTS(bits); i++)
			*bits[i] = value >> (i + 2) & 1;
	}
	walk_pair(words, &connection->open, &connection->close, direction);
}

/* --- Times ----------------------------------------------------------------------------------- */

/* The times of a connection that were walked. */
#define TIMES 19u

typedef struct {
	NsTime time[TIMES];
	unsigned count;
	uint32_t *low, *high; /* words: of the next one */
	uint32_t plain;       /* a bit for each that is too far away for TIMES more */
} Times;

/* Those that come first. */
enum { TIME_NEVER, TIME_LAST, TIME_FIRST };

/* Which of the earlier ones it equals, plus one, or how far it is from the last, plus TIMES. */
static uint64_t freeze_time(Times *times, NsTime time)
{
	uint64_t value;

	for (unsigned i = 0; i < times->count; i++)
		if (times->time[i] == time)
			return i + 1;
	value = (uint64_t)times->time[TIME_LAST] - (uint64_t)time;
	value = value << 1 ^ -(value >> 63);
	if (value <= UINT64_MAX - TIMES)
		return value + TIMES;
	times->plain |= 1u << times->count;
	return value;
}

static NsTime thaw_time(const Times *times, uint64_t value)
{
	if (times->plain >> times->count & 1)
		value += TIMES;
	else if (value < TIMES)
		return times->time[value - 1];
	value -= TIMES;
	return (NsTime)((uint64_t)times->time[TIME_LAST] - (value >> 1 ^ -(value & 1)));
}

/* In a small connection most times are equal, and in any one some: zero is the one @expected. */
static ALWAYS_INLINE void walk_time(Times *times, NsTime *time, unsigned expected,
				    Direction direction)
{
	uint64_t value = 0;

	if (direction == FREEZE) {
		if (*time != times->time[expected])
			value = freeze_time(times, *time);
		*times->low = (uint32_t)value;
		*times->high = (uint32_t)(value >> 32);
	} else {
		value = *times->low | (uint64_t)*times->high << 32;
		*time = value ? thaw_time(times, value) : times->time[expected];
	}
	times->low++;
	times->high++;
	times->time[times->count++] = *time;
}

/* The clock's deadline is mostly whole seconds after the last segment: those come in the first
 * word, plus one. */
static ALWAYS_INLINE void walk_last(uint32_t **words, Connection *connection, Direction direction)
{
	uint64_t deadline = (uint64_t)connection->record.timer.deadline;
	uint64_t value = deadline - (uint64_t)connection->last;
	uint32_t seconds = 0;

	if (direction == FREEZE && value % NSTIME_SECOND == 0 &&
	    value / NSTIME_SECOND < UINT8_MAX) {
		seconds = (uint32_t)(value / NSTIME_SECOND) + 1;
		value = 0;
	}
	walk_32(words, &seconds, 0, direction);
	walk_64(words, &value, direction);
	if (direction == THAW)
		connection->last =
			(NsTime)(deadline -
				 (seconds ? (uint64_t)(seconds - 1) * NSTIME_SECOND : value));
}

/* After the sides. */
static ALWAYS_INLINE void walk_times(uint32_t **words, Connection *connection, Direction direction)
{
	uint32_t *plain;
	Times times = { .count = TIME_FIRST };

	walk_last(words, connection, direction);
	plain = (*words)++;
	times.plain = direction == THAW ? *plain : 0;
	times.low = *words;
	times.high = *words + TIMES - TIME_FIRST;
	*words += 2 * (TIMES - TIME_FIRST);
	times.time[TIME_NEVER] = 0;
	times.time[TIME_LAST] = connection->last;
	walk_time(&times, &connection->first, TIME_LAST, direction);
	for (unsigned i = 0; i < 2; i++) {
		const TcpSide *side = &connection->side[i];
		NsTime *texts = connection->last_text[i];

		walk_time(&times, &connection->last_sent[i], side->seen ? TIME_LAST : TIME_NEVER,
			  direction);
		walk_time(&times, &connection->last_new[i], times.count - 1, direction);
		walk_time(&times, &texts[0], times.count - 1, direction);
		walk_time(&times, &connection->since[i], side->state ? TIME_LAST : TIME_NEVER,
			  direction);
		walk_time(&times, &texts[1], TIME_NEVER, direction);
		walk_time(&times, &connection->last_payload[i],
			  texts[1] ? times.count - 1 : TIME_NEVER, direction);
		walk_time(&times, &connection->provoked[i], TIME_NEVER, direction);
		walk_time(&times, &connection->wait_from[i], TIME_NEVER, direction);
	}
	if (direction == FREEZE)
		*plain = times.plain;
}

/* --- All of them ------------------------------------------------------------------------------ */

/* All fields but the record's and the slots. */
static ALWAYS_INLINE void walk(uint32_t *words, Connection *connection, Direction direction)
{
	uint32_t *at = words;
	TcpSide *side = connection->side;

	walk_key(&at, &connection->key, direction);
	walk_flags(&at, connection, direction);
	walk_side(&at, &side[0], direction);
	walk_side(&at, &side[1], direction);
	walk_marks(&at, &side[0], &side[1], direction);
	walk_marks(&at, &side[1], &side[0], direction);
	walk_times(&at, connection, direction);
	walk_rare(&at, connection, direction);
	if (direction == FREEZE)
		while (at < words + FIELD_WORDS)
			*at++ = 0;
	g_assert(at <= words + FIELD_WORDS);
}

void fields_freeze(uint32_t words[FIELD_WORDS], const Connection *connection)
{
	walk(words, (Connection *)connection, FREEZE);
}

void fields_thaw(uint32_t words[FIELD_WORDS], Connection *connection)
{
	walk(words, connection, THAW);
}

void fields_thaw_key(uint32_t words[FIELD_KEY_WORDS], FlowKey *key)
{
	uint32_t *at = words;

	walk_key(&at, key, THAW);
}
