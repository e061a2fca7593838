/* What the views have in common that print once, at the end. Knows the selection; knows no view. */
#include "report/final-view.h"

static void final_view_free(Observer *observer)
{
	g_free(observer);
}

Observer *final_view_new(const ReportContext *context, bool needs_connections,
			 void (*finish)(Observer *observer, const AnalysisTotals *totals))
{
	FinalView *view = g_new0(FinalView, 1);

	view->observer.needs_connections = needs_connections;
	view->observer.finish = finish;
	view->observer.free = final_view_free;
	view->context = context;
	return &view->observer;
}

GPtrArray *final_view_selected(const ReportContext *context, const AnalysisTotals *totals)
{
	return selection_apply(context->selection, analysis_connections(context->analysis),
			       totals->now);
}
