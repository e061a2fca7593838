/* The workloads of the benchmark, as captures on standard output: the same bytes for the same words
 * and seed, whatever the machine. Knows which segments a connection is made of; knows not how they
 * are measured.
 *
 * A connection is a script of segments, so the states in which it is left are known, and -e writes
 * how many sides are in each: RFC 9293 3.3.2 read at the end of each script. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

#define BEGIN_TIME UINT64_C(1700000000000000)
#define CLIENTS    4096u
#define SERVERS    32u

/* The states in which scripts leave a side. */
enum { UNKNOWN, CLOSED, SYN_SENT, SYN_RCVD, ESTABLISHED, TIME_WAIT, STATES };

static const char *const state_names[STATES] = { "UNKNOWN",  "CLOSED",      "SYN_SENT",
						 "SYN_RCVD", "ESTABLISHED", "TIME_WAIT" };

/* One segment of a script. */
typedef struct {
	bool from_server; /* who sends it */
	uint8_t flags;    /* WIRE_ bits */
	uint16_t payload; /* bytes of data */
} Step;

/* What happens on a connection, and what it comes to. */
typedef struct {
	unsigned share;    /* of a hundred web connections */
	unsigned count;    /* steps */
	unsigned ends[2];  /* the client's and the server's state after them */
	const Step *steps; /* in order */
} Script;

/* A connection under way. */
typedef struct {
	uint32_t address[2];  /* client, server */
	uint16_t port[2];     /* the same */
	uint32_t next[2];     /* number that each sends next */
	uint32_t id;          /* IP ID, one more with each segment */
	const Script *script; /* what it does */
	unsigned step;        /* what it has done of that */
} Talk;

static uint64_t random_state; /* of the generator of random numbers */
static uint64_t now = BEGIN_TIME;
static unsigned gap; /* microseconds from frame to frame */
static uint64_t frames, connections;
static uint64_t ends[STATES]; /* sides that were left in each state */

/* clang-format off */
#define SYN(who) { who, WIRE_SYN, 0 }
#define SYN_ACK(who) { who, WIRE_SYN | WIRE_ACK, 0 }
#define ACK(who) { who, WIRE_ACK, 0 }
#define DATA(who, bytes) { who, WIRE_PSH | WIRE_ACK, bytes }
#define FIN(who) { who, WIRE_FIN | WIRE_ACK, 0 }
#define C false
#define S true

#define OPENING SYN(C), SYN_ACK(S), ACK(C)
#define REQUEST DATA(C, 320), ACK(S), DATA(S, WIRE_MSS), DATA(S, 180), ACK(C)
#define MORE DATA(S, 410), ACK(C)

static const Step client_closes[] = { OPENING, REQUEST, MORE, FIN(C), FIN(S), ACK(C) };
static const Step server_closes[] = { OPENING, REQUEST, MORE, FIN(S), ACK(C), FIN(C), ACK(S) };
static const Step client_resets[] = { OPENING, REQUEST, MORE, { C, WIRE_RST | WIRE_ACK, 0 } };
static const Step server_resets[] = { OPENING, REQUEST, { S, WIRE_RST | WIRE_ACK, 0 } };
static const Step refused[] = { SYN(C), { S, WIRE_RST | WIRE_ACK, 0 } };
static const Step left_open[] = { OPENING, REQUEST, MORE };
static const Step opening[] = { OPENING };
static const Step unanswered[] = { SYN(C) };
static const Step answered[] = { SYN(C), SYN_ACK(S) };

#define STEPS(of) .count = sizeof(of) / sizeof(of[0]), .steps = of

#define WEB_LEFT_OPEN 3

