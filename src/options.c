/* tcpdump's letters and our own words, in one table that also prints the help. Knows how options
 * are written and which go together; their values are option-values.c's. */
#include "options.h"

#include <getopt.h>
#include <string.h>

#include "decode/decode.h"
#include "option-values.h"
#include "tcp/state.h"

G_DEFINE_QUARK(wirestate_options_error, options_error)

/* tcpdump's own bound for -s, which libpcap shares. */
#define SNAPLEN_MAX 262144
/* libpcap takes the buffer's size as bytes in an int. */
#define BUFFER_KIB_MAX (INT_MAX / 1024)

/* The help begins its explanations in this column, and ends its lines before the other. */
#define HELP_COLUMN 30
#define HELP_WIDTH  80

/* clang-format off */
#define HEADING(text)        { 0, NULL, NULL, text, NULL, 0, 0 }
#define FLAG(member)         option_set_flag, offsetof(Options, member), true
#define NO_FLAG(member)      option_set_flag, offsetof(Options, member), false
#define TEXT(member)         option_set_text, offsetof(Options, member), 0
#define INT(member, highest) option_set_int, offsetof(Options, member), highest
#define SECONDS(member, low) option_set_seconds, offsetof(Options, member), low
#define VIEW_ROW(view)       option_add_view, 0, view
#define ACTION(action)       option_set_action, 0, action
#define APPLY(function)      option_##function, 0, 0

static const OptionRow rows[] = {
	HEADING("Input"),
	{ 'r', NULL, "FILE", "read a capture; - is standard input; several are merged by time", APPLY(add_file) },
	{ 'V', NULL, "FILE", "read the captures that FILE lists, one a line", APPLY(add_list) },
	{ 'i', "interface", "NAME", "capture live on an interface, until interrupted", TEXT(interface) },
	{ 'D', "list-interfaces", NULL, "list the interfaces that can be captured on", ACTION(ACTION_LIST_INTERFACES) },
	{ 'F', NULL, "FILE", "take the expression from FILE", APPLY(read_expression) },
	{ 'c', NULL, "COUNT", "stop after COUNT frames that the expression accepts", APPLY(set_count) },
	{ 's', "snapshot-length", "BYTES", "live: capture at most so much of each frame", INT(input.snaplen, SNAPLEN_MAX) },
	{ 'p', "no-promiscuous-mode", NULL, "live: only what the host itself would see", FLAG(input.no_promiscuous) },
	{ 'B', "buffer-size", "KIB", "live: the kernel's buffer", INT(input.buffer_kib, BUFFER_KIB_MAX) },
	{ 'O', "no-optimize", NULL, "do not optimise the expression's code", NO_FLAG(input.optimise) },
	{ 'Z', "relinquish-privileges", "USER", "when root, become USER once the input is open", TEXT(user) },

	HEADING("Views (several may be given; --summary is the default)"),
	{ 0, "summary", NULL, "what was read, how connections opened and closed, what matters", VIEW_ROW(VIEW_SUMMARY) },
	{ 0, "timeline", NULL, "tcpdump's line for each segment, and what it changed", VIEW_ROW(VIEW_TIMELINE) },
	{ 0, "connections", NULL, "a table: both ends of each connection and their states", VIEW_ROW(VIEW_CONNECTIONS) },
	{ 0, "anomalies", NULL, "what went wrong, where, why it is thought so, what to do", VIEW_ROW(VIEW_ANOMALIES) },
	{ 0, "histogram", NULL, "sides in each state", VIEW_ROW(VIEW_HISTOGRAM) },
	{ 0, "hosts", NULL, "connections and states of each host", VIEW_ROW(VIEW_HOSTS) },
	{ 0, "json", NULL, "the same as JSON, one object a line", FLAG(json) },
	{ 0, "output", "FILE", "write to FILE instead of standard output", TEXT(output) },

	HEADING("What is shown"),
	{ 0, "at", "TIME", "--connections, --histogram and --hosts as of TIME: epoch seconds, HH:MM:SS[.frac] on the "
	  "first frame's day, or +SECONDS after it", APPLY(set_at) },
	{ 0, "local", "ADDR[/BITS]", "only sides with such an address, as ss shows them there", APPLY(set_local) },
	{ 0, "connection", "N[,N...]", "only connections with these numbers", APPLY(add_numbers) },
	{ 0, "state", "STATE[,...]", "only connections with a side in one of these states", APPLY(add_states) },
	{ 0, "older", "SECONDS", "... in its present state for at least so long", SECONDS(selection.older, 0) },
	{ 0, "sort", "KEY", "in another order, by one of the keys below", APPLY(set_sort) },
	{ 0, "top", "N", "the first N of them", APPLY(set_top) },

	HEADING("Lines of --timeline, as in tcpdump"),
	{ 'n', NULL, NULL, "numbers instead of names", FLAG(line.numeric) },
	{ 'S', "absolute-tcp-sequence-numbers", NULL, "absolute sequence numbers", FLAG(line.absolute) },
	{ 'e', NULL, NULL, "the link header", FLAG(line.link) },
	{ 'v', NULL, NULL, "more of the IP header", APPLY(add_verbosity) },
	{ 'q', NULL, NULL, "less of the TCP header", FLAG(line.quiet) },
	{ '#', "number", NULL, "the frame's number", FLAG(line.number) },
	{ 't', NULL, NULL, "no time; -tt: epoch, -ttt: since the line before, -tttt: with the date, -ttttt: since "
	  "the first", APPLY(add_stamp) },
	{ 0, "nano", NULL, "times with 9 digits", FLAG(line.nanoseconds) },
	{ 'l', NULL, NULL, "write each line at once", FLAG(line.line_buffered) },

	HEADING("Judgement"),
	{ 0, "fail-on", "KIND[,KIND...]", "exit status 1 when such an anomaly was found; any: one that is more than "
	  "routine", APPLY(add_kinds) },
	{ 0, "msl", "SECONDS", "half of what TIME_WAIT lasts (default 30)", SECONDS(analysis.msl, 1) },
	{ 0, "stuck", "SECONDS", "how long is too long in a closing state (default 60)", SECONDS(analysis.stuck, 1) },
	{ 0, "max-connections", "N", "keep at most N; the one idle for longest goes first (default: all of a file's, "
	  "1000000 live)", APPLY(set_max) },
	{ 0, "vlan", "separate", "VLAN tags tell connections apart", APPLY(set_vlan) },

	HEADING("Help"),
	{ 'h', "help", NULL, "this text", ACTION(ACTION_HELP) },
	{ 0, "version", NULL, "the version", ACTION(ACTION_VERSION) },

	/* Promised for later versions: a clear word is better than "unknown option". */
	{ 'w', NULL, "FILE", NULL, APPLY(refuse) },
	{ 0, "print", NULL, NULL, APPLY(refuse) },
	{ 0, "ladder", NULL, NULL, APPLY(refuse) },
	{ 0, "every", "SECONDS", NULL, APPLY(refuse) },
	{ 0, "explain", "WORD", NULL, APPLY(refuse) },
};
/* clang-format on */

