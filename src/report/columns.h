/* A table of columns, measured and then printed. Knows widths; knows nothing of its contents. */
#ifndef WIRESTATE_REPORT_COLUMNS_H
#define WIRESTATE_REPORT_COLUMNS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "report/text.h"

/* One column. Cells are ASCII: a byte is a column of the terminal. */
typedef struct {
	const char *header; /* first line of the table */
	bool right;         /* text stands at the right edge: numbers */
	bool glued;         /* nothing stands between it and the column before */
	bool optional;      /* left out where the table would not fit the width else */
	/* Appends the cell's text and returns how it stands out. Called twice for each row: to
	 * measure and to print. @row points to the row, @data is columns_append()'s. */
	Style (*print)(GString *cell, const void *row, const void *data);
} Column;

/* Appends a header line and a line for each of the @count rows of @size bytes that begin at @rows.
 * Two spaces stand between columns. A table that does not fit the width goes without its optional
 * columns, and one that still does not has one space between columns; nothing is cut. The output
 * goes to @out whenever @text has grown large; what is left stays in @text. */
void columns_append(GString *text, const ReportContext *context, const Column *columns,
		    size_t column_count, const void *rows, size_t count, size_t size,
		    const void *data);

#endif
