/* Messages to standard error, exit statuses, and the trace mask. Knows nothing of what they are
 * about. */
#ifndef WIRESTATE_BASE_DIAG_H
#define WIRESTATE_BASE_DIAG_H

#include <glib.h>
#include <stdbool.h>

/* Exit statuses of the command, see wirestate(1). */
enum {
	EXIT_FINE = 0,  /* everything was read; nothing that --fail-on names was found */
	EXIT_FOUND = 1, /* --fail-on found one of its kinds */
	EXIT_ERROR = 2, /* a usage error or an input error */
};

/* Prints "wirestate: MESSAGE\n" to standard error. */
void diag_error(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* Prints "wirestate: warning: MESSAGE\n" to standard error. */
void diag_warning(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* What WIRESTATE_TRACE=tcp,clock,flow,decode,detect switches on. */
typedef enum {
	TRACE_TCP = 1 << 0,
	TRACE_CLOCK = 1 << 1,
	TRACE_FLOW = 1 << 2,
	TRACE_DECODE = 1 << 3,
	TRACE_DETECT = 1 << 4,
} TraceMask;

extern unsigned diag_trace_mask;

/* Reads WIRESTATE_TRACE; to be called once, before the first trace(). */
void diag_trace_init(void);
void diag_trace(const char *area, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* A line on standard error for people who develop wirestate; costs one test when it is off. */
#define trace(area, ...)                                                                           \
	do {                                                                                       \
		if (G_UNLIKELY(diag_trace_mask & TRACE_##area))                                    \
			diag_trace(#area, __VA_ARGS__);                                            \
	} while (0)

#endif
