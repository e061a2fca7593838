/* JSON as text. Knows the syntax of RFC 8259; knows no view. */
#include "report/json-writer.h"

void json_name(JsonWriter *writer, const char *name)
{
	size_t length = strlen(name);
	char *at = json_value(writer, length + 2);

	*at++ = '"';
	memcpy(at, name, length);
	at[length] = '"';
	writer->out.at = at + length + 1;
}

/* RFC 8259 7: quotation mark, reverse solidus and the control characters must be escaped. */
static void write_escaped(Writer *out, char c)
{
	static const char letters[] = { ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r',
					['\t'] = 't', ['"'] = '"',  ['\\'] = '\\' };

	writer_char(out, '\\');
	if ((size_t)c < sizeof(letters) && letters[(size_t)c]) {
		writer_char(out, letters[(size_t)c]);
	} else {
		writer_char(out, 'u');
		writer_hex(out, (uint64_t)c, 4);
	}
}

/* Writes what is not plain ASCII at @at and returns what follows it. */
static const char *write_special(Writer *out, const char *at)
{
	char bytes[6];
	gunichar c;

	if ((unsigned char)*at < 0x80) {
		write_escaped(out, *at);
		return at + 1;
	}
	/* RFC 8259 8.1: the text is UTF-8, and a file name may be anything. */
	c = g_utf8_get_char_validated(at, -1);
	if (c == (gunichar)-1 || c == (gunichar)-2) {
		writer_text(out, "\\ufffd");
		return at + 1;
	}
	writer_bytes(out, bytes, (size_t)g_unichar_to_utf8(c, bytes));
	return g_utf8_next_char(at);
}

static bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void json_string(JsonWriter *writer, const char *value)
{
	Writer *out = &writer->out;

	out->at = json_value(writer, 1);
	*out->at++ = '"';
	while (*value != '\0') {
		const char *end = value;

		while (is_plain(*end))
			end++;
		writer_bytes(out, value, (size_t)(end - value));
		value = *end == '\0' ? end : write_special(out, end);
	}
	writer_char(out, '"');
}

void json_time(JsonWriter *writer, NsTime value, int digits)
{
	char *at = json_value(writer, NSTIME_TEXT_MAX);

	writer->out.at = at + nstime_format(at, value, digits);
}

void json_address(JsonWriter *writer, const Endpoint *endpoint)
{
	char *at = json_value(writer, ADDRESS_TEXT_MAX + 2);

	*at++ = '"';
	at += address_format(at, &endpoint->addr, endpoint->version);
	*at++ = '"';
	writer->out.at = at;
}

JsonWriter json_line_begin(GString *text, const char *type)
{
	JsonWriter writer = json_begin(text);

	json_object_begin(&writer);
	json_key(&writer, "type");
	json_name(&writer, type);
	return writer;
}

void json_line_end(JsonWriter *writer)
{
	json_object_end(writer);
	writer_char(&writer->out, '\n');
	json_end(writer);
}
