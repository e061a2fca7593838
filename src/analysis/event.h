/* What the analysis tells its observers: segments, transitions, anomalies. Knows what happened;
 * knows not how it is printed. */
#ifndef WIRESTATE_ANALYSIS_EVENT_H
#define WIRESTATE_ANALYSIS_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/anomaly-kinds.h"
#include "capture/frame.h"
#include "capture/input.h"
#include "decode/fragments.h"
#include "decode/icmp.h"
#include "decode/segment.h"
#include "decode/skip.h"
#include "decode/unwrap.h"
#include "flow/connection.h"
#include "flow/embryo.h"

/* A segment, after it moved the states. Borrowed for the call. */
typedef struct {
	const Frame *captured;  /* the frame that brought it */
	const Frame *frame;     /* its bytes, for the line: @captured, or what was made of that */
	const Segment *segment; /* what they mean */
	Connection *connection; /* whose it is */
	unsigned sender;        /* which end sent it */
	unsigned class;         /* SegmentClass bits, against the marks before it moved them; of a
				   copy none */
	TcpState before[2];     /* each end's state before it; after it: connection_state() */
	bool steady;      /* it only moved on what was known: the states, and what their clocks
			     wait for, are as they were */
	NsTime idle;      /* since the connection's segment before this one; 0 for its first */
	uint64_t looks;   /* copies_expect()'s */
	uint64_t copy_of; /* a segment captured once more: the frame of the first time; else 0 */
	const EmbryoMemo *memo; /* it is told of anew: its connection was no more than its
				   segments, see Observer.embryo; NULL: no. Nothing is raised of it,
				   and when only reports are told there is no class, nor a state
				   before it */
	bool cut;               /* without a frame: what segment_event_is_cut() says of it */
} SegmentEvent;

/* Whether its data were not captured whole. */
static inline bool segment_event_is_cut(const SegmentEvent *event)
{
	const Segment *segment = event->segment;

	if (!event->frame)
		return event->cut;
	return segment->ip_offset + segment->ip_length > event->frame->caplen;
}

/* An ICMP error about a segment of a connection, after it moved the state. Borrowed for the call.
 */
typedef struct {
	const IcmpError *error; /* what it says */
	Connection *connection; /* whose segment it quotes */
	unsigned side;          /* which end sent that, and is told */
	TcpState before;        /* that end's state before it; after it: connection_state() */
} IcmpEvent;

/* A side of a connection that is kept as its segments came into TIME_WAIT, or left it when its time
 * was over. Borrowed for the call. */
typedef struct {
	const FlowKey *key; /* the connection's */
	unsigned client;    /* which end of that the client is */
	unsigned side;      /* and which one waits */
	bool begins;        /* else it is over */
	NsTime time;        /* of the segment, or the clock's */
	uint64_t frame;     /* the segment's; 0: a clock did it */
} TimeWaitEvent;

/* In which part of a connection's life a reset came. */
#define RESET_STAGE_LIST(X)                                                                        \
	X(STAGE_SYN, "syn")                                                                        \
	X(STAGE_HANDSHAKE, "handshake")                                                            \
	X(STAGE_DATA, "data")                                                                      \
	X(STAGE_CLOSE, "close")                                                                    \
	X(STAGE_CLOSED, "closed")

typedef enum {
	RESET_STAGE_LIST(LIST_ENUM_MEMBER) RESET_STAGE_COUNT,
	STAGE_NONE = RESET_STAGE_COUNT, /* it is not about a reset */
} ResetStage;

const char *reset_stage_name(ResetStage stage);

#define ANOMALY_FRAMES_MAX 8
#define ANOMALY_HOSTS_MAX  2
#define ANOMALY_NO_SIDE    2

/* What was raised of single connections before its common cause was known. */
typedef struct {
	AnomalyKind kind;  /* what was raised */
	Severity severity; /* and as what */
	unsigned count;    /* how often */
	NsTime since;      /* the first time */
	Address host;      /* which began each of those connections */
	unsigned number;   /* the connection that it was raised of, of which this is said anew; 0:
			    * several */
} AnomalyFold;

/* Something that is worth a look. Borrowed for the call, message included. */
typedef struct {
	AnomalyKind kind;
	Severity severity;                   /* the kind's own unless the detector knows better */
	Connection *connection;              /* NULL: about a host or the whole capture */
	unsigned side;                       /* which end it is about; ANOMALY_NO_SIDE: neither */
	Endpoint hosts[ANOMALY_HOSTS_MAX];   /* without a connection: the hosts that it is about;
						unused ones have version 0, as all have when it is
						about the whole capture */
	NsTime time;                         /* of the frame, or the timer's deadline */
	uint64_t frame;                      /* at which it was noticed; 0 when a timer did */
	uint64_t frames[ANOMALY_FRAMES_MAX]; /* evidence, in order; unused ones are 0 */
	ResetStage stage;                    /* kinds about a reset: when it came */
	NsTime idle;         /* kinds about a reset: how long nothing had been sent before it */
	const char *message; /* one sentence: why it is thought so, with the numbers */
	const char *hint;    /* what to do; NULL: the kind's own */
	const AnomalyFold *folds; /* what it is the cause of: views that speak at the end leave that
				   * out */
	unsigned fold_count;      /* how many there are */
} Anomaly;

