/* Where the views go: standard output or a file. Knows descriptors and terminals; knows nothing of
 * what is written. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

G_DEFINE_QUARK(wirestate_output_error, output_error)

void output_guard_streams(void)
{
	int fd;

	/* For reading only: a view that is written on a closed standard output has to fail. */
	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static bool is_same_file(const char *path, const char *other)
{
	struct stat a, b;

	return stat(path, &a) == 0 && stat(other, &b) == 0 && S_ISREG(a.st_mode) &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

FILE *output_open(const char *path, const char *const *inputs, bool line_buffered, GError **error)
{
	FILE *out = stdout;

	for (; path && *inputs; inputs++) {
		if (is_same_file(path, *inputs)) {
			g_set_error(error, OUTPUT_ERROR, OUTPUT_ERROR_OPEN,
				    "--output: '%s' is what is to be read", path);
			return NULL;
		}
	}
	if (path && !(out = fopen(path, "we"))) {
		g_set_error(error, OUTPUT_ERROR, OUTPUT_ERROR_OPEN,
			    "--output: cannot write '%s': %s", path, g_strerror(errno));
		return NULL;
	}
	/* The views collect what nobody waits for, so that the stream's own buffer may be small. */
	setvbuf(out, NULL, line_buffered || isatty(fileno(out)) ? _IOLBF : _IOFBF, 0);
	return out;
}

bool output_is_line_buffered(FILE *out)
{
	return __flbf(out) != 0;
}

bool output_close(FILE *out, const char *path, GError **error)
{
	/* When a write failed earlier, nothing was written since: errno is still its own. */
	bool failed = ferror(out);

	if ((path ? fclose(out) : fflush(out)) == 0 && !failed)
		return true;
	g_set_error(error, OUTPUT_ERROR, OUTPUT_ERROR_WRITE, "cannot write to %s: %s",
		    path ? path : "standard output", g_strerror(errno));
	return false;
}

int output_width(FILE *out)
{
	struct winsize size;

	return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

bool output_has_colour(FILE *out)
{
	const char *terminal = g_getenv("TERM");
	const char *no_colour = g_getenv("NO_COLOR");

	return isatty(fileno(out)) && terminal && strcmp(terminal, "dumb") != 0 &&
	       !(no_colour && *no_colour);
}
