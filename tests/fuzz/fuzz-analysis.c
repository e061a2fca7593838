/* Fuzzes the whole analysis: the input is a capture, as for the program. All detectors watch, and
 * the views are written, as text and as JSON; and what is counted is the same without any view, and
 * connections that are read are the same whether they were followed or not. The length of the input
 * tells how: with all views, for which connections are kept, or with those that let them go; and
 * how many may be there at once. */
#include <stdio.h>
#include <string.h>

#include "detect/detect.h"
#include "dialect/dialects.h"
#include "fuzz.h"
#include "report/json-connection.h"
#include "report/text.h"

/* Where views are written to, instead of a file. */
typedef struct {
	bool json;       /* each line has to be an object */
	char first;      /* of the present line; 0 before it */
	char last;       /* the byte before */
	uint64_t length; /* of all that was written */
} Sink;

/* What the views print has no bytes that a terminal takes for orders. Words are ASCII, but for
 * names that the capture does not give. */
FUZZ_UNSEEN static ssize_t sink_write(void *cookie, const char *bytes, size_t count)
{
	Sink *sink = cookie;

	for (size_t i = 0; i < count; i++) {
		char byte = bytes[i];

		g_assert_true(byte == '\n' || byte == '\t' || (byte >= ' ' && byte <= '~'));
		if (byte == '\n') {
			g_assert_true(!sink->json || (sink->first == '{' && sink->last == '}'));
			sink->first = 0;
		} else if (!sink->first) {
			sink->first = byte;
		}
		sink->last = byte;
	}
	sink->length += count;
	return (ssize_t)count;
}

static FILE *sink_open(Sink *sink, bool json)
{
	const cookie_io_functions_t functions = { .write = sink_write };

	*sink = (Sink){ .json = json };
	return fopencookie(sink, "w", functions);
}

/* All that was written ends a line. */
static void sink_close(Sink *sink, FILE *file)
{
	g_assert_cmpint(fclose(file), ==, 0);
	g_assert_true(sink->length == 0 || sink->last == '\n');
}

static const LineOptions lines[] = {
	{ .stamp = STAMP_DELTA, .numeric = true },
	{ .stamp = STAMP_DATE, .numeric = true, .link = true, .verbose = 2, .absolute = true },
};

/* The views of one run, as main() makes them. */
typedef struct {
	ReportContext text[2], json; /* what they are made with */
	FILE *text_out, *json_out;
	GString *text_stream, *json_stream;
	Sink text_sink, json_sink;
} Views;

/* A variant of the run: bits of the input's length. */
enum {
	KEEP = 1 << 0, /* with the views for which connections are kept */
	FEW = 1 << 1,  /* --max-connections 2, and VLAN tags tell connections apart */
};

static void views_add(Views *views, Analysis *analysis, const Selection *selection, size_t variant)
{
	const unsigned passing = 1u << VIEW_SUMMARY | 1u << VIEW_TIMELINE | 1u << VIEW_ANOMALIES;
	const unsigned all = variant & KEEP ? (1u << VIEW_COUNT) - 1 : passing;
	ReportContext context = {
		.analysis = analysis,
		.selection = selection,
		.views = all,
		.width = 80,
		.input = "input",
	};

	views->text_stream = g_string_new(NULL);
	views->json_stream = g_string_new(NULL);
	views->text_out = sink_open(&views->text_sink, false);
	views->json_out = sink_open(&views->json_sink, true);
	for (size_t i = 0; i < G_N_ELEMENTS(views->text); i++) {
		views->text[i] = context;
		views->text[i].out = views->text_out;
		views->text[i].stream = views->text_stream;
		views->text[i].line = &lines[i];
		analysis_add_report(analysis, report_timeline_new(&views->text[i]));
	}
	views->json = context;
	views->json.out = views->json_out;
	views->json.stream = views->json_stream;
	views->json.line = &lines[0];
	views->json.nanoseconds = true;
	analysis_add_report(analysis, report_summary_new(&views->text[0]));
	analysis_add_report(analysis, report_anomalies_new(&views->text[0]));
	if (variant & KEEP) {
		analysis_add_report(analysis, report_connections_new(&views->text[0]));
		analysis_add_report(analysis, report_histogram_new(&views->text[0]));
		analysis_add_report(analysis, report_hosts_new(&views->text[0]));
	}
	analysis_add_report(analysis, report_json_new(&views->json, all));
}

static void views_end(Views *views)
{
	text_write(&views->text[0], views->text_stream);
	text_write(&views->json, views->json_stream);
	sink_close(&views->text_sink, views->text_out);
	sink_close(&views->json_sink, views->json_out);
	g_string_free(views->text_stream, TRUE);
	g_string_free(views->json_stream, TRUE);
}

static void check_totals(const AnalysisTotals *totals, uint64_t frames)
{
	uint64_t skipped = 0, opened = 0, closed = 0;

	for (unsigned i = 0; i < SKIP_REASON_COUNT; i++)
		skipped += totals->skipped[i];
	for (unsigned i = 0; i < OPEN_KIND_COUNT; i++)
		opened += totals->open[i];
	for (unsigned i = 0; i < CLOSE_KIND_COUNT; i++)
		closed += totals->close[i];
	g_assert_cmpuint(totals->frames, ==, frames);
	/* A frame can hold several segments. */
	g_assert_cmpuint(skipped, <=, frames);
	g_assert_cmpuint(totals->segments + skipped, >=, frames);
	g_assert_cmpuint(opened, ==, totals->connections);
	g_assert_cmpuint(closed, ==, totals->connections);
}

