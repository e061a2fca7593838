/* Reading in chunks, ahead or not. Knows chunks of memory and whose turn it is; knows neither files
 * nor formats.
 *
 * With a thread a chunk is in one of four places: among the empty ones, with the thread, among the
 * full ones in the order in which they were read, or with the one who uses it. Without, there is
 * but one. Either way @read is called for the room that is left in a chunk until that is full. */
#include "capture/read-ahead.h"

#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

/* Neither has to wait for every hiccup of the other. */
#define CHUNKS 4
/* The fuzz targets are built with less, so that little input is read by a thread. */
#ifndef CHUNK_SIZE
#define CHUNK_SIZE ((size_t)128 << 10)
#endif

typedef struct {
	size_t at, end; /* what has not been used yet of @memory */
	ssize_t last;   /* what the last call of @read gave: when it is 0 or less nothing follows */
	char *failure;  /* its failure; owned */
	uint8_t memory[CHUNK_SIZE];
} Chunk;

struct ReadAhead {
	ReadAheadFunc read; /* the thread's, if there is one */
	void *data;         /* for it */
	bool may_start;     /* there may be a thread */
	GThread *thread;    /* NULL: none. Owned */
	GAsyncQueue
		*empty; /* Chunk, owned; or the ReadAhead itself: stop. NULL: there is no thread */
	GAsyncQueue *full; /* Chunk, owned */
	Chunk *used;       /* the one that is read from; owned */
};

/* How many threads there are in this process. */
static gint running;

static Chunk *chunk_new(void)
{
	Chunk *chunk = g_malloc(sizeof(*chunk));

	chunk->at = chunk->end = 0;
	chunk->last = 1;
	chunk->failure = NULL;
	return chunk;
}

static void chunk_free(gpointer data)
{
	Chunk *chunk = data;

	g_free(chunk->failure);
	g_free(chunk);
}

/* One call of @read, for what has room in the chunk. */
static void read_on(const ReadAhead *ahead, Chunk *chunk)
{
	chunk->last = ahead->read(ahead->data, chunk->memory + chunk->end, CHUNK_SIZE - chunk->end,
				  &chunk->failure);
	if (chunk->last > 0)
		chunk->end += (size_t)chunk->last;
}

/* --- The thread ------------------------------------------------------------------------------ */

static gpointer run(gpointer data)
{
	ReadAhead *ahead = data;
	bool ended = false;

	while (!ended) {
		Chunk *chunk;
		gpointer next = g_async_queue_pop(ahead->empty);

		if (next == ahead)
			break;
		chunk = next;
		chunk->at = chunk->end = 0;
		do
			read_on(ahead, chunk);
		while (chunk->last > 0 && chunk->end < CHUNK_SIZE);
		/* Once it is among the full ones it is not ours to look at. */
		ended = chunk->last <= 0;
		g_async_queue_push(ahead->full, chunk);
	}
	return NULL;
}

/* Whether one more may read ahead; one that may has to be taken off @running. */
static bool is_allowed(void)
{
	gint processors = (gint)g_get_num_processors();

	if (processors < 2)
		return false;
	if (g_atomic_int_add(&running, 1) < processors)
		return true;
	g_atomic_int_add(&running, -1);
	return false;
}

static void stop(ReadAhead *ahead)
{
	if (ahead->thread) {
		g_async_queue_push_front(ahead->empty, ahead);
		g_thread_join(ahead->thread);
		/* When it had ended by itself this is still there. */
		g_async_queue_remove(ahead->empty, ahead);
	}
	g_clear_pointer(&ahead->empty, g_async_queue_unref);
	g_clear_pointer(&ahead->full, g_async_queue_unref);
	g_atomic_int_add(&running, -1);
}

/* From now on a thread reads, if that can be. It gets no signals: these are for the thread that
 * there was before. */
static void start(ReadAhead *ahead)
{
	sigset_t all, before;

	ahead->may_start = false;
	if (!is_allowed())
		return;
	ahead->empty = g_async_queue_new_full(chunk_free);
	ahead->full = g_async_queue_new_full(chunk_free);
	for (unsigned i = 1; i < CHUNKS; i++)
		g_async_queue_push(ahead->empty, chunk_new());
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ahead->thread = g_thread_try_new("read-ahead", run, ahead, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!ahead->thread)
		stop(ahead);
}

/* --- The one who uses it ---------------------------------------------------------------------- */

ReadAhead *read_ahead_new(ReadAheadFunc read, void *data, bool may_start)
{
	ReadAhead *ahead = g_new0(ReadAhead, 1);

	ahead->read = read;
	ahead->data = data;
	ahead->may_start = may_start;
	ahead->used = chunk_new();
	return ahead;
}

/* The chunk at hand is used up, and something may follow. */
static void go_on(ReadAhead *ahead)
{
	bool is_full = ahead->used->end == CHUNK_SIZE;

	if (is_full && ahead->may_start)
		start(ahead);
	if (ahead->thread) {
		g_async_queue_push(ahead->empty, ahead->used);
		ahead->used = g_async_queue_pop(ahead->full);
		return;
	}
	if (is_full)
		ahead->used->at = ahead->used->end = 0;
	read_on(ahead, ahead->used);
}

ssize_t read_ahead_read(ReadAhead *ahead, uint8_t *bytes, size_t room, char **failure)
{
	Chunk *chunk = ahead->used;
	size_t length;

	if (chunk->at == chunk->end && chunk->last > 0) {
		go_on(ahead);
		chunk = ahead->used;
	}
	length = MIN(room, chunk->end - chunk->at);
	memcpy(bytes, chunk->memory + chunk->at, length);
	chunk->at += length;
	if (length > 0)
		return (ssize_t)length;
	*failure = g_strdup(chunk->failure);
	return chunk->last;
}

bool read_ahead_is_ahead(const ReadAhead *ahead)
{
	return ahead->thread;
}

void read_ahead_free(ReadAhead *ahead)
{
	if (!ahead)
		return;
	if (ahead->thread)
		stop(ahead);
	chunk_free(ahead->used);
	g_free(ahead);
}
