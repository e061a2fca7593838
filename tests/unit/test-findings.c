/* What a view keeps of anomalies is bounded, and what is not kept is counted. */
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

#define SHOWN 100000u

/* Has --anomalies print after @count of one kind and one of another. Returns its text, to be freed.
 */
static char *print(unsigned count)
{
	const AnalysisOptions options = { .msl = ANALYSIS_DEFAULT_MSL,
					  .stuck = ANALYSIS_DEFAULT_STUCK };
	g_autoptr(Analysis) analysis = analysis_new(&options);
	const Selection selection = { 0 };
	const LineOptions line = { .stamp = STAMP_EPOCH };
	Anomaly anomaly = { .kind = ANOMALY_PROBE, .severity = SEVERITY_INFO, .message = "again" };
	g_autoptr(GString) stream = g_string_new(NULL);
	char *text = NULL;
	size_t size;
	ReportContext context = {
		.analysis = analysis,
		.stream = stream,
		.selection = &selection,
		.line = &line,
		.views = 1u << VIEW_ANOMALIES,
		.width = 80,
		.out = open_memstream(&text, &size),
	};
	Observer *report = report_anomalies_new(&context);

	for (unsigned i = 0; i < count; i++)
		report->anomaly(report, &anomaly);
	anomaly.kind = ANOMALY_SYN_SCAN;
	report->anomaly(report, &anomaly);
	report->finish(report, analysis_totals(analysis));
	report->free(report);
	fclose(context.out);
	return text;
}

/* How often @word is in @text. */
static unsigned occurrences(const char *text, const char *word)
{
	size_t length = strlen(word);
	unsigned count = 0;

	/* A sanitizer's strstr() looks at the whole text each time. */
	for (; *text; text++)
		count += *text == *word && strncmp(text, word, length) == 0;
	return count;
}

static void check_shown(unsigned count, const char *rest)
{
	char *text = print(count);

	g_assert_cmpuint(occurrences(text, "again\n"), ==, MIN(count, SHOWN) + 1);
	g_assert_cmpuint(occurrences(text, " more, which --json shows\n"), ==, rest != NULL);
	if (rest)
		g_assert_cmpuint(occurrences(text, rest), ==, 1);
	free(text);
}

static void test_shown(void)
{
	check_shown(3, NULL);
	check_shown(SHOWN, NULL);
	check_shown(SHOWN + 7, "    and 7 more, which --json shows\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/findings/shown", test_shown);
	return g_test_run();
}
