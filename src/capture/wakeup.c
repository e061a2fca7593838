/* Ending or interrupting a wait from a signal handler. Knows descriptors; knows nothing of what is
 * waited for.
 *
 * A flag that is looked at before waiting comes too late when the signal arrives between the two. A
 * descriptor that is waited for together with the input does not. */
#include "capture/wakeup.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool wakeup_init(Wakeup *wakeup)
{
	wakeup->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return wakeup->fd >= 0;
}

void wakeup_wake(Wakeup *wakeup)
{
	const uint64_t one = 1;
	int saved_errno = errno;

	/* It cannot be written to when it is readable already, and that is all it is for. */
	if (write(wakeup->fd, &one, sizeof(one)) < 0)
		errno = saved_errno;
}

void wakeup_stop(Wakeup *wakeup)
{
	wakeup->stopped = 1;
	wakeup_wake(wakeup);
}

bool wakeup_hear(Wakeup *wakeup)
{
	uint64_t count;

	if (read(wakeup->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return true;
	if (wakeup->stopped) {
		/* It stays readable, for all who wait. */
		wakeup_wake(wakeup);
		return true;
	}
	if (wakeup->woken)
		wakeup->woken(wakeup->data);
	return false;
}

void wakeup_clear(Wakeup *wakeup)
{
	if (wakeup->fd >= 0)
		close(wakeup->fd);
	wakeup->fd = -1;
}