/* getopt_long() answers with a letter, or with this plus the row's index for an option of two
 * dashes. */
#define LONG_OPTION 256

static const OptionRow *find_row(int answer)
{
	if (answer >= LONG_OPTION)
		return &rows[answer - LONG_OPTION];
	for (const OptionRow *row = rows; row < rows + G_N_ELEMENTS(rows); row++)
		if (answer && row->letter == answer)
			return row;
	return NULL;
}

/* The table as getopt_long() wants it. The colon at the front keeps it from printing. */
static void fill_getopt(GString *letters, GArray *longs)
{
	g_string_assign(letters, ":");
	for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct option option = {
			.name = rows[i].name,
			.has_arg = rows[i].argument ? required_argument : no_argument,
			.val = LONG_OPTION + i,
		};

		if (rows[i].letter)
			g_string_append_printf(letters, "%c%s", rows[i].letter,
					       rows[i].argument ? ":" : "");
		if (rows[i].name)
			g_array_append_val(longs, option);
	}
}

/* The options that begin as @word does, with commas between; NULL when there are less than two. */
static char *list_ambiguous(const char *word)
{
	size_t length = strcspn(word, "=");
	g_autoptr(GString) list = g_string_new(NULL);
	unsigned found = 0;

	for (const OptionRow *row = rows; row < rows + G_N_ELEMENTS(rows); row++)
		if (row->name && strncmp(row->name, word, length) == 0)
			g_string_append_printf(list, "%s--%s", found++ ? ", " : "", row->name);
	return found > 1 ? g_strdup(list->str) : NULL;
}

/* What getopt_long() did not like: @answer is its ':' or '?', @word the argument that it stopped
 * behind. */
