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

/* The selected connections, as things stand at the end. They are known by their numbers: each is
 * lent when it is looked at. */
typedef struct Selected Selected;

/* By @selection, which need not be the view's. */
Selected *selected_new(const ReportContext *context, const Selection *selection, NsTime now);
void selected_free(Selected *selected);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Selected, selected_free)

/* Lends each to @visit, in order. */
void selected_each(const Selected *selected, ConnectionVisit visit, void *data);

/* Their numbers (unsigned), in order; NULL: all of them are selected, in the order of their
 * numbers. */
const GArray *selected_numbers(const Selected *selected);

#endif
