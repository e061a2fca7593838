/* Frames of TCP segments as bytes, and capture files of them. Knows Ethernet, IPv4, TCP, pcap and
 * pcapng; knows no workload, and links nothing of the program that it measures. */
#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ETHERNET_LENGTH 14u
#define IP_LENGTH       20u
#define FRAME_MAX       (ETHERNET_LENGTH + IP_LENGTH + 60u + WIRE_MSS)
#define BUFFER_SIZE     (1u << 20)
#define NOISE_WORDS     (1u << 14)

static WireFormat format;
static uint8_t buffer[BUFFER_SIZE];    /* bytes not yet written */
static size_t used;                    /* how many */
static uint8_t noise[2 * NOISE_WORDS]; /* payload is cut from here: data that does not compress to
					  nothing */
static uint32_t sums[NOISE_WORDS + 1]; /* sum of the 16-bit words of @noise before each of them */

static void flush(void)
{
	size_t done = 0;

	while (done < used) {
		ssize_t got = write(STDOUT_FILENO, buffer + done, used - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			fprintf(stderr, "generate: %s\n", strerror(errno));
			exit(2);
		}
		done += (size_t)got;
	}
	used = 0;
}

static void put(const void *bytes, size_t size)
{
	if (used + size > sizeof(buffer))
		flush();
	memcpy(buffer + used, bytes, size);
	used += size;
}

static void be16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void be32(uint8_t *at, uint32_t value)
{
	be16(at, value >> 16);
	be16(at + 2, value & 0xffff);
}

/* RFC 1071: the ones' complement sum, folded and inverted. */
static unsigned checksum(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (unsigned)~sum & 0xffff;
}

static uint32_t sum_words(const uint8_t *at, unsigned length)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)(at[i] << 8 | at[i + 1]);
	return sum;
}

/* A third of the bytes are letters that repeat, so that the file compresses about as well as
 * traffic does. */
static void make_noise(void)
{
	uint32_t x = 2463534242u;

	for (unsigned i = 0; i < sizeof(noise); i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		noise[i] = i % 96 < 32 ? (uint8_t)('a' + i % 26) : (uint8_t)x;
	}
	for (unsigned i = 0; i < NOISE_WORDS; i++)
		sums[i + 1] = sums[i] + (uint32_t)(noise[2 * i] << 8 | noise[2 * i + 1]);
}

void wire_begin(const WireFormat *wanted)
{
	/* pcap: https://www.tcpdump.org/manpages/pcap-savefile.5.html */
	const uint16_t version[2] = { 2, 4 };
	const uint32_t magic = 0xa1b2c3d4, rest[4] = { 0, 0, wanted->snap, 1 };
	/* pcapng: a section header block, whose length is not known, and an interface description.
	 */
	const uint32_t section[7] = { 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff, 28 };
	const uint32_t interface[5] = { 1, 20, 1, wanted->snap, 20 };

	format = *wanted;
	make_noise();
	if (format.pcapng) {
		put(section, sizeof(section));
		put(interface, sizeof(interface));
	} else {
		put(&magic, sizeof(magic));
		put(version, sizeof(version));
		put(rest, sizeof(rest));
	}
}

/* Options, of a length that is a multiple of four. */
static unsigned put_options(uint8_t *at, uint64_t time, unsigned flags)
{
	static const uint8_t of_syn[8] = { 2, 4, 0x05, 0xb4, 4, 2, 8, 10 };
	static const uint8_t of_rest[4] = { 1, 1, 8, 10 };
	static const uint8_t scale[4] = { 1, 3, 3, 7 };
	unsigned length;

	if (flags & WIRE_RST)
		return 0;
	length = flags & WIRE_SYN ? sizeof(of_syn) : sizeof(of_rest);
	memcpy(at, flags & WIRE_SYN ? of_syn : of_rest, length);
	be32(at + length, (uint32_t)(time / 1000));
	be32(at + length + 4, flags & WIRE_ACK ? (uint32_t)(time / 1000) - 1 : 0);
	length += 8;
	if (flags & WIRE_SYN) {
		memcpy(at + length, scale, sizeof(scale));
		length += sizeof(scale);
	}
	return length;
}

/* Returns the length of the frame. */
static unsigned make_frame(uint8_t *frame, uint64_t time, const WireSegment *segment)
{
	static const uint8_t link[ETHERNET_LENGTH] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0 };
	uint8_t *ip = frame + ETHERNET_LENGTH, *tcp = ip + IP_LENGTH;
	unsigned header = 20 + put_options(tcp + 20, time, segment->flags);
	unsigned words = (segment->payload + 1) / 2;
	unsigned from = segment->id % (NOISE_WORDS - WIRE_MSS / 2);
	uint64_t sum;

	memcpy(frame, link, sizeof(link));
	memset(ip, 0, IP_LENGTH);
	ip[0] = 0x45;
	be16(ip + 2, IP_LENGTH + header + segment->payload);
	be16(ip + 4, segment->id & 0xffff);
	be16(ip + 6, 0x4000);
	ip[8] = 64;
	ip[9] = 6;
	be32(ip + 12, segment->src);
	be32(ip + 16, segment->dst);
	be16(ip + 10, checksum(sum_words(ip, IP_LENGTH)));

	be16(tcp, segment->sport);
	be16(tcp + 2, segment->dport);
	be32(tcp + 4, segment->seq);
	be32(tcp + 8, segment->flags & WIRE_ACK ? segment->ack : 0);
	tcp[12] = (uint8_t)(header / 4 << 4);
	tcp[13] = (uint8_t)segment->flags;
	be16(tcp + 14, segment->flags & WIRE_RST ? 0 : 64240);
	memset(tcp + 16, 0, 4);
	memcpy(tcp + header, noise + 2 * from, segment->payload);
	sum = (uint64_t)sum_words(ip + 12, 8) + 6 + header + segment->payload +
	      sum_words(tcp, header) + (sums[from + words] - sums[from]);
	/* The byte after an odd length counts as zero. */
	if (segment->payload % 2)
		sum -= noise[2 * (from + words) - 1];
	be16(tcp + 16, checksum(sum));
	return ETHERNET_LENGTH + IP_LENGTH + header + segment->payload;
}

void wire_write(uint64_t time, const WireSegment *segment)
{
	static const uint8_t zeros[4];
	uint8_t frame[FRAME_MAX];
	unsigned length = make_frame(frame, time, segment);
	uint32_t kept = length < format.snap ? length : format.snap;
	unsigned padding = (4 - kept % 4) % 4;

	if (format.pcapng) {
		const uint32_t total = 32 + kept + padding;
		const uint32_t head[7] = { 6,    total, 0, (uint32_t)(time >> 32), (uint32_t)time,
					   kept, length };

		put(head, sizeof(head));
		put(frame, kept);
		put(zeros, padding);
		put(&total, sizeof(total));
	} else {
		const uint32_t head[4] = { (uint32_t)(time / 1000000), (uint32_t)(time % 1000000),
					   kept, length };

		put(head, sizeof(head));
		put(frame, kept);
	}
}

void wire_end(void)
{
	flush();
}
