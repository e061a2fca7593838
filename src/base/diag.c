/* Messages to standard error and the trace mask. Knows how they begin; knows nothing of what they
 * are about. */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

unsigned diag_trace_mask;

/* One write for the whole line, so that the lines of several processes do not mix. */
static void G_GNUC_PRINTF(2, 0)
	print_line(const char *prefix, const char *format, va_list arguments)
{
	g_autofree char *message = g_strdup_vprintf(format, arguments);

	fprintf(stderr, "wirestate: %s%s\n", prefix, message);
}

void diag_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line("", format, arguments);
	va_end(arguments);
}

void diag_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line("warning: ", format, arguments);
	va_end(arguments);
}

void diag_trace_init(void)
{
	static const struct {
		const char *name; /* as in WIRESTATE_TRACE */
		unsigned bit;     /* TRACE_* */
	} areas[] = {
		{ "tcp", TRACE_TCP },       { "clock", TRACE_CLOCK },   { "flow", TRACE_FLOW },
		{ "decode", TRACE_DECODE }, { "detect", TRACE_DETECT },
	};
	const char *wanted = g_getenv("WIRESTATE_TRACE");
	g_auto(GStrv) names = g_strsplit(wanted ? wanted : "", ",", -1);

	diag_trace_mask = 0;
	for (char **name = names; *name; name++) {
		bool known = false;

		for (size_t i = 0; i < G_N_ELEMENTS(areas); i++) {
			if (strcmp(*name, areas[i].name) == 0) {
				diag_trace_mask |= areas[i].bit;
				known = true;
			}
		}
		if (!known && **name)
			diag_warning("WIRESTATE_TRACE: there is no '%s'; there are tcp, clock, "
				     "flow, decode, detect",
				     *name);
	}
}

void diag_trace(const char *area, const char *format, ...)
{
	g_autofree char *lower = g_ascii_strdown(area, -1);
	g_autofree char *prefix = g_strconcat("trace: ", lower, ": ", NULL);
	va_list arguments;

	va_start(arguments, format);
	print_line(prefix, format, arguments);
	va_end(arguments);
}
