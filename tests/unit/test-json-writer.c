/* JSON as text, against RFC 8259. */
#include "report/json-writer.h"

static void check_string(const char *value, const char *expected)
{
	g_autoptr(GString) text = g_string_new(NULL);
	JsonWriter writer = json_begin(text);

	json_string(&writer, value);
	json_end(&writer);
	g_assert_cmpstr(text->str, ==, expected);
}

static void test_strings(void)
{
	check_string("", "\"\"");
	check_string("half-open", "\"half-open\"");
	check_string("say \"no\"", "\"say \\\"no\\\"\"");
	check_string("a\\b/c", "\"a\\\\b/c\"");
	/* RFC 8259 7: U+0000 to U+001F must be escaped. */
	check_string("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"");
	check_string("\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"");
}

static void test_utf8(void)
{
	check_string("gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"");
	check_string("\xf0\x9f\x90\x9f", "\"\xf0\x9f\x90\x9f\"");
	/* A byte of Latin-1, a sequence that ends too early, one that is too long, and a surrogate.
	 */
	check_string("caf\xe9!", "\"caf\\ufffd!\"");
	check_string("\xe2\x82", "\"\\ufffd\\ufffd\"");
	check_string("\xc0\xaf", "\"\\ufffd\\ufffd\"");
	check_string("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
}

static void test_structure(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	JsonWriter writer = json_begin(text);

	json_object_begin(&writer);
	json_member_string(&writer, "type", "x");
	json_key(&writer, "empty");
	json_array_begin(&writer);
	json_array_end(&writer);
	json_key(&writer, "frames");
	json_array_begin(&writer);
	json_number(&writer, 1);
	json_number(&writer, 22);
	json_object_begin(&writer);
	json_object_end(&writer);
	json_array_end(&writer);
	json_key(&writer, "client");
	json_object_begin(&writer);
	json_key(&writer, "proven");
	json_bool(&writer, true);
	json_key(&writer, "seen");
	json_bool(&writer, false);
	json_object_end(&writer);
	json_key(&writer, "side");
	json_null(&writer);
	json_object_end(&writer);
	json_end(&writer);
	g_assert_cmpstr(text->str, ==,
			"{\"type\":\"x\",\"empty\":[],\"frames\":[1,22,{}],"
			"\"client\":{\"proven\":true,\"seen\":false},\"side\":null}");
}

static void check_number(uint64_t value, const char *expected)
{
	g_autoptr(GString) text = g_string_new(NULL);
	JsonWriter writer = json_begin(text);

	json_number(&writer, value);
	json_end(&writer);
	g_assert_cmpstr(text->str, ==, expected);
}

static void test_numbers(void)
{
	check_number(0, "0");
	check_number(9, "9");
	check_number(10, "10");
	check_number(4294967295u, "4294967295");
	check_number(UINT64_MAX, "18446744073709551615");
}

static void check_time(NsTime value, int digits, const char *expected)
{
	g_autoptr(GString) text = g_string_new(NULL);
	JsonWriter writer = json_begin(text);

	json_time(&writer, value, digits);
	json_end(&writer);
	g_assert_cmpstr(text->str, ==, expected);
}

static void test_times(void)
{
	/* More digits than a double holds. */
	check_time(INT64_C(1700000000123456789), 9, "1700000000.123456789");
	check_time(INT64_C(1700000000123456789), 6, "1700000000.123456");
	check_time(0, 6, "0.000000");
	check_time(-NSTIME_MILLISECOND, 6, "-0.001000");
}

static void test_lines(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const Endpoint endpoint = { .addr = { { 192, 0, 2, 1 } }, .port = 80, .version = 4 };

	for (unsigned line = 0; line < 2; line++) {
		JsonWriter writer = json_line_begin(text, "host");

		json_member_address(&writer, "addr", &endpoint);
		json_line_end(&writer);
	}
	g_assert_cmpstr(text->str, ==,
			"{\"type\":\"host\",\"addr\":\"192.0.2.1\"}\n"
			"{\"type\":\"host\",\"addr\":\"192.0.2.1\"}\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/json-writer/strings", test_strings);
	g_test_add_func("/json-writer/utf-8", test_utf8);
	g_test_add_func("/json-writer/structure", test_structure);
	g_test_add_func("/json-writer/numbers", test_numbers);
	g_test_add_func("/json-writer/nanoseconds", test_times);
	g_test_add_func("/json-writer/lines", test_lines);
	return g_test_run();
}
