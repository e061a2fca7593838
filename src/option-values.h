/* One option, and what it does with its argument. Knows the values; knows nothing of getopt nor of
 * the table. */
#ifndef WIRESTATE_OPTION_VALUES_H
#define WIRESTATE_OPTION_VALUES_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "options.h"

typedef struct OptionRow OptionRow;

/* Does what an option asks for. @value is NULL when it takes no argument. False with @error set,
 * the option named, when the value is wrong. */
typedef bool OptionApply(const OptionRow *row, const char *value, Options *options, GError **error);

struct OptionRow {
	char letter;          /* after one dash; 0: it has none */
	const char *name;     /* after two dashes; NULL: it has none */
	const char *argument; /* what the help calls its argument; NULL: it takes none */
	const char *help;     /* what it does; NULL: the help does not mention it */
	OptionApply *apply;   /* what is called for it; NULL: the row is a heading of the help */
	size_t offset;        /* for the first group below: which member of Options it sets */
	int value;            /* for both groups: to what, or within which bound */
};

/* The option as the user writes it: "--top", "-c". The caller frees it. */
char *option_text(const OptionRow *row);

/* All names, with commas between. The caller frees them. */
char *option_state_list(void);
char *option_kind_list(void);
char *option_sort_list(void);

/* These set the member at row->offset: a bool to row->value; a char * to the text; an int from 0 to
 * row->value; an NsTime to a duration of at least 0, or above 0 when row->value is 1. */
OptionApply option_set_flag, option_set_text, option_set_int, option_set_seconds;

/* These know their member. row->value is the Action or the View. */
OptionApply option_set_action, option_add_view;
OptionApply option_add_file, option_add_list, option_read_expression, option_set_count;
OptionApply option_add_verbosity, option_add_stamp;
OptionApply option_set_at, option_set_local, option_add_numbers, option_add_states, option_set_sort,
	option_set_top, option_set_max;
OptionApply option_add_kinds, option_set_vlan;

/* For options that this version knows and does not have: always false. */
OptionApply option_refuse;

#endif
