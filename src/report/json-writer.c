/* JSON as text. Knows the syntax of RFC 8259; knows no view. */
#include "report/json-writer.h"

#include "report/text.h"

/* What has to stand before a value or a key. */
static void separate(JsonWriter *writer)
{
	if (writer->comma)
		g_string_append_c(writer->text, ',');
	writer->comma = true;
}

void json_object_begin(JsonWriter *writer)
{
	separate(writer);
	g_string_append_c(writer->text, '{');
	writer->comma = false;
}

void json_object_end(JsonWriter *writer)
{
	g_string_append_c(writer->text, '}');
	writer->comma = true;
}

void json_array_begin(JsonWriter *writer)
{
	separate(writer);
	g_string_append_c(writer->text, '[');
	writer->comma = false;
}

void json_array_end(JsonWriter *writer)
{
	g_string_append_c(writer->text, ']');
	writer->comma = true;
}

void json_key(JsonWriter *writer, const char *key)
{
	separate(writer);
	g_string_append_c(writer->text, '"');
	g_string_append(writer->text, key);
	g_string_append(writer->text, "\":");
	writer->comma = false;
}

void json_null(JsonWriter *writer)
{
	separate(writer);
	g_string_append(writer->text, "null");
}

void json_bool(JsonWriter *writer, bool value)
{
	separate(writer);
	g_string_append(writer->text, value ? "true" : "false");
}

void json_number(JsonWriter *writer, uint64_t value)
{
	separate(writer);
	text_number(writer->text, value);
}

/* RFC 8259 7: quotation mark, reverse solidus and the control characters must be escaped. */
static void append_escaped(GString *text, char c)
{
	switch (c) {
	case '"':
	case '\\':
		g_string_append_c(text, '\\');
		g_string_append_c(text, c);
		break;
	case '\b':
		g_string_append(text, "\\b");
		break;
	case '\f':
		g_string_append(text, "\\f");
		break;
	case '\n':
		g_string_append(text, "\\n");
		break;
	case '\r':
		g_string_append(text, "\\r");
		break;
	case '\t':
		g_string_append(text, "\\t");
		break;
	default:
		if ((unsigned char)c < 0x20 || c == 0x7f)
			g_string_append_printf(text, "\\u%04x", (unsigned)c);
		else
			g_string_append_c(text, c);
	}
}

/* Appends what is not plain ASCII at @at and returns what follows it. */
static const char *append_special(GString *text, const char *at)
{
	gunichar c;

	if ((unsigned char)*at < 0x80) {
		append_escaped(text, *at);
		return at + 1;
	}
	/* RFC 8259 8.1: the text is UTF-8, and a file name may be anything. */
	c = g_utf8_get_char_validated(at, -1);
	if (c == (gunichar)-1 || c == (gunichar)-2) {
		g_string_append(text, "\\ufffd");
		return at + 1;
	}
	g_string_append_unichar(text, c);
	return g_utf8_next_char(at);
}

static bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void json_string(JsonWriter *writer, const char *value)
{
	separate(writer);
	g_string_append_c(writer->text, '"');
	while (*value != '\0') {
		const char *end = value;

		while (is_plain(*end))
			end++;
		g_string_append_len(writer->text, value, end - value);
		value = *end == '\0' ? end : append_special(writer->text, end);
	}
	g_string_append_c(writer->text, '"');
}

void json_time(JsonWriter *writer, NsTime value, int digits)
{
	char text[NSTIME_TEXT_MAX];
	size_t length = nstime_format(text, value, digits);

	separate(writer);
	g_string_append_len(writer->text, text, (gssize)length);
}

void json_member_string(JsonWriter *writer, const char *key, const char *value)
{
	json_key(writer, key);
	json_string(writer, value);
}

void json_member_number(JsonWriter *writer, const char *key, uint64_t value)
{
	json_key(writer, key);
	json_number(writer, value);
}

void json_member_time(JsonWriter *writer, const char *key, NsTime value, int digits)
{
	json_key(writer, key);
	json_time(writer, value, digits);
}

void json_member_address(JsonWriter *writer, const char *key, const Endpoint *endpoint)
{
	char text[ADDRESS_TEXT_MAX];

	address_format(text, &endpoint->addr, endpoint->version);
	json_member_string(writer, key, text);
}

JsonWriter json_line_begin(GString *text, const char *type)
{
	JsonWriter writer = { .text = text };

	json_object_begin(&writer);
	json_member_string(&writer, "type", type);
	return writer;
}

void json_line_end(JsonWriter *writer)
{
	json_object_end(writer);
	g_string_append_c(writer->text, '\n');
}
