/* Text and order of addresses and endpoints. Knows their digits; knows no names. */
#include "base/address.h"

#include <arpa/inet.h>
#include <glib.h>
#include <string.h>

#include "base/digits.h"

/* The structures are hashed and compared as bytes. */
G_STATIC_ASSERT(sizeof(Address) == 16);
G_STATIC_ASSERT(sizeof(Endpoint) == 20);

/* Writes 16 bits in hexadecimal without leading zeros; returns where they end. */
static char *write_hex(char *at, unsigned value)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 12;

	while (shift > 0 && value >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*at++ = digits[value >> shift & 15];
	return at;
}

/* clang-format off */
#define TEN(tens) \
	tens "0.", tens "1.", tens "2.", tens "3.", tens "4.", \
	tens "5.", tens "6.", tens "7.", tens "8.", tens "9."

/* Each byte of an IPv4 address with the point behind it, and how many of the four count: to copy all
 * four is quicker than to ask. */
static const char octets[256][4] = {
	TEN(""), TEN("1"), TEN("2"), TEN("3"), TEN("4"), TEN("5"), TEN("6"), TEN("7"), TEN("8"),
	TEN("9"), TEN("10"), TEN("11"), TEN("12"), TEN("13"), TEN("14"), TEN("15"), TEN("16"),
	TEN("17"), TEN("18"), TEN("19"), TEN("20"), TEN("21"), TEN("22"), TEN("23"), TEN("24"),
	"250.", "251.", "252.", "253.", "254.", "255.",
};
static const uint8_t octet_lengths[256] = { [0 ... 9] = 2, [10 ... 99] = 3, [100 ... 255] = 4 };
/* clang-format on */

/* Writes 16 bytes at the most, of which the address may take less. */
static char *write_ipv4(char *at, const uint8_t *bytes)
{
	for (int i = 0; i < 4; i++) {
		memcpy(at, octets[bytes[i]], 4);
		at += octet_lengths[bytes[i]];
	}
	return at - 1;
}

/* RFC 5952 as inet_ntop() has it: "::" for the longest run of two or more zero groups, the first of
 * several; the last 32 bits of a mapped or compatible address as IPv4. */
static char *write_ipv6(char *at, const uint8_t *bytes)
{
	unsigned groups[8];
	int best = 8, best_length = 1;

	for (int i = 0; i < 8; i++)
		groups[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
	for (int i = 0, length; i < 8; i += length + 1) {
		for (length = 0; i + length < 8 && groups[i + length] == 0;)
			length++;
		if (length > best_length) {
			best = i;
			best_length = length;
		}
	}
	for (int i = 0; i < 8; i++) {
		if (i == best) {
			*at++ = ':';
			i += best_length - 1;
			if (i == 7)
				*at++ = ':';
			continue;
		}
		if (i > 0)
			*at++ = ':';
		if (i == 6 && best == 0 &&
		    (best_length == 6 || (best_length == 5 && groups[5] == 0xffff)))
			return write_ipv4(at, bytes + 12);
		at = write_hex(at, groups[i]);
	}
	return at;
}

size_t address_format(char text[static ADDRESS_TEXT_MAX], const Address *addr, int version)
{
	char *end = version == 4 ? write_ipv4(text, addr->bytes) : write_ipv6(text, addr->bytes);

	*end = '\0';
	return (size_t)(end - text);
}

size_t endpoint_format(char text[static ENDPOINT_TEXT_MAX], const Endpoint *endpoint)
{
	char *at = text;

	if (endpoint->version == 4) {
		at = write_ipv4(at, endpoint->addr.bytes);
	} else {
		*at++ = '[';
		at = write_ipv6(at, endpoint->addr.bytes);
		*at++ = ']';
	}
	*at++ = ':';
	at = digits_put(at, endpoint->port);
	*at = '\0';
	return (size_t)(at - text);
}

int endpoint_compare(const Endpoint *a, const Endpoint *b)
{
	int order = (a->version > b->version) - (a->version < b->version);

	for (unsigned i = 0; order == 0 && i < sizeof(a->addr.bytes); i += 4) {
		uint32_t x, y;

		memcpy(&x, a->addr.bytes + i, sizeof(x));
		memcpy(&y, b->addr.bytes + i, sizeof(y));
		if (x != y)
			order = GUINT32_FROM_BE(x) < GUINT32_FROM_BE(y) ? -1 : 1;
	}
	if (order == 0)
		order = (a->port > b->port) - (a->port < b->port);
	return order;
}

/* Clears what lies beyond the leading @bits. */
static void address_mask(Address *addr, unsigned bits)
{
	for (unsigned i = 0; i < sizeof(addr->bytes); i++) {
		if (bits >= 8 * (i + 1))
			continue;
		addr->bytes[i] &= (uint8_t)(bits <= 8 * i ? 0 : 0xff << (8 * (i + 1) - bits));
	}
}

/* A number from 0 to @max and nothing else; -1 otherwise. */
static int parse_bits(const char *text, int max)
{
	int bits = 0;

	if (*text == '\0')
		return -1;
	for (; *text; text++) {
		if (!g_ascii_isdigit(*text))
			return -1;
		bits = bits * 10 + (*text - '0');
		if (bits > max)
			return -1;
	}
	return bits;
}

bool address_prefix_parse(const char *text, AddressPrefix *prefix)
{
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	char address[ADDRESS_TEXT_MAX];
	AddressPrefix parsed = { 0 };
	bool bracketed = length >= 2 && text[0] == '[' && text[length - 1] == ']';
	int bits, max;

	if (bracketed) {
		text++;
		length -= 2;
	}
	if (length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	if (!bracketed && inet_pton(AF_INET, address, parsed.addr.bytes) == 1)
		parsed.version = 4;
	else if (inet_pton(AF_INET6, address, parsed.addr.bytes) == 1)
		parsed.version = 6;
	else
		return false;

	max = parsed.version == 4 ? 32 : 128;
	bits = slash ? parse_bits(slash + 1, max) : max;
	if (bits < 0)
		return false;
	parsed.bits = (uint8_t)bits;
	address_mask(&parsed.addr, parsed.bits);
	*prefix = parsed;
	return true;
}

bool address_prefix_contains(const AddressPrefix *prefix, const Address *addr, int version)
{
	unsigned whole = prefix->bits / 8u, rest = prefix->bits % 8u;

	if (version != prefix->version || memcmp(addr->bytes, prefix->addr.bytes, whole) != 0)
		return false;
	return rest == 0 || (addr->bytes[whole] ^ prefix->addr.bytes[whole]) >> (8 - rest) == 0;
}
