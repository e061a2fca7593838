/* A table of columns, measured and then printed. Knows widths; knows nothing of its contents. */
#include "report/columns.h"

#include <string.h>

/* More columns than any table has. */
#define COLUMNS_MAX 16

static void each_of_array(const void *source, RowVisit visit, void *data)
{
	const GArray *array = source;
	size_t size = g_array_get_element_size((GArray *)array);

	for (size_t at = 0; at < array->len; at++)
		visit(data, array->data + at * size);
}

Rows rows_of_array(const GArray *array)
{
	return (Rows){ each_of_array, array };
}

/* How a table is laid out. */
typedef struct {
	size_t widths[COLUMNS_MAX]; /* of the columns */
	size_t gap;                 /* spaces between two of them */
	bool optional;              /* optional columns are there */
} Layout;

/* A table that is being made. */
typedef struct {
	GString *text;                /* where it goes */
	GString *cell;                /* the one at hand */
	const ReportContext *context; /* the view's */
	const Column *columns;        /* what is in it */
	size_t column_count;          /* how many */
	void *data;                   /* for them */
	Layout layout;                /* true when all rows are measured */
} Table;

static void measure_row(void *data, const void *row)
{
	Table *table = data;

	for (size_t at = 0; at < table->column_count; at++) {
		g_string_truncate(table->cell, 0);
		table->columns[at].print(table->cell, row, table->data);
		table->layout.widths[at] = MAX(table->layout.widths[at], table->cell->len);
	}
}

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

/* @row NULL: the header. */
static void append_row(void *data, const void *row)
{
	const Table *table = data;
	GString *text = table->text, *cell = table->cell;

	for (size_t at = 0; at < table->column_count; at++) {
		const Column *column = &table->columns[at];
		Style style = STYLE_STRONG;

		if (!is_shown(&table->layout, column))
			continue;
		g_string_truncate(cell, 0);
		if (row)
			style = column->print(cell, row, table->data);
		else
			g_string_append(cell, column->header);
		if (at > 0 && !column->glued)
			text_spaces(text, table->layout.gap);
		append_cell(text, column, table->layout.widths[at], at + 1 == table->column_count,
			    cell, style, table->context->colour);
	}
	end_line(text);
	if (text->len > TEXT_WRITE_SIZE)
		text_write(table->context, text);
}

void columns_append(GString *text, const ReportContext *context, const Column *columns,
		    size_t column_count, Rows rows, void *data)
{
	g_autoptr(GString) cell = g_string_new(NULL);
	Table table = { text, cell, context, columns, column_count, data, { .gap = 0 } };

	g_assert(column_count <= COLUMNS_MAX);
	for (size_t at = 0; at < column_count; at++)
		table.layout.widths[at] = strlen(columns[at].header);
	rows.each(rows.source, measure_row, &table);
	choose_layout(&table.layout, columns, column_count, (size_t)context->width);
	append_row(&table, NULL);
	rows.each(rows.source, append_row, &table);
}
