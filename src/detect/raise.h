/* What all detectors share: how an anomaly and its sentence are put together. Knows words and
 * numbers; knows no rule of TCP. */
#ifndef WIRESTATE_DETECT_RAISE_H
#define WIRESTATE_DETECT_RAISE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "analysis/analysis.h"
#include "base/address.h"

/* Text by value, so that it can be made in the middle of an argument list: it lives until the end
 * of the full expression. */
typedef struct {
	char text[ENDPOINT_TEXT_MAX + 16]; /* with its NUL */
} DetectText;

/* "the server (192.0.2.2:80)". */
DetectText detect_side(const Connection *connection, unsigned end);

/* "server": the same without the address, for the second time in a sentence. */
static inline const char *detect_role(const Connection *connection, unsigned end)
{
	return connection_side_name(connection, end);
}

/* A length of time for people: "7200 s", "1.02 s", "40 ms", "85 us"; digits are cut, not rounded.
 */
DetectText detect_span(NsTime span);

/* An anomaly of @kind about @side that the segment at hand shows: its time, its frame and its frame
 * as evidence are filled in, the severity is the kind's own. */
Anomaly detect_at(const SegmentEvent *event, AnomalyKind kind, unsigned side);

/* One that the clock or the end of the capture shows: it has no frame of its own. @connection may
 * be NULL, @side ANOMALY_NO_SIDE. */
Anomaly detect_later(Connection *connection, AnomalyKind kind, unsigned side, NsTime time);

/* Adds a frame to the evidence, which stays in order and without repeats. Frame 0 is none, and what
 * is more than ANOMALY_FRAMES_MAX is dropped. */
void detect_evidence(Anomaly *anomaly, uint64_t frame);

/* Counts what is about to be raised of a connection that @host began, for a cause that may be told
 * later. */
void detect_fold(AnomalyFold *fold, const Anomaly *raised, const Address *host);

/* Raises it with the sentence that the format gives: no capital letter at the start, no full stop
 * at the end. */
void detect_raise(Analysis *analysis, Anomaly anomaly, const char *format, ...)
	__attribute__((cold)) G_GNUC_PRINTF(3, 4);

/* The end opposite to @end. */
static inline unsigned detect_peer(unsigned end)
{
	return 1 - end;
}

/* RFC 9293 3.3.2: the states in which it waits for what ends its handshake. */
static inline bool detect_is_opening(TcpState state)
{
	return state == TCP_STATE_SYN_SENT || state == TCP_STATE_SYN_RCVD;
}

/* RFC 9293 3.3.2: the states in which both sides know each other's numbers. */
bool detect_is_synchronised(TcpState state);

/* RFC 9293 3.10.7.3: a RST that answers a SYN and ends the attempt. It is a refusal and not a
 * broken connection. */
bool detect_is_refusal(const SegmentEvent *event);

#endif