/* One that has a message and folds of its own, for anomaly_clear(). */
Anomaly anomaly_copy(const Anomaly *anomaly);
void anomaly_clear(void *anomaly);

typedef enum {
	CONNECTION_OPENED,  /* it became real and has its number; not told of an embryo */
	CONNECTION_RETIRED, /* both sides have ended and nothing of it is expected any more */
	CONNECTION_EVICTED, /* after that: there are too many, and its memory goes; or it was made
			     * of an embryo to be looked at */
} ConnectionPhase;

/* What is watched only so many of at once: JSON's name for those that were too many, and the words
 * for one. */
#define FORGOTTEN_LIST(X)                                                                          \
	X(FORGOTTEN_HOSTS, "hosts", "host")                                                        \
	X(FORGOTTEN_HANDSHAKES, "handshakes", "handshake")                                         \
	X(FORGOTTEN_LISTENERS, "listeners", "listening endpoint")

typedef enum { FORGOTTEN_LIST(LIST_ENUM_MEMBER) FORGOTTEN_COUNT } Forgotten;

/* "hosts": the key in JSON. */
const char *forgotten_name(Forgotten what);

/* "host": one of them, for people. */
const char *forgotten_text(Forgotten what);

/* Counts over the whole input. */
typedef struct {
	uint64_t frames;                     /* all frames */
	uint64_t segments;                   /* TCP segments among them */
	uint64_t skipped[SKIP_REASON_COUNT]; /* the others, by reason */
	uint64_t unwrapped[UNWRAP_COUNT]; /* frames by what their innermost packet was in; each kind
					     once a frame */
	FragmentCounts fragments;         /* packets that were put together, or not */
	uint64_t wrong_ip, wrong_tcp;     /* segments with a wrong checksum: see checksum_wrong() */
	uint64_t backward;                /* frames whose time lay before an earlier frame's */
	unsigned connections;             /* numbers given */
	NsTime first, last; /* time of the first and of the last frame; @frames tells whether there
			       was one */
	NsTime now;         /* the clock at the end; with --at later than @last */
	uint64_t evicted;   /* connections that were forgotten because there were too many */
	uint64_t forgotten[FORGOTTEN_COUNT]; /* what else was, although it might still have told */
	uint64_t states[TCP_STATE_COUNT]; /* sides in each state now; LISTEN: distinct endpoints */
	uint64_t open[OPEN_KIND_COUNT];   /* connections by how they opened */
	uint64_t close[CLOSE_KIND_COUNT]; /* and closed */
	uint64_t anomalies[ANOMALY_KIND_COUNT]; /* by kind: see anomaly_count() */
	uint64_t severities[SEVERITY_COUNT];    /* the same by severity */
	InputStats input; /* drops of a live capture; whether times have nanoseconds */
} AnalysisTotals;

/* Counts it in @totals, and for its connection. What it takes back of the same connection is not
 * counted any more; what a scan or a probe takes back of several happened, and is. */
void anomaly_count(const Anomaly *anomaly, AnalysisTotals *totals);

typedef struct Observer Observer;

/* A detector or a report: a table of callbacks, the first member of the observer's own structure. A
 * callback may be NULL: not interested. */
struct Observer {
	/* Bytes of zeroed memory that it wants in every connection: observer_slot(). */
	size_t slot_size;
	/* Few connections need it: it is made when observer_slot() is first asked for it, and can
	 * be given back. */
	bool slot_is_rare;
	/* Where they are; set at registration. */
	size_t slot_offset;
	/* Detectors: its number among them; set at registration. */
	unsigned id;
	/* It reads connections at the end: they are kept, with their reports. */
	bool needs_connections;

