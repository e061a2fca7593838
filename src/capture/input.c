/* The input as one sequence of frames: files merged by time, or an interface. Knows the order of
 * frames; knows nothing of what is in them.
 *
 * Merging keeps the files' present frames in a heap whose root is the next to be delivered. Its
 * file moves on only when the frame after it is asked for, because moving on invalidates the
 * frame's bytes.
 *
 * Of many files only those are open whose time has come: each is parked when the time of its first
 * frame is known, and woken when that frame is the next. So a folder of rotated files costs one
 * descriptor and one buffer at a time, in whatever order they were given. */
#include "capture/input.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "capture/live.h"
#include "capture/source.h"

/* So few files simply stay open. */
#define FILES_FEW 8
/* At most so many are open at once, whatever the system allows: each has its buffer. */
#define FILES_OPEN_MAX 256
/* Descriptors that are left for others: output, resolver, and those that the program began with. */
#define DESCRIPTORS_SPARE 16

/* One file's place in the heap. */
typedef struct {
	Source *source; /* owned by Input.sources */
	unsigned order; /* the file's place on the command line */
} Head;

struct Input {
	GPtrArray *sources;     /* the files, in the order in which they were given */
	Head *heap;             /* those that have a frame, the earliest first */
	unsigned heap_count;    /* elements of @heap */
	bool started;           /* the first frame of each file has been read */
	bool moved;             /* the root's frame was not delivered yet */
	bool parking;           /* there are so many files that some have to be parked */
	unsigned open_max;      /* files that may be open at once */
	unsigned open_count;    /* files that are */
	Filter *filter;         /* for files; NULL: none */
	GPtrArray *failures;    /* GErrors of files, told at the end */
	unsigned failures_told; /* how many of them have been returned */
	Live *live;             /* the interface, or NULL */
	uint64_t frames;        /* delivered */
	uint64_t accepted;      /* of these, those that the filter accepted */
	Wakeup wakeup;          /* ends waiting, and is how others know of that */
};

G_DEFINE_QUARK(wirestate_input_error, input_error)

static Input *input_new(GError **error)
{
	g_autoptr(Input) input = g_new0(Input, 1);

	input->sources = g_ptr_array_new_with_free_func((GDestroyNotify)source_free);
	input->failures = g_ptr_array_new_with_free_func((GDestroyNotify)g_error_free);
	if (!wakeup_init(&input->wakeup)) {
		g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN, "eventfd: %s", g_strerror(errno));
		return NULL;
	}
	return g_steal_pointer(&input);
}

/* Sets how many files may be open at once, and whether that matters. */
static void set_open_max(Input *input, unsigned files)
{
	struct rlimit limit = { .rlim_cur = RLIM_INFINITY };

	getrlimit(RLIMIT_NOFILE, &limit);
	input->open_max = FILES_OPEN_MAX;
	if (limit.rlim_cur < FILES_OPEN_MAX + DESCRIPTORS_SPARE)
		input->open_max = limit.rlim_cur > DESCRIPTORS_SPARE
					  ? (unsigned)limit.rlim_cur - DESCRIPTORS_SPARE
					  : 1;
	input->parking = files > MIN(FILES_FEW, input->open_max);
}

/* Parks an open file if that can be done. */
static void park(Input *input, Source *source)
{
	if (!source_can_park(source))
		return;
	source_park(source);
	input->open_count--;
}

/* Opens one of the files. One that cannot be opened does not keep the others from being read: it is
 * told at the end, as one that is damaged is. */
static bool add_file(Input *input, const char *file, const InputOptions *options, GError **error)
{
	GError *problem = NULL;
	Source *source = source_open(file, &input->wakeup, options, input->filter, &problem);

	if (!source && g_error_matches(problem, INPUT_ERROR, INPUT_ERROR_OPEN)) {
		g_ptr_array_add(input->failures, problem);
		return true;
	}
	if (!source) {
		g_propagate_error(error, problem);
		return false;
	}
	g_ptr_array_add(input->sources, source);
	input->open_count++;
	if (input->parking)
		park(input, source);
	return true;
}

