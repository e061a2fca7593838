/* Capture time and the timers that run on it. Knows deadlines; knows nothing of whose they are.
 *
 * A binary heap of embedded timers, ordered by the deadline under which each was queued. A timer that moves to a later time - and
 * every segment moves its connection's - stays where it is, and moves when its earlier time has come: one
 * comparison a segment, and a step through the heap only when something is due. */
#include "flow/clock.h"

#include <glib.h>

struct Clock {
	NsTime now;       /* the latest time reached */
	bool running;     /* clock_advance() was called */
	ClockFire fire;   /* for a timer that is due */
	void *data;       /* for @fire */
	GPtrArray *heap;  /* timers; heap->pdata[i]->place == i + 1 */
};

Clock *clock_new(ClockFire fire, void *data)
{
	Clock *clock = g_new0(Clock, 1);

	clock->fire = fire;
	clock->data = data;
	clock->heap = g_ptr_array_new();
	return clock;
}

void clock_free(Clock *clock)
{
	if (!clock)
		return;
	g_ptr_array_unref(clock->heap);
	g_free(clock);
}

NsTime clock_now(const Clock *clock)
{
	return clock->now;
}

static Timer *heap_at(const Clock *clock, unsigned place)
{
	return clock->heap->pdata[place - 1];
}

static void heap_put(Clock *clock, unsigned place, Timer *timer)
{
	clock->heap->pdata[place - 1] = timer;
	timer->place = place;
}

static void heap_up(Clock *clock, Timer *timer)
{
	unsigned place = timer->place;

	while (place > 1 && heap_at(clock, place / 2)->queued > timer->queued) {
		heap_put(clock, place, heap_at(clock, place / 2));
		place /= 2;
	}
	heap_put(clock, place, timer);
}

static void heap_down(Clock *clock, Timer *timer)
{
	unsigned place = timer->place;

	for (;;) {
		unsigned child = 2 * place;

		if (child > clock->heap->len)
			break;
		if (child < clock->heap->len &&
		    heap_at(clock, child + 1)->queued < heap_at(clock, child)->queued)
			child++;
		if (heap_at(clock, child)->queued >= timer->queued)
			break;
		heap_put(clock, place, heap_at(clock, child));
		place = child;
	}
	heap_put(clock, place, timer);
}

void timer_arm(Clock *clock, Timer *timer, NsTime deadline)
{
	if (deadline == NSTIME_NEVER) {
		timer_disarm(clock, timer);
		return;
	}
	timer->deadline = deadline;
	if (!timer->place) {
		timer->queued = deadline;
		g_ptr_array_add(clock->heap, timer);
		timer->place = clock->heap->len;
		heap_up(clock, timer);
	} else if (deadline < timer->queued) {
		timer->queued = deadline;
		heap_up(clock, timer);
	}
}

void timer_disarm(Clock *clock, Timer *timer)
{
	unsigned place = timer->place;
	Timer *last;

	if (!place)
		return;
	last = heap_at(clock, clock->heap->len);
	g_ptr_array_set_size(clock->heap, (int)clock->heap->len - 1);
	timer->place = 0;
	if (last != timer) {
		heap_put(clock, place, last);
		heap_up(clock, last);
		heap_down(clock, last);
	}
}

bool clock_advance(Clock *clock, NsTime time)
{
	if (clock->running && time < clock->now)
		return false;
	clock->running = true;
	while (clock->heap->len && heap_at(clock, 1)->queued <= time) {
		Timer *timer = heap_at(clock, 1);

		if (timer->deadline > timer->queued) {
			timer->queued = timer->deadline;
			heap_down(clock, timer);
			continue;
		}
		timer_disarm(clock, timer);
		clock->now = MAX(clock->now, timer->deadline);
		clock->fire(clock->data, timer, timer->deadline);
	}
	clock->now = time;
	return true;
}

NsTime clock_next(const Clock *clock)
{
	return clock->heap->len ? heap_at(clock, 1)->queued : NSTIME_NEVER;
}
