/* Which addresses something came from, when only whether it is one of them matters. Knows
 * addresses; knows nothing of what came.
 *
 * An address may be taken out again in any order, which a flag for "all the same so far" cannot
 * follow. So sums are kept: n times one address is known by its mean and by the sum of hashes, in
 * which others with the same mean are found out. */
#ifndef WIRESTATE_DETECT_SOURCES_H
#define WIRESTATE_DETECT_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

/* None: all zero. */
typedef struct {
	uint64_t words[4]; /* sums of the addresses' words of 32 bits */
	uint64_t hashes;   /* sum of their hashes, modulo 2^64 */
} Sources;

void sources_add(Sources *sources, const Address *address);

/* The opposite of an address that was added. */
void sources_remove(Sources *sources, const Address *address);

/* Whether @count of them are there (not 0), and all the same: then it is put into @address. */
bool sources_are_one(const Sources *sources, unsigned count, Address *address);

#endif
