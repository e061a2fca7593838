/* The two ways in which bytes reach a side: in order, or beyond a hole. For side.c and
 * side-arrived.c only. */
#ifndef WIRESTATE_TCP_SIDE_BYTES_H
#define WIRESTATE_TCP_SIDE_BYTES_H

#include <glib.h>

#include "base/seq.h"
#include "tcp/side.h"

/* Keeps [left, right) of the peer's bytes as passed beyond a hole. */
static inline void side_keep_beyond(TcpSide *receiver, uint32_t left, uint32_t right)
{
	if (!seq_lt(left, right))
		return;
	if (!receiver->beyond)
		receiver->beyond = g_new0(Ranges, 1);
	ranges_add(receiver->beyond, left, right);
}

/* Moves rcv_nxt on to @next and through what had passed beyond the hole. */
static inline void side_receive_up_to(TcpSide *receiver, uint32_t next)
{
	receiver->rcv_known = true;
	receiver->rcv_nxt = next;
	if (receiver->beyond && receiver->beyond->count)
		receiver->rcv_nxt = ranges_advance(receiver->beyond, next);
}

/* RFC 7323 4.3: TS.Recent follows segments that begin at or before the last acknowledgement. As in
 * Linux, tcp_paws_check(), 0 is no time: hosts put it into their SYNs that count from anywhere. */
static inline void side_arrived_timestamp(TcpSide *receiver, const Segment *segment)
{
	const TcpOptions *options = &segment->options;

	if (!(options->present & TCP_OPT_TIMESTAMP))
		return;
	if (!receiver->ts_known ||
	    (receiver->acked_known && seq_leq(segment->seq, receiver->rcv_acked) &&
	     seq_gt(options->tsval, receiver->ts_recent))) {
		receiver->ts_recent = options->tsval;
		receiver->ts_known = options->tsval != 0;
	}
}

#endif