Input *input_open_files(const char *const *files, const InputOptions *options, GError **error)
{
	g_autoptr(Input) input = input_new(error);
	bool standard_input = false;

	if (!input)
		return NULL;
	input->filter = filter_new(options->filter, options->optimise);
	set_open_max(input, g_strv_length((char **)files));
	for (; *files; files++) {
		if (strcmp(*files, "-") == 0 && standard_input) {
			g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN,
				    "standard input can be read only once");
			return NULL;
		}
		standard_input |= strcmp(*files, "-") == 0;
		if (!add_file(input, *files, options, error))
			return NULL;
	}
	if (input->sources->len == 0) {
		g_propagate_error(error, g_error_copy(input->failures->pdata[0]));
		return NULL;
	}
	input->heap = g_new(Head, input->sources->len);
	return g_steal_pointer(&input);
}

Input *input_open_interface(const char *interface, const InputOptions *options, GError **error)
{
	g_autoptr(Input) input = input_new(error);

	if (!input)
		return NULL;
	input->live = live_open(interface, &input->wakeup, options, error);
	return input->live ? g_steal_pointer(&input) : NULL;
}

/* Whether @a's frame goes before @b's. */
static bool head_before(const Head *a, const Head *b)
{
	NsTime time_a = source_head(a->source)->time, time_b = source_head(b->source)->time;

	return time_a != time_b ? time_a < time_b : a->order < b->order;
}

/* Moves the element at @at down to where both below it go after it. */
static void heap_sift_down(Input *input, unsigned at)
{
	Head moving = input->heap[at];

	for (unsigned child; (child = 2 * at + 1) < input->heap_count; at = child) {
		if (child + 1 < input->heap_count &&
		    head_before(&input->heap[child + 1], &input->heap[child]))
			child++;
		if (!head_before(&input->heap[child], &moving))
			break;
		input->heap[at] = input->heap[child];
	}
	input->heap[at] = moving;
}

/* Keeps what is wrong with a file, to be told at the end. A file that we stopped reading in the
 * middle is not damaged. */
static void keep_failure(Input *input, GError *error)
{
	if (input->wakeup.stopped)
		g_error_free(error);
	else
		g_ptr_array_add(input->failures, error);
}

/* Parks the open file whose time is farthest away. */
static void park_farthest(Input *input)
{
	Source *farthest = NULL;

	for (unsigned i = 0; i < input->heap_count; i++) {
		Source *source = input->heap[i].source;

		if (source_is_open(source) && source_can_park(source) &&
		    (!farthest || source_head(source)->time > source_head(farthest)->time))
			farthest = source;
	}
	if (farthest)
		park(input, farthest);
}

/* Opens a parked file again. False when it is not to be had any more. */
static bool wake(Input *input, Source *source)
{
	GError *error = NULL;

	if (source_is_open(source))
		return true;
	if (input->open_count >= input->open_max)
		park_farthest(input);
	if (source_wake(source, &error)) {
		input->open_count++;
		return true;
	}
	keep_failure(input, error);
	return false;
}

/* Moves a file on. False when it has no more, be it by damage. */
static bool source_advance(Input *input, Source *source)
{
	GError *error = NULL;

	switch (source_next(source, &error)) {
	case SOURCE_FRAME:
		return true;
	case SOURCE_FAIL:
		keep_failure(input, error);
		break;
	case SOURCE_END:
		break;
	}
	input->open_count--;
	return false;
}

/* The first frame of every file. */
static void heap_fill(Input *input)
{
	for (unsigned i = 0; i < input->sources->len; i++) {
		Head head = { input->sources->pdata[i], i };

		if (!wake(input, head.source) || !source_advance(input, head.source))
			continue;
		if (input->parking)
			park(input, head.source);
		input->heap[input->heap_count++] = head;
	}
	for (unsigned i = input->heap_count / 2; i-- > 0;)
		heap_sift_down(input, i);
}

/* Takes the file at the root out. */
static void heap_pop(Input *input)
{
	input->heap[0] = input->heap[--input->heap_count];
	heap_sift_down(input, 0);
}

/* Moves on from the root's frame, which was delivered, to the next of all. */
static void heap_advance(Input *input)
{
	if (!source_advance(input, input->heap[0].source))
		heap_pop(input);
	else if (input->heap_count > 1)
		heap_sift_down(input, 0);
}

static inline void give_number(Input *input, Frame *frame)
{
	frame->number = ++input->frames;
	input->accepted += !frame->rejected && frame->linktype != FRAME_NONE;
	frame->accepted = input->accepted;
}

