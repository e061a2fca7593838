/* The pcapng format (draft-ietf-opsawg-pcapng). Knows sections, interfaces and blocks; knows
 * neither where bytes come from nor what is in a frame. Used in this folder only. */
#ifndef WIRESTATE_CAPTURE_PCAPNG_FILE_H
#define WIRESTATE_CAPTURE_PCAPNG_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/bytes.h"
#include "capture/frame.h"
#include "capture/pcapng-interface.h"
#include "capture/record.h"

typedef struct {
	bool swapped;        /* the section's numbers are in the other byte order than ours */
	bool nanoseconds;    /* some interface's times are finer than a microsecond */
	uint32_t block_max;  /* longer ones of those that are looked at are damaged */
	GArray *interfaces;  /* of PcapngInterface: the present section's */
	PcapngDrops earlier; /* what the interfaces of earlier sections dropped */
	unsigned others;     /* blocks that were stepped over and are still to be numbered */
	RecordResult found;  /* RECORD_FRAME: there may be more; else what the file ends with */
	Damage damage;       /* with @found; owned */
} PcapngFile;

/* Whether a file that begins with these four bytes is one. */
bool pcapng_file_recognise(const uint8_t magic[static 4]);

/* Reads the file's header and all blocks before the first frame, so that the interfaces are known
 * that it begins with. What is damaged behind the header is left to pcapng_file_next() to tell.
 * RECORD_FRAME: it is fine. @file is to be cleared in any case. */
RecordResult pcapng_file_open(PcapngFile *file, Bytes *bytes, Damage *damage);

/* As pcap_file_is_ready(). */
bool pcapng_file_is_ready(const PcapngFile *file, const Bytes *bytes);

/* The next frame: time, lengths, link type and bytes; or, of link type FRAME_NONE, what has a
 * number only. */
RecordResult pcapng_file_next(PcapngFile *file, Bytes *bytes, Frame *frame, Damage *damage);

/* What all interfaces dropped, as far as the statistics say that have been read. */
PcapngDrops pcapng_file_drops(const PcapngFile *file);

void pcapng_file_clear(PcapngFile *file);

#endif
