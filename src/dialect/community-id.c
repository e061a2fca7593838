/* Community ID, version 1. Knows the hash of two endpoints; knows no connection. */
#include "dialect/community-id.h"

#include <string.h>

#include "base/sha1.h"

#define PROTOCOL_TCP 6

static size_t put(uint8_t *bytes, size_t at, const void *what, size_t count)
{
	memcpy(bytes + at, what, count);
	return at + count;
}

static size_t put_port(uint8_t *bytes, size_t at, uint16_t port)
{
	bytes[at] = port >> 8;
	bytes[at + 1] = (uint8_t)port;
	return at + 2;
}

/* RFC 4648 4: 20 bytes are 27 digits and a sign that fills up. */
static void write_base64(char *text, const uint8_t bytes[static SHA1_SIZE])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (unsigned at = 0; at < SHA1_SIZE; at += 3) {
		uint32_t last = at + 2 < SHA1_SIZE ? bytes[at + 2] : 0;
		uint32_t three = (uint32_t)bytes[at] << 16 | (uint32_t)bytes[at + 1] << 8 | last;

		for (unsigned shift = 24; shift > 0; shift -= 6)
			*text++ = digits[three >> (shift - 6) & 63];
	}
	text[-1] = '=';
	text[0] = '\0';
}

void community_id_format(char text[static COMMUNITY_ID_TEXT_MAX], const Endpoint end[2])
{
	static const uint8_t seed[2] = { 0, 0 };
	static const uint8_t protocol[2] = { PROTOCOL_TCP, 0 };
	size_t address = end[0].version == 4 ? 4 : 16;
	uint8_t bytes[2 + 16 + 16 + 2 + 2 + 2];
	uint8_t digest[SHA1_SIZE];
	size_t length = 0;

	length = put(bytes, length, seed, sizeof(seed));
	length = put(bytes, length, end[0].addr.bytes, address);
	length = put(bytes, length, end[1].addr.bytes, address);
	length = put(bytes, length, protocol, sizeof(protocol));
	length = put_port(bytes, length, end[0].port);
	length = put_port(bytes, length, end[1].port);
	sha1_short(digest, bytes, length);
	memcpy(text, "1:", 2);
	write_base64(text + 2, digest);
}
