/* Link types: their numbers in files, their names, which are taken. Knows numbers; knows no header.
 * Used in this folder only. */
#ifndef WIRESTATE_CAPTURE_LINKTYPE_H
#define WIRESTATE_CAPTURE_LINKTYPE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/input.h"

/* DLT_* for the number that a file has (LINKTYPE_*). */
int linktype_from_file(uint32_t number);

/* The most bytes of a frame that a capture may hold. A record that claims more is damaged. */
uint32_t linktype_caplen_max(int linktype);

/* The snapshot length that a file means: 0 and what no machine can hold mean none. */
uint32_t linktype_snaplen(int linktype, uint32_t snaplen);

/* Whether the options can do with DLT_* @linktype. */
bool linktype_is_known(int linktype, const InputOptions *options);

/* The same with @error set if not; @name begins the message. */
bool linktype_check(int linktype, const char *name, const InputOptions *options, GError **error);

/* Appends ", link-type EN10MB (Ethernet), snapshot length 262144" as tcpdump has it. */
void linktype_describe(int linktype, unsigned snaplen, GString *text);

#endif
