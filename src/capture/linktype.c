/* What libpcap knows of link types, and what it keeps to itself. Knows numbers and names; knows no
 * header. */
#include "capture/linktype.h"

#include <limits.h>
#include <pcap/pcap.h>

/* For nearly all link types. */
#define CAPLEN_MAX (256 * 1024)
/* For messages of D-Bus and USB, which come whole. */
#define CAPLEN_MAX_MESSAGES (128 * 1024 * 1024)

int linktype_from_file(uint32_t number)
{
	/* The six highest bits are for the length of the frame check sequence. */
	number &= 0x03ffffff;
	/* Those that have another number in files than in programs (pcap-linktype(7)). */
	switch (number) {
	case 100:
		return DLT_ATM_RFC1483;
	case 101:
		return DLT_RAW;
	case 102:
		return DLT_SLIP_BSDOS;
	case 103:
		return DLT_PPP_BSDOS;
	case 106:
		return DLT_ATM_CLIP;
	default:
		return (int)number;
	}
}

uint32_t linktype_caplen_max(int linktype)
{
	switch (linktype) {
	case DLT_DBUS:
	case DLT_USB_LINUX:
	case DLT_USB_LINUX_MMAPPED:
	case DLT_USBPCAP:
	case DLT_USB_DARWIN:
		return CAPLEN_MAX_MESSAGES;
	case DLT_EBHSCR:
		return 8 * 1024 * 1024;
	default:
		return CAPLEN_MAX;
	}
}

uint32_t linktype_snaplen(int linktype, uint32_t snaplen)
{
	return snaplen == 0 || snaplen > INT_MAX ? linktype_caplen_max(linktype) : snaplen;
}

bool linktype_is_known(int linktype, const InputOptions *options)
{
	return !options->knows_linktype || options->knows_linktype(linktype);
}

bool linktype_check(int linktype, const char *name, const InputOptions *options, GError **error)
{
	const char *text = pcap_datalink_val_to_name(linktype);

	if (linktype_is_known(linktype, options))
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

void linktype_describe(int linktype, unsigned snaplen, GString *text)
{
	const char *name = pcap_datalink_val_to_name(linktype);

	if (name)
		g_string_append_printf(text, ", link-type %s (%s)", name,
				       pcap_datalink_val_to_description(linktype));
	else
		g_string_append_printf(text, ", link-type %d", linktype);
	g_string_append_printf(text, ", snapshot length %u", snaplen);
}
