/* One incarnation of a 4-tuple: two sides, and time. Knows when states end by a clock; knows no
 * other connection.
 *
 * The only place where a side's state is written is connection_settle(), which also reports the
 * transition. */
#ifndef WIRESTATE_FLOW_CONNECTION_H
#define WIRESTATE_FLOW_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/listmacro.h"
#include "base/pool.h"
#include "decode/icmp.h"
#include "flow/flow-key.h"
#include "flow/flow-record.h"
#include "tcp/classify.h"
#include "tcp/side.h"

/* How a connection opened; see CONTRACT in wirestate(1). */
#define OPEN_KIND_LIST(X)                                                                          \
	X(OPEN_HANDSHAKE, "handshake", "SYN, SYN-ACK, ACK")                                        \
	X(OPEN_SIMULTANEOUS, "simultaneous", "both sides sent a SYN")                              \
	X(OPEN_FAST_OPEN, "fast-open", "data in the SYN was accepted")                             \
	X(OPEN_MIDSTREAM, "midstream", "the capture begins after the SYN")                         \
	X(OPEN_REFUSED, "refused", "the SYN was answered by a RST")                                \
	X(OPEN_UNANSWERED, "unanswered", "the SYN was not answered")                               \
	X(OPEN_INCOMPLETE, "incomplete", "the SYN-ACK was not acknowledged")

typedef enum { OPEN_KIND_LIST(LIST_ENUM_MEMBER) OPEN_KIND_COUNT } OpenKind;

#define CLOSE_KIND_LIST(X)                                                                         \
	X(CLOSE_NONE, "none", "still open, or never was")                                          \
	X(CLOSE_FIN, "fin", "both sides sent a FIN, one after the other")                          \
	X(CLOSE_SIMULTANEOUS, "simultaneous", "the FINs of both sides crossed")                    \
	X(CLOSE_RESET, "reset", "a RST ended it")                                                  \
	X(CLOSE_HALF_CLOSED, "half-closed", "one side sent a FIN")

typedef enum { CLOSE_KIND_LIST(LIST_ENUM_MEMBER) CLOSE_KIND_COUNT } CloseKind;

const char *open_kind_name(OpenKind kind);
const char *close_kind_name(CloseKind kind);

/* Why we think that a transition happened; see wirestate(1). */
#define BASIS_LIST(X)                                                                              \
	X(BASIS_OBSERVED, "observed")                                                              \
	X(BASIS_ASSUMED, "assumed")                                                                \
	X(BASIS_TIMER, "timer")                                                                    \
	X(BASIS_REVISED, "revised")

typedef enum { BASIS_LIST(LIST_ENUM_MEMBER) BASIS_COUNT } Basis;

const char *basis_name(Basis basis);

/* What caused a transition, and the sentence that says so (JSON's reason). */
#define CAUSE_LIST(X)                                                                              \
	X(CAUSE_SYN_SENT, "it sent a SYN")                                                         \
	X(CAUSE_SYN_ARRIVED, "the peer's SYN is on its way to it")                                 \
	X(CAUSE_SYN_ACK_SENT, "it answered the SYN")                                               \
	X(CAUSE_SYN_ACK_ARRIVED, "the SYN-ACK is on its way to it")                                \
	X(CAUSE_ACK_ARRIVED, "the ACK of its SYN is on its way to it")                             \
	X(CAUSE_SPOKE, "it sent a segment that only a synchronised side sends")                    \
	X(CAUSE_SPOKEN_TO, "its peer acknowledges it: it must exist")                              \
	X(CAUSE_FIN_SENT, "it sent a FIN")                                                         \
	X(CAUSE_FIN_ARRIVED, "the peer's FIN is on its way to it")                                 \
	X(CAUSE_FIN_ACKED, "the ACK of its FIN is on its way to it")                               \
	X(CAUSE_FIN_SHOWN, "it acknowledged the peer's FIN")                                       \
	X(CAUSE_RST_SENT, "it sent a RST")                                                         \
	X(CAUSE_RST_ARRIVED, "a RST with the number it expects is on its way to it")               \
	X(CAUSE_ICMP_ARRIVED, "an ICMP error about its SYN is on its way to it")                   \
	X(CAUSE_REPLACED, "a new connection took over its addresses and ports")                    \
	X(CAUSE_TIME_WAIT_OVER, "2 MSL have passed in TIME_WAIT")                                  \
	X(CAUSE_HANDSHAKE_OVER, "64 s have passed since its last segment of the handshake")        \
	X(CAUSE_SYN_ACK_QUIET,                                                                     \
	  "it stopped repeating its SYN-ACK, so the ACK must have reached it")                     \
	X(CAUSE_FIN_QUIET, "it stopped repeating its FIN, so the ACK must have reached it")        \
	X(CAUSE_SYN_ACK_GAVE_UP, "it repeated its SYN-ACK as often as it does, and gave up")       \
	X(CAUSE_SYN_REPEATED, "it sent its SYN again: the SYN-ACK had not reached it")             \
	X(CAUSE_SYN_ACK_REPEATED, "it sent its SYN-ACK again: the ACK had not reached it")         \
	X(CAUSE_FIN_REPEATED, "it sent its FIN again: the ACK had not reached it")                 \
	X(CAUSE_PEER_FIN_REPEATED,                                                                 \
	  "the peer had to send its FIN again: the first had not reached it")                      \
	X(CAUSE_FIN_NOT_COVERED,                                                                   \
	  "it acknowledges less than the peer's FIN: it has not received it")                      \
	X(CAUSE_FIN_CROSSED, "its own FIN does not acknowledge the peer's: the two crossed")       \
	X(CAUSE_TRIES_AGAIN, "it goes on with its handshake: it had not given up")                 \
	X(CAUSE_GOES_ON, "it goes on: what seemed to end it did not reach it, or was not its own") \
	X(CAUSE_EVIDENCE, "its own segments say so")

