/* One capture file, read through libpcap; and what files and interfaces have in common. Used in
 * this folder only. */
#ifndef WIRESTATE_CAPTURE_SOURCE_H
#define WIRESTATE_CAPTURE_SOURCE_H

#include <glib.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/input.h"

typedef struct Source Source;

typedef enum {
	SOURCE_FRAME, /* source_head() has the next one */
	SOURCE_END,   /* there is no more */
	SOURCE_FAIL,  /* damaged: the error says how; there is no more */
} SourceResult;

/* Opens a capture, "-" is standard input; checks its link type and compiles the filter for it.
 * Reading ends once
 * @stop_fd is readable. */
Source *source_open(const char *path, int stop_fd, const InputOptions *options, GError **error);

/* Moves on to the next frame. */
SourceResult source_next(Source *source, GError **error);

/* Its present frame; number and accepted are not its to give. Valid until the next source_next().
 */
const Frame *source_head(const Source *source);

/* Whether its times are finer than a microsecond. */
bool source_nanoseconds(const Source *source);

/* Appends "reading from file ..." without a newline. */
void source_describe(const Source *source, GString *text);

void source_free(Source *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Source, source_free)

/* Fails with @error set when the options know nothing of the handle's link type; @name begins the
 * message. */
bool handle_check_linktype(pcap_t *pcap, const char *name, const InputOptions *options,
			   GError **error);

/* Compiles the options' filter for the handle's link type. @netmask is that of "ip broadcast". */
bool handle_compile_filter(pcap_t *pcap, const InputOptions *options, bpf_u_int32 netmask,
			   struct bpf_program *program, GError **error);

/* Appends ", link-type EN10MB (Ethernet), snapshot length 262144" as tcpdump has it. */
void handle_describe(pcap_t *pcap, GString *text);

/* A record's time; @unit is what its fraction counts in nanoseconds. The times of a damaged record
 * can be anything: what does not fit becomes the nearest that does. */
NsTime record_time(const struct pcap_pkthdr *header, NsTime unit);

#endif
