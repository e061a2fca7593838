/* Capture time and the timers that run on it. Knows deadlines; knows nothing of whose they are.
 *
 * A heap of embedded timers with four children each, which lie in one line of the cache, ordered by
 * the deadline under which each was queued. A timer that moves to a later time - and every segment
 * moves its connection's - stays where it is, and moves when its earlier time has come: one
 * comparison a segment, and a step through the heap only when something is due. The heap holds that
 * deadline beside the timer: with a million timers a look at each that is compared is a wait for
 * memory. The timer knows it about, and no later than it is, so that neither is there a look at the
 * heap for each segment. */
#include "flow/clock.h"

#include <glib.h>

/* A place of the heap. */
typedef struct {
	NsTime queued; /* the timer's deadline when it was queued; not later than its deadline */
	Timer *timer;  /* timer->place is where this stands, plus one */
} Place;

/* Places are counted from 1, the earliest one. */
#define CHILDREN           4u
#define PARENT(place)      (((place) + CHILDREN - 2) / CHILDREN)
#define FIRST_CHILD(place) (((place)-1) * CHILDREN + 2)

#define ROOM_MIN 256u

/* About a millisecond; what is more than some weeks is not counted. */
#define LEAD_UNIT 0x100000

struct Clock {
	ClockFace face; /* what is looked at for each frame; first */
	ClockFire fire; /* for a timer that is due */
	void *data;     /* for @fire */
	Place *heap;    /* the earliest first */
	unsigned count; /* places that are taken */
	unsigned room;  /* and those that may be before there are more */
};

Clock *clock_new(ClockFire fire, void *data)
{
	Clock *clock = g_new0(Clock, 1);

	clock->fire = fire;
	clock->data = data;
	/* The first time may be any. */
	clock->face.next = INT64_MIN;
	return clock;
}

void clock_free(Clock *clock)
{
	if (!clock)
		return;
	g_free(clock->heap);
	g_free(clock);
}

static inline Place *heap_at(const Clock *clock, unsigned place)
{
	return &clock->heap[place - 1];
}

NsTime clock_next(const Clock *clock)
{
	return clock->count ? heap_at(clock, 1)->queued : NSTIME_NEVER;
}

/* The heap has changed. Before the first time there is nothing to be seen on the face. */
static inline void show_next(Clock *clock)
{
	if (clock->face.next != INT64_MIN)
		clock->face.next = clock_next(clock);
}

static inline void heap_put(Clock *clock, unsigned place, Place what)
{
	*heap_at(clock, place) = what;
	what.timer->place = place;
}

static void heap_up(Clock *clock, unsigned place, Place what)
{
	while (place > 1 && heap_at(clock, PARENT(place))->queued > what.queued) {
		heap_put(clock, place, *heap_at(clock, PARENT(place)));
		place = PARENT(place);
	}
	heap_put(clock, place, what);
}

static void heap_down(Clock *clock, unsigned place, Place what)
{
	for (;;) {
		unsigned first = FIRST_CHILD(place);
		unsigned end = MIN(first + CHILDREN, clock->count + 1);
		unsigned least = first;

		if (first >= end)
			break;
		for (unsigned child = first + 1; child < end; child++)
			if (heap_at(clock, child)->queued < heap_at(clock, least)->queued)
				least = child;
		if (heap_at(clock, least)->queued >= what.queued)
			break;
		heap_put(clock, place, *heap_at(clock, least));
		place = least;
	}
	heap_put(clock, place, what);
}

static G_GNUC_NO_INLINE void make_room(Clock *clock)
{
	clock->room = MAX(2 * clock->room, ROOM_MIN);
	clock->heap = g_renew(Place, clock->heap, clock->room);
}

void timer_arm(Clock *clock, Timer *timer, NsTime deadline)
{
	NsTime latest; /* that it may be queued under */

	if (deadline == NSTIME_NEVER) {
		timer_disarm(clock, timer);
		return;
	}
	if (!timer->place) {
		Place what = { deadline, timer };

		timer->deadline = deadline;
		timer->lead = 0;
		if (clock->count == clock->room)
			make_room(clock);
		heap_up(clock, ++clock->count, what);
		show_next(clock);
		return;
	}
	latest = timer->deadline - (NsTime)timer->lead * LEAD_UNIT;
	timer->deadline = deadline;
	if (deadline < latest) {
		/* It may have to move; how it stands is looked up. */
		latest = heap_at(clock, timer->place)->queued;
		if (deadline < latest) {
			latest = deadline;
			heap_up(clock, timer->place, (Place){ deadline, timer });
			show_next(clock);
		}
	}
	timer->lead =
		(uint32_t)MIN(((uint64_t)deadline - (uint64_t)latest) / LEAD_UNIT, UINT32_MAX);
}

void timer_disarm(Clock *clock, Timer *timer)
{
	unsigned place = timer->place;
	Place last;

	if (!place)
		return;
	last = *heap_at(clock, clock->count);
	clock->count--;
	timer->place = 0;
	if (last.timer != timer) {
		heap_up(clock, place, last);
		heap_down(clock, last.timer->place, last);
	}
	show_next(clock);
}

void timer_move(Clock *clock, const Timer *from, Timer *to)
{
	*to = *from;
	if (to->place)
		heap_at(clock, to->place)->timer = to;
}

/* Of what is due until @time, each at its own time. */
static void fire_until(Clock *clock, NsTime time)
{
	while (clock->count && heap_at(clock, 1)->queued <= time) {
		Place first = *heap_at(clock, 1);
		Timer *timer = first.timer;

		if (timer->deadline > first.queued) {
			timer->lead = 0;
			heap_down(clock, 1, (Place){ timer->deadline, timer });
			continue;
		}
		timer_disarm(clock, timer);
		clock->face.now = MAX(clock->face.now, timer->deadline);
		clock->fire(clock->data, timer, timer->deadline);
	}
}

bool clock_advance_far(Clock *clock, NsTime time)
{
	bool first = clock->face.next == INT64_MIN;

	if (!first && time < clock->face.now)
		return false;
	fire_until(clock, time);
	clock->face.now = time;
	clock->face.next = clock_next(clock);
	return true;
}
