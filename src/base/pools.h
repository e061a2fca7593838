/* Memory in small pieces of many sizes: a pool for each. Knows sizes; knows not what is kept there.
 *
 * A piece costs its size, rounded up a little. What one size gave back is not there for another: it
 * is for what comes in few sizes, or goes as it came. */
#ifndef WIRESTATE_BASE_POOLS_H
#define WIRESTATE_BASE_POOLS_H

#include <stddef.h>

typedef struct Pools Pools;

/* The largest piece. */
#define POOLS_PIECE_MAX 1024

Pools *pools_new(void);

/* Each piece has been given back; accepts NULL. */
void pools_free(Pools *pools);

/* A piece of @size bytes, POOLS_PIECE_MAX at most, not zeroed, aligned for whatever has 8 bytes at
 * most. It is the caller's until it gives it back. */
void *pools_take(Pools *pools, size_t size);

/* @piece is one that was taken as one of @size. */
void pools_give(Pools *pools, void *piece, size_t size);

#endif
