/* Words and numbers as people read them. Knows tcpdump's forms of a time; knows no view. */
#include "report/text.h"

#include <string.h>
#include <time.h>

#include "base/digits.h"

const char *style_begin(bool colour, Style style)
{
	static const char *const begin[] = {
		[STYLE_PLAIN] = "",           [STYLE_QUIET] = "\033[2m",
		[STYLE_STRONG] = "\033[1m",   [STYLE_WARNING] = "\033[33m",
		[STYLE_ERROR] = "\033[1;31m",
	};

	return colour ? begin[style] : "";
}

const char *style_end(bool colour, Style style)
{
	return colour && style != STYLE_PLAIN ? "\033[0m" : "";
}

Style style_of_severity(Severity severity)
{
	switch (severity) {
	case SEVERITY_ERROR:
		return STYLE_ERROR;
	case SEVERITY_WARNING:
		return STYLE_WARNING;
	case SEVERITY_INFO:
		break;
	}
	return STYLE_QUIET;
}

void text_styled(GString *text, bool colour, Style style, const char *words)
{
	g_string_append(text, style_begin(colour, style));
	g_string_append(text, words);
	g_string_append(text, style_end(colour, style));
}

void text_number(GString *text, uint64_t number)
{
	char digits[DIGITS_MAX];

	g_string_append_len(text, digits, digits_put(digits, number) - digits);
}

void text_count(GString *text, uint64_t count, const char *noun, const char *plural)
{
	text_number(text, count);
	g_string_append_c(text, ' ');
	if (count == 1) {
		g_string_append(text, noun);
	} else if (plural) {
		g_string_append(text, plural);
	} else {
		g_string_append(text, noun);
		g_string_append_c(text, 's');
	}
}

/* Three significant digits of @value thousandths of a unit, less than 1000 of the unit. */
static void append_thousandths(GString *text, uint64_t value, const char *unit)
{
	if (value < 10000)
		g_string_append_printf(text, "%u.%02u", (unsigned)(value / 1000),
				       (unsigned)(value % 1000 / 10));
	else if (value < 100000)
		g_string_append_printf(text, "%u.%u", (unsigned)(value / 1000),
				       (unsigned)(value % 1000 / 100));
	else
		g_string_append_printf(text, "%u", (unsigned)(value / 1000));
	g_string_append(text, unit);
}

void text_duration(GString *text, NsTime duration)
{
	uint64_t ns, seconds;

	if (duration < 0)
		g_string_append_c(text, '-');
	ns = duration < 0 ? (uint64_t)-duration : (uint64_t)duration;
	seconds = ns / (uint64_t)NSTIME_SECOND;
	if (ns == 0)
		g_string_append(text, "0s");
	else if (ns < (uint64_t)NSTIME_MICROSECOND)
		g_string_append_printf(text, "%uns", (unsigned)ns);
	else if (ns < (uint64_t)NSTIME_MILLISECOND)
		g_string_append_printf(text, "%uus", (unsigned)(ns / 1000));
	else if (seconds == 0)
		append_thousandths(text, ns / 1000, "ms");
	else if (seconds < 60)
		append_thousandths(text, ns / 1000000, "s");
	else if (seconds < 3600)
		g_string_append_printf(text, "%um%02us", (unsigned)(seconds / 60),
				       (unsigned)(seconds % 60));
	else if (seconds < 86400)
		g_string_append_printf(text, "%uh%02um", (unsigned)(seconds / 3600),
				       (unsigned)(seconds % 3600 / 60));
	else
		g_string_append_printf(text, "%" G_GUINT64_FORMAT "d%02uh", seconds / 86400,
				       (unsigned)(seconds % 86400 / 3600));
}

/* "HH:MM:SS.fraction" of a duration, as tcpdump prints one: whole days are left out. */
static void append_since(GString *text, NsTime since, int digits)
{
	NsTime seconds, fraction;

	g_string_append_c(text, since < 0 ? '-' : ' ');
	since = since < 0 ? -since : since;
	seconds = since / NSTIME_SECOND;
	fraction = since % NSTIME_SECOND;
	if (digits == 6)
		fraction /= NSTIME_MICROSECOND;
	g_string_append_printf(text, "%02d:%02d:%02d.%0*d", (int)(seconds / 3600 % 24),
			       (int)(seconds % 3600 / 60), (int)(seconds % 60), digits,
			       (int)fraction);
}

