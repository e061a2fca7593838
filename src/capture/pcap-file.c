/* Reading the classic capture format. Knows every variant of it that libpcap reads; knows nothing
 * of what is in a frame. */
#include "capture/pcap-file.h"

#include <limits.h>
#include <pcap/dlt.h>

#include "capture/linktype.h"

/* The magic numbers, in the byte order of the machine that wrote the file: the usual one, with
 * nanoseconds, with a longer record header (Kuznetzov's patch). */
enum {
	MAGIC = 0xa1b2c3d4,
	MAGIC_NANOSECONDS = 0xa1b23c4d,
	MAGIC_MODIFIED = 0xa1b2cd34,
};

enum {
	FILE_HEADER_SIZE = 24,
	RECORD_HEADER_SIZE = 16,
	/* And interface, protocol, packet type and a byte of padding. */
	RECORD_HEADER_SIZE_MODIFIED = 24,
	ETHERNET_HEADER_SIZE = 14,
};

/* The magic number, and in which byte order it is; 0 when it is none. */
static uint32_t read_magic(const uint8_t bytes[static 4], bool *swapped)
{
	for (int order = 0; order < 2; order++) {
		uint32_t magic = number_u32(bytes, order);

		*swapped = order;
		if (magic == MAGIC || magic == MAGIC_NANOSECONDS || magic == MAGIC_MODIFIED)
			return magic;
	}
	return 0;
}

bool pcap_file_recognise(const uint8_t magic[static 4])
{
	bool swapped;

	return read_magic(magic, &swapped) != 0;
}

/* Version 2.0 to 2.4, and 543.0, which the tcpdump of DG/UX wrote. */
static bool version_order(uint16_t major, uint16_t minor, LengthOrder *order)
{
	if (major == 543 && minor == 0) {
		*order = LENGTHS_CAPTURED_LAST;
		return true;
	}
	*order = minor < 3    ? LENGTHS_CAPTURED_LAST
		 : minor == 3 ? LENGTHS_SMALLER_IS_CAPTURED
			      : LENGTHS_CAPTURED_FIRST;
	return major == 2 && minor <= 4;
}

RecordResult pcap_file_open(PcapFile *file, Bytes *bytes, Damage *damage)
{
	uint32_t magic;
	uint16_t major, minor;

	if (!bytes_need(bytes, FILE_HEADER_SIZE))
		return record_cut(damage, bytes_offset(bytes));
	magic = read_magic(bytes->at, &file->swapped);
	major = number_u16(bytes->at + 4, file->swapped);
	minor = number_u16(bytes->at + 6, file->swapped);
	if (!version_order(major, minor, &file->order))
		return record_bad(damage, bytes_offset(bytes),
				  g_strdup_printf("version %u.%u of the pcap format is not known",
						  major, minor));
	file->linktype = linktype_from_file(number_u32(bytes->at + 20, file->swapped));
	file->snaplen = linktype_snaplen(file->linktype, number_u32(bytes->at + 16, file->swapped));
	file->caplen_max = linktype_caplen_max(file->linktype);
	file->nanoseconds = magic == MAGIC_NANOSECONDS;
	file->unit = file->nanoseconds ? 1 : NSTIME_MICROSECOND;
	file->header_size = RECORD_HEADER_SIZE;
	if (magic == MAGIC_MODIFIED) {
		file->header_size = RECORD_HEADER_SIZE_MODIFIED;
		/* With a cooked capture the patch put an Ethernet header before what was captured.
		 */
		if (file->linktype == DLT_EN10MB && file->snaplen <= INT_MAX - ETHERNET_HEADER_SIZE)
			file->snaplen += ETHERNET_HEADER_SIZE;
	}
	bytes->at += FILE_HEADER_SIZE;
	return RECORD_FRAME;
}

/* The lengths of a record in either order. */
static inline void read_lengths(const PcapFile *file, const uint8_t *record, Frame *frame)
{
	uint32_t first = number_u32(record + 8, file->swapped);
	uint32_t second = number_u32(record + 12, file->swapped);
	bool captured_last = file->order == LENGTHS_CAPTURED_LAST ||
			     (file->order == LENGTHS_SMALLER_IS_CAPTURED && first > second);

	frame->caplen = captured_last ? second : first;
	frame->len = captured_last ? first : second;
}

/* Whether the next record is at hand as a whole; sets the lengths of @frame then. */
static inline bool is_ready(const PcapFile *file, const Bytes *bytes, Frame *frame)
{
	size_t there = (size_t)(bytes->end - bytes->at);

	if (there < file->header_size)
		return false;
	read_lengths(file, bytes->at, frame);
	return frame->caplen <= file->caplen_max && frame->caplen <= there - file->header_size;
}

bool pcap_file_is_ready(const PcapFile *file, const Bytes *bytes)
{
	Frame frame;

	return is_ready(file, bytes, &frame);
}

/* Takes the record whose lengths @frame has, and which is at hand. */
static inline void take_record(const PcapFile *file, Bytes *bytes, Frame *frame)
{
	const uint8_t *record = bytes->at;

	bytes->record = record;
	bytes->at += file->header_size + frame->caplen;
	/* Seconds are without sign: they reach to 2106. No sum of these is beyond 64 bits. */
	frame->time = number_u32(record, file->swapped) * NSTIME_SECOND +
		      number_u32(record + 4, file->swapped) * file->unit;
	frame->data = record + file->header_size;
	frame->linktype = file->linktype;
	/* Some old systems captured more than they said they would (libpcap's sf-pcap.c). */
	if (frame->caplen > file->snaplen)
		frame->caplen = file->snaplen;
}

unsigned pcap_file_take_ready(const PcapFile *file, Bytes *bytes, Frame *frames, unsigned room)
{
	unsigned count = 0;

	for (; count < room && is_ready(file, bytes, &frames[count]); count++) {
		take_record(file, bytes, &frames[count]);
		frames[count].rejected = false;
	}
	return count;
}

RecordResult pcap_file_next(const PcapFile *file, Bytes *bytes, Frame *frame, Damage *damage)
{
	if (!bytes_need(bytes, file->header_size)) {
		if (bytes->at == bytes->end)
			return RECORD_END;
		return record_cut(damage, bytes_offset(bytes));
	}
	read_lengths(file, bytes->at, frame);
	if (frame->caplen > file->caplen_max)
		return record_bad(damage, bytes_offset(bytes),
				  g_strdup_printf("the record claims %u bytes, more than any "
						  "capture holds",
						  frame->caplen));
	if (!bytes_need(bytes, file->header_size + frame->caplen))
		return record_cut(damage, bytes_offset(bytes));
	take_record(file, bytes, frame);
	return RECORD_FRAME;
}
