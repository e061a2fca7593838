/* Bars. Knows counts; knows no connection. */
#ifndef WIRESTATE_REPORT_HISTOGRAM_H
#define WIRESTATE_REPORT_HISTOGRAM_H

#include <glib.h>
#include <stdint.h>

#include "report/report.h"

/* Appends a line with a bar for each state, @indent columns in; those of which there is none only
 * with @zeros. */
void histogram_append(GString *text, const ReportContext *context,
		      const uint64_t states[static TCP_STATE_COUNT], size_t indent, bool zeros);

#endif
