/* Recognising captures, compressed files, and neither. Knows the first bytes of each; reads no
 * frame. */
#include "capture/magic.h"

#include <stdint.h>
#include <string.h>

#include "capture/input.h"

/* The magic numbers of classic captures, in the byte order of the machine that wrote them: the
 * usual one; with nanoseconds; with a longer record header (Kuznetzov's patch); Navtel's. libpcap
 * reads all four. */
enum {
	PCAP_MAGIC = 0xa1b2c3d4,
	PCAP_MAGIC_NANOSECONDS = 0xa1b23c4d,
	PCAP_MAGIC_MODIFIED = 0xa1b2cd34,
	PCAP_MAGIC_NAVTEL = 0xa12b3c4d,
};

/* Of draft-ietf-opsawg-pcapng: block types, the byte order's number, and one option. */
enum {
	PCAPNG_SECTION_HEADER = 0x0a0d0d0a, /* reads the same in either byte order */
	PCAPNG_BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	PCAPNG_INTERFACE = 1,
	PCAPNG_OLD_PACKET = 2,
	PCAPNG_SIMPLE_PACKET = 3,
	PCAPNG_ENHANCED_PACKET = 6,
	PCAPNG_OPTION_END = 0,
	PCAPNG_OPTION_TSRESOL = 9,
};

/* How far into a pcapng file its interfaces are looked for. */
#define PCAPNG_PEEK_MAX (1024 * 1024)

/* Compressed files by their first bytes, and the program that undoes it. */
static const struct {
	const char *name;    /* what compressed it */
	const char *program; /* writes it decompressed to standard output */
	uint8_t length;      /* bytes of @magic */
	uint8_t magic[6];    /* the file's first bytes */
} compressions[] = {
	{ "gzip", "zcat", 2, { 0x1f, 0x8b } },
	{ "zstd", "zstdcat", 4, { 0x28, 0xb5, 0x2f, 0xfd } },
	{ "xz", "xzcat", 6, { 0xfd, '7', 'z', 'X', 'Z', 0x00 } },
	{ "lz4", "lz4cat", 4, { 0x04, 0x22, 0x4d, 0x18 } },
	{ "bzip2", "bzcat", 3, { 'B', 'Z', 'h' } },
};

static uint32_t number_u32(const uint8_t *bytes, bool swapped)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return swapped ? __builtin_bswap32(value) : value;
}

static uint16_t number_u16(const uint8_t *bytes, bool swapped)
{
	uint16_t value;

	memcpy(&value, bytes, sizeof(value));
	return swapped ? __builtin_bswap16(value) : value;
}

/* if_tsresol: a negative power of ten, or of two if the highest bit is set. 2^-20 is the first of
 * those that is below a microsecond. */
static bool resolution_is_fine(uint8_t resolution)
{
	return resolution & 0x80 ? (resolution & 0x7f) >= 20 : resolution > 6;
}

/* An interface block's options, @length bytes. */
static bool interface_is_fine(const uint8_t *option, size_t length, bool swapped)
{
	while (length >= 4) {
		uint16_t code = number_u16(option, swapped);
		/* Values are padded to 4 bytes. */
		size_t taken = 4 + (number_u16(option + 2, swapped) + 3u) / 4 * 4;

		if (code == PCAPNG_OPTION_END || taken > length)
			break;
		if (code == PCAPNG_OPTION_TSRESOL && taken > 4)
			return resolution_is_fine(option[4]);
		option += taken;
		length -= taken;
	}
	/* Without the option it is microseconds. */
	return false;
}

/* Walks the blocks up to the first frame. What is damaged is left to libpcap to find. */
static bool pcapng_is_fine(Stream *stream)
{
	const uint8_t *bytes;
	size_t at = 0;
	bool swapped = false;

	while (stream_peek(stream, at + 12, &bytes) == at + 12) {
		uint32_t type = number_u32(bytes + at, swapped);
		uint32_t length;

		if (type == PCAPNG_SECTION_HEADER)
			swapped = number_u32(bytes + at + 8, false) != PCAPNG_BYTE_ORDER_MAGIC;
		if (type == PCAPNG_OLD_PACKET || type == PCAPNG_SIMPLE_PACKET ||
		    type == PCAPNG_ENHANCED_PACKET)
			break;
		length = number_u32(bytes + at + 4, swapped);
		if (length < 12 || length % 4 != 0 || length > PCAPNG_PEEK_MAX - at)
			break;
		if (stream_peek(stream, at + length, &bytes) < at + length)
			break;
		/* Type, length, link type, reserved, snap length; the length again at the end. */
		if (type == PCAPNG_INTERFACE && length >= 20 &&
		    interface_is_fine(bytes + at + 16, length - 20, swapped))
			return true;
		at += length;
	}
	return false;
}

static bool refuse_compressed(Stream *stream, const uint8_t *bytes, size_t length, GError **error)
{
	const char *name = stream_name(stream);

	for (size_t i = 0; i < G_N_ELEMENTS(compressions); i++) {
		if (length < compressions[i].length ||
		    memcmp(bytes, compressions[i].magic, compressions[i].length) != 0)
			continue;
		g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN,
			    "%s: compressed with %s; decompress it first: %s %s | wirestate -r -",
			    name, compressions[i].name, compressions[i].program,
			    strcmp(name, "standard input") == 0 ? "FILE" : name);
		return true;
	}
	return false;
}

bool magic_recognise(Stream *stream, bool *nanoseconds, GError **error)
{
	const uint8_t *bytes;
	size_t length = stream_peek(stream, 6, &bytes);
	uint32_t magic;

	if (length == 0 && stream_error(stream)) {
		g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN, "%s: %s", stream_name(stream),
			    g_strerror(stream_error(stream)));
		return false;
	}
	if (length == 0) {
		g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN,
			    "%s: is empty; a capture has at least a header", stream_name(stream));
		return false;
	}
	if (refuse_compressed(stream, bytes, length, error))
		return false;
	magic = length >= 4 ? number_u32(bytes, false) : 0;
	for (int order = 0; order < 2; order++, magic = __builtin_bswap32(magic)) {
		switch (magic) {
		case PCAP_MAGIC:
		case PCAP_MAGIC_MODIFIED:
		case PCAP_MAGIC_NAVTEL:
			*nanoseconds = false;
			return true;
		case PCAP_MAGIC_NANOSECONDS:
			*nanoseconds = true;
			return true;
		case PCAPNG_SECTION_HEADER:
			*nanoseconds = pcapng_is_fine(stream);
			return true;
		}
	}
	g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN, "%s: is not a capture (pcap or pcapng)",
		    stream_name(stream));
	return false;
}
