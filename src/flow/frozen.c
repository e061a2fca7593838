/* A connection at rest: all that is known of it, in a quarter of the memory or less. Knows its
 * forms in memory; knows nothing of what its fields mean.
 *
 * There are two forms. Many are like others that were frozen, but for a few numbers, above all
 * those that are no more than their SYN: such a one is its pattern and these numbers (patterns.h).
 * Any other is its fields as words (fields.h) and its slots, packed (words.h). */
#include "flow/frozen.h"

#include <glib.h>
#include <string.h>

#include "flow/fields.h"
#include "flow/patterns.h"
#include "flow/words.h"

struct Frozen {
	FlowRecord record; /* first */
	uint8_t rest[];    /* links if it has them, the connection's number, and either form */
};

struct Freezer {
	size_t slots_size;  /* of a connection */
	Patterns *patterns; /* of all that were frozen; NULL: they are not compared */
};

/* Words of all of it, filled up to a group. */
#define WORDS(slots_size)                                                                          \
	((unsigned)((FIELD_WORDS + (slots_size) / sizeof(uint32_t) + WORDS_GROUP - 1) /            \
		    WORDS_GROUP * WORDS_GROUP))
#define WORDS_MAX WORDS(FROZEN_SLOTS_MAX)

/* --- Patterns -------------------------------------------------------------------------------- */

/* The image of a connection is all that stands behind its record; what is the store's is zero. */
#define IMAGE           sizeof(FlowRecord)
#define IMAGE_WORD(at)  (((at)-IMAGE) / sizeof(uint32_t))
#define IMAGE_WORDS_MAX IMAGE_WORD(sizeof(Connection) + FROZEN_SLOTS_MAX)

static unsigned image_words(const Freezer *freezer)
{
	return (unsigned)IMAGE_WORD(sizeof(Connection) + freezer->slots_size);
}

/* Those are alike that are in the same states. */
static unsigned class_of(const Connection *connection)
{
	G_STATIC_ASSERT(TCP_STATE_COUNT <= 16);
	G_STATIC_ASSERT(1 << 10 <= PATTERNS_CLASSES);
	return (connection->side[0].state & 15u) | (connection->side[1].state & 15u) << 4 |
	       (connection->client & 1u) << 8 | (connection->key.end[0].version == 4 ? 1u << 9 : 0);
}

/* Of a connection that owns nothing; 0: it has no pattern. The number stands apart. */
static unsigned take_pattern(const Freezer *freezer, const Connection *connection,
			     uint32_t numbers[PATTERNS_NUMBERS_MAX])
{
	uint32_t image[IMAGE_WORDS_MAX];

	memcpy(image, (const char *)connection + IMAGE, image_words(freezer) * sizeof(*image));
	image[IMAGE_WORD(offsetof(Connection, number))] = 0;
	image[IMAGE_WORD(offsetof(Connection, place))] = 0;
	return patterns_take(freezer->patterns, class_of(connection), image, numbers);
}

/* --- Either form ----------------------------------------------------------------------------- */

Freezer *freezer_new(size_t slots_size, bool compare)
{
	Freezer *freezer = g_new(Freezer, 1);

	freezer->slots_size = slots_size;
	freezer->patterns = compare ? patterns_new(image_words(freezer)) : NULL;
	return freezer;
}

void freezer_free(Freezer *freezer)
{
	if (!freezer)
		return;
	patterns_free(freezer->patterns);
	g_free(freezer);
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
	words_unpack(words, count, FIELD_WORDS, WORDS(freezer->slots_size), contents(frozen),
		     frozen->record.size - sizeof(uint32_t));
}

static void read_image(const Freezer *freezer, const Frozen *frozen, unsigned from, unsigned count,
		       void *image)
{
	uint32_t numbers[PATTERNS_NUMBERS_MAX];

	memcpy(numbers, contents(frozen), frozen->record.size - sizeof(uint32_t));
	patterns_make(freezer->patterns, frozen->record.pattern, numbers, from, count, image);
}

static size_t pack(const Freezer *freezer, const Connection *connection, uint8_t *bytes)
{
	unsigned count = WORDS(freezer->slots_size);
	uint32_t words[WORDS_MAX];

	/* What fills the last group up. */
	memset(words + count - WORDS_GROUP, 0, WORDS_GROUP * sizeof(*words));
	fields_freeze(words, connection);
	memcpy(words + FIELD_WORDS, connection->slots, freezer->slots_size);
	return words_pack(bytes, words, FIELD_WORDS, count);
}

Frozen *frozen_new(Freezer *freezer, const Connection *connection)
{
	union {
		uint32_t numbers[PATTERNS_NUMBERS_MAX];
		uint8_t bytes[WORDS_PACKED_MAX(WORDS_MAX)];
	} made;
	FlowRecord record = {
		.timer.deadline = connection->record.timer.deadline,
		.hash = connection->record.hash,
		.linked = connection->record.linked,
		.awaited = connection->record.awaited,
		.frozen = true,
		.owner = connection->provisional || connection->previous || connection->report ||
			 connection->extras || connection->side[0].beyond ||
			 connection->side[1].beyond,
	};
	size_t size;
	Frozen *frozen;

	if (freezer->patterns && !record.owner)
		record.pattern = (uint8_t)take_pattern(freezer, connection, made.numbers);
	if (record.pattern)
		size = patterns_count(freezer->patterns, record.pattern) * sizeof(uint32_t);
	else
		size = pack(freezer, connection, made.bytes);
	record.size = (uint16_t)(sizeof(connection->number) + size);
	frozen = g_malloc(offsetof(Frozen, rest) + (record.linked ? sizeof(FlowLinks) : 0) +
			  record.size);
	frozen->record = record;
	memcpy(body(frozen), &connection->number, sizeof(connection->number));
	memcpy(contents(frozen), &made, size);
	return frozen;
}

void frozen_thaw(const Freezer *freezer, const Frozen *frozen, Connection *connection)
{
	uint32_t words[WORDS_MAX];

	connection->record = (FlowRecord){ .timer.deadline = frozen->record.timer.deadline,
					   .hash = frozen->record.hash,
					   .linked = frozen->record.linked,
					   .awaited = frozen->record.awaited };
	if (frozen->record.pattern) {
		read_image(freezer, frozen, 0, image_words(freezer), (char *)connection + IMAGE);
	} else {
		read_words(freezer, frozen, words, WORDS(freezer->slots_size));
		/* What lies between the fields is part of the image. */
		memset((char *)connection + IMAGE, 0, sizeof(*connection) - IMAGE);
		fields_thaw(words, connection);
		memcpy(connection->slots, words + FIELD_WORDS, freezer->slots_size);
	}
	connection->number = frozen_number(frozen);
	connection->place = 0;
}

bool frozen_has_key(const Freezer *freezer, const Frozen *frozen, const FlowKey *key)
{
	uint32_t words[FIELD_KEY_WORDS];
	FlowKey own;

	if (frozen->record.pattern) {
		read_image(freezer, frozen, IMAGE_WORD(offsetof(Connection, key)),
			   sizeof(own) / sizeof(uint32_t), &own);
	} else {
		read_words(freezer, frozen, words, FIELD_KEY_WORDS);
		fields_thaw_key(words, &own);
	}
	return flow_key_equal(&own, key);
}

unsigned frozen_number(const Frozen *frozen)
{
	unsigned number;

	memcpy(&number, body(frozen), sizeof(number));
	return number;
}
