/* Memory in pieces of one size, for what comes and goes by the hundred thousand. Knows sizes; knows
 * not what is kept there.
 *
 * Those that were given back last stand in a row, from which they are taken; most that come and go
 * do so there. Only when it is full or empty half a row goes to the chunks that they are of, or
 * comes from one. A chunk begins at a multiple of its size, so that a piece's address tells it. */
#include "base/pool.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EACH_BY_ITSELF 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define EACH_BY_ITSELF 1
#endif

#define ALIGN      sizeof(uint64_t)
#define PIECE_MAX  ((size_t)64 << 10)
#define CHUNK_SIZE ((size_t)2 << 20)

/* Pieces in the row. */
#define ROW 64u

/* A huge page is resident as a whole: no more than a part of what is used already may be wasted so.
 * This is how many chunks of ordinary pages come first. */
#define ORDINARY_CHUNKS 2u

/* What is in a piece that is in no use and not in the row. */
typedef struct Spare {
	struct Spare *next; /* one of the same chunk; NULL: none */
} Spare;

/* At the beginning of one. */
typedef struct Chunk {
	struct Chunk *next, **link; /* its list: the one behind it, and what points to it */
	Spare *spare;               /* pieces that were in use before */
	size_t fresh;               /* where those begin that never were */
	unsigned out;               /* pieces in use or in the row */
} Chunk;

/* Pieces begin with a line of the cache. */
#define CHUNK_HEAD ((sizeof(Chunk) + 63) / 64 * 64)

struct Pool {
	size_t size;     /* of a piece */
	unsigned count;  /* of those in the row */
	void *row[ROW];  /* the last one is taken first */
	unsigned chunks; /* how many there are */
	Chunk *open;     /* those that have pieces to take */
	Chunk *full;     /* those that have none */
};

Pool *pool_new(size_t size)
{
	Pool *pool = g_new0(Pool, 1);

	g_assert(size && size <= PIECE_MAX);
	pool->size = (size + ALIGN - 1) / ALIGN * ALIGN;
	return pool;
}

size_t pool_piece_size(const Pool *pool)
{
	return pool->size;
}

#ifdef EACH_BY_ITSELF

void pool_free(Pool *pool)
{
	if (!pool)
		return;
	g_assert(!pool->count);
	g_free(pool);
}

void *pool_take(Pool *pool)
{
	pool->count++;
	return g_malloc(pool->size);
}

void pool_give(Pool *pool, void *piece)
{
	if (!piece)
		return;
	pool->count--;
	g_free(piece);
}

#else

/* --- Chunks ---------------------------------------------------------------------------------- */

static void chunk_leave(Chunk *chunk)
{
	*chunk->link = chunk->next;
	if (chunk->next)
		chunk->next->link = chunk->link;
}

static void chunk_enter(Chunk **list, Chunk *chunk)
{
	chunk->next = *list;
	chunk->link = list;
	if (chunk->next)
		chunk->next->link = &chunk->next;
	*list = chunk;
}

static Chunk *chunk_of(void *piece)
{
	return (Chunk *)((char *)piece - (uintptr_t)piece % CHUNK_SIZE);
}

static bool has_piece(const Pool *pool, const Chunk *chunk)
{
	return chunk->spare || chunk->fresh + pool->size <= CHUNK_SIZE;
}

static char *map(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		g_error("no memory for %zu bytes: %s", size, g_strerror(errno));
	return memory;
}

/* Where it does not lie as it has to, twice as much is mapped, and what stands over at both ends is
 * not kept. */
static void *map_chunk(void)
{
	char *memory = map(CHUNK_SIZE);
	size_t before;

	if ((uintptr_t)memory % CHUNK_SIZE == 0)
		return memory;
	munmap(memory, CHUNK_SIZE);
	memory = map(2 * CHUNK_SIZE);
	before = CHUNK_SIZE - (uintptr_t)memory % CHUNK_SIZE;
	munmap(memory, before);
	if (before < CHUNK_SIZE)
		munmap(memory + before + CHUNK_SIZE, CHUNK_SIZE - before);
	return memory + before;
}

static void chunk_new(Pool *pool)
{
	Chunk *chunk = map_chunk();

	/* Where there are no such pages, nothing is lost. */
	madvise(chunk, CHUNK_SIZE,
		pool->chunks < ORDINARY_CHUNKS ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
	chunk->fresh = CHUNK_HEAD;
	chunk_enter(&pool->open, chunk);
	pool->chunks++;
}

static void chunk_free(Pool *pool, Chunk *chunk)
{
	chunk_leave(chunk);
	munmap(chunk, CHUNK_SIZE);
	pool->chunks--;
}

/* From a chunk that has one. */
static void *chunk_take(Pool *pool, Chunk *chunk)
{
	void *piece = chunk->spare;

	if (piece) {
		chunk->spare = chunk->spare->next;
	} else {
		piece = (char *)chunk + chunk->fresh;
		chunk->fresh += pool->size;
	}
	chunk->out++;
	if (!has_piece(pool, chunk)) {
		chunk_leave(chunk);
		chunk_enter(&pool->full, chunk);
	}
	return piece;
}

/* One of which nothing is in use is kept only when there is no other to take from. */
static void chunk_give(Pool *pool, void *piece)
{
	Chunk *chunk = chunk_of(piece);
	Spare *spare = piece;

	if (!has_piece(pool, chunk)) {
		chunk_leave(chunk);
		chunk_enter(&pool->open, chunk);
	}
	spare->next = chunk->spare;
	chunk->spare = spare;
	chunk->out--;
	if (!chunk->out && (pool->open != chunk || chunk->next))
		chunk_free(pool, chunk);
}

/* --- Pieces ---------------------------------------------------------------------------------- */

static void fill_row(Pool *pool)
{
	while (pool->count < ROW / 2) {
		if (!pool->open)
			chunk_new(pool);
		pool->row[pool->count++] = chunk_take(pool, pool->open);
	}
	/* The one that is next to the last one taken comes first. */
	for (unsigned i = 0; i < ROW / 4; i++) {
		void *other = pool->row[i];

		pool->row[i] = pool->row[ROW / 2 - 1 - i];
		pool->row[ROW / 2 - 1 - i] = other;
	}
}

/* Those that were given back first go. */
static void empty_row(Pool *pool, unsigned left)
{
	unsigned go = pool->count - left;

	for (unsigned i = 0; i < go; i++)
		chunk_give(pool, pool->row[i]);
	for (unsigned i = 0; i < left; i++)
		pool->row[i] = pool->row[go + i];
	pool->count = left;
}

void pool_free(Pool *pool)
{
	if (!pool)
		return;
	empty_row(pool, 0);
	g_assert(!pool->full);
	while (pool->open) {
		g_assert(!pool->open->out);
		chunk_free(pool, pool->open);
	}
	g_free(pool);
}

void *pool_take(Pool *pool)
{
	if (!pool->count)
		fill_row(pool);
	return pool->row[--pool->count];
}

void pool_give(Pool *pool, void *piece)
{
	if (!piece)
		return;
	if (pool->count == ROW)
		empty_row(pool, ROW / 2);
	pool->row[pool->count++] = piece;
}

#endif
