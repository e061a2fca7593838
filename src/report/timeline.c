/* --timeline: the line that tcpdump prints for each segment, and under it what the segment did.
 * Knows the order of events; knows neither tcpdump's formats nor why a state changed.
 *
 * What is ours stands on lines of its own that begin with blanks and a bar:
 *
 *     | #1 client  SYN_SENT -> ESTABLISHED    assumed   the SYN-ACK is on its way to it
 *     | #1 ! half-open (error): ...
 *
 * The number is always there: while reading, nobody can know whether a second connection will come.
 * What no segment of that moment caused (a clock ran out) begins with its own time. */
#include <string.h>

#include "report/lines.h"
#include "report/tcpdump-line.h"
#include "report/text.h"

/* The widest words: "client", "ESTABLISHED -> CLOSE_WAIT", "observed". */
#define SIDE_WIDTH  6
#define EDGE_WIDTH  25
#define BASIS_WIDTH 8

typedef struct {
	Observer observer;            /* first */
	const ReportContext *context; /* borrowed */
	TcpdumpLine *line;            /* tcpdump's */
	Lines *lines;                 /* where they go */
	GString *text;                /* where they are made. Borrowed of @lines */
	bool begun;                   /* a segment was seen: @first and @previous are valid */
	uint64_t frame; /* of the last segment: what has this number belongs under its line */
	NsTime first, previous; /* times of the first and of the last segment: -ttttt and -ttt */
} Timeline;

static void timeline_segment(Observer *observer, const SegmentEvent *event)
{
	Timeline *timeline = (Timeline *)observer;
	bool wanted = lines_want(timeline->lines, event->connection);

	/* tcpdump's relative numbers and times depend on every segment before, shown or not. */
	tcpdump_line_append(timeline->line, event->captured, event->frame, event->segment,
			    observer_slot(observer, event->connection),
			    wanted ? timeline->text : NULL);
	if (wanted)
		lines_put(timeline->lines, event->connection);
	timeline->frame = event->frame->number;
	timeline->previous = event->frame->time;
	if (!timeline->begun)
		timeline->first = event->frame->time;
	timeline->begun = true;
}

/* "    | ", the time when the line stands alone, and the connection's number. */
static void begin_line(Timeline *timeline, uint64_t frame, NsTime time,
		       const Connection *connection)
{
	const LineOptions *line = timeline->context->line;
	NsTime reference = line->stamp == STAMP_SINCE ? timeline->first : timeline->previous;
	bool colour = timeline->context->colour;
	GString *text = timeline->text;

	text_styled(text, colour, STYLE_QUIET, "    |");
	g_string_append_c(text, ' ');
	if (frame == 0 || frame != timeline->frame) {
		size_t before = text->len;

		text_stamp(text, line->stamp, time, reference, line->nanoseconds ? 9 : 6);
		if (text->len > before)
			g_string_append_c(text, ' ');
	}
	if (connection) {
		g_string_append_c(text, '#');
		text_number(text, connection->number);
		g_string_append_c(text, ' ');
	}
}

static void pad(GString *text, size_t written, size_t width)
{
	text_spaces(text, written < width ? width - written : 0);
}

static Style style_of_basis(Basis basis)
{
	return basis == BASIS_REVISED ? STYLE_WARNING : STYLE_QUIET;
}

static void timeline_transition(Observer *observer, const Transition *transition)
{
	Timeline *timeline = (Timeline *)observer;
	const char *side = connection_side_name(transition->connection, transition->side);
	const char *from = tcp_state_name(transition->from), *to = tcp_state_name(transition->to);
	const char *basis = basis_name(transition->basis);
	bool colour = timeline->context->colour;
	GString *text = timeline->text;

	if (!lines_want(timeline->lines, transition->connection))
		return;
	begin_line(timeline, transition->frame, transition->time, transition->connection);
	g_string_append(text, side);
	pad(text, strlen(side), SIDE_WIDTH + 2);
	g_string_append(text, from);
	g_string_append(text, " -> ");
	text_styled(text, colour, STYLE_STRONG, to);
	pad(text, strlen(from) + 4 + strlen(to), EDGE_WIDTH + 2);
	text_styled(text, colour, style_of_basis(transition->basis), basis);
	pad(text, strlen(basis), BASIS_WIDTH + 2);
	text_styled(text, colour, STYLE_QUIET, cause_text(transition->cause));
	g_string_append_c(text, '\n');
	lines_put(timeline->lines, transition->connection);
}

static void timeline_anomaly(Observer *observer, const Anomaly *anomaly)
{
	Timeline *timeline = (Timeline *)observer;
	Style style = style_of_severity(anomaly->severity);
	bool colour = timeline->context->colour;
	GString *text = timeline->text;

	if (!lines_want_anomaly(timeline->lines, anomaly))
		return;
	begin_line(timeline, anomaly->frame, anomaly->time, anomaly->connection);
	g_string_append(text, style_begin(colour, style));
	g_string_append(text, "! ");
	g_string_append(text, anomaly_kind_name(anomaly->kind));
	g_string_append(text, " (");
	g_string_append(text, severity_name(anomaly->severity));
	g_string_append(text, "):");
	g_string_append(text, style_end(colour, style));
	g_string_append_c(text, ' ');
	g_string_append(text, anomaly->message);
	g_string_append_c(text, '\n');
	lines_put(timeline->lines, anomaly->connection);
}

static void timeline_finish(Observer *observer, const AnalysisTotals *totals)
{
	lines_finish(((Timeline *)observer)->lines, totals->now);
}

static void timeline_free(Observer *observer)
{
	Timeline *timeline = (Timeline *)observer;

	tcpdump_line_free(timeline->line);
	lines_free(timeline->lines);
	g_free(timeline);
}

Observer *report_timeline_new(const ReportContext *context)
{
	Timeline *timeline = g_new0(Timeline, 1);

	timeline->observer.slot_size = sizeof(uint32_t);
	timeline->observer.needs_connections = selection_needs_end(context->selection);
	timeline->observer.segment = timeline_segment;
	timeline->observer.transition = timeline_transition;
	timeline->observer.anomaly = timeline_anomaly;
	timeline->observer.finish = timeline_finish;
	timeline->observer.free = timeline_free;
	timeline->context = context;
	timeline->line = tcpdump_line_new(context->line);
	timeline->lines = lines_new(context);
	timeline->text = lines_text(timeline->lines);
	return &timeline->observer;
}
