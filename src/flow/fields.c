/* The fields of a connection as words of 32 bits, and the other way round. Knows the fields; knows
 * nothing of what they mean for its states.
 *
 * One list of the fields, walk(), serves both directions. A word is what a field differs by from
 * what is to be expected of it: a mark from the mark that it follows, a time from another time of
 * the connection. So most are zero, or small. Those that often are not stand in front, and those
 * that are zero together stand together, as words.h wants it. */
#include "flow/fields.h"

#include <glib.h>
#include <string.h>

#include "flow/words.h"

/* Where the next words stand: of what often is something, and of what seldom is. */
typedef struct {
	uint32_t *often, *seldom;
} Walk;

/* Whether fields go in or come out. Always a constant where it is used, so that each direction is
 * code of its own. */
typedef enum { FREEZE, THAW } Direction;

/* Of the first group of words: those of the key, and others. */
#define KEY_USUAL  4u
#define BESIDE_KEY (WORDS_GROUP - KEY_USUAL)

/* How many words behind the key are those that often are not zero. */
#define OFTEN_WORDS 40u

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

/* The words of a key that differ between connections over IPv4 come first, then BESIDE_KEY others,
 * then the rest of it. The version is in the last word of an endpoint. */
static ALWAYS_INLINE void walk_key(uint32_t *words, FlowKey *key, Direction direction)
{
	static const Endpoint usual = { .version = 4 };
	static const uint8_t order[] = { 0, 5, 4, 9, 1, 2, 3, 6, 7, 8, 10 };
	uint32_t parts[G_N_ELEMENTS(order)];
	uint32_t version;

	G_STATIC_ASSERT(sizeof(parts) == sizeof(*key));
	G_STATIC_ASSERT(sizeof(Endpoint) == 5 * sizeof(uint32_t));
	G_STATIC_ASSERT(G_N_ELEMENTS(order) + BESIDE_KEY <= FIELD_KEY_WORDS);
	memcpy(&version, (const char *)&usual + sizeof(Address), sizeof(version));
	if (direction == FREEZE)
		memcpy(parts, key, sizeof(parts));
	for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
		if (i == KEY_USUAL)
			words += BESIDE_KEY;
		walk_32(&words, &parts[order[i]], order[i] % 5 == 4 ? version : 0, direction);
	}
	if (direction == THAW)
		memcpy(key, parts, sizeof(parts));
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

/* What a side has. */
static ALWAYS_INLINE void walk_facts(uint32_t **words, TcpSide *side, Direction direction)
{
	uint32_t facts;

	G_STATIC_ASSERT(FACTS_SIZE == sizeof(facts));
	memcpy(&facts, (const char *)side + FACTS, sizeof(facts));
	walk_32(words, &facts, 0, direction);
	if (direction == THAW)
		memcpy((char *)side + FACTS, &facts, sizeof(facts));
}

/* What it sent. */
static ALWAYS_INLINE void walk_sent(Walk *at, TcpSide *side, Direction direction)
{
	walk_pair(&at->often, &side->wscale, &side->state, direction);
	walk_32(&at->often, &side->iss, 0, direction);
	walk_32(&at->often, &side->snd_nxt, side->iss, direction);
}

/* A window is a number of 16 bits, shifted. */
static ALWAYS_INLINE void walk_window(uint32_t **words, TcpSide *side, Direction direction)
{
	uint32_t expected = side->acked_known ? side->rcv_acked : 0;
	unsigned shift = side->wscale % 32u;
	uint32_t value = side->rcv_adv - expected;

	if (direction == FREEZE)
		value = value >> shift | value << (32 - shift) % 32;
	walk_32(words, &value, 0, direction);
	if (direction == THAW)
		side->rcv_adv = expected + (value << shift | value >> (32 - shift) % 32);
}

