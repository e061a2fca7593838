/* Reading one capture file. Knows libpcap's reader and its error texts; knows no other file. */
#include "capture/source.h"

#include <inttypes.h>
#include <string.h>

#include "capture/magic.h"
#include "capture/stream.h"

struct Source {
	char *path;                 /* as it was given */
	Stream *stream;             /* what @pcap reads from */
	pcap_t *pcap;               /* the reader */
	struct bpf_program program; /* the filter; see @filtered */
	bool filtered;              /* there is a filter */
	bool nanoseconds;           /* times are finer than a microsecond */
	uint64_t frames;            /* frames read from this file */
	Frame head;                 /* the present one */
};

NsTime record_time(const struct pcap_pkthdr *header, NsTime unit)
{
	NsTime seconds, fraction, time;

	if (__builtin_mul_overflow((int64_t)header->ts.tv_sec, NSTIME_SECOND, &seconds) ||
	    __builtin_mul_overflow((int64_t)header->ts.tv_usec, unit, &fraction) ||
	    __builtin_add_overflow(seconds, fraction, &time))
		/* One less than "never", so that the clock can still be compared with it. */
		return header->ts.tv_sec < 0 ? INT64_MIN : NSTIME_NEVER - 1;
	return time;
}

bool handle_check_linktype(pcap_t *pcap, const char *name, const InputOptions *options,
			   GError **error)
{
	int linktype = pcap_datalink(pcap);
	const char *text = pcap_datalink_val_to_name(linktype);

	if (!options->knows_linktype || options->knows_linktype(linktype))
		return true;
	if (text)
		g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN,
			    "%s: cannot decode link type %s (%s)", name, text,
			    pcap_datalink_val_to_description(linktype));
	else
		g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN, "%s: unknown link type %d", name,
			    linktype);
	return false;
}

bool handle_compile_filter(pcap_t *pcap, const InputOptions *options, bpf_u_int32 netmask,
			   struct bpf_program *program, GError **error)
{
	if (pcap_compile(pcap, program, options->filter, options->optimise, netmask) == 0)
		return true;
	g_set_error(error, INPUT_ERROR, INPUT_ERROR_FILTER, "expression '%s': %s", options->filter,
		    pcap_geterr(pcap));
	return false;
}

void handle_describe(pcap_t *pcap, GString *text)
{
	int linktype = pcap_datalink(pcap);
	const char *name = pcap_datalink_val_to_name(linktype);

	if (name)
		g_string_append_printf(text, ", link-type %s (%s)", name,
				       pcap_datalink_val_to_description(linktype));
	else
		g_string_append_printf(text, ", link-type %d", linktype);
	g_string_append_printf(text, ", snapshot length %d", pcap_snapshot(pcap));
}

Source *source_open(const char *path, int stop_fd, const InputOptions *options, GError **error)
{
	g_autoptr(Source) source = g_new0(Source, 1);
	char message[PCAP_ERRBUF_SIZE] = "";
	FILE *file;

	source->path = g_strdup(path);
	source->stream = stream_open(path, stop_fd, error);
	if (!source->stream || !magic_recognise(source->stream, &source->nanoseconds, error))
		return NULL;

	file = stream_file(source->stream);
	g_assert(file);
	source->pcap =
		pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, message);
	if (!source->pcap) {
		fclose(file);
		if (g_str_has_prefix(message, "truncated"))
			g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN,
				    "%s: cut off in the middle of its header",
				    stream_name(source->stream));
		else
			g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN, "%s: %s",
				    stream_name(source->stream), message);
		return NULL;
	}
	if (!handle_check_linktype(source->pcap, stream_name(source->stream), options, error))
		return NULL;
	if (options->filter) {
		if (!handle_compile_filter(source->pcap, options, PCAP_NETMASK_UNKNOWN,
					   &source->program, error))
			return NULL;
		source->filtered = true;
	}
	source->head.linktype = pcap_datalink(source->pcap);
	return g_steal_pointer(&source);
}

/* libpcap says what is wrong with a record in words only. The two that a user meets get words of
 * ours. */
static void damage_set(const Source *source, GError **error)
{
	const char *message = pcap_geterr(source->pcap);
	const char *name = stream_name(source->stream);
	g_autofree char *what = NULL;
	unsigned claimed;

	if (g_str_has_prefix(message, "truncated"))
		what = g_strdup("cut off in the middle of the record");
	else if (sscanf(message, "invalid packet capture length %u", &claimed) == 1 ||
		 sscanf(message, "pcapng block size %u > maximum", &claimed) == 1)
		what = g_strdup_printf("the record claims %u bytes, more than any capture holds",
				       claimed);
	else
		what = g_strdup(message);
	g_set_error(error, INPUT_ERROR, INPUT_ERROR_READ,
		    "%s: frame %" PRIu64 ": %s; what came before it has been read", name,
		    source->frames + 1, what);
}

SourceResult source_next(Source *source, GError **error)
{
	struct pcap_pkthdr *header;
	Frame *head = &source->head;

	switch (pcap_next_ex(source->pcap, &header, &head->data)) {
	case 1:
		break;
	case PCAP_ERROR_BREAK:
		return SOURCE_END;
	default:
		damage_set(source, error);
		return SOURCE_FAIL;
	}
	source->frames++;
	head->time = record_time(header, 1);
	head->caplen = header->caplen;
	head->len = header->len;
	head->rejected =
		source->filtered && !pcap_offline_filter(&source->program, header, head->data);
	return SOURCE_FRAME;
}

const Frame *source_head(const Source *source)
{
	return &source->head;
}

bool source_nanoseconds(const Source *source)
{
	return source->nanoseconds;
}

void source_describe(const Source *source, GString *text)
{
	g_string_append_printf(text, "reading from file %s", source->path);
	handle_describe(source->pcap, text);
}

void source_free(Source *source)
{
	if (!source)
		return;
	if (source->filtered)
		pcap_freecode(&source->program);
	/* It closes the FILE, which reads from the stream. */
	if (source->pcap)
		pcap_close(source->pcap);
	stream_free(source->stream);
	g_free(source->path);
	g_free(source);
}