typedef enum { CAUSE_LIST(LIST_ENUM_MEMBER) CAUSE_COUNT } Cause;

const char *cause_text(Cause cause);

typedef struct Connection Connection;

/* Called with @data for a connection that is lent for the call. */
typedef void (*ConnectionVisit)(void *data, const Connection *connection);

/* A change of one side's state. Borrowed for the call. */
typedef struct {
	Connection *connection;
	unsigned side; /* index; connection_is_client() names it */
	TcpState from, to;
	TcpState counted; /* the state that the side was counted in until now; @from but for its
			     first transition */
	Basis basis;
	Cause cause;
	uint64_t frame; /* 0 when a timer did it */
	NsTime time;    /* of the frame, or the timer's own deadline */
	NsTime since;   /* when it had come into @from; 0: it had been in no state */
	bool anew;      /* it was counted before, and is told of anew: see SegmentEvent.memo */
} Transition;

/* What only reports need: kept when an observer said that it needs connections at the end. */
typedef struct {
	uint64_t packets[2],
		bytes[2];     /* segments and payload sent by each side, repeats included */
	uint64_t anomalies;   /* a bit for each AnomalyKind that was raised */
	NsTime handshake_rtt; /* from the SYN to the ACK, or -1 */
	uint64_t first_frame; /* of its first segment */
	NsTime last;          /* time of the last segment that is counted here */
	NsTime last_before;   /* what @last was before that */
} ConnectionReport;

/* What the segments of which most of a connection consists read and write lies together, at the
 * beginning and from @rtt on into the slots; what they do not, in between. */
struct Connection {
	FlowRecord record;    /* first: how the store and the clock know it */
	FlowKey key;          /* embedded as the table's key */
	unsigned number;      /* from 1, in the order in which connections become real */
	unsigned place;       /* the store's: where it stands among those awake */
	bool self : 1;        /* one socket connected to itself: only side[0] is used */
	bool present : 1;     /* the table's: it is the present incarnation of its key */
	bool touched : 1;     /* the store's: it had a segment since it was looked at */
	bool retired : 1;     /* it is no longer in the table */
	bool reset_ended : 1; /* a RST ended a side that was more than a SYN and less than TIME_WAIT
			       */
	bool first_sender : 1;        /* which end of the key sent the first segment captured; never
					 changes */
	bool client : 1;              /* which end is the client */
	uint16_t rtt_known : 2;       /* a bit for each side: rtt is valid */
	uint16_t open : 3, close : 3; /* OpenKind, CloseKind as far as they are known */
	uint8_t syn_acks[2];      /* how often each side sent its SYN-ACK again after the peer had
				     acknowledged it */
	uint8_t syn_ack_tries[2]; /* how often each side sent its SYN-ACK again at all */
	Segment *provisional; /* a SYN or SYN-ACK with another number whose answer is still to come;
				 NULL: none. Owned */
	Connection *previous; /* the incarnation before, while stray segments of it may come; NULL:
				 none. Owned by the table */
	ConnectionReport *report; /* NULL unless an observer asked. Owned */
	NsTime last;              /* time of its last segment */

	struct ConnectionExtra
		*extras;    /* memory that only few connections need, connection_extra()'s. Owned */
	NsTime first;       /* time of its first segment */
	NsTime since[2];    /* when each side came into its present state; 0: it has had none */
	NsTime provoked[2]; /* when last something was on its way to each side that it answers with
			       its ACK as it is; 0: never */
	NsTime wait_from[2]; /* where TIME_WAIT's clock began anew, or when the last SYN-ACK was
				sent */
	NsTime syn_ack_gap;  /* between the last two SYN-ACKs */

	NsTime rtt[2]; /* from the tap to that side and back, the shortest seen; see rtt_known */
	NsTime last_sent[2]; /* when each side sent its last segment; 0: never */
	NsTime last_new[2];  /* when each side last sent numbers that it had not used; 0: never */
	NsTime last_text[2][2]; /* when each side last sent what takes up numbers, repeats included,
				   and the time before; 0: never */
	NsTime last_payload[2]; /* when each side last sent data that was new; 0: never */
	TcpSide side[2];        /* indexed as the key's ends are; connection_side() for a
				   self-connect */
	uint64_t slots[];       /* observers' memory, see observer_slot() */
};

/* Who has to know of a transition: analysis. */
typedef void (*TransitionSink)(void *data, const Transition *transition);

