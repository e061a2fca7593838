/* Capturing on an interface through libpcap. Knows how to wait for frames; knows nothing of what is
 * in them. */
#include "capture/live.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <string.h>

#include "base/diag.h"
#include "capture/filter.h"
#include "capture/linktype.h"

/* tcpdump's own default for -s. */
#define SNAPLEN_DEFAULT 262144

/* How long frames may be held back when the options do not say. */
#define TIMEOUT_DEFAULT_MS 100

struct Live {
	pcap_t *pcap;    /* active and non-blocking */
	char *interface; /* its name */
	int fd;          /* readable when there are frames */
	Wakeup *wakeup;  /* ends waiting; borrowed */
	int timeout_ms;  /* the longest wait */
	int linktype;    /* DLT_* */
};

static void set_error(Live *live, const char *what, GError **error)
{
	g_set_error(error, INPUT_ERROR, INPUT_ERROR_DEVICE, "%s: %s", live->interface, what);
}

/* What can be asked for before the interface is opened. */
static void configure(Live *live, const InputOptions *options)
{
	pcap_set_snaplen(live->pcap, options->snaplen ? options->snaplen : SNAPLEN_DEFAULT);
	pcap_set_promisc(live->pcap, !options->no_promiscuous);
	pcap_set_timeout(live->pcap, live->timeout_ms);
	if (options->buffer_kib)
		pcap_set_buffer_size(live->pcap, options->buffer_kib * 1024);
}

static bool activate(Live *live, GError **error)
{
	int status = pcap_activate(live->pcap);
	const char *detail = pcap_geterr(live->pcap);
	g_autofree char *what = NULL;

	if (status == 0)
		return true;
	/* For the general ones the detail is all there is, for the others it comes on top. */
	if (status == PCAP_ERROR || status == PCAP_WARNING)
		what = g_strdup(detail);
	else if (*detail && strcmp(detail, pcap_statustostr(status)) != 0)
		what = g_strdup_printf("%s (%s)", pcap_statustostr(status), detail);
	else
		what = g_strdup(pcap_statustostr(status));
	if (status > 0) {
		diag_warning("%s: %s", live->interface, what);
		return true;
	}
	set_error(live, what, error);
	return false;
}

/* The filter runs in the kernel, so what it rejects costs nothing and is not counted. */
static bool set_filter(Live *live, const InputOptions *options, GError **error)
{
	char message[PCAP_ERRBUF_SIZE];
	bpf_u_int32 network, netmask;
	struct bpf_program program;
	bool done;

	if (!options->filter)
		return true;
	/* An interface without an IPv4 address has none; then "ip broadcast" is an error. */
	if (pcap_lookupnet(live->interface, &network, &netmask, message) < 0)
		netmask = PCAP_NETMASK_UNKNOWN;
	if (!filter_compile(live->pcap, options->filter, options->optimise, netmask, &program,
			    error))
		return false;
	done = pcap_setfilter(live->pcap, &program) == 0;
	pcap_freecode(&program);
	if (!done)
		set_error(live, pcap_geterr(live->pcap), error);
	return done;
}

Live *live_open(const char *interface, Wakeup *wakeup, const InputOptions *options, GError **error)
{
	g_autoptr(Live) live = g_new0(Live, 1);
	char message[PCAP_ERRBUF_SIZE] = "";

	live->interface = interface_by_number(interface);
	if (!live->interface)
		live->interface = g_strdup(interface);
	live->wakeup = wakeup;
	live->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_DEFAULT_MS;
	live->pcap = pcap_create(live->interface, message);
	if (!live->pcap) {
		set_error(live, message, error);
		return NULL;
	}
	configure(live, options);
	if (!activate(live, error))
		return NULL;
	/* As tcpdump: the second version tells the interface. An old kernel has the first only. */
	if (strcmp(live->interface, "any") == 0)
		pcap_set_datalink(live->pcap, DLT_LINUX_SLL2);
	live->linktype = pcap_datalink(live->pcap);
	if (!linktype_check(live->linktype, live->interface, options, error) ||
	    !set_filter(live, options, error))
		return NULL;
	if (pcap_setnonblock(live->pcap, 1, message) < 0) {
		set_error(live, message, error);
		return NULL;
	}
	live->fd = pcap_get_selectable_fd(live->pcap);
	return g_steal_pointer(&live);
}

InputResult live_next(Live *live, Frame *frame, GError **error)
{
	/* A descriptor of -1 is none to poll(), which then waits for the others. */
	struct pollfd wait[2] = {
		{ .fd = live->wakeup->fd, .events = POLLIN },
		{ .fd = live->fd, .events = POLLIN },
	};
	struct pcap_pkthdr *header;

	for (bool waited = false;; waited = true) {
		int got = pcap_next_ex(live->pcap, &header, &frame->data);

		if (got == 1)
			break;
		if (got == PCAP_ERROR_BREAK)
			return INPUT_END;
		if (got < 0) {
			set_error(live, pcap_geterr(live->pcap), error);
			return INPUT_FAIL;
		}
		if (waited)
			return INPUT_IDLE;
		got = poll(wait, G_N_ELEMENTS(wait), live->timeout_ms);
		if (got < 0 && errno != EINTR) {
			set_error(live, g_strerror(errno), error);
			return INPUT_FAIL;
		}
		if (got > 0 && wait[0].revents && wakeup_hear(live->wakeup))
			return INPUT_END;
	}
	*frame = (Frame){
		.time = header->ts.tv_sec * NSTIME_SECOND + header->ts.tv_usec * NSTIME_MICROSECOND,
		.caplen = header->caplen,
		.len = header->len,
		.linktype = live->linktype,
		.data = frame->data,
	};
	return INPUT_FRAME;
}

void live_stats(const Live *live, InputStats *stats)
{
	struct pcap_stat counters;

	stats->live = true;
	/* pcap_stats() is not possible on some interfaces: then nothing is known to be lost. */
	if (pcap_stats(live->pcap, &counters) < 0)
		return;
	stats->counts_drops = true;
	stats->dropped_kernel += counters.ps_drop;
	stats->dropped_interface += counters.ps_ifdrop;
}

void live_describe(const Live *live, GString *text)
{
	g_string_append_printf(text, "listening on %s", live->interface);
	linktype_describe(live->linktype, (unsigned)pcap_snapshot(live->pcap), text);
	g_string_append(text, " bytes");
}

void live_free(Live *live)
{
	if (!live)
		return;
	if (live->pcap)
		pcap_close(live->pcap);
	g_free(live->interface);
	g_free(live);
}
