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

Frozen *frozen_new(Freezer *freezer, const Connection *connection)
{
	uint8_t bytes[SHAPES_PACKED_MAX(WORDS_MAX)];
	const FlowRecord record = {
		.frozen = true,
		.timer.deadline = connection->record.timer.deadline,
		.hash = connection->record.hash,
		.linked = connection->record.linked,
		.awaited = connection->record.awaited,
		.owner = connection->provisional || connection->previous || connection->report ||
			 connection->extras || connection->side[0].beyond ||
			 connection->side[1].beyond,
	};

	size_t size = pack(freezer, connection, bytes);
	Frozen *frozen = g_malloc(size_with(record.linked, size));

	frozen->record = record;
	frozen->record.size = (uint16_t)(sizeof(connection->number) + size);
	memcpy(body(frozen), &connection->number, sizeof(connection->number));
	memcpy(contents(frozen), bytes, size);
	return frozen;
}

/* --- Embryos, and what became of them -------------------------------------------------------- */

/* One that grows begins with what each segment reads and changes, then come the embryo, the key
 * first, and room for the first segments; what is more is in leaves. It is a number of lines of the
 * cache, and begins with one, as leaves do. So it does not move, however it grows: what is to
 * become larger and moves would leave gaps that nothing fits in. When its life has ended it is
 * sealed: the embryo and all of those segments one behind the other, and no more. */

#define LINE 64u

/* Lines of what grows: room for some ten segments over IPv4. */
#define GROWING_LINES_LEAST 4u

/* At least so many bytes of segments are not in leaves. */
#define BEHIND_LEAST 24u

/* Some segments, none of which is in two of them. */
typedef struct Leaf {
	struct Leaf *before; /* the one that was full when it began; NULL: none */
	uint8_t used;        /* bytes of it */
	uint8_t bytes[LINE - sizeof(struct Leaf *) - 1];
} Leaf;

G_STATIC_ASSERT(sizeof(Leaf) == LINE);
G_STATIC_ASSERT(REGULAR_KEPT_MAX <= UINT8_MAX);

/* What stands where others have their number. */
typedef struct {
	uint32_t number; /* first */
	uint16_t at;     /* where the next segment is to be, from the beginning of the piece */
	uint8_t left;    /* bytes that have room there; 0: the next one is in a leaf */
	uint8_t kept;    /* bytes of its segments */
	RegularLife life;
	Leaf *last; /* the leaf that is filled now; NULL: none. Owned */
} Growing;

static Growing *growing_of(const Frozen *frozen)
{
	return (Growing *)(void *)body(frozen);
}

static uint8_t *embryo_of(const Frozen *frozen)
{
	return body(frozen) + (frozen->record.grows ? sizeof(Growing) : sizeof(uint32_t));
}

/* Where its own bytes end; of one that grows, those of segments begin. */
static uint8_t *end_of(const Frozen *frozen)
{
	return body(frozen) + frozen->record.size;
}

/* Bytes of the piece of one that grows, whose own are @size. */
static size_t growing_size(size_t size)
{
	return MAX((size + BEHIND_LEAST + LINE - 1) / LINE, GROWING_LINES_LEAST) * LINE;
}

static size_t piece_size(const Frozen *frozen)
{
	size_t size = (size_t)(end_of(frozen) - (const uint8_t *)frozen);

	return frozen->record.grows ? growing_size(size) : size;
}

Frozen *frozen_embryo_new(Pools *pools, const FlowRecord *record, unsigned number,
			  const EmbryoParts *parts)
{
	size_t size = embryo_size(parts);
	Frozen *frozen = pools_take(pools, size_with(record->linked, size));

	frozen->record = *record;
	frozen->record.frozen = true;
	frozen->record.embryo = true;
	frozen->record.answered = parts->answer != NULL;
	frozen->record.size = (uint16_t)(sizeof(number) + size);
	memcpy(body(frozen), &number, sizeof(number));
	embryo_pack(contents(frozen), parts);
	return frozen;
}

