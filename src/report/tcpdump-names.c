/* Names for addresses, ports, hardware and interfaces, for lines without -n. Knows where this
 * machine keeps them; knows no header. */
#include <net/ethernet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "report/tcpdump-parts.h"

struct LineNames {
	GHashTable *hosts;           /* names by the text of the address */
	GHashTable *hardware;        /* what to print by the text of the address */
	GHashTable *ports;           /* names by number; NULL until the first one is asked for */
	uint32_t index;              /* the interface that was asked for last; 0: none */
	char interface[IF_NAMESIZE]; /* and its name */
};

/* Names of so many addresses are remembered, then they are asked for again. */
#define HOSTS_MAX 65536

/* The vendors that tcpdump tells; the others are "Unknown". */
static const struct {
	uint32_t oui;     /* the first three bytes of the address */
	const char *name; /* in tcpdump's words */
} vendors[] = {
	{ 0x000000, "Ethernet" },
	{ 0x00000c, "Cisco" },
	{ 0x00005e, "IANA" },
	{ 0x000081, "Nortel Networks SONMP" },
	{ 0x0000f8, "Cisco bridged" },
	{ 0x00049f, "Freescale" },
	{ 0x0004ea, "HP-Labs" },
	{ 0x001018, "Broadcom" },
	{ 0x00120f, "IEEE 802.3 Private" },
	{ 0x0012bb, "ANSI/TIA" },
	{ 0x0015ad, "Netronome" },
	{ 0x001b21, "DCBX" },
	{ 0x002320, "Nicira Networks" },
	{ 0x002481, "HP" },
	{ 0x0080c2, "Ethernet bridged" },
	{ 0x009069, "Juniper" },
	{ 0x00a03e, "ATM Forum" },
	{ 0x00e004, "PMC-Sierra" },
	{ 0x00e02f, "DOCSIS Spanning Tree" },
	{ 0x080007, "Appletalk" },
	{ 0x080009, "Hewlett-Packard" },
	{ 0x5c16c7, "Big Switch Networks" },
	{ 0x748771, "Infoblox Inc" },
	{ 0xa42305, "Open Networking Lab" },
};

LineNames *line_names_new(void)
{
	LineNames *names = g_new0(LineNames, 1);

	names->hosts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	names->hardware = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return names;
}

void line_names_free(LineNames *names)
{
	if (!names)
		return;
	g_hash_table_unref(names->hosts);
	g_hash_table_unref(names->hardware);
	if (names->ports)
		g_hash_table_unref(names->ports);
	g_free(names);
}

/* Asks the resolver; NULL when it knows no name. */
static char *resolve(const Address *addr, int version)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	const struct sockaddr *sockaddr = (const struct sockaddr *)&in;
	socklen_t length = sizeof(in);
	char name[NI_MAXHOST];

	if (version == 4) {
		memcpy(&in.sin_addr, addr->bytes, sizeof(in.sin_addr));
	} else {
		memcpy(&in6.sin6_addr, addr->bytes, sizeof(in6.sin6_addr));
		sockaddr = (const struct sockaddr *)&in6;
		length = sizeof(in6);
	}
	if (getnameinfo(sockaddr, length, name, sizeof(name), NULL, 0, NI_NAMEREQD) != 0)
		return NULL;
	return g_strdup(name);
}

const char *line_names_host(LineNames *names, const Address *addr, int version)
{
	char text[ADDRESS_TEXT_MAX];
	char *name;

	address_format(text, addr, version);
	name = g_hash_table_lookup(names->hosts, text);
	if (!name) {
		if (g_hash_table_size(names->hosts) == HOSTS_MAX)
			g_hash_table_remove_all(names->hosts);
		name = resolve(addr, version);
		if (!name)
			name = g_strdup(text);
		g_hash_table_insert(names->hosts, g_strdup(text), name);
	}
	return name;
}

/* Reads all of services(5) at once: a look-up for each port would read it again each time. */
static GHashTable *read_ports(void)
{
	GHashTable *ports = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	const struct servent *service;

	setservent(1);
	while ((service = getservent())) {
		gpointer port = GUINT_TO_POINTER(ntohs((uint16_t)service->s_port));

		/* The first name of several wins. */
		if (strcmp(service->s_proto, "tcp") == 0 && !g_hash_table_contains(ports, port))
			g_hash_table_insert(ports, port, g_strdup(service->s_name));
	}
	endservent();
	return ports;
}

const char *line_names_port(LineNames *names, uint16_t port)
{
	if (!names->ports)
		names->ports = read_ports();
	return g_hash_table_lookup(names->ports, GUINT_TO_POINTER(port));
}

/* What to print for an address that ethers(5) does not name. */
static char *hardware_text(const uint8_t *address, const char *digits)
{
	static const uint8_t broadcast[ETH_ALEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	uint32_t oui = (uint32_t)address[0] << 16 | load_u16(address + 1);
	const char *vendor = "Unknown";

	if (memcmp(address, broadcast, sizeof(broadcast)) == 0)
		return g_strdup("Broadcast");
	for (size_t i = 0; i < G_N_ELEMENTS(vendors); i++) {
		if (vendors[i].oui == oui)
			vendor = vendors[i].name;
	}
	return g_strdup_printf("%s (oui %s)", digits, vendor);
}

const char *line_names_hardware(LineNames *names, const uint8_t *address)
{
	struct ether_addr ether;
	char digits[sizeof("00:00:00:00:00:00")];
	char host[NI_MAXHOST];
	char *text;

	g_snprintf(digits, sizeof(digits), "%02x:%02x:%02x:%02x:%02x:%02x", address[0], address[1],
		   address[2], address[3], address[4], address[5]);
	text = g_hash_table_lookup(names->hardware, digits);
	if (!text) {
		memcpy(&ether, address, sizeof(ether));
		if (ether_ntohost(host, &ether) == 0)
			text = g_strdup(host);
		else
			text = hardware_text(address, digits);
		g_hash_table_insert(names->hardware, g_strdup(digits), text);
	}
	return text;
}

const char *line_names_interface(LineNames *names, uint32_t index)
{
	if (index == 0)
		return "?";
	if (names->index != index) {
		if (!if_indextoname(index, names->interface))
			strcpy(names->interface, "?");
		names->index = index;
	}
	return names->interface;
}
