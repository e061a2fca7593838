/* A SYN that is kept as an embryo is the same when somebody asks for it, as far as anybody reads
 * it. */
#include "flow/embryo.h"

#include <glib.h>
#include <string.h>

/* Of all that a SYN can be; addresses and ports often differ in little. */
static Segment random_syn(GRand *rand)
{
	static const uint16_t more[] = { 0, TH_ECE | TH_CWR, TH_AE | TH_ECE | TH_CWR };
	bool long_addresses = g_rand_boolean(rand);
	size_t bytes = long_addresses ? 16 : 4;
	Segment syn = {
		.frame = (uint64_t)g_rand_int(rand) << (g_rand_boolean(rand) ? 16 : 0) | 1,
		.time = (NsTime)((uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand)) / 4,
		.seq = g_rand_int(rand),
		.flags = TH_SYN | more[g_rand_int_range(rand, 0, G_N_ELEMENTS(more))],
		.window = (uint16_t)g_rand_int(rand),
		.scope = g_rand_boolean(rand) ? g_rand_int(rand) : 0,
		.ip_id = (uint16_t)g_rand_int(rand),
		.ttl = (uint8_t)g_rand_int(rand),
		.options = { .present = (uint8_t)g_rand_int(rand),
			     .wscale = (uint8_t)g_rand_int_range(rand, 0, 16),
			     .tsval = g_rand_int(rand) },
	};

	if (!(syn.options.present & TCP_OPT_TIMESTAMP))
		syn.options.tsval = 0;
	if (g_rand_boolean(rand))
		syn.frame &= UINT32_MAX;
	syn.src.version = syn.dst.version = long_addresses ? 6 : 4;
	for (size_t i = 0; i < bytes; i++) {
		syn.src.addr.bytes[i] = (uint8_t)g_rand_int(rand);
		syn.dst.addr.bytes[i] =
			g_rand_boolean(rand) ? (uint8_t)g_rand_int(rand) : syn.src.addr.bytes[i];
	}
	syn.src.port = (uint16_t)g_rand_int(rand);
	syn.dst.port = (uint16_t)(syn.src.port + g_rand_int_range(rand, 1, 3));
	return syn;
}

/* By any SYN-ACK. */
static void answer(Embryo *embryo, GRand *rand)
{
	const Segment *syn = &embryo->syn;

	embryo->answer = random_syn(rand);
	embryo->answer.flags |= TH_ACK;
	embryo->answer.src = syn->dst;
	embryo->answer.dst = syn->src;
	embryo->answer.scope = syn->scope;
	embryo->answer.ack = syn->seq + 1;
	embryo->answer.time = syn->time + g_rand_int(rand);
	embryo->answer.frame = syn->frame + 1 + g_rand_int(rand) / 2;
}

static Embryo embryo_of(const Segment *syn, GRand *rand)
{
	Embryo embryo;

	/* Padding is compared, too. */
	memset(&embryo, 0, sizeof(embryo));
	embryo.syn = *syn;
	embryo.key = flow_key(syn, &embryo.sender);
	embryo.memo.number = g_rand_int(rand);
	embryo.memo.marks = g_rand_boolean(rand) ? (uint16_t)g_rand_int(rand) : 0;
	embryo.answered = g_rand_boolean(rand);
	if (embryo.answered)
		answer(&embryo, rand);
	return embryo;
}

static void check_syn(const EmbryoSyn *syn, const Segment *segment)
{
	g_assert_true(syn->time == segment->time);
	g_assert_cmpuint(syn->frame, ==, segment->frame);
	g_assert_cmpuint(syn->seq, ==, segment->seq);
	g_assert_cmpuint(syn->tsval, ==, segment->options.tsval);
	g_assert_cmpuint(syn->window, ==, segment->window);
	g_assert_cmpuint(syn->ip_id, ==, segment->ip_id);
	g_assert_cmpuint(syn->ttl, ==, segment->ttl);
	g_assert_cmpuint(syn->options, ==, segment->options.present);
	g_assert_cmpuint(syn->wscale, ==, segment->options.wscale);
}

