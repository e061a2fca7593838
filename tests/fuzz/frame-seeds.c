/* Writes each frame of captures as an input for fuzz-link.
 *
 * usage: frame-seeds FOLDER CAPTURE... */
#include <stdio.h>

#include "fuzz.h"

static void write_seed(const char *folder, const Frame *frame)
{
	g_autofree char *path = g_strdup_printf("%s/%" G_GUINT64_FORMAT, folder, frame->number);
	g_autoptr(GByteArray) seed = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	/* Which link type, and that fragments are put together. */
	uint8_t head[2] = { 0, 2 };

	while (head[0] < fuzz_linktype_count && fuzz_linktypes[head[0]] != frame->linktype)
		head[0]++;
	if (head[0] == fuzz_linktype_count)
		return;
	g_byte_array_append(seed, head, sizeof(head));
	g_byte_array_append(seed, frame->data, frame->caplen);
	if (!g_file_set_contents(path, (const char *)seed->data, seed->len, &error))
		g_error("%s", error->message);
}

int main(int argc, char **argv)
{
	const InputOptions options = { 0 };
	g_autoptr(GError) error = NULL;
	g_autoptr(Input) input = NULL;
	Frame frame;

	if (argc < 3) {
		fprintf(stderr, "usage: frame-seeds FOLDER CAPTURE...\n");
		return 2;
	}
	input = input_open_files((const char *const *)argv + 2, &options, &error);
	if (!input)
		g_error("%s", error->message);
	while (input_next(input, &frame, &error) == INPUT_FRAME)
		write_seed(argv[1], &frame);
	if (error)
		g_error("%s", error->message);
	return 0;
}
