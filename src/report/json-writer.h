/* JSON as text: numbers, strings, objects and arrays. Knows RFC 8259; knows no view. */
#ifndef WIRESTATE_REPORT_JSON_WRITER_H
#define WIRESTATE_REPORT_JSON_WRITER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/nstime.h"
#include "report/writer.h"

/* Appends to a text that belongs to somebody else, which must be left alone meanwhile. */
typedef struct {
	Writer out; /* where to */
	bool comma; /* a value stands before the next one in the same object or array */
} JsonWriter;

/* A writer that begins, and what gives the text its length at the end. */
static inline JsonWriter json_begin(GString *text)
{
	JsonWriter writer = { .comma = false };

	writer_begin(&writer.out, text);
	return writer;
}

static inline void json_end(JsonWriter *writer)
{
	writer_end(&writer->out);
}

/* Makes room for a value of @count bytes, and writes what has to stand before it. What is known
 * while compiling is written in place: a connection has about forty members. */
static inline char *json_value(JsonWriter *writer, size_t count)
{
	char *at;

	writer_room(&writer->out, 1 + count);
	at = writer->out.at;
	*at = ',';
	at += writer->comma;
	writer->comma = true;
	return at;
}

/* Structure. Whoever begins something ends it. */
static inline void json_open(JsonWriter *writer, char bracket)
{
	char *at = json_value(writer, 1);

	*at = bracket;
	writer->out.at = at + 1;
	writer->comma = false;
}

static inline void json_close(JsonWriter *writer, char bracket)
{
	writer_char(&writer->out, bracket);
	writer->comma = true;
}

static inline void json_object_begin(JsonWriter *writer)
{
	json_open(writer, '{');
}

static inline void json_object_end(JsonWriter *writer)
{
	json_close(writer, '}');
}

static inline void json_array_begin(JsonWriter *writer)
{
	json_open(writer, '[');
}

static inline void json_array_end(JsonWriter *writer)
{
	json_close(writer, ']');
}

/* A key is plain ASCII that needs no escape. */
static inline void json_key(JsonWriter *writer, const char *key)
{
	char *at = json_value(writer, strlen(key) + 3);

	*at++ = '"';
	at = put_text(at, key);
	*at++ = '"';
	*at++ = ':';
	writer->out.at = at;
	writer->comma = false;
}

/* Values. In an object each follows json_key(). */
static inline void json_null(JsonWriter *writer)
{
	writer->out.at = put_text(json_value(writer, 4), "null");
}

static inline void json_bool(JsonWriter *writer, bool value)
{
	char *at = json_value(writer, 5);

	writer->out.at = value ? put_text(at, "true") : put_text(at, "false");
}

static inline void json_number(JsonWriter *writer, uint64_t value)
{
	writer->out.at = digits_put(json_value(writer, DIGITS_MAX), value);
}

/* A name out of a list of ours: plain ASCII that needs no escape. */
void json_name(JsonWriter *writer, const char *name);
/* Any text. Bytes that are not UTF-8 become U+FFFD. */
void json_string(JsonWriter *writer, const char *value);
/* Seconds with @digits (6 or 9) digits of fraction: all its digits, never a rounded double. */
void json_time(JsonWriter *writer, NsTime value, int digits);
/* The address alone, as inet_ntop(3) writes it. */
void json_address(JsonWriter *writer, const Endpoint *endpoint);

/* A key and its value. */
static inline void json_member_name(JsonWriter *writer, const char *key, const char *name)
{
	json_key(writer, key);
	json_name(writer, name);
}

static inline void json_member_string(JsonWriter *writer, const char *key, const char *value)
{
	json_key(writer, key);
	json_string(writer, value);
}

static inline void json_member_number(JsonWriter *writer, const char *key, uint64_t value)
{
	json_key(writer, key);
	json_number(writer, value);
}

static inline void json_member_time(JsonWriter *writer, const char *key, NsTime value, int digits)
{
	json_key(writer, key);
	json_time(writer, value, digits);
}

static inline void json_member_address(JsonWriter *writer, const char *key,
				       const Endpoint *endpoint)
{
	json_key(writer, key);
	json_address(writer, endpoint);
}

/* A line of output: an object that begins with its type, and its newline at the end. */
JsonWriter json_line_begin(GString *text, const char *type);
void json_line_end(JsonWriter *writer);

#endif
