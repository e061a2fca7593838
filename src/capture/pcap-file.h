/* The classic capture format (pcap-savefile(5)). Knows its header and its records; knows neither
 * where bytes come from nor what is in a frame. Used in this folder only. */
#ifndef WIRESTATE_CAPTURE_PCAP_FILE_H
#define WIRESTATE_CAPTURE_PCAP_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/bytes.h"
#include "capture/frame.h"
#include "capture/record.h"

/* In which order a record's two lengths stand; it changed with version 2.3 of the format, and not
 * all programs noticed. */
typedef enum {
	LENGTHS_CAPTURED_FIRST,
	LENGTHS_CAPTURED_LAST,
	LENGTHS_SMALLER_IS_CAPTURED,
} LengthOrder;

typedef struct {
	bool swapped;         /* numbers are in the other byte order than ours */
	bool nanoseconds;     /* times are finer than a microsecond */
	LengthOrder order;    /* of the lengths */
	uint32_t header_size; /* bytes before a record's frame */
	NsTime unit;          /* what the fraction of a time counts in nanoseconds */
	int linktype;         /* DLT_* */
	uint32_t snaplen;     /* no more bytes of a frame than this are delivered */
	uint32_t caplen_max;  /* a record that claims more is damaged */
} PcapFile;

/* Whether a file that begins with these four bytes is one. */
bool pcap_file_recognise(const uint8_t magic[static 4]);

/* Reads the file's header, which it begins with. RECORD_FRAME: it is fine. */
RecordResult pcap_file_open(PcapFile *file, Bytes *bytes, Damage *damage);

/* Whether pcap_file_next() would give a frame without reading more bytes, so that those of the
 * frames before it stay where they are. */
bool pcap_file_is_ready(const PcapFile *file, const Bytes *bytes);

/* Takes records, as pcap_file_next() does, for as long as pcap_file_is_ready() says that there is
 * one, but no more than @room. Returns how many; none of their frames is rejected. */
unsigned pcap_file_take_ready(const PcapFile *file, Bytes *bytes, Frame *frames, unsigned room);

/* The next record: time, lengths, link type and bytes of @frame. */
RecordResult pcap_file_next(const PcapFile *file, Bytes *bytes, Frame *frame, Damage *damage);

#endif
