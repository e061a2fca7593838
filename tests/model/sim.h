/* A simulation: two ends, a net and a tap between them, and what has failed to hold. */
#ifndef WIRESTATE_TESTS_MODEL_SIM_H
#define WIRESTATE_TESTS_MODEL_SIM_H

#include <glib.h>

#include "analysis/tracker.h"
#include "end.h"

#define EVENTS_MAX 512
#define MILLI      1000 /* microseconds */

/* What the net does to segments. */
typedef enum {
	NET_CLEAN,  /* it only delays */
	NET_LOSSY,  /* and loses, on either side of the tap; the order is kept */
	NET_UNRULY, /* and duplicates, and lets segments overtake each other */
	NET_COUNT
} Net;

typedef enum {
	EVENT_TAP,     /* a segment passes the tap */
	EVENT_ARRIVAL, /* it reaches the other end */
	EVENT_ACTION,  /* an application does something */
} EventType;

typedef struct {
	int64_t time;   /* microseconds */
	unsigned order; /* of creation, among equal times */
	EventType type;
	unsigned end;    /* whose segment or application it is */
	unsigned action; /* EVENT_ACTION: index into actions[] */
	Segment segment;
	TcpState sent_in; /* the sender's state when it had sent it */
} Event;

/* How often a mark was held against the truth in all simulations of one net, and how often what is
 * assumed was behind it. */
typedef struct {
	uint64_t marks, behind;
	uint64_t steady; /* segments that went the short way */
} Tally;

/* Of so many marks one may be behind. */
#define BEHIND_SHARE 200

typedef struct {
	uint32_t seed;
	GRand *rand;
	GRand *other; /* for what only the checks choose: no check changes what happens */
	Net net;
	Tally *tally;
	End ends[2]; /* 0 connects */
	Event events[EVENTS_MAX];
	unsigned event_count, orders;
	int64_t now;
	int64_t delay[2];                     /* from each end to the tap, and from the tap to it */
	int64_t last_tap[2], last_arrival[2]; /* order is kept unless the net is unruly */
	unsigned in_flight[2];                /* segments of each end on their way to the tap */
	unsigned lost_order[2]; /* of the last segment of that end that was lost before the tap */
	unsigned told_order[2]; /* of its last one that passed */
	bool fin_untold[2];     /* the first copy of its FIN was lost before the tap */
	unsigned aborts;        /* RSTs sent: when they are lost, nothing repairs it */
	Tracker *tracker;
	AnalysisTotals totals;
	Connection *connection; /* the one that the tap sees; NULL before its first segment */
	uint64_t frames;
	GString *log; /* the scenario */
	int64_t log_time;
	const char *failed; /* what did not hold */
} Sim;

/* Whether what is known at the tap holds against both ends, after @event, a segment of @end, has
 * passed it. */
void sim_check(Sim *sim, unsigned end, const Event *event);

/* Before @segment of @end passes it: the short way through it comes to what the long one comes to.
 */
void sim_check_short_way(Sim *sim, const Segment *segment, unsigned end);

/* The same of the states when nothing is on its way any more. */
void sim_check_end(Sim *sim);

#endif
