/* Checksums of a segment: which are wrong for sure. Knows RFC 1071 and what interfaces leave out;
 * knows nothing of what the bytes mean. */
#include "decode/checksum.h"

#include <stdbool.h>
#include <string.h>

#include "decode/cursor.h"

#define PROTOCOL_TCP    6
#define IPV4_HEADER_MIN 20
#define IPV6_HEADER     40

/* Longer ones may have been joined by an interface, whatever its MTU is. */
#define PACKET_MAX 1500

static uint16_t fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

uint16_t checksum_add(uint16_t sum, const uint8_t *bytes, size_t count)
{
	uint64_t even = 0, odd = 0;
	uint16_t native;

	/* RFC 1071 2: the sum may be taken in any order and in wider numbers, and comes out swapped
	 * if they were. */
	for (; count >= 8; bytes += 8, count -= 8) {
		uint32_t words[2];

		memcpy(words, bytes, 8);
		even += words[0];
		odd += words[1];
	}
	for (; count >= 2; bytes += 2, count -= 2) {
		memcpy(&native, bytes, 2);
		even += native;
	}
	if (count > 0) {
		uint8_t last[2] = { bytes[0], 0 };

		memcpy(&native, last, 2);
		even += native;
	}
	native = fold(even + odd);
	return fold((uint64_t)sum + load_u16((const uint8_t *)&native));
}

/* Whether the IPv4 header at @header is wrong. */
static bool ipv4_wrong(const uint8_t *header)
{
	return load_u16(header + 10) != 0 &&
	       checksum_add(0, header, (header[0] & 15) * 4u) != 0xffff;
}

/* The same for @length bytes of TCP behind the addresses of the IP header. */
static bool tcp_wrong(const uint8_t *addresses, size_t addresses_length, const uint8_t *tcp,
		      uint32_t length)
{
	uint16_t field = load_u16(tcp + 16);
	uint16_t addressed = checksum_add(PROTOCOL_TCP, addresses, addresses_length);
	uint16_t pseudo = fold((uint64_t)addressed + length);

	if (field == 0 || field == pseudo || field == addressed)
		return false;
	return checksum_add(pseudo, tcp, length) != 0xffff;
}

uint8_t checksum_wrong(const Frame *packet, const Segment *segment)
{
	const uint8_t *header = packet->data + segment->ip_offset;
	const uint8_t *tcp = packet->data + segment->tcp_offset;
	bool v4 = segment->src.version == 4;
	uint32_t header_length = segment->tcp_offset - segment->ip_offset;
	uint8_t wrong = 0;

	if (segment->ip_length > PACKET_MAX || load_u16(header + (v4 ? 2 : 4)) == 0)
		return 0;
	if (v4 && ipv4_wrong(header))
		wrong |= WRONG_SUM_IP;
	if (header_length != (v4 ? IPV4_HEADER_MIN : IPV6_HEADER) ||
	    packet->caplen - segment->ip_offset < segment->ip_length ||
	    (v4 && load_u16(header + 6) & 0x2000))
		return wrong;
	if (tcp_wrong(header + (v4 ? 12 : 8), v4 ? 8 : 32, tcp, segment->ip_length - header_length))
		wrong |= WRONG_SUM_TCP;
	return wrong;
}
