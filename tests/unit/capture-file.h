/* What the tests of the reader share: records and blocks of captures written by hand, and what is
 * read of them. */
#ifndef WIRESTATE_TESTS_CAPTURE_FILE_H
#define WIRESTATE_TESTS_CAPTURE_FILE_H

#include <glib.h>
#include <glib/gstdio.h>
#include <pcap/dlt.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "capture-bytes.h"
#include "capture/input.h"

/* In files; libpcap makes DLT_RAW of it. */
#define LINKTYPE_RAW 101

/* What a record holds unless a test says otherwise. */
#define RECORD_DATA   "sixteen bytes..."
#define RECORD_LENGTH 16u

static void G_GNUC_UNUSED classic_data(CaptureFile *file, uint32_t seconds, uint32_t fraction,
				       const void *data, uint32_t caplen, uint32_t len)
{
	put_u32(file, seconds);
	put_u32(file, fraction);
	put_u32(file, caplen);
	put_u32(file, len);
	g_byte_array_append(file->bytes, data, caplen);
}

static void G_GNUC_UNUSED classic_record(CaptureFile *file, uint32_t seconds, uint32_t fraction)
{
	classic_data(file, seconds, fraction, RECORD_DATA, RECORD_LENGTH, 1500);
}

/* An interface with its if_tsresol, or without the option if that is -1. */
static void G_GNUC_UNUSED pcapng_interface(CaptureFile *file, uint16_t linktype, int resolution)
{
	/* A name before it, so that options have to be walked. */
	uint32_t length = resolution < 0 ? 20 : 40;

	put_u32(file, 1);
	put_u32(file, length);
	put_u16(file, linktype);
	put_u16(file, 0);
	put_u32(file, 65535);
	if (resolution >= 0) {
		put_u16(file, 2);
		put_u16(file, 3);
		g_byte_array_append(file->bytes, (const uint8_t *)"em1\0", 4);
		put_u16(file, 9);
		put_u16(file, 1);
		g_byte_array_append(file->bytes, (const uint8_t[4]){ (uint8_t)resolution, 0, 0, 0 },
				    4);
		put_u32(file, 0);
	}
	put_u32(file, length);
}

/* An enhanced packet block; @time in units of the interface's resolution. */
static void G_GNUC_UNUSED pcapng_record(CaptureFile *file, uint32_t interface, uint64_t time)
{
	put_u32(file, 6);
	put_u32(file, 32 + RECORD_LENGTH);
	put_u32(file, interface);
	put_u32(file, (uint32_t)(time >> 32));
	put_u32(file, (uint32_t)time);
	put_u32(file, RECORD_LENGTH);
	put_u32(file, 1500);
	g_byte_array_append(file->bytes, (const uint8_t *)RECORD_DATA, RECORD_LENGTH);
	put_u32(file, 32 + RECORD_LENGTH);
}

/* The folder of this test's files. */
static const char *folder(void)
{
	static char *path;

	if (!path) {
		path = g_dir_make_tmp("wirestate-XXXXXX", NULL);
		g_assert_nonnull(path);
	}
	return path;
}

/* Writes bytes as a file of this name and returns its path; the caller frees it. */
static char *save_bytes(const char *name, const void *bytes, size_t length)
{
	char *path = g_build_filename(folder(), name, NULL);

	g_assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
	return path;
}

/* Writes the file and frees what it was made of. */
static G_GNUC_UNUSED char *save(CaptureFile *file, const char *name)
{
	char *path = save_bytes(name, file->bytes->data, file->bytes->len);

	g_byte_array_unref(file->bytes);
	return path;
}

/* Removes the folder with all files in it. */
static void folder_remove(void)
{
	GDir *dir = g_dir_open(folder(), 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder(), name, NULL);

		g_unlink(path);
	}
	g_dir_close(dir);
	g_rmdir(folder());
}

static bool knows_ethernet_and_raw(int linktype)
{
	return linktype == DLT_EN10MB || linktype == DLT_RAW;
}

/* Opens one to three files (NULL is none), which has to succeed. */
static G_GNUC_UNUSED Input *open_all(const char *a, const char *b, const char *c,
				     const char *filter)
{
	const char *const files[] = { a, b, c, NULL };
	const InputOptions options = { .filter = filter,
				       .optimise = true,
				       .knows_linktype = knows_ethernet_and_raw };
	g_autoptr(GError) error = NULL;
	Input *input = input_open_files(files, &options, &error);

	g_assert_no_error(error);
	g_assert_nonnull(input);
	return input;
}

static void G_GNUC_UNUSED check_frame(Input *input, uint64_t number, NsTime time, int linktype)
{
	g_autoptr(GError) error = NULL;
	Frame frame;

	g_assert_cmpint(input_next(input, &frame, &error), ==, INPUT_FRAME);
	g_assert_no_error(error);
	g_assert_cmpuint(frame.number, ==, number);
	g_assert_cmpint(frame.time, ==, time);
	g_assert_cmpint(frame.linktype, ==, linktype);
	g_assert_cmpuint(frame.len, ==, 1500);
	g_assert_cmpmem(frame.data, frame.caplen, RECORD_DATA, RECORD_LENGTH);
	g_assert_false(frame.rejected);
}

/* That nothing follows, however often it is asked for. */
static void G_GNUC_UNUSED check_end(Input *input)
{
	Frame frame;

	for (int i = 0; i < 3; i++)
		g_assert_cmpint(input_next(input, &frame, NULL), ==, INPUT_END);
}

#endif
