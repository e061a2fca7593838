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

	for (unsigned at = 0; at < SHA1_SIZE; at += 3, text += 4) {
		uint32_t last = at + 2 < SHA1_SIZE ? bytes[at + 2] : 0;
		uint32_t three = (uint32_t)bytes[at] << 16 | (uint32_t)bytes[at + 1] << 8 | last;

		text[0] = digits[three >> 18];
		text[1] = digits[three >> 12 & 63];
		text[2] = digits[three >> 6 & 63];
		text[3] = digits[three & 63];
	}
	text[-1] = '=';
	text[0] = '\0';
}

/* What is hashed: returns how many bytes it is. */
static size_t put_ends(uint8_t bytes[static SHA1_SHORT_MAX], const Endpoint end[2])
{
	static const uint8_t seed[2] = { 0, 0 };
	static const uint8_t protocol[2] = { PROTOCOL_TCP, 0 };
	size_t address = end[0].version == 4 ? 4 : 16;
	size_t length = 0;

	length = put(bytes, length, seed, sizeof(seed));
	length = put(bytes, length, end[0].addr.bytes, address);
	length = put(bytes, length, end[1].addr.bytes, address);
	length = put(bytes, length, protocol, sizeof(protocol));
	length = put_port(bytes, length, end[0].port);
	return put_port(bytes, length, end[1].port);
}

void community_ids_format(char texts[static COMMUNITY_ID_BATCH][COMMUNITY_ID_TEXT_MAX],
			  const Endpoint ends[static COMMUNITY_ID_BATCH][2], unsigned count)
{
	uint8_t bytes[SHA1_LANES][SHA1_SHORT_MAX], digests[SHA1_LANES][SHA1_SIZE];
	Sha1Text lanes[SHA1_LANES] = { { .count = 0 } };

	G_STATIC_ASSERT(COMMUNITY_ID_BATCH == SHA1_LANES);
	g_assert(count <= COMMUNITY_ID_BATCH);
	for (unsigned i = 0; i < count; i++)
		lanes[i] = (Sha1Text){ bytes[i], put_ends(bytes[i], ends[i]) };
	sha1_lanes(digests, lanes);
	for (unsigned i = 0; i < count; i++) {
		memcpy(texts[i], "1:", 2);
		write_base64(texts[i] + 2, digests[i]);
	}
}

void community_id_format(char text[static COMMUNITY_ID_TEXT_MAX], const Endpoint end[2])
{
	char texts[COMMUNITY_ID_BATCH][COMMUNITY_ID_TEXT_MAX];
	const Endpoint ends[COMMUNITY_ID_BATCH][2] = { { end[0], end[1] } };

	community_ids_format(texts, ends, 1);
	memcpy(text, texts[0], sizeof(texts[0]));
}
