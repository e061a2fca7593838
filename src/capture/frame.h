/* One frame of the input. Knows where its bytes are; knows nothing of what they mean. */
#ifndef WIRESTATE_CAPTURE_FRAME_H
#define WIRESTATE_CAPTURE_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/nstime.h"

/* The link type of what has a number and is no frame: blocks that Wireshark counts among the
 * frames. */
#define FRAME_NONE (-1)

/* Owned by the input and valid until its next call. */
typedef struct {
	uint64_t number;   /* from 1: all frames of the input are counted, as Wireshark does */
	uint64_t accepted; /* from 1: those that the expression accepted, as tcpdump's -# counts */
	NsTime time;       /* when it was captured, since the epoch */
	uint32_t caplen;   /* bytes captured, at @data */
	uint32_t len;      /* bytes that were on the wire */
	int linktype;      /* DLT_* of the input that it came from, or FRAME_NONE */
	bool rejected;     /* the expression rejects it: it is counted and nothing more */
	const uint8_t *data; /* caplen bytes */
} Frame;

#endif
