/* IPv6 extension headers for odd-pcap. Knows how long they are; knows no TCP. */

#include <string.h>

#include "odd.h"

/* RFC 8200 4.2: options in units of 8 bytes, padded at the end. */
static void put_options_header(Odd *odd, uint8_t next)
{
	/* Pad1, PadN, router alert, jumbo payload, home address, and unknown ones. */
	static const struct {
		uint8_t kind, length;
	} kinds[] = { { 0, 0 },    { 1, 0 },     { 1, 3 },     { 5, 2 },
		      { 0xc2, 4 }, { 0xc9, 16 }, { 0xc9, 19 }, { 0x1e, 2 } };
	uint8_t options[256] = { 0 };
	size_t length = 0, size;
	uint8_t *header;

	for (unsigned count = roll(4); count > 0; count--) {
		unsigned which = roll(COUNT(kinds));

		options[length++] = kinds[which].kind;
		if (kinds[which].kind == 0)
			continue;
		options[length] = (uint8_t)(roll(10) ? kinds[which].length : roll(20));
		odd_fill(options + length + 1, options[length]);
		length += 1u + options[length];
	}
	size = (length + 2 + 7) / 8 * 8;
	header = odd_prepend(odd, size);
	header[0] = next;
	header[1] = (uint8_t)(size / 8 - 1);
	memcpy(header + 2, options, length);
}

/* RFC 8200 4.4, RFC 6275 6.4, RFC 8754 */
static void put_routing_header(Odd *odd, uint8_t next)
{
	static const uint32_t types[] = { 0, 0, 2, 2, 4, 4, 3 };
	unsigned units = roll(8) ? 2 * roll(3) : roll(5);
	uint8_t *header = odd_prepend(odd, 8 + 8 * units);

	odd_fill(header + 8, 8 * units);
	header[0] = next;
	header[1] = (uint8_t)units;
	header[2] = (uint8_t)one_of(types, COUNT(types));
	header[3] = (uint8_t)roll(3);
	if (roll(2))
		odd_fill(header + 4, 4);
}

/* RFC 8200 4.5: all there is, since tcpdump puts no fragments together. */
static void put_fragment_header(Odd *odd, uint8_t next)
{
	uint8_t *header = odd_prepend(odd, 8);

	odd_fill(header, 8);
	header[0] = next;
	put16(header + 2, 2 * roll(4));
}

/* RFC 4302 2 */
uint8_t odd_authentication(Odd *odd, uint8_t next)
{
	uint8_t words = (uint8_t)(1 + roll(6));
	uint8_t *header = odd_prepend(odd, 4 * (words + 2u));

	odd_fill(header, 4 * (words + 2u));
	header[0] = next;
	header[1] = words;
	if (roll(4))
		put16(header + 2, 0);
	return 51;
}

uint8_t odd_extensions(Odd *odd, uint8_t next)
{
	/* tcpdump follows nothing but TCP behind an authentication header. */
	if (roll(8) == 0)
		next = odd_authentication(odd, next);
	for (unsigned count = roll(2) ? 0 : roll(4); count > 0; count--) {
		static const uint32_t kinds[] = { 60, 43, 43, 44 };
		uint8_t kind = (uint8_t)one_of(kinds, COUNT(kinds));

		if (kind == 60)
			put_options_header(odd, next);
		else if (kind == 43)
			put_routing_header(odd, next);
		else
			put_fragment_header(odd, next);
		next = kind;
	}
	if (roll(6) == 0) {
		put_options_header(odd, next);
		next = 0;
	}
	return next;
}
