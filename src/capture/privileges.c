/* Becoming another user for good. Knows users and groups; knows nothing of captures. */
#include "capture/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "capture/input.h"

bool privileges_drop(const char *user, GError **error)
{
	const struct passwd *entry;

	if (!user || geteuid() != 0)
		return true;
	errno = 0;
	entry = getpwnam(user);
	if (!entry) {
		g_set_error(error, INPUT_ERROR, INPUT_ERROR_DEVICE, "-Z: there is no user '%s'%s%s",
			    user, errno ? ": " : "", errno ? g_strerror(errno) : "");
		return false;
	}
	/* The user last: the others need root. */
	if (initgroups(user, entry->pw_gid) != 0 || setgid(entry->pw_gid) != 0 ||
	    setuid(entry->pw_uid) != 0) {
		g_set_error(error, INPUT_ERROR, INPUT_ERROR_DEVICE, "-Z: cannot become '%s': %s",
			    user, g_strerror(errno));
		return false;
	}
	/* What can be taken back was not given up. */
	if (entry->pw_uid != 0 && setuid(0) == 0) {
		g_set_error(error, INPUT_ERROR, INPUT_ERROR_DEVICE,
			    "-Z: root could be regained after becoming '%s'", user);
		return false;
	}
	return true;
}
