/* Where frames come from: files merged in time order, or an interface. Knows captures; knows
 * nothing of what is in a frame. */
#ifndef WIRESTATE_CAPTURE_INPUT_H
#define WIRESTATE_CAPTURE_INPUT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/frame.h"

#define INPUT_ERROR (input_error_quark())
GQuark input_error_quark(void);

typedef enum {
	INPUT_ERROR_OPEN,   /* no such file, no capture, or a link type that is not known */
	INPUT_ERROR_FILTER, /* the expression does not compile */
	INPUT_ERROR_READ,   /* damaged or cut in the middle; what came before has been delivered */
	INPUT_ERROR_DEVICE, /* no such interface, no permission */
} InputErrorCode;

typedef struct Input Input;

/* What an interface is opened with, and what files are filtered with. */
typedef struct {
	const char *filter;  /* pcap-filter(7) expression, or NULL */
	bool optimise;       /* let libpcap optimise the filter; tcpdump's default */
	int snaplen;         /* -s; 0 means 262144 */
	bool no_promiscuous; /* -p */
	int buffer_kib;      /* -B; 0 means libpcap's default */
	int timeout_ms;      /* live: how long the kernel may hold frames back; 0 means 100 */
	/* Whether frames of a link type (DLT_*) can be decoded; an input of another one is refused.
	 * NULL: all are taken. */
	bool (*knows_linktype)(int linktype);
} InputOptions;

typedef enum {
	INPUT_FRAME, /* a frame was delivered */
	INPUT_IDLE,  /* live only: time has passed, nothing was captured, or a signal came */
	INPUT_END,   /* there is no more */
	INPUT_FAIL,  /* the error says why; nothing but INPUT_FAIL and INPUT_END follows */
} InputResult;

/* What the whole input was. Counters of a live capture are those of pcap_stats(3PCAP), those of
 * files the statistics in pcapng files. */
typedef struct {
	uint64_t frames;            /* all frames delivered, rejected ones included */
	bool counts_drops;          /* somebody counted what was dropped */
	uint64_t dropped_kernel;    /* no room in the kernel's buffer */
	uint64_t dropped_interface; /* dropped by the interface or its driver */
	bool nanoseconds;           /* some file carries times finer than a microsecond */
	bool live;                  /* it is an interface */
} InputStats;

/* Opens all @files (NULL-terminated; "-" is standard input, at most once) to be merged by time: the
 * frame with the lowest time among the heads goes first, equal times in the order of the files.
 * Every file is checked before the first frame is read. One of several that cannot be opened is
 * told at the end, as INPUT_FAIL; NULL with @error set when none can, or when the filter does not
 * compile for the link type of one. There may be more files than may be open at once. The filter's
 * text has to live as long as the input. */
Input *input_open_files(const char *const *files, const InputOptions *options, GError **error);

/* Opens an interface for capturing; "any" works as in tcpdump, and so does a number out of -D. */
Input *input_open_interface(const char *interface, const InputOptions *options, GError **error);

/* The next frame. A file that fails in the middle does not end the others: the first INPUT_FAIL
 * comes after all that the remaining files hold, one INPUT_FAIL for each failed file, and then
 * INPUT_END. The message names file, frame (of that file), byte (of the capture, decompressed) and
 * what is wrong. */
InputResult input_next(Input *input, Frame *frame, GError **error);

/* As input_next(), and behind the first frame those whose bytes are at hand, so that nothing is
 * read or waited for: of @room at the most, @count are set. All are valid until the next call of
 * either. Only INPUT_FRAME comes with frames. */
InputResult input_next_batch(Input *input, Frame *frames, unsigned room, unsigned *count,
			     GError **error);

/* Makes a live input_next() return INPUT_END soon, and reading of files stop. Safe in a signal
 * handler. */
void input_stop(Input *input);

/* What input_next() calls with @data when it is woken while it waits. NULL, the default: nothing.
 */
void input_on_wake(Input *input, void (*woken)(void *data), void *data);

/* Wakes an input_next() that waits, now or the next time. Safe in a signal handler. */
void input_wake(Input *input);

/* How many bytes of the files, as they are stored, have been read, and how many there are. False
 * when that is not known: a pipe, or an interface. */
bool input_progress(const Input *input, uint64_t *read, uint64_t *size);

void input_stats(const Input *input, InputStats *stats);

/* One line "reading from file FILE, link-type EN10MB (Ethernet), snapshot length N" for each file,
 * or the "listening on ..." line, as tcpdump says it on standard error. Newlines stand between
 * lines and not at the end. The caller frees it. */
char *input_describe(const Input *input);

void input_free(Input *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Input, input_free)

/* -D: the interfaces that can be captured on, one a line, as tcpdump lists them. NULL with @error
 * set when they cannot be told. The caller frees it. */
char *input_interfaces(GError **error);

#endif
