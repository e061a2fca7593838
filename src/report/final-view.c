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

struct Selected {
	Analysis *analysis; /* whose connections they are; borrowed */
	GArray *numbers;    /* unsigned, in order; NULL: all */
};

Selected *selected_new(const ReportContext *context, const Selection *selection, NsTime now)
{
	Selected *selected = g_new0(Selected, 1);
	Choice *choice;

	selected->analysis = context->analysis;
	if (selection_is_all(selection) && !selection_needs_end(selection))
		return selected;
	choice = choice_new(selection, now);
	analysis_read(context->analysis, NULL, 0, choice_offer, choice);
	selected->numbers = choice_finish(choice);
	return selected;
}

void selected_free(Selected *selected)
{
	if (!selected)
		return;
	if (selected->numbers)
		g_array_unref(selected->numbers);
	g_free(selected);
}

void selected_each(const Selected *selected, ConnectionVisit visit, void *data)
{
	const GArray *numbers = selected->numbers;

	if (!numbers)
		analysis_read(selected->analysis, NULL, 0, visit, data);
	else if (numbers->len)
		analysis_read(selected->analysis, (const unsigned *)(const void *)numbers->data,
			      numbers->len, visit, data);
}

const GArray *selected_numbers(const Selected *selected)
{
	return selected->numbers;
}
