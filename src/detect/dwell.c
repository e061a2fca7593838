/* States in which a side stays too long. Knows how long each may last; knows no segment.
 *
 * RFC 9293 gives no state but TIME_WAIT a limit of its own: a side waits for its peer or for its
 * program for as long as it takes. So one table says how long is too long. A connection in which
 * new data flows, in either direction, is not stuck, whatever its states: half-closed connections
 * live in FIN_WAIT_2 and CLOSE_WAIT and may do so for hours. The clock raises these, at the
 * deadline: no frame shows that nothing happens. */
#include "detect/detect.h"
#include "detect/raise.h"
#include "detect/recall.h"
#include "detect/scan.h"

typedef struct {
	AnomalyKind kind; /* what staying is called */
	NsTime limit;     /* how long is too long; 0: as --stuck says */
	const char *lack; /* what it lacks, completing "the server has been in STATE for 60 s: " */
	const char *lost; /* what may be among the segments that the capture lacks */
} Dwell;

/* States without a row may last: LISTEN and ESTABLISHED for ever, TIME_WAIT and SYN_SENT by clocks
 * of their own. */
/* clang-format off */
static const Dwell limits[TCP_STATE_COUNT] = {
	[TCP_STATE_SYN_RCVD]   = { ANOMALY_STUCK_SYN_RCVD, 0, "the ACK of its SYN-ACK has not reached it", "that ACK" },
	[TCP_STATE_CLOSE_WAIT] = { ANOMALY_STUCK_CLOSE_WAIT, 0, "it has the peer's FIN and has not sent its own", "its FIN" },
	[TCP_STATE_FIN_WAIT_1] = { ANOMALY_STUCK_FIN_WAIT_1, 0, "its FIN is not acknowledged", "the ACK" },
	[TCP_STATE_FIN_WAIT_2] = { ANOMALY_STUCK_FIN_WAIT_2, 0, "its FIN is acknowledged and the peer has not sent one", "that FIN" },
	[TCP_STATE_CLOSING]    = { ANOMALY_STUCK_CLOSING, 0, "both have sent a FIN and its own is not acknowledged", "the ACK" },
	[TCP_STATE_LAST_ACK]   = { ANOMALY_STUCK_LAST_ACK, 0, "its FIN, the second, is not acknowledged", "the ACK" },
};
/* clang-format on */

typedef struct {
	Observer observer;   /* first: it is one */
	Analysis *analysis;  /* where anomalies go */
	HostDetectors hosts; /* who knows of hosts and frames */
} DwellDetector;

static const Dwell *dwell_of(TcpState state)
{
	return limits[state].lack ? &limits[state] : NULL;
}

/* Since when nothing has happened that would speak for the connection. */
static NsTime quiet_since(const Connection *connection, unsigned side)
{
	NsTime since = connection_since(connection, side);

	/* Where no data passed there is 0, which is later than any time before 1970. */
	for (unsigned end = 0; end < 2; end++)
		if (connection->last_payload[end])
			since = MAX(since, connection->last_payload[end]);
	return since;
}

/* Whether what keeps the side in its state is told otherwise: by its peer's state, or as a
 * handshake whose ACK is ignored. */
static bool is_consequence(const Connection *connection, unsigned side)
{
	TcpState other = connection_state(connection, detect_peer(side));

	switch (connection_state(connection, side)) {
	case TCP_STATE_SYN_RCVD:
		return connection_side(connection, side)->held;
	case TCP_STATE_FIN_WAIT_2:
		return other == TCP_STATE_CLOSE_WAIT;
	case TCP_STATE_CLOSE_WAIT:
		/* The FIN has passed and is not acknowledged: it may never have arrived. */
		return other == TCP_STATE_FIN_WAIT_1;
	default:
		return false;
	}
}

/* Whether the side waits for the ACK of a FIN that it does not send again, as every TCP does that
 * has none (RFC 9293 3.8.1): either it is gone, or it has that ACK. */
static bool is_silent_about_fin(const Connection *connection, unsigned side)
{
	TcpState state = connection_state(connection, side);

	return (state == TCP_STATE_FIN_WAIT_1 || state == TCP_STATE_CLOSING ||
		state == TCP_STATE_LAST_ACK) &&
	       !connection_side(connection, side)->fin_again;
}

