/* What tcpdump's numbers are relative to: its rule, one sentence a test. The real tcpdump is asked
 * in tests/cli/tcpdump-lines.sh; here are pairs by the thousand, which no capture of the tree has.
 */
#include <glib.h>

#include "report/tcpdump-parts.h"

/* A segment from 10.0.X.Y:1000 to 10.1.0.1:80, or back. */
static Segment segment(unsigned host, bool back, uint16_t flags, uint32_t seq, uint32_t ack)
{
	Endpoint client = { .version = 4,
			    .port = 1000,
			    .addr = { { 10, 0, (uint8_t)(host >> 8), (uint8_t)host } } };
	Endpoint server = { .version = 4, .port = 80, .addr = { { 10, 1, 0, 1 } } };

	return (Segment){ .src = back ? server : client,
			  .dst = back ? client : server,
			  .flags = flags,
			  .seq = seq,
			  .ack = ack };
}

static void check(LineNumbers *numbers, Segment segment, uint32_t seq, uint32_t ack, uint32_t sack)
{
	uint32_t pair = 0;
	LineBase base = line_numbers_base(numbers, &segment, &pair);

	g_assert_cmpuint(base.seq, ==, seq);
	g_assert_cmpuint(base.ack, ==, ack);
	g_assert_cmpuint(base.sack, ==, sack);
}

/* The SYN is absolute and notes nothing, the SYN-ACK is absolute and noted. */
static void test_handshake(void)
{
	LineNumbers *numbers = line_numbers_new();

	check(numbers, segment(1, false, TH_SYN, 700, 0), 0, 0, 0);
	check(numbers, segment(1, true, TH_SYN | TH_ACK, 9000, 701), 0, 0, 700);
	check(numbers, segment(1, false, TH_ACK, 701, 9001), 700, 9000, 9000);
	check(numbers, segment(1, true, TH_ACK | TH_FIN, 9001, 701), 9000, 700, 700);
	line_numbers_free(numbers);
}

/* The first segment in mid-stream is absolute but for its SACK blocks; all later ones are relative
 * to it. */
static void test_midstream(void)
{
	LineNumbers *numbers = line_numbers_new();

	check(numbers, segment(1, true, TH_ACK, 5000, 300), 0, 0, 299);
	check(numbers, segment(1, false, TH_ACK, 300, 5000), 299, 5000, 5000);
	check(numbers, segment(1, true, TH_ACK, 5000, 300), 5000, 299, 299);
	line_numbers_free(numbers);
}

/* A segment without ACK is absolute and changes nothing. */
static void test_without_ack(void)
{
	LineNumbers *numbers = line_numbers_new();

	check(numbers, segment(1, true, TH_ACK, 5000, 300), 0, 0, 299);
	check(numbers, segment(1, true, TH_RST, 5000, 77), 0, 0, 0);
	check(numbers, segment(1, false, TH_SYN, 12345, 0), 0, 0, 0);
	check(numbers, segment(1, true, TH_ACK, 5001, 300), 5000, 299, 299);
	line_numbers_free(numbers);
}

/* A SYN-ACK begins anew. */
static void test_syn_ack_again(void)
{
	LineNumbers *numbers = line_numbers_new();

	check(numbers, segment(1, true, TH_SYN | TH_ACK, 9000, 701), 0, 0, 700);
	check(numbers, segment(1, true, TH_SYN | TH_ACK, 20000, 801), 0, 0, 800);
	check(numbers, segment(1, false, TH_ACK, 801, 20001), 800, 20000, 20000);
	line_numbers_free(numbers);
}

/* Tags and tunnels make no difference. */
static void test_scope(void)
{
	LineNumbers *numbers = line_numbers_new();
	Segment tagged = segment(1, false, TH_ACK, 300, 5000);

	check(numbers, segment(1, true, TH_ACK, 5000, 300), 0, 0, 299);
	tagged.scope = 7;
	check(numbers, tagged, 299, 5000, 5000);
	line_numbers_free(numbers);
}

/* No pair is forgotten. */
static void test_many(void)
{
	enum { PAIRS = 20000 };
	LineNumbers *numbers = line_numbers_new();

	for (unsigned i = 0; i < PAIRS; i++)
		check(numbers, segment(i, true, TH_SYN | TH_ACK, 1000 * i, i + 1), 0, 0, i);
	for (unsigned i = 0; i < PAIRS; i++)
		check(numbers, segment(i, false, TH_ACK, i + 1, 1000 * i + 1), i, 1000 * i,
		      1000 * i);
	line_numbers_free(numbers);
}

/* A caller that keeps which pair it is gets what a look-up would give, while others come between.
 */
static void test_kept(void)
{
	enum { PAIRS = 2000 };
	LineNumbers *numbers = line_numbers_new();
	uint32_t pairs[PAIRS] = { 0 };

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < PAIRS; i++) {
			Segment ack = segment(i, round == 1, TH_ACK, 1000 * i + round, i + round);
			LineBase base = line_numbers_base(numbers, &ack, &pairs[i]);

			g_assert_cmpuint(base.seq, ==,
					 round == 0   ? 0
					 : round == 1 ? i - 1
						      : 1000 * i);
			g_assert_cmpuint(base.ack, ==,
					 round == 0   ? 0
					 : round == 1 ? 1000 * i
						      : i - 1);
		}
	}
	check(numbers, segment(7, true, TH_ACK, 100, 200), 6, 7000, 7000);
	line_numbers_free(numbers);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/tcpdump-numbers/handshake", test_handshake);
	g_test_add_func("/tcpdump-numbers/midstream", test_midstream);
	g_test_add_func("/tcpdump-numbers/without-ack", test_without_ack);
	g_test_add_func("/tcpdump-numbers/syn-ack-again", test_syn_ack_again);
	g_test_add_func("/tcpdump-numbers/scope", test_scope);
	g_test_add_func("/tcpdump-numbers/many", test_many);
	g_test_add_func("/tcpdump-numbers/kept", test_kept);
	return g_test_run();
}
