/* The words for what the analysis tells. Knows the lists; knows no event. */
#include "analysis/event.h"

const char *reset_stage_name(ResetStage stage)
{
	static const char *const names[] = { RESET_STAGE_LIST(LIST_NAME) };

	return names[stage];
}
