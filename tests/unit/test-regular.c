/* A regular life that is kept as its segments is the same when somebody asks for it, as far as
 * anybody reads them, wherever its bytes are kept; and what is not regular is no part of one. */
#include "flow/regular.h"

#include <glib.h>
#include <string.h>

#include "flow/frozen.h"

#define SEGMENTS_MAX 400

/* A connection that goes its way: what comes next of either side. */
typedef struct {
	GRand *rand;
	Embryo embryo;
	uint32_t nxt[2], acked[2]; /* the client's, the server's */
	uint32_t clock[2];         /* of timestamps */
	uint64_t frame;
	NsTime time;
	bool stamps, long_addresses, sloppy;
	bool ticks; /* timestamps are of milliseconds */
	bool wild;  /* all is as large as it can be, and may go through zero */
} World;

/* A number below 2^63, as likely long as short. */
static int64_t any_size(GRand *rand)
{
	uint64_t number = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);

	return (int64_t)(number >> g_rand_int_range(rand, 1, 64));
}

/* What is beyond the bounds now and then makes a life none. */
static void pass(World *world)
{
	world->time += any_size(world->rand) >> 14;
	world->frame += 1 + ((uint64_t)any_size(world->rand) >> 18);
	world->clock[0] += (uint32_t)any_size(world->rand) >> 10;
	world->clock[1] += (uint32_t)any_size(world->rand) >> 10;
}

static Segment segment_of(World *world, unsigned side, unsigned flags, uint32_t payload)
{
	const Segment *syn = &world->embryo.syn;
	bool one_in_four = g_rand_int_range(world->rand, 0, 4) == 0;
	Segment segment;

	memset(&segment, 0, sizeof(segment));
	world->time += world->sloppy ? (NsTime)g_rand_int(world->rand)
				     : (NsTime)g_rand_int_range(world->rand, 0, 100000) *
					       NSTIME_MICROSECOND;
	/* Hours pass now and then, which are no microseconds, and too many ticks. */
	if (!(flags & TH_SYN) && !world->ticks && g_rand_int_range(world->rand, 0, 64) == 0)
		world->time += (NsTime)g_rand_int(world->rand)
			       << g_rand_int_range(world->rand, 0, 16);
	world->frame +=
		1 + (uint64_t)g_rand_int_range(world->rand, 0, one_in_four ? 1 << 30 : 5000);
	if (world->wild && !(flags & TH_SYN))
		pass(world);
	segment.frame = world->frame;
	segment.time = world->time;
	segment.src = side ? syn->dst : syn->src;
	segment.dst = side ? syn->src : syn->dst;
	segment.scope = syn->scope;
	segment.seq = world->nxt[side];
	segment.ack = world->nxt[!side];
	segment.flags = (uint16_t)(flags | (g_rand_boolean(world->rand) ? TH_PUSH : 0));
	segment.window = world->sloppy ? (uint16_t)g_rand_int(world->rand) : 60000;
	segment.ip_id = world->sloppy ? (uint16_t)g_rand_int(world->rand) : 0;
	segment.ttl = world->sloppy && one_in_four ? (uint8_t)g_rand_int(world->rand) : 64;
	segment.payload = payload;
	if (world->stamps) {
		segment.options.present = TCP_OPT_TIMESTAMP;
		world->clock[side] +=
			(uint32_t)g_rand_int_range(world->rand, 1, one_in_four ? 1 << 20 : 2);
		segment.options.tsval = world->clock[side];
		if (world->ticks)
			segment.options.tsval =
				(uint32_t)((uint64_t)world->time / NSTIME_MILLISECOND) + side;
	}
	return segment;
}

static Segment syn_of(World *world, unsigned side)
{
	Segment syn = segment_of(world, side, side ? TH_SYN | TH_ACK : TH_SYN, 0);

	syn.flags &= ~TH_PUSH;
	syn.seq = g_rand_int(world->rand);
	syn.options.present |= TCP_OPT_WSCALE;
	syn.options.wscale = (uint8_t)g_rand_int_range(world->rand, 8, 15);
	syn.ack = side ? world->nxt[0] : 0;
	world->nxt[side] = syn.seq + 1;
	return syn;
}

static void random_bytes(World *world, Endpoint *end)
{
	end->version = world->long_addresses ? 6 : 4;
	for (unsigned i = 0; i < (world->long_addresses ? 16 : 4); i++)
		end->addr.bytes[i] = (uint8_t)g_rand_int(world->rand);
	end->port = (uint16_t)g_rand_int(world->rand);
}