static void raise_stuck(DwellDetector *detector, Connection *connection, unsigned side,
			const Dwell *dwell, NsTime deadline)
{
	const Observer *recall = detector->hosts.recall;
	const Recall *known = recall_of(recall, connection);
	NsTime since = connection_since(connection, side), quiet = quiet_since(connection, side);
	Anomaly anomaly = detect_later(connection, dwell->kind, side, deadline);
	bool gap = recall_has(known, MARK_GAP);

	if (gap || is_consequence(connection, side))
		anomaly.severity = SEVERITY_INFO;
	detect_evidence(&anomaly, recall_frame(recall, known->entered[side]));
	detect_raise(detector->analysis, anomaly, "%s has been in %s for %s%s%s: %s%s%s%s",
		     detect_side(connection, side).text,
		     tcp_state_name(connection_state(connection, side)),
		     detect_span(deadline - since).text,
		     quiet > since ? ", without data for the last " : "",
		     quiet > since ? detect_span(deadline - quiet).text : "", dwell->lack,
		     !gap && is_silent_about_fin(connection, side)
			     ? ", and was not sent again: the capture may lack the ACK"
			     : "",
		     gap ? "; the capture lacks segments of this connection, and may lack " : "",
		     gap ? dwell->lost : "");
}

/* When @side is to be looked at again, after raising what is due at @now. */
static NsTime side_due(DwellDetector *detector, Connection *connection, unsigned side, NsTime now)
{
	Recall *recall = recall_of(detector->hosts.recall, connection);
	const Dwell *dwell = dwell_of(connection_state(connection, side));
	NsTime deadline;

	/* What a half that was not captured does not do cannot be told: neither its own, nor the
	 * peer's, on which all but CLOSE_WAIT wait. */
	if (!dwell || recall_has(recall, MARK_STUCK_SIDES + side) ||
	    !connection_side(connection, side)->seen ||
	    (!connection_side(connection, detect_peer(side))->seen &&
	     connection_state(connection, side) != TCP_STATE_CLOSE_WAIT))
		return NSTIME_NEVER;
	deadline = quiet_since(connection, side) +
		   (dwell->limit ? dwell->limit : analysis_options(detector->analysis)->stuck);
	if (deadline > now)
		return deadline;
	recall_mark(recall, MARK_STUCK_SIDES + side);
	if (dwell->kind != ANOMALY_STUCK_SYN_RCVD ||
	    !scan_is_flooded(detector->hosts.scan, connection))
		raise_stuck(detector, connection, side, dwell, deadline);
	return NSTIME_NEVER;
}

static NsTime dwell_due(Observer *observer, Connection *connection, NsTime now)
{
	NsTime first = side_due((DwellDetector *)observer, connection, 0, now);

	if (connection->self)
		return first;
	return nstime_earlier(first, side_due((DwellDetector *)observer, connection, 1, now));
}

static void dwell_transition(Observer *observer, const Transition *transition)
{
	DwellDetector *detector = (DwellDetector *)observer;
	Connection *connection = transition->connection;

	recall_unmark(recall_of(detector->hosts.recall, connection),
		      MARK_STUCK_SIDES + transition->side);
	observer_time(observer, connection,
		      dwell_of(connection_state(connection, 0)) ||
			      dwell_of(connection_state(connection, 1)));
}

static void dwell_free(Observer *observer)
{
	g_free(observer);
}

Observer *detect_dwell_new(Analysis *analysis, const HostDetectors *hosts)
{
	DwellDetector *detector = g_new(DwellDetector, 1);
	unsigned limited = 0;

	for (TcpState state = 0; state < TCP_STATE_COUNT; state++)
		if (dwell_of(state))
			limited |= STATE_BIT(state);
	*detector = (DwellDetector){
		.observer = {
			.wants_enter = limited,
			.wants_leave = limited,
			.transition = dwell_transition,
			.due = dwell_due,
			.patience = analysis_options(analysis)->stuck,
			.free = dwell_free,
		},
		.analysis = analysis,
		.hosts = *hosts,
	};
	return &detector->observer;
}
