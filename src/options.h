/* The command line as values. Knows what may be asked for; knows nothing of how it is done. */
#ifndef WIRESTATE_OPTIONS_H
#define WIRESTATE_OPTIONS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "analysis/analysis.h"
#include "capture/input.h"
#include "report/report.h"

/* Live: how long the kernel may hold frames back to deliver several at once. */
#define OPTIONS_LIVE_DELAY_MS 100

#define OPTIONS_ERROR (options_error_quark())
GQuark options_error_quark(void);

/* There is one way to be wrong on a command line: the message says which word is and what would be
 * right. */
typedef enum {
	OPTIONS_ERROR_USAGE,
} OptionsErrorCode;

/* What the program is asked to do. */
typedef enum {
	ACTION_ANALYSE,
	ACTION_HELP,            /* -h */
	ACTION_VERSION,         /* --version */
	ACTION_LIST_INTERFACES, /* -D */
} Action;

typedef struct {
	Action action; /* when it is not ACTION_ANALYSE, nothing else here means anything */

	/* Where frames come from. Either files or an interface, never both and never neither. */
	GPtrArray
		*files; /* -r and what -V lists, in order, NULL-terminated; with -i only the NULL */
	char *interface;         /* -i; NULL: files are read */
	InputOptions input;      /* the expression and tcpdump's options for opening */
	char *expression;        /* what input.filter points to; NULL: none */
	char *expression_file;   /* -F; NULL: the expression is what is left of the command line */
	bool expression_ignored; /* both were given; tcpdump takes -F then, and so do we */
	uint64_t count;          /* -c: so many frames that the expression accepts; 0: all */
	char *user;              /* -Z; NULL: the privileges are kept */

	/* What is made of them. */
	AnalysisOptions analysis; /* --msl, --stuck, --vlan */
	bool has_at;              /* --at was given */
	Instant at;               /* valid when has_at */
	uint64_t fail_on;         /* --fail-on: a bit for each AnomalyKind */
	bool fail_on_any;         /* --fail-on any: of severity warning or above */

	/* What is shown, and where. */
	View views[VIEW_COUNT]; /* in the order in which they were named, each once */
	size_t view_count;      /* at least 1 */
	unsigned view_mask;     /* the same as bits (1 << View) */
	bool json;              /* --json */
	LineOptions line;       /* tcpdump's options for its lines */
	Selection selection;    /* which connections; points into the members below */
	GArray *numbers;        /* --connection: unsigned, ascending, each once */
	AddressPrefix local;    /* --local; valid when selection.local points here */
	char *local_text;       /* --local as given */
	char *output;           /* --output; NULL: standard output */
} Options;

G_STATIC_ASSERT(ANOMALY_KIND_COUNT <= 64);

/* Reads the command line, and the files that -V and -F name. False with @error set when it is
 * wrong; in either case options_clear() frees what @options holds, which must not be moved in
 * memory. */
bool options_parse(Options *options, int argc, char **argv, GError **error);
void options_clear(Options *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* What --help prints. The caller frees it. */
char *options_help(void);

#endif
