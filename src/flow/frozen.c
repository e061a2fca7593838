/* A connection at rest: all that is known of it, in a quarter of the memory or less. Knows its
 * forms in memory; knows nothing of what its fields mean.
 *
 * There are two forms: one that never was more than its SYN is that (embryo.h), and when that was
 * answered all segments of a regular life may follow (regular.h). Any other is its fields as words
 * (fields.h) and its slots, packed (shapes.h). */
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

/* --- Embryos, and what became of them -------------------------------------------------------- */

/* One that grows has its life before the embryo, and behind it room for the first bytes of its
 * other segments; what is more is in leaves. So it does not move, however it grows: what is to
 * become larger and moves would leave gaps that nothing fits in. When its life has ended it is
 * sealed: the embryo and all of those bytes one behind the other, and no more. */

/* Of the bytes of segments: how many stand behind the embryo, and how many in a leaf. */
#define BEHIND_MAX 28u
#define LEAF_MAX   24u

typedef struct Leaf {
	struct Leaf *before; /* the one that was full when it began; NULL: none */
	uint8_t bytes[LEAF_MAX];
} Leaf;

/* What stands before the embryo. */
typedef struct {
	RegularLife life;
	Leaf *last; /* the leaf that is filled now; NULL: none. Owned */
} Growing;

static uint8_t *embryo_of(const Frozen *frozen)
{
	return contents(frozen) + (frozen->record.grows ? sizeof(Growing) : 0);
}

/* Where what stands behind its own bytes begins, or they end. */
static uint8_t *end_of(const Frozen *frozen)
{
	return body(frozen) + frozen->record.size;
}

static size_t piece_size(const Frozen *frozen)
{
	return (size_t)(end_of(frozen) - (const uint8_t *)frozen) +
	       (frozen->record.grows ? BEHIND_MAX : 0);
}

Frozen *frozen_embryo_new(Pools *pools, const FlowRecord *record, unsigned number,
			  const Embryo *embryo)
{
	uint8_t bytes[EMBRYO_PACKED_MAX];
	size_t size = embryo_pack(bytes, embryo);
	FlowRecord own = *record;

	own.embryo = true;
	own.answered = embryo->answered;
	return frozen_fill(pools_take(pools, size_with(record->linked, size)), &own, number, bytes,
			   size);
}

Frozen *frozen_grow(Pools *pools, const Frozen *frozen, const RegularLife *life)
{
	uint8_t bytes[sizeof(Growing) + EMBRYO_PACKED_MAX];
	Growing growing = { .life = *life };
	size_t size = frozen->record.size - sizeof(uint32_t);
	FlowRecord record = frozen->record;

	memcpy(bytes, &growing, sizeof(growing));
	memcpy(bytes + sizeof(growing), embryo_of(frozen), size);
	embryo_forget_memo(bytes + sizeof(growing));
	size += sizeof(growing);
	record.grows = true;
	record.awaited = false;
	return frozen_fill(pools_take(pools, size_with(record.linked, size) + BEHIND_MAX), &record,
			   frozen_number(frozen), bytes, size);
}

static void free_leaves(Pools *pools, const Frozen *frozen)
{
	Growing growing;

	memcpy(&growing, contents(frozen), sizeof(growing));
	while (growing.last) {
		Leaf *before = growing.last->before;

		pools_give(pools, growing.last, sizeof(Leaf));
		growing.last = before;
	}
}

void frozen_free(Pools *pools, Frozen *frozen)
{
	if (!frozen->record.embryo) {
		g_free(frozen);
		return;
	}
	if (frozen->record.grows)
		free_leaves(pools, frozen);
	pools_give(pools, frozen, piece_size(frozen));
}

void frozen_embryo(const Frozen *frozen, Embryo *embryo)
{
	embryo_unpack(embryo_of(frozen), frozen->record.answered,
		      frozen->record.timer.deadline - CONNECTION_HANDSHAKE_PATIENCE, embryo);
}

void frozen_life(const Frozen *frozen, RegularLife *life)
{
	memcpy(life, contents(frozen), sizeof(*life));
}

/* What does not fit behind the embryo goes into leaves, @kept bytes are in which. */
static G_GNUC_NO_INLINE void fill_leaves(Pools *pools, Growing *growing, unsigned kept,
					 const uint8_t *bytes, size_t count)
{
	while (count) {
		unsigned at = kept % LEAF_MAX;
		size_t part = MIN(count, LEAF_MAX - at);

		if (!at) {
			Leaf *leaf = pools_take(pools, sizeof(*leaf));

			leaf->before = growing->last;
			growing->last = leaf;
		}
		memcpy(growing->last->bytes + at, bytes, part);
		kept += (unsigned)part;
		bytes += part;
		count -= part;
	}
}

void frozen_extend(Pools *pools, Frozen *frozen, RegularLife *life, const uint8_t *bytes,
		   size_t count)
{
	unsigned kept = life->kept;
	size_t behind = kept < BEHIND_MAX ? MIN(count, BEHIND_MAX - kept) : 0;
	Growing growing;

	memcpy(end_of(frozen) + kept, bytes, behind);
	life->kept = (uint16_t)(kept + count);
	if (behind < count) {
		memcpy(&growing, contents(frozen), sizeof(growing));
		fill_leaves(pools, &growing, kept + (unsigned)behind - BEHIND_MAX, bytes + behind,
			    count - behind);
		growing.life = *life;
		memcpy(contents(frozen), &growing, sizeof(growing));
	} else {
		memcpy(contents(frozen), life, sizeof(*life));
	}
}

/* All bytes of the segments of one that grows. Returns how many there are. */
static unsigned gather(const Frozen *frozen, uint8_t bytes[REGULAR_KEPT_MAX])
{
	Growing growing;
	unsigned kept, behind;

	memcpy(&growing, contents(frozen), sizeof(growing));
	kept = growing.life.kept;
	behind = MIN(kept, BEHIND_MAX);
	memcpy(bytes, end_of(frozen), behind);
	for (const Leaf *leaf = growing.last; leaf; leaf = leaf->before) {
		unsigned from = behind + (kept - behind - 1) / LEAF_MAX * LEAF_MAX;

		memcpy(bytes + from, leaf->bytes, kept - from);
		kept = from;
	}
	return growing.life.kept;
}

Frozen *frozen_seal(Pools *pools, const Frozen *frozen)
{
	uint8_t bytes[EMBRYO_PACKED_MAX + REGULAR_KEPT_MAX];
	size_t size = embryo_packed_size(embryo_of(frozen), true);
	FlowRecord record = frozen->record;

	memcpy(bytes, embryo_of(frozen), size);
	size += gather(frozen, bytes + size);
	record.grows = false;
	record.sealed = true;
	return frozen_fill(pools_take(pools, size_with(record.linked, size)), &record,
			   frozen_number(frozen), bytes, size);
}

void frozen_read(const Frozen *frozen, Embryo *embryo, RegularReader *reader)
{
	const uint8_t *end = end_of(frozen);
	uint8_t bytes[REGULAR_KEPT_MAX];
	size_t size;

	frozen_embryo(frozen, embryo);
	if (frozen->record.grows) {
		size = gather(frozen, bytes);
		regular_read(reader, embryo, bytes, size);
	} else {
		size = embryo_packed_size(embryo_of(frozen), embryo->answered);
		regular_read(reader, embryo, embryo_of(frozen) + size,
			     (size_t)(end - embryo_of(frozen)) - size);
	}
	reader->over = frozen->record.over;
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
		return embryo_has_key(embryo_of(frozen), key);
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
