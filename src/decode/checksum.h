/* Checksums of a segment: which are wrong for sure. Knows RFC 1071 and what interfaces leave out;
 * knows nothing of what the bytes mean.
 *
 * A wrong checksum is no reason to skip a segment. Most are no damage either: a host hands its own
 * segments to an interface that is to compute them (offloading), and captures them before. */
#ifndef WIRESTATE_DECODE_CHECKSUM_H
#define WIRESTATE_DECODE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "capture/frame.h"
#include "decode/segment.h"

/* In Segment.wrong_sums. */
enum {
	WRONG_SUM_IP = 1 << 0,  /* of the IPv4 header */
	WRONG_SUM_TCP = 1 << 1, /* of TCP */
};

/* The Internet checksum's sum (RFC 1071) over @count bytes in 16 bits, on top of @sum; host order.
 * An odd byte is the upper half of a last number. */
uint16_t checksum_add(uint16_t sum, const uint8_t *bytes, size_t count);

/* Which checksums of @segment, a TCP segment in @packet, are wrong and were not left to an
 * interface. Not judged is what was not captured in full; packets longer than 1500 bytes or with an
 * IP length of 0, which an interface has still to cut up or has joined; and TCP behind options or
 * extension headers, which can change the addresses that count. A field that is 0, or that holds
 * the sum of the pseudo header alone, with the length or without, was left to the interface. */
uint8_t checksum_wrong(const Frame *packet, const Segment *segment);

#endif
