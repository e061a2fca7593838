/* The connections over time: which one a segment belongs to, when one begins, when one is
 * forgotten. Knows incarnations and their timers; knows no observer. */
#ifndef WIRESTATE_ANALYSIS_TRACKER_H
#define WIRESTATE_ANALYSIS_TRACKER_H

#include "analysis/event.h"
#include "flow/flow-store.h"

typedef struct Tracker Tracker;

/* Whom the tracker tells. All are called with @data. */
typedef struct {
	void *data;
	/* A state has changed; borrowed for the call. */
	void (*transition)(void *data, const Transition *transition);
	/* A connection became real, or nothing more of it is expected. */
	void (*phase)(void *data, Connection *connection, ConnectionPhase phase);
	/* Whether reports have to be told of a connection with this key from its beginning on. */
	bool (*awaits)(void *data, const FlowKey *key);
	/* A SYN has begun a connection and is all that is kept of it: observers' memos are put into
	 * @memo. */
	void (*embryo)(void *data, const Segment *syn, const FlowPlace *place, EmbryoMemo *memo);
	/* Its SYN-ACK has followed and is kept, too. */
	void (*answered)(void *data, const Segment *syn_ack);
	/* The client's ACK has completed the handshake. False: that is not all; nobody was told. */
	bool (*opened)(void *data, const Segment *ack, const FlowPlace *place,
		       const EmbryoMemo *memo);
	/* One side of what is kept so waits in TIME_WAIT, or does not any more. */
	void (*waits)(void *data, const TimeWaitEvent *event);
	/* Somebody asks for it: a transition of its, which was counted before. */
	void (*anew)(void *data, const Transition *transition);
	/* After that: @event (NULL: a clock) has moved it once more, and its transitions have been
	 * told; observers fill in their memory. */
	void (*hatched)(void *data, const SegmentEvent *event);
	/* The same, for reports alone: they read it, and it goes again. */
	void (*reread)(void *data, const SegmentEvent *event);
	/* A clock has moved a connection, and its transitions have been told. */
	void (*fired)(void *data);
	/* Asks for what else is due for a connection at @now, and when to ask again. */
	NsTime (*due)(void *data, Connection *connection, NsTime now);
	/* All that the clock does at this moment is done. */
	void (*done)(void *data);
} TrackerHooks;

/* @totals is borrowed and kept true: connections, states, open and close kinds, now. */
Tracker *tracker_new(NsTime msl, const TrackerHooks *hooks, AnalysisTotals *totals);
void tracker_free(Tracker *tracker);

/* How connections are kept. All zero but @slots_size is what a view wants that asks for none. */
typedef struct {
	size_t slots_size; /* bytes of observers' memory in each */
	bool keep;         /* all of them to the end, with what reports want of them */
	unsigned max;      /* how many may be in memory; beyond that the one that has been idle for
			      longest goes; 0: any number */
	bool embryos;      /* one that begins with a SYN is kept as its segments for as long as its
			      life is the regular one: these and its transitions are not told of
			      then */
	NsTime patience;   /* hooks.due() has nothing to say of those before a side has been in a
			      state for so long */
	bool eager;        /* see flow-store.h */
} TrackerMemory;

/* Before the first segment. */
void tracker_reserve(Tracker *tracker, const TrackerMemory *memory);

/* Between segments: puts what rests into its smaller form, and lets go what is too many. The first
 * step of tracker_segment() and tracker_icmp(). */
void tracker_settle(Tracker *tracker);

/* Capture time; see clock.h. */
void tracker_advance(Tracker *tracker, NsTime now);

/* The segment is going to be tracked soon, those before it first: has the memory bring what will be
 * needed of its connection, in two steps, the second some time after the first. Neither changes
 * anything. */
void tracker_expect(const Tracker *tracker, const FlowPlace *place);
void tracker_expect_next(const Tracker *tracker, const FlowPlace *place);

/* What is to be event->looks; @frame is decode_packet()'s. It belongs to the first step. */
uint64_t tracker_looks(const Tracker *tracker, const FlowPlace *place, const Frame *frame,
		       const Segment *segment);

/* Finds the incarnation that event->segment belongs to, or begins one, and moves it. @place is
 * flow_place()'s. Fills in the connection, the sender, the class and the states before. Of a
 * segment that is kept in an embryo there is no connection: NULL, and no more to be done. */
void tracker_segment(Tracker *tracker, SegmentEvent *event, const FlowPlace *place);

/* Finds the connection whose segment event->error quotes and moves it; fills in the rest. False,
 * with nothing moved, when there is none. */
bool tracker_icmp(Tracker *tracker, IcmpEvent *event);

/* Arms the connection's one timer for the nearest thing that a clock will do to it. The connection
 * is there until the next call that moves the clock or a segment. */
void tracker_arm(Tracker *tracker, Connection *connection);

/* Lends connections for reading: flow_store_read(). */
void tracker_read(Tracker *tracker, const unsigned *numbers, size_t count, ConnectionVisit visit,
		  void *data);

/* Lends those that are not forgotten to @visit, in the order of their numbers. */
void tracker_each(Tracker *tracker, const FlowVisit *visit);

#endif
