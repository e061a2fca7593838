/* Puts the packets of a capture into a link header or a tunnel, or cuts them into fragments: what
 * is in them stays as it was, and so must what is said of it. Knows headers; knows no TCP.
 *
 *     wrap-pcap NAME < ETHERNET.pcap > WRAPPED.pcap
 *     wrap-pcap                                       prints all names
 *
 * Frames that carry no IP are left out. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 8192u

/* How a packet is wrapped: steps from the inside to the outside, with a blank between them.
 *
 *     xHEX      these bytes before it; in them TTTT is the EtherType of what is there, PPPP its
 *               number in PPP, LLLL its length, and DD 01 or 02, whichever way it goes
 *     ipv4:N    an IPv4 header whose protocol is N; 0 for that of IPv4 or IPv6 in IP
 *     ipv6:N    the same in IPv6
 *     udp:N     a UDP header to port N
 *     cut       in pieces of 24 bytes, the last one first */
typedef struct {
	const char *name;
	int linktype;
	const char *steps;
} Wrap;

enum {
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_PPP_SERIAL = 50,
	LINK_PPP_ETHER = 51,
	LINK_RAW = 101,
	LINK_C_HDLC = 104,
	LINK_WIFI = 105,
	LINK_RADIOTAP = 127,
};

#define ETHER "x02000000000a02000000000bTTTT"
#define WIFI  "02000000000a02000000000b02000000000c1000"
#define SNAP  "xaaaa03000000TTTT"

static const Wrap wraps[] = {
	{ "mpls", LINK_ETHERNET, "xDD064040000c8140 x02000000000a02000000000b8847" },
	{ "mpls-ethernet", LINK_ETHERNET,
	  ETHER " x000641400000DD00 x02000000000a02000000000b8847" },
	{ "pppoe", LINK_ETHERNET, "xPPPP x11000007LLLL x02000000000a02000000000b8864" },
	{ "pppoe-vlan", LINK_ETHERNET,
	  "xPPPP x11000007LLLL x02000000000a02000000000b8100a0078864" },
	{ "vlan-thrice", LINK_ETHERNET, "xTTTT x02000000000a02000000000b88a80005810000068100a007" },
	{ "snap", LINK_ETHERNET, SNAP " xLLLL x02000000000a02000000000b" },
	{ "ppp", LINK_PPP, "xff03PPPP" },
	{ "ppp-bare", LINK_PPP, "xPPPP" },
	{ "ppp-serial", LINK_PPP_SERIAL, "xff03PPPP" },
	{ "ppp-serial-cisco", LINK_PPP_SERIAL, "x0f00TTTT" },
	{ "ppp-ether", LINK_PPP_ETHER, "xPPPP x11000007LLLL" },
	{ "c-hdlc", LINK_C_HDLC, "x0f00TTTT" },
	{ "wifi", LINK_WIFI, SNAP " x08DD0000" WIFI },
	{ "wifi-qos", LINK_WIFI, SNAP " x0000 x88DD0000" WIFI },
	{ "wifi-four", LINK_WIFI, SNAP " x02000000000d x08030000" WIFI },
	{ "radiotap", LINK_RADIOTAP, SNAP " x08DD0000" WIFI " x0000080000000000" },
	{ "radiotap-padded", LINK_RADIOTAP,
	  SNAP " x00000000 x88DD0000" WIFI " x00000a00020000002000" },
	{ "ip-in-ipv4", LINK_RAW, "ipv4:0" },
	{ "ip-in-ipv6", LINK_ETHERNET, "ipv6:0 " ETHER },
	{ "ip-in-ip-in-ip", LINK_RAW, "ipv6:0 ipv4:0" },
	{ "gre", LINK_RAW, "x0000TTTT ipv4:47" },
	{ "gre-key", LINK_RAW, "x2000TTTT00000064 ipv6:47" },
	{ "gre-all", LINK_RAW, "xb000TTTT000000000000006400000001 ipv4:47" },
	{ "gre-ethernet", LINK_ETHERNET, ETHER " x00006558 ipv4:47 " ETHER },
	{ "pptp", LINK_RAW, "xff03PPPP xLLLL00DD0000000100000002 x3081880b ipv4:47" },
	{ "erspan-1", LINK_RAW, ETHER " x000088be ipv4:47" },
	{ "erspan-2", LINK_RAW, ETHER " x100088be000000011064000a00000000 ipv4:47" },
	{ "erspan-3", LINK_RAW, ETHER " x100022eb000000012064000a0000000000000000 ipv4:47" },
	{ "etherip", LINK_RAW, ETHER " x3000 ipv4:97" },
	{ "vxlan", LINK_ETHERNET, ETHER " x0800000000006400 udp:4789 ipv4:17 " ETHER },
	{ "vxlan-in-ipv6", LINK_RAW, ETHER " x0800000000006400 udp:4789 ipv6:17" },
	{ "geneve", LINK_RAW, ETHER " x0000655800006400 udp:6081 ipv4:17" },
	{ "geneve-ip", LINK_RAW, "x0200TTTT000064000102000100000007 udp:6081 ipv4:17" },
	{ "gtp-u", LINK_RAW, "x30ffLLLL000000DD udp:2152 ipv4:17" },
	{ "gtp-u-in-ipv6", LINK_RAW, "x30ffLLLL000000DD udp:2152 ipv6:17" },
	{ "fragments", LINK_ETHERNET, "cut " ETHER },
	{ "fragments-of-gre", LINK_RAW, "x0000TTTT ipv6:47 cut" },
	{ "fragments-in-gre", LINK_RAW, "cut x0000TTTT ipv4:47" },
	{ "all-in-each-other", LINK_ETHERNET,
	  "ipv6:0 " ETHER " x0800000000006400 udp:4789 ipv4:17 x2000TTTT00000065 ipv6:47 " ETHER },
};

