/* The words for how connections open and close and why states change. Knows the lists; knows no
 * connection. */
#include "flow/connection.h"

const char *open_kind_name(OpenKind kind)
{
	static const char *const names[] = { OPEN_KIND_LIST(LIST_NAME) };

	return names[kind];
}

const char *close_kind_name(CloseKind kind)
{
	static const char *const names[] = { CLOSE_KIND_LIST(LIST_NAME) };

	return names[kind];
}

const char *basis_name(Basis basis)
{
	static const char *const names[] = { BASIS_LIST(LIST_NAME) };

	return names[basis];
}

const char *cause_text(Cause cause)
{
	static const char *const texts[] = { CAUSE_LIST(LIST_NAME) };

	return texts[cause];
}
