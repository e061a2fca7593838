/* A table of columns, measured and then printed. Knows widths; knows nothing of its contents. */
#include "report/columns.h"

#include <string.h>

/* More columns than any table has. */
#define COLUMNS_MAX 16

static void measure(size_t widths[], const Column *columns, size_t column_count, const char *rows,
		    size_t count, size_t size, const void *data)
{
	g_autoptr(GString) cell = g_string_new(NULL);

	for (size_t at = 0; at < column_count; at++)
		widths[at] = strlen(columns[at].header);
	for (size_t row = 0; row < count; row++) {
		for (size_t at = 0; at < column_count; at++) {
			g_string_truncate(cell, 0);
			columns[at].print(cell, rows + row * size, data);
			widths[at] = MAX(widths[at], cell->len);
		}
	}
}

/* How a table is laid out. */
typedef struct {
	size_t widths[COLUMNS_MAX]; /* of the columns */
	size_t gap;                 /* spaces between two of them */
	bool optional;              /* optional columns are there */
} Layout;

static bool is_shown(const Layout *layout, const Column *column)
{
	return layout->optional || !column->optional;
}

static size_t total_width(const Layout *layout, const Column *columns, size_t column_count)
{
	size_t total = 0;

	for (size_t at = 0; at < column_count; at++) {
		if (is_shown(layout, &columns[at]))
			total += layout->widths[at] +
				 (at > 0 && !columns[at].glued ? layout->gap : 0);
	}
	return total;
}

static void choose_layout(Layout *layout, const Column *columns, size_t column_count, size_t width)
{
	layout->gap = 2;
	layout->optional = true;
	if (total_width(layout, columns, column_count) <= width)
		return;
	layout->optional = false;
	if (total_width(layout, columns, column_count) > width)
		layout->gap = 1;
}

/* The last column of a line is not padded: nothing hangs beyond the text. */
static void append_cell(GString *text, const Column *column, size_t width, bool last,
			const GString *cell, Style style, bool colour)
{
	size_t padding = width - cell->len;

	if (column->right)
		text_spaces(text, padding);
	text_styled(text, colour, style, cell->str);
	if (!column->right && !last)
		text_spaces(text, padding);
}

/* Cells that are empty at the end of a line leave blanks behind. */
static void end_line(GString *text)
{
	while (text->len > 0 && text->str[text->len - 1] == ' ')
		g_string_truncate(text, text->len - 1);
	g_string_append_c(text, '\n');
}

void columns_append(GString *text, const ReportContext *context, const Column *columns,
		    size_t column_count, const void *rows, size_t count, size_t size,
		    const void *data)
{
	g_autoptr(GString) cell = g_string_new(NULL);
	Layout layout;

	g_assert(column_count <= COLUMNS_MAX);
	measure(layout.widths, columns, column_count, rows, count, size, data);
	choose_layout(&layout, columns, column_count, (size_t)context->width);
	for (size_t row = 0; row <= count; row++) {
		for (size_t at = 0; at < column_count; at++) {
			Style style = STYLE_STRONG;

			if (!is_shown(&layout, &columns[at]))
				continue;
			g_string_truncate(cell, 0);
			if (row == 0)
				g_string_append(cell, columns[at].header);
			else
				style = columns[at].print(
					cell, (const char *)rows + (row - 1) * size, data);
			if (at > 0 && !columns[at].glued)
				text_spaces(text, layout.gap);
			append_cell(text, &columns[at], layout.widths[at], at + 1 == column_count,
				    cell, style, context->colour);
		}
		end_line(text);
		if (text->len > TEXT_WRITE_SIZE)
			text_write(context, text);
	}
}
