/* A connection at rest: all that is known of it, in a quarter of the memory or less. Knows its
 * forms in memory; knows nothing of what its fields mean.
 *
 * There are two forms: one that never was more than its SYN, or that and its SYN-ACK, is that
 * (embryo.h). Any other is its fields as words (fields.h) and its slots, packed (shapes.h). */
#include "flow/frozen.h"

#include <glib.h>
#include <string.h>

#include "flow/fields.h"
#include "flow/shapes.h"

struct Frozen {
	FlowRecord record; /* first */
	uint8_t rest[];    /* links if it has them, the connection's number, and either form */
};

struct Freezer {
	size_t slots_size; /* of a connection */
	Shapes *shapes;    /* of all that were frozen */
};

/* Words of all of it, filled up to a group. */
#define WORDS(slots_size)                                                                          \
	((unsigned)((FIELD_WORDS + (slots_size) / sizeof(uint32_t) + WORDS_GROUP - 1) /            \
		    WORDS_GROUP * WORDS_GROUP))
#define WORDS_MAX WORDS(FROZEN_SLOTS_MAX)

Freezer *freezer_new(size_t slots_size)
{
	Freezer *freezer = g_new(Freezer, 1);

	freezer->slots_size = slots_size;
	freezer->shapes = shapes_new(FIELD_WORDS, WORDS(slots_size));
	return freezer;
}

void freezer_free(Freezer *freezer)
{
	if (!freezer)
		return;
	shapes_free(freezer->shapes);
	g_free(freezer);
}

/* Those are alike that are in the same states. */
static unsigned class_of(const Connection *connection)
{
	G_STATIC_ASSERT(TCP_STATE_COUNT <= 16);
	G_STATIC_ASSERT(1 << 10 <= SHAPES_CLASSES);
	return (connection->side[0].state & 15u) | (connection->side[1].state & 15u) << 4 |
	       (connection->client & 1u) << 8 | (connection->key.end[0].version == 4 ? 1u << 9 : 0);
}

/* Where the number stands. */
static inline uint8_t *body(const Frozen *frozen)
{
	return (uint8_t *)frozen->rest + (frozen->record.linked ? sizeof(FlowLinks) : 0);
}

/* What stands behind it. */
static inline uint8_t *contents(const Frozen *frozen)
{
	return body(frozen) + sizeof(uint32_t);
}

static void read_words(const Freezer *freezer, const Frozen *frozen, uint32_t *words,
		       unsigned count)
{
	shapes_unpack(freezer->shapes, words, count, contents(frozen),
		      frozen->record.size - sizeof(uint32_t));
}

static size_t pack(const Freezer *freezer, const Connection *connection, uint8_t *bytes)
{
	unsigned count = WORDS(freezer->slots_size);
	uint32_t words[WORDS_MAX];

	/* What fills the last group up. */
	memset(words + count - WORDS_GROUP, 0, WORDS_GROUP * sizeof(*words));
	fields_freeze(words, connection);
	memcpy(words + FIELD_WORDS, connection->slots, freezer->slots_size);
	return shapes_pack(freezer->shapes, class_of(connection), bytes, words);
}

/* Bytes of one with @size bytes behind its number. */
static size_t size_with(bool linked, size_t size)
{
	return offsetof(Frozen, rest) + (linked ? sizeof(FlowLinks) : 0) + sizeof(uint32_t) + size;
}

static Frozen *frozen_fill(Frozen *frozen, const FlowRecord *record, unsigned number,
			   const uint8_t *bytes, size_t size)
{
	frozen->record = *record;
	frozen->record.frozen = true;
	frozen->record.size = (uint16_t)(sizeof(number) + size);
	memcpy(body(frozen), &number, sizeof(number));
	memcpy(contents(frozen), bytes, size);
	return frozen;
}

Frozen *frozen_new(Freezer *freezer, const Connection *connection)
{
	uint8_t bytes[SHAPES_PACKED_MAX(WORDS_MAX)];
	const FlowRecord record = {
		.timer.deadline = connection->record.timer.deadline,
		.hash = connection->record.hash,
		.linked = connection->record.linked,
		.awaited = connection->record.awaited,
		.owner = connection->provisional || connection->previous || connection->report ||
			 connection->extras || connection->side[0].beyond ||
			 connection->side[1].beyond,
	};

	size_t size = pack(freezer, connection, bytes);

	return frozen_fill(g_malloc(size_with(record.linked, size)), &record, connection->number,
			   bytes, size);
}

size_t frozen_embryo_size(bool linked)
{
	return size_with(linked, EMBRYO_PACKED_USUAL);
}

Frozen *frozen_embryo_new(Pool *pool, const FlowRecord *record, unsigned number,
			  const Embryo *embryo)
{
	uint8_t bytes[EMBRYO_PACKED_MAX];
	size_t size = embryo_pack(bytes, embryo);
	size_t all = size_with(record->linked, size);
	bool pooled = all <= pool_piece_size(pool);
	Frozen *frozen =
		frozen_fill(pooled ? pool_take(pool) : g_malloc(all), record, number, bytes, size);

	frozen->record.embryo = true;
	frozen->record.answered = embryo->answered;
	frozen->record.pooled = pooled;
	return frozen;
}

void frozen_free(Pool *pool, Frozen *frozen)
{
	if (frozen->record.pooled)
		pool_give(pool, frozen);
	else
		g_free(frozen);
}

void frozen_embryo(const Frozen *frozen, Embryo *embryo)
{
	embryo_unpack(contents(frozen), frozen->record.answered,
		      frozen->record.timer.deadline - CONNECTION_HANDSHAKE_PATIENCE, embryo);
}

void frozen_thaw(const Freezer *freezer, const Frozen *frozen, Connection *connection)
{
	uint32_t words[WORDS_MAX];

	connection->record = (FlowRecord){ .timer.deadline = frozen->record.timer.deadline,
					   .hash = frozen->record.hash,
					   .linked = frozen->record.linked,
					   .awaited = frozen->record.awaited };
	read_words(freezer, frozen, words, WORDS(freezer->slots_size));
	/* What lies between the fields is zero in all. */
	memset((char *)connection + sizeof(FlowRecord), 0,
	       sizeof(*connection) - sizeof(FlowRecord));
	fields_thaw(words, connection);
	memcpy(connection->slots, words + FIELD_WORDS, freezer->slots_size);
	connection->number = frozen_number(frozen);
	connection->place = 0;
}

bool frozen_has_key(const Freezer *freezer, const Frozen *frozen, const FlowKey *key)
{
	uint32_t words[FIELD_KEY_WORDS];
	FlowKey own;

	if (frozen->record.embryo)
		return embryo_has_key(contents(frozen), key);
	read_words(freezer, frozen, words, FIELD_KEY_WORDS);
	fields_thaw_key(words, &own);
	return flow_key_equal(&own, key);
}

unsigned frozen_number(const Frozen *frozen)
{
	unsigned number;

	memcpy(&number, body(frozen), sizeof(number));
	return number;
}
