/* Compiling filter expressions. Knows libpcap's compiler; knows no file.
 *
 * The handle that the compiler wants is that of a capture without frames in memory and not one of
 * pcap_open_dead(3PCAP): only for the former does it know that the frames come from a file. For the
 * latter "inbound", for one, becomes a question to the kernel, which then rejects every frame
 * instead of being refused; and the byte order of the BSD null header is taken to be ours. */
#include "capture/filter.h"

#include <stdio.h>

#include "capture/input.h"

/* For one link type. */
typedef struct {
	int linktype;               /* DLT_* */
	bool swapped;               /* compiled for the other byte order */
	struct bpf_program program; /* owned */
} Compiled;

struct Filter {
	const char *expression; /* borrowed */
	bool optimise;          /* let libpcap optimise it */
	GPtrArray *programs;    /* of Compiled */
};

static void compiled_free(Compiled *compiled)
{
	pcap_freecode(&compiled->program);
	g_free(compiled);
}

Filter *filter_new(const char *expression, bool optimise)
{
	Filter *filter;

	if (!expression)
		return NULL;
	filter = g_new0(Filter, 1);
	filter->expression = expression;
	filter->optimise = optimise;
	filter->programs = g_ptr_array_new_with_free_func((GDestroyNotify)compiled_free);
	return filter;
}

bool filter_compile(pcap_t *pcap, const char *expression, bool optimise, bpf_u_int32 netmask,
		    struct bpf_program *program, GError **error)
{
	if (pcap_compile(pcap, program, expression, optimise, netmask) == 0)
		return true;
	g_set_error(error, INPUT_ERROR, INPUT_ERROR_FILTER, "expression '%s': %s", expression,
		    pcap_geterr(pcap));
	return false;
}

/* A capture of this link type that ends behind its header. */
static pcap_t *handle_open(int linktype, bool swapped, GError **error)
{
	char message[PCAP_ERRBUF_SIZE];
	/* Magic number, version 2.4, two numbers that nobody uses, snapshot length, link type. The
	 * numbers of programs (DLT_*) mean themselves in files, too. */
	uint32_t header[6] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, (uint32_t)linktype };
	pcap_t *pcap;
	FILE *file;

	if (G_BYTE_ORDER == G_BIG_ENDIAN)
		header[1] = 2 << 16 | 4;
	if (swapped) {
		for (size_t i = 0; i < G_N_ELEMENTS(header); i++)
			header[i] = __builtin_bswap32(header[i]);
		/* Two numbers of two bytes. */
		header[1] = header[1] << 16 | header[1] >> 16;
	}
	file = fmemopen(header, sizeof(header), "r");
	pcap = file ? pcap_fopen_offline(file, message) : NULL;
	if (!pcap) {
		if (file)
			fclose(file);
		g_set_error(error, INPUT_ERROR, INPUT_ERROR_FILTER, "link type %d: %s", linktype,
			    file ? message : "out of memory");
	}
	return pcap;
}

const struct bpf_program *filter_program(Filter *filter, int linktype, bool swapped, GError **error)
{
	struct bpf_program program;
	Compiled *compiled;
	pcap_t *pcap;
	bool done;

	for (guint i = 0; i < filter->programs->len; i++) {
		compiled = filter->programs->pdata[i];
		if (compiled->linktype == linktype && compiled->swapped == swapped)
			return &compiled->program;
	}
	pcap = handle_open(linktype, swapped, error);
	if (!pcap)
		return NULL;
	done = filter_compile(pcap, filter->expression, filter->optimise, PCAP_NETMASK_UNKNOWN,
			      &program, error);
	pcap_close(pcap);
	if (!done)
		return NULL;
	compiled = g_new(Compiled, 1);
	*compiled = (Compiled){ linktype, swapped, program };
	g_ptr_array_add(filter->programs, compiled);
	return &compiled->program;
}

void filter_free(Filter *filter)
{
	if (!filter)
		return;
	g_ptr_array_unref(filter->programs);
	g_free(filter);
}
