/*
 * Turns the text of a scenario into a capture file. Knows the language of tests/README.md and how
 * frames are laid out; knows nothing of states, and skips the expectations.
 *
 * It shares no code with the program that it tests, so that a mistake cannot hide in both.
 */

#include <arpa/inet.h>
#include <ctype.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"
#include "words.h"

/* The capture begins here: Monday, 1 January 2024, 00:00:00 UTC. */
#define BASE_SECONDS    INT64_C(1704067200)
#define MAX_CONNECTIONS 8192

/* One end of a connection. */
typedef struct {
	uint32_t address; /* IPv4, host order; --ipv6 puts it behind 2001:db8:: */
	uint16_t port;    /* host order */
	uint32_t isn;     /* relative numbers count from here */
	uint16_t ip_id;   /* of its last IPv4 header */
} End;

/* One incarnation of a pair of ends; [0] is the client, which `>` sends from. */
typedef struct {
	char name[32];
	End end[2];
} Connection;

static int64_t now; /* nanoseconds since the scenario began */
static Connection connections[MAX_CONNECTIONS];
static unsigned n_connections;
static bool shift_isn; /* --shift-isn */

static void parse_end(End *end, char **token)
{
	char *colon = strrchr(token[0], ':');
	struct in_addr address;

	if (colon == NULL || strcmp(token[1], "isn") != 0)
		words_fail("expected ADDRESS:PORT isn NUMBER");
	*colon = '\0';
	if (inet_pton(AF_INET, token[0], &address) != 1)
		words_fail("not an IPv4 address: '%s'", token[0]);
	end->address = ntohl(address.s_addr);
	end->port = (uint16_t)words_number(colon + 1, 10, 65535);
	end->isn = words_number(token[2], 10, UINT32_MAX);
}

/* `conn NAME client ADDRESS:PORT isn NUMBER server ADDRESS:PORT isn NUMBER`; `client` and `server`
 * on lines of their own define the connection without a name. */
static void define_connection(char **token, unsigned n)
{
	static uint32_t shift[2];
	Connection *connection = &connections[n_connections];
	bool named = strcmp(token[0], "conn") == 0;

	if (n_connections == MAX_CONNECTIONS)
		words_fail("more than %d connections", MAX_CONNECTIONS);
	if (n != (named ? 10 : 4))
		words_fail("expected 'conn NAME client A:P isn N server A:P isn N' or 'client A:P "
			   "isn N'");
	if (!named && strcmp(token[0], "server") == 0) {
		if (n_connections != 1)
			words_fail("'server' goes after 'client'");
		connection = &connections[0];
		parse_end(&connection->end[1], token + 1);
	} else if (!named) {
		if (n_connections != 0)
			words_fail("'client' goes first");
		parse_end(&connection->end[0], token + 1);
		n_connections++;
	} else {
		snprintf(connection->name, sizeof(connection->name), "%s", token[1]);
		parse_end(&connection->end[0], token + 3);
		parse_end(&connection->end[1], token + 7);
		n_connections++;
	}
	/* All ISNs of one end move together, so that incarnations keep their distances: the
	 * first one's SYN is number 2^32 - 2, its third byte of data is at 1. */
	for (unsigned i = 0; shift_isn && i < 2; i++) {
		if (!named && i != (strcmp(token[0], "server") == 0))
			continue;
		if (connection == &connections[0])
			shift[i] = UINT32_C(0xfffffffe) - connection->end[i].isn;
		connection->end[i].isn += shift[i];
	}
}

static Connection *find_connection(const char *name)
{
	for (unsigned i = n_connections; i-- > 0;)
		if (strcmp(connections[i].name, name) == 0)
			return &connections[i];
	words_fail("no connection is named '%s'", name);
}

/* What a line says of its segment. */
typedef struct {
	uint8_t flags;
	uint32_t seq, ack;
	uint32_t length; /* payload bytes */
	uint16_t window, urgent;
	FramesIp ip;
	char *options; /* text between the angle brackets, or NULL */
} Segment;

/* Reads `FLAGS FIRST:END(LENGTH) [ack N] [win N] [urg N] [ttl N] [id N] [<OPTIONS>]`. */
static void parse_segment(Segment *segment, char **token, unsigned n, Connection *connection,
			  unsigned sender)
{
	uint32_t isn = connection->end[sender].isn;
	char *colon, *parenthesis, *close;

	if (n < 2)
		words_fail("expected FLAGS FIRST:END(LENGTH)");
	segment->flags = words_flags(token[0]);
	colon = strchr(token[1], ':');
	parenthesis = strchr(token[1], '(');
	close = strchr(token[1], ')');
	if (colon == NULL || parenthesis == NULL || close == NULL || close[1] != '\0')
		words_fail("expected FIRST:END(LENGTH): '%s'", token[1]);
	*colon = *parenthesis = *close = '\0';
	segment->seq = words_seq(token[1], isn);
	segment->length = words_number(parenthesis + 1, 10, 65000);
	if (words_seq(colon + 1, isn) != segment->seq + segment->length)
		words_fail("the end is not the first number plus the length");
	for (unsigned i = 2; i < n; i += 2) {
		const char *word = token[i];

		if (i + 1 == n)
			words_fail("a value is missing after '%s'", word);
		if (strcmp(word, "ack") == 0)
			segment->ack = words_seq(token[i + 1], connection->end[1 - sender].isn);
		else if (strcmp(word, "win") == 0)
			segment->window = (uint16_t)words_number(token[i + 1], 10, 65535);
		else if (strcmp(word, "urg") == 0)
			segment->urgent = (uint16_t)words_number(token[i + 1], 10, 65535);
		else if (strcmp(word, "ttl") == 0)
			segment->ip.ttl = (uint8_t)words_number(token[i + 1], 10, 255);
		else if (strcmp(word, "id") == 0)
			segment->ip.id = (uint16_t)words_number(token[i + 1], 10, 65535);
		else
			words_fail("not known: '%s'", word);
		if (strcmp(word, "ack") == 0 && !(segment->flags & 0x10))
			words_fail("an acknowledgement number without the flag '.'");
	}
}

