/* Capture time and the timers that run on it. Knows deadlines; knows nothing of whose they are. */
#ifndef WIRESTATE_FLOW_CLOCK_H
#define WIRESTATE_FLOW_CLOCK_H

#include <stdbool.h>

#include "base/nstime.h"

typedef struct Clock Clock;

/* Embedded in its owner; nothing is allocated for it. All zero is a timer that is not armed. */
typedef struct {
	NsTime deadline; /* when it is to fire; NSTIME_NEVER or 0 in @place: it does not */
	uint32_t lead;   /* it stands in the clock under a time that is at least so many LEAD_UNITs
			    before @deadline */
	uint32_t place;  /* its place in the clock plus one; 0: it is not armed */
} Timer;

/* Called with the clock at the timer's own deadline; may arm the timer again. */
typedef void (*ClockFire)(void *data, Timer *timer, NsTime now);

Clock *clock_new(ClockFire fire, void *data);
void clock_free(Clock *clock);

/* What a Clock begins with; no more of it has to be looked at for most frames. */
typedef struct {
	NsTime now;  /* the latest time reached */
	NsTime next; /* clock_next(); INT64_MIN before the first time */
} ClockFace;

static inline const ClockFace *clock_face(const Clock *clock)
{
	return (const ClockFace *)clock;
}

/* The latest time reached; 0 before the first clock_advance(). It never goes back. */
static inline NsTime clock_now(const Clock *clock)
{
	return clock_face(clock)->now;
}

/* What clock_advance() does when something may be due, or the time is an earlier one. */
bool clock_advance_far(Clock *clock, NsTime time);

/* Moves to @time and fires what falls due until then, in the order of the deadlines, each at its
 * own time. An earlier time than the present one moves nothing; returns false then. */
static inline bool clock_advance(Clock *clock, NsTime time)
{
	ClockFace *face = (ClockFace *)clock;

	if (__builtin_expect(time < face->now || time >= face->next, 0))
		return clock_advance_far(clock, time);
	face->now = time;
	return true;
}

/* Arms or moves a timer. Moving it to a later time costs nothing until the earlier one comes.
 * NSTIME_NEVER disarms. */
void timer_arm(Clock *clock, Timer *timer, NsTime deadline);
void timer_disarm(Clock *clock, Timer *timer);

/* @to, which is not armed, takes the place of @from, whose memory is about to go. */
void timer_move(Clock *clock, const Timer *from, Timer *to);

/* The next time at which something is due, for a live wait; NSTIME_NEVER when nothing is. May be
 * early, never late. */
NsTime clock_next(const Clock *clock);

#endif