/* What does not depend on how connections are kept. */
static void check_same(const AnalysisTotals *totals, const AnalysisTotals *others)
{
	g_assert_cmpmem(totals->states, sizeof(totals->states), others->states,
			sizeof(others->states));
	g_assert_cmpmem(totals->open, sizeof(totals->open), others->open, sizeof(others->open));
	g_assert_cmpmem(totals->close, sizeof(totals->close), others->close, sizeof(others->close));
	g_assert_cmpmem(totals->anomalies, sizeof(totals->anomalies), others->anomalies,
			sizeof(others->anomalies));
	g_assert_cmpmem(totals->severities, sizeof(totals->severities), others->severities,
			sizeof(others->severities));
	g_assert_cmpmem(totals->forgotten, sizeof(totals->forgotten), others->forgotten,
			sizeof(others->forgotten));
	g_assert_cmpuint(totals->connections, ==, others->connections);
	g_assert_cmpuint(totals->evicted, ==, others->evicted);
	g_assert_cmpuint(totals->segments, ==, others->segments);
}

static Analysis *begin(size_t variant)
{
	const AnalysisOptions options = {
		.msl = ANALYSIS_DEFAULT_MSL,
		.stuck = ANALYSIS_DEFAULT_STUCK,
		.max = variant & FEW ? 2 : 0,
		.decode = { .vlan_separate = variant & FEW },
	};
	Analysis *analysis = analysis_new(&options);

	detect_add_all(analysis);
	return analysis;
}

/* All connections as JSON has them. */
typedef struct {
	JsonConnections lines;
	const Observer *dialects; /* other tools' words for them */
} Listing;

static void list_one(void *data, const Connection *connection)
{
	Listing *listing = data;
	const Dialects words = dialects_of(listing->dialects, connection);

	json_connection(&listing->lines, connection, &words, 9);
}

static Observer *add_dialects(Analysis *analysis)
{
	Observer *dialects = dialects_new();

	analysis_add_report(analysis, dialects);
	return dialects;
}

static GString *list(Analysis *analysis, const Observer *dialects)
{
	Listing listing = { { .text = g_string_new(NULL) }, dialects };

	analysis_read(analysis, NULL, 0, list_one, &listing);
	json_connections_complete(&listing.lines);
	return listing.lines.text;
}

static void check_listed(Analysis *followed, const Observer *followed_dialects, Analysis *reader,
			 const Observer *reader_dialects)
{
	g_autoptr(GString) one = list(followed, followed_dialects);
	g_autoptr(GString) other = list(reader, reader_dialects);

	g_assert_cmpstr(one->str, ==, other->str);
}

static void analyse(Input *input, size_t variant)
{
	const Selection selection = { 0 };
	g_autoptr(Analysis) analysis = begin(variant);
	/* Nobody reads what it tells: it may keep connections in forms that say less at once. */
	g_autoptr(Analysis) silent = begin(variant);
	/* This one's connections are read at the end, and not before. */
	g_autoptr(Analysis) reader = begin(variant);
	const Observer *dialects = variant & KEEP ? add_dialects(analysis) : NULL;
	const Observer *late_dialects = add_dialects(reader);
	uint64_t frames = 0;
	InputStats stats;
	InputResult result;
	Views views;
	Frame frame;

	views_add(&views, analysis, &selection, variant);
	while ((result = input_next(input, &frame, NULL)) != INPUT_END) {
		if (result == INPUT_FAIL)
			continue;
		analysis_frame(analysis, &frame);
		analysis_frame(silent, &frame);
		if (variant & KEEP)
			analysis_frame(reader, &frame);
		if (++frames == FUZZ_FRAMES_MAX)
			break;
	}
	/* As --at would, as late as it can be: every timer fires that is still armed. */
	if (frames % 2) {
		NsTime end = analysis_totals(analysis)->last + (INT64_C(1) << 31) * NSTIME_SECOND;

		analysis_advance(analysis, end);
		analysis_advance(silent, end);
		if (variant & KEEP)
			analysis_advance(reader, end);
	}
	input_stats(input, &stats);
	analysis_finish(analysis, &stats);
	analysis_finish(silent, &stats);
	analysis_finish(reader, &stats);
	check_totals(analysis_totals(analysis), frames);
	/* Of those that are kept though nothing is expected of them any more, some make room, too.
	 */
	if (!(variant & KEEP && variant & FEW))
		check_same(analysis_totals(analysis), analysis_totals(silent));
	if (variant & KEEP)
		check_listed(analysis, dialects, reader, late_dialects);
	views_end(&views);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *const files[] = { fuzz_file(data, size), NULL };
	const InputOptions options = { .knows_linktype = decode_knows_linktype };
	g_autoptr(Input) input = NULL;

	g_random_set_seed(1);
	input = input_open_files(files, &options, NULL);
	if (input)
		analyse(input, size);
	return 0;
}
