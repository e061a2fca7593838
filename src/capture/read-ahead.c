/* The thread that reads ahead. Knows chunks of memory and whose turn it is; knows neither files nor
 * formats.
 *
 * A chunk is in one of four places: among the empty ones, with the thread that reads, among the
 * full ones in the order in which they were read, or with the one who uses it. */
#include "capture/read-ahead.h"

#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

/* Neither has to wait for every hiccup of the other. */
#define CHUNKS     4
#define CHUNK_SIZE ((size_t)128 << 10)

typedef struct {
	size_t at, end; /* what has not been used yet of @memory */
	ssize_t last;   /* what the last call of @read gave: when it is 0 or less nothing follows */
	char *failure;  /* its failure; owned */
	uint8_t memory[CHUNK_SIZE];
} Chunk;

struct ReadAhead {
	ReadAheadFunc read; /* the thread's */
	void *data;         /* for it */
	GThread *thread;    /* owned */
	GAsyncQueue *empty; /* Chunk, owned; or the ReadAhead itself: stop */
	GAsyncQueue *full;  /* Chunk, owned */
	Chunk *used;        /* the one that is read from; NULL: none. Owned */
};

/* How many there are in this process. */
static gint running;

static void free_chunk(gpointer data)
{
	Chunk *chunk = data;

	if (chunk)
		g_free(chunk->failure);
	g_free(chunk);
}

static void fill(const ReadAhead *ahead, Chunk *chunk)
{
	chunk->at = chunk->end = 0;
	do {
		chunk->last = ahead->read(ahead->data, chunk->memory + chunk->end,
					  CHUNK_SIZE - chunk->end, &chunk->failure);
		if (chunk->last > 0)
			chunk->end += (size_t)chunk->last;
	} while (chunk->last > 0 && chunk->end < CHUNK_SIZE);
}

static gpointer run(gpointer data)
{
	ReadAhead *ahead = data;
	bool ended = false;

	while (!ended) {
		gpointer next = g_async_queue_pop(ahead->empty);

		if (next == ahead)
			break;
		fill(ahead, next);
		/* Once it is among the full ones it is not ours to look at. */
		ended = ((Chunk *)next)->last <= 0;
		g_async_queue_push(ahead->full, next);
	}
	return NULL;
}

/* Signals are for the thread that there was before. */
static GThread *start(ReadAhead *ahead)
{
	sigset_t all, before;
	GThread *thread;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	thread = g_thread_try_new("read-ahead", run, ahead, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return thread;
}

ReadAhead *read_ahead_new(ReadAheadFunc read, void *data)
{
	gint processors = (gint)g_get_num_processors();
	ReadAhead *ahead;

	if (processors < 2)
		return NULL;
	if (g_atomic_int_add(&running, 1) >= processors) {
		g_atomic_int_add(&running, -1);
		return NULL;
	}
	ahead = g_new0(ReadAhead, 1);
	ahead->read = read;
	ahead->data = data;
	ahead->empty = g_async_queue_new_full(free_chunk);
	ahead->full = g_async_queue_new_full(free_chunk);
	for (unsigned i = 0; i < CHUNKS; i++) {
		Chunk *chunk = g_malloc(sizeof(*chunk));

		chunk->failure = NULL;
		g_async_queue_push(ahead->empty, chunk);
	}
	ahead->thread = start(ahead);
	if (!ahead->thread)
		g_clear_pointer(&ahead, read_ahead_free);
	return ahead;
}

ssize_t read_ahead_read(ReadAhead *ahead, uint8_t *bytes, size_t room, char **failure)
{
	Chunk *chunk = ahead->used;
	size_t length;

	if (chunk && chunk->at == chunk->end && chunk->last > 0) {
		g_async_queue_push(ahead->empty, chunk);
		chunk = NULL;
	}
	if (!chunk)
		chunk = ahead->used = g_async_queue_pop(ahead->full);
	length = MIN(room, chunk->end - chunk->at);
	memcpy(bytes, chunk->memory + chunk->at, length);
	chunk->at += length;
	if (length > 0 || room == 0)
		return (ssize_t)length;
	*failure = g_strdup(chunk->failure);
	return chunk->last;
}

void read_ahead_free(ReadAhead *ahead)
{
	if (!ahead)
		return;
	if (ahead->thread) {
		g_async_queue_push_front(ahead->empty, ahead);
		g_thread_join(ahead->thread);
		/* When it had ended by itself this is still there. */
		g_async_queue_remove(ahead->empty, ahead);
	}
	g_async_queue_unref(ahead->empty);
	g_async_queue_unref(ahead->full);
	free_chunk(ahead->used);
	g_atomic_int_add(&running, -1);
	g_free(ahead);
}
