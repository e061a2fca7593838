/* Lines that are written as they come, or kept until it is known whose are wanted. Knows the
 * selection; knows nothing of what is in a line. */
#ifndef WIRESTATE_REPORT_LINES_H
#define WIRESTATE_REPORT_LINES_H

#include <glib.h>

#include "report/report.h"

typedef struct Lines Lines;

/* Keeps lines only when selection_needs_end(); else nothing grows with the capture. */
Lines *lines_new(const ReportContext *context);
void lines_free(Lines *lines);

/* Whether lines about @connection may be wanted; when not they need not be made. */
bool lines_want(const Lines *lines, const Connection *connection);

/* Whether a line about @anomaly may be wanted, which need not be about a connection. */
bool lines_want_anomaly(const Lines *lines, const Anomaly *anomaly);

/* Where a line is to be appended, after one of these said so; then lines_put() takes it, which is
 * about @connection; NULL: about none. */
GString *lines_text(const Lines *lines);
void lines_put(Lines *lines, const Connection *connection);

/* Writes what was kept: in the order of time, or, with --sort, one connection after the other. */
void lines_finish(Lines *lines, NsTime now);

#endif
