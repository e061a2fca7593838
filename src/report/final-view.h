/* What the views have in common that print once, at the end. Knows the selection; knows no view. */
#ifndef WIRESTATE_REPORT_FINAL_VIEW_H
#define WIRESTATE_REPORT_FINAL_VIEW_H

#include "report/report.h"

/* A view without memory of its own. */
typedef struct {
	Observer observer;            /* first */
	const ReportContext *context; /* borrowed */
} FinalView;

/* A view that does nothing but @finish; @needs_connections: it reads connections then. */
Observer *final_view_new(const ReportContext *context, bool needs_connections,
			 void (*finish)(Observer *observer, const AnalysisTotals *totals));

/* The selected connections, ordered, as things stand at the end. The caller unrefs the array. */
GPtrArray *final_view_selected(const ReportContext *context, const AnalysisTotals *totals);

#endif