/* What each side sent comes before what the other one received of it. */
static ALWAYS_INLINE void walk_marks(Walk *at, TcpSide *side, const TcpSide *peer,
				     Direction direction)
{
	uint32_t next = peer->snd_nxt;

	walk_32(&at->seldom, &side->snd_una, side->una_known ? side->snd_nxt : side->iss,
		direction);
	walk_less(&at->often, &side->una_proven, side->snd_una, direction);
	walk_32(&at->seldom, &side->rcv_nxt, side->rcv_known ? next : 0, direction);
	walk_less(&at->seldom, &side->rcv_acked, side->acked_known ? side->rcv_nxt : 0, direction);
	walk_32(&at->seldom, &side->ack_last, side->acked_known ? side->rcv_acked : 0, direction);
	walk_window(&at->often, side, direction);
	walk_less(&at->often, &side->fin_acked_at, side->fin_acked_seen ? next : 0, direction);
	walk_32(&at->often, &side->ts_recent, 0, direction);
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
}

/* The bit-fields of a connection lie before these. */
#define FLAGS_SIZE sizeof(uint16_t)
#define FLAGS      (offsetof(Connection, syn_acks) - FLAGS_SIZE)

static ALWAYS_INLINE void walk_flags(uint32_t **words, Connection *connection, Direction direction)
{
	uint16_t flags;
	uint32_t value;

	G_STATIC_ASSERT(FLAGS == offsetof(Connection, place) + sizeof(connection->place));
	memcpy(&flags, (const char *)connection + FLAGS, FLAGS_SIZE);
	value = flags;
	walk_32(words, &value, 0, direction);
	flags = (uint16_t)value;
	if (direction == THAW)
		memcpy((char *)connection + FLAGS, &flags, FLAGS_SIZE);
}

/* --- Times ----------------------------------------------------------------------------------- */

/* The times of a connection that can be referred to, and the spans besides. */
#define TIMES 20u
#define SPANS 2u

/* Those that come first: what is walked begins with TIME_LAST. */
enum { TIME_NEVER, TIME_BASE, TIME_LAST };

#define TIME_WORDS (TIMES - TIME_LAST + SPANS)

typedef struct {
	NsTime time[TIMES];
	unsigned count;       /* of them */
	unsigned walked;      /* times and spans */
	uint32_t *low, *high; /* words: of the next one */
	uint32_t plain;       /* a bit for each that is too long to be shortened */
} Times;

static ALWAYS_INLINE bool is_plain(const Times *times)
{
	return times->plain >> times->walked & 1;
}

/* Those of one sign and of the other take turns. */
static ALWAYS_INLINE uint64_t fold(int64_t span)
{
	return (uint64_t)span << 1 ^ -((uint64_t)span >> 63);
}

static ALWAYS_INLINE int64_t unfold(uint64_t value)
{
	return (int64_t)(value >> 1 ^ -(value & 1));
}

/* Most captures have microseconds. */
static ALWAYS_INLINE uint64_t shorten(Times *times, int64_t span)
{
	int64_t microseconds = span / NSTIME_MICROSECOND;

	if (microseconds * NSTIME_MICROSECOND == span)
		return fold(microseconds) << 1;
	if (fold(span) < UINT64_C(1) << 62)
		return fold(span) << 1 | 1;
	times->plain |= 1u << times->walked;
	return (uint64_t)span;
}

static ALWAYS_INLINE int64_t lengthen(const Times *times, uint64_t value)
{
	if (is_plain(times))
		return (int64_t)value;
	return value & 1 ? unfold(value >> 1) : unfold(value >> 1) * NSTIME_MICROSECOND;
}

static ALWAYS_INLINE void put_time(Times *times, uint64_t value)
{
	*times->low++ = (uint32_t)value;
	*times->high++ = (uint32_t)(value >> 32);
	times->walked++;
}

/* Which of the earlier ones it equals, plus one, or how far it is from the last, plus TIMES. */
static uint64_t freeze_time(Times *times, NsTime time)
{
	uint64_t value;

	for (unsigned i = 0; i < times->count; i++)
		if (times->time[i] == time)
			return i + 1;
	value = shorten(times, (int64_t)((uint64_t)times->time[TIME_LAST] - (uint64_t)time));
	return is_plain(times) ? value : value + TIMES;
}

static NsTime thaw_time(const Times *times, uint64_t value)
{
	if (!is_plain(times)) {
		if (value < TIMES)
			return times->time[value - 1];
		value -= TIMES;
	}
	return (NsTime)((uint64_t)times->time[TIME_LAST] - (uint64_t)lengthen(times, value));
}

