/* Arithmetic on TCP sequence numbers. Knows that they wrap at 2^32; knows nothing of segments. */
#ifndef WIRESTATE_BASE_SEQ_H
#define WIRESTATE_BASE_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/* RFC 9293 3.4: numbers are compared modulo 2^32; a is before b when it is less than half the
 * circle behind it. Meaningless for numbers exactly 2^31 apart, as on every TCP. */

static inline bool seq_lt(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool seq_leq(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) <= 0;
}

static inline bool seq_gt(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static inline bool seq_geq(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) >= 0;
}

static inline uint32_t seq_max(uint32_t a, uint32_t b)
{
	return seq_lt(a, b) ? b : a;
}

static inline uint32_t seq_min(uint32_t a, uint32_t b)
{
	return seq_lt(a, b) ? a : b;
}

#endif
