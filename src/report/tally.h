/* Counts over all connections or the selected ones. Knows the selection; prints nothing. */
#ifndef WIRESTATE_REPORT_TALLY_H
#define WIRESTATE_REPORT_TALLY_H

#include <glib.h>
#include <stdint.h>

#include "report/final-view.h"

typedef struct {
	uint64_t segments;                /* of the connections that count */
	uint64_t connections;             /* that count */
	bool has_times;                   /* @first and @last are valid: there was a frame */
	NsTime first, last;               /* of the first and the last frame, or selected segment */
	uint64_t states[TCP_STATE_COUNT]; /* sides in each state; LISTEN: distinct endpoints;
					   * CLOSED: all that have ended; a connection to itself is
					   * one side */
	uint64_t open[OPEN_KIND_COUNT];   /* connections by how they opened */
	uint64_t close[CLOSE_KIND_COUNT]; /* and closed */
} Tally;

/* Whether counting needs every connection to the end, and not only the analysis' own counters. */
bool tally_needs_connections(const Selection *selection);

/* Sets @tally. @selected are not looked at, and may be NULL, when tally_needs_connections() says
 * no. */
void tally_count(const ReportContext *context, const Selected *selected, Tally *tally);

/* The listening endpoints that are an end of a connection in @selected, local ones with --local:
 * what ss -l would list. Endpoint pointers, ordered; the caller unrefs the array. */
GPtrArray *tally_listeners(const ReportContext *context, const Selected *selected);

#endif
