/* Times, durations, counts and wrapped sentences. */
#include "report/text.h"

#include <stdlib.h>
#include <time.h>

static void check_duration(NsTime duration, const char *expected)
{
	g_autoptr(GString) text = g_string_new(NULL);

	text_duration(text, duration);
	g_assert_cmpstr(text->str, ==, expected);
}

static void test_durations(void)
{
	check_duration(0, "0s");
	check_duration(85, "85ns");
	check_duration(85 * NSTIME_MICROSECOND + 999, "85us");
	check_duration(1 * NSTIME_MILLISECOND, "1.00ms");
	check_duration(12345 * NSTIME_MICROSECOND, "12.3ms");
	check_duration(999999 * NSTIME_MICROSECOND, "999ms");
	check_duration(1 * NSTIME_SECOND, "1.00s");
	check_duration(59999 * NSTIME_MILLISECOND, "59.9s");
	check_duration(60 * NSTIME_SECOND, "1m00s");
	check_duration(3599 * NSTIME_SECOND, "59m59s");
	check_duration(3600 * NSTIME_SECOND, "1h00m");
	check_duration(86399 * NSTIME_SECOND, "23h59m");
	check_duration(86400 * NSTIME_SECOND + 7 * 3600 * NSTIME_SECOND, "1d07h");
	check_duration(-12345 * NSTIME_MICROSECOND, "-12.3ms");
}

static void check_stamp(StampKind kind, NsTime time, NsTime reference, int digits,
			const char *expected)
{
	g_autoptr(GString) text = g_string_new(NULL);

	text_stamp(text, kind, time, reference, digits);
	g_assert_cmpstr(text->str, ==, expected);
}

/* As tcpdump 4.99 prints them: date -ud @1700000000 is 2023-11-14 22:13:20. */
static void test_stamps(void)
{
	const NsTime time = INT64_C(1700000000123456789);

	check_stamp(STAMP_TIME, time, 0, 6, "22:13:20.123456");
	check_stamp(STAMP_TIME, time, 0, 9, "22:13:20.123456789");
	check_stamp(STAMP_NONE, time, 0, 6, "");
	check_stamp(STAMP_EPOCH, time, 0, 6, "1700000000.123456");
	check_stamp(STAMP_DATE, time, 0, 6, "2023-11-14 22:13:20.123456");
	check_stamp(STAMP_DELTA, time, time - 61 * NSTIME_SECOND, 6, " 00:01:01.000000");
	check_stamp(STAMP_SINCE, time, time - 90000 * NSTIME_SECOND, 9, " 01:00:00.000000000");
	check_stamp(STAMP_DELTA, time - 1500 * NSTIME_MICROSECOND, time, 6, "-00:00:00.001500");
}

static void check_wrap(const char *sentence, size_t indent, size_t begun, size_t width,
		       const char *expected)
{
	g_autoptr(GString) text = g_string_new(NULL);

	text_wrap(text, sentence, indent, begun, width);
	g_assert_cmpstr(text->str, ==, expected);
}

static void test_wrap(void)
{
	check_wrap("one two three", 0, 0, 80, "one two three\n");
	check_wrap("one two three", 0, 0, 7, "one two\nthree\n");
	check_wrap("one two three", 0, 0, 6, "one\ntwo\nthree\n");
	check_wrap("one two three", 2, 0, 9, "  one two\n  three\n");
	/* A word longer than the line stands alone. */
	check_wrap("a 2001:db8::1.40000 b", 2, 0, 8, "  a\n  2001:db8::1.40000\n  b\n");
	/* What stands before the first line is not repeated. */
	check_wrap("one two", 4, 4, 8, "one\n    two\n");
	check_wrap("", 2, 0, 8, "  \n");
}

static void test_counts(void)
{
	g_autoptr(GString) text = g_string_new(NULL);

	text_count(text, 1, "frame", NULL);
	g_string_append(text, ", ");
	text_count(text, 0, "frame", NULL);
	g_string_append(text, ", ");
	text_count(text, 2, "entry", "entries");
	g_assert_cmpstr(text->str, ==, "1 frame, 0 frames, 2 entries");
}

int main(int argc, char **argv)
{
	setenv("TZ", "UTC", 1);
	tzset();
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/text/durations", test_durations);
	g_test_add_func("/text/stamps", test_stamps);
	g_test_add_func("/text/wrap", test_wrap);
	g_test_add_func("/text/counts", test_counts);
	return g_test_run();
}