/* "HH:MM:SS.fraction" of the local day, with the date before it if asked. */
static void append_local(GString *text, NsTime time, bool date, int digits)
{
	NsTime second = time / NSTIME_SECOND;
	NsTime fraction = time % NSTIME_SECOND;
	time_t clock;
	struct tm local;

	if (fraction < 0) {
		fraction += NSTIME_SECOND;
		second--;
	}
	clock = (time_t)second;
	if (!localtime_r(&clock, &local)) {
		g_string_append(text, "[Error converting time]");
		return;
	}
	if (digits == 6)
		fraction /= NSTIME_MICROSECOND;
	if (date)
		g_string_append_printf(text, "%04d-%02d-%02d ", local.tm_year + 1900,
				       local.tm_mon + 1, local.tm_mday);
	g_string_append_printf(text, "%02d:%02d:%02d.%0*d", local.tm_hour, local.tm_min,
			       local.tm_sec, digits, (int)fraction);
}

void text_stamp(GString *text, StampKind kind, NsTime time, NsTime reference, int digits)
{
	char epoch[NSTIME_TEXT_MAX];

	switch (kind) {
	case STAMP_NONE:
		break;
	case STAMP_EPOCH:
		nstime_format(epoch, time, digits);
		g_string_append(text, epoch);
		break;
	case STAMP_DELTA:
	case STAMP_SINCE:
		append_since(text, time - reference, digits);
		break;
	case STAMP_TIME:
	case STAMP_DATE:
		append_local(text, time, kind == STAMP_DATE, digits);
		break;
	}
}

void text_spaces(GString *text, size_t spaces)
{
	size_t at = text->len;

	g_string_set_size(text, at + spaces);
	memset(text->str + at, ' ', spaces);
}

void text_wrap(GString *text, const char *sentence, size_t indent, size_t begun, size_t width)
{
	size_t column = begun;

	if (begun == 0) {
		text_spaces(text, indent);
		column = indent;
	}
	for (const char *word = sentence; *word != '\0';) {
		size_t length = strcspn(word, " ");
		/* A word that is longer than a whole line stands on one of its own. */
		bool first = column == indent || word == sentence;

		if (!first && column + 1 + length > width) {
			g_string_append_c(text, '\n');
			text_spaces(text, indent);
			column = indent;
			first = true;
		}
		if (!first) {
			g_string_append_c(text, ' ');
			column++;
		}
		g_string_append_len(text, word, (gssize)length);
		column += length;
		word += length;
		word += strspn(word, " ");
	}
	g_string_append_c(text, '\n');
}

void text_styled_wrap(GString *text, const ReportContext *context, Style style,
		      const char *sentence, size_t indent)
{
	g_string_append(text, style_begin(context->colour, style));
	text_wrap(text, sentence, indent, 0, (size_t)context->width);
	g_string_insert(text, (gssize)text->len - 1, style_end(context->colour, style));
}

void text_ends(GString *text, const Endpoint *client, const Endpoint *server)
{
	char end[ENDPOINT_TEXT_MAX];

	endpoint_format(end, client);
	g_string_append(text, end);
	g_string_append(text, " > ");
	endpoint_format(end, server);
	g_string_append(text, end);
}

static void write_out(const ReportContext *context, GString *text)
{
	if (text->len > 0)
		fwrite(text->str, 1, text->len, context->out);
	g_string_truncate(text, 0);
}

void text_write(const ReportContext *context, GString *text)
{
	if (text != context->stream)
		write_out(context, context->stream);
	write_out(context, text);
}

void text_stream(const ReportContext *context)
{
	if (context->at_once || context->stream->len >= TEXT_WRITE_SIZE)
		write_out(context, context->stream);
}

void text_heading(const ReportContext *context, GString *text, View view, const char *name)
{
	if (context->views == 1u << view)
		return;
	/* The timeline is written while reading, whatever was named first. */
	if (context->first_view != view || context->views & 1u << VIEW_TIMELINE)
		g_string_append_c(text, '\n');
	text_styled(text, context->colour, STYLE_STRONG, name);
	g_string_append_c(text, '\n');
}

void text_as_of(const ReportContext *context, GString *text, NsTime now)
{
	if (!context->at)
		return;
	g_string_append(text, "as of ");
	text_stamp(text, STAMP_DATE, now, 0, context->line->nanoseconds ? 9 : 6);
	g_string_append_c(text, '\n');
}
