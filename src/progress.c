/* How far the reading of files has come, as a line on a terminal. Knows the terminal; knows nothing
 * of what is read. */
#include "progress.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/diag.h"
#include "output.h"

/* Who waits no longer than this needs no line. */
#define DELAY NSTIME_SECOND
/* The line is drawn anew so often. */
#define INTERVAL (NSTIME_SECOND / 4)

static NsTime now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * NSTIME_SECOND + time.tv_nsec;
}

/* Whether lines that are written to @out, while reading goes on, may appear on the terminal that
 * standard error is. */
static bool may_meet(FILE *out)
{
	struct stat here, there;

	if (fstat(STDERR_FILENO, &here) < 0 || fstat(fileno(out), &there) < 0)
		return true;
	if (S_ISCHR(there.st_mode))
		return here.st_rdev == there.st_rdev;
	/* What reads a pipe mostly shows it, and at once. */
	return !S_ISREG(there.st_mode);
}

/* A job in the background does not write over what its user is doing. */
static bool is_foreground(void)
{
	pid_t group = tcgetpgrp(STDERR_FILENO);

	return group < 0 || group == getpgrp();
}

void progress_begin(Progress *progress, const Input *input, FILE *out, bool streams)
{
	const char *wanted = g_getenv("WIRESTATE_PROGRESS_DELAY");
	NsTime delay = DELAY;

	if (wanted && !nstime_parse_seconds(wanted, &delay))
		diag_warning("WIRESTATE_PROGRESS_DELAY: '%s' is no number of seconds", wanted);
	*progress = (Progress){ .begin = now() };
	progress->next = progress->begin + delay;
	/* Tracing writes a line for many a frame. */
	if (isatty(STDERR_FILENO) && !diag_trace_mask && !(streams && may_meet(out)))
		progress->input = input;
}

/* "1234567" as "1,234,567". */
static void append_number(GString *line, uint64_t number)
{
	char digits[24];
	int length = g_snprintf(digits, sizeof(digits), "%" PRIu64, number);

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			g_string_append_c(line, ',');
		g_string_append_c(line, digits[i]);
	}
}

/* @total * @part / @whole, which may be more than 64 bits in between; @whole is not 0. */
static uint64_t share(uint64_t total, uint64_t part, uint64_t whole)
{
	return (uint64_t)((unsigned __int128)total * part / whole);
}

/* "wirestate: 43%, 1,234,567 frames, 812,345 frames/s, 0:12 left"; what is not known of a pipe is
 * left out. */
static GString *describe(const Progress *progress, NsTime elapsed)
{
	GString *line = g_string_new("wirestate: ");
	uint64_t read, size;
	bool known = input_progress(progress->input, &read, &size);

	if (known)
		g_string_append_printf(line, "%" PRIu64 "%%, ", share(100, read, size));
	append_number(line, progress->frames);
	g_string_append(line, " frames, ");
	append_number(line, share(progress->frames, NSTIME_SECOND, (uint64_t)elapsed));
	g_string_append(line, " frames/s");
	if (known && read > 0) {
		uint64_t seconds =
			share((uint64_t)elapsed, size - read, read) / (uint64_t)NSTIME_SECOND;

		g_string_append_printf(line, ", %" PRIu64 ":%02u left", seconds / 60,
				       (unsigned)(seconds % 60));
	}
	return line;
}

void progress_look(Progress *progress)
{
	NsTime moment = now();
	size_t columns;
	GString *line;

	if (moment < progress->next || !is_foreground())
		return;
	progress->next = moment + INTERVAL;
	line = describe(progress, MAX(moment - progress->begin, 1));
	/* The last column is left free: some terminals wrap there. */
	columns = (size_t)output_width(stderr) - 1;
	g_string_truncate(line, MIN(line->len, columns));
	fprintf(stderr, "\r%-*s", (int)MIN(progress->width, columns), line->str);
	progress->width = line->len;
	g_string_free(line, TRUE);
}

void progress_erase(Progress *progress)
{
	if (progress->width > 0)
		fprintf(stderr, "\r%*s\r", (int)progress->width, "");
	progress->width = 0;
}
