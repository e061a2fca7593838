/* What tells one connection's segments from another's. Knows addresses and ports; knows no state.
 */
#ifndef WIRESTATE_FLOW_FLOW_KEY_H
#define WIRESTATE_FLOW_FLOW_KEY_H

#include <stdbool.h>
#include <stdint.h>

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
bool flow_key_equal(const FlowKey *a, const FlowKey *b);

/* Where a segment belongs, worked out once. */
typedef struct {
	FlowKey key;     /* the segment's */
	uint32_t hash;   /* flow_key_hash() of it */
	unsigned sender; /* which end of it sent the segment */
} FlowPlace;

void flow_place(FlowPlace *place, const Segment *segment);

/* Whether both ends are the same: one socket that is connected to itself. */
bool flow_key_is_self(const FlowKey *key);

#endif
