/* How times are read and written. */
#include "base/nstime.h"

#include <string.h>
#include <time.h>

static void check_format(NsTime time, int digits, const char *expected)
{
	char text[NSTIME_TEXT_MAX];
	size_t length = nstime_format(text, time, digits);

	g_assert_cmpstr(text, ==, expected);
	g_assert_cmpuint(length, ==, strlen(expected));
}

static void test_format(void)
{
	check_format(0, 6, "0.000000");
	check_format(0, 9, "0.000000000");
	check_format(1, 9, "0.000000001");
	/* Cut, not rounded. */
	check_format(1, 6, "0.000000");
	check_format(INT64_C(1700000000999999999), 6, "1700000000.999999");
	check_format(INT64_C(1700000000999999999), 9, "1700000000.999999999");
	check_format(-1, 9, "-0.000000001");
	check_format(-INT64_C(1500000000), 6, "-1.500000");
	check_format(INT64_MAX, 9, "9223372036.854775807");
	check_format(INT64_MIN, 9, "-9223372036.854775808");
}

static void test_seconds(void)
{
	static const struct {
		const char *text;
		NsTime expected;
	} good[] = {
		{ "60", 60 * NSTIME_SECOND },
		{ "0", 0 },
		{ "0.25", 250 * NSTIME_MILLISECOND },
		{ ".5", 500 * NSTIME_MILLISECOND },
		{ "00.000000001", 1 },
		{ "2147483648", (INT64_C(1) << 31) * NSTIME_SECOND },
	};
	static const char *const bad[] = { "",           ".",     "5.",
					   "-1",         "+1",    " 1",
					   "1 ",         "1s",    "1e3",
					   "2147483649", "0x10",  "99999999999999999999999",
					   "1..2",       "1.2.3", "1.0000000001" };

	for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
		NsTime time = -7;

		g_assert_true(nstime_parse_seconds(good[i].text, &time));
		g_assert_cmpint(time, ==, good[i].expected);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		NsTime time = -7;

		g_test_message("'%s'", bad[i]);
		g_assert_false(nstime_parse_seconds(bad[i], &time));
		g_assert_cmpint(time, ==, -7);
	}
}

static void test_instant(void)
{
	static const struct {
		const char *text;
		Instant expected;
	} good[] = {
		{ "1700000000", { INSTANT_EPOCH, INT64_C(1700000000000000000) } },
		{ "1700000000.25", { INSTANT_EPOCH, INT64_C(1700000000250000000) } },
		{ "4611686017.999999999", { INSTANT_EPOCH, INT64_C(4611686017999999999) } },
		{ "+0", { INSTANT_OFFSET, 0 } },
		{ "+1.5", { INSTANT_OFFSET, INT64_C(1500000000) } },
		{ "00:00:00", { INSTANT_DAY, 0 } },
		{ "23:59:59.999999999", { INSTANT_DAY, INT64_C(86399999999999) } },
	};
	static const char *const bad[] = { "",
					   "noon",
					   "24:00:00",
					   "12:60:00",
					   "12:00:60",
					   "12:00",
					   "1:02:03",
					   "12:00:5",
					   "12:00:",
					   "12:00:00x",
					   "12:00:00.",
					   "12:00:005",
					   "-1",
					   "+-1",
					   "++1",
					   "+12:00:00",
					   "12:00:00.0000000001",
					   "4611686018" };

	for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
		Instant instant = { INSTANT_EPOCH, -7 };

		g_test_message("'%s'", good[i].text);
		g_assert_true(instant_parse(good[i].text, &instant));
		g_assert_cmpint(instant.kind, ==, good[i].expected.kind);
		g_assert_cmpint(instant.value, ==, good[i].expected.value);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		Instant instant = { INSTANT_DAY, -7 };

		g_test_message("'%s'", bad[i]);
		g_assert_false(instant_parse(bad[i], &instant));
		g_assert_cmpint(instant.value, ==, -7);
	}
}

static void set_zone(const char *zone)
{
	g_assert_true(g_setenv("TZ", zone, TRUE));
	tzset();
}

/* The expected numbers are those of date(1), such as: TZ=UTC date -d '2023-11-14 12:00' +%s */
static void test_resolve(void)
{
	const NsTime first = INT64_C(1700000000123456789); /* 2023-11-14 22:13:20 UTC */
	const Instant epoch = { INSTANT_EPOCH, 5 };
	const Instant offset = { INSTANT_OFFSET, 2 * NSTIME_SECOND };
	const Instant noon = { INSTANT_DAY, 12 * 3600 * NSTIME_SECOND + 7 };
	const Instant midnight = { INSTANT_DAY, 0 };

	set_zone("UTC0");
	g_assert_cmpint(instant_resolve(&epoch, first), ==, 5);
	g_assert_cmpint(instant_resolve(&offset, first), ==, first + 2 * NSTIME_SECOND);
	g_assert_cmpint(instant_resolve(&offset, INT64_MAX), ==, NSTIME_LATEST);
	g_assert_cmpint(instant_resolve(&offset, NSTIME_LATEST - 1), ==, NSTIME_LATEST);
	g_assert_cmpint(instant_resolve(&noon, first), ==, INT64_C(1699963200000000007));
	/* The day before the epoch, a nanosecond before it. */
	g_assert_cmpint(instant_resolve(&midnight, -1), ==, -86400 * NSTIME_SECOND);
	/* There it is the 15th already. */
	set_zone("EAST-05:30");
	g_assert_cmpint(instant_resolve(&noon, first), ==, INT64_C(1700029800000000007));
	/* 2023-03-26 in central Europe has 23 hours: noon is ten hours after a midnight at UTC+1.
	 */
	set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	g_assert_cmpint(instant_resolve(&noon, INT64_C(1679785200000000000)), ==,
			INT64_C(1679824800000000007));
	set_zone("UTC0");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/nstime/format", test_format);
	g_test_add_func("/nstime/seconds", test_seconds);
	g_test_add_func("/nstime/instant", test_instant);
	g_test_add_func("/nstime/resolve", test_resolve);
	return g_test_run();
}
