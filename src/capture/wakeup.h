/* Ending or interrupting a wait from a signal handler. Knows descriptors; knows nothing of what is
 * waited for. Used in this folder only. */
#ifndef WIRESTATE_CAPTURE_WAKEUP_H
#define WIRESTATE_CAPTURE_WAKEUP_H

#include <glib.h>
#include <signal.h>
#include <stdbool.h>

typedef struct {
	int fd;                        /* an eventfd, readable once one was called for; -1: none */
	volatile sig_atomic_t stopped; /* reading is to end */
	void (*woken)(void *data);     /* see input_on_wake(); NULL: nobody is told */
	void *data;                    /* for @woken */
} Wakeup;

/* False with errno set when there are no descriptors left. @wakeup is to be cleared in any case. */
bool wakeup_init(Wakeup *wakeup);

/* Makes @fd readable for good: waits end. Safe in a signal handler. */
void wakeup_stop(Wakeup *wakeup);

/* Makes @fd readable once: who waits calls wakeup_hear(). Safe in a signal handler. */
void wakeup_wake(Wakeup *wakeup);

/* To be called when @fd was readable: calls woken(). Returns whether waiting is to end. */
bool wakeup_hear(Wakeup *wakeup);

void wakeup_clear(Wakeup *wakeup);

#endif
