/* What each option does with its argument. Knows numbers, names and files that are given on the
 * command line; knows nothing of the order of the options, nor of their combinations. */
#include "option-values.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tcp/state.h"

/* The member of @options that the row is about. */
#define MEMBER(type, row, options) ((type *)((char *)(options) + (row)->offset))

char *option_text(const OptionRow *row)
{
	return row->letter ? g_strdup_printf("-%c", row->letter)
			   : g_strdup_printf("--%s", row->name);
}

/* Sets @error to "OPTION: MESSAGE" and returns false. */
static bool refuse_value(const OptionRow *row, GError **error, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

static bool refuse_value(const OptionRow *row, GError **error, const char *format, ...)
{
	g_autofree char *option = option_text(row);
	g_autofree char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error(error, OPTIONS_ERROR, OPTIONS_ERROR_USAGE, "%s: %s", option, message);
	return false;
}

static bool read_number(const OptionRow *row, const char *value, uint64_t low, uint64_t high,
			uint64_t *number, GError **error)
{
	if (g_ascii_string_to_unsigned(value, 10, low, high, number, NULL))
		return true;
	if (high >= UINT_MAX)
		return refuse_value(row, error, "'%s' is not a whole number above 0", value);
	return refuse_value(row, error,
			    "'%s' is not a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
			    value, low, high);
}

bool option_set_flag(const OptionRow *row, const char *value G_GNUC_UNUSED, Options *options,
		     GError **error G_GNUC_UNUSED)
{
	*MEMBER(bool, row, options) = row->value;
	return true;
}

bool option_set_text(const OptionRow *row, const char *value, Options *options,
		     GError **error G_GNUC_UNUSED)
{
	char **text = MEMBER(char *, row, options);

	g_free(*text);
	*text = g_strdup(value);
	return true;
}

bool option_set_action(const OptionRow *row, const char *value G_GNUC_UNUSED, Options *options,
		       GError **error G_GNUC_UNUSED)
{
	options->action = row->value;
	return true;
}

/* row->value is the least that makes sense, in seconds. */
bool option_set_seconds(const OptionRow *row, const char *value, Options *options, GError **error)
{
	NsTime duration;

	if (!nstime_parse_seconds(value, &duration) || (row->value > 0 && duration == 0))
		return refuse_value(row, error,
				    "'%s' is not a number of seconds%s, as in 60 or 0.25", value,
				    row->value > 0 ? " above 0" : "");
	*MEMBER(NsTime, row, options) = duration;
	return true;
}

/* A number for an int; row->value is the highest. */
bool option_set_int(const OptionRow *row, const char *value, Options *options, GError **error)
{
	uint64_t number;

	if (!read_number(row, value, 0, row->value, &number, error))
		return false;
	*MEMBER(int, row, options) = number;
	return true;
}

bool option_set_count(const OptionRow *row, const char *value, Options *options, GError **error)
{
	return read_number(row, value, 1, INT64_MAX, &options->count, error);
}

bool option_set_top(const OptionRow *row, const char *value, Options *options, GError **error)
{
	uint64_t number;

	if (!read_number(row, value, 1, UINT_MAX, &number, error))
		return false;
	options->selection.top = number;
	return true;
}

bool option_set_max(const OptionRow *row, const char *value, Options *options, GError **error)
{
	uint64_t number;

	if (!read_number(row, value, 1, UINT_MAX, &number, error))
		return false;
	options->analysis.max = (unsigned)number;
	return true;
}

bool option_add_verbosity(const OptionRow *row G_GNUC_UNUSED, const char *value G_GNUC_UNUSED,
			  Options *options, GError **error G_GNUC_UNUSED)
{
	options->line.verbose++;
	return true;
}

bool option_add_stamp(const OptionRow *row, const char *value G_GNUC_UNUSED, Options *options,
		      GError **error)
{
	if (options->line.stamp == STAMP_SINCE)
		return refuse_value(row, error,
				    "only -t, -tt, -ttt, -tttt and -ttttt have a meaning");
	options->line.stamp++;
	return true;
}

bool option_add_file(const OptionRow *row G_GNUC_UNUSED, const char *value, Options *options,
		     GError **error G_GNUC_UNUSED)
{
	g_ptr_array_add(options->files, g_strdup(value));
	return true;
}

/* The text of a file that an option names; NULL when it cannot be read. */
static char *read_named_file(const OptionRow *row, const char *path, GError **error)
{
	bool standard = row->letter == 'V' && strcmp(path, "-") == 0;
	g_autofree char *text = NULL;
	size_t size = 0;
	FILE *file = standard ? stdin : fopen(path, "re");
	ssize_t length = file ? getdelim(&text, &size, '\0', file) : -1;
	int reason = !file || ferror(file) ? errno : 0;

	if (file && !standard)
		fclose(file);
	if (reason)
		refuse_value(row, error, "cannot read '%s': %s", path, g_strerror(reason));
	else if (length > 0 && text[length - 1] == '\0')
		refuse_value(row, error, "'%s' is not a text file", path);
	else
		return g_strndup(text, MAX(length, 0));
	return NULL;
}

bool option_add_list(const OptionRow *row, const char *value, Options *options, GError **error)
{
	g_autofree char *text = read_named_file(row, value, error);
	g_auto(GStrv) lines = NULL;
	unsigned before = options->files->len;

	if (!text)
		return false;
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++)
		if (**line)
			g_ptr_array_add(options->files, g_strdup(*line));
	if (options->files->len == before)
		return refuse_value(row, error, "'%s' lists no files: it takes one a line", value);
	return true;
}

