/* Words of 32 bits in few bytes, when most are zero and others small. Knows numbers; knows not what
 * they are of. */
#ifndef WIRESTATE_FLOW_WORDS_H
#define WIRESTATE_FLOW_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* Words come in groups of so many: a group that is zero as a whole is one bit. */
#define WORDS_GROUP 8u
/* There may be so many in all. */
#define WORDS_COUNT_MAX 512u

/* Room that words_pack() wants for @count words. */
#define WORDS_PACKED_MAX(count)                                                                    \
	((count) * sizeof(uint32_t) + (count) / 4 + (count) / WORDS_GROUP +                        \
	 ((count) / WORDS_GROUP + 7) / 8 + sizeof(uint32_t))

/* Writes @count words to @to, WORDS_PACKED_MAX() bytes, and returns how many bytes they are. The
 * first @plain are kept as numbers; of the others, one that is close to the last one that was not
 * zero is kept by that. Both counts are of whole groups. */
size_t words_pack(uint8_t *to, const uint32_t *words, unsigned plain, unsigned count);

/* The opposite: reads the first @wanted of them, whole groups, from @size bytes. @plain and @count
 * are as they were. */
void words_unpack(uint32_t *words, unsigned wanted, unsigned plain, unsigned count,
		  const uint8_t *from, size_t size);

#endif
