/* The list of interfaces, as -D shows it and -i NUMBER uses it. Opens none of them. */
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "capture/input.h"
#include "capture/live.h"

/* The words of tcpdump's show_devices_and_exit(), for what is known of the link. */
static const char *connection_text(bpf_u_int32 flags)
{
	bool wireless = flags & PCAP_IF_WIRELESS;

	switch (flags & PCAP_IF_CONNECTION_STATUS) {
	case PCAP_IF_CONNECTION_STATUS_UNKNOWN:
		return wireless ? ", Association status unknown" : ", Connection status unknown";
	case PCAP_IF_CONNECTION_STATUS_CONNECTED:
		return wireless ? ", Associated" : ", Connected";
	case PCAP_IF_CONNECTION_STATUS_DISCONNECTED:
		return wireless ? ", Not associated" : ", Disconnected";
	default:
		return "";
	}
}

static void append_flags(GString *text, bpf_u_int32 flags)
{
	static const struct {
		bpf_u_int32 flag;
		const char *word;
	} words[] = {
		{ PCAP_IF_UP, "Up" },
		{ PCAP_IF_RUNNING, "Running" },
		{ PCAP_IF_LOOPBACK, "Loopback" },
		{ PCAP_IF_WIRELESS, "Wireless" },
	};
	const char *separator = "";

	if (flags == 0)
		return;
	g_string_append(text, " [");
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		if (flags & words[i].flag) {
			g_string_append_printf(text, "%s%s", separator, words[i].word);
			separator = ", ";
		}
	}
	if (!*separator)
		g_string_append(text, "none");
	g_string_append_printf(text, "%s]", connection_text(flags));
}

char *input_interfaces(GError **error)
{
	char message[PCAP_ERRBUF_SIZE];
	GString *text;
	pcap_if_t *all;
	int number = 0;

	if (pcap_findalldevs(&all, message) < 0) {
		g_set_error(error, INPUT_ERROR, INPUT_ERROR_DEVICE, "the interfaces: %s", message);
		return NULL;
	}
	text = g_string_new(NULL);
	for (pcap_if_t *one = all; one; one = one->next) {
		g_string_append_printf(text, "%d.%s", ++number, one->name);
		if (one->description)
			g_string_append_printf(text, " (%s)", one->description);
		append_flags(text, one->flags);
		g_string_append_c(text, '\n');
	}
	pcap_freealldevs(all);
	return g_string_free(text, FALSE);
}

char *interface_by_number(const char *number)
{
	char message[PCAP_ERRBUF_SIZE];
	char *end, *name = NULL;
	long wanted = strtol(number, &end, 10);
	pcap_if_t *all;

	if (wanted < 1 || *end || pcap_findalldevs(&all, message) < 0)
		return NULL;
	for (pcap_if_t *one = all; one; one = one->next) {
		/* An interface may be named with digits. */
		if (strcmp(one->name, number) == 0) {
			g_clear_pointer(&name, g_free);
			break;
		}
		if (--wanted == 0)
			name = g_strdup(one->name);
	}
	pcap_freealldevs(all);
	return name;
}
