/* Wireshark's word for a connection: tcp.completeness. Knows when Wireshark begins a new stream and
 * what sets which bit; knows nothing of our own states.
 *
 * What is followed is what `tshark -2` prints for a stream's last frame. */
#ifndef WIRESTATE_DIALECT_WIRESHARK_H
#define WIRESTATE_DIALECT_WIRESHARK_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/segment.h"

/* The bits of tcp.completeness. */
enum {
	COMPLETENESS_SYN = 1 << 0,
	COMPLETENESS_SYN_ACK = 1 << 1,
	COMPLETENESS_ACK = 1 << 2,
	COMPLETENESS_DATA = 1 << 3,
	COMPLETENESS_FIN = 1 << 4,
	COMPLETENESS_RST = 1 << 5,
};

typedef struct {
	uint32_t base[2]; /* the number of each end's SYN, or one below its first; see has_base */
	uint8_t has_base; /* a bit for each end */
	uint8_t completeness; /* COMPLETENESS_* */
	uint8_t held;         /* bits of the first segment that count when a second has come */
} WiresharkStream;

/* A stream that begins with @segment, sent by @sender (0 or 1), and takes it. @again: there was one
 * with the same addresses and ports before. @stream need not be initialised. */
void wireshark_begin(WiresharkStream *stream, unsigned sender, const Segment *segment, bool again);

/* Whether @segment begins a new stream, and does not belong to @stream. */
bool wireshark_begins_anew(const WiresharkStream *stream, unsigned sender, const Segment *segment);

/* Takes the next segment. */
void wireshark_segment(WiresharkStream *stream, unsigned sender, const Segment *segment);

#endif
