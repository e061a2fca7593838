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
	 * measure and to print. @row is a RowVisit's, @data is columns_append()'s. */
	Style (*print)(GString *cell, const void *row, void *data);
} Column;

/* What is done with a row, which is lent for the call. */
typedef void (*RowVisit)(void *data, const void *row);

/* Where rows come from. */
typedef struct {
	/* Lends each to @visit, in order; those of each call are the same. */
	void (*each)(const void *source, RowVisit visit, void *data);
	const void *source; /* for @each */
} Rows;

/* Those of an array. */
Rows rows_of_array(const GArray *array);

/* Appends a header line and a line for each row.
 * Two spaces stand between columns. A table that does not fit the width goes without its optional
 * columns, and one that still does not has one space between columns; nothing is cut. The output
 * goes to @out whenever @text has grown large; what is left stays in @text. */
void columns_append(GString *text, const ReportContext *context, const Column *columns,
		    size_t column_count, Rows rows, void *data);

#endif