/* In a small connection most times are equal, and in any one some: zero is the one @expected. */
static ALWAYS_INLINE void walk_time(Times *times, NsTime *time, unsigned expected,
				    Direction direction)
{
	uint64_t value = *times->low | (uint64_t)*times->high << 32;

	if (direction == FREEZE)
		value = *time != times->time[expected] ? freeze_time(times, *time) : 0;
	else
		*time = value ? thaw_time(times, value) : times->time[expected];
	put_time(times, value);
	times->time[times->count++] = *time;
}

static ALWAYS_INLINE void walk_span(Times *times, NsTime *span, Direction direction)
{
	uint64_t value = *times->low | (uint64_t)*times->high << 32;

	if (direction == FREEZE)
		value = shorten(times, *span);
	else
		*span = lengthen(times, value);
	put_time(times, value);
}

/* The clock's deadline is mostly whole seconds after the last segment, or after what TIME_WAIT is
 * counted from: that is the base, and how many seconds there are, plus one, a word. */
static ALWAYS_INLINE NsTime walk_base(uint32_t **words, const Connection *connection,
				      Direction direction)
{
	uint64_t deadline = (uint64_t)connection->record.timer.deadline;
	uint32_t seconds = 0;

	if (direction == FREEZE) {
		const NsTime from[] = { connection->last, connection->wait_from[0],
					connection->wait_from[1] };

		for (unsigned i = 0; i < G_N_ELEMENTS(from) && !seconds; i++) {
			uint64_t wait = deadline - (uint64_t)from[i];

			if (wait < UINT8_MAX * NSTIME_SECOND && wait % NSTIME_SECOND == 0)
				seconds = (uint32_t)(wait / NSTIME_SECOND) + 1;
		}
	}
	walk_32(words, &seconds, 0, direction);
	return (NsTime)(deadline - (seconds ? (uint64_t)(seconds - 1) * NSTIME_SECOND : 0));
}

/* After the sides. */
static ALWAYS_INLINE void walk_times(Walk *at, Connection *connection, Direction direction)
{
	uint32_t *plain = at->seldom++;
	Times times = { .count = TIME_LAST };
	NsTime base = walk_base(&at->often, connection, direction);

	times.plain = direction == THAW ? *plain : 0;
	times.low = at->often;
	times.high = at->seldom;
	at->often += TIME_WORDS;
	at->seldom += TIME_WORDS;
	times.time[TIME_NEVER] = 0;
	times.time[TIME_BASE] = base;
	/* The last one is told from the base. */
	times.time[TIME_LAST] = base;
	walk_time(&times, &connection->last, TIME_BASE, direction);
	walk_time(&times, &connection->first, TIME_LAST, direction);
	walk_span(&times, &connection->rtt[0], direction);
	walk_span(&times, &connection->rtt[1], direction);
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
	uint32_t *end = words + FIELD_WORDS;
	uint32_t *beside = words + KEY_USUAL;
	Walk at = { words + FIELD_KEY_WORDS, words + FIELD_KEY_WORDS + OFTEN_WORDS };
	TcpSide *side = connection->side;

	G_STATIC_ASSERT(BESIDE_KEY >= 3);
	if (direction == FREEZE) {
		memset(at.often - WORDS_GROUP, 0, WORDS_GROUP * sizeof(*words));
		memset(at.seldom - WORDS_GROUP, 0, WORDS_GROUP * sizeof(*words));
		memset(end - WORDS_GROUP, 0, WORDS_GROUP * sizeof(*words));
	}
	walk_key(words, &connection->key, direction);
	walk_flags(&beside, connection, direction);
	walk_facts(&beside, &side[0], direction);
	walk_facts(&beside, &side[1], direction);
	if (direction == FREEZE)
		*beside = 0;
	walk_sent(&at, &side[0], direction);
	walk_sent(&at, &side[1], direction);
	walk_marks(&at, &side[0], &side[1], direction);
	walk_marks(&at, &side[1], &side[0], direction);
	walk_times(&at, connection, direction);
	walk_rare(&at.seldom, connection, direction);
	g_assert(at.often <= words + FIELD_KEY_WORDS + OFTEN_WORDS);
	g_assert(at.often + WORDS_GROUP > words + FIELD_KEY_WORDS + OFTEN_WORDS);
	g_assert(at.seldom <= end && at.seldom + WORDS_GROUP > end);
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
	walk_key(words, key, THAW);
}