/* By the deadline of one that was not answered. */
static NsTime begun_at(const Frozen *frozen)
{
	return frozen->record.timer.deadline - CONNECTION_HANDSHAKE_PATIENCE;
}

void frozen_handshake(const Frozen *frozen, EmbryoHandshake *handshake)
{
	embryo_unpack_handshake(contents(frozen), frozen->record.answered, begun_at(frozen),
				handshake);
}

/* One with the record and the number of @frozen, whose contents are to be @size bytes. */
static Frozen *frozen_again(Pools *pools, const Frozen *frozen, size_t size)
{
	Frozen *made = pools_take(pools, size_with(frozen->record.linked, size));
	unsigned number = frozen_number(frozen);

	made->record = frozen->record;
	made->record.size = (uint16_t)(sizeof(number) + size);
	memcpy(body(made), &number, sizeof(number));
	return made;
}

Frozen *frozen_embryo_answered(Pools *pools, const Frozen *frozen, const EmbryoSyn *syn,
			       const Segment *answer)
{
	size_t before = frozen->record.size - sizeof(uint32_t);
	Frozen *made = frozen_again(pools, frozen, embryo_answered_size(before, answer));

	made->record.answered = true;
	made->record.awaited = true;
	embryo_pack_answered(contents(made), contents(frozen), before, syn, answer);
	return made;
}

Frozen *frozen_grow(Pools *pools, const Frozen *frozen, const RegularLife *life)
{
	size_t embryo = frozen->record.size - sizeof(uint32_t) - EMBRYO_MEMO_SIZE;
	size_t size = sizeof(FlowRecord) + (frozen->record.linked ? sizeof(FlowLinks) : 0) +
		      sizeof(Growing) + embryo;
	Frozen *made = pools_take(pools, growing_size(size));

	made->record = frozen->record;
	made->record.grows = true;
	made->record.awaited = false;
	made->record.size = (uint16_t)(sizeof(Growing) + embryo);
	*growing_of(made) = (Growing){
		.number = frozen_number(frozen),
		.at = (uint16_t)size,
		.left = (uint8_t)(growing_size(size) - size),
		.life = *life,
	};
	memcpy(embryo_of(made), embryo_of(frozen), embryo);
	return made;
}