/* One that is answered later has the same bytes as one that was when it was packed. */
static void check_answered(const Embryo *embryo, const uint8_t *bytes, size_t size)
{
	uint8_t before[EMBRYO_PACKED_MAX], after[EMBRYO_PACKED_MAX];
	EmbryoParts parts = embryo_parts(embryo);
	EmbryoHandshake begun;
	size_t length;

	parts.answer = NULL;
	length = embryo_size(&parts);
	embryo_pack(before, &parts);
	embryo_unpack_handshake(before, false, embryo->syn.time, &begun);
	g_assert_cmpuint(begun.sender, ==, embryo->sender);
	check_syn(&begun.syn, &embryo->syn);
	g_assert_true(embryo_may_be_answer(&begun.syn, &embryo->answer));
	g_assert_cmpuint(embryo_answered_size(length, &embryo->answer), ==, size);
	embryo_pack_answered(after, before, length, &begun.syn, &embryo->answer);
	g_assert_cmpmem(after, size, bytes, size);
	embryo_unpack_handshake(after, true, 0, &begun);
	g_assert_cmpuint(begun.sender, ==, embryo->sender);
	check_syn(&begun.syn, &embryo->syn);
	check_syn(&begun.answer, &embryo->answer);
	g_assert_cmpuint(begun.memo.number, ==, embryo->memo.number);
	g_assert_cmpuint(begun.memo.marks, ==, embryo->memo.marks);
}

static void test_same(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);

	for (unsigned i = 0; i < 100000; i++) {
		const Segment syn = random_syn(rand);
		const Embryo before = embryo_of(&syn, rand);
		const EmbryoParts parts = embryo_parts(&before);
		uint8_t bytes[EMBRYO_PACKED_MAX + 1];
		Embryo after;
		size_t size = embryo_size(&parts);

		g_assert_true(embryo_may_be(&syn));
		g_assert_cmpuint(size, <=, EMBRYO_PACKED_MAX);
		bytes[size] = 0xa5;
		embryo_pack(bytes, &parts);
		g_assert_cmpuint(bytes[size], ==, 0xa5);
		embryo_unpack(bytes, before.answered, syn.time, &after);
		g_assert_cmpmem(&after.syn, sizeof(after.syn), &before.syn, sizeof(before.syn));
		g_assert_true(after.answered == before.answered);
		g_assert_cmpmem(&after.answer, sizeof(after.answer), &before.answer,
				sizeof(before.answer));
		g_assert_true(flow_key_equal(&after.key, &before.key));
		g_assert_cmpuint(after.sender, ==, before.sender);
		g_assert_cmpuint(after.memo.number, ==, before.memo.number);
		g_assert_cmpuint(after.memo.marks, ==, before.memo.marks);
		if (!before.answered)
			continue;
		g_assert_cmpuint(embryo_unpack_segments(bytes, &after) + EMBRYO_MEMO_SIZE, ==,
				 size);
		g_assert_cmpmem(&after.syn, sizeof(after.syn), &before.syn, sizeof(before.syn));
		g_assert_cmpmem(&after.answer, sizeof(after.answer), &before.answer,
				sizeof(before.answer));
		g_assert_true(flow_key_equal(&after.key, &before.key));
		g_assert_cmpuint(after.memo.number, ==, 0);
		g_assert_cmpuint(after.memo.marks, ==, before.memo.marks);
		check_answered(&before, bytes, size);
	}
}

