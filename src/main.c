/* The program: options, input, detectors, views, the loop, the exit status. Knows who is asked for
 * what; knows no protocol. The only place that prints errors. */
#include <stdio.h>
#include <time.h>

#include "base/diag.h"
#include "capture/privileges.h"
#include "detect/detect.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "report/text.h"
#include "signals.h"

/* What goes on while frames are read. */
typedef struct {
	const Options *options;       /* borrowed, as all of these */
	Input *input;                 /* where frames come from */
	Analysis *analysis;           /* and go to */
	const ReportContext *context; /* of the views */
	const Observer *summary;      /* --summary as text; NULL: it was not asked for */
	Progress progress;            /* the line on the terminal */
	NsTime until;                 /* --at: nothing after it; NSTIME_NEVER: no bound */
	NsTime enough;                /* no frame before @until comes after one of this time */
	bool early;                   /* no frame has come at @until or before */
} Reading;

/* So many frames are taken from the input at once. */
#define BATCH 64u

/* A pipe is read on for so long behind --at, for frames that overtook others; a file to its end. */
#define DISORDER NSTIME_SECOND

/* So many files are named one by one. */
#define NAMED_FILES 3

/* What was read, for people: many files are named by the first. The caller frees it. */
static char *name_input(const Options *options)
{
	char **files = (char **)options->files->pdata;
	unsigned count = g_strv_length(files);

	if (options->interface)
		return g_strdup_printf("interface %s", options->interface);
	if (count > NAMED_FILES)
		return g_strdup_printf("%s and %u more files", files[0], count - 1);
	return g_strjoinv(", ", files);
}

/* Returns --summary's observer; NULL when there is none. */
static const Observer *add_reports(Analysis *analysis, const Options *options,
				   const ReportContext *context)
{
	static Observer *(*const constructors[VIEW_COUNT])(const ReportContext *) = {
		[VIEW_SUMMARY] = report_summary_new,
		[VIEW_TIMELINE] = report_timeline_new,
		[VIEW_CONNECTIONS] = report_connections_new,
		[VIEW_ANOMALIES] = report_anomalies_new,
		[VIEW_HISTOGRAM] = report_histogram_new,
		[VIEW_HOSTS] = report_hosts_new,
	};
	const Observer *summary = NULL;

	if (options->json) {
		analysis_add_report(analysis, report_json_new(context, options->view_mask));
		return NULL;
	}
	for (size_t i = 0; i < options->view_count; i++) {
		Observer *view = constructors[options->views[i]](context);

		if (options->views[i] == VIEW_SUMMARY)
			summary = view;
		analysis_add_report(analysis, view);
	}
	return summary;
}

/* Whether some view prints before the input has ended. */
static bool prints_while_reading(const Options *options)
{
	const unsigned lines = 1u << VIEW_TIMELINE | (options->json ? 1u << VIEW_ANOMALIES : 0);

	return options->view_mask & lines;
}

/* States and numbers do not depend on detectors: they run only when somebody wants to hear of
 * anomalies. The table of connections does not name them, their JSON does. */
static bool needs_detectors(const Options *options)
{
	const unsigned silent = 1u << VIEW_HISTOGRAM | 1u << VIEW_HOSTS |
				(options->json ? 0 : 1u << VIEW_CONNECTIONS);

	return options->view_mask & ~silent || options->fail_on || options->fail_on_any;
}

/* Live, when nothing comes: the clock on the wall moves the timers, but not past frames that the
 * kernel may still hold back. */
static NsTime live_now(const Options *options)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NSTIME_SECOND + now.tv_nsec -
	       options->input.timeout_ms * NSTIME_MILLISECOND;
}

/* Whether an input may go on for ever, so that it cannot be read to its end. */
static bool may_not_end(const Options *options)
{
	const char *const *files = (const char *const *)options->files->pdata;

	for (; *files; files++)
		if (!g_file_test(*files, G_FILE_TEST_IS_REGULAR))
			return true;
	return options->interface;
}

/* The summary as things stand. */
static void say_summary(Reading *reading)
{
	ReportContext context = *reading->context;
	g_autofree char *text = NULL;
	InputStats stats;

	progress_erase(&reading->progress);
	context.colour = output_has_colour(stderr);
	context.width = output_width(stderr);
	input_stats(reading->input, &stats);
	text = report_summary_so_far(&context, reading->summary,
				     analysis_totals_so_far(reading->analysis, &stats));
	fputs(text, stderr);
}

