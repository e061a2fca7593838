/* Writing text to the end of a GString. Knows digits; knows nothing of what they mean. */
#include "report/writer.h"

/* Enough for 2^64 - 1. */
#define DIGITS_MAX 20

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

/* Writes the digits of @number so that they end before @end; returns where they begin. */
static char *decimal_before(char *end, uint64_t number)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";

	while (number >= 100) {
		end -= 2;
		memcpy(end, pairs + 2 * (number % 100), 2);
		number /= 100;
	}
	if (number >= 10) {
		end -= 2;
		memcpy(end, pairs + 2 * number, 2);
	} else {
		*--end = (char)('0' + number);
	}
	return end;
}

void writer_decimal(Writer *writer, uint64_t number)
{
	char digits[DIGITS_MAX];
	char *first = decimal_before(digits + DIGITS_MAX, number);

	writer_bytes(writer, first, (size_t)(digits + DIGITS_MAX - first));
}

void writer_decimal_wide(Writer *writer, uint64_t number, unsigned width, char fill)
{
	char digits[DIGITS_MAX];
	char *first = decimal_before(digits + DIGITS_MAX, number);
	size_t count = (size_t)(digits + DIGITS_MAX - first);

	for (; width > count; width--)
		writer_char(writer, fill);
	writer_bytes(writer, first, count);
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
