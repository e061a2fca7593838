/* How a tunnel's id becomes part of a connection's key. Knows no header. */
#ifndef WIRESTATE_DECODE_SCOPE_H
#define WIRESTATE_DECODE_SCOPE_H

#include "decode/segment.h"
#include "decode/unwrap.h"

/* Notes that the segment is in a tunnel of the kind @unwrap with the number @id, the same in both
 * directions. Tunnels in each other count all and in their order. Folded to 32 bits: two of so many
 * million tunnels may share a scope, but then the 4-tuples in them must be equal as well. */
static inline void scope_add(Segment *segment, Unwrap unwrap, uint32_t id)
{
	uint64_t mixed = ((uint64_t)segment->scope << 32 | id) ^ (uint64_t)(unwrap + 1) << 56;

	/* The finalizer of splitmix64: every bit of its argument moves every bit of the result. */
	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
	segment->scope = (uint32_t)(mixed ^ mixed >> 31);
	segment->unwrapped |= UNWRAP_BIT(unwrap);
}

#endif
