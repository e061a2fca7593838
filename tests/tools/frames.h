/* Lays out frames and writes them as a classic capture file. Knows link layers, IP and checksums;
 * knows neither TCP nor the language of scenarios. */

#ifndef TESTS_TOOLS_FRAMES_H
#define TESTS_TOOLS_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for all headers that frames.c puts before what IP carries. */
#define FRAMES_HEADROOM 128

/* How the file is written; set before frames_begin(). */
typedef struct {
	bool ipv6;        /* every IPv4 address ADDRESS becomes 2001:db8::ADDRESS */
	bool nano;        /* time stamps in nanoseconds, not in microseconds */
	uint32_t snaplen; /* the most that is kept of a frame */
} FramesOptions;

extern FramesOptions frames_options;

/* What an IP header says. */
typedef struct {
	uint32_t src, dst; /* IPv4 addresses in host order */
	uint8_t protocol;  /* IPPROTO_TCP, or IPPROTO_ICMP, which over IPv6 becomes ICMPv6 */
	uint8_t ttl;       /* or hop limit */
	uint16_t id;       /* IPv4 only; always sent with Don't Fragment */
} FramesIp;

/* Chooses the link layer by its name; false when there is none of that name. */
bool frames_set_link(const char *name);

/* Writes the file's header to standard output. */
void frames_begin(void);

/* Writes the IP header in front of what it carries, and sets the checksum within that. Returns
 * where the packet begins. */
uint8_t *frames_put_ip(uint8_t *carried, size_t length, const FramesIp *ip, uint8_t *checksum);

/* Writes one frame to standard output: `time` in nanoseconds since the epoch, `sender` 0 for the
 * client and 1 for the server, an IP packet from `ip` to before `end`. */
void frames_write(int64_t time, unsigned sender, uint8_t *ip, const uint8_t *end);

/* Big-endian numbers. */
void frames_put16(uint8_t *p, uint32_t value);
void frames_put32(uint8_t *p, uint32_t value);

#endif
