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

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
			    "25262728293031323334353637383940414243444546474849"
			    "50515253545556575859606162636465666768697071727374"
			    "75767778798081828384858687888990919293949596979899";

static unsigned count_digits(uint64_t number)
{
	unsigned count = 1;

	for (; number >= 10000; number /= 10000)
		count += 4;
	return count + (number >= 10) + (number >= 100) + (number >= 1000);
}

/* Writes the digits of @number so that they end before @end. Two at a time, and as few divisions of
 * 64 bits as can be. */
static void write_digits(char *end, uint64_t number)
{
	uint32_t low;

	while (number > UINT32_MAX) {
		end -= 2;
		memcpy(end, pairs + 2 * (number % 100), 2);
		number /= 100;
	}
	for (low = (uint32_t)number; low >= 100; low /= 100) {
		end -= 2;
		memcpy(end, pairs + 2 * (low % 100), 2);
	}
	if (low >= 10)
		memcpy(end - 2, pairs + 2 * low, 2);
	else
		end[-1] = (char)('0' + low);
}

void writer_decimal(Writer *writer, uint64_t number)
{
	unsigned count = count_digits(number);

	writer_room(writer, count);
	writer->at += count;
	write_digits(writer->at, number);
}

void writer_decimal_wide(Writer *writer, uint64_t number, unsigned width, char fill)
{
	unsigned count = count_digits(number);

	writer_room(writer, width + count);
	for (; width > count; width--)
		*writer->at++ = fill;
	writer->at += count;
	write_digits(writer->at, number);
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
