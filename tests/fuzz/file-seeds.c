/* Writes the frames of a capture as files of every variant that the reader knows: each magic number
 * in either byte order, and pcapng with all kinds of blocks, interfaces that differ and sections.
 *
 * usage: file-seeds FOLDER CAPTURE */
#include <stdio.h>
#include <string.h>

#include "../unit/capture-bytes.h"
#include "fuzz.h"

/* A frame, with its bytes. */
typedef struct {
	Frame frame;   /* data points to @bytes */
	GBytes *bytes; /* owned */
} Kept;

/* With zeros up to a multiple of 4. */
static void put_bytes(CaptureFile *file, const void *bytes, size_t count)
{
	static const uint8_t zeros[4];

	g_byte_array_append(file->bytes, bytes, (guint)count);
	g_byte_array_append(file->bytes, zeros, (guint)(-count & 3));
}

static void save(const CaptureFile *file, const char *folder, const char *name)
{
	g_autofree char *path =
		g_strdup_printf("%s/%s-%s", folder, name, file->big_endian ? "big" : "little");
	g_autoptr(GError) error = NULL;

	if (!g_file_set_contents(path, (const char *)file->bytes->data, file->bytes->len, &error))
		g_error("%s", error->message);
}

static void put_option(CaptureFile *file, uint16_t code, const void *value, uint16_t length)
{
	put_u16(file, code);
	put_u16(file, length);
	put_bytes(file, value, length);
}

/* A block of what was put behind @from. */
static void end_block(CaptureFile *file, uint32_t type, guint from)
{
	guint length = file->bytes->len - from;
	CaptureFile head = { g_byte_array_new(), file->big_endian };

	put_u32(&head, type);
	put_u32(&head, length + 12);
	g_byte_array_append(head.bytes, file->bytes->data + from, length);
	put_u32(&head, length + 12);
	g_byte_array_set_size(file->bytes, from);
	g_byte_array_append(file->bytes, head.bytes->data, head.bytes->len);
	g_byte_array_unref(head.bytes);
}

/* An interface whose times have 10^-@digits seconds, shifted by an hour when that is not 6. */
static void put_interface(CaptureFile *file, uint16_t linktype, uint32_t snaplen, uint8_t digits)
{
	guint from = file->bytes->len;

	put_u16(file, linktype);
	put_u16(file, 0);
	put_u32(file, snaplen);
	put_option(file, 2, "em1", 3);
	put_option(file, 9, &digits, 1);
	if (digits != 6) {
		put_option(file, 14,
			   file->big_endian ? "\0\0\0\0\0\0\016\020" : "\020\016\0\0\0\0\0", 8);
	}
	put_option(file, 0, NULL, 0);
	end_block(file, 1, from);
}

/* A frame in an enhanced, a simple or an obsolete packet block. */
static void put_packet(CaptureFile *file, const Frame *frame, uint32_t type, uint32_t interface)
{
	uint64_t time = (uint64_t)frame->time / (interface ? 1 : NSTIME_MICROSECOND);
	guint from = file->bytes->len;

	if (type == 6)
		put_u32(file, interface);
	else if (type == 2)
		put_u32(file, 0);
	if (type != 3) {
		put_u32(file, (uint32_t)(time >> 32));
		put_u32(file, (uint32_t)time);
		put_u32(file, frame->caplen);
	}
	put_u32(file, frame->len);
	put_bytes(file, frame->data, frame->caplen);
	if (type == 6)
		put_option(file, 1, "a comment", 9);
	end_block(file, type, from);
}

/* Statistics, names, an unknown block, one that Wireshark numbers. */
static void put_others(CaptureFile *file)
{
	static const uint8_t drops[8] = { 3 };
	guint from = file->bytes->len;

	put_u32(file, 0);
	put_u32(file, 0);
	put_u32(file, 0);
	put_option(file, 5, drops, 8);
	put_option(file, 7, drops, 8);
	put_option(file, 0, NULL, 0);
	end_block(file, 5, from);
	from = file->bytes->len;
	put_option(file, 1, "\300\0\2\1host", 9);
	put_option(file, 0, NULL, 0);
	end_block(file, 4, from);
	from = file->bytes->len;
	put_u32(file, 32473);
	end_block(file, 0xbad, from);
	end_block(file, 0x7ffffff0, file->bytes->len);
}

static void write_pcapng(const char *folder, const GArray *frames, bool big_endian)
{
	static const uint32_t types[] = { 6, 6, 3, 2 };
	CaptureFile file = pcapng_new(big_endian);

	put_interface(&file, 1, 0, 6);
	put_interface(&file, 1, 96, 9);
	for (guint i = 0; i < frames->len; i++) {
		const Frame *frame = &g_array_index(frames, Kept, i).frame;

		if (i == frames->len / 2) {
			put_others(&file);
			file.big_endian = !file.big_endian;
			pcapng_section(&file);
			put_interface(&file, 1, 65535, 6);
			put_interface(&file, 1, 65535, 9);
		}
		put_packet(&file, frame, types[i % 4], i % 4 == 1);
	}
	file.big_endian = big_endian;
	save(&file, folder, "pcapng");
	g_byte_array_unref(file.bytes);
}

static void write_classic(const char *folder, const GArray *frames, uint32_t magic, bool big_endian)
{
	CaptureFile file = classic_new(magic, big_endian, 1);
	g_autofree char *name = g_strdup_printf("pcap-%08x", magic);

	for (guint i = 0; i < frames->len; i++) {
		const Frame *frame = &g_array_index(frames, Kept, i).frame;
		NsTime fraction = frame->time % NSTIME_SECOND;

		put_u32(&file, (uint32_t)(frame->time / NSTIME_SECOND));
		put_u32(&file, (uint32_t)(magic == NANOSECONDS ? fraction
							       : fraction / NSTIME_MICROSECOND));
		put_u32(&file, frame->caplen);
		put_u32(&file, frame->len);
		if (magic == 0xa1b2cd34) {
			put_u32(&file, 2);
			put_u32(&file, 0);
		}
		g_byte_array_append(file.bytes, frame->data, frame->caplen);
	}
	save(&file, folder, name);
	g_byte_array_unref(file.bytes);
}

static void kept_clear(void *data)
{
	g_bytes_unref(((Kept *)data)->bytes);
}

int main(int argc, char **argv)
{
	const uint32_t magics[] = { MICROSECONDS, NANOSECONDS, 0xa1b2cd34 };
	const InputOptions options = { 0 };
	g_autoptr(GArray) frames = g_array_new(false, false, sizeof(Kept));
	g_autoptr(GError) error = NULL;
	g_autoptr(Input) input = NULL;
	Kept kept;

	g_array_set_clear_func(frames, kept_clear);
	if (argc != 3) {
		fprintf(stderr, "usage: file-seeds FOLDER CAPTURE\n");
		return 2;
	}
	input = input_open_files((const char *const *)argv + 2, &options, &error);
	while (input && input_next(input, &kept.frame, &error) == INPUT_FRAME) {
		kept.bytes = g_bytes_new(kept.frame.data, kept.frame.caplen);
		kept.frame.data = g_bytes_get_data(kept.bytes, NULL);
		g_array_append_val(frames, kept);
	}
	if (error)
		g_error("%s", error->message);
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		for (size_t i = 0; i < G_N_ELEMENTS(magics); i++)
			write_classic(argv[1], frames, magics[i], big_endian);
		write_pcapng(argv[1], frames, big_endian);
	}
	return 0;
}