/* The clocks of the model. */
typedef struct {
	NsTime msl;          /* --msl: TIME_WAIT lasts two of them */
	TransitionSink sink; /* called for each transition, in order */
	void *data;          /* for @sink */
} ConnectionRules;

/* How long SYN_SENT and SYN_RCVD are kept after the side's last segment: Linux's last wait for
 * either. */
#define CONNECTION_HANDSHAKE_PATIENCE (64 * NSTIME_SECOND)

/* The side at an end of the key: the same for both ends of a self-connect. */
static inline TcpSide *connection_side(const Connection *connection, unsigned end)
{
	return (TcpSide *)&connection->side[connection->self ? 0 : end];
}

static inline bool connection_is_client(const Connection *connection, unsigned end)
{
	return end == connection->client;
}

/* "client" or "server". */
static inline const char *connection_side_name(const Connection *connection, unsigned end)
{
	return connection_is_client(connection, end) ? "client" : "server";
}

static inline TcpState connection_state(const Connection *connection, unsigned end)
{
	return connection_side(connection, end)->state;
}

/* When the end came into its present state. */
static inline NsTime connection_since(const Connection *connection, unsigned end)
{
	return connection->since[connection->self ? 0 : end];
}

/* Whether the side's state has been shown by the side itself and does not rest on an assumption. */
bool connection_state_proven(const Connection *connection, unsigned end);

/* Time of its last segment, without those that turned out to be another connection's if it has a
 * report. */
static inline NsTime connection_last(const Connection *connection)
{
	return connection->report ? connection->report->last : connection->last;
}

/* Makes a new incarnation in memory that has room for @slots_size bytes behind it, which are
 * zeroed: for observers, and for the store. */
void connection_init(Connection *connection, const FlowKey *key, unsigned sender,
		     const Segment *segment, size_t slots_size);

/* The same in a piece of @pool: all of that which follows is room. */
Connection *connection_new(Pool *pool, const FlowKey *key, unsigned sender, const Segment *segment,
			   bool with_report);

/* Gives it a report, of a connection that begins with @segment, before that moves anything: in
 * @room, which stays the caller's, who takes it away before the connection is cleared; NULL: in
 * memory of its own. */
void connection_begin_report(Connection *connection, const Segment *segment,
			     ConnectionReport *room);

/* Frees what the connection owns. */
void connection_clear(Connection *connection);

/* The same, and gives the piece back. Accepts NULL. */
void connection_free(Pool *pool, Connection *connection);

/* Memory for what few connections need, a piece for each @owner; it lives as long as the connection
 * at most. connection_extra() makes @size zeroed bytes unless they are there;
 * connection_extra_find() returns NULL then; connection_extra_drop() frees them if they are. */
void *connection_extra(Connection *connection, unsigned owner, size_t size);
void *connection_extra_find(const Connection *connection, unsigned owner);
void connection_extra_drop(Connection *connection, unsigned owner);

/* The body of the inference: marks of the sender move, its state settles; marks of the receiver
 * move, its state settles.
 * @class is classify_segment()'s; returned is that with what time has to say of it
 * (SEGMENT_ANSWERS). */
unsigned connection_segment(Connection *connection, unsigned sender, const Segment *segment,
			    unsigned class, const ConnectionRules *rules);

/* The same, at less expense, for a segment that belongs to this incarnation without doubt, changes
 * no state and says nothing new of how the connection opened or closes. Its class; or 0, with
 * nothing moved, when it is none of these. */
unsigned connection_steady(Connection *connection, unsigned sender, const Segment *segment);

/* An ICMP error is on its way to the side at @end, about a segment that it sent. Linux,
 * tcp_v4_err() and tcp_v6_err(): every error but that the packet was too big ends SYN_SENT when it
 * is about the SYN; a request in SYN_RCVD is ended by fewer. */
void connection_icmp(Connection *connection, unsigned end, const IcmpError *error,
		     const ConnectionRules *rules);

/* Takes note of a segment that moves no mark: a SYN that is provisional. */
void connection_stray(Connection *connection, unsigned sender, const Segment *segment);

/* The provisional @segment, of which note was taken last, is another connection's: it is not
 * counted here. */
void connection_unstray(Connection *connection, unsigned sender, const Segment *segment);

/* Ends both sides at once: a new incarnation has taken over, as @segment shows. */
void connection_replace(Connection *connection, const Segment *segment,
			const ConnectionRules *rules);

/* What the clock ends at @now (TIME_WAIT, an unfinished handshake). */
void connection_expire(Connection *connection, NsTime now, const ConnectionRules *rules);

/* When connection_expire() has something to do next; NSTIME_NEVER when nothing. */
NsTime connection_deadline(const Connection *connection, const ConnectionRules *rules);

/* Both sides have ended, or one has and nothing was ever seen of the other: a SYN begins a new
 * incarnation. */
bool connection_is_over(const Connection *connection);

/* Both are in ESTABLISHED, and a segment passed a short time before @now: more is to be expected
 * soon. */
bool connection_goes_on(const Connection *connection, NsTime now);

#endif