/* Between two frames, and while none comes: does what a signal asked for. */
static void attend(void *reading)
{
	if (signals_take_summary())
		say_summary(reading);
}

/* What --at means, now that the first frame is known. */
static void set_bounds(Reading *reading, NsTime first)
{
	const Options *options = reading->options;

	if (!options->has_at)
		return;
	reading->until = instant_resolve(&options->at, first);
	if (may_not_end(options) && reading->until <= NSTIME_NEVER - DISORDER)
		reading->enough = reading->until + DISORDER;
}

/* Feeds the analysis those of the frames that were asked for. Returns whether more are wanted. */
static bool take_frames(Reading *reading, Frame *frames, unsigned count)
{
	uint64_t last = reading->options->count;
	bool more = true;
	unsigned kept = 0;

	progress_frames(&reading->progress, count);
	if (frames[0].number == 1)
		set_bounds(reading, frames[0].time);
	/* Mostly everything is asked for. */
	if (!last && reading->until == NSTIME_NEVER && reading->enough == NSTIME_NEVER)
		kept = count;
	for (unsigned i = kept; i < count && more; i++) {
		more = frames[i].time <= reading->enough;
		/* Frames may stand in another order than that of their times. */
		if (frames[i].time <= reading->until)
			frames[kept++] = frames[i];
		more = more && !(last && frames[i].accepted == last);
	}
	analysis_frames(reading->analysis, frames, kept);
	reading->early = reading->early && kept == 0;
	return more;
}

/* Feeds the analysis until the input ends, the output fails, or what was asked for is there.
 * Returns whether all could be read. */
static bool read_frames(Reading *reading)
{
	Analysis *analysis = reading->analysis;
	const ReportContext *context = reading->context;
	bool complete = true;
	Frame frames[BATCH];
	unsigned count;

	reading->until = reading->enough = NSTIME_NEVER;
	reading->early = true;
	while (!ferror_unlocked(context->out)) {
		g_autoptr(GError) error = NULL;

		attend(reading);
		switch (input_next_batch(reading->input, frames, BATCH, &count, &error)) {
		case INPUT_FRAME:
			if (!take_frames(reading, frames, count))
				goto end;
			break;
		case INPUT_IDLE:
			analysis_advance(analysis, live_now(reading->options));
			break;
		case INPUT_FAIL:
			progress_erase(&reading->progress);
			/* What was read comes before the words about what was not. */
			text_write(context, context->stream);
			fflush(context->out);
			diag_error("%s", error->message);
			complete = false;
			break;
		case INPUT_END:
			goto end;
		}
	}
end:
	progress_erase(&reading->progress);
	if (reading->until != NSTIME_NEVER) {
		if (reading->early)
			diag_warning("--at is before the first frame: nothing is there yet");
		analysis_advance(analysis, reading->until);
	}
	return complete;
}

/* Says what is wrong and returns the status for it. */
static int fail(const GError *error)
{
	diag_error("%s", error->message);
	return EXIT_ERROR;
}

/* What tcpdump says before it begins: here it is said of an interface, where it tells that the
 * waiting has begun, and of files only with -v. */
static void announce(const Input *input, const Options *options)
{
	g_autofree char *text = NULL;

	if (!options->interface && !options->line.verbose)
		return;
	text = input_describe(input);
	fprintf(stderr, "%s\n", text);
}

/* What was never seen must not be read as something that never happened. */
static void warn_of_drops(const InputStats *stats)
{
	if (stats->dropped_kernel || stats->dropped_interface)
		diag_warning("%" G_GUINT64_FORMAT
			     " frames were dropped by the kernel and %" G_GUINT64_FORMAT
			     " by the interface%s",
			     stats->dropped_kernel, stats->dropped_interface,
			     stats->live ? "; a larger buffer (-B) or an expression helps"
					 : " when this was captured");
}

/* A view that is not the summary does not tell by itself that something is missing from it. */
static void warn_of_evictions(const AnalysisTotals *totals)
{
	if (totals->evicted)
		diag_warning("%" G_GUINT64_FORMAT
			     " of %u connections were forgotten before the end: a "
			     "larger --max-connections keeps more",
			     totals->evicted, totals->connections);
	if (totals->forgotten[FORGOTTEN_HOSTS] || totals->forgotten[FORGOTTEN_HANDSHAKES])
		diag_warning("%" G_GUINT64_FORMAT " hosts and %" G_GUINT64_FORMAT
			     " handshakes were too many to be watched at once: a scan, flood or "
			     "probe may be missing",
			     totals->forgotten[FORGOTTEN_HOSTS],
			     totals->forgotten[FORGOTTEN_HANDSHAKES]);
}