static void begin(World *world, GRand *rand, bool wild)
{
	Segment *syn = &world->embryo.syn, *answer = &world->embryo.answer;
	EmbryoSyn begun;
	Segment made;

	memset(world, 0, sizeof(*world));
	world->rand = rand;
	world->stamps = g_rand_boolean(rand);
	world->long_addresses = g_rand_boolean(rand);
	world->sloppy = g_rand_boolean(rand);
	world->ticks = g_rand_boolean(rand);
	world->wild = wild;
	world->sloppy |= wild;
	world->time = (NsTime)g_rand_int(rand) * NSTIME_SECOND;
	if (world->wild) {
		world->time = -(any_size(rand) >> 12);
		world->frame = UINT32_MAX - 10000;
	}
	world->clock[0] = g_rand_int(rand);
	world->clock[1] = g_rand_int(rand);
	random_bytes(world, &syn->src);
	random_bytes(world, &syn->dst);
	syn->scope = g_rand_boolean(rand) ? g_rand_int(rand) : 0;
	made = syn_of(world, 0);
	*syn = made;
	*answer = syn_of(world, 1);
	world->embryo.key = flow_key(syn, &world->embryo.sender);
	world->embryo.answered = true;
	g_assert_true(embryo_may_be(syn));
	begun = embryo_syn_of(syn);
	g_assert_true(embryo_may_be_answer(&begun, answer));
}

/* The end of the key that a side is. */
static unsigned end_of(const World *world, unsigned side)
{
	return world->embryo.sender ^ side;
}

/* One that is regular, and kept. */
typedef struct {
	World world;
	const RegularLife *life; /* of @frozen */
	Pools *pools;
	Frozen *frozen;
	Segment segments[SEGMENTS_MAX];
	RegularStep steps[SEGMENTS_MAX];
	unsigned senders[SEGMENTS_MAX];
	bool cut[SEGMENTS_MAX];
	unsigned count;
} Kept;

static bool keep(Kept *kept, unsigned side, unsigned flags, uint32_t payload)
{
	World *world = &kept->world;
	Segment segment = segment_of(world, side, flags, payload);
	RegularStep expected, step;
	bool cut;

	/* Now and then it does not acknowledge all yet. */
	if (world->sloppy && !(flags & TH_FIN) && kept->life->phase == REGULAR_OPEN &&
	    g_rand_boolean(world->rand))
		segment.ack = world->acked[side];
	expected = regular_step(kept->life, end_of(world, side), &segment);
	cut = payload && g_rand_int_range(world->rand, 0, 4) == 0;
	step = frozen_extend(kept->pools, kept->frozen, end_of(world, side), &segment, cut);
	if (step == REGULAR_NOT) {
		/* It is none, or there is no more room. */
		g_assert_true(expected == REGULAR_NOT || kept->count > 6);
		return false;
	}
	g_assert_cmpint(step, ==, expected);
	world->nxt[side] += payload + (flags & TH_FIN ? 1 : 0);
	world->acked[side] = segment.ack;
	kept->segments[kept->count] = segment;
	kept->steps[kept->count] = step;
	kept->cut[kept->count] = cut;
	kept->senders[kept->count++] = end_of(world, side);
	return true;
}

/* While it grows what is known of its life is what its segments say. */
static void check_life(const Kept *kept)
{
	RegularReader reader;
	Embryo embryo;

	frozen_read(kept->frozen, &embryo, &reader);
	while (regular_next(&reader))
		;
	g_assert_cmpmem(&reader.life, sizeof(reader.life), kept->life, sizeof(*kept->life));
}

static void check(const Kept *kept)
{
	RegularReader reader;
	Embryo embryo;
	unsigned count = 0;

	frozen_read(kept->frozen, &embryo, &reader);
	g_assert_cmpmem(&embryo.syn, sizeof(embryo.syn), &kept->world.embryo.syn,
			sizeof(embryo.syn));
	g_assert_cmpmem(&embryo.answer, sizeof(embryo.answer), &kept->world.embryo.answer,
			sizeof(embryo.answer));
	while (regular_next(&reader)) {
		g_assert_cmpuint(reader.sender, ==, kept->senders[count]);
		g_assert_true(reader.cut == kept->cut[count]);
		g_assert_cmpmem(&reader.segment, sizeof(reader.segment), &kept->segments[count],
				sizeof(reader.segment));
		count++;
	}
	g_assert_cmpuint(count, ==, kept->count);
	g_assert_true(frozen_has_key(NULL, kept->frozen, &kept->world.embryo.key));
	g_assert_cmpuint(frozen_number(kept->frozen), ==, 7);
}

