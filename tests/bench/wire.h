/* Frames of TCP segments as bytes, and capture files of them. Knows Ethernet, IPv4, TCP, pcap and
 * pcapng; knows no workload, and links nothing of the program that it measures. */
#ifndef WIRESTATE_TESTS_BENCH_WIRE_H
#define WIRESTATE_TESTS_BENCH_WIRE_H

#include <stdbool.h>
#include <stdint.h>

/* Bits of the TCP header's flags, RFC 9293 3.1. */
#define WIRE_FIN 0x01u
#define WIRE_SYN 0x02u
#define WIRE_RST 0x04u
#define WIRE_PSH 0x08u
#define WIRE_ACK 0x10u

/* Payload of a full segment: an MTU of 1500 less 20 bytes of IP, 20 of TCP and 12 of timestamps. */
#define WIRE_MSS 1448u

/* What a segment is made of; numbers in host order. */
typedef struct {
	uint32_t src, dst;     /* IPv4 addresses */
	uint16_t sport, dport; /* ports */
	uint32_t seq, ack;     /* its numbers; @ack counts when WIRE_ACK is set */
	unsigned flags;        /* WIRE_ bits */
	unsigned payload;      /* bytes of data, at most WIRE_MSS */
	uint32_t id;           /* the IP ID is its lower half */
} WireSegment;

/* How the file looks. */
typedef struct {
	bool pcapng;   /* else classic pcap with microseconds; both in the byte order of the machine
			*/
	uint32_t snap; /* captured bytes of a frame at the most */
} WireFormat;

/* Begins a file on standard output. Ends the program with a message when writing fails, as all
 * of these functions do. */
void wire_begin(const WireFormat *format);

/* Writes a segment that was captured at @time, in microseconds since the epoch. Checksums are
 * right, a SYN has the options of Linux, all others have timestamps; a RST has no options. */
void wire_write(uint64_t time, const WireSegment *segment);

/* Writes out what is buffered. */
void wire_end(void);

#endif
