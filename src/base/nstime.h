/* Points in time and durations in nanoseconds. Knows how they are written; knows no clock. */
#ifndef WIRESTATE_BASE_NSTIME_H
#define WIRESTATE_BASE_NSTIME_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/digits.h"

/* Nanoseconds since the epoch (a point), or between two points (a duration). */
typedef int64_t NsTime;

#define NSTIME_NEVER INT64_MAX

/* The times that a frame may have: from 1823 to 2116, ten years longer than the classic format
 * reaches. Neither the difference of two of them nor the sum of one and of twice the longest
 * duration that nstime_parse_seconds() reads is beyond 64 bits. */
#define NSTIME_EARLIEST (-(INT64_C(1) << 62))
#define NSTIME_LATEST   ((INT64_C(1) << 62) - 1)

#define NSTIME_SECOND      ((NsTime)1000000000)
#define NSTIME_MILLISECOND ((NsTime)1000000)
#define NSTIME_MICROSECOND ((NsTime)1000)

/* The earlier of two points in time: a function, so that what works one of them out is called once.
 */
static inline NsTime nstime_earlier(NsTime a, NsTime b)
{
	return a < b ? a : b;
}

/* The largest buffer that nstime_format() fills, with its terminating NUL. */
#define NSTIME_TEXT_MAX 40

/* Writes the time as "SECONDS.FRACTION" with @digits (6 or 9) digits of fraction, cut and not
 * rounded as tcpdump does; negative times get a leading '-'. Returns the number of bytes written
 * before the NUL. */
size_t nstime_format(char text[static NSTIME_TEXT_MAX], NsTime time, int digits);

/* Writes @digits (6 or 9) digits of the fraction that @nanoseconds are of a second, cut, where
 * there is room for DIGITS_MAX bytes. Returns where they end; there is no NUL. */
static inline char *nstime_put_fraction(char *at, uint32_t nanoseconds, int digits)
{
	if (digits == 6)
		return digits_fixed(at, nanoseconds / (uint32_t)NSTIME_MICROSECOND, 6);
	*at = (char)('0' + nanoseconds / DIGITS_EIGHT);
	return digits_fixed(at + 1, nanoseconds, 8);
}

/* Reads a non-negative decimal duration in seconds ("60", "0.25", ".5"); at most 9 digits of
 * fraction. False, with nothing written, for anything else or for more than 2^31 seconds. */
bool nstime_parse_seconds(const char *text, NsTime *duration);

/* How --at names an instant. */
typedef enum {
	INSTANT_EPOCH,  /* seconds since the epoch */
	INSTANT_DAY,    /* local time of day on the capture's first day */
	INSTANT_OFFSET, /* "+SECONDS" after the capture's first frame */
} InstantKind;

/* An instant as given on the command line, before the capture's first frame is known. */
typedef struct {
	InstantKind kind; /* what @value counts from */
	NsTime value; /* nanoseconds since the epoch, since local midnight, or since the first frame
		       */
} Instant;

/* Reads epoch seconds, "HH:MM:SS[.frac]" or "+SECONDS[.frac]". False, with nothing written, for
 * anything else. */
bool instant_parse(const char *text, Instant *instant);

/* The point in time that @instant means in a capture whose first frame came at @first; at most
 * NSTIME_LATEST. Local time is that of TZ, as tcpdump prints it. */
NsTime instant_resolve(const Instant *instant, NsTime first);

#endif
