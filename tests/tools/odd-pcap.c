/* Writes a capture of segments that look odd: any flags, any options, headers that lie or are cut,
 * each link type. What tcpdump makes of them is what the timeline has to print. Knows headers;
 * knows no connection.
 *
 *     odd-pcap LINK COUNT SEED [local] > FILE
 *
 * The same arguments give the same file. Every frame is a TCP segment: its TCP header is whole and
 * is reached over headers whose lengths fit. "local" leaves out all addresses but 127.0.0.1, so
 * that looking up names needs no name server. */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "odd.h"

static Odd packet;

/* ---- dice ---- */

static uint64_t dice_state;

uint32_t roll(uint32_t sides)
{
	/* Marsaglia's xorshift64*. */
	dice_state ^= dice_state >> 12;
	dice_state ^= dice_state << 25;
	dice_state ^= dice_state >> 27;
	return (uint32_t)((dice_state * 0x2545f4914f6cdd1dull >> 32) % sides);
}

uint32_t one_of(const uint32_t *values, size_t count)
{
	return values[roll((uint32_t)count)];
}

/* ---- bytes, from the last header to the first ---- */

uint8_t *odd_prepend(Odd *odd, size_t count)
{
	if (odd->start < count)
		abort();
	odd->start -= count;
	memset(odd->bytes + odd->start, 0, count);
	return odd->bytes + odd->start;
}

void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* A byte that is likely to be a small number, a kind or a length. */
uint8_t odd_byte(void)
{
	static const uint32_t usual[] = { 0, 1, 2, 4, 5, 8, 0xff };

	return (uint8_t)(roll(2) ? one_of(usual, COUNT(usual)) : roll(256));
}

void odd_fill(uint8_t *at, size_t count)
{
	while (count-- > 0)
		*at++ = odd_byte();
}

static uint32_t sum_words(uint32_t sum, const uint8_t *at, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	return sum;
}

