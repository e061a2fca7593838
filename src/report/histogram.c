/* --histogram: sides per state, with bars. Knows counts; knows no connection. */
#include "report/histogram.h"

#include "report/final-view.h"
#include "report/tally.h"
#include "report/text.h"

/* "ESTABLISHED". */
#define STATE_WIDTH 11

/* CLOSED counts all that ever ended, and would make the bars of the living too short to see. */
static uint64_t scale_of(const uint64_t states[static TCP_STATE_COUNT])
{
	uint64_t most = 0;

	for (unsigned state = 0; state < TCP_STATE_COUNT; state++) {
		if (state != TCP_STATE_CLOSED)
			most = MAX(most, states[state]);
	}
	return most != 0 ? most : states[TCP_STATE_CLOSED];
}

static size_t digits_of(uint64_t number)
{
	size_t digits = 1;

	while (number >= 10) {
		number /= 10;
		digits++;
	}
	return digits;
}

/* A bar of at most @room columns: one for each side as long as there is room for @scale of them.
 * One that would be longer than the room ends in an arrow. */
static void append_bar(GString *text, uint64_t count, uint64_t scale, size_t room)
{
	double column = scale > room ? (double)scale / (double)room : 1;
	bool longer = (double)count / column > (double)room;
	size_t length = longer ? room : (size_t)((double)count / column);

	if (length == 0)
		length = 1;
	for (size_t at = 0; at < length; at++)
		g_string_append_c(text, longer && at + 1 == length ? '>' : '#');
}

void histogram_append(GString *text, const ReportContext *context,
		      const uint64_t states[static TCP_STATE_COUNT], size_t indent, bool zeros)
{
	uint64_t scale = scale_of(states), most = 0;
	size_t count_width, used;

	for (unsigned state = 0; state < TCP_STATE_COUNT; state++)
		most = MAX(most, states[state]);
	count_width = digits_of(most);
	used = indent + STATE_WIDTH + 2 + count_width + 2;
	for (unsigned state = 0; state < TCP_STATE_COUNT; state++) {
		const char *name = tcp_state_name((TcpState)state);
		size_t width = (size_t)context->width;

		if (states[state] == 0 && !zeros)
			continue;
		text_spaces(text, indent);
		g_string_append(text,
				style_begin(context->colour && states[state] == 0, STYLE_QUIET));
		g_string_append(text, name);
		text_spaces(text, STATE_WIDTH - strlen(name) + 2 + count_width -
					  digits_of(states[state]));
		if (states[state] == 0) {
			g_string_append_c(text, '-');
			g_string_append(text, style_end(context->colour, STYLE_QUIET));
		} else {
			text_number(text, states[state]);
			g_string_append(text, "  ");
			append_bar(text, states[state], scale,
				   width > used + 10 ? width - used : 10);
		}
		g_string_append_c(text, '\n');
	}
}

static void histogram_finish(Observer *observer, const AnalysisTotals *totals)
{
	const ReportContext *context = ((FinalView *)observer)->context;
	g_autoptr(Selected) selected = NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	Tally tally;

	if (tally_needs_connections(context->selection))
		selected = selected_new(context, context->selection, totals->now);
	tally_count(context, selected, &tally);
	text_heading(context, text, VIEW_HISTOGRAM, "Sides per state");
	text_as_of(context, text, totals->now);
	histogram_append(text, context, tally.states, 0, true);
	text_write(context, text);
}

Observer *report_histogram_new(const ReportContext *context)
{
	return final_view_new(context, tally_needs_connections(context->selection),
			      histogram_finish);
}
