/* Words of 32 bits in few bytes, when many of those that come need as many bytes at each place.
 * Knows numbers; knows not what they are of.
 *
 * The first byte is the number of the shape that was used, or 0. A class has one shape at a time,
 * made of the first that comes. It gives way to one that is a little wider when that is what it
 * takes, and to another one when those that come mostly need more, or much less. What was packed
 * before keeps its shape, so none is freed. */
#include "flow/shapes.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* Shapes that there may be, their numbers being from 1 on. */
#define SHAPES_MAX 255u

/* Bytes that what is packed by itself has besides, about: a shape that is wider than a word's own
 * bytes by more is a waste. */
#define BESIDE 24u

/* Of each so many that fit, one is looked at: whether it would need much less. */
#define LOOK_AT 32u

/* How well a shape does: one more for each that fits, one less for each that does not, and so much
 * less for a waste, as it stands for LOOK_AT. */
#define SCORE_LEAST (-4)
#define SCORE_MOST  64
#define SCORE_WASTE 40

/* Words that are looked at at once. */
typedef uint32_t Four __attribute__((vector_size(16)));
#define FOUR 4u

/* A word that has bytes. */
typedef struct {
	uint16_t word;   /* which */
	uint16_t length; /* and how many */
} Part;

typedef struct {
	uint32_t beyond[WORDS_COUNT_MAX]; /* bits that each word has not */
	Part parts[WORDS_COUNT_MAX];      /* by @word */
	unsigned part_count;              /* of them */
	unsigned size;                    /* bytes of all parts */
	unsigned least;                   /* what it was for the one that it was made for */
} Shape;

/* What is known of a class. */
typedef struct {
	uint8_t shape; /* its number; 0: none */
	bool given_up; /* there will not be another one */
	int8_t score;  /* of this shape */
	uint8_t fits;  /* since one was looked at */
} Class;

struct Shapes {
	unsigned plain, count;         /* words, as words_pack() wants them */
	unsigned shape_count;          /* how many there are */
	Shape *shape[SHAPES_MAX + 1u]; /* from 1 on */
	Class classes[SHAPES_CLASSES]; /* by class */
};

Shapes *shapes_new(unsigned plain, unsigned count)
{
	Shapes *shapes = g_new0(Shapes, 1);

	G_STATIC_ASSERT(WORDS_GROUP % FOUR == 0);
	g_assert(count <= WORDS_COUNT_MAX && count % WORDS_GROUP == 0);
	shapes->plain = plain;
	shapes->count = count;
	return shapes;
}

void shapes_free(Shapes *shapes)
{
	if (!shapes)
		return;
	for (unsigned i = 1; i <= shapes->shape_count; i++)
		g_free(shapes->shape[i]);
	g_free(shapes);
}

static unsigned length_of(uint32_t word)
{
	return word ? (39u - (unsigned)__builtin_clz(word)) / 8 : 0;
}

/* Those that a word of @length bytes, or none, does not have. */
static uint32_t bits_beyond(unsigned length)
{
	return length ? (uint32_t)(UINT64_C(0xffffffff) << 8 * length) : UINT32_MAX;
}

/* --- Learning -------------------------------------------------------------------------------- */

/* Bytes that it takes to write these words by a shape of their own. */
static unsigned size_of(const Shapes *shapes, const uint32_t *words)
{
	unsigned size = 0;

	for (unsigned i = 0; i < shapes->count; i++)
		size += length_of(words[i]);
	return size;
}

/* One that @words fit, and, unless it is NULL, what fits @old. */
static Shape *shape_for(const Shapes *shapes, const uint32_t *words, const Shape *old)
{
	Shape *shape = g_new(Shape, 1);

	shape->part_count = shape->size = 0;
	for (unsigned i = 0; i < shapes->count; i++) {
		uint32_t word = words[i] | (old ? ~old->beyond[i] : 0);
		unsigned length = length_of(word);

		shape->beyond[i] = bits_beyond(length);
		if (!length)
			continue;
		shape->parts[shape->part_count++] = (Part){ (uint16_t)i, (uint16_t)length };
		shape->size += length;
	}
	shape->least = old ? old->least : shape->size;
	return shape;
}

static void use_shape(Shapes *shapes, Class *class, Shape *shape)
{
	shapes->shape[++shapes->shape_count] = shape;
	class->shape = (uint8_t)shapes->shape_count;
	class->score = 0;
	class->fits = 0;
}

