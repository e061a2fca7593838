/* Numbers written straight into a string, against printf. Knows no line. */
#include <glib.h>
#include <inttypes.h>

#include "report/writer.h"

/* Numbers at which a digit is gained, and those just before. */
static const uint64_t numbers[] = {
	0,       9,         10,         99,         100,         999,        1000,
	9999,    10000,     99999,      100000,     9999999,     100000000,  999999999,
	1 << 30, INT32_MAX, UINT32_MAX, 4294967296, 99999999999, 1ull << 63, UINT64_MAX,
};

static void test_decimal(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		g_autofree char *wanted = g_strdup_printf("%" PRIu64, numbers[i]);
		g_autoptr(GString) text = g_string_new(NULL);
		Writer writer;

		writer_begin(&writer, text);
		writer_decimal(&writer, numbers[i]);
		writer_end(&writer);
		g_assert_cmpstr(text->str, ==, wanted);
	}
}

static void test_decimal_wide(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		g_autofree char *wanted =
			g_strdup_printf("%6" PRIu64 "%09" PRIu64, numbers[i], numbers[i]);
		g_autoptr(GString) text = g_string_new(NULL);
		Writer writer;

		writer_begin(&writer, text);
		writer_decimal_wide(&writer, numbers[i], 6, ' ');
		writer_decimal_wide(&writer, numbers[i], 9, '0');
		writer_end(&writer);
		g_assert_cmpstr(text->str, ==, wanted);
	}
}

static void test_hex(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		g_autofree char *wanted =
			g_strdup_printf("%" PRIx64 " %04" PRIx64, numbers[i], numbers[i]);
		g_autoptr(GString) text = g_string_new(NULL);
		Writer writer;

		writer_begin(&writer, text);
		writer_hex(&writer, numbers[i], 1);
		writer_char(&writer, ' ');
		writer_hex(&writer, numbers[i], 4);
		writer_end(&writer);
		g_assert_cmpstr(text->str, ==, wanted);
	}
}

/* What was there stays, and each piece finds room. */
static void test_grow(void)
{
	g_autoptr(GString) text = g_string_new("before ");
	g_autoptr(GString) wanted = g_string_new("before ");
	static const uint8_t bytes[] = { 0x00, 0x9f, 0xff };
	Writer writer;

	writer_begin(&writer, text);
	for (unsigned i = 0; i < 1000; i++) {
		writer_char(&writer, '<');
		writer_decimal(&writer, i);
		writer_text(&writer, "> ");
		writer_hex_bytes(&writer, bytes, sizeof(bytes));
		writer_bytes(&writer, "xyz", 2);
		g_string_append_printf(wanted, "<%u> 009fffxy", i);
	}
	writer_end(&writer);
	g_assert_cmpstr(text->str, ==, wanted->str);
	g_assert_cmpuint(text->len, ==, wanted->len);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/writer/decimal", test_decimal);
	g_test_add_func("/writer/decimal-wide", test_decimal_wide);
	g_test_add_func("/writer/hex", test_hex);
	g_test_add_func("/writer/grow", test_grow);
	return g_test_run();
}
