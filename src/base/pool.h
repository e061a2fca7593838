/* Memory in pieces of one size, for what comes and goes by the hundred thousand. Knows sizes; knows
 * not what is kept there.
 *
 * Pieces are cut from chunks of 2 MiB, for which huge pages are asked once there are some: each
 * piece costs its size and no more, and those in use at random cost fewer misses of the TLB. What
 * was given back last, which is in the cache, is taken first. A chunk goes back to the system when
 * none of its pieces is in use, so a burst holds memory no longer than those of its pieces that
 * share their chunk with one that stays. Under the address sanitizer each piece is malloc()'s own,
 * so that it finds what is used after it was given back. */
#ifndef WIRESTATE_BASE_POOL_H
#define WIRESTATE_BASE_POOL_H

#include <stddef.h>

typedef struct Pool Pool;

/* For pieces of @size bytes, of 64 KiB at most. */
Pool *pool_new(size_t size);

/* Each piece has been given back; accepts NULL. */
void pool_free(Pool *pool);

/* Bytes of a piece: what was asked for, or a few more. */
size_t pool_piece_size(const Pool *pool);

/* A piece, not zeroed, aligned for whatever has 8 bytes at most. It is the caller's until it gives
 * it back. */
void *pool_take(Pool *pool);

/* @piece is the pool's own; accepts NULL. */
void pool_give(Pool *pool, void *piece);

#endif
