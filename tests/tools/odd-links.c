/* Link headers for odd-pcap, and what may stand between them and IP. Knows how long they are; knows
 * no TCP. */

#include <string.h>

#include "odd.h"

static const struct {
	const char *name;
	int number;
} links[] = {
	{ "ethernet", LINK_ETHERNET },
	{ "null", LINK_NULL },
	{ "loop", LINK_LOOP },
	{ "raw", LINK_RAW },
	{ "sll", LINK_SLL },
	{ "sll2", LINK_SLL2 },
	{ "ppp", LINK_PPP },
	{ "pppd", LINK_PPPD },
	{ "ppp-serial", LINK_PPP_SERIAL },
	{ "ppp-ether", LINK_PPP_ETHER },
	{ "hdlc", LINK_HDLC },
	{ "wifi", LINK_WIFI },
	{ "radiotap", LINK_RADIOTAP },
};

int odd_link_number(const char *name)
{
	for (unsigned i = 0; i < COUNT(links); i++) {
		if (strcmp(links[i].name, name) == 0)
			return links[i].number;
	}
	return -1;
}

/* Labels (RFC 3032), of which the last does not say that there is the other version of IP. */
static void put_labels(Odd *odd, bool ipv6)
{
	static const uint32_t labels[] = { 0, 1, 2, 3, 4, 15, 16, 100, 0xfffff };
	uint32_t bottom = 0x100;

	for (unsigned count = 1 + roll(3); count > 0; count--) {
		uint32_t label = one_of(labels, COUNT(labels));

		if (bottom && (label == 0 || label == 2 || label == 3))
			label = ipv6 ? 2 : 3 * roll(2);
		put32(odd_prepend(odd, 4), label << 12 | roll(8) << 9 | bottom | roll(256));
		bottom = 0;
	}
}

/* A PPP protocol number of one byte or two, and labels if it is theirs. */
static void put_ppp_number(Odd *odd, bool ipv6, bool full)
{
	uint32_t number = ipv6 ? 0x57 : 0x21;

	if (roll(6) == 0) {
		put_labels(odd, ipv6);
		number = roll(2) ? 0x281 : 0x283;
	}
	if (full || number > 0xff || roll(2))
		put16(odd_prepend(odd, 2), number);
	else
		odd_prepend(odd, 1)[0] = (uint8_t)number;
}

/* RFC 2516: a session, and a length that may be too large. */
static void put_pppoe(Odd *odd, bool ipv6)
{
	size_t length;
	uint8_t *header;

	put_ppp_number(odd, ipv6, false);
	if (roll(8) == 0)
		put16(odd_prepend(odd, 2), 0xff03);
	length = odd->end - odd->start;
	header = odd_prepend(odd, 6);
	header[0] = 0x11;
	put16(header + 2, roll(4) ? roll(65536) : 0);
	put16(header + 4, (uint32_t)(roll(4) ? length : length + roll(100)));
}

