/* Writing text to the end of a GString. Knows digits; knows nothing of what they mean. */
#include "report/writer.h"

void writer_begin(Writer *writer, GString *text)
{
	writer->text = text;
	writer->at = text->str + text->len;
	writer->end = text->str + text->allocated_len - 1;
}

void writer_end(Writer *writer)
{
	writer->text->len = (size_t)(writer->at - writer->text->str);
	*writer->at = '\0';
}

void writer_grow(Writer *writer, size_t count)
{
	GString *text = writer->text;
	size_t length = (size_t)(writer->at - text->str);

	/* GString has no call to reserve room but this one; it doubles. */
	g_string_set_size(text, length + count);
	text->len = length;
	writer_begin(writer, text);
}

void writer_decimal_wide(Writer *writer, uint64_t number, unsigned width, char fill)
{
	char digits[DIGITS_MAX];
	unsigned count = (unsigned)(digits_put(digits, number) - digits);

	writer_room(writer, width + count);
	for (; width > count; width--)
		*writer->at++ = fill;
	memcpy(writer->at, digits, count);
	writer->at += count;
}

void writer_hex(Writer *writer, uint64_t number, unsigned digits)
{
	while (digits < 16 && number >> 4 * digits != 0)
		digits++;
	writer_room(writer, digits);
	while (digits > 0)
		*writer->at++ = "0123456789abcdef"[number >> 4 * --digits & 15];
}

void writer_hex_bytes(Writer *writer, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		writer_hex(writer, bytes[i], 2);
}
