/* Reading bytes in network order within bounds. Knows where the captured bytes end; knows no
 * header. */
#ifndef WIRESTATE_DECODE_CURSOR_H
#define WIRESTATE_DECODE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two and four bytes in network order that are known to be there. */
static inline uint16_t load_u16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline uint32_t load_u32(const uint8_t *bytes)
{
	return (uint32_t)load_u16(bytes) << 16 | load_u16(bytes + 2);
}

/* What is left to read. A read beyond the end sets @failed, yields 0 and moves nothing. */
typedef struct {
	const uint8_t *at;  /* the next byte */
	const uint8_t *end; /* behind the last captured byte */
	bool failed;        /* something was read that was not there */
} Cursor;

static inline Cursor cursor_new(const uint8_t *data, size_t length)
{
	return (Cursor){ .at = data, .end = data + length };
}

static inline size_t cursor_left(const Cursor *cursor)
{
	return (size_t)(cursor->end - cursor->at);
}

/* Moves over @count bytes and returns where they stand, or NULL when there are fewer. */
static inline const uint8_t *cursor_take(Cursor *cursor, size_t count)
{
	const uint8_t *taken = cursor->at;

	if (cursor->failed || cursor_left(cursor) < count) {
		cursor->failed = true;
		return NULL;
	}
	cursor->at += count;
	return taken;
}

static inline void cursor_skip(Cursor *cursor, size_t count)
{
	cursor_take(cursor, count);
}

static inline uint8_t cursor_u8(Cursor *cursor)
{
	const uint8_t *b = cursor_take(cursor, 1);

	return b ? b[0] : 0;
}

static inline uint16_t cursor_u16(Cursor *cursor)
{
	const uint8_t *b = cursor_take(cursor, 2);

	return b ? load_u16(b) : 0;
}

static inline uint32_t cursor_u32(Cursor *cursor)
{
	const uint8_t *b = cursor_take(cursor, 4);

	return b ? load_u32(b) : 0;
}

#endif
