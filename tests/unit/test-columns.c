/* A table of columns, measured and then printed. */
#include "report/columns.h"

#include <string.h>

typedef struct {
	const char *name;
	unsigned count;
} Row;

static Style print_name(GString *cell, const void *row, void *data)
{
	(void)data;
	g_string_append(cell, ((const Row *)row)->name);
	return STYLE_PLAIN;
}

static Style print_count(GString *cell, const void *row, void *data)
{
	(void)data;
	text_number(cell, ((const Row *)row)->count);
	return ((const Row *)row)->count > 9 ? STYLE_WARNING : STYLE_PLAIN;
}

/* What the caller gave for all rows. */
static Style print_data(GString *cell, const void *row, void *data)
{
	(void)row;
	g_string_append(cell, data);
	return STYLE_PLAIN;
}

static const Column columns[] = {
	{ .header = "Name", .print = print_name },
	{ .header = "N", .right = true, .print = print_count },
	{ .header = "!", .glued = true, .print = print_data },
	{ .header = "Last", .print = print_name },
};

static const Row rows[] = { { "a", 5 }, { "longer", 10 }, { "", 0 } };

static void check(const ReportContext *context, size_t count, const char *data,
		  const char *expected)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GArray) some = g_array_new(FALSE, FALSE, sizeof(Row));

	g_array_append_vals(some, rows, (unsigned)count);
	columns_append(text, context, columns, G_N_ELEMENTS(columns), rows_of_array(some),
		       (void *)data);
	g_assert_cmpstr(text->str, ==, expected);
}

static void test_alignment(void)
{
	const ReportContext context = { .width = 80 };

	check(&context, 3, "!",
	      "Name     N!  Last\n"
	      "a        5!  a\n"
	      "longer  10!  longer\n"
	      "         0!\n");
}

static void test_header_only(void)
{
	const ReportContext context = { .width = 80 };

	check(&context, 0, "!", "Name  N!  Last\n");
}

/* 6 + 2 + 2 + 1 + 2 + 6: nineteen columns with wide gaps. */
static void test_narrow(void)
{
	const ReportContext fits = { .width = 19 }, narrow = { .width = 18 };

	check(&fits, 2, "!",
	      "Name     N!  Last\n"
	      "a        5!  a\n"
	      "longer  10!  longer\n");
	check(&narrow, 2, "!",
	      "Name    N! Last\n"
	      "a       5! a\n"
	      "longer 10! longer\n");
}

/* 6 + 2 + 2: without its last column the table fits ten columns, and keeps its wide gap. */
static void test_optional(void)
{
	static const Column some[] = {
		{ .header = "Name", .print = print_name },
		{ .header = "N", .right = true, .print = print_count },
		{ .header = "Last", .optional = true, .print = print_name },
	};
	const ReportContext context = { .width = 10 };
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GArray) two = g_array_new(FALSE, FALSE, sizeof(Row));

	g_array_append_vals(two, rows, 2);
	columns_append(text, &context, some, G_N_ELEMENTS(some), rows_of_array(two), NULL);
	g_assert_cmpstr(text->str, ==,
			"Name     N\n"
			"a        5\n"
			"longer  10\n");
}

/* Escape sequences take no room. */
static void test_colour(void)
{
	const ReportContext context = { .width = 80, .colour = true };

	check(&context, 2, "",
	      "\033[1mName\033[0m     \033[1mN\033[0m\033[1m!\033[0m  \033[1mLast\033[0m\n"
	      "a        5   a\n"
	      "longer  \033[33m10\033[0m   longer\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/columns/alignment", test_alignment);
	g_test_add_func("/columns/header-only", test_header_only);
	g_test_add_func("/columns/narrow", test_narrow);
	g_test_add_func("/columns/optional", test_optional);
	g_test_add_func("/columns/colour", test_colour);
	return g_test_run();
}