static void kept_begin(Kept *kept, GRand *rand, bool linked, bool wild)
{
	const FlowRecord record = { .hash = 1, .linked = linked };
	EmbryoHandshake handshake;
	RegularLife life;
	EmbryoParts parts;
	Frozen *embryo;

	memset(kept, 0, sizeof(*kept));
	begin(&kept->world, rand, wild);
	kept->world.acked[0] = kept->world.nxt[1];
	kept->world.acked[1] = kept->world.nxt[0];
	kept->pools = pools_new();
	parts = embryo_parts(&kept->world.embryo);
	embryo = frozen_embryo_new(kept->pools, &record, 7, &parts);
	handshake = embryo_handshake_of(&kept->world.embryo);
	regular_begin(&life, &handshake);
	kept->frozen = frozen_grow(kept->pools, embryo, &life);
	kept->life = frozen_life(kept->frozen);
	frozen_free(kept->pools, embryo);
}

static void kept_end(Kept *kept)
{
	frozen_free(kept->pools, kept->frozen);
	pools_free(kept->pools);
}

static void seal(Kept *kept)
{
	Frozen *sealed = frozen_seal(kept->pools, kept->frozen);

	frozen_free(kept->pools, kept->frozen);
	kept->frozen = sealed;
	kept->life = NULL;
}

/* Until there is no more room, or both have closed. */
static void test_same(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	unsigned longest = 0, ended = 0;

	for (unsigned i = 0; i < 4000; i++) {
		unsigned closer = g_rand_int_range(rand, 0, 2);
		unsigned most = g_rand_int_range(rand, 0, 60);
		g_autofree Kept *kept = g_new(Kept, 1);
		bool more;

		kept_begin(kept, rand, g_rand_boolean(rand), g_rand_boolean(rand));
		check(kept);
		more = keep(kept, 0, TH_ACK, 0);
		g_assert_true(more || kept->world.wild);
		for (unsigned n = 0; more && n < most; n++) {
			int32_t largest = kept->world.wild ? UINT16_MAX : 1460;
			uint32_t payload =
				g_rand_boolean(rand)
					? (uint32_t)g_rand_int_range(rand, 1, largest + 1)
					: 0;

			more = keep(kept, g_rand_int_range(rand, 0, 2), TH_ACK, payload) ||
			       kept->world.sloppy;
		}
		check(kept);
		more = more && keep(kept, closer, TH_ACK, 1) &&
		       keep(kept, closer, TH_FIN | TH_ACK, 0) &&
		       (g_rand_boolean(rand) || keep(kept, !closer, TH_ACK, 0)) &&
		       keep(kept, !closer, TH_FIN | TH_ACK, 0) && keep(kept, closer, TH_ACK, 0);
		longest = MAX(longest, kept->count);
		if (more) {
			ended++;
			g_assert_cmpint(kept->steps[kept->count - 1], ==, REGULAR_ENDS);
			check(kept);
			check_life(kept);
			seal(kept);
		}
		check(kept);
		kept_end(kept);
	}
	g_assert_cmpuint(longest, >, 20);
	g_assert_cmpuint(ended, >, 500);
}

static void test_steps(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(2);

	for (unsigned closer = 0; closer < 2; closer++) {
		static const RegularStep expected[] = {
			REGULAR_OPENS,   REGULAR_GOES_ON,    REGULAR_CLOSES, REGULAR_FIN_ACKED,
			REGULAR_GOES_ON, REGULAR_CLOSES_TOO, REGULAR_ENDS,
		};
		g_autofree Kept *kept = g_new(Kept, 1);

		do {
			kept_begin(kept, rand, false, false);
			if (kept->world.sloppy)
				kept_end(kept);
		} while (kept->world.sloppy);
		g_assert_true(keep(kept, 0, TH_ACK, 0));
		g_assert_true(keep(kept, closer, TH_ACK, 100));
		g_assert_true(keep(kept, closer, TH_FIN | TH_ACK, 0));
		g_assert_true(keep(kept, !closer, TH_ACK, 0));
		g_assert_true(keep(kept, closer, TH_ACK, 0));
		/* A half-close, and a second ACK of the FIN, are not regular. */
		g_assert_false(keep(kept, !closer, TH_ACK, 100));
		g_assert_false(keep(kept, !closer, TH_ACK, 0));
		g_assert_true(keep(kept, !closer, TH_FIN | TH_ACK, 0));
		g_assert_false(keep(kept, !closer, TH_ACK, 0));
		g_assert_true(keep(kept, closer, TH_ACK, 0));
		g_assert_false(keep(kept, closer, TH_ACK, 0));
		g_assert_cmpuint(kept->count, ==, G_N_ELEMENTS(expected));
		for (unsigned i = 0; i < kept->count; i++)
			g_assert_cmpint(kept->steps[i], ==, expected[i]);
		kept_end(kept);
	}
}

