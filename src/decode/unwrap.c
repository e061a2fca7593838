/* The names of what an IP packet can be wrapped in. Knows the list in unwrap.h and nothing else. */
#include "decode/unwrap.h"

#include <glib.h>

#define UNWRAP_TEXT(member, name, text) [member] = text,

const char *unwrap_name(Unwrap unwrap)
{
	static const char *const names[] = { UNWRAP_LIST(LIST_NAME) };

	g_assert(unwrap < UNWRAP_COUNT);
	return names[unwrap];
}

const char *unwrap_text(Unwrap unwrap)
{
	static const char *const texts[] = { UNWRAP_LIST(UNWRAP_TEXT) };

	g_assert(unwrap < UNWRAP_COUNT);
	return texts[unwrap];
}
