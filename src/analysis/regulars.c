/* Connections whose life so far is the regular one: counted as connections, and kept as their
 * segments until somebody asks for them. Knows what the steps of such a life do to the counts, and
 * whom they concern beyond the connection; knows no segment that is anything else. */
#include "analysis/tracker-parts.h"

/* Which end of the key sends the first FIN. */
static unsigned closer_of(const RegularLife *life)
{
	return life->client ^ life->closer;
}

static void count_move(Tracker *tracker, TcpState from, TcpState to)
{
	tracker->totals->states[from]--;
	tracker->totals->states[to]++;
}

static void tell_wait(Tracker *tracker, const RegularLife *life, const FlowKey *key, bool begins,
		      NsTime time, uint64_t frame)
{
	const TimeWaitEvent event = {
		.key = key,
		.client = life->client,
		.side = closer_of(life),
		.begins = begins,
		.time = time,
		.frame = frame,
	};

	tracker->hooks.waits(tracker->hooks.data, &event);
}

/* To keep a life as its segments costs less than a connection, until the connection is made of
 * them, which costs as much again. Where that happened to more than came to their end, few are
 * begun, which tell when it is worth it again. */
#define TRIES  64u
#define SAMPLE 16u

static bool is_worth_it(const Tracker *tracker, const FlowPlace *place)
{
	return tracker->in_vain <= TRIES + tracker->lived || place->spread % SAMPLE == 0;
}

/* The handshake is complete, unless somebody has more to say of it. */
static bool open(Tracker *tracker, const EmbryoMemo *memo, const Segment *segment,
		 const FlowPlace *place)
{
	AnalysisTotals *totals = tracker->totals;

	if (!is_worth_it(tracker, place) || memo->marks ||
	    !tracker->hooks.opened(tracker->hooks.data, segment, place, memo))
		return false;
	count_move(tracker, TCP_STATE_SYN_RCVD, TCP_STATE_ESTABLISHED);
	totals->open[OPEN_INCOMPLETE]--;
	totals->open[OPEN_HANDSHAKE]++;
	return true;
}

static void count_close(Tracker *tracker, CloseKind from, CloseKind to)
{
	tracker->totals->close[from]--;
	tracker->totals->close[to]++;
}

/* For a deadline: it stays. No time is as early. */
#define AS_BEFORE INT64_MIN

/* When a detector may have something to say of a state that begins now. */
static NsTime patience_from(const Tracker *tracker, NsTime now)
{
	NsTime patience = tracker->memory.patience;

	return patience == NSTIME_NEVER ? patience : now + patience;
}

/* What the segment, with which @life came where it is, does to the states. Returns when a clock is
 * to look at the connection, no later than anything is due. */
static NsTime count(Tracker *tracker, const RegularLife *life, const Segment *segment,
		    const FlowPlace *place, RegularStep step)
{
	switch (step) {
	case REGULAR_OPENS:
		return NSTIME_NEVER;
	case REGULAR_CLOSES:
		count_move(tracker, TCP_STATE_ESTABLISHED, TCP_STATE_FIN_WAIT_1);
		count_move(tracker, TCP_STATE_ESTABLISHED, TCP_STATE_CLOSE_WAIT);
		count_close(tracker, CLOSE_NONE, CLOSE_HALF_CLOSED);
		return patience_from(tracker, segment->time);
	case REGULAR_FIN_ACKED:
		count_move(tracker, TCP_STATE_FIN_WAIT_1, TCP_STATE_FIN_WAIT_2);
		return AS_BEFORE;
	case REGULAR_CLOSES_TOO:
	case REGULAR_CLOSES_BOTH:
		count_move(tracker,
			   step == REGULAR_CLOSES_TOO ? TCP_STATE_FIN_WAIT_2 : TCP_STATE_FIN_WAIT_1,
			   TCP_STATE_TIME_WAIT);
		count_move(tracker, TCP_STATE_CLOSE_WAIT, TCP_STATE_LAST_ACK);
		count_close(tracker, CLOSE_HALF_CLOSED, CLOSE_FIN);
		tell_wait(tracker, life, &place->key, true, segment->time, segment->frame);
		return nstime_earlier(patience_from(tracker, segment->time),
				      segment->time + 2 * tracker->rules.msl);
	case REGULAR_ENDS:
		count_move(tracker, TCP_STATE_LAST_ACK, TCP_STATE_CLOSED);
		return life->waits + 2 * tracker->rules.msl;
	default:
		return AS_BEFORE;
	}
}

/* The client's ACK, with which one that is answered begins to grow. Returns what it is now; NULL:
 * it is none. */
static G_GNUC_NO_INLINE FlowRecord *grow(Tracker *tracker, FlowRecord *record,
					 const Segment *segment, const FlowPlace *place)
{
	EmbryoHandshake handshake;
	RegularLife life;

	flow_store_handshake(record, &handshake);
	regular_begin(&life, &handshake);
	if (regular_step(&life, place->sender, segment) == REGULAR_NOT ||
	    !open(tracker, &handshake.memo, segment, place))
		return NULL;
	return flow_store_grow(tracker->store, record, &life);
}

/* Only reports read that of a segment. */
static bool is_cut(const Tracker *tracker, const SegmentEvent *event)
{
	return tracker->memory.keep && event->segment->payload && segment_event_is_cut(event);
}

/* The segment has changed more than the connection's marks. */
static G_GNUC_NO_INLINE void move_on(Tracker *tracker, FlowRecord *record, const Segment *segment,
				     const FlowPlace *place, RegularStep step)
{
	NsTime next = count(tracker, flow_store_life(record), segment, place, step);

	if (step == REGULAR_ENDS) {
		tracker->lived++;
		record = flow_store_seal(tracker->store, record);
	}
	if (next != AS_BEFORE)
		flow_store_arm(tracker->store, record,
			       next == NSTIME_NEVER ? next
						    : MAX(next, clock_now(tracker->clock) + 1));
}

bool regulars_take(Tracker *tracker, FlowRecord *record, const SegmentEvent *event,
		   const FlowPlace *place)
{
	const Segment *segment = event->segment;
	RegularStep step;

	if (clock_now(tracker->clock) > segment->time)
		return false;
	if (!record->grows)
		record = record->sealed ? NULL : grow(tracker, record, segment, place);
	if (!record)
		return false;
	step = flow_store_extend(tracker->store, record, place->sender, segment,
				 is_cut(tracker, event));
	if (step == REGULAR_NOT)
		return false;
	if (step != REGULAR_GOES_ON)
		move_on(tracker, record, segment, place, step);
	return true;
}

/* TIME_WAIT is over; to know of whom, and when its last segment passed, all of them are read.
 * Returns when nothing more is expected of it, 2 MSL after that. */
static NsTime end_wait(Tracker *tracker, FlowRecord *record, NsTime now)
{
	RegularReader reader;
	Embryo embryo;

	flow_store_whole(record, &embryo, &reader);
	while (regular_next(&reader))
		;
	record->over = true;
	count_move(tracker, TCP_STATE_TIME_WAIT, TCP_STATE_CLOSED);
	tell_wait(tracker, &reader.life, &embryo.key, false, now, 0);
	return reader.life.last + 2 * tracker->rules.msl;
}

bool regulars_end(Tracker *tracker, FlowRecord *record, NsTime now)
{
	NsTime gone;

	if (!record->sealed)
		return false;
	gone = record->over ? now : end_wait(tracker, record, now);
	if (gone <= now)
		flow_store_let_embryo_go(tracker->store, record);
	else
		flow_store_arm(tracker->store, record, gone);
	return true;
}
