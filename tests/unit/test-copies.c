/* Which segments are taken for copies: that does not hang on the numbers that a run drew for its
 * hashes, nor on how little segments differ from each other. */
#include "analysis/copies.h"

#include <glib.h>
#include <string.h>

#define SEGMENTS   60000u
#define SIDE_PAIRS 4000u
#define LATELY     64u

typedef struct {
	FlowPlace where;
	Segment segment;
} Sent;

/* A segment of one of many connections, many of them within a moment. */
static Sent send_one(GRand *rand, unsigned number)
{
	uint32_t pair = (uint32_t)g_rand_int_range(rand, 0, SIDE_PAIRS);
	Sent sent = { .segment = { .frame = number + 1,
				   .time = (NsTime)number * 2 * NSTIME_MICROSECOND,
				   .seq = g_rand_int(rand),
				   .ack = g_rand_int(rand),
				   .flags = TH_ACK,
				   .window = 1000,
				   /* Of the others only what their side did before tells. */
				   .payload = g_rand_boolean(rand) ? 100 : 0,
				   .ttl = 64 } };

	sent.segment.src.version = sent.segment.dst.version = 4;
	memcpy(sent.segment.src.addr.bytes, &pair, sizeof(pair));
	sent.segment.src.port = 40000;
	sent.segment.dst.port = 80;
	flow_place(&sent.where, &sent.segment);
	return sent;
}

/* What comes twice, and a little later, as from a mirror port. */
static Sent next_of(GRand *rand, Sent *lately, unsigned number)
{
	Sent *one = &lately[g_rand_int_range(rand, 0, LATELY)];
	Sent again;

	if (number > LATELY && g_rand_boolean(rand)) {
		again = *one;
		again.segment.frame = number + 1;
		again.segment.time = (NsTime)number * 2 * NSTIME_MICROSECOND;
		return again;
	}
	*one = send_one(rand, number);
	return *one;
}

static void test_same_in_every_run(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	Sent *lately = g_new0(Sent, LATELY);
	Copies *copies[2];
	unsigned matches = 0, forgotten = 0;

	for (unsigned i = 0; i < 2; i++) {
		g_random_set_seed(i);
		copies[i] = copies_new();
	}
	for (unsigned number = 0; number < SEGMENTS; number++) {
		const Sent sent = next_of(rand, lately, number);
		CopyMatch match[2];
		bool found[2];

		for (unsigned i = 0; i < 2; i++) {
			FlowPlace where = sent.where;
			uint64_t looks;

			/* As another run would have it. */
			where.hash = (where.hash ^ i * 0x55555555u) * (i ? 0x9e3779b1u : 1);
			looks = copies_expect(copies[i], &where, NULL, &sent.segment);
			found[i] = copies_match(copies[i], looks, &where, &sent.segment, &match[i]);
			if (found[i])
				copies_decide(copies[i], looks, &sent.segment, true);
		}
		g_assert_true(found[0] == found[1]);
		matches += found[0];
		if (!found[0])
			continue;
		g_assert_cmpuint(match[0].frame, ==, match[1].frame);
		g_assert_cmpint(match[0].time, ==, match[1].time);
		g_assert_cmpint(match[0].last, ==, match[1].last);
		g_assert_cmpint(match[0].proof, ==, match[1].proof);
	}
	forgotten = SEGMENTS / 2 - MIN(matches, SEGMENTS / 2);
	/* It is put to the test: there are copies, and places make room. */
	g_assert_cmpuint(matches, >, SEGMENTS / 10);
	g_assert_cmpuint(forgotten, >, 0);
	for (unsigned i = 0; i < 2; i++)
		copies_free(copies[i]);
	g_free(lately);
}

/* Looks for it, and takes what looks like it for it. */
static bool is_found(Copies *copies, const Segment *segment)
{
	CopyMatch match;
	FlowPlace where;
	uint64_t looks;

	flow_place(&where, segment);
	looks = copies_expect(copies, &where, NULL, segment);
	if (!copies_match(copies, looks, &where, segment, &match))
		return false;
	copies_decide(copies, looks, segment, true);
	return true;
}

/* ACKs that are repeated for a lost segment, without an IP ID: they differ in what they have taken
 * selectively, or in their window, and are captured once more when all of them have passed. */
