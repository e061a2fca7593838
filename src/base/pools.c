/* Memory in small pieces of many sizes: a pool for each. Knows sizes; knows not what is kept there.
 */
#include "base/pools.h"

#include <glib.h>

#include "base/pool.h"

/* Up to here sizes differ by a word, beyond by two. */
#define FINE_MAX  128u
#define FINE_STEP 8u
#define STEP      16u

#define FINE  (FINE_MAX / FINE_STEP)
#define SIZES (FINE + (POOLS_PIECE_MAX - FINE_MAX) / STEP)

struct Pools {
	Pool *pool[SIZES]; /* by the size of its pieces; NULL: there was none of that size yet */
};

/* Which of them has pieces of that size, or of a few bytes more. */
static unsigned which(size_t size)
{
	return (unsigned)(size <= FINE_MAX ? (size - 1) / FINE_STEP
					   : FINE + (size - FINE_MAX - 1) / STEP);
}

static size_t size_of(unsigned pool)
{
	return pool < FINE ? (pool + 1) * FINE_STEP : FINE_MAX + (pool - FINE + 1) * STEP;
}

Pools *pools_new(void)
{
	return g_new0(Pools, 1);
}

void pools_free(Pools *pools)
{
	if (!pools)
		return;
	for (unsigned i = 0; i < SIZES; i++)
		pool_free(pools->pool[i]);
	g_free(pools);
}

void *pools_take(Pools *pools, size_t size)
{
	unsigned index = which(size);

	g_assert(size && size <= POOLS_PIECE_MAX);
	if (!pools->pool[index])
		pools->pool[index] = pool_new(size_of(index));
	return pool_take(pools->pool[index]);
}

void pools_give(Pools *pools, void *piece, size_t size)
{
	pool_give(pools->pool[which(size)], piece);
}
