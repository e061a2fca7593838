/* SHA-1 (RFC 3174) of a few bytes. Knows one block of the hash; knows nothing of what is hashed. It
 * is no protection against anybody, and nothing here takes it for one. */
#ifndef WIRESTATE_BASE_SHA1_H
#define WIRESTATE_BASE_SHA1_H

#include <stddef.h>
#include <stdint.h>

#define SHA1_SIZE 20

/* As many bytes fit in one block with what is added to them. */
#define SHA1_SHORT_MAX 55

/* The hash of @count bytes, at most SHA1_SHORT_MAX. */
void sha1_short(uint8_t digest[static SHA1_SIZE], const uint8_t *bytes, size_t count);

/* So many are hashed at once. */
#define SHA1_LANES 4

/* What is hashed with others. */
typedef struct {
	const uint8_t *bytes; /* borrowed */
	size_t count;         /* at most SHA1_SHORT_MAX */
} Sha1Text;

/* The hashes of all @texts, in little more time than that of one takes. */
void sha1_lanes(uint8_t digests[static SHA1_LANES][SHA1_SIZE],
		const Sha1Text texts[static SHA1_LANES]);

#endif
