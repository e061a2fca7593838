/* The table of ss(8). Knows one end of each connection; knows no segment. */
#ifndef WIRESTATE_REPORT_SOCKETS_H
#define WIRESTATE_REPORT_SOCKETS_H

#include <glib.h>

#include "report/final-view.h"

/* Appends what ss -tan would list on the host of --local at @now: its ends of the connections in
 * @selected, and the endpoints there that listen. */
void sockets_append(GString *text, const ReportContext *context, const Selected *selected,
		    NsTime now);

#endif
