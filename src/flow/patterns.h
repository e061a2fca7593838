/* What images of memory have in common, learned from those that came before. Knows words of 32
 * bits; knows not what they are of.
 *
 * Most images of a class differ in a few numbers only, and each of these stands in several places,
 * as it is or a constant more: a time is that of the first segment, of the last and of the last
 * that was new. A pattern says which words are constants, and which of the others move together.
 * It is tried by making the image of it; where that fails there is a new one that says less. So
 * what is made of a pattern is the image to the last bit, whoever filled it. */
#ifndef WIRESTATE_FLOW_PATTERNS_H
#define WIRESTATE_FLOW_PATTERNS_H

#include <stdint.h>

typedef struct Patterns Patterns;

/* So many classes, and numbers of an image, at most; an image with more has no pattern. */
#define PATTERNS_CLASSES     1024u
#define PATTERNS_NUMBERS_MAX 20u

/* Of images of @words words each. */
Patterns *patterns_new(unsigned words);
void patterns_free(Patterns *patterns);

/* The pattern of an image of @class, which is used up; 0: it has none. @numbers is what is to be
 * kept of it besides, patterns_count() of them. Patterns stay as they are once they were returned.
 */
unsigned patterns_take(Patterns *patterns, unsigned class, uint32_t *image,
		       uint32_t numbers[PATTERNS_NUMBERS_MAX]);

/* How many numbers belong to an image of @pattern. */
unsigned patterns_count(const Patterns *patterns, unsigned pattern);

/* The opposite: makes @count words of the image, from word @from on. */
void patterns_make(const Patterns *patterns, unsigned pattern, const uint32_t *numbers,
		   unsigned from, unsigned count, uint32_t *image);

#endif
