/* Writing text to the end of a GString without a call for each piece. Knows digits; knows nothing
 * of what they mean.
 *
 * A line is printed for each segment, so its pieces are written straight into the string's buffer:
 * each function makes sure of room for the piece and then stores bytes. Between writer_begin() and
 * writer_end() the string itself must be left alone. */
#ifndef WIRESTATE_REPORT_WRITER_H
#define WIRESTATE_REPORT_WRITER_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/digits.h"

typedef struct {
	GString *text; /* what is written to; its length is stale until writer_end() */
	char *at;      /* where the next byte goes */
	char *end;     /* how far @text has room, its NUL not counted */
} Writer;

/* Appends from now on. */
void writer_begin(Writer *writer, GString *text);

/* Gives the string its length and its NUL. */
void writer_end(Writer *writer);

/* Makes room for @count bytes when there is not enough. */
void writer_grow(Writer *writer, size_t count);

/* Appends @number in decimal in at least @width columns, filled with @fill. */
void writer_decimal_wide(Writer *writer, uint64_t number, unsigned width, char fill);

/* Appends @number in lower case hexadecimal with at least @digits digits, as printf's %0*x. */
void writer_hex(Writer *writer, uint64_t number, unsigned digits);

/* Appends @count bytes as two hexadecimal digits each. */
void writer_hex_bytes(Writer *writer, const uint8_t *bytes, size_t count);

/* Makes sure of room for @count more bytes at @at. */
static inline void writer_room(Writer *writer, size_t count)
{
	if (G_UNLIKELY((size_t)(writer->end - writer->at) < count))
		writer_grow(writer, count);
}

static inline void writer_bytes(Writer *writer, const char *bytes, size_t count)
{
	writer_room(writer, count);
	memcpy(writer->at, bytes, count);
	writer->at += count;
}

/* For a literal the compiler knows the length. */
static inline void writer_text(Writer *writer, const char *text)
{
	writer_bytes(writer, text, strlen(text));
}

/* Writes @text at @at, where there must be room, and returns where it ends: for a series of pieces
 * whose room was made at once. */
static inline char *put_text(char *at, const char *text)
{
	size_t length = strlen(text);

	memcpy(at, text, length);
	return at + length;
}

static inline void writer_char(Writer *writer, char c)
{
	writer_room(writer, 1);
	*writer->at++ = c;
}

/* Appends @number in decimal. */
static inline void writer_decimal(Writer *writer, uint64_t number)
{
	writer_room(writer, DIGITS_MAX);
	writer->at = digits_put(writer->at, number);
}

/* Appends the last @count digits of @number, at most eight, with leading zeros. */
static inline void writer_fixed(Writer *writer, uint64_t number, unsigned count)
{
	writer_room(writer, DIGITS_MAX);
	writer->at = digits_fixed(writer->at, number, count);
}

#endif