static const Script web[] = {
	{ .share = 75, .ends = { TIME_WAIT, CLOSED }, STEPS(client_closes) },
	{ .share = 15, .ends = { CLOSED, TIME_WAIT }, STEPS(server_closes) },
	{ .share = 3, .ends = { CLOSED, CLOSED }, STEPS(client_resets) },
	{ .share = 2, .ends = { CLOSED, CLOSED }, STEPS(server_resets) },
	{ .share = 2, .ends = { CLOSED, CLOSED }, STEPS(refused) },
	/* The last, so that it can be left out. */
	{ .share = WEB_LEFT_OPEN, .ends = { ESTABLISHED, ESTABLISHED }, STEPS(left_open) },
};
/* The SYN-ACK is on its way to the client, and no client of a flood says otherwise. */
static const Script flood[] = {
	{ .ends = { SYN_SENT, UNKNOWN }, STEPS(unanswered) },
	{ .ends = { ESTABLISHED, SYN_RCVD }, STEPS(answered) },
};
static const Script open_only = { .ends = { ESTABLISHED, ESTABLISHED }, STEPS(opening) };
/* clang-format on */

/* SplitMix64: a sequence that is the same everywhere. */
static uint64_t random_number(void)
{
	uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static unsigned random_below(unsigned bound)
{
	return (unsigned)((random_number() >> 32) * bound >> 32);
}

/* The connection of a number: clients take their ports one after the other, and no two
 * connections have the same addresses and ports. */
static Talk talk_new(const Script *script)
{
	uint64_t number = connections++;
	uint64_t isns = random_number();
	Talk talk = {
		.address = { 0x0a000000u + (uint32_t)(number % CLIENTS) * 7,
			     0xc0000201u + (uint32_t)(number / CLIENTS / 60000 % 100 +
						      number % SERVERS) },
		.port = { (uint16_t)(1024 + number / CLIENTS % 60000), 443 },
		.next = { (uint32_t)isns, (uint32_t)(isns >> 32) },
		.id = (uint32_t)random_number(),
		.script = script,
	};

	for (unsigned end = 0; end < 2; end++)
		ends[script->ends[end]]++;
	return talk;
}

static void talk_send(Talk *talk, const Step *step)
{
	unsigned from = step->from_server;
	WireSegment segment = {
		.src = talk->address[from],
		.dst = talk->address[!from],
		.sport = talk->port[from],
		.dport = talk->port[!from],
		.seq = talk->next[from],
		.flags = step->flags,
		.ack = talk->next[!from],
		.payload = step->payload,
		.id = talk->id++,
	};

	/* RFC 9293 3.10.7.1: a RST from nobody has no number of its own. */
	if ((step->flags & WIRE_RST) && talk->script->steps == refused)
		segment.seq = 0;
	wire_write(now, &segment);
	talk->next[from] += step->payload + !!(step->flags & (WIRE_SYN | WIRE_FIN));
	now += gap;
	frames++;
}

/* Sends the next segment of the script; false when it was the last. */
static bool talk_step(Talk *talk)
{
	talk_send(talk, &talk->script->steps[talk->step++]);
	return talk->step < talk->script->count;
}

static void *array(size_t count, size_t size)
{
	void *all = calloc(count ? count : 1, size);

	if (!all) {
		fprintf(stderr, "generate: out of memory\n");
		exit(2);
	}
	return all;
}

static const Script *web_script(unsigned shares)
{
	unsigned pick = random_below(shares), i = 0;

	for (; pick >= web[i].share; i++)
		pick -= web[i].share;
	return &web[i];
}

/* Short connections, some thousands of them under way at any time; the first @shares of a hundred
 * kinds. */
static void generate_web(uint64_t count, unsigned shares)
{
	unsigned at_once = count < 5000 ? (unsigned)count : 5000, active = 0;
	Talk *talks = array(at_once, sizeof(*talks));

	gap = 20;
	while (active || connections < count) {
		unsigned pick;

		while (active < at_once && connections < count)
			talks[active++] = talk_new(web_script(shares));
		pick = random_below(active);
		if (!talk_step(&talks[pick]))
			talks[pick] = talks[--active];
	}
	free(talks);
}

/* SYNs, each from an address of its own, one in eight answered. */
static void generate_flood(uint64_t count)
{
	gap = 50;
	while (connections < count) {
		/* An odd factor: no address comes twice in 2^32. */
		uint32_t source = (uint32_t)connections * 2654435761u;
		Talk talk = talk_new(&flood[connections % 8 == 7]);

		talk.address[0] = source;
		talk.address[1] = 0xc0000201u;
		talk.port[0] = (uint16_t)(1024 + random_below(60000));
		while (talk_step(&talk))
			;
	}
}

static Talk *open_many(uint64_t count)
{
	Talk *talks = array(count, sizeof(*talks));

	for (uint64_t i = 0; i < count; i++) {
		talks[i] = talk_new(&open_only);
		while (talk_step(&talks[i]))
			;
	}
	return talks;
}

/* Full segments over a few connections, every second acknowledged. */
static void generate_bulk(uint64_t count)
{
	static const Step data = { S, WIRE_ACK, WIRE_MSS }, ack = ACK(C);
	const unsigned width = 16;
	Talk *talks;

	gap = 10;
	talks = open_many(width);
	for (uint64_t i = 0; i < count; i += 2) {
		Talk *talk = &talks[random_below(width)];

		talk_send(talk, &data);
		talk_send(talk, &data);
		talk_send(talk, &ack);
	}
	free(talks);
}

/* Many connections at once, and segments over them in random order, from either end. */
static void generate_wide(uint64_t width, uint64_t count)
{
	static const Step data[2] = { DATA(C, 64), DATA(S, 128) };
	Talk *talks;

	gap = 15;
	talks = open_many(width);
	for (uint64_t i = 0; width && i < count; i++) {
		uint64_t pick = random_number();

		talk_send(&talks[(pick >> 32) % width], &data[pick & 1]);
	}
	free(talks);
}

/* What wirestate has to find: a line for each number. */
static void write_expected(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file) {
		perror(path);
		exit(2);
	}
	fprintf(file, "frames %" PRIu64 "\nconnections %" PRIu64 "\n", frames, connections);
	for (unsigned i = 0; i < STATES; i++)
		fprintf(file, "%s %" PRIu64 "\n", state_names[i], ends[i]);
	if (fclose(file)) {
		perror(path);
		exit(2);
	}
}