/* Writes header, options and payload of TCP and returns where they end. The payload is letters
 * that depend on the relative number only, so that a repetition carries the same bytes. */
static uint8_t *put_tcp(uint8_t *p, const Segment *segment, const Connection *connection,
			unsigned sender)
{
	const End *src = &connection->end[sender], *dst = &connection->end[1 - sender];
	size_t size = 20;

	if (segment->options != NULL)
		size += words_options(p + 20, segment->options, dst->isn);
	frames_put16(p, src->port);
	frames_put16(p + 2, dst->port);
	frames_put32(p + 4, segment->seq);
	frames_put32(p + 8, segment->ack);
	p[12] = (uint8_t)(size / 4 << 4);
	p[13] = segment->flags;
	frames_put16(p + 14, segment->window);
	frames_put16(p + 16, 0);
	frames_put16(p + 18, segment->urgent);
	for (uint32_t i = 0; i < segment->length; i++)
		p[size + i] = (uint8_t)('a' + (segment->seq - src->isn + i) % 26);
	return p + size + segment->length;
}

/* Turns a quoted packet into the ICMP error that it caused. Returns the new packet's start. */
static uint8_t *put_icmp(uint8_t *quoted, size_t length, const char *name, const FramesIp *ip)
{
	static const struct {
		const char *name;
		uint8_t type[2], code[2]; /* ICMP (RFC 792, 1812), ICMPv6 (RFC 4443) */
	} errors[] = {
		{ "net-unreachable", { 3, 1 }, { 0, 0 } },
		{ "host-unreachable", { 3, 1 }, { 1, 3 } },
		{ "port-unreachable", { 3, 1 }, { 3, 4 } },
		{ "admin-prohibited", { 3, 1 }, { 13, 1 } },
		{ "frag-needed", { 3, 2 }, { 4, 0 } },
		{ "time-exceeded", { 11, 3 }, { 0, 0 } },
	};
	FramesIp back = { .src = ip->dst, .dst = ip->src, .protocol = 1, .ttl = 64 };
	uint8_t *p = quoted - 8;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (strcmp(errors[i].name, name) != 0)
			continue;
		p[0] = errors[i].type[frames_options.ipv6];
		p[1] = errors[i].code[frames_options.ipv6];
		frames_put32(p + 4, strcmp(name, "frag-needed") == 0 ? 1400 : 0);
		return frames_put_ip(p, length + 8, &back, p + 2);
	}
	words_fail("not an ICMP error: '%s'", name);
}

/* A frame that is not TCP, so that time passes: a datagram to the discard service. */
static void write_tick(uint8_t *udp)
{
	FramesIp ip = { .src = UINT32_C(0xc6336401), .dst = UINT32_C(0xc6336402), .ttl = 64 };

	ip.protocol = IPPROTO_UDP;
	frames_put32(udp, 9 << 16 | 9);
	frames_put32(udp + 4, 8 << 16);
	frames_write(BASE_SECONDS * WORDS_SECOND + now, 0, frames_put_ip(udp, 8, &ip, udp + 6),
		     udp + 8);
}

/* Reads `+DELTA|@TIME [lost] [NAME] >|< [icmp ERROR] SEGMENT`, or `+DELTA|@TIME tick`, and writes
 * the frame. */