static void free_leaves(Pools *pools, const Frozen *frozen)
{
	Leaf *leaf = growing_of(frozen)->last;

	while (leaf) {
		Leaf *before = leaf->before;

		pools_give(pools, leaf, sizeof(Leaf));
		leaf = before;
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

static bool has_memo(const Frozen *frozen)
{
	return !frozen->record.grows && !frozen->record.sealed;
}

/* Returns how many bytes the segments of its handshake took, if those are all. */
static size_t unpack(const Frozen *frozen, Embryo *embryo)
{
	if (!has_memo(frozen))
		return embryo_unpack_segments(embryo_of(frozen), embryo);
	embryo_unpack(embryo_of(frozen), frozen->record.answered, begun_at(frozen), embryo);
	return frozen->record.size - sizeof(uint32_t);
}

void frozen_embryo(const Frozen *frozen, Embryo *embryo)
{
	unpack(frozen, embryo);
}

const RegularLife *frozen_life(const Frozen *frozen)
{
	return &growing_of(frozen)->life;
}

/* Most segments are of less than 16 bytes, and have a place of more: with a size that is constant
 * no length has to be looked at. Of @from there are REGULAR_SEGMENT_MAX bytes, of @to @room. */
static inline void copy(uint8_t *to, const uint8_t *from, size_t count, size_t room)
{
	if (G_LIKELY(count <= 16 && room >= 16))
		memcpy(to, from, 16);
	else
		memcpy(to, from, count);
}

/* What comes next goes there, too, however small it is. */
static G_GNUC_NO_INLINE void put_in_leaf(Pools *pools, Growing *growing, const uint8_t *bytes,
					 size_t count)
{
	Leaf *leaf = growing->last;

	if (!leaf || leaf->used + count > sizeof(leaf->bytes)) {
		leaf = pools_take(pools, sizeof(*leaf));
		leaf->before = growing->last;
		leaf->used = 0;
		growing->last = leaf;
		growing->left = 0;
	}
	copy(leaf->bytes + leaf->used, bytes, count, sizeof(leaf->bytes) - leaf->used);
	leaf->used = (uint8_t)(leaf->used + count);
}

RegularStep frozen_extend(Pools *pools, Frozen *frozen, unsigned sender, const Segment *segment,
			  bool cut)
{
	Growing *growing = growing_of(frozen);
	uint8_t bytes[REGULAR_SEGMENT_MAX];
	RegularAdded added;

	if (growing->kept > REGULAR_FULL)
		return REGULAR_NOT;
	added = regular_add(&growing->life, sender, segment, cut, bytes);
	if (added.step == REGULAR_NOT)
		return REGULAR_NOT;
	growing->kept = (uint8_t)(growing->kept + added.size);
	if (G_LIKELY(added.size <= growing->left)) {
		copy((uint8_t *)frozen + growing->at, bytes, added.size, growing->left);
		growing->at = (uint16_t)(growing->at + added.size);
		growing->left = (uint8_t)(growing->left - added.size);
	} else {
		put_in_leaf(pools, growing, bytes, added.size);
	}
	return added.step;
}

/* All bytes of the segments of one that grows. Returns how many there are. */
static unsigned gather(const Frozen *frozen, uint8_t *bytes)
{
	const Growing *growing = growing_of(frozen);
	const uint8_t *begin = end_of(frozen);
	unsigned from = growing->kept;

	memcpy(bytes, begin, (size_t)((const uint8_t *)frozen + growing->at - begin));
	for (const Leaf *leaf = growing->last; leaf; leaf = leaf->before) {
		from -= leaf->used;
		memcpy(bytes + from, leaf->bytes, leaf->used);
	}
	return growing->kept;
}

Frozen *frozen_seal(Pools *pools, const Frozen *frozen)
{
	size_t embryo = (size_t)(end_of(frozen) - embryo_of(frozen));
	Frozen *made = frozen_again(pools, frozen, embryo + growing_of(frozen)->kept);

	made->record.grows = false;
	made->record.sealed = true;
	memcpy(contents(made), embryo_of(frozen), embryo);
	gather(frozen, contents(made) + embryo);
	return made;
}

void frozen_read(const Frozen *frozen, Embryo *embryo, RegularReader *reader)
{
	uint8_t bytes[REGULAR_KEPT_MAX];
	size_t size = unpack(frozen, embryo);

	if (frozen->record.grows) {
		size = gather(frozen, bytes);
		regular_read(reader, embryo, bytes, size);
	} else {
		regular_read(reader, embryo, embryo_of(frozen) + size,
			     (size_t)(end_of(frozen) - embryo_of(frozen)) - size);
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

/* Of one that is no embryo. */
static G_GNUC_NO_INLINE bool fields_have_key(const Freezer *freezer, const Frozen *frozen,
					     const FlowKey *key)
{
	uint32_t words[FIELD_KEY_WORDS];
	FlowKey own;

	read_words(freezer, frozen, words, FIELD_KEY_WORDS);
	fields_thaw_key(words, &own);
	return flow_key_equal(&own, key);
}

bool frozen_has_key(const Freezer *freezer, const Frozen *frozen, const FlowKey *key)
{
	return frozen->record.embryo ? embryo_has_key(embryo_of(frozen), key)
				     : fields_have_key(freezer, frozen, key);
}

unsigned frozen_number(const Frozen *frozen)
{
	unsigned number;

	memcpy(&number, body(frozen), sizeof(number));
	return number;
}
