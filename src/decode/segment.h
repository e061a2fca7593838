/* A TCP segment as a value. Knows what stood in its headers; keeps no pointer into the frame, so
 * that decoding may run ahead of tracking. */
#ifndef WIRESTATE_DECODE_SEGMENT_H
#define WIRESTATE_DECODE_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/nstime.h"

/* The control bits of RFC 9293 3.1, RFC 3168 and RFC 9768, with BSD's names. */
enum {
	TH_FIN = 0x01,
	TH_SYN = 0x02,
	TH_RST = 0x04,
	TH_PUSH = 0x08,
	TH_ACK = 0x10,
	TH_URG = 0x20,
	TH_ECE = 0x40,
	TH_CWR = 0x80,
	TH_AE = 0x100,
	TH_ALL = 0x1ff,
};

/* Which options a segment carried, in TcpOptions.present. */
enum {
	TCP_OPT_MSS = 1 << 0,
	TCP_OPT_WSCALE = 1 << 1,
	TCP_OPT_SACK_PERMITTED = 1 << 2,
	TCP_OPT_SACK = 1 << 3,
	TCP_OPT_TIMESTAMP = 1 << 4,
	TCP_OPT_FAST_OPEN = 1 << 5, /* RFC 7413, or its experimental form; a cookie or none */
	TCP_OPT_DAMAGED = 1 << 6,   /* a length that lies, or options that run over the header */
	TCP_OPT_CUT = 1 << 7, /* the capture ends inside the options; those before are valid */
};

#define TCP_SACK_BLOCKS_MAX  4
#define TCP_OPTION_BYTES_MAX 40

/* The options of one segment; a member is valid when its bit is set in @present. */
typedef struct {
	uint8_t present;       /* TCP_OPT_* */
	uint8_t wscale;        /* RFC 7323 2.2: the shift count as sent */
	uint8_t sack_count;    /* blocks in @sack */
	uint8_t cookie_length; /* RFC 7413 4.1.1: 0 is a request for a cookie */
	uint16_t mss;          /* RFC 9293 3.2 */
	uint32_t tsval, tsecr; /* RFC 7323 3.2 */
	struct {
		uint32_t left, right; /* RFC 2018 3: its first number, and the one after it */
	} sack[TCP_SACK_BLOCKS_MAX];
} TcpOptions;

typedef struct {
	uint64_t frame;     /* its frame's number */
	NsTime time;        /* its frame's time */
	Endpoint src, dst;  /* as in the headers */
	uint32_t seq, ack;  /* host order; ack means something when TH_ACK is set */
	uint16_t flags;     /* TH_* */
	uint16_t window;    /* as sent, not scaled */
	uint32_t payload;   /* bytes of data, from the IP length and not from what was captured */
	uint32_t scope;     /* tunnel ids, and VLANs if asked: part of the flow's key; else 0 */
	uint16_t ip_id;     /* IPv4 only */
	uint16_t unwrapped; /* UNWRAP_ bits: what the innermost IP packet was in */
	uint8_t protocol;   /* what that packet carries, by IANA's number: 6 */
	uint8_t ttl;        /* or hop limit */
	bool dont_fragment; /* IPv4 only */
	bool reassembled;   /* from fragments: see decode_packet() */
	bool rejoined;      /* the frame was put together from fragments of 802.11 */
	bool tunnelled;     /* the innermost IP packet is in another one, or in a pseudowire */
	uint8_t wrong_sums; /* WRONG_SUM_ bits: checksum_wrong() */
	uint32_t ip_offset; /* where in decode_packet() the innermost IP header begins: for the line
			     */
	uint32_t tcp_offset; /* where in it the TCP header begins: for the line */
	uint32_t ip_length; /* bytes of the IP packet by its own header, or the frame's if that is 0
			     */
	TcpOptions options; /* see above */
} Segment;

/* RFC 9293 3.3.1 SEG.LEN: what the segment takes up in sequence space, SYN and FIN counted. */
static inline uint32_t segment_seq_len(const Segment *segment)
{
	return segment->payload + !!(segment->flags & TH_SYN) + !!(segment->flags & TH_FIN);
}

/* The first sequence number after the segment. */
static inline uint32_t segment_end(const Segment *segment)
{
	return segment->seq + segment_seq_len(segment);
}

#endif