static void deliver(Input *input, const Frame *from, Frame *frame)
{
	*frame = *from;
	give_number(input, frame);
}

static InputResult files_next(Input *input, Frame *frame, GError **error)
{
	if (!input->started) {
		input->started = true;
		heap_fill(input);
	} else if (input->heap_count > 0 && !input->moved) {
		heap_advance(input);
	}
	input->moved = false;
	while (input->heap_count > 0 && !wake(input, input->heap[0].source))
		heap_pop(input);
	if (input->heap_count > 0 && !input->wakeup.stopped) {
		deliver(input, source_head(input->heap[0].source), frame);
		return INPUT_FRAME;
	}
	if (input->failures_told < input->failures->len) {
		g_propagate_error(error,
				  g_error_copy(input->failures->pdata[input->failures_told++]));
		return INPUT_FAIL;
	}
	return INPUT_END;
}

InputResult input_next(Input *input, Frame *frame, GError **error)
{
	InputResult result;

	if (!input->live)
		result = files_next(input, frame, error);
	else if (!input->wakeup.stopped)
		result = live_next(input->live, frame, error);
	else
		return INPUT_END;
	/* An interface that failed once has nothing more to say. */
	if (result == INPUT_FAIL && input->live)
		input->wakeup.stopped = 1;
	if (result == INPUT_FRAME && input->live)
		deliver(input, frame, frame);
	return result;
}

/* Delivers the frame behind the present one if its bytes are at hand, and none are lost by it. */
static bool files_more(Input *input, Frame *frame)
{
	if (input->moved || input->wakeup.stopped || !source_is_ready(input->heap[0].source))
		return false;
	heap_advance(input);
	/* To open the next one, another may have to be closed. */
	input->moved = !source_is_open(input->heap[0].source);
	if (!input->moved)
		deliver(input, source_head(input->heap[0].source), frame);
	return !input->moved;
}

/* The same for as many frames as can be had at once: there is nothing to merge them with. */
static unsigned files_take_ready(Input *input, Frame *frames, unsigned room)
{
	unsigned count;

	if (input->heap_count != 1 || input->wakeup.stopped)
		return 0;
	count = source_take_ready(input->heap[0].source, frames, room);
	for (unsigned i = 0; i < count; i++)
		give_number(input, &frames[i]);
	return count;
}

InputResult input_next_batch(Input *input, Frame *frames, unsigned room, unsigned *count,
			     GError **error)
{
	InputResult result = input_next(input, frames, error);

	*count = result == INPUT_FRAME;
	if (*count > 0 && !input->live) {
		*count += files_take_ready(input, frames + 1, room - 1);
		while (*count < room && files_more(input, &frames[*count]))
			++*count;
	}
	return result;
}

void input_stop(Input *input)
{
	wakeup_stop(&input->wakeup);
}

void input_on_wake(Input *input, void (*woken)(void *data), void *data)
{
	input->wakeup.woken = woken;
	input->wakeup.data = data;
}

void input_wake(Input *input)
{
	wakeup_wake(&input->wakeup);
}

bool input_progress(const Input *input, uint64_t *read, uint64_t *size)
{
	bool known = !input->live;

	*read = *size = 0;
	for (unsigned i = 0; i < input->sources->len; i++)
		known &= source_progress(input->sources->pdata[i], read, size);
	return known;
}

void input_stats(const Input *input, InputStats *stats)
{
	*stats = (InputStats){ .frames = input->frames };
	for (unsigned i = 0; i < input->sources->len; i++)
		source_stats(input->sources->pdata[i], stats);
	if (input->live)
		live_stats(input->live, stats);
}

char *input_describe(const Input *input)
{
	GString *text = g_string_new(NULL);

	if (input->live)
		live_describe(input->live, text);
	for (unsigned i = 0; i < input->sources->len; i++) {
		if (i > 0)
			g_string_append_c(text, '\n');
		source_describe(input->sources->pdata[i], text);
	}
	return g_string_free(text, FALSE);
}

void input_free(Input *input)
{
	if (!input)
		return;
	live_free(input->live);
	g_ptr_array_unref(input->sources);
	g_ptr_array_unref(input->failures);
	filter_free(input->filter);
	g_free(input->heap);
	wakeup_clear(&input->wakeup);
	g_free(input);
}
