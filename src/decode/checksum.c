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

/* To the upper half the lower one is added, and so is what that carries: the lower half has the
 * same sum. */
static inline uint16_t fold(uint64_t sum)
{
	uint32_t half = (uint32_t)((sum + (sum << 32 | sum >> 32)) >> 32);

	return (uint16_t)((half + (half << 16 | half >> 16)) >> 16);
}

/* The carry goes round, as RFC 1071 1 adds. */
static inline uint64_t add_round(uint64_t sum, uint64_t word)
{
	uint64_t total;

	return __builtin_add_overflow(sum, word, &total) + total;
}

static inline uint64_t load_native(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* From a number of bytes on, a mask of 32 bytes that leaves as many of the last ones. */
static const uint64_t last_bytes[8] = { [4] = UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };

/* The sum of the last @count % 32 of at least 32 bytes, which end at @end, in words as add_native()
 * would have come to them. Nothing branches by how many they are. */
static inline uint64_t add_rest(const uint8_t *end, size_t count)
{
	const uint8_t *mask = (const uint8_t *)last_bytes + count % 32;
	uint64_t sum = 0;

	for (int at = 0; at < 32; at += 8)
		sum = add_round(sum, load_native(end - 32 + at) & load_native(mask + at));
	/* Behind an odd number of bytes each was taken for the other half of its word. */
	return count % 2 ? sum << 8 | sum >> 56 : sum;
}

/* The sum of words as this machine reads them: RFC 1071 2 lets it be taken in any order and in
 * wider numbers, and it comes out swapped if they were. */
static inline uint64_t add_native(const uint8_t *bytes, size_t count)
{
	uint64_t lanes[4] = { 0 }, sum = 0;
	uint32_t four = 0;
	uint16_t two = 0, one = 0;

	if (count >= 32) {
		const uint8_t *rest = bytes + count / 32 * 32;

		for (; bytes != rest; bytes += 32) {
			/* Four sums that need not wait for each other. */
			lanes[0] = add_round(lanes[0], load_native(bytes));
			lanes[1] = add_round(lanes[1], load_native(bytes + 8));
			lanes[2] = add_round(lanes[2], load_native(bytes + 16));
			lanes[3] = add_round(lanes[3], load_native(bytes + 24));
		}
		sum = add_round(add_round(lanes[0], lanes[1]), add_round(lanes[2], lanes[3]));
		return count % 32 ? add_round(sum, add_rest(rest + count % 32, count)) : sum;
	}
	for (; count >= 8; bytes += 8, count -= 8)
		sum = add_round(sum, load_native(bytes));
	if (count & 4)
		memcpy(&four, bytes, sizeof(four));
	if (count & 2)
		memcpy(&two, bytes + (count & 4), sizeof(two));
	if (count & 1)
		memcpy(&one, bytes + (count & 6), 1);
	return add_round(sum, (uint64_t)four + two + one);
}

/* From this machine's order to the packet's, or back. */
static inline uint16_t turn(uint16_t number)
{
	return load_u16((const uint8_t *)&number);
}

uint16_t checksum_add(uint16_t sum, const uint8_t *bytes, size_t count)
{
	return fold((uint64_t)sum + turn(fold(add_native(bytes, count))));
}

/* Whether the IPv4 header at @header is wrong. */
static inline bool ipv4_wrong(const uint8_t *header)
{
	size_t length = (header[0] & 15) * 4u;
	/* Without options, which is nearly always, the compiler knows the length. All ones are the
	 * same in either order. */
	uint16_t sum = length == IPV4_HEADER_MIN ? fold(add_native(header, IPV4_HEADER_MIN))
						 : checksum_add(0, header, length);

	return sum != 0xffff && load_u16(header + 10) != 0;
}

/* The same for @length bytes of TCP, which stand right behind the @addresses_length bytes of the
 * addresses in an IP header without options: one sum goes over both. */
static inline bool tcp_wrong(const uint8_t *addresses, size_t addresses_length, uint32_t length)
{
	const uint8_t *tcp = addresses + addresses_length;
	uint64_t of_addresses = add_native(addresses, addresses_length);
	uint64_t sum = add_round(of_addresses, add_native(tcp, length));
	uint16_t field, addressed;

	if (fold(add_round(sum, turn((uint16_t)(PROTOCOL_TCP + length)))) == 0xffff)
		return false;
	/* What is left to the interface is nothing, or the sum of the pseudo-header, some without
	 * the length. */
	field = load_u16(tcp + 16);
	addressed = fold((uint64_t)turn(fold(of_addresses)) + PROTOCOL_TCP);
	return field != 0 && field != addressed && field != fold((uint64_t)addressed + length);
}

uint8_t checksum_wrong(const Frame *packet, const Segment *segment)
{
	const uint8_t *header = packet->data + segment->ip_offset;
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
	if (tcp_wrong(header + (v4 ? 12 : 8), v4 ? 8 : 32, segment->ip_length - header_length))
		wrong |= WRONG_SUM_TCP;
	return wrong;
}
