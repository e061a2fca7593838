/* What the readers of both file formats have in common: numbers in either byte order, and how
 * reading a record ends. Knows no format. Used in this folder only. */
#ifndef WIRESTATE_CAPTURE_RECORD_H
#define WIRESTATE_CAPTURE_RECORD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef enum {
	RECORD_FRAME, /* there is one */
	RECORD_END,   /* the file ends where a record may end */
	RECORD_CUT,   /* it ends in the middle of one */
	RECORD_BAD,   /* what is there cannot be right */
} RecordResult;

/* What is wrong with a file, for RECORD_CUT and RECORD_BAD. */
typedef struct {
	uint64_t offset; /* where the record begins, in bytes from the capture's first */
	char *what;      /* a sentence without its end; NULL for RECORD_CUT; to be freed */
} Damage;

static inline uint32_t number_u32(const uint8_t *bytes, bool swapped)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return swapped ? __builtin_bswap32(value) : value;
}

static inline uint16_t number_u16(const uint8_t *bytes, bool swapped)
{
	uint16_t value;

	memcpy(&value, bytes, sizeof(value));
	return swapped ? __builtin_bswap16(value) : value;
}

static inline uint64_t number_u64(const uint8_t *bytes, bool swapped)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return swapped ? __builtin_bswap64(value) : value;
}

/* Notes that the record at @offset is cut off. */
static inline RecordResult record_cut(Damage *damage, uint64_t offset)
{
	*damage = (Damage){ .offset = offset };
	return RECORD_CUT;
}

/* Notes what is wrong with the record at @offset; @what becomes the damage's. */
static inline RecordResult record_bad(Damage *damage, uint64_t offset, char *what)
{
	*damage = (Damage){ .offset = offset, .what = what };
	return RECORD_BAD;
}

#endif