static void give_up(Class *class)
{
	class->shape = 0;
	class->given_up = true;
}

/* The shape of @class does well, or not; then another one takes its place. */
static void judge(Shapes *shapes, Class *class, const uint32_t *words, int change)
{
	class->score = (int8_t)MIN(class->score + change, SCORE_MOST);
	if (class->score >= SCORE_LEAST)
		return;
	if (shapes->shape_count == SHAPES_MAX)
		give_up(class);
	else
		use_shape(shapes, class, shape_for(shapes, words, NULL));
}

/* @words do not fit: a shape that is a little wider may do. */
static void widen(Shapes *shapes, Class *class, const uint32_t *words)
{
	const Shape *old = shapes->shape[class->shape];
	Shape *wider;

	if (shapes->shape_count < SHAPES_MAX) {
		wider = shape_for(shapes, words, old);
		if (wider->size <= wider->least + BESIDE) {
			use_shape(shapes, class, wider);
			return;
		}
		g_free(wider);
	}
	judge(shapes, class, words, -1);
}

/* --- Using ----------------------------------------------------------------------------------- */

static bool fits(const Shapes *shapes, const Shape *shape, const uint32_t *words)
{
	Four over = { 0 };
	uint64_t halves[2];

#pragma GCC unroll 2
	for (unsigned i = 0; i < shapes->count; i += FOUR) {
		Four word, beyond;

		memcpy(&word, words + i, sizeof(word));
		memcpy(&beyond, shape->beyond + i, sizeof(beyond));
		over |= word & beyond;
	}
	memcpy(halves, &over, sizeof(halves));
	return !(halves[0] | halves[1]);
}

/* Four bytes are written whatever the length. */
static size_t write_parts(const Shape *shape, uint8_t *to, const uint32_t *words)
{
	unsigned count = shape->part_count;
	uint8_t *at = to;

#pragma GCC unroll 4
	for (unsigned i = 0; i < count; i++) {
		uint32_t word = GUINT32_TO_LE(words[shape->parts[i].word]);

		memcpy(at, &word, sizeof(word));
		at += shape->parts[i].length;
	}
	return (size_t)(at - to);
}

size_t shapes_pack(Shapes *shapes, unsigned class, uint8_t *to, const uint32_t *words)
{
	Class *known = &shapes->classes[class];

	g_assert(class < SHAPES_CLASSES);
	if (!known->shape && !known->given_up) {
		if (shapes->shape_count == SHAPES_MAX)
			give_up(known);
		else
			use_shape(shapes, known, shape_for(shapes, words, NULL));
	}
	for (unsigned tries = 0; tries < 2 && known->shape; tries++) {
		const Shape *shape = shapes->shape[known->shape];

		if (!fits(shapes, shape, words)) {
			widen(shapes, known, words);
			continue;
		}
		*to = known->shape;
		if (++known->fits < LOOK_AT) {
			known->score = (int8_t)MIN(known->score + 1, SCORE_MOST);
		} else {
			known->fits = 0;
			judge(shapes, known, words,
			      shape->size > size_of(shapes, words) + BESIDE ? -SCORE_WASTE : 1);
		}
		return 1 + write_parts(shape, to + 1, words);
	}
	*to = 0;
	return 1 + words_pack(to + 1, words, shapes->plain, shapes->count);
}

void shapes_unpack(const Shapes *shapes, uint32_t *words, unsigned wanted, const uint8_t *from,
		   size_t size)
{
	const Shape *shape = shapes->shape[*from];
	/* More is read than is needed of the last ones. */
	uint8_t bytes[SHAPES_PACKED_MAX(WORDS_COUNT_MAX)];
	const uint8_t *at = bytes;

	if (!*from) {
		words_unpack(words, wanted, shapes->plain, shapes->count, from + 1, size - 1);
		return;
	}
	g_assert(size == 1 + shape->size);
	memcpy(bytes, from + 1, shape->size);
	memset(bytes + shape->size, 0, sizeof(uint32_t));
	memset(words, 0, wanted * sizeof(*words));
	for (unsigned i = 0; i < shape->part_count && shape->parts[i].word < wanted; i++) {
		Part part = shape->parts[i];
		uint32_t word;

		memcpy(&word, at, sizeof(word));
		words[part.word] = GUINT32_FROM_LE(word) & ~shape->beyond[part.word];
		at += part.length;
	}
}
