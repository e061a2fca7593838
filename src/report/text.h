/* Words and numbers as people read them: times, durations, counts, wrapped sentences, colour. Knows
 * tcpdump's forms of a time; knows no view. */
#ifndef WIRESTATE_REPORT_TEXT_H
#define WIRESTATE_REPORT_TEXT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "analysis/anomaly-kinds.h"
#include "report/report.h"

/* How a piece of text stands out on a terminal. */
typedef enum {
	STYLE_PLAIN,   /* as everything else */
	STYLE_QUIET,   /* dim: there when it is looked for */
	STYLE_STRONG,  /* bold: what the eye should find first */
	STYLE_WARNING, /* yellow */
	STYLE_ERROR,   /* bold and red */
} Style;

/* The escape sequences around styled text; both are "" without @colour and for STYLE_PLAIN. */
const char *style_begin(bool colour, Style style);
const char *style_end(bool colour, Style style);

/* How a severity stands out. */
Style style_of_severity(Severity severity);

/* Appends @words in @style. */
void text_styled(GString *text, bool colour, Style style, const char *words);

/* Appends the decimal digits of @number. */
void text_number(GString *text, uint64_t number);

/* Appends "1 frame", "2 frames": @plural is the noun's other form, NULL for one with an s. */
void text_count(GString *text, uint64_t count, const char *noun, const char *plural);

/* Appends a duration in three or four digits with its unit: "85us", "12.3ms", "1.20s", "2m05s",
 * "3h12m", "4d07h". Cut, not rounded. */
void text_duration(GString *text, NsTime duration);

/* Appends a point in time as tcpdump does with its -t options: STAMP_DELTA and STAMP_SINCE count
 * from @reference, STAMP_NONE appends nothing. Local time is that of TZ; @digits of fraction are 6
 * or 9. */
void text_stamp(GString *text, StampKind kind, NsTime time, NsTime reference, int digits);

/* Appends @spaces spaces. */
void text_spaces(GString *text, size_t spaces);

/* Appends @sentence and a newline, broken between words so that lines end before column @width;
 * each line begins with @indent spaces, the first only when @begun is 0: so many columns of it are
 * taken. */
void text_wrap(GString *text, const char *sentence, size_t indent, size_t begun, size_t width);

/* The same in @style, for the whole width of the view's output. */
void text_styled_wrap(GString *text, const ReportContext *context, Style style,
		      const char *sentence, size_t indent);

/* Appends "10.0.0.1:40000 > 10.0.0.2:80". */
void text_ends(GString *text, const Endpoint *client, const Endpoint *server);

/* How large a text may grow before a view writes it out. */
#define TEXT_WRITE_SIZE 65536

/* Writes @text to the view's output, and empties it; what waits in the context's stream goes first.
 * Errors stay in the output for main to find. */
void text_write(const ReportContext *context, GString *text);

/* To be called when a line was added to the context's stream: writes it when there is enough of it,
 * or when nothing may wait. */
void text_stream(const ReportContext *context);

/* When the run prints several views: the @name of this one, an empty line before it unless it is
 * the first. */
void text_heading(const ReportContext *context, GString *text, View view, const char *name);

/* With --at: the line that says as of when a view is. */
void text_as_of(const ReportContext *context, GString *text, NsTime now);

#endif