/* What a flood's SYN over IPv4 takes. */
static void test_small(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(2);
	Segment syn = random_syn(rand);
	EmbryoParts parts;
	Embryo embryo;

	syn.src.version = syn.dst.version = 4;
	memset(syn.src.addr.bytes + 4, 0, 12);
	memset(syn.dst.addr.bytes + 4, 0, 12);
	syn.scope = 0;
	syn.options.present = TCP_OPT_MSS;
	syn.frame = UINT32_MAX;
	embryo = embryo_of(&syn, rand);
	embryo.answered = false;
	embryo.memo.marks = 0;
	parts = embryo_parts(&embryo);
	g_assert_cmpuint(embryo_size(&parts), ==, EMBRYO_PACKED_LEAST);
}

static void test_key(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(3);

	for (unsigned i = 0; i < 10000; i++) {
		const Segment syn = random_syn(rand);
		const Embryo embryo = embryo_of(&syn, rand);
		const EmbryoParts parts = embryo_parts(&embryo);
		uint8_t bytes[EMBRYO_PACKED_MAX];
		FlowKey other;

		embryo_pack(bytes, &parts);
		g_assert_true(embryo_has_key(bytes, &embryo.key));
		/* Any bit of a key makes another. */
		for (size_t at = 0; at < sizeof(other); at++) {
			other = embryo.key;
			((uint8_t *)&other)[at] ^= (uint8_t)(1u << g_rand_int_range(rand, 0, 8));
			g_assert_false(embryo_has_key(bytes, &other));
		}
	}
}

/* More than a SYN, or a SYN of which more would have to be kept. */
static void test_more(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(4);
	const Segment syn = random_syn(rand);
	Segment other;

#define NOT(change)                                                                                \
	do {                                                                                       \
		other = syn;                                                                       \
		change;                                                                            \
		g_assert_false(embryo_may_be(&other));                                             \
	} while (0)

	NOT(other.flags |= TH_ACK);
	NOT(other.flags |= TH_FIN);
	NOT(other.flags |= TH_RST);
	NOT(other.flags |= TH_PUSH);
	NOT(other.flags |= TH_URG);
	NOT(other.flags &= ~TH_SYN);
	NOT(other.payload = 1);
	NOT(other.ack = 1);
	NOT(other.options.tsecr = 1);
	NOT(other.options.sack_count = 1);
	NOT(other.options.cookie_length = 4);
	NOT(other.options.wscale = 16);
	NOT(other.frame = UINT64_C(1) << 48);
	NOT(other.dst = other.src);
#undef NOT
}

/* What may follow a SYN, but is not its plain SYN-ACK. */
static void test_other_answer(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(5);
	const Segment syn = random_syn(rand);
	const EmbryoSyn begun = embryo_syn_of(&syn);
	Embryo embryo = embryo_of(&syn, rand);
	Segment other;

	answer(&embryo, rand);
	g_assert_true(embryo_may_be_answer(&begun, &embryo.answer));
#define NOT(change)                                                                                \
	do {                                                                                       \
		other = embryo.answer;                                                             \
		change;                                                                            \
		g_assert_false(embryo_may_be_answer(&begun, &other));                              \
	} while (0)

	NOT(other.flags &= ~TH_ACK);
	NOT(other.flags |= TH_FIN);
	NOT(other.flags |= TH_RST);
	NOT(other.flags |= TH_PUSH);
	NOT(other.flags &= ~TH_SYN);
	NOT(other.payload = 1);
	NOT(other.ack++);
	NOT(other.options.sack_count = 1);
	NOT(other.options.cookie_length = 4);
	NOT(other.options.wscale = 16);
	NOT(other.time = syn.time - 1);
	NOT(other.time = syn.time + UINT32_MAX + INT64_C(1));
	NOT(other.frame = syn.frame);
	NOT(other.frame = syn.frame + (UINT64_C(1) << 32));
#undef NOT
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/embryo/same", test_same);
	g_test_add_func("/embryo/small", test_small);
	g_test_add_func("/embryo/key", test_key);
	g_test_add_func("/embryo/more", test_more);
	g_test_add_func("/embryo/other-answer", test_other_answer);
	return g_test_run();
}
