/* The list of anomaly kinds: names that users write, hints that they read, and the document that
 * says when each is raised. */
#include "analysis/anomaly-kinds.h"

#include <glib.h>
#include <string.h>

static void test_names(void)
{
	for (unsigned i = 0; i < ANOMALY_KIND_COUNT; i++) {
		const char *name = anomaly_kind_name(i);
		AnomalyKind kind = ANOMALY_KIND_COUNT;

		g_assert_cmpuint(strspn(name, "abcdefghijklmnopqrstuvwxyz-12"), ==, strlen(name));
		g_assert_true(anomaly_kind_parse(name, &kind));
		g_assert_cmpuint(kind, ==, i);
	}
	g_assert_cmpstr(anomaly_kind_name(ANOMALY_STUCK_FIN_WAIT_2), ==, "stuck-fin-wait-2");
}

static void test_unknown(void)
{
	static const char *const unknown[] = { "", "resets", "RESET", "reset ", "any", "stuck-" };
	AnomalyKind kind = ANOMALY_KEEP_ALIVE;

	for (unsigned i = 0; i < G_N_ELEMENTS(unknown); i++) {
		g_assert_false(anomaly_kind_parse(unknown[i], &kind));
		g_assert_cmpuint(kind, ==, ANOMALY_KEEP_ALIVE);
	}
}

static void test_hints(void)
{
	for (unsigned i = 0; i < ANOMALY_KIND_COUNT; i++) {
		const char *hint = anomaly_kind_hint(i);

		g_assert_true(g_ascii_isupper(hint[0]));
		g_assert_true(g_str_has_suffix(hint, "."));
	}
}

static void test_severities(void)
{
	g_assert_cmpstr(severity_name(SEVERITY_INFO), ==, "info");
	g_assert_cmpstr(severity_name(SEVERITY_WARNING), ==, "warning");
	g_assert_cmpstr(severity_name(SEVERITY_ERROR), ==, "error");
	g_assert_cmpuint(anomaly_kind_severity(ANOMALY_DEAD_PEER), ==, SEVERITY_ERROR);
	g_assert_cmpuint(anomaly_kind_severity(ANOMALY_KEEP_ALIVE), ==, SEVERITY_INFO);
}

/* doc/anomalies.md has a row for each kind, with the severity that the list gives. */
static void test_documented(void)
{
	g_autofree char *path =
		g_test_build_filename(G_TEST_DIST, "..", "doc", "anomalies.md", NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (unsigned i = 0; i < ANOMALY_KIND_COUNT; i++) {
		g_autofree char *word = g_strdup_printf("`%s`", anomaly_kind_name(i));
		const char *severity = NULL;

		for (char **line = lines; *line && !severity; line++) {
			g_auto(GStrv) cells = g_strsplit(*line, " | ", 3);

			if (g_str_has_prefix(*line, "| `") && strstr(cells[0], word))
				severity = g_intern_string(cells[1]);
		}
		g_assert_cmpstr(severity, ==, severity_name(anomaly_kind_severity(i)));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/anomaly-kinds/names", test_names);
	g_test_add_func("/anomaly-kinds/unknown", test_unknown);
	g_test_add_func("/anomaly-kinds/hints", test_hints);
	g_test_add_func("/anomaly-kinds/severities", test_severities);
	g_test_add_func("/anomaly-kinds/documented", test_documented);
	return g_test_run();
}
