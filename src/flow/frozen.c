/* A connection at rest: all that is known of it, in a quarter of the memory. Knows the fields of a
 * connection; knows nothing of what they mean for its states.
 *
 * One list of the fields, walk(), serves both directions. A field is what it differs by from what
 * is to be expected of it: a mark from the mark that it follows, a time from that of the
 * connection's last segment. The fields stand one after the other, low bytes first; behind them
 * come the control bytes, with two bits for the length of each, one of four. */
#include "flow/frozen.h"

#include <glib.h>
#include <string.h>

struct Frozen {
	FlowRecord record; /* first */
	unsigned number;   /* the connection's */
	uint8_t bytes[];   /* fields, then control bytes */
};

/* Fields of a connection, and of its key, which comes first. */
#define KEY_FIELDS 11
#define FIELDS     77

/* Whether fields go in or come out. Always a constant where it is used, so that each direction is
 * code of its own. */
typedef enum { FREEZE, THAW } Direction;

/* Where the next field stands. */
typedef struct {
	uint8_t *control; /* the byte that holds its length */
	unsigned shift;   /* and where in that */
	uint8_t *at;      /* itself */
} Cursor;

/* Lengths of a field of 32 bits and of one of 64. */
static const uint8_t lengths_32[4] = { 0, 1, 2, 4 };
static const uint8_t lengths_64[4] = { 0, 1, 4, 8 };

/* The bits that fields of these lengths have. */
static const uint32_t masks_32[4] = { 0, UINT8_MAX, UINT16_MAX, UINT32_MAX };
static const uint64_t masks_64[4] = { 0, UINT8_MAX, UINT32_MAX, UINT64_MAX };

/* Eight bytes are read whatever a field's length: behind the fields there are more control bytes
 * than that. */
static inline uint64_t load(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return GUINT64_FROM_LE(value);
}

static inline void store(Cursor *cursor, uint64_t value, unsigned code, unsigned length)
{
	value = GUINT64_TO_LE(value);
	memcpy(cursor->at, &value, sizeof(value));
	*cursor->control = (uint8_t)(*cursor->control | code << cursor->shift);
	cursor->at += length;
}

static inline void step(Cursor *cursor)
{
	cursor->shift += 2;
	if (cursor->shift == 8) {
		cursor->shift = 0;
		cursor->control++;
	}
}

static inline unsigned code_at(const Cursor *cursor)
{
	return *cursor->control >> cursor->shift & 3;
}

static inline __attribute__((always_inline)) void walk_32(Cursor *cursor, uint32_t *field,
							  uint32_t expected, Direction direction)
{
	if (direction == FREEZE) {
		uint32_t value = *field - expected;
		unsigned code = (value != 0) + (value > UINT8_MAX) + (value > UINT16_MAX);

		store(cursor, value, code, lengths_32[code]);
	} else {
		unsigned code = code_at(cursor);

		*field = ((uint32_t)load(cursor->at) & masks_32[code]) + expected;
		cursor->at += lengths_32[code];
	}
	step(cursor);
}

static inline __attribute__((always_inline)) void walk_64(Cursor *cursor, uint64_t *field,
							  Direction direction)
{
	if (direction == FREEZE) {
		uint64_t value = *field;
		unsigned code = (value != 0) + (value > UINT8_MAX) + (value > UINT32_MAX);

		store(cursor, value, code, lengths_64[code]);
	} else {
		unsigned code = code_at(cursor);

		*field = load(cursor->at) & masks_64[code];
		cursor->at += lengths_64[code];
	}
	step(cursor);
}

/* A time: 0, which is never, or how far it lies before the last segment, or after that. */
static inline __attribute__((always_inline)) void walk_time(Cursor *cursor, NsTime *time,
							    NsTime last, Direction direction)
{
	uint64_t value = 0;

	if (direction == FREEZE && *time) {
		uint64_t before = (uint64_t)last - (uint64_t)*time;

		value = (before << 1 ^ (uint64_t)((int64_t)before >> 63)) + 1;
	}
	walk_64(cursor, &value, direction);
	if (direction == THAW) {
		uint64_t before = (value - 1) >> 1 ^ -((value - 1) & 1);

		*time = value ? (NsTime)((uint64_t)last - before) : 0;
	}
}