	/* Detectors: which segments it wants: those with one of these SegmentClass bits, with one
	 * of these TH_* flags (WANTS_ALL: all), and those of connections that it watches. Most
	 * segments carry data on or acknowledge it, and say nothing to most detectors. */
	unsigned wants_classes, wants_flags;
	/* Detectors do not get copies: nobody sent anything. Reports get segments as they come; but
	 * when there is awaits() those of a connection that is kept as its segments not before
	 * somebody asks for it, with a memo and without frames, and perhaps again when somebody
	 * else does. */
	void (*segment)(Observer *observer, const SegmentEvent *event);
	/* Detectors: a SYN has begun a connection of which no more is kept at first. Whatever it
	 * says beyond its own connection is taken now; segment() comes when somebody asks for the
	 * connection, with what is put down in @memo now as event->memo, if at all. */
	void (*embryo)(Observer *observer, const Segment *syn, const FlowPlace *place,
		       EmbryoMemo *memo);
	/* Detectors: the client's ACK has completed the handshake of an embryo, and no more is kept
	 * of it still. Whatever it says beyond its own connection is taken now. False: it is not
	 * regular after all, and nobody has taken anything: who may say so is asked first. Nobody
	 * is asked when anything was marked in the memo; none is kept from now on. */
	bool (*opened)(Observer *observer, const Segment *ack, const FlowPlace *place,
		       const EmbryoMemo *memo);
	/* Detectors: of such a connection one side waits in TIME_WAIT, or does not any more. What
	 * Transition says of that when somebody asks for the connection is said anew. */
	void (*waits)(Observer *observer, const TimeWaitEvent *event);
	/* Detectors: a segment that was captured once more. */
	void (*copy)(Observer *observer, const SegmentEvent *event);
	/* Detectors: which transitions they want: those into and out of one of these states, a
	 * STATE_BIT() for each. Both 0: all. */
	unsigned wants_enter, wants_leave;
	void (*transition)(Observer *observer, const Transition *transition);
	/* Reports: whether a connection with this key must be told of as it comes. With this a
	 * report has connection(), but no transition(). */
	bool (*awaits)(Observer *observer, const FlowKey *key);
	void (*anomaly)(Observer *observer, const Anomaly *anomaly);
	void (*connection)(Observer *observer, Connection *connection, ConnectionPhase phase);
	/* A frame that is no segment. */
	void (*skipped)(Observer *observer, const Frame *frame, SkipReason reason);
	/* An ICMP error that is about a connection; it comes after skipped(). */
	void (*icmp)(Observer *observer, const IcmpEvent *event);
	/* Detectors: raises what the clock makes due for @connection at @now, and returns when it
	 * wants to be asked again (NSTIME_NEVER: not before something happens). Asked after each
	 * segment of the connection and at each deadline, while it is in observer_time(). */
	NsTime (*due)(Observer *observer, Connection *connection, NsTime now);
	/* Detectors: of a connection that is kept as its segments due() has nothing to raise before
	 * a side has been in one state for so long; 0: it never has. */
	NsTime patience;
	/* Detectors: called when the clock comes to @alarm, with the alarm's own time; sets it
	 * anew. NSTIME_NEVER: there is none. */
	NsTime alarm;
	void (*rings)(Observer *observer, NsTime now);
	/* After the last frame. Detectors come first and may still raise. */
	void (*finish)(Observer *observer, const AnalysisTotals *totals);
	void (*free)(Observer *observer);
};

/* In Observer.wants_enter and wants_leave. */
#define STATE_BIT(state) (1u << (state))

/* In Observer.wants_flags, beyond those of a segment. */
#define WANTS_ALL 0x10000u

/* How many detectors there may be. */
#define DETECTORS_MAX 16

/* The analysis's own part of every connection's slots, at their beginning: a bit for each detector,
 * by its id. */
typedef struct {
	uint16_t watched; /* it wants every segment of the connection */
	uint16_t timed;   /* it is asked what is due */
	uint16_t awaited; /* it wants to see the connection at the end */
} ConnectionInterest;

static inline ConnectionInterest *connection_interest(const Connection *connection)
{
	return (ConnectionInterest *)connection->slots;
}

/* Detectors: from the next segment on it gets every one of the connection, or no more than it wants
 * of all. */
static inline void observer_watch(const Observer *observer, const Connection *connection, bool on)
{
	uint16_t bit = (uint16_t)(1u << observer->id);
	uint16_t *watched = &connection_interest(connection)->watched;

	*watched = (uint16_t)(on ? *watched | bit : *watched & ~bit);
}

/* Detectors: whether due() is asked for the connection. */
static inline void observer_time(const Observer *observer, const Connection *connection, bool on)
{
	uint16_t bit = (uint16_t)(1u << observer->id);
	uint16_t *timed = &connection_interest(connection)->timed;

	*timed = (uint16_t)(on ? *timed | bit : *timed & ~bit);
}

/* Detectors: whether analysis_each_awaited() comes to the connection. Others may await it, too. */
static inline void observer_await(const Observer *observer, Connection *connection, bool on)
{
	uint16_t bit = (uint16_t)(1u << observer->id);
	uint16_t *awaited = &connection_interest(connection)->awaited;

	*awaited = (uint16_t)(on ? *awaited | bit : *awaited & ~bit);
	connection->record.awaited = *awaited != 0;
}

/* Frees an Observer, by its own free() if it has one. */
void observer_free(void *observer);

/* The observer's own memory in a connection, zeroed when it was made. */
static inline void *observer_slot(const Observer *observer, Connection *connection)
{
	if (observer->slot_is_rare)
		return connection_extra(connection, observer->id, observer->slot_size);
	return (char *)connection->slots + observer->slot_offset;
}

/* The same of a slot that is rare, or NULL when it was not needed yet: it would be all zero. */
static inline void *observer_slot_if_there(const Observer *observer, const Connection *connection)
{
	return connection->extras ? connection_extra_find(connection, observer->id) : NULL;
}

/* Gives a rare slot back. */
static inline void observer_slot_drop(const Observer *observer, Connection *connection)
{
	if (connection->extras)
		connection_extra_drop(connection, observer->id);
}

#endif
