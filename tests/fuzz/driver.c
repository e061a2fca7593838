/* Runs a fuzz target over files without a fuzzing engine, with any compiler: for make check, and to
 * look at what an engine has found. Each file is named before its turn; what is wrong with one ends
 * the program.
 *
 * usage: fuzz-TARGET [--cut] FILE|FOLDER...
 *   --cut   also every beginning of every file, as if it had been cut off there */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

/* A file that takes longer than this, in seconds, is a hang. Sanitizers on a busy machine are slow;
 * what is found here is a loop that does not end. */
#define TIME_MAX 120

static void add_files(GPtrArray *files, const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	g_autoptr(GPtrArray) names = NULL;
	const char *name;

	if (!dir) {
		g_ptr_array_add(files, g_strdup(path));
		return;
	}
	names = g_ptr_array_new_with_free_func(g_free);
	while ((name = g_dir_read_name(dir)))
		g_ptr_array_add(names, g_build_filename(path, name, NULL));
	g_dir_close(dir);
	g_ptr_array_sort(names, (GCompareFunc)(void (*)(void))g_strcmp0);
	for (guint i = 0; i < names->len; i++)
		add_files(files, names->pdata[i]);
}

/* An input in memory of its own size, so that a read behind it is noticed by tools that can. */
static void run(const char *bytes, size_t size)
{
	uint8_t *copy = g_malloc(MAX(size, 1));

	memcpy(copy, bytes, size);
	LLVMFuzzerTestOneInput(copy, size);
	g_free(copy);
}

static void run_file(const char *path, bool cut)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *bytes = NULL;
	gsize size;

	if (!g_file_get_contents(path, &bytes, &size, &error)) {
		fprintf(stderr, "%s\n", error->message);
		exit(1);
	}
	alarm(TIME_MAX);
	for (size_t end = 0; cut && end < size; end++)
		run(bytes, end);
	run(bytes, size);
	alarm(0);
}

int main(int argc, char **argv)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
	bool cut = argc > 1 && strcmp(argv[1], "--cut") == 0;

	for (int i = 1 + cut; i < argc; i++)
		add_files(files, argv[i]);
	LLVMFuzzerInitialize(&argc, &argv);
	for (guint i = 0; i < files->len; i++) {
		printf("%s\n", (char *)files->pdata[i]);
		fflush(stdout);
		run_file(files->pdata[i], cut);
	}
	printf("%u inputs, nothing found\n", files->len);
	return 0;
}