/* What the segment is, and where it moves @life: the same whether it is put, too, or not. */
static RegularStep put(RegularLife *life, unsigned sender, const Segment *segment)
{
	uint8_t bytes[REGULAR_SEGMENT_MAX];
	RegularStep step = regular_step(life, sender, segment);
	RegularLife moved = *life;

	if (step != REGULAR_NOT)
		regular_move(&moved, sender, segment, step);
	g_assert_cmpint(regular_add(life, sender, segment, false, bytes).step, ==, step);
	g_assert_cmpmem(life, sizeof(*life), &moved, sizeof(moved));
	return step;
}

/* The same, and moves nothing. */
static RegularStep step_of(const RegularLife *life, unsigned sender, const Segment *segment)
{
	RegularLife moved = *life;

	return put(&moved, sender, segment);
}

/* What may come after the handshake and is something else. */
static void test_other(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(3);

	for (unsigned i = 0; i < 200; i++) {
		g_autofree Kept *kept = g_new(Kept, 1);
		const RegularLife *life;
		unsigned side = g_rand_int_range(rand, 0, 2), sender;
		Segment next, other;

		kept_begin(kept, rand, false, false);
		life = kept->life;
		/* Nobody else completes the handshake, nor anything else. */
		next = segment_of(&kept->world, 1, TH_ACK, 0);
		g_assert_cmpint(step_of(life, end_of(&kept->world, 1), &next), ==, REGULAR_NOT);
		next = segment_of(&kept->world, 0, TH_ACK, 1);
		g_assert_cmpint(step_of(life, end_of(&kept->world, 0), &next), ==, REGULAR_NOT);
		g_assert_true(keep(kept, 0, TH_ACK, 0));
		/* A close before any data. */
		next = segment_of(&kept->world, side, TH_FIN | TH_ACK, 0);
		g_assert_cmpint(step_of(life, end_of(&kept->world, side), &next), ==, REGULAR_NOT);
		sender = end_of(&kept->world, side);
		next = segment_of(&kept->world, side, TH_ACK, 1);
		next.seq = kept->life->nxt[side];
		g_assert_cmpint(step_of(life, sender, &next), ==,
				life->adv[!side] != life->nxt[side] ? REGULAR_GOES_ON
								    : REGULAR_NOT);
#define NOT(change)                                                                                \
	do {                                                                                       \
		other = next;                                                                      \
		change;                                                                            \
		g_assert_cmpint(step_of(life, sender, &other), ==, REGULAR_NOT);                   \
	} while (0)

		NOT(other.seq++);
		NOT(other.seq--);
		NOT(other.ack++);
		NOT(other.ack -= 1u << 30);
		NOT(other.flags |= TH_SYN);
		NOT(other.flags |= TH_RST);
		NOT(other.flags |= TH_URG);
		NOT(other.flags |= TH_ECE);
		NOT(other.flags |= TH_CWR);
		NOT(other.flags |= TH_AE);
		NOT(other.flags &= ~TH_ACK);
		NOT(other.options.present ^= TCP_OPT_TIMESTAMP);
		NOT(other.options.present |= TCP_OPT_SACK);
		NOT(other.options.present |= TCP_OPT_CUT);
		NOT(other.payload = 1u << 30);
		NOT(other.payload = UINT16_MAX + 1);
		NOT(other.time = kept->life->last - 1);
		NOT(other.time = kept->life->last + (INT64_C(1) << 48));
		NOT(other.frame = kept->world.embryo.syn.frame);
		NOT(other.frame = life->frame);
		NOT(other.frame = UINT64_C(1) << 48);
		NOT(other.frame = UINT64_MAX);
		if (kept->world.stamps) {
			NOT(other.options.tsval = life->tsval[side] - 1);
			NOT(other.options.tsval = life->tsval[side] + (1u << 24));
		}
#undef NOT
		kept_end(kept);
	}
}