/* What is a byte or less, put together. */
static inline __attribute__((always_inline)) void walk_bytes(Cursor *cursor, void *bytes,
							     size_t count, Direction direction)
{
	uint64_t value = 0;

	memcpy(&value, bytes, count);
	walk_64(cursor, &value, direction);
	if (direction == THAW)
		memcpy(bytes, &value, count);
}

static inline __attribute__((always_inline)) void walk_pointer(Cursor *cursor, void *pointer,
							       Direction direction)
{
	walk_bytes(cursor, pointer, sizeof(void *), direction);
}

static inline __attribute__((always_inline)) void walk_key(Cursor *cursor, FlowKey *key,
							   Direction direction)
{
	uint32_t words[KEY_FIELDS];

	G_STATIC_ASSERT(sizeof(words) == sizeof(*key));
	if (direction == FREEZE)
		memcpy(words, key, sizeof(words));
	for (unsigned i = 0; i < KEY_FIELDS; i++)
		walk_32(cursor, &words[i], 0, direction);
	if (direction == THAW)
		memcpy(key, words, sizeof(words));
}

/* The bit-fields of a side lie between its marks and its window's scale. */
#define FACTS      (offsetof(TcpSide, ts_recent) + sizeof(uint32_t))
#define FACTS_SIZE (offsetof(TcpSide, wscale) - FACTS)

/* What each side sent comes before what the other one received of it. */
static inline __attribute__((always_inline)) void walk_sent(Cursor *cursor, TcpSide *side,
							    Direction direction)
{
	G_STATIC_ASSERT(FACTS_SIZE == 4);
	walk_bytes(cursor, (char *)side + FACTS, FACTS_SIZE, direction);
	walk_32(cursor, &side->iss, 0, direction);
	walk_32(cursor, &side->snd_nxt, side->iss, direction);
	walk_32(cursor, &side->snd_seen, side->snd_nxt, direction);
	walk_32(cursor, &side->fin_seq, side->fin_sent ? side->snd_nxt - 1 : 0, direction);
	walk_32(cursor, &side->snd_una, side->una_known ? side->snd_nxt : 0, direction);
	walk_32(cursor, &side->una_proven, side->snd_una, direction);
	walk_32(cursor, &side->ts_recent, 0, direction);
	walk_bytes(cursor, &side->wscale, 1, direction);
	walk_bytes(cursor, &side->state, 1, direction);
	walk_pointer(cursor, &side->beyond, direction);
}

static inline __attribute__((always_inline)) void
walk_received(Cursor *cursor, TcpSide *side, const TcpSide *peer, Direction direction)
{
	uint32_t next = peer->snd_nxt;

	walk_32(cursor, &side->rcv_nxt, side->rcv_known ? next : 0, direction);
	walk_32(cursor, &side->rcv_acked, side->acked_known ? side->rcv_nxt : 0, direction);
	walk_32(cursor, &side->ack_last, side->acked_known ? side->rcv_acked : 0, direction);
	walk_32(cursor, &side->rcv_adv, side->acked_known ? side->rcv_acked : 0, direction);
	walk_32(cursor, &side->sack_max, 0, direction);
	walk_32(cursor, &side->fin_acked_at, side->fin_acked_seen ? next : 0, direction);
}

/* The members of one or two values, in their order. */
static inline __attribute__((always_inline)) void walk_flags(Cursor *cursor, Connection *connection,
							     Direction direction)
{
	uint8_t *bytes[] = { &connection->open,
			     &connection->close,
			     &connection->syn_acks[0],
			     &connection->syn_acks[1],
			     &connection->syn_ack_tries[0],
			     &connection->syn_ack_tries[1] };
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
	walk_32(cursor, &value, 0, direction);
	if (direction == THAW) {
		connection->first_sender = value & 1;
		connection->client = value >> 1 & 1;
		for (unsigned i = 0; i < G_N_ELEMENTS(bits); i++)
			*bits[i] = value >> (i + 2) & 1;
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(bytes); i++)
		walk_bytes(cursor, bytes[i], 1, direction);
}

