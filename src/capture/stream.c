/* Descriptors that captures are read from. Knows how to wait, to stop waiting, and to open a file
 * again; knows no format. */
#include "capture/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/input.h"

struct Stream {
	char *path;       /* as it was given */
	const char *name; /* for messages */
	int fd;           /* what is read; -1 when closed */
	Wakeup *wakeup;   /* ends waiting; borrowed */
	bool standard;    /* fd is standard input, not ours to close */
	bool regular;     /* a regular file, in which nobody has to wait */
	dev_t device;     /* which file it is, to know it again */
	ino_t inode;
	_Atomic uint64_t at; /* bytes before those that are read next, from where it was opened */
	uint64_t size;       /* bytes that there were when it was opened; 0: not known */
};

static bool fail(const Stream *stream, const char *what, GError **error)
{
	g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN, "%s: %s", stream->name, what);
	return false;
}

/* What a file holds from where it is read on: standard input may stand in the middle of one. */
static uint64_t size_ahead(int fd, uint64_t size)
{
	off_t at = lseek(fd, 0, SEEK_CUR);

	return at > 0 ? size - MIN(size, (uint64_t)at) : size;
}

Stream *stream_open(const char *path, Wakeup *wakeup, GError **error)
{
	g_autoptr(Stream) stream = g_new0(Stream, 1);
	struct stat status;

	stream->standard = strcmp(path, "-") == 0;
	stream->path = g_strdup(path);
	stream->name = stream->standard ? "standard input" : stream->path;
	stream->fd = stream->standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	stream->wakeup = wakeup;
	if (stream->fd < 0 || fstat(stream->fd, &status) < 0) {
		fail(stream, g_strerror(errno), error);
		return NULL;
	}
	if (S_ISDIR(status.st_mode)) {
		fail(stream, "is a directory; a capture is a file", error);
		return NULL;
	}
	stream->regular = S_ISREG(status.st_mode);
	stream->device = status.st_dev;
	stream->inode = status.st_ino;
	if (stream->regular)
		stream->size = size_ahead(stream->fd, (uint64_t)status.st_size);
	return g_steal_pointer(&stream);
}

const char *stream_name(const Stream *stream)
{
	return stream->name;
}

bool stream_is_regular(const Stream *stream)
{
	return stream->regular;
}

bool stream_can_reopen(const Stream *stream)
{
	return stream->regular && !stream->standard;
}

void stream_close(Stream *stream)
{
	if (!stream->standard && stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
}

bool stream_reopen(Stream *stream, uint64_t offset, GError **error)
{
	struct stat status;

	stream->fd = open(stream->path, O_RDONLY | O_CLOEXEC);
	if (stream->fd < 0 || fstat(stream->fd, &status) < 0)
		return fail(stream, g_strerror(errno), error);
	if (status.st_dev != stream->device || status.st_ino != stream->inode)
		return fail(stream, "is another file than when it was opened first", error);
	if (lseek(stream->fd, (off_t)offset, SEEK_SET) < 0)
		return fail(stream, g_strerror(errno), error);
	stream->at = offset;
	return true;
}

/* Waits for bytes: 1; 0 once reading is to end; -1 with errno set. In a regular file nobody has to
 * wait. */
static int wait_for_bytes(Stream *stream)
{
	struct pollfd wait[2] = {
		{ .fd = stream->wakeup->fd, .events = POLLIN },
		{ .fd = stream->fd, .events = POLLIN },
	};

	if (stream->regular)
		return 1;
	for (;;) {
		int got = poll(wait, G_N_ELEMENTS(wait), -1);

		if (got < 0 && errno != EINTR)
			return -1;
		if (got > 0 && wait[0].revents && wakeup_hear(stream->wakeup))
			return 0;
		if (got > 0 && wait[1].revents)
			return 1;
	}
}

ssize_t stream_read(Stream *stream, void *bytes, size_t count)
{
	ssize_t got;

	do {
		got = wait_for_bytes(stream);
		if (got > 0)
			got = read(stream->fd, bytes, count);
	} while (got < 0 && (errno == EINTR || errno == EAGAIN));
	if (got > 0)
		stream->at += (uint64_t)got;
	return got;
}

void stream_progress(const Stream *stream, uint64_t *read, uint64_t *size)
{
	uint64_t at = stream->at;

	*read = MIN(at, stream->size);
	*size = stream->size;
}

void stream_free(Stream *stream)
{
	if (!stream)
		return;
	stream_close(stream);
	g_free(stream->path);
	g_free(stream);
}
