/* Lays out frames and writes them as a classic capture file. Knows link layers, IP and checksums;
 * knows neither TCP nor the language of scenarios. */

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "frames.h"

FramesOptions frames_options = { .snaplen = 262144 };

void frames_put16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

void frames_put32(uint8_t *p, uint32_t value)
{
	frames_put16(p, value >> 16);
	frames_put16(p + 2, value);
}

/* RFC 1071: adds the bytes as 16-bit words, the last one padded with zero. */
static uint32_t sum_words(uint32_t sum, const uint8_t *p, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* ---- link layers ---- */

enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd };

/* Each writes the header that goes before an IP packet and returns its length. */
static size_t put_ethernet(uint8_t *p, unsigned sender, uint32_t ethertype)
{
	static const uint8_t mac[2][6] = { { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 } };

	memcpy(p, mac[1 - sender], 6);
	memcpy(p + 6, mac[sender], 6);
	frames_put16(p + 12, ethertype);
	return 14;
}

static size_t put_vlan(uint8_t *p, unsigned sender, uint32_t ethertype)
{
	put_ethernet(p, sender, 0x8100);
	frames_put16(p + 14, 10);
	frames_put16(p + 16, ethertype);
	return 18;
}

static size_t put_qinq(uint8_t *p, unsigned sender, uint32_t ethertype)
{
	put_ethernet(p, sender, 0x88a8);
	frames_put16(p + 14, 20);
	frames_put16(p + 16, 0x8100);
	frames_put16(p + 18, 10);
	frames_put16(p + 20, ethertype);
	return 22;
}

/* Linux cooked: the client's segments are outgoing (4), the server's are for us (0). */
static size_t put_sll(uint8_t *p, unsigned sender, uint32_t ethertype)
{
	frames_put16(p, sender == 0 ? 4 : 0);
	frames_put16(p + 2, 1);
	frames_put16(p + 4, 6);
	memcpy(p + 6, (uint8_t[8]){ 2, 0, 0, 0, 0, (uint8_t)(sender + 1) }, 8);
	frames_put16(p + 14, ethertype);
	return 16;
}

static size_t put_sll2(uint8_t *p, unsigned sender, uint32_t ethertype)
{
	frames_put16(p, ethertype);
	frames_put16(p + 2, 0);
	frames_put32(p + 4, 2);
	frames_put16(p + 8, 1);
	p[10] = sender == 0 ? 4 : 0;
	p[11] = 6;
	memcpy(p + 12, (uint8_t[8]){ 2, 0, 0, 0, 0, (uint8_t)(sender + 1) }, 8);
	return 20;
}

/* BSD null: the address family in the byte order of the writer; 30 is IPv6 on macOS. */
static size_t put_null(uint8_t *p, unsigned sender, uint32_t ethertype)
{
	uint32_t family = ethertype == ETHERTYPE_IPV4 ? 2 : 30;

	(void)sender;
	memcpy(p, &family, 4);
	return 4;
}

static size_t put_loop(uint8_t *p, unsigned sender, uint32_t ethertype)
{
	(void)sender;
	frames_put32(p, ethertype == ETHERTYPE_IPV4 ? 2 : 30);
	return 4;
}

static size_t put_nothing(uint8_t *p, unsigned sender, uint32_t ethertype)
{
	(void)p;
	(void)sender;
	(void)ethertype;
	return 0;
}

static const struct LinkType {
	const char *name;
	uint32_t number; /* LINKTYPE_ value in the file's header */
	size_t (*put)(uint8_t *p, unsigned sender, uint32_t ethertype);
} link_types[] = {
	{ "ethernet", 1, put_ethernet }, { "vlan", 1, put_vlan },     { "qinq", 1, put_qinq },
	{ "sll", 113, put_sll },         { "sll2", 276, put_sll2 },   { "null", 0, put_null },
	{ "loop", 108, put_loop },       { "raw", 101, put_nothing },
};

static const struct LinkType *link_type = &link_types[0];

bool frames_set_link(const char *name)
{
	for (size_t i = 0; i < sizeof(link_types) / sizeof(link_types[0]); i++) {
		if (strcmp(link_types[i].name, name) == 0) {
			link_type = &link_types[i];
			return true;
		}
	}
	return false;
}

static void put_address(uint8_t *p, uint32_t address)
{
	if (frames_options.ipv6) {
		memcpy(p, (uint8_t[16]){ 0x20, 0x01, 0x0d, 0xb8 }, 16);
		p += 12;
	}
	frames_put32(p, address);
}

uint8_t *frames_put_ip(uint8_t *carried, size_t length, const FramesIp *ip, uint8_t *checksum)
{
	bool ipv6 = frames_options.ipv6;
	size_t header_size = ipv6 ? 40 : 20, address_size = ipv6 ? 16 : 4;
	uint8_t protocol = ipv6 && ip->protocol == IPPROTO_ICMP ? IPPROTO_ICMPV6 : ip->protocol;
	uint8_t *p = carried - header_size, *addresses = carried - 2 * address_size;
	uint32_t sum = 0;

	memset(p, 0, header_size);
	put_address(addresses, ip->src);
	put_address(addresses + address_size, ip->dst);
	if (ipv6) {
		p[0] = 0x60;
		frames_put16(p + 4, (uint32_t)length);
		p[6] = protocol;
		p[7] = ip->ttl;
	} else {
		p[0] = 0x45;
		frames_put16(p + 2, (uint32_t)(length + header_size));
		frames_put16(p + 4, ip->id);
		frames_put16(p + 6, 0x4000);
		p[8] = ip->ttl;
		p[9] = protocol;
		frames_put16(p + 10, ~sum_words(0, p, header_size));
	}
	/* The pseudo header, RFC 9293 3.1 and RFC 8200 8.1; ICMP over IPv4 has none. */
	if (protocol != IPPROTO_ICMP)
		sum = sum_words((uint32_t)length + protocol, addresses, 2 * address_size);
	frames_put16(checksum, 0);
	frames_put16(checksum, ~sum_words(sum, carried, length));
	return p;
}

static void put_host32(uint32_t value)
{
	fwrite(&value, sizeof(value), 1, stdout);
}

void frames_begin(void)
{
	uint16_t version[2] = { 2, 4 };

	put_host32(frames_options.nano ? 0xa1b23c4d : 0xa1b2c3d4);
	fwrite(version, sizeof(version), 1, stdout);
	put_host32(0);
	put_host32(0);
	put_host32(frames_options.snaplen);
	put_host32(link_type->number);
}

void frames_write(int64_t time, unsigned sender, uint8_t *ip, const uint8_t *end)
{
	const int64_t second = 1000000000;
	uint8_t header[32];
	size_t size = link_type->put(header, sender,
				     frames_options.ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4);
	uint32_t length = (uint32_t)(size + (size_t)(end - ip));
	uint32_t caplen = length < frames_options.snaplen ? length : frames_options.snaplen;

	memcpy(ip - size, header, size);
	put_host32((uint32_t)(time / second));
	put_host32((uint32_t)(time % second / (frames_options.nano ? 1 : 1000)));
	put_host32(caplen);
	put_host32(length);
	fwrite(ip - size, 1, caplen, stdout);
}