static inline __attribute__((always_inline)) void walk_times(Cursor *cursor, Connection *connection,
							     Direction direction)
{
	NsTime last;

	walk_bytes(cursor, &connection->last, sizeof(connection->last), direction);
	last = connection->last;
	walk_time(cursor, &connection->first, last, direction);
	for (unsigned i = 0; i < 2; i++) {
		walk_time(cursor, &connection->since[i], last, direction);
		walk_time(cursor, &connection->last_sent[i], last, direction);
		walk_time(cursor, &connection->last_new[i], last, direction);
		walk_time(cursor, &connection->provoked[i], last, direction);
		walk_time(cursor, &connection->last_text[i][0], last, direction);
		walk_time(cursor, &connection->last_text[i][1], last, direction);
		walk_time(cursor, &connection->last_payload[i], last, direction);
		walk_time(cursor, &connection->wait_from[i], last, direction);
		walk_bytes(cursor, &connection->rtt[i], sizeof(connection->rtt[i]), direction);
	}
	walk_bytes(cursor, &connection->syn_ack_gap, sizeof(connection->syn_ack_gap), direction);
}

/* All fields but the record's. */
static inline __attribute__((always_inline)) void walk(Cursor *cursor, Connection *connection,
						       size_t slots_size, Direction direction)
{
	TcpSide *side = connection->side;

	walk_key(cursor, &connection->key, direction);
	walk_flags(cursor, connection, direction);
	walk_times(cursor, connection, direction);
	walk_sent(cursor, &side[0], direction);
	walk_sent(cursor, &side[1], direction);
	walk_received(cursor, &side[0], &side[1], direction);
	walk_received(cursor, &side[1], &side[0], direction);
	walk_pointer(cursor, &connection->provisional, direction);
	walk_pointer(cursor, &connection->previous, direction);
	walk_pointer(cursor, &connection->report, direction);
	walk_pointer(cursor, &connection->extras, direction);
	for (size_t i = 0; i < slots_size / sizeof(connection->slots[0]); i++)
		walk_64(cursor, &connection->slots[i], direction);
}

static size_t control_size(size_t slots_size)
{
	return (FIELDS + slots_size / sizeof(uint64_t) + 3) / 4;
}

static Cursor cursor_at(const Frozen *frozen, size_t slots_size)
{
	uint8_t *at = (uint8_t *)frozen->bytes;

	return (Cursor){ .control = at + frozen->record.size - control_size(slots_size), .at = at };
}

Frozen *frozen_new(const Connection *connection, size_t slots_size)
{
	uint8_t control[(FIELDS + FROZEN_SLOTS_MAX / sizeof(uint64_t) + 3) / 4] = { 0 };
	/* Eight bytes are written whatever a field's length. */
	uint8_t fields[FIELDS * 8 + FROZEN_SLOTS_MAX + 8];
	Cursor cursor = { .control = control, .at = fields };
	Frozen *frozen;
	size_t size;

	walk(&cursor, (Connection *)connection, slots_size, FREEZE);
	g_assert((size_t)(cursor.control - control) * 4 + cursor.shift / 2 ==
		 FIELDS + slots_size / sizeof(uint64_t));
	size = (size_t)(cursor.at - fields);
	frozen = g_malloc(offsetof(Frozen, bytes) + size + control_size(slots_size));
	frozen->record = (FlowRecord){
		.hash = connection->record.hash,
		.size = (uint16_t)(size + control_size(slots_size)),
		.frozen = true,
		.owner = connection->provisional || connection->previous || connection->report ||
			 connection->extras || connection->side[0].beyond ||
			 connection->side[1].beyond,
	};
	frozen->number = connection->number;
	memcpy(frozen->bytes, fields, size);
	memcpy(frozen->bytes + size, control, control_size(slots_size));
	return frozen;
}

void frozen_thaw(const Frozen *frozen, Connection *connection, size_t slots_size)
{
	Cursor cursor = cursor_at(frozen, slots_size);

	walk(&cursor, connection, slots_size, THAW);
	connection->record = (FlowRecord){ .hash = frozen->record.hash };
	connection->number = frozen->number;
	connection->place = 0;
}

bool frozen_has_key(const Frozen *frozen, const FlowKey *key, size_t slots_size)
{
	Cursor cursor = cursor_at(frozen, slots_size);
	FlowKey own;

	walk_key(&cursor, &own, THAW);
	return flow_key_equal(&own, key);
}

unsigned frozen_number(const Frozen *frozen)
{
	return frozen->number;
}
