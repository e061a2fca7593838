/* Where the views go: standard output or a file. Knows descriptors and terminals; knows nothing of
 * what is written. */
#ifndef WIRESTATE_OUTPUT_H
#define WIRESTATE_OUTPUT_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#define OUTPUT_ERROR (output_error_quark())
GQuark output_error_quark(void);

typedef enum {
	OUTPUT_ERROR_OPEN,  /* the file cannot be written, or is about to be read */
	OUTPUT_ERROR_WRITE, /* not all of it reached its destination */
} OutputErrorCode;

/* Makes sure that descriptors 0 to 2 are open, so that no capture gets the number of a standard
 * stream that the caller has closed, to be written on as if it were that. To be called before
 * anything is opened. */
void output_guard_streams(void);

/* Opens @path, or standard output when it is NULL. @inputs (NULL-terminated) are files that must
 * not be overwritten. NULL with @error set. */
FILE *output_open(const char *path, const char *const *inputs, bool line_buffered, GError **error);

/* Whether each line has to go out at once: -l, or a terminal. */
bool output_is_line_buffered(FILE *out);

/* Writes what is left. False with @error set when something was not written; @path is as for
 * output_open(). */
bool output_close(FILE *out, const char *path, GError **error);

/* Columns of the terminal; 80 when it is none. */
int output_width(FILE *out);

/* Whether colours are wanted: a terminal that can show them, and no NO_COLOR in the environment. */
bool output_has_colour(FILE *out);

#endif
