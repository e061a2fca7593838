/* JSON as text: numbers, strings, objects and arrays. Knows RFC 8259; knows no view. */
#ifndef WIRESTATE_REPORT_JSON_WRITER_H
#define WIRESTATE_REPORT_JSON_WRITER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/nstime.h"

/* Appends to a text that belongs to somebody else. All zero but @text is a writer that begins. */
typedef struct {
	GString *text; /* borrowed */
	bool comma;    /* a value stands before the next one in the same object or array */
} JsonWriter;

/* Structure. Whoever begins something ends it. A key is plain ASCII that needs no escape. */
void json_object_begin(JsonWriter *writer);
void json_object_end(JsonWriter *writer);
void json_array_begin(JsonWriter *writer);
void json_array_end(JsonWriter *writer);
void json_key(JsonWriter *writer, const char *key);

/* Values. In an object each follows json_key(). */
void json_null(JsonWriter *writer);
void json_bool(JsonWriter *writer, bool value);
void json_number(JsonWriter *writer, uint64_t value);
/* Bytes that are not UTF-8 become U+FFFD. */
void json_string(JsonWriter *writer, const char *value);
/* Seconds with @digits (6 or 9) digits of fraction: all its digits, never a rounded double. */
void json_time(JsonWriter *writer, NsTime value, int digits);

/* A key and its value. */
void json_member_string(JsonWriter *writer, const char *key, const char *value);
void json_member_number(JsonWriter *writer, const char *key, uint64_t value);
void json_member_time(JsonWriter *writer, const char *key, NsTime value, int digits);

/* The address alone, as inet_ntop(3) writes it. */
void json_member_address(JsonWriter *writer, const char *key, const Endpoint *endpoint);

/* A line of output: an object that begins with its type, and its newline at the end. */
JsonWriter json_line_begin(GString *text, const char *type);
void json_line_end(JsonWriter *writer);

#endif
