/* The names of the reasons to skip a frame. Knows the list in skip.h and nothing else. */
#include "decode/skip.h"

#include <glib.h>

#define SKIP_TEXT(member, name, text) [member] = text,

const char *skip_reason_name(SkipReason reason)
{
	static const char *const names[] = { SKIP_REASON_LIST(LIST_NAME) };

	g_assert(reason >= 0 && reason < SKIP_REASON_COUNT);
	return names[reason];
}

const char *skip_reason_text(SkipReason reason)
{
	static const char *const texts[] = { SKIP_REASON_LIST(SKIP_TEXT) };

	g_assert(reason >= 0 && reason < SKIP_REASON_COUNT);
	return texts[reason];
}
