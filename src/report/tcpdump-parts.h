/* The parts of tcpdump's line and what they share. Knows in which order they stand; used by the
 * tcpdump-*.c files only.
 *
 * What tcpdump prints was read off tcpdump 4.99.3 itself, odd corners included:
 * tests/cli/tcpdump-lines.sh holds every part against it. */
#ifndef WIRESTATE_REPORT_TCPDUMP_PARTS_H
#define WIRESTATE_REPORT_TCPDUMP_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/frame.h"
#include "decode/cursor.h"
#include "decode/segment.h"
#include "decode/unwrap.h"
#include "report/report.h"
#include "report/writer.h"

/* Names of hosts, ports, hardware addresses and interfaces, each looked up once,
 * hosts anew after many. */
typedef struct LineNames LineNames;

LineNames *line_names_new(void);
void line_names_free(LineNames *names);

/* The name of a host, or its address as text; valid until the next call. Asks the resolver, and so
 * may take as long as that takes. */
const char *line_names_host(LineNames *names, const Address *addr, int version);

/* The name of a TCP port in services(5); NULL when it has none. */
const char *line_names_port(LineNames *names, uint16_t port);

/* The name of six bytes of hardware address in ethers(5), else "Broadcast", else the address with
 * its vendor: "00:00:0c:00:00:01 (oui Cisco)". */
const char *line_names_hardware(LineNames *names, const uint8_t *address);

/* The name that this machine gives to an interface's index; "?" when it has none. */
const char *line_names_interface(LineNames *names, uint32_t index);

/* The first numbers of each address and port pair. */
typedef struct LineNumbers LineNumbers;

/* What is taken off a segment's numbers: those of its sender for seq, its peer's for ack and SACK
 * blocks. */
typedef struct {
	uint32_t seq;  /* for the segment's own sequence number */
	uint32_t ack;  /* for its acknowledgement number */
	uint32_t sack; /* for the numbers in its SACK option */
} LineBase;

LineNumbers *line_numbers_new(void);
void line_numbers_free(LineNumbers *numbers);

/* Notes the segment and says what its numbers are relative to. @number is where the caller keeps
 * which pair it is, for as long as segments are of the same addresses and ports; 0 before the
 * first: then it is looked up. */
LineBase line_numbers_base(LineNumbers *numbers, const Segment *segment, uint32_t *number);

/* The ends of the last few hundred pairs as text. */
typedef struct LineEnds LineEnds;

LineEnds *line_ends_new(void);
void line_ends_free(LineEnds *ends);

/* What a copy of that text may take at the most. */
#define LINE_ENDS_MAX 112

/* Writes "10.0.0.1.40000 > 10.0.0.2.80: " at @at, where there must be room for LINE_ENDS_MAX bytes,
 * and returns where it ends. */
char *line_ends_put(LineEnds *ends, char *at, const Segment *segment);

/* One line while it is written. */
typedef struct {
	Writer out;                 /* the text */
	const LineOptions *options; /* tcpdump's flags */
	LineNames *names;           /* used without -n, and for interfaces */
	LineEnds *ends;             /* used with -n */
	const Frame *carrier;       /* what was captured, whose link header is printed */
	const Frame *frame;         /* the bytes: the same, or what was made of it */
	const Segment *segment;     /* what decode made of them */
	uint32_t link_end;          /* where in @carrier its packet ends, by its link headers */
	LineBase base;              /* what numbers are relative to */
	const uint8_t *captured; /* behind the last byte that tcpdump looks at: the IP packet's end,
				  * or where the capture was cut */
	bool multipath;          /* a multipath TCP option was printed */
} Line;

/* What stands between the time and the IP header: with -e the link header, else nearly nothing. */
void line_link(Line *line);

/* From "IP" to the colon before the TCP part; with -v the IP header, over one line break in IPv4.
 * False when something in it makes no sense to tcpdump and ended the line. */
bool line_ip(Line *line);

/* The options of the IPv4 header at @header, in brackets and after a comma. */
void line_ipv4_options(Line *line, const uint8_t *header);

/* The extension headers of IPv6 from @at to the TCP header, the first of kind @next. False as
 * above. */
bool line_ipv6_extensions(Line *line, const uint8_t *at, uint8_t next);

/* RFC 4302: authentication headers from @at to the TCP header. */
void line_authentication(Line *line, const uint8_t *at);

/* ", cksum 0x1234 (correct)" for the TCP header, when all that it covers was captured. */
void line_checksum(Line *line);

/* Whether all of the segment was captured, by the length in its IP header. */
bool line_is_whole(const Line *line);

/* "options [...]", from @options on, @length bytes by the header. False when the capture or an
 * option that makes no sense ended the line: then nothing follows. */
bool line_tcp_options(Line *line, const uint8_t *options, uint32_t length);

/* Whether @length bytes of options, all of them captured, are what nearly every segment has after
 * the handshake (RFC 7323 appendix A): a timestamp, and what fills up. */
bool line_options_are_usual(const uint8_t *options, uint32_t length);

/* Writes those at @at, where there must be room for LINE_USUAL_OPTIONS_MAX bytes, and returns where
 * they end. */
char *line_put_usual_options(char *at, const uint8_t *options);
#define LINE_USUAL_OPTIONS_MAX (32 + 2 * DIGITS_MAX)

/* RFC 8684: a multipath TCP option of @length bytes, its kind and length included. False when it
 * makes no sense. */
bool line_mptcp(Line *line, const uint8_t *option, uint32_t length);

/* The text of an address: its name without -n. */
void line_host(Line *line, const Address *addr, int version);
void line_port(Line *line, uint16_t port);

/* 64 bits in network order. */
static inline uint64_t line_u64(const uint8_t *at)
{
	return (uint64_t)load_u32(at) << 32 | load_u32(at + 4);
}

#endif
