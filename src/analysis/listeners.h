/* The endpoints that have sent a SYN-ACK, and so listen. Knows endpoints; knows no state. */
#ifndef WIRESTATE_ANALYSIS_LISTENERS_H
#define WIRESTATE_ANALYSIS_LISTENERS_H

#include <glib.h>

#include "analysis/event.h"

typedef struct Listeners Listeners;

/* Keeps @max of them (0: all), those that listened last; the others are counted in @totals. */
Listeners *listeners_new(unsigned max, AnalysisTotals *totals);
void listeners_free(Listeners *listeners);

/* Notes an endpoint that has answered a SYN at @time; it is copied. */
void listeners_add(Listeners *listeners, const Endpoint *endpoint, NsTime time);

/* How many there are, each once. */
unsigned listeners_count(const Listeners *listeners);

/* All of them (const Endpoint), in no order; the caller frees the array alone, which is valid until
 * the next one is added. */
GPtrArray *listeners_list(const Listeners *listeners);

#endif
