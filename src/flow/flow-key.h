/* What tells one connection's segments from another's. Knows addresses and ports; knows no state.
 */
#ifndef WIRESTATE_FLOW_FLOW_KEY_H
#define WIRESTATE_FLOW_FLOW_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/address.h"
#include "decode/segment.h"

/* Both ends, the lesser one first (endpoint_compare()), so that both directions have one key. No
 * padding. */
typedef struct {
	Endpoint end[2]; /* in canonical order */
	uint32_t scope;  /* Segment.scope */
} FlowKey;

/* The key of @segment; @sender is set to the index of the end that sent it. Both ends equal (a
 * connection to itself): 0. */
FlowKey flow_key(const Segment *segment, unsigned *sender);

/* Seeded at the first call with random bytes, so that a crafted capture cannot aim at one bucket.
 */
uint32_t flow_key_hash(const FlowKey *key);

/* A word of a key. */
static inline uint64_t flow_key_word(const FlowKey *key, size_t word)
{
	uint64_t value;

	memcpy(&value, (const char *)key + word * sizeof(value), sizeof(value));
	return value;
}

/* All of both is compared: where they differ nobody can foresee, and most are the same. */
static inline bool flow_key_equal(const FlowKey *a, const FlowKey *b)
{
	uint64_t differs = a->scope ^ b->scope;

#pragma GCC unroll 5
	for (size_t word = 0; word < offsetof(FlowKey, scope) / sizeof(uint64_t); word++)
		differs |= flow_key_word(a, word) ^ flow_key_word(b, word);
	return !differs;
}

/* Where a segment belongs, worked out once. */
typedef struct {
	FlowKey key;     /* the segment's */
	uint32_t hash;   /* flow_key_hash() of it */
	uint32_t spread; /* another one, the same in every run: for what may be mistaken in a
			    capture that aims at it, but not in another way each time */
	unsigned sender; /* which end of it sent the segment */
} FlowPlace;

void flow_place(FlowPlace *place, const Segment *segment);

/* Whether both ends are the same: one socket that is connected to itself. */
bool flow_key_is_self(const FlowKey *key);

#endif
