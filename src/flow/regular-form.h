/* How the segments of a regular life are written as bytes, and what of a segment follows from those
 * before. For regular.c, which writes them, and regular-read.c only. */
#ifndef WIRESTATE_FLOW_REGULAR_FORM_H
#define WIRESTATE_FLOW_REGULAR_FORM_H

#include "flow/regular.h"

/* A segment is a byte, a second one when any of its bits are needed, and numbers one behind the
 * other, the lowest byte first, each in as many as it needs. Codes say how many, so that there is
 * little to decide: a number is stored in 8 bytes, and the next one over those that it did not
 * need. What is as it is in most segments takes none. */
enum {
	PUT_SERVER = 1 << 0,   /* the server sent it */
	PUT_LAPSE_SHIFT = 1,   /* 3 bits: time and frames since the last one, see lapses */
	PUT_PAYLOAD_SHIFT = 4, /* 2 bits: bytes of data, see payload_lengths; PAYLOAD_CUT */
	PUT_NEAR_ID = 1 << 6,  /* not the next IP ID, or 0 again: how far from that, in a byte */
	PUT_MORE = 1 << 7,     /* the second byte is there; of that: */
	PUT_PUSH = 1 << 8,     /* TH_PUSH without data, or data without it */
	PUT_FIN = 1 << 9,      /* TH_FIN */
	PUT_WINDOW = 1 << 10,  /* another window than the last one: which */
	PUT_BEHIND_SHIFT = 11, /* 2 bits: how much less than all that passed it acknowledges, see
				  far_lengths */
	PUT_FAR_ID = 1 << 13,  /* as PUT_NEAR_ID, in two bytes; both: and its TTL is another one */
	PUT_TSVAL_SHIFT = 14,  /* 2 bits: of a timestamp: how far it is from what its side's
				  last one and a tick of a millisecond would make it, see
				  far_lengths */
};

/* The code of data that were not captured whole. */
#define PAYLOAD_CUT 3u

/* Bytes of numbers, by their codes. */
static const uint8_t payload_lengths[4] = { 0, 1, 2, 2 };
static const uint8_t far_lengths[4] = { 0, 1, 2, 4 };

/* Time and frames have one code together, which is the least that has room for both. */
static const struct {
	uint8_t time[2]; /* in microseconds; [1] of a life that is fine, in nanoseconds */
	uint8_t frames;
} lapses[8] = {
	{ { 1, 2 }, 1 }, { { 2, 4 }, 1 }, { { 2, 4 }, 2 }, { { 3, 4 }, 1 },
	{ { 3, 4 }, 2 }, { { 3, 4 }, 3 }, { { 6, 6 }, 3 }, { { 6, 6 }, 6 },
};

/* From this code on time is always in nanoseconds. */
#define LAPSE_NANOSECONDS 6u

/* Small whether it is above 0 or below. */
static inline uint32_t fold(int32_t number)
{
	return (uint32_t)number << 1 ^ (uint32_t)(number >> 31);
}

/* RFC 6864: many count up for each segment, and many do not care. */
static inline uint16_t next_ip_id(const RegularLife *life, unsigned side)
{
	return life->ip_id[side] ? (uint16_t)(life->ip_id[side] + 1) : 0;
}

/* RFC 7323 5.4: ticks are of 1 ms to 1 s; most are of a millisecond. */
static inline uint32_t ticks_of(NsTime time)
{
	return (uint32_t)((uint64_t)time / NSTIME_MILLISECOND);
}

static inline uint32_t expected_tsval(const RegularLife *life, unsigned side, NsTime time)
{
	return life->base[side] + ticks_of(time);
}

#endif