static int usage(void)
{
	fprintf(stderr,
		"usage: generate [-e FILE] [-f pcap|pcapng] [-s SNAP] [-x FACTOR] [-S SEED] "
		"web|steady|flood|bulk|wide\n");
	return 2;
}

static bool generate(const char *workload, double factor)
{
	if (!strcmp(workload, "web"))
		generate_web((uint64_t)(200000 * factor), 100);
	else if (!strcmp(workload, "steady"))
		generate_web((uint64_t)(200000 * factor), 100 - WEB_LEFT_OPEN);
	else if (!strcmp(workload, "flood"))
		generate_flood((uint64_t)(1000000 * factor));
	else if (!strcmp(workload, "bulk"))
		generate_bulk((uint64_t)(1500000 * factor));
	else if (!strcmp(workload, "wide"))
		generate_wide((uint64_t)(300000 * factor), (uint64_t)(2000000 * factor));
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	WireFormat format = { .pcapng = false, .snap = 262144 };
	const char *expected = NULL;
	double factor = 1;
	int letter;

	while ((letter = getopt(argc, argv, "e:f:s:x:S:")) != -1) {
		switch (letter) {
		case 'e':
			expected = optarg;
			break;
		case 'f':
			format.pcapng = !strcmp(optarg, "pcapng");
			break;
		case 's':
			format.snap = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'x':
			factor = strtod(optarg, NULL);
			break;
		case 'S':
			random_state = strtoull(optarg, NULL, 10);
			break;
		default:
			return usage();
		}
	}
	if (optind + 1 != argc || isatty(STDOUT_FILENO))
		return usage();
	wire_begin(&format);
	if (!generate(argv[optind], factor))
		return usage();
	wire_end();
	if (expected)
		write_expected(expected);
	return 0;
}
