/* A filter expression for the frames of files. Knows libpcap's compiler; knows no file. Used in
 * this folder only. */
#ifndef WIRESTATE_CAPTURE_FILTER_H
#define WIRESTATE_CAPTURE_FILTER_H

#include <glib.h>
#include <pcap/pcap.h>
#include <stdbool.h>

#include "capture/frame.h"

typedef struct Filter Filter;

/* NULL when the options have no expression, which they keep. */
Filter *filter_new(const char *expression, bool optimise);

/* The expression for a link type (DLT_*), compiled once for each. @swapped: the capture was written
 * by a machine of the other byte order. NULL with @error set when it does not compile. What is
 * returned lives as long as the filter. */
const struct bpf_program *filter_program(Filter *filter, int linktype, bool swapped,
					 GError **error);

/* Whether a program of it accepts a frame. */
static inline bool filter_accepts(const struct bpf_program *program, const Frame *frame)
{
	const struct pcap_pkthdr header = { .caplen = frame->caplen, .len = frame->len };

	return pcap_offline_filter(program, &header, frame->data);
}

/* Compiles an expression for an open handle. @netmask is that of "ip broadcast". */
bool filter_compile(pcap_t *pcap, const char *expression, bool optimise, bpf_u_int32 netmask,
		    struct bpf_program *program, GError **error);

void filter_free(Filter *filter);

#endif
