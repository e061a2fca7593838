/* Link headers and IPv6 extension headers for odd-pcap. Knows how long they are; knows no TCP. */

#include <string.h>

#include "odd.h"

/* ---- IPv6 ---- */

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

/* ---- links ---- */

static const struct {
	const char *name;
	int number;
} links[] = {
	{ "ethernet", LINK_ETHERNET }, { "null", LINK_NULL }, { "loop", LINK_LOOP },
	{ "raw", LINK_RAW },           { "sll", LINK_SLL },   { "sll2", LINK_SLL2 },
};

int odd_link_number(const char *name)
{
	for (unsigned i = 0; i < COUNT(links); i++) {
		if (strcmp(links[i].name, name) == 0)
			return links[i].number;
	}
	return -1;
}

/* VLAN tags before what has this EtherType; returns the type of the first. */
static uint32_t put_tags(Odd *odd, uint32_t type, bool any_tag)
{
	static const uint32_t tags[] = { 0x8100, 0x88a8, 0x9100, 0x9200 };

	for (unsigned count = roll(2) ? 0 : roll(4); count > 0; count--) {
		uint8_t *tag = odd_prepend(odd, 4);

		put16(tag, roll(65536));
		put16(tag + 2, type);
		type = any_tag ? one_of(tags, COUNT(tags)) : 0x8100;
	}
	return type;
}

/* IEEE 802.2 with a SNAP header, or for IPv4 with the number that it had before. */
static void put_llc(Odd *odd, uint32_t type)
{
	uint8_t *header;

	if (type == 0x0800 && roll(3) == 0) {
		memcpy(odd_prepend(odd, 3), "\x06\x06\x03", 3);
		return;
	}
	header = odd_prepend(odd, 8);
	memcpy(header, "\xaa\xaa\x03\x00\x00\x00", 6);
	if (roll(3) == 0)
		header[5] = 0xf8;
	put16(header + 6, type);
}

static void put_ethernet(Odd *odd, uint32_t type)
{
	/* Some whose vendor tcpdump knows, and the broadcast address. */
	static const uint32_t vendors[] = { 0x000000, 0x00000c, 0x080009,
					    0xa42305, 0xffffff, 0x020000 };
	uint8_t *header;

	/* The length in place of a type covers no padding; one that IP contradicts is left to
	 * tcpdump. */
	if (odd->end - odd->start < 1400 && odd->end == sizeof(odd->bytes) && roll(8) == 0) {
		put_llc(odd, type);
		type = (uint32_t)(odd->end - odd->start);
	}
	type = put_tags(odd, type, true);
	header = odd_prepend(odd, 14);
	for (unsigned i = 0; i < 2; i++) {
		uint32_t vendor = one_of(vendors, COUNT(vendors));

		put32(header + 6 * i, vendor << 8 | 0xff);
		put16(header + 6 * i + 4, roll(2) ? 0xffff : 1);
	}
	put16(header + 12, type);
}

/* LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 */
static void put_cooked(Odd *odd, uint32_t type, bool second)
{
	static const uint32_t lengths[] = { 6, 6, 6, 0, 8 };
	static const uint32_t indexes[] = { 0, 1, 1, 2, 70000 };
	uint32_t packet_type = roll(6), length = one_of(lengths, COUNT(lengths));
	uint8_t *header;

	if (roll(8) == 0) {
		put_llc(odd, type);
		type = 4;
	} else {
		/* tcpdump knows no other tags here. */
		type = put_tags(odd, type, false);
	}
	header = odd_prepend(odd, second ? 20 : 16);
	if (second) {
		put16(header, type);
		put32(header + 4, one_of(indexes, COUNT(indexes)));
		put16(header + 8, 1);
		header[10] = (uint8_t)packet_type;
		header[11] = (uint8_t)length;
		odd_fill(header + 12, 8);
	} else {
		put16(header, packet_type);
		put16(header + 2, 1);
		put16(header + 4, length);
		odd_fill(header + 6, 8);
		put16(header + 14, type);
	}
}

/* LINKTYPE_NULL and LINKTYPE_LOOP: a protocol family of some BSD, in either byte order. */
static void put_family(Odd *odd, bool ipv6)
{
	static const uint32_t families[] = { 24, 28, 30 };
	uint32_t family = ipv6 ? one_of(families, COUNT(families)) : 2;
	uint8_t *header = odd_prepend(odd, 4);

	header[roll(2) ? 0 : 3] = (uint8_t)family;
}

void odd_link(Odd *odd, int link, bool ipv6)
{
	uint32_t type = ipv6 ? 0x86dd : 0x0800;

	switch (link) {
	case LINK_ETHERNET:
		put_ethernet(odd, type);
		break;
	case LINK_SLL:
		put_cooked(odd, type, false);
		break;
	case LINK_SLL2:
		put_cooked(odd, type, true);
		break;
	case LINK_NULL:
	case LINK_LOOP:
		put_family(odd, ipv6);
		break;
	}
}