/* Labels or PPPoE before IP, now and then; returns the EtherType of what is there then. */
static uint32_t put_shims(Odd *odd, uint32_t type)
{
	bool ipv6 = type == 0x86dd;

	switch (roll(8)) {
	case 0:
		put_labels(odd, ipv6);
		return roll(4) ? 0x8847 : 0x8848;
	case 1:
		put_pppoe(odd, ipv6);
		return 0x8864;
	default:
		return type;
	}
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

	type = put_shims(odd, type);
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

	type = put_shims(odd, type);
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

/* LINKTYPE_PPP and pppd's, with and without address or direction. */
static void put_ppp(Odd *odd, bool ipv6)
{
	static const uint32_t firsts[] = { 0xff03, 0xff03, 0x0003, 0x0103 };

	put_ppp_number(odd, ipv6, false);
	if (roll(4))
		put16(odd_prepend(odd, 2), one_of(firsts, COUNT(firsts)));
}

/* Cisco's HDLC. */
static void put_hdlc(Odd *odd, bool ipv6, bool any_address)
{
	uint32_t type = ipv6 ? 0x86dd : 0x0800;
	uint8_t *header;

	if (roll(6) == 0) {
		put_labels(odd, ipv6);
		type = 0x8847;
	}
	header = odd_prepend(odd, 4);
	header[0] = roll(2) ? 0x0f : 0x8f;
	if (any_address && roll(4) == 0)
		header[0] = (uint8_t)roll(256);
	put16(header + 2, type);
}

/* LINKTYPE_PPP_HDLC; tcpdump knows no PPP there whose address was left out. */
static void put_serial(Odd *odd, bool ipv6)
{
	if (roll(3) == 0) {
		put_hdlc(odd, ipv6, false);
		return;
	}
	put_ppp_number(odd, ipv6, true);
	put16(odd_prepend(odd, 2), 0xff03);
}

/* An 802.11 data frame: any addresses, any kind that carries data, any flags but those that change
 * what follows (fragments, encryption, HT control). */
static void put_wifi(Odd *odd, uint32_t type, bool padded)
{
	uint32_t flags = roll(4) ? roll(4) : roll(256) & 0xbb;
	uint32_t kind = 0x08 | (roll(2) ? 0 : roll(4) << 4) | (roll(2) ? 0x80 : 0);
	size_t length = 24;
	uint8_t *header;

	if (kind & 0x80)
		flags &= ~0x80u;
	put_llc(odd, put_shims(odd, type));
	length += (flags & 3) == 3 ? 6 : 0;
	length += kind & 0x80 ? 2 : 0;
	if (padded)
		length = (length + 3) / 4 * 4;
	header = odd_prepend(odd, length);
	header[0] = (uint8_t)kind;
	header[1] = (uint8_t)flags;
	put16(header + 2, roll(2) ? 0x2c00 : roll(65536));
	for (unsigned i = 4; i < 22; i++)
		header[i] = (uint8_t)(roll(4) ? 0 : roll(256));
	put16(header + 22, roll(4096) << 8 & 0xf000);
	if ((flags & 3) == 3)
		odd_fill(header + 24, 6);
}

/* Radiotap: any fields, of any content; now and then more than the header has room for, or one that
 * nobody knows. @trailer: the frame ends with its check sequence. */
static void put_radiotap(Odd *odd, uint32_t type, bool trailer)
{
	static const uint32_t usual[] = { 0x0000482e, 0x0000482f, 0xa00040ae, 0x0008002f,
					  0x0020402f, 0x0004482f, 0x0000000e };
	bool padded = roll(4) == 0;
	uint32_t present = (roll(2) ? one_of(usual, COUNT(usual)) : roll(1u << 31)) | 2;
	uint32_t words = present >> 31 ? 2 + roll(2) : 1;
	uint32_t fields = roll(8) ? 200 : 12 + roll(40), flags_at;
	uint8_t *header;

	if (roll(2))
		present &= ~0x3fc38000u;
	if (words == 1)
		present &= 0x1fffffff;
	put_wifi(odd, type, padded);
	header = odd_prepend(odd, 4 + 4 * words + fields);
	odd_fill(header, 4 + 4 * words + fields);
	put16(header, 0);
	header[2] = (uint8_t)(4 + 4 * words + fields);
	header[3] = (uint8_t)((4 + 4 * words + fields) >> 8);
	for (uint32_t word = 0; word < words; word++) {
		uint32_t bits = word == 0 ? present : (uint32_t)roll(1u << 16) & 0x0820;

		/* The flags stand in the first set only. */
		bits |= word + 1 < words ? 0xa0000000 : 0;
		for (unsigned i = 0; i < 4; i++)
			header[4 + 4 * word + i] = (uint8_t)(bits >> 8 * i);
	}
	flags_at = 4 + 4 * words;
	if (present & 1)
		flags_at = (flags_at + 7) / 8 * 8 + 8;
	header[flags_at] &= 0xcf;
	header[flags_at] |= (padded ? 0x20 : 0) | (trailer ? 0x10 : 0);
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
	case LINK_PPP:
	case LINK_PPPD:
		put_ppp(odd, ipv6);
		break;
	case LINK_PPP_SERIAL:
		put_serial(odd, ipv6);
		break;
	case LINK_PPP_ETHER:
		put_pppoe(odd, ipv6);
		break;
	case LINK_HDLC:
		put_hdlc(odd, ipv6, true);
		break;
	case LINK_WIFI:
		put_wifi(odd, type, false);
		break;
	case LINK_RADIOTAP:
		put_radiotap(odd, type, odd->end < sizeof(odd->bytes));
		break;
	}
}