/* What becomes of one frame; filled from the middle. */
typedef struct {
	uint8_t bytes[ROOM];
	uint32_t start, end; /* what is there so far */
	unsigned version;    /* of the IP header at @start */
	unsigned way;        /* 1 or 2 */
} Packet;

static void fail(const char *why)
{
	fprintf(stderr, "wrap-pcap: %s\n", why);
	exit(2);
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint8_t *prepend(Packet *packet, uint32_t count)
{
	if (packet->start < count)
		fail("too many headers");
	packet->start -= count;
	return packet->bytes + packet->start;
}

static void set_checksum(uint8_t *header)
{
	uint32_t sum = 0;

	put16(header + 10, 0);
	for (unsigned at = 0; at < 20; at += 2)
		sum += (uint32_t)header[at] << 8 | header[at + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	put16(header + 10, ~(sum + (sum >> 16)));
}

static void step_ip(Packet *packet, unsigned version, unsigned protocol)
{
	uint32_t length = packet->end - packet->start;
	uint8_t *header = prepend(packet, version == 4 ? 20 : 40);

	if (protocol == 0)
		protocol = packet->version == 4 ? 4 : 41;
	if (version == 4) {
		memcpy(header, "\x45\0\0\0\0\1\0\0\x40\0\0\0\x0a\0\0\1\x0a\0\0\2", 20);
		put16(header + 2, length + 20);
		header[9] = (uint8_t)protocol;
		set_checksum(header);
	} else {
		memset(header, 0, 40);
		header[0] = 0x60;
		put16(header + 4, length);
		header[6] = (uint8_t)protocol;
		header[7] = 64;
		header[8] = header[24] = 0xfd;
		header[23] = 1;
		header[39] = 2;
	}
	packet->version = version;
}

static void step_udp(Packet *packet, unsigned port)
{
	uint32_t length = packet->end - packet->start;
	uint8_t *header = prepend(packet, 8);

	put16(header, 50000);
	put16(header + 2, port);
	put16(header + 4, length + 8);
	put16(header + 6, 0);
}

/* The bytes of "xHEX", up to a blank. */
static void step_hex(Packet *packet, const char *hex)
{
	uint32_t length = packet->end - packet->start, count = 0;
	char text[256];
	uint8_t *at;

	while (hex[count] && hex[count] != ' ')
		count++;
	snprintf(text, sizeof(text), "%.*s", (int)count, hex);
	for (char *c = text; *c; c++) {
		char number[8] = "";

		if (*c == 'T')
			snprintf(number, sizeof(number), packet->version == 4 ? "0800" : "86dd");
		else if (*c == 'P')
			snprintf(number, sizeof(number), packet->version == 4 ? "0021" : "0057");
		else if (*c == 'L')
			snprintf(number, sizeof(number), "%04x", length & 0xffff);
		else if (*c == 'D')
			snprintf(number, sizeof(number), "%02x", packet->way);
		memcpy(c, number, strlen(number));
	}
	at = prepend(packet, count / 2);
	for (uint32_t i = 0; i < count / 2; i++) {
		char digits[3] = { text[2 * i], text[2 * i + 1], 0 };

		at[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
}

static uint32_t file_header[6];
static uint32_t record[4];

static void write_packet(const Packet *packet, const char *steps);

/* Pieces of 24 bytes of what the IP header carries, the last one first. */
static void step_cut(const Packet *packet, const char *steps)
{
	static uint32_t id;
	uint32_t header = packet->version == 4 ? 20 : 40;
	uint32_t carried = packet->end - packet->start - header;
	const uint8_t *ip = packet->bytes + packet->start;

	id++;
	for (uint32_t at = (carried - 1) / 24 * 24 + 24; at > 0; at -= 24) {
		uint32_t offset = at - 24, length = carried - offset < 24 ? carried - offset : 24;
		bool more = at < carried;
		Packet piece = { .start = ROOM / 2,
				 .end = ROOM / 2 + length,
				 .version = packet->version,
				 .way = packet->way };
		uint8_t *front;

		memcpy(piece.bytes + piece.start, ip + header + offset, length);
		if (packet->version == 6) {
			front = prepend(&piece, 8);
			front[0] = ip[6];
			front[1] = 0;
			put16(front + 2, offset | more);
			put16(front + 4, 0);
			put16(front + 6, id);
			length += 8;
		}
		front = prepend(&piece, header);
		memcpy(front, ip, header);
		if (packet->version == 4) {
			put16(front + 2, length + 20);
			put16(front + 4, id);
			put16(front + 6, offset / 8 | (more ? 0x2000u : 0));
			set_checksum(front);
		} else {
			put16(front + 4, length);
			front[6] = 44;
		}
		write_packet(&piece, steps);
	}
}

/* Takes the steps and writes what comes out. */
static void write_packet(const Packet *packet, const char *steps)
{
	Packet wrapped = *packet;

	while (*steps) {
		const char *step = steps;

		steps += strcspn(steps, " ");
		steps += *steps == ' ';
		if (*step == 'x')
			step_hex(&wrapped, step + 1);
		else if (strncmp(step, "ipv", 3) == 0)
			step_ip(&wrapped, (unsigned)(step[3] - '0'), (unsigned)atoi(step + 5));
		else if (strncmp(step, "udp:", 4) == 0)
			step_udp(&wrapped, (unsigned)atoi(step + 4));
		else if (strncmp(step, "cut", 3) == 0) {
			step_cut(&wrapped, steps);
			return;
		}
	}
	record[2] = record[3] = wrapped.end - wrapped.start;
	fwrite(record, sizeof(record), 1, stdout);
	fwrite(wrapped.bytes + wrapped.start, 1, record[2], stdout);
}

/* The IP packet of an Ethernet frame; false when it has none. */
static bool read_packet(Packet *packet)
{
	static uint8_t frame[65536];
	uint32_t length;

	if (record[2] > sizeof(frame) || fread(frame, 1, record[2], stdin) != record[2])
		fail("the input ends too early");
	if (record[2] != record[3] || record[2] < 54 || record[2] > ROOM / 2 || frame[12] < 8)
		return false;
	packet->version = frame[14] >> 4;
	if (packet->version == 4)
		length = (uint32_t)frame[16] << 8 | frame[17];
	else if (packet->version == 6)
		length = ((uint32_t)frame[18] << 8 | frame[19]) + 40;
	else
		return false;
	if (length + 14 > record[2])
		return false;
	packet->start = ROOM / 2;
	packet->end = packet->start + length;
	memcpy(packet->bytes + packet->start, frame + 14, length);
	/* Source against destination. */
	if (packet->version == 4)
		packet->way = memcmp(frame + 26, frame + 30, 4) < 0 ? 1 : 2;
	else
		packet->way = memcmp(frame + 22, frame + 38, 16) < 0 ? 1 : 2;
	return true;
}

int main(int argc, char **argv)
{
	static Packet packet;
	const Wrap *wrap = NULL;

	for (size_t i = 0; i < sizeof(wraps) / sizeof(wraps[0]); i++) {
		if (argc < 2)
			puts(wraps[i].name);
		else if (strcmp(wraps[i].name, argv[1]) == 0)
			wrap = &wraps[i];
	}
	if (argc < 2)
		return 0;
	if (!wrap)
		fail("no such name");
	if (fread(file_header, sizeof(file_header), 1, stdin) != 1 ||
	    (file_header[0] != 0xa1b2c3d4 && file_header[0] != 0xa1b23c4d) ||
	    file_header[5] != LINK_ETHERNET)
		fail("the input is no Ethernet capture of this machine's byte order");
	file_header[4] = 262144;
	file_header[5] = (uint32_t)wrap->linktype;
	fwrite(file_header, sizeof(file_header), 1, stdout);
	while (fread(record, sizeof(record), 1, stdin) == 1) {
		if (read_packet(&packet))
			write_packet(&packet, wrap->steps);
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 2;
}
