/* What is counted of frames and segments as decoding found them. Knows the totals; knows no
 * connection. */
#ifndef WIRESTATE_ANALYSIS_COUNT_H
#define WIRESTATE_ANALYSIS_COUNT_H

#include "analysis/event.h"
#include "decode/decode.h"

/* A frame, whatever is in it. */
static inline void count_frame(AnalysisTotals *totals, const Frame *frame)
{
	if (!totals->frames++)
		totals->first = totals->last = frame->time;
	if (frame->time < totals->last)
		totals->backward++;
	else
		totals->last = frame->time;
}

/* A frame whose packets were in what the UNWRAP_ bits of @unwrapped say. */
void count_unwrapped(AnalysisTotals *totals, unsigned unwrapped);

/* A segment with the WRONG_SUM_ bits @wrong. */
void count_wrong_sums(AnalysisTotals *totals, unsigned wrong);

/* Packets and frames that were put together so far, or not; those of 802.11 count with those of IP.
 */
void count_fragments(AnalysisTotals *totals, const DecodeOptions *decode);

#endif