/* Beyond the peer's window nothing is regular. */
static void test_window(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(4);

	for (unsigned i = 0; i < 200; i++) {
		g_autofree Kept *kept = g_new(Kept, 1);
		Segment next;
		uint32_t room;

		kept_begin(kept, rand, false, false);
		g_assert_true(keep(kept, 0, TH_ACK, 0));
		room = kept->life->adv[1] - kept->life->nxt[0];
		g_assert_cmpuint(room, ==, kept->world.embryo.answer.window);
		next = segment_of(&kept->world, 0, TH_ACK, room);
		g_assert_cmpint(step_of(kept->life, end_of(&kept->world, 0), &next), ==,
				REGULAR_GOES_ON);
		next.payload++;
		g_assert_cmpint(step_of(kept->life, end_of(&kept->world, 0), &next), ==,
				REGULAR_NOT);
		kept_end(kept);
	}
}

/* What was offered is not taken back by a smaller window, nor by one like that (RFC 9293 3.8.6). */
static void test_smaller_window(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(7);

	for (unsigned i = 0; i < 200; i++) {
		static const uint16_t windows[] = { 60000, 10, 10, 10 };
		g_autofree Kept *kept = g_new(Kept, 1);
		RegularLife life;
		Segment next;

		kept_begin(kept, rand, false, false);
		life = *kept->life;
		next = segment_of(&kept->world, 0, TH_ACK, 0);
		g_assert_cmpint(put(&life, end_of(&kept->world, 0), &next), ==, REGULAR_OPENS);
		for (unsigned n = 0; n < G_N_ELEMENTS(windows); n++) {
			next = segment_of(&kept->world, 1, TH_ACK, 0);
			next.window = windows[n];
			next.flags &= ~TH_PUSH;
			put(&life, end_of(&kept->world, 1), &next);
		}
		g_assert_cmpuint(life.adv[1] - life.nxt[0], >=, 60000);
		kept_end(kept);
	}
}

/* A side whose clock is right and that was silent for too many ticks, while its peer was not: with
 * them time goes by in steps, none of which is too long. */
static void test_silence(void)
{
	static const NsTime steps[] = { 1 << 23, (1 << 23) - 1, 1 };
	g_autoptr(GRand) rand = g_rand_new_with_seed(6);

	for (unsigned i = 0; i < 200; i++) {
		unsigned side = i % 2;
		World world;
		EmbryoHandshake handshake;
		RegularLife life;
		Segment segment;

		do
			begin(&world, rand, false);
		while (world.sloppy || !world.stamps || !world.ticks);
		handshake = embryo_handshake_of(&world.embryo);
		regular_begin(&life, &handshake);
		segment = segment_of(&world, 0, TH_ACK, 0);
		g_assert_cmpint(put(&life, end_of(&world, 0), &segment), ==, REGULAR_OPENS);
		for (unsigned step = 0; step < G_N_ELEMENTS(steps); step++) {
			world.time += steps[step] * NSTIME_MILLISECOND;
			segment = segment_of(&world, !side, TH_ACK, 0);
			segment.flags &= ~TH_PUSH;
			g_assert_cmpint(put(&life, end_of(&world, !side), &segment), ==,
					REGULAR_GOES_ON);
		}
		segment = segment_of(&world, side, TH_ACK, 0);
		segment.flags &= ~TH_PUSH;
		g_assert_cmpint(put(&life, end_of(&world, side), &segment), ==, REGULAR_NOT);
	}
}

/* An option of the handshake that only one side sent. */
static void test_odd(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(5);
	static const uint8_t options[] = { TCP_OPT_WSCALE, TCP_OPT_TIMESTAMP };

	for (unsigned i = 0; i < 4; i++) {
		World world;
		EmbryoHandshake handshake;
		RegularLife life;
		Segment ack;

		begin(&world, rand, false);
		if (i & 2)
			world.embryo.syn.options.present ^= options[i & 1];
		else
			world.embryo.answer.options.present ^= options[i & 1];
		handshake = embryo_handshake_of(&world.embryo);
		regular_begin(&life, &handshake);
		for (unsigned stamps = 0; stamps < 2; stamps++) {
			world.stamps = stamps;
			ack = segment_of(&world, 0, TH_ACK, 0);
			g_assert_cmpint(regular_step(&life, end_of(&world, 0), &ack), ==,
					REGULAR_NOT);
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/regular/same", test_same);
	g_test_add_func("/regular/steps", test_steps);
	g_test_add_func("/regular/other", test_other);
	g_test_add_func("/regular/window", test_window);
	g_test_add_func("/regular/smaller-window", test_smaller_window);
	g_test_add_func("/regular/silence", test_silence);
	g_test_add_func("/regular/odd", test_odd);
	return g_test_run();
}
