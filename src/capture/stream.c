/* Reading a file that is looked at first and handed to libpcap then. Knows descriptors; knows no
 * format.
 *
 * Standard input cannot be rewound, so what was looked at is kept and delivered again. Every file
 * takes the same way: it costs one more system call for each buffer, and a pipe in which nothing
 * comes can be left in the middle. */
#include "capture/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/input.h"

#define BUFFER_SIZE (128 * 1024)

struct Stream {
	char *name;       /* for messages */
	int fd;           /* what is read */
	int stop_fd;      /* readable once reading is to end */
	bool owned;       /* fd is ours to close */
	int error;        /* errno of the read that failed, or 0 */
	GByteArray *head; /* what has been looked at */
	size_t replayed;  /* bytes of @head that have been delivered */
	char *buffer;     /* the FILE's */
};

/* As read(), but 0 as soon as reading is to end. */
static ssize_t stream_read(Stream *stream, void *bytes, size_t count)
{
	struct pollfd wait[2] = {
		{ .fd = stream->stop_fd, .events = POLLIN },
		{ .fd = stream->fd, .events = POLLIN },
	};
	ssize_t got;

	do {
		do {
			got = poll(wait, G_N_ELEMENTS(wait), -1);
		} while (got < 0 && errno == EINTR);
		if (got < 0)
			return -1;
		if (wait[0].revents)
			return 0;
		got = read(stream->fd, bytes, count);
	} while (got < 0 && (errno == EINTR || errno == EAGAIN));
	if (got < 0)
		stream->error = errno;
	return got;
}

static ssize_t replay_read(void *cookie, char *bytes, size_t count)
{
	Stream *stream = cookie;
	size_t left = stream->head->len - stream->replayed;

	if (left == 0)
		return stream_read(stream, bytes, count);
	if (count > left)
		count = left;
	memcpy(bytes, stream->head->data + stream->replayed, count);
	stream->replayed += count;
	return (ssize_t)count;
}

Stream *stream_open(const char *path, int stop_fd, GError **error)
{
	g_autoptr(Stream) stream = g_new0(Stream, 1);
	struct stat status;

	stream->owned = strcmp(path, "-") != 0;
	stream->name = g_strdup(stream->owned ? path : "standard input");
	stream->fd = stream->owned ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	stream->stop_fd = stop_fd;
	stream->head = g_byte_array_new();
	if (stream->fd < 0 || fstat(stream->fd, &status) < 0) {
		g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN, "%s: %s", stream->name,
			    g_strerror(errno));
		return NULL;
	}
	if (S_ISDIR(status.st_mode)) {
		g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN,
			    "%s: is a directory; a capture is a file", stream->name);
		return NULL;
	}
	return g_steal_pointer(&stream);
}

const char *stream_name(const Stream *stream)
{
	return stream->name;
}

size_t stream_peek(Stream *stream, size_t count, const uint8_t **bytes)
{
	while (stream->head->len < count) {
		guint have = stream->head->len;
		ssize_t got;

		g_byte_array_set_size(stream->head, (guint)count);
		got = stream_read(stream, stream->head->data + have, count - have);
		g_byte_array_set_size(stream->head, have + (got > 0 ? (guint)got : 0));
		if (got <= 0)
			break;
	}
	*bytes = stream->head->data;
	return MIN(count, stream->head->len);
}

int stream_error(const Stream *stream)
{
	return stream->error;
}

FILE *stream_file(Stream *stream)
{
	FILE *file = fopencookie(stream, "r", (cookie_io_functions_t){ .read = replay_read });

	if (file) {
		stream->buffer = g_malloc(BUFFER_SIZE);
		setvbuf(file, stream->buffer, _IOFBF, BUFFER_SIZE);
	}
	return file;
}

void stream_free(Stream *stream)
{
	if (!stream)
		return;
	if (stream->owned && stream->fd >= 0)
		close(stream->fd);
	g_byte_array_unref(stream->head);
	g_free(stream->buffer);
	g_free(stream->name);
	g_free(stream);
}
