/* Giving up root after the interface is open and before the first frame is read (-Z). Knows users;
 * knows nothing of captures. */
#ifndef WIRESTATE_CAPTURE_PRIVILEGES_H
#define WIRESTATE_CAPTURE_PRIVILEGES_H

#include <glib.h>
#include <stdbool.h>

/* Becomes @user and its groups when the process is root; with NULL, or when it is not root, does
 * nothing. False with @error set when the user does not exist or the change is refused. */
bool privileges_drop(const char *user, GError **error);

#endif