/* As in tcpdump, what follows a # in the file is a comment. */
bool option_read_expression(const OptionRow *row, const char *value, Options *options,
			    GError **error)
{
	char *text = read_named_file(row, value, error);

	if (!text)
		return false;
	for (char *at = strchr(text, '#'); at; at = strchr(at, '#'))
		while (*at && *at != '\n')
			*at++ = ' ';
	g_free(options->expression_file);
	options->expression_file = text;
	return true;
}

bool option_add_view(const OptionRow *row, const char *value G_GNUC_UNUSED, Options *options,
		     GError **error G_GNUC_UNUSED)
{
	if (!(options->view_mask & 1u << row->value))
		options->views[options->view_count++] = row->value;
	options->view_mask |= 1u << row->value;
	return true;
}

bool option_set_at(const OptionRow *row, const char *value, Options *options, GError **error)
{
	options->has_at = instant_parse(value, &options->at);
	return options->has_at ||
	       refuse_value(
		       row, error,
		       "'%s' is not a time: give epoch seconds (1700000000.5), HH:MM:SS[.frac], "
		       "or +SECONDS after the first frame",
		       value);
}

bool option_set_local(const OptionRow *row, const char *value, Options *options, GError **error)
{
	if (!address_prefix_parse(value, &options->local))
		return refuse_value(
			row, error,
			"'%s' is neither an address nor ADDRESS/BITS (names are not resolved)",
			value);
	g_free(options->local_text);
	options->local_text = g_strdup(value);
	options->selection.local = &options->local;
	options->selection.local_text = options->local_text;
	return true;
}

static int compare_numbers(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

bool option_add_numbers(const OptionRow *row, const char *value, Options *options, GError **error)
{
	g_auto(GStrv) words = g_strsplit(value, ",", -1);
	GArray *numbers = options->numbers;
	unsigned kept = 0;

	if (!*words)
		return refuse_value(row, error, "it needs the number of a connection");
	for (char **word = words; *word; word++) {
		uint64_t wide;

		if (!read_number(row, *word, 1, UINT_MAX, &wide, error))
			return false;
		g_array_append_vals(numbers, &(unsigned){ wide }, 1);
	}
	g_array_sort(numbers, compare_numbers);
	for (unsigned i = 0; i < numbers->len; i++) {
		unsigned number = g_array_index(numbers, unsigned, i);

		if (!kept || number != g_array_index(numbers, unsigned, kept - 1))
			g_array_index(numbers, unsigned, kept++) = number;
	}
	g_array_set_size(numbers, kept);
	options->selection.numbers = (const unsigned *)(void *)numbers->data;
	options->selection.number_count = kept;
	return true;
}

/* @names are @count of them. The caller frees the list. */
static char *list_names(const char *const *names, size_t count)
{
	GString *list = g_string_new(names[0]);

	for (size_t i = 1; i < count; i++)
		g_string_append_printf(list, ", %s", names[i]);
	return g_string_free(list, FALSE);
}

char *option_state_list(void)
{
	static const char *const names[] = { TCP_STATE_LIST(LIST_NAME) };

	return list_names(names, G_N_ELEMENTS(names));
}

char *option_kind_list(void)
{
	static const char *const names[] = { ANOMALY_KIND_LIST(LIST_NAME) };

	return list_names(names, G_N_ELEMENTS(names));
}

char *option_sort_list(void)
{
	static const char *const names[] = { SORT_KIND_LIST(LIST_NAME) };

	return list_names(names, G_N_ELEMENTS(names));
}

bool option_add_states(const OptionRow *row, const char *value, Options *options, GError **error)
{
	g_auto(GStrv) words = g_strsplit(value, ",", -1);

	for (char **word = words; *word; word++) {
		g_autofree char *known = NULL;
		TcpState state;

		if (tcp_state_parse(*word, &state)) {
			options->selection.states |= 1u << state;
			continue;
		}
		known = option_state_list();
		return refuse_value(row, error, "'%s' is no state; there are %s", *word, known);
	}
	return *words || refuse_value(row, error, "it needs the name of a state");
}

bool option_add_kinds(const OptionRow *row, const char *value, Options *options, GError **error)
{
	g_auto(GStrv) words = g_strsplit(value, ",", -1);

	for (char **word = words; *word; word++) {
		g_autofree char *known = NULL;
		AnomalyKind kind;

		if (strcmp(*word, "any") == 0) {
			options->fail_on_any = true;
			continue;
		}
		if (anomaly_kind_parse(*word, &kind)) {
			options->fail_on |= UINT64_C(1) << kind;
			continue;
		}
		known = option_kind_list();
		return refuse_value(row, error, "'%s' is no kind of anomaly; there are any, %s",
				    *word, known);
	}
	return *words || refuse_value(row, error, "it needs the name of a kind, or any");
}

bool option_set_sort(const OptionRow *row, const char *value, Options *options, GError **error)
{
	g_autofree char *known = NULL;

	if (sort_kind_parse(value, &options->selection.sort))
		return true;
	known = option_sort_list();
	return refuse_value(row, error, "'%s' is no key; there are %s", value, known);
}

bool option_set_vlan(const OptionRow *row, const char *value, Options *options, GError **error)
{
	if (strcmp(value, "separate") != 0)
		return refuse_value(row, error, "'%s' is not known; there is --vlan=separate",
				    value);
	options->analysis.decode.vlan_separate = true;
	return true;
}

bool option_refuse(const OptionRow *row, const char *value G_GNUC_UNUSED,
		   Options *options G_GNUC_UNUSED, GError **error)
{
	g_autofree char *option = option_text(row);

	g_set_error(error, OPTIONS_ERROR, OPTIONS_ERROR_USAGE,
		    "%s is not available in this version", option);
	return false;
}
