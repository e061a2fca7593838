/* What wrap-pcap can put packets into. Knows the headers' bytes; knows not how they are put there.
 */

#include <string.h>

#include "wraps.h"

enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_PPP_SERIAL = 50,
	LINK_PPP_ETHER = 51,
	LINK_RAW = 101,
	LINK_C_HDLC = 104,
	LINK_WIFI = 105,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_RADIOTAP = 127,
	LINK_PPPD = 166,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276,
};

#define MACS  "02000000000a02000000000b"
#define ETHER "x" MACS "TTTT"
#define WIFI  "02000000000a02000000000b02000000000c1000"
#define SNAP  "xaaaa03000000TTTT"
#define LABEL "x00064140"

static const Wrap wraps[] = {
	/* clang-format off */
	{ "ethernet", 'l', "46", LINK_ETHERNET, ETHER },
	{ "vlan", 'l', "46", LINK_ETHERNET, "xTTTT x" MACS "8100b007" },
	{ "vlan-priority", 'l', "46", LINK_ETHERNET, "xTTTT x" MACS "8100e000" },
	{ "qinq", 'l', "46", LINK_ETHERNET, "xTTTT x" MACS "88a8000581000006" },
	{ "qinq-9100", 'l', "46", LINK_ETHERNET, "xTTTT x" MACS "9100000581000006" },
	{ "vlan-thrice", 'l', "46", LINK_ETHERNET, "xTTTT x" MACS "88a80005810000068100a007" },
	{ "snap", 'l', "46", LINK_ETHERNET, SNAP " xLLLL x" MACS },
	{ "snap-vlan", 'l', "46", LINK_ETHERNET, SNAP " xLLLL x" MACS "81000007" },
	{ "snap-bridged", 'l', "46", LINK_ETHERNET, "xaaaa030000f8TTTT xLLLL x" MACS },
	{ "llc", 'l', "4", LINK_ETHERNET, "x060603 xLLLL x" MACS },
	{ "mpls", 'l', "46", LINK_ETHERNET, "xDD064040000c8140 x" MACS "8847" },
	{ "mpls-null", 'l', "4", LINK_ETHERNET, "x0006404000000140 x" MACS "8848" },
	{ "mpls-vlan", 'l', "46", LINK_ETHERNET, LABEL " x" MACS "810000078847" },
	{ "mpls-ethernet", 't', "46", LINK_ETHERNET, ETHER " x000641400000DD00 x" MACS "8847" },
	{ "pppoe", 'l', "46", LINK_ETHERNET, "xPPPP x11000007LLLL x" MACS "8864" },
	{ "pppoe-vlan", 'l', "46", LINK_ETHERNET, "xPPPP x11000007LLLL x" MACS "8100a0078864" },
	{ "pppoe-mpls", 'l', "46", LINK_ETHERNET, LABEL " x0281 x11000007LLLL x" MACS "8864" },
	{ "ppp", 'l', "46", LINK_PPP, "xff03PPPP" },
	{ "ppp-bare", 'l', "46", LINK_PPP, "xPPPP" },
	{ "ppp-mpls", 'l', "46", LINK_PPP, LABEL " xff030281" },
	{ "pppd", 'l', "46", LINK_PPPD, "x0103PPPP" },
	{ "ppp-serial", 'l', "46", LINK_PPP_SERIAL, "xff03PPPP" },
	{ "ppp-serial-mpls", 'l', "46", LINK_PPP_SERIAL, LABEL " xff030281" },
	{ "ppp-serial-cisco", 'l', "46", LINK_PPP_SERIAL, "x0f00TTTT" },
	{ "ppp-ether", 'l', "46", LINK_PPP_ETHER, "xPPPP x11000007LLLL" },
	{ "c-hdlc", 'l', "46", LINK_C_HDLC, "x8f00TTTT" },
	{ "c-hdlc-mpls", 'l', "46", LINK_C_HDLC, LABEL " x0f008847" },
	{ "sll", 'l', "46", LINK_SLL, "xTTTT x00000001000602000000000b0000" },
	{ "sll-vlan", 'l', "46", LINK_SLL, "xTTTT x00040001000602000000000b000081000007" },
	{ "sll-802.2", 'l', "46", LINK_SLL, SNAP " x00000001000602000000000b00000004" },
	{ "sll2", 'l', "46", LINK_SLL2, "xTTTT0000000000010001000602000000000b0000" },
	{ "sll2-vlan", 'l', "46", LINK_SLL2, "xTTTT x81000000000000010001040602000000000b00000007" },
	{ "null", 'l', "46", LINK_NULL, "xFF000000" },
	{ "null-swapped", 'l', "46", LINK_NULL, "x000000FF" },
	{ "loop", 'l', "46", LINK_LOOP, "x000000FF" },
	{ "raw", 'l', "46", LINK_RAW, "" },
	{ "ipv4", 'l', "4", LINK_IPV4, "" },
	{ "ipv6", 'l', "6", LINK_IPV6, "" },
	{ "wifi", 'l', "46", LINK_WIFI, SNAP " x08DD0000" WIFI },
	{ "wifi-qos", 'l', "46", LINK_WIFI, SNAP " x0000 x88DD0000" WIFI },
	{ "wifi-four", 'l', "46", LINK_WIFI, SNAP " x02000000000d x08032c00" WIFI },
	{ "wifi-mpls", 'l', "46", LINK_WIFI, LABEL " xaaaa030000008847 x08DD0000" WIFI },
	{ "wifi-aggregate", 'f', "46", LINK_WIFI, SNAP " xLLLL x" MACS " join x8000 x88DD0000" WIFI },
	{ "wifi-fragments", 'f', "46", LINK_WIFI, SNAP " wifi:24" },
	{ "radiotap", 'l', "46", LINK_RADIOTAP, SNAP " x08DD0000" WIFI " x0000080000000000" },
	{ "radiotap-fields", 'l', "46", LINK_RADIOTAP,
	  SNAP " x08DD0000" WIFI " x000012002e480000026c6c09c000d8010000" },
	{ "radiotap-padded", 'l', "46", LINK_RADIOTAP,
	  SNAP " x00000000 x88DD0000" WIFI " x00000a00020000002000" },
	{ "ip-in-ipv4", 't', "46", LINK_RAW, "ipv4:0" },
	{ "ip-in-ipv6", 't', "46", LINK_ETHERNET, "ipv6:0 " ETHER },
	{ "ip-in-ip-in-ip", 't', "46", LINK_RAW, "ipv6:0 ipv4:0" },
	{ "ah-tunnel", 't', "46", LINK_RAW,
	  "xII0400000000010000000001000000000000000000000000 ipv4:51" },
	{ "ip-in-ip-mpls", 't', "46", LINK_ETHERNET, "ipv4:0 " LABEL " x" MACS "8847" },
	{ "ip-in-ip-pppoe", 't', "46", LINK_PPP_ETHER, "ipv6:0 xPPPP x11000007LLLL" },
	{ "gre", 't', "46", LINK_RAW, "x0000TTTT ipv4:47" },
	{ "gre-checksum", 't', "46", LINK_RAW, "x8000TTTT00000000 ipv6:47" },
	{ "gre-key", 't', "46", LINK_RAW, "x2000TTTT00000064 ipv6:47" },
	{ "gre-sequence", 't', "46", LINK_RAW, "x1000TTTT00000064 ipv4:47" },
	{ "gre-all", 't', "46", LINK_RAW, "xb000TTTT000000000000006400000001 ipv4:47" },
	{ "gre-routing", 't', "46", LINK_RAW,
	  "xf000TTTT000000000000006400000001080000040a00000300000000 ipv4:47" },
	{ "gre-ethernet", 't', "46", LINK_ETHERNET, ETHER " x00006558 ipv4:47 " ETHER },
	{ "gre-vlan", 't', "46", LINK_ETHERNET, "xTTTT x" MACS "81000007 x00006558 ipv6:47 " ETHER },
	{ "gre-mpls", 't', "46", LINK_RAW, LABEL " x00008847 ipv4:47" },
	{ "gre-in-udp", 't', "46", LINK_RAW, "x0000TTTT udp:4754 ipv4:17" },
	{ "pptp", 't', "46", LINK_RAW, "xff03PPPP xLLLL00DD0000000100000002 x3081880b ipv4:47" },
	{ "erspan-1", 't', "46", LINK_RAW, ETHER " x000088be ipv4:47" },
	{ "erspan-2", 't', "46", LINK_RAW, ETHER " x100088be000000011064000a00000000 ipv4:47" },
	{ "erspan-2-in-ipv6", 't', "46", LINK_RAW,
	  "xTTTT x" MACS "81000007 x100088be000000011064000a00000000 ipv6:47" },
	{ "erspan-3", 't', "46", LINK_RAW,
	  ETHER " x100022eb000000012064000a0000000000000000 ipv4:47" },
	{ "erspan-3-platform", 't', "46", LINK_RAW,
	  ETHER " x100022eb000000012064000a00000000000000010000000000000000 ipv4:47" },
	{ "etherip", 't', "46", LINK_RAW, ETHER " x3000 ipv4:97" },
	{ "etherip-in-ipv6", 't', "46", LINK_RAW, ETHER " x3000 ipv6:97" },
	{ "mpls-in-ip", 't', "46", LINK_RAW, LABEL " ipv4:137" },
	{ "mpls-in-udp", 't', "46", LINK_RAW, LABEL " udp:6635 ipv6:17" },
	{ "vxlan", 't', "46", LINK_ETHERNET, ETHER " x0800000000006400 udp:4789 ipv4:17 " ETHER },
	{ "vxlan-linux", 't', "46", LINK_SLL,
	  ETHER " x0800000000006400 udp:8472 ipv4:17 xTTTT x00000001000602000000000b0000" },
	{ "vxlan-vlan", 't', "46", LINK_ETHERNET,
	  "xTTTT x" MACS "81000007 x0800000000006400 udp:4789 ipv4:17 xTTTT x" MACS "81000008" },
	{ "vxlan-in-ipv6", 't', "46", LINK_RAW, ETHER " x0800000000006400 udp:4789 ipv6:17" },
	{ "vxlan-gpe", 't', "46", LINK_RAW, "x0c0000VV00006400 udp:4790 ipv4:17" },
	{ "geneve", 't', "46", LINK_RAW, ETHER " x0000655800006400 udp:6081 ipv4:17" },
	{ "geneve-ip", 't', "46", LINK_RAW,
	  "x0200TTTT000064000102000100000007 udp:6081 ipv4:17" },
	{ "geneve-in-ipv6", 't', "46", LINK_RAW, ETHER " x0000655800006400 udp:6081 ipv6:17" },
	{ "gtp-u", 't', "46", LINK_RAW, "x30ffLLLL000000DD udp:2152 ipv4:17" },
	{ "gtp-u-sequence", 't', "46", LINK_RAW, "x00010000 x32ffLLLL000000DD udp:2152 ipv4:17" },
	{ "gtp-u-extension", 't', "46", LINK_RAW,
	  "x0001008501100000 x36ffLLLL000000DD udp:2152 ipv4:17" },
	{ "gtp-u-in-ipv6", 't', "46", LINK_RAW, "x30ffLLLL000000DD udp:2152 ipv6:17" },
	{ "teredo", 't', "6", LINK_RAW, "udp:3544 ipv4:17" },
	{ "teredo-origin", 't', "6", LINK_RAW, "x000063bff5fffffd udp:3544 ipv4:17" },
	{ "teredo-both", 't', "6", LINK_RAW,
	  "x000063bff5fffffd x00010000000000000000000000 udp:3544 ipv4:17" },
	{ "fragments", 'f', "46", LINK_ETHERNET, "cut:24 " ETHER },
	{ "fragments-twice", 'f', "46", LINK_ETHERNET, "again:24 " ETHER },
	{ "fragments-overlapping", 'f', "4", LINK_ETHERNET, "over:24 " ETHER },
	{ "fragments-of-gre", 'f', "46", LINK_RAW, "x0000TTTT ipv6:47 cut:24" },
	{ "fragments-in-gre", 'f', "46", LINK_RAW, "cut:24 x0000TTTT ipv4:47" },
	{ "all-in-each-other", 't', "46", LINK_ETHERNET,
	  "ipv6:0 " ETHER " x0800000000006400 udp:4789 ipv4:17 x2000TTTT00000065 ipv6:47 " ETHER },
	/* clang-format on */
};

const Wrap *wrap_find(const char *name)
{
	for (size_t i = 0; i < sizeof(wraps) / sizeof(wraps[0]); i++) {
		if (strcmp(wraps[i].name, name) == 0)
			return &wraps[i];
	}
	return NULL;
}

const Wrap *wrap_at(size_t number)
{
	return number < sizeof(wraps) / sizeof(wraps[0]) ? &wraps[number] : NULL;
}
