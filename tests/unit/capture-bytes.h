/* Captures written by hand, byte by byte as their formats say, so that the reader is not judged by
 * a writer of its own library. Classic: draft-ietf-opsawg-pcap; pcapng: draft-ietf-opsawg-pcapng.
 */
#ifndef WIRESTATE_TESTS_CAPTURE_BYTES_H
#define WIRESTATE_TESTS_CAPTURE_BYTES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A file that is being written. */
typedef struct {
	GByteArray *bytes; /* what it holds so far */
	bool big_endian;   /* the byte order of its own numbers */
} CaptureFile;

/* The magic numbers of the classic format. */
enum {
	MICROSECONDS = 0xa1b2c3d4,
	NANOSECONDS = 0xa1b23c4d,
};

static inline void put_u16(CaptureFile *file, uint16_t value)
{
	value = file->big_endian ? GUINT16_TO_BE(value) : GUINT16_TO_LE(value);
	g_byte_array_append(file->bytes, (const uint8_t *)&value, sizeof(value));
}

static inline void put_u32(CaptureFile *file, uint32_t value)
{
	value = file->big_endian ? GUINT32_TO_BE(value) : GUINT32_TO_LE(value);
	g_byte_array_append(file->bytes, (const uint8_t *)&value, sizeof(value));
}

static inline CaptureFile classic_new(uint32_t magic, bool big_endian, uint32_t linktype)
{
	CaptureFile file = { g_byte_array_new(), big_endian };

	put_u32(&file, magic);
	put_u16(&file, 2);
	put_u16(&file, 4);
	put_u32(&file, 0);
	put_u32(&file, 0);
	put_u32(&file, 65535);
	put_u32(&file, linktype);
	return file;
}

/* A section header block; the section's length is not known. */
static inline void pcapng_section(CaptureFile *file)
{
	put_u32(file, 0x0a0d0d0a);
	put_u32(file, 28);
	put_u32(file, 0x1a2b3c4d);
	put_u16(file, 1);
	put_u16(file, 0);
	put_u32(file, 0xffffffff);
	put_u32(file, 0xffffffff);
	put_u32(file, 28);
}

static inline CaptureFile pcapng_new(bool big_endian)
{
	CaptureFile file = { g_byte_array_new(), big_endian };

	pcapng_section(&file);
	return file;
}

#endif