/* The status when all was read and written. */
static int judge(const Analysis *analysis, const Options *options)
{
	if (options->fail_on_any && analysis_found_severity(analysis, SEVERITY_WARNING))
		return EXIT_FOUND;
	for (AnomalyKind kind = 0; kind < ANOMALY_KIND_COUNT; kind++)
		if (options->fail_on & UINT64_C(1) << kind && analysis_found(analysis, kind))
			return EXIT_FOUND;
	return EXIT_FINE;
}

/* The end of the process gives memory back at once. To free a million connections one by one takes
 * a seventh of the time that a flood does, so only who looks for leaks does it. */
static void free_analysis(Analysis *analysis)
{
#ifdef FREE_AT_END
	analysis_free(analysis);
#else
	(void)analysis;
#endif
}

/* Views and detectors over the open input. @error is set when the output failed. */
static int analyse(Input *input, const Options *options, FILE *out, GError **error)
{
	g_autofree char *name = name_input(options);
	g_autoptr(GString) stream = g_string_new(NULL);
	Analysis *analysis = analysis_new(&options->analysis);
	ReportContext context = {
		.analysis = analysis,
		.out = out,
		.stream = stream,
		.at_once = output_is_line_buffered(out),
		.selection = &options->selection,
		.line = &options->line,
		.colour = output_has_colour(out),
		.views = options->view_mask,
		.first_view = options->views[0],
		.at = options->has_at,
		.width = output_width(out),
		.input = name,
	};
	Reading reading = { options, input, analysis, .context = &context };
	InputStats stats;
	bool complete;
	int status;

	input_stats(input, &stats);
	context.nanoseconds = stats.nanoseconds;
	if (needs_detectors(options))
		detect_add_all(analysis);
	reading.summary = add_reports(analysis, options, &context);
	if (!options->interface)
		progress_begin(&reading.progress, input, out, prints_while_reading(options));
	input_on_wake(input, attend, &reading);
	signals_direct(input);
	complete = read_frames(&reading);
	signals_direct(NULL);
	input_stats(input, &stats);
	context.nanoseconds = stats.nanoseconds;
	analysis_finish(analysis, &stats);
	text_write(&context, stream);
	warn_of_drops(&stats);
	warn_of_evictions(analysis_totals(analysis));
	status = judge(analysis, options);
	free_analysis(analysis);
	if (!output_close(out, options->output, error) || !complete)
		return EXIT_ERROR;
	return status;
}

/* Opens the input, gives up privileges, opens the output, in that order: no file is written with
 * more rights than asked for, and none when the input cannot be read at all. */
static int run(const Options *options)
{
	const char *const *files = (const char *const *)options->files->pdata;
	g_autoptr(GError) error = NULL;
	g_autoptr(Input) input = NULL;
	FILE *out;
	int status;

	if (options->expression_ignored)
		diag_warning("-F gives the expression; the one on the command line is ignored");
	input = options->interface ? input_open_interface(options->interface, &options->input,
							  &error)
				   : input_open_files(files, &options->input, &error);
	if (!input || !privileges_drop(options->user, &error))
		return fail(error);
	out = output_open(options->output, files, options->line.line_buffered, &error);
	if (!out)
		return fail(error);
	announce(input, options);
	status = analyse(input, options, out, &error);
	return error ? fail(error) : status;
}

/* For what is printed at once. */
static int print(const char *text)
{
	g_autoptr(GError) error = NULL;

	fputs(text, stdout);
	return output_close(stdout, NULL, &error) ? EXIT_FINE : fail(error);
}

int main(int argc, char **argv)
{
	g_auto(Options) options;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;

	output_guard_streams();
	diag_trace_init();
	signals_init();
	if (!options_parse(&options, argc, argv, &error))
		return fail(error);
	switch (options.action) {
	case ACTION_HELP:
		text = options_help();
		return print(text);
	case ACTION_VERSION:
		return print(PACKAGE_STRING "\n");
	case ACTION_LIST_INTERFACES:
		text = input_interfaces(&error);
		return text ? print(text) : fail(error);
	case ACTION_ANALYSE:
		break;
	}
	return run(&options);
}