static void segment_line(char *line)
{
	static uint8_t room[FRAMES_HEADROOM + 40 + 60 + 65536];
	uint8_t *start = room + FRAMES_HEADROOM + 40, *packet, *end;
	Segment segment = { .window = 64240, .ip = { .protocol = 6, .ttl = 64 } };
	char *word[WORDS_MAX], **token = word, *bracket;
	const char *name = "", *error = NULL;
	Connection *connection;
	bool captured = true;
	unsigned n, sender;

	if (line[strlen(line) - 1] == '>' && (bracket = strrchr(line, '<')) != NULL) {
		line[strlen(line) - 1] = '\0';
		*bracket = '\0';
		segment.options = bracket + 1;
	}
	n = words_split(line, " \t", word);
	now = words_time(*token + 1) + (**token == '+' ? now : 0);
	if (n == 2 && strcmp(word[1], "tick") == 0) {
		write_tick(start);
		return;
	}
	for (token++, n--; n > 0 && strcmp(*token, ">") != 0 && strcmp(*token, "<") != 0;
	     token++, n--) {
		if (strcmp(*token, "lost") == 0)
			captured = false;
		else
			name = *token;
	}
	if (n == 0)
		words_fail("expected '>' or '<'");
	connection = find_connection(name);
	sender = **token++ == '<';
	n--;
	if (n > 2 && strcmp(*token, "icmp") == 0) {
		error = token[1];
		token += 2;
		n -= 2;
		sender = 1 - sender;
	}
	segment.ip.id = ++connection->end[sender].ip_id;
	segment.ip.src = connection->end[sender].address;
	segment.ip.dst = connection->end[1 - sender].address;
	parse_segment(&segment, token, n, connection, sender);
	end = put_tcp(start, &segment, connection, sender);
	packet = frames_put_ip(start, (size_t)(end - start), &segment.ip, start + 16);
	if (error != NULL) {
		if (!frames_options.ipv6 && end > start + 8)
			end = start + 8;
		packet = put_icmp(packet, (size_t)(end - packet), error, &segment.ip);
		sender = 1 - sender;
	}
	if (captured)
		frames_write(BASE_SECONDS * WORDS_SECOND + now, sender, packet, end);
}

/* One line of the scenario, with every '%' replaced by the number of the repetition. */
static void scenario_line(const char *text, unsigned repetition)
{
	char line[1024], *word[WORDS_MAX];
	size_t size = 0;

	for (text += strspn(text, " \t"); *text != '\0' && *text != '\n'; text++) {
		if (size + 16 > sizeof(line))
			words_fail("the line is too long");
		if (*text == '%' && repetition > 0)
			size += (size_t)sprintf(line + size, "%u", repetition);
		else
			line[size++] = *text;
	}
	while (size > 0 && isspace((unsigned char)line[size - 1]))
		size--;
	line[size] = '\0';
	if (*line == '+' || *line == '@') {
		segment_line(line);
	} else if (strchr("#=!~", *line) == NULL) {
		unsigned n = words_split(line, " \t", word);

		if (strcmp(word[0], "client") == 0 || strcmp(word[0], "server") == 0 ||
		    strcmp(word[0], "conn") == 0)
			define_connection(word, n);
		else if (strcmp(word[0], "options") != 0 && strcmp(word[0], "without") != 0 &&
			 strcmp(word[0], "not") != 0 && strcmp(word[0], "at") != 0 &&
			 strcmp(word[0], "end") != 0)
			words_fail("not understood: '%s'", word[0]);
	}
}

/* Reads the scenario. Lines between `repeat N` and `endrepeat` are kept and run N times. */
static void read_scenario(FILE *file)
{
	static char kept[64][1024];
	unsigned times = 0, first = 0, n_kept = 0;
	char line[1024];

	while (fgets(line, sizeof(line), file) != NULL) {
		words_line++;
		if (strncmp(line, "repeat ", 7) == 0) {
			line[strcspn(line, "\n")] = '\0';
			times = words_number(line + 7, 10, MAX_CONNECTIONS);
			first = words_line + 1;
			n_kept = 0;
		} else if (strncmp(line, "endrepeat", 9) == 0) {
			for (unsigned i = 0; i < times * n_kept; i++) {
				words_line = first + i % n_kept;
				scenario_line(kept[i % n_kept], i / n_kept + 1);
			}
			words_line = first + n_kept;
			times = 0;
		} else if (times == 0) {
			scenario_line(line, 0);
		} else if (n_kept == sizeof(kept) / sizeof(kept[0])) {
			words_fail("too many lines to repeat");
		} else {
			strcpy(kept[n_kept++], line);
		}
	}
	if (times != 0)
		words_fail("'endrepeat' is missing");
}

static const char usage[] =
	"usage: scn2pcap [--ipv6] [--shift-isn] [--link NAME] [--snaplen N] [--nano] [FILE]\n"
	"Writes the capture that the scenario describes to standard output.\n"
	"NAME is ethernet, vlan, qinq, sll, sll2, null, loop or raw.\n";

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "ipv6", no_argument, NULL, '6' },
		{ "shift-isn", no_argument, NULL, 'i' },
		{ "link", required_argument, NULL, 'l' },
		{ "nano", no_argument, NULL, 'n' },
		{ "snaplen", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	FILE *file = stdin;
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == '6')
			frames_options.ipv6 = true;
		else if (option == 'i')
			shift_isn = true;
		else if (option == 'n')
			frames_options.nano = true;
		else if (option == 's')
			frames_options.snaplen = words_number(optarg, 10, 262144);
		else if (option != 'l' || !frames_set_link(optarg))
			return fputs(usage, stderr), 2;
	}
	if (optind < argc) {
		words_source = argv[optind];
		file = fopen(words_source, "r");
		if (file == NULL)
			return perror(words_source), 1;
	}
	frames_begin();
	read_scenario(file);
	if (fflush(stdout) != 0 || ferror(stdout))
		return perror("scn2pcap: standard output"), 1;
	return 0;
}