static void test_burst_of_acks(void)
{
	Copies *copies = copies_new();
	Segment segment = { .time = NSTIME_SECOND,
			    .seq = 1000,
			    .ack = 5000,
			    .flags = TH_ACK,
			    .window = 1000,
			    .ttl = 64 };

	segment.src = (Endpoint){ .version = 6, .port = 40000 };
	segment.dst = (Endpoint){ .version = 6, .port = 80 };
	/* The capture holds copies, and this side's. */
	for (segment.payload = 100; segment.frame < 100; segment.seq += 100) {
		for (unsigned i = 0; i < 2; i++) {
			segment.frame++;
			g_assert_true(is_found(copies, &segment) == (i == 1));
		}
	}
	segment.payload = 0;
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 16; i++) {
			segment.frame++;
			segment.window = (uint16_t)(1000 + i % 2);
			segment.options.present = TCP_OPT_SACK;
			segment.options.sack_count = 1;
			segment.options.sack[0].left = 6000;
			segment.options.sack[0].right = 7000 + i / 2 * 1000;
			g_assert_true(is_found(copies, &segment) == (round == 1));
		}
	}
	copies_free(copies);
}

/* SYNs of many, all of number @seq and without an IP ID, come once more when some others have
 * passed. */
static void try_numbers(uint32_t seq)
{
	Copies *copies = copies_new();
	Segment segment = {
		.time = NSTIME_SECOND, .seq = seq, .flags = TH_SYN, .window = 512, .ttl = 64
	};
	unsigned forgotten = 0;

	segment.src.version = segment.dst.version = 4;
	segment.dst.port = 80;
	for (unsigned burst = 0; burst < 32; burst++) {
		for (unsigned i = 0; i < 32; i++) {
			segment.frame++;
			segment.src.port = (uint16_t)(1024 + burst * 16 + i % 16);
			forgotten += is_found(copies, &segment) != (i >= 16);
		}
	}
	/* Three of a moment may share a place. */
	g_assert_cmpuint(forgotten, <, 8);
	copies_free(copies);
}

static void test_small_numbers(void)
{
	for (uint32_t seq = 0; seq < 64; seq++)
		try_numbers(seq);
}

/* The next of those with other IP IDs that has the places of @first, in the same order. */
static Segment next_beside(const Copies *copies, const Segment *first, uint16_t after)
{
	Segment segment = *first;
	FlowPlace where;

	flow_place(&where, first);
	for (segment.ip_id = (uint16_t)(after + 1); segment.ip_id; segment.ip_id++)
		if (((copies_expect(copies, &where, NULL, &segment) ^
		      copies_expect(copies, &where, NULL, first)) &
		     4095) == 0)
			return segment;
	g_assert_not_reached();
}

/* Two have room side by side, whichever came first; a third one takes that of the earliest. */
static void test_three_of_a_moment(void)
{
	Copies *copies = copies_new();
	Segment sent[3] = { { .time = NSTIME_SECOND, .seq = 1, .flags = TH_ACK, .ttl = 64 } };

	sent[0].src = (Endpoint){ .version = 4, .port = 40000 };
	sent[0].dst = (Endpoint){ .version = 4, .port = 80 };
	sent[0].ip_id = 1;
	sent[1] = next_beside(copies, &sent[0], 1);
	sent[2] = next_beside(copies, &sent[0], sent[1].ip_id);
	for (unsigned i = 0; i < 3; i++)
		sent[i].frame = i + 1;
	for (unsigned i = 0; i < 4; i++)
		g_assert_true(is_found(copies, &sent[i % 2]) == (i >= 2));
	g_assert_false(is_found(copies, &sent[2]));
	g_assert_true(is_found(copies, &sent[2]));
	g_assert_true(is_found(copies, &sent[1]));
	g_assert_false(is_found(copies, &sent[0]));
	copies_free(copies);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/copies/same-in-every-run", test_same_in_every_run);
	g_test_add_func("/copies/burst-of-acks", test_burst_of_acks);
	g_test_add_func("/copies/small-numbers", test_small_numbers);
	g_test_add_func("/copies/three-of-a-moment", test_three_of_a_moment);
	return g_test_run();
}