static bool refuse_syntax(int answer, const char *word, GError **error)
{
	const OptionRow *row = find_row(optopt);
	g_autofree char *option = row ? option_text(row) : NULL;
	g_autofree char *candidates = row || optopt ? NULL : list_ambiguous(word + 2);

	if (row && row->apply == option_refuse)
		return option_refuse(row, NULL, NULL, error);
	if (row && answer == ':')
		g_set_error(error, OPTIONS_ERROR, OPTIONS_ERROR_USAGE, "%s needs an argument: %s",
			    option, row->argument);
	else if (row)
		g_set_error(error, OPTIONS_ERROR, OPTIONS_ERROR_USAGE, "%s takes no argument",
			    option);
	else if (candidates)
		g_set_error(error, OPTIONS_ERROR, OPTIONS_ERROR_USAGE,
			    "'%s' is not clear: there are %s", word, candidates);
	else if (g_ascii_isprint(optopt))
		g_set_error(error, OPTIONS_ERROR, OPTIONS_ERROR_USAGE,
			    "unknown option -%c; wirestate --help lists them", optopt);
	else
		g_set_error(error, OPTIONS_ERROR, OPTIONS_ERROR_USAGE,
			    "unknown option %s; wirestate --help lists them", word);
	return false;
}

/* Whether what was given goes together. */
static bool check(const Options *options, GError **error)
{
	const unsigned at_views = 1u << VIEW_CONNECTIONS | 1u << VIEW_HISTOGRAM | 1u << VIEW_HOSTS;
	const char *what = options->expression ? options->expression : "";
	const char *wrong = NULL;

	if (options->interface && options->files->len)
		wrong = "either files (-r, -V) or an interface (-i), not both";
	else if (options->interface && options->has_at)
		wrong = "--at is an instant of a capture that is read with -r";
	else if (options->has_at && options->view_mask & ~at_views)
		wrong = "--at needs --connections, --histogram or --hosts, and no other view";
	if (wrong) {
		g_set_error_literal(error, OPTIONS_ERROR, OPTIONS_ERROR_USAGE, wrong);
		return false;
	}
	if (options->interface || options->files->len)
		return true;
	if (g_file_test(what, G_FILE_TEST_IS_REGULAR))
		g_set_error(error, OPTIONS_ERROR, OPTIONS_ERROR_USAGE,
			    "nothing to read: give the capture with -r, as in wirestate -r %s",
			    what);
	else
		g_set_error(
			error, OPTIONS_ERROR, OPTIONS_ERROR_USAGE,
			"nothing to read: give a capture with -r FILE (-r - for standard input) "
			"or an interface with -i NAME; wirestate --help tells more");
	return false;
}

/* @words is what is left of the command line: as in tcpdump they are one expression, unless -F gave
 * one. */
static bool finish(Options *options, char **words, GError **error)
{
	if (options->expression_file) {
		options->expression = g_steal_pointer(&options->expression_file);
		options->expression_ignored = *words;
	} else if (*words) {
		options->expression = g_strjoinv(" ", words);
	}
	options->input.filter = options->expression;
	if (!options->view_count) {
		options->views[options->view_count++] = VIEW_SUMMARY;
		options->view_mask = 1u << VIEW_SUMMARY;
	}
	if (options->interface && !options->analysis.max)
		options->analysis.max = ANALYSIS_LIVE_MAX;
	if (!check(options, error))
		return false;
	g_ptr_array_add(options->files, NULL);
	return true;
}

static void set_defaults(Options *options)
{
	*options = (Options){
		.files = g_ptr_array_new_with_free_func(g_free),
		.numbers = g_array_new(FALSE, FALSE, sizeof(unsigned)),
		.input = { .optimise = true,
			   .timeout_ms = OPTIONS_LIVE_DELAY_MS,
			   .knows_linktype = decode_knows_linktype },
		.analysis = { .msl = ANALYSIS_DEFAULT_MSL, .stuck = ANALYSIS_DEFAULT_STUCK },
	};
}

/* A word of the command line that is one of our own options but for its second dash, which getopt
 * reads as a cluster of letters; NULL when there is none. */
static const char *find_single_dash(char **argv)
{
	for (; *argv; argv++)
		for (const OptionRow *row = rows; row < rows + G_N_ELEMENTS(rows); row++)
			if (**argv == '-' && row->name && strcmp(*argv + 1, row->name) == 0)
				return row->name;
	return NULL;
}

