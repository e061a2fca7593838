/* Community ID, version 1. Knows the hash of two endpoints; knows no connection. */
#include "dialect/community-id.h"

#include <string.h>

#define PROTOCOL_TCP 6
#define SHA1_SIZE    20

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

void community_id_format(char text[static COMMUNITY_ID_TEXT_MAX], GChecksum *sha1,
			 const Endpoint end[2])
{
	static const uint8_t seed[2] = { 0, 0 };
	static const uint8_t protocol[2] = { PROTOCOL_TCP, 0 };
	size_t address = end[0].version == 4 ? 4 : 16;
	uint8_t bytes[2 + 16 + 16 + 2 + 2 + 2];
	uint8_t digest[SHA1_SIZE];
	gsize digest_size = sizeof(digest);
	int state = 0, save = 0;
	size_t length = 0;

	length = put(bytes, length, seed, sizeof(seed));
	length = put(bytes, length, end[0].addr.bytes, address);
	length = put(bytes, length, end[1].addr.bytes, address);
	length = put(bytes, length, protocol, sizeof(protocol));
	length = put_port(bytes, length, end[0].port);
	length = put_port(bytes, length, end[1].port);
	g_checksum_reset(sha1);
	g_checksum_update(sha1, bytes, (gssize)length);
	g_checksum_get_digest(sha1, digest, &digest_size);

	length = put((uint8_t *)text, 0, "1:", 2);
	length += g_base64_encode_step(digest, sizeof(digest), FALSE, text + length, &state, &save);
	length += g_base64_encode_close(FALSE, text + length, &state, &save);
	text[length] = '\0';
}
