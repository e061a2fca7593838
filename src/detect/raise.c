/* How an anomaly and its sentence are put together. Knows words and numbers; knows no rule of TCP.
 */
#include "detect/raise.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/digits.h"

#define MESSAGE_MAX 512

DetectText detect_side(const Connection *connection, unsigned end)
{
	DetectText side;
	char *at = side.text;

	at = stpcpy(at, "the ");
	at = stpcpy(at, connection_side_name(connection, end));
	at = stpcpy(at, " (");
	at += endpoint_format(at, &connection->key.end[end]);
	strcpy(at, ")");
	return side;
}

DetectText detect_span(NsTime span)
{
	DetectText text;
	char *at = text.text;
	const char *unit = " s";

	/* Frames may be out of order. */
	span = MAX(span, 0);
	if (span >= 100 * NSTIME_SECOND || (span >= NSTIME_SECOND && span % NSTIME_SECOND == 0)) {
		at = digits_put(at, (uint64_t)(span / NSTIME_SECOND));
	} else if (span >= NSTIME_SECOND) {
		at = digits_put(at, (uint64_t)(span / NSTIME_SECOND));
		*at++ = '.';
		at = digits_fixed(at, (uint64_t)(span / (10 * NSTIME_MILLISECOND)), 2);
	} else if (span >= NSTIME_MILLISECOND) {
		at = digits_put(at, (uint64_t)(span / NSTIME_MILLISECOND));
		unit = " ms";
	} else {
		at = digits_put(at, (uint64_t)(span / NSTIME_MICROSECOND));
		unit = " us";
	}
	strcpy(at, unit);
	return text;
}

Anomaly detect_at(const SegmentEvent *event, AnomalyKind kind, unsigned side)
{
	Anomaly anomaly = detect_later(event->connection, kind, side, event->segment->time);

	anomaly.frame = event->segment->frame;
	detect_evidence(&anomaly, anomaly.frame);
	return anomaly;
}

Anomaly detect_later(Connection *connection, AnomalyKind kind, unsigned side, NsTime time)
{
	return (Anomaly){
		.kind = kind,
		.severity = anomaly_kind_severity(kind),
		.connection = connection,
		.side = side,
		.time = time,
		.stage = STAGE_NONE,
	};
}

void detect_evidence(Anomaly *anomaly, uint64_t frame)
{
	uint64_t *frames = anomaly->frames;
	unsigned count = 0, place;

	while (count < ANOMALY_FRAMES_MAX && frames[count])
		count++;
	if (!frame || count == ANOMALY_FRAMES_MAX)
		return;
	for (place = 0; place < count && frames[place] < frame; place++)
		;
	if (place < count && frames[place] == frame)
		return;
	memmove(&frames[place + 1], &frames[place], (count - place) * sizeof(*frames));
	frames[place] = frame;
}

void detect_fold(AnomalyFold *fold, const Anomaly *raised, const Address *host)
{
	if (!fold->count)
		*fold = (AnomalyFold){ .kind = raised->kind,
				       .severity = raised->severity,
				       .since = raised->time,
				       .host = *host };
	fold->count++;
}

void detect_raise(Analysis *analysis, Anomaly anomaly, const char *format, ...)
{
	char message[MESSAGE_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	anomaly.message = message;
	analysis_raise(analysis, &anomaly);
}

bool detect_is_synchronised(TcpState state)
{
	switch (state) {
	case TCP_STATE_ESTABLISHED:
	case TCP_STATE_FIN_WAIT_1:
	case TCP_STATE_FIN_WAIT_2:
	case TCP_STATE_CLOSE_WAIT:
	case TCP_STATE_CLOSING:
	case TCP_STATE_LAST_ACK:
	case TCP_STATE_TIME_WAIT:
		return true;
	default:
		return false;
	}
}

bool detect_is_refusal(const SegmentEvent *event)
{
	unsigned receiver = detect_peer(event->sender);

	return event->class & SEGMENT_RST_CLOSES && event->before[receiver] == TCP_STATE_SYN_SENT &&
	       (event->before[event->sender] == TCP_STATE_UNKNOWN ||
		event->before[event->sender] == TCP_STATE_LISTEN ||
		event->before[event->sender] == TCP_STATE_CLOSED);
}