static bool parse(Options *options, int argc, char **argv, GError **error)
{
	g_autoptr(GString) letters = g_string_new(NULL);
	g_autoptr(GArray) longs = g_array_new(TRUE, TRUE, sizeof(struct option));
	int answer;

	fill_getopt(letters, longs);
	optind = 0;
	while ((answer = getopt_long(argc, argv, letters->str,
				     (const struct option *)(void *)longs->data, NULL)) != -1) {
		const OptionRow *row = find_row(answer);

		if (answer == '?' || answer == ':')
			return refuse_syntax(answer, argv[optind - 1], error);
		if (!row->apply(row, optarg, options, error))
			return false;
		if (options->action != ACTION_ANALYSE)
			return true;
	}
	return finish(options, argv + optind, error);
}

bool options_parse(Options *options, int argc, char **argv, GError **error)
{
	const char *name;

	set_defaults(options);
	if (parse(options, argc, argv, error))
		return true;
	name = find_single_dash(argv);
	if (name) {
		g_clear_error(error);
		g_set_error(error, OPTIONS_ERROR, OPTIONS_ERROR_USAGE,
			    "-%s is read as single letters; --%s is an option", name, name);
	}
	return false;
}

void options_clear(Options *options)
{
	g_clear_pointer(&options->files, g_ptr_array_unref);
	g_clear_pointer(&options->numbers, g_array_unref);
	g_clear_pointer(&options->interface, g_free);
	g_clear_pointer(&options->expression, g_free);
	g_clear_pointer(&options->expression_file, g_free);
	g_clear_pointer(&options->user, g_free);
	g_clear_pointer(&options->local_text, g_free);
	g_clear_pointer(&options->output, g_free);
}

/* Appends words up to the help's right edge and goes on in @column of the next line. @used is what
 * this line holds. */
static void append_wrapped(GString *help, const char *text, size_t used, size_t column)
{
	while (*text) {
		size_t length = strcspn(text, " ");

		if (used > column && used + 1 + length > HELP_WIDTH) {
			g_string_append_c(help, '\n');
			used = 0;
		}
		if (used < column)
			g_string_append_printf(help, "%*s", (int)(column - used), "");
		else
			g_string_append_c(help, ' ');
		used = MAX(used + 1, column) + length;
		g_string_append_len(help, text, length);
		text += length;
		text += strspn(text, " ");
	}
	g_string_append_c(help, '\n');
}

static void append_row(GString *help, const OptionRow *row)
{
	size_t begin = help->len, used;

	if (!row->apply) {
		g_string_append_printf(help, "\n%s:\n", row->help);
		return;
	}
	if (row->letter)
		g_string_append_printf(help, "  -%c%s", row->letter, row->name ? ", " : "");
	else
		g_string_append(help, "      ");
	if (row->name)
		g_string_append_printf(help, "--%s", row->name);
	if (row->argument)
		g_string_append_printf(help, " %s", row->argument);
	used = help->len - begin;
	if (used >= HELP_COLUMN - 1) {
		g_string_append_c(help, '\n');
		used = 0;
	}
	append_wrapped(help, row->help, used, HELP_COLUMN);
}

char *options_help(void)
{
	g_autofree char *states = option_state_list();
	g_autofree char *kinds = option_kind_list();
	g_autofree char *keys = option_sort_list();
	GString *help = g_string_new(
		"usage: wirestate [-r FILE]... | [-i NAME]  [view]... [option]... [expression]\n"
		"\n"
		"Names the state of both ends of each TCP connection in a capture, and says why.\n"
		"The expression selects frames, see pcap-filter(7).\n");

	for (const OptionRow *row = rows; row < rows + G_N_ELEMENTS(rows); row++)
		if (row->help)
			append_row(help, row);
	g_string_append(help, "\nStates, also in the spellings of ss and netstat:\n");
	append_wrapped(help, states, 0, 2);
	g_string_append(help, "\nKeys of --sort:\n");
	append_wrapped(help, keys, 0, 2);
	g_string_append(help, "\nKinds of anomalies:\n");
	append_wrapped(help, kinds, 0, 2);
	g_string_append(
		help,
		"\nSIGINT ends the reading, and what was read is reported; SIGUSR1 prints the\n"
		"summary so far to standard error, where a terminal also shows progress.\n"
		"\nExit status: 0 fine, 1 found by --fail-on, 2 usage or input error.\n"
		"wirestate(1) explains all of it, with examples.\n");
	return g_string_free(help, FALSE);
}
