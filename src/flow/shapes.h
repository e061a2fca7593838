/* Words of 32 bits in few bytes, when many of those that come need as many bytes at each place.
 * Knows numbers; knows not what they are of.
 *
 * Those of a class tend to be alike in that: then a shape says how many bytes each word has, once
 * for all, and what is written is those bytes alone. It takes less time than to look at each word
 * (words.h), and less memory. What fits no shape of its class is packed by itself. */
#ifndef WIRESTATE_FLOW_SHAPES_H
#define WIRESTATE_FLOW_SHAPES_H

#include <stddef.h>
#include <stdint.h>

#include "flow/words.h"

/* What is called a class has a number below this. */
#define SHAPES_CLASSES 1024u

/* Room that shapes_pack() wants for @count words. */
#define SHAPES_PACKED_MAX(count) (1 + WORDS_PACKED_MAX(count))

/* Shapes, learned from what was packed. */
typedef struct Shapes Shapes;

/* For @count words at a time, of which the first @plain are plain: words_pack()'s. */
Shapes *shapes_new(unsigned plain, unsigned count);
void shapes_free(Shapes *shapes);

/* Writes words to @to, SHAPES_PACKED_MAX() bytes, and returns how many bytes they are. */
size_t shapes_pack(Shapes *shapes, unsigned class, uint8_t *to, const uint32_t *words);

/* The opposite: reads the first @wanted of them, whole groups, from @size bytes. */
void shapes_unpack(const Shapes *shapes, uint32_t *words, unsigned wanted, const uint8_t *from,
		   size_t size);

#endif
