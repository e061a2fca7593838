/* Bytes seen beyond a hole. Knows intervals of sequence numbers; knows nothing of whose they are.
 */
#ifndef WIRESTATE_TCP_RANGES_H
#define WIRESTATE_TCP_RANGES_H

#include <stdbool.h>
#include <stdint.h>

/* More holes than this at once are not kept apart: the range furthest ahead is forgotten, and its
 * bytes count again when they are repeated or acknowledged. Bounds what a hostile capture can make
 * us keep. */
#define RANGES_MAX 32

/* Disjoint intervals that do not touch, in ascending order. */
typedef struct {
	unsigned count; /* intervals in use */
	struct {
		uint32_t left, right; /* first number, and the first one after */
	} range[RANGES_MAX];
} Ranges;

/* Adds [left, right), joined with what it touches. */
void ranges_add(Ranges *ranges, uint32_t left, uint32_t right);

/* The number up to which everything is there, when it is up to @next: @next itself or the end of
 * the range that it reaches into. Ranges that end at or before the result are dropped. */
uint32_t ranges_advance(Ranges *ranges, uint32_t next);

/* Forgets everything at or beyond @limit. */
void ranges_cut(Ranges *ranges, uint32_t limit);

#endif
