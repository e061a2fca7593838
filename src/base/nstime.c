/* Reading and writing points in time and durations. Knows digits and the local time zone; knows no
 * clock. */
#include "base/nstime.h"

#include <string.h>
#include <time.h>

/* "SECONDS[.FRACTION]" or ".FRACTION" up to @max whole seconds, all of @text. */
static bool parse_decimal(const char *text, int64_t max, NsTime *result)
{
	const char *at = text;
	int64_t seconds = 0, fraction = 0;

	for (; g_ascii_isdigit(*at); at++) {
		seconds = seconds * 10 + (*at - '0');
		if (seconds > max)
			return false;
	}
	if (*at == '.') {
		int64_t unit = NSTIME_SECOND;

		for (at++; g_ascii_isdigit(*at); at++) {
			unit /= 10;
			if (unit == 0)
				return false;
			fraction += (*at - '0') * unit;
		}
		/* A point with nothing behind it. */
		if (unit == NSTIME_SECOND)
			return false;
	}
	if (at == text || *at != '\0')
		return false;
	*result = seconds * NSTIME_SECOND + fraction;
	return true;
}

/* Two digits and a colon; -1 when something else stands there. */
static int parse_two_digits(const char *text)
{
	if (!g_ascii_isdigit(text[0]) || !g_ascii_isdigit(text[1]) || text[2] != ':')
		return -1;
	return (text[0] - '0') * 10 + (text[1] - '0');
}

/* "HH:MM:SS[.frac]" since midnight, as a clock on the wall shows it. */
static bool parse_time_of_day(const char *text, NsTime *result)
{
	int hours = parse_two_digits(text);
	int minutes = hours < 0 ? -1 : parse_two_digits(text + 3);
	NsTime seconds;

	if (minutes < 0 || hours > 23 || minutes > 59)
		return false;
	text += 6;
	if (!g_ascii_isdigit(text[0]) || !g_ascii_isdigit(text[1]) ||
	    (text[2] != '\0' && text[2] != '.'))
		return false;
	if (!parse_decimal(text, 59, &seconds))
		return false;
	*result = (hours * 60 + minutes) * 60 * NSTIME_SECOND + seconds;
	return true;
}

size_t nstime_format(char text[static NSTIME_TEXT_MAX], NsTime time, int digits)
{
	/* Negated as unsigned, so that the lowest value of all has a positive counterpart. */
	uint64_t absolute = time < 0 ? -(uint64_t)time : (uint64_t)time;
	uint64_t seconds = absolute / (uint64_t)NSTIME_SECOND;
	uint32_t fraction = (uint32_t)(absolute % (uint64_t)NSTIME_SECOND);
	char *at = text;

	g_assert(digits == 6 || digits == 9);
	if (time < 0)
		*at++ = '-';
	at = digits_put(at, seconds);
	*at++ = '.';
	at = nstime_put_fraction(at, fraction, digits);
	*at = '\0';
	return (size_t)(at - text);
}

bool nstime_parse_seconds(const char *text, NsTime *duration)
{
	return parse_decimal(text, INT64_C(1) << 31, duration);
}

bool instant_parse(const char *text, Instant *instant)
{
	/* One less, so that any fraction fits. */
	const int64_t max = NSTIME_LATEST / NSTIME_SECOND - 1;
	Instant parsed;

	if (text[0] == '+') {
		parsed.kind = INSTANT_OFFSET;
		if (!nstime_parse_seconds(text + 1, &parsed.value))
			return false;
	} else if (strchr(text, ':')) {
		parsed.kind = INSTANT_DAY;
		if (!parse_time_of_day(text, &parsed.value))
			return false;
	} else {
		parsed.kind = INSTANT_EPOCH;
		if (!parse_decimal(text, max, &parsed.value))
			return false;
	}
	*instant = parsed;
	return true;
}

/* The sum, or the latest time if that is later. */
static NsTime add_times(NsTime time, NsTime duration)
{
	NsTime sum;

	return __builtin_add_overflow(time, duration, &sum) ? NSTIME_LATEST
							    : MIN(sum, NSTIME_LATEST);
}

NsTime instant_resolve(const Instant *instant, NsTime first)
{
	time_t seconds = (time_t)(first / NSTIME_SECOND - (first % NSTIME_SECOND < 0));
	int64_t of_day = instant->value / NSTIME_SECOND;
	struct tm day;
	NsTime resolved;

	switch (instant->kind) {
	case INSTANT_EPOCH:
		return instant->value;
	case INSTANT_OFFSET:
		return add_times(first, instant->value);
	case INSTANT_DAY:
		break;
	}
	/* Through mktime(), so that the hour is right on a day on which the clocks are set. */
	if (!localtime_r(&seconds, &day))
		return instant->value;
	day.tm_hour = (int)(of_day / 3600);
	day.tm_min = (int)(of_day / 60 % 60);
	day.tm_sec = (int)(of_day % 60);
	day.tm_isdst = -1;
	if (__builtin_mul_overflow((NsTime)mktime(&day), NSTIME_SECOND, &resolved))
		return NSTIME_LATEST;
	return add_times(resolved, instant->value % NSTIME_SECOND);
}
