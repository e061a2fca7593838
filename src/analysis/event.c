/* The words for what the analysis tells, and the end of who is told. Knows the lists; knows no
 * event. */
#include "analysis/event.h"

#include <glib.h>

const char *reset_stage_name(ResetStage stage)
{
	static const char *const names[] = { RESET_STAGE_LIST(LIST_NAME) };

	return names[stage];
}

void observer_free(void *observer)
{
	Observer *own = observer;

	if (own->free)
		own->free(own);
	else
		g_free(own);
}
