/* What signals ask for while frames are read. Knows the input that is woken; knows nothing of what
 * is done then. */
#ifndef WIRESTATE_SIGNALS_H
#define WIRESTATE_SIGNALS_H

#include <glib.h>
#include <signal.h>
#include <stdbool.h>

#include "capture/input.h"

/* From the beginning of the program: SIGUSR1 does not end it. */
void signals_init(void);

/* From now on SIGINT and SIGTERM stop @input, and SIGUSR1 wakes it; the next of the first two ends
 * the program. NULL: there is nothing to stop any more. */
void signals_direct(Input *input);

/* SIGUSR1 came and was not taken yet; looked at between frames. */
extern volatile sig_atomic_t signals_summary;

/* Whether SIGUSR1 came since this was last called. */
static inline bool signals_take_summary(void)
{
	if (G_LIKELY(!signals_summary))
		return false;
	signals_summary = 0;
	return true;
}

#endif
