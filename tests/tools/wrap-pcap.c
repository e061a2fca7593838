/* Puts the packets of a capture into a link header or a tunnel, or cuts them into fragments: what
 * is in them stays as it was, and so must what is said of it. Knows headers; knows no TCP.
 *
 *     wrap-pcap NAME [KEEP [SHIFT]] < ETHERNET.pcap > WRAPPED.pcap
 *     wrap-pcap                    prints all names, what they are and for which versions of IP
 *
 * KEEP, if it is not 0, cuts each frame off behind so many bytes of the packet that is inside.
 * SHIFT is added to the higher port, for other connections. A kind "l" is a link header, "t" a
 * tunnel; where it is "f" several frames or packets become one.
 *
 * Frames that carry no IP are left out. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wraps.h"

#define ROOM 16384u

/* What becomes of one frame; filled from the middle. */
typedef struct {
	uint8_t bytes[ROOM];
	uint32_t start, end; /* what is there so far */
	unsigned version;    /* of the IP header that is outermost */
	unsigned way;        /* 1 or 2 */
	uint32_t inner;      /* where what was read begins */
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
		else if (*c == 'I')
			snprintf(number, sizeof(number), packet->version == 4 ? "04" : "29");
		else if (*c == 'F')
			snprintf(number, sizeof(number), packet->version == 4 ? "02" : "1e");
		else if (*c == 'V')
			snprintf(number, sizeof(number), packet->version == 4 ? "01" : "02");
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
static uint32_t keep, shift;

static void write_packet(const Packet *packet, const char *steps);

/* One fragment: @length bytes from @offset of what the IP header carries. */
static void write_piece(const Packet *packet, uint32_t id, uint32_t offset, uint32_t length,
			const char *steps)
{
	uint32_t header = packet->version == 4 ? 20 : 40;
	const uint8_t *ip = packet->bytes + packet->start;
	bool more = packet->start + header + offset + length < packet->end;
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

/* Pieces of @size bytes of what the IP header carries, the last one first: each of them @times, and
 * with @more bytes of the next. */
static void step_cut(const Packet *packet, uint32_t size, unsigned times, uint32_t more,
		     const char *steps)
{
	static uint32_t id;
	uint32_t header = packet->version == 4 ? 20 : 40;
	uint32_t carried = packet->end - packet->start - header;

	if (carried <= size) {
		write_packet(packet, steps);
		return;
	}
	/* Nor may packets of several captures in one file have the same. */
	id = (id & 0xff) + 1 + (shift << 8);
	for (uint32_t at = (carried - 1) / size * size + size; at > 0; at -= size) {
		uint32_t offset = at - size, length = size + more;

		if (length > carried - offset)
			length = carried - offset;
		/* What comes behind the last piece would belong to no packet. */
		for (unsigned time = offset == 0 ? times - 1 : 0; time < times; time++)
			write_piece(packet, id, offset, length, steps);
	}
}

/* 802.11 fragments of @size bytes each, or more if there would be more than 16 of them; the
 * sequence number and that of the fragment are in the last two bytes of the header. */
static void step_wifi(const Packet *packet, uint32_t size)
{
	static const uint8_t addresses[18] = { 2, 0, 0,  0, 0, 10, 2, 0, 0,
					       0, 0, 11, 2, 0, 0,  0, 0, 12 };
	static uint32_t sequence;
	uint32_t carried = packet->end - packet->start;

	while (carried > 16 * size)
		size += 24;
	sequence = ((sequence & 0x1f) + 1 + (shift << 5)) & 0xfff;
	for (uint32_t at = 0, number = 0; at < carried; at += size, number++) {
		uint32_t length = carried - at < size ? carried - at : size;
		uint32_t control = sequence << 4 | number;
		Packet piece = { .start = ROOM / 2, .end = ROOM / 2 + length };
		uint8_t *header;

		memcpy(piece.bytes + piece.start, packet->bytes + packet->start + at, length);
		header = prepend(&piece, 24);
		header[0] = 0x08;
		header[1] = (uint8_t)(packet->way | (at + length < carried ? 4 : 0));
		memcpy(header + 4, addresses, sizeof(addresses));
		header[22] = (uint8_t)control;
		header[23] = (uint8_t)(control >> 8);
		write_packet(&piece, "");
	}
}

/* Waits for a second packet and puts both behind each other; false for the first. @packet is NULL
 * at the end, when the first stays alone. */
static bool step_join(Packet *packet, const char *steps)
{
	static Packet first;
	uint32_t length;

	if (first.end == 0) {
		if (!packet)
			return false;
		first = *packet;
		while ((first.end - first.start) % 4)
			first.bytes[first.end++] = 0;
		return false;
	}
	if (!packet) {
		write_packet(&first, steps);
		return false;
	}
	length = packet->end - packet->start;
	if (first.end + length > ROOM)
		fail("too long");
	memcpy(first.bytes + first.end, packet->bytes + packet->start, length);
	first.end += length;
	*packet = first;
	first.end = 0;
	return true;
}

/* Takes the steps and writes what comes out. */
static void write_packet(const Packet *packet, const char *steps)
{
	Packet wrapped = *packet;
	uint32_t captured;

	while (*steps) {
		const char *step = steps;
		const char *colon = step + strcspn(step, ": ");
		unsigned number = *colon == ':' ? (unsigned)atoi(colon + 1) : 0;

		steps += strcspn(steps, " ");
		steps += *steps == ' ';
		if (*step == 'x') {
			step_hex(&wrapped, step + 1);
		} else if (strncmp(step, "ipv", 3) == 0) {
			step_ip(&wrapped, (unsigned)(step[3] - '0'), number);
		} else if (strncmp(step, "udp:", 4) == 0) {
			step_udp(&wrapped, number);
		} else if (strncmp(step, "cut:", 4) == 0) {
			step_cut(&wrapped, number, 1, 0, steps);
			return;
		} else if (strncmp(step, "again:", 6) == 0) {
			step_cut(&wrapped, number, 2, 0, steps);
			return;
		} else if (strncmp(step, "over:", 5) == 0) {
			step_cut(&wrapped, number, 1, 8, steps);
			return;
		} else if (strncmp(step, "wifi:", 5) == 0) {
			step_wifi(&wrapped, number);
			return;
		} else if (strncmp(step, "join", 4) == 0) {
			if (!step_join(&wrapped, steps))
				return;
		}
	}
	record[3] = captured = wrapped.end - wrapped.start;
	if (wrapped.inner > 0 && keep > 0 && keep < wrapped.end - wrapped.inner)
		captured = wrapped.inner - wrapped.start + keep;
	record[2] = captured;
	fwrite(record, sizeof(record), 1, stdout);
	fwrite(wrapped.bytes + wrapped.start, 1, captured, stdout);
}

/* Adds @shift to the higher of the two ports, and takes it off the checksum (RFC 1624). */
static void shift_ports(uint8_t *tcp)
{
	uint8_t *port = memcmp(tcp, tcp + 2, 2) > 0 ? tcp : tcp + 2;
	uint32_t before = (uint32_t)port[0] << 8 | port[1];
	uint32_t after = (before + shift) & 0xffff;
	uint32_t sum = (uint32_t)(uint8_t)~tcp[16] << 8 | (uint8_t)~tcp[17];

	sum += after + (~before & 0xffff);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(port, after);
	put16(tcp + 16, ~(sum + (sum >> 16)));
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
	packet->start = packet->inner = ROOM / 2;
	packet->end = packet->start + length;
	memcpy(packet->bytes + packet->start, frame + 14, length);
	shift_ports(packet->bytes + packet->start + (packet->version == 4 ? 20 : 40));
	/* Source against destination. */
	if (packet->version == 4)
		packet->way = memcmp(frame + 26, frame + 30, 4) < 0 ? 1 : 2;
	else
		packet->way = memcmp(frame + 22, frame + 38, 16) < 0 ? 1 : 2;
	return true;
}

static void print_names(void)
{
	const Wrap *wrap;

	for (size_t number = 0; (wrap = wrap_at(number)); number++)
		printf("%s %c %s\n", wrap->name, wrap->kind, wrap->versions);
}

int main(int argc, char **argv)
{
	static Packet packet;
	const Wrap *wrap;
	const char *join;

	if (argc < 2) {
		print_names();
		return 0;
	}
	wrap = wrap_find(argv[1]);
	if (!wrap)
		fail("no such name");
	keep = argc > 2 ? (uint32_t)atoi(argv[2]) : 0;
	shift = argc > 3 ? (uint32_t)atoi(argv[3]) : 0;
	if (fread(file_header, sizeof(file_header), 1, stdin) != 1 ||
	    (file_header[0] != 0xa1b2c3d4 && file_header[0] != 0xa1b23c4d) || file_header[5] != 1)
		fail("the input is no Ethernet capture of this machine's byte order");
	file_header[4] = 262144;
	file_header[5] = (uint32_t)wrap->linktype;
	fwrite(file_header, sizeof(file_header), 1, stdout);
	while (fread(record, sizeof(record), 1, stdin) == 1) {
		if (read_packet(&packet))
			write_packet(&packet, wrap->steps);
	}
	join = strstr(wrap->steps, "join ");
	if (join)
		step_join(NULL, join + 5);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 2;
}