static uint16_t checksum(uint32_t sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* ---- TCP ---- */

/* Ports that services(5) names and others; few, so that the same pair comes again. */
static const uint32_t ports[] = { 22, 80, 465, 2222, 40000, 65535 };

/* A segment with checksum 0; returns its length. */
static size_t put_tcp(unsigned index)
{
	static const uint32_t lengths[] = { 0, 0, 0, 1, 3, 100, 1400 };
	static const uint32_t numbers[] = { 0, 1, 0xfffffffd, 1000, 0x80000000 };
	static const uint32_t usual[] = { 0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14 };
	uint8_t options[40];
	size_t options_length = roll(4) ? odd_tcp_options(options, packet.local) : 0;
	size_t data = one_of(lengths, COUNT(lengths));
	uint8_t *header;

	memset(odd_prepend(&packet, data), 'x', data);
	memcpy(odd_prepend(&packet, options_length), options, options_length);
	header = odd_prepend(&packet, 20);
	put16(header, one_of(ports, COUNT(ports)));
	put16(header + 2, one_of(ports, COUNT(ports)));
	put32(header + 4, one_of(numbers, COUNT(numbers)) + roll(5000));
	put32(header + 8, one_of(numbers, COUNT(numbers)) + roll(5000));
	header[12] = (uint8_t)((20 + options_length) / 4 << 4 | (roll(4) ? 0 : roll(16)));
	/* Every combination comes once in so many frames. */
	header[13] = (uint8_t)(roll(4) ? one_of(usual, COUNT(usual)) : index);
	put16(header + 14, roll(65536));
	if (roll(4) == 0)
		put16(header + 18, roll(65536));
	packet.tcp = packet.start;
	return 20 + options_length + data;
}

/* The checksum of what was put by put_tcp(), right in most cases. */
static void sum_tcp(uint8_t *tcp, size_t length, const uint8_t *addresses, size_t addresses_length)
{
	uint32_t sum = sum_words((uint32_t)(6 + length), addresses, addresses_length);

	put16(tcp + 16, roll(5) ? checksum(sum_words(sum, tcp, length)) : roll(3) * roll(65536));
}

/* ---- IP ---- */

static void put_ipv4(unsigned index)
{
	static const uint32_t addresses[] = { 0xc0000201, 0xc0000202, 0xc6336401 };
	/* No fragments: tcpdump does not put them together. */
	static const uint32_t fragments[] = { 0, 0x4000, 0x4000, 0x8000, 0xc000 };
	size_t tcp_length = put_tcp(index);
	uint8_t *tcp = packet.bytes + packet.start;
	uint8_t options[40];
	size_t options_length = packet.local || roll(3) ? 0 : odd_ipv4_options(options);
	uint8_t protocol = 6;
	size_t total;
	uint8_t *header;

	if (roll(10) == 0)
		protocol = odd_authentication(&packet, protocol);
	memcpy(odd_prepend(&packet, options_length), options, options_length);
	header = odd_prepend(&packet, 20);
	total = packet.end - packet.start;
	header[0] = (uint8_t)(0x40 | (20 + options_length) / 4);
	header[1] = (uint8_t)(roll(2) ? 0 : roll(256));
	put16(header + 2, (uint32_t)total);
	put16(header + 4, roll(65536));
	put16(header + 6, one_of(fragments, COUNT(fragments)));
	header[8] = (uint8_t)(roll(4) ? 64 : roll(256));
	header[9] = protocol;
	put32(header + 12, packet.local ? 0x7f000001 : one_of(addresses, COUNT(addresses)));
	put32(header + 16, packet.local ? 0x7f000001 : one_of(addresses, COUNT(addresses)));
	sum_tcp(tcp, tcp_length, header + 12, 8);
	/* A packet that claims more than was on the wire. */
	if (roll(12) == 0)
		put16(header + 2, (uint32_t)total + 1 + roll(2000));
	put16(header + 10,
	      roll(6) ? checksum(sum_words(0, header, 20 + options_length)) : roll(65536));
}

/* Addresses with runs of zeros in all places, and IPv4 in IPv6. */
static void put_ipv6_address(uint8_t *at)
{
	static const uint8_t known[][16] = {
		{ 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
		{ 0xfe, 0x80, [15] = 2 },
		{ [10] = 0xff, 0xff, 192, 0, 2, 1 },
		{ [15] = 1 },
	};

	if (roll(3)) {
		memcpy(at, known[roll(COUNT(known))], 16);
		return;
	}
	for (unsigned i = 0; i < 16; i++)
		at[i] = (uint8_t)(roll(4) ? 0 : roll(256));
}

static void put_ipv6(unsigned index)
{
	size_t tcp_length = put_tcp(index);
	uint8_t *tcp = packet.bytes + packet.start;
	uint8_t next = odd_extensions(&packet, 6);
	size_t payload = packet.end - packet.start;
	uint8_t *header = odd_prepend(&packet, 40);

	put32(header, 6u << 28 | (roll(2) ? 0 : roll(1 << 28)));
	put16(header + 4, (uint32_t)(roll(12) ? payload : payload + 1 + roll(2000)));
	header[6] = next;
	header[7] = (uint8_t)(roll(4) ? 64 : roll(256));
	put_ipv6_address(header + 8);
	put_ipv6_address(header + 24);
	sum_tcp(tcp, tcp_length, header + 8, 32);
}

/* ---- the file ---- */

/* The program runs on machines of either byte order, and so does what reads the file. */
static void write32(uint32_t value)
{
	fwrite(&value, sizeof(value), 1, stdout);
}

static void write_file_header(int link)
{
	write32(0xa1b2c3d4);
	write32(2 | 4 << 16);
	write32(0);
	write32(0);
	write32(262144);
	write32((uint32_t)link);
}

/* One frame, some of them cut behind the first 20 bytes of the TCP header. */
static void write_frame(uint32_t seconds)
{
	size_t length = sizeof(packet.bytes) - packet.start, captured = length;

	if (roll(4) == 0) {
		size_t least = packet.tcp + 20 - packet.start;
		size_t optional = length - least;

		captured = least + roll((uint32_t)(optional < 90 ? optional : 90) + 1);
	}
	/* Time goes back now and then. */
	write32(seconds - (roll(20) ? 0 : roll(100)));
	write32(roll(1000000));
	write32((uint32_t)captured);
	write32((uint32_t)length);
	fwrite(packet.bytes + packet.start, 1, captured, stdout);
}

int main(int argc, char **argv)
{
	int link = argc >= 4 ? odd_link_number(argv[1]) : -1;
	unsigned count;

	if (link < 0) {
		fputs("usage: odd-pcap LINK COUNT SEED [local]\n", stderr);
		return 2;
	}
	count = (unsigned)atoi(argv[2]);
	dice_state = strtoull(argv[3], NULL, 10) * 2654435761u + 1;
	packet.local = argc > 4;
	write_file_header(link);
	for (unsigned index = 0; index < count; index++) {
		bool ipv6 = !packet.local && roll(2);

		packet.start = sizeof(packet.bytes);
		if (link == LINK_ETHERNET && roll(4) == 0)
			odd_prepend(&packet, roll(20));
		/* A frame check sequence. */
		if (link == LINK_RADIOTAP && roll(4) == 0)
			odd_prepend(&packet, 4);
		packet.end = packet.start;
		if (ipv6)
			put_ipv6(index);
		else
			put_ipv4(index);
		odd_link(&packet, link, ipv6);
		write_frame(1700000000 + index);
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 2;
}
