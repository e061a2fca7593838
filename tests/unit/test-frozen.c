/* A connection that was frozen is the same when it was thawed: every field, whatever its value. */
#include "flow/frozen.h"

#include <glib.h>
#include <string.h>

#define SLOTS      5
#define SLOTS_SIZE (SLOTS * sizeof(uint64_t))

typedef union {
	Connection connection;
	uint8_t bytes[sizeof(Connection) + SLOTS_SIZE];
} Memory;

static void thaw(Memory *into, const Memory *from)
{
	Freezer *freezer = freezer_new(SLOTS_SIZE);
	Frozen *frozen = frozen_new(freezer, &from->connection);

	memset(into, 0, sizeof(*into));
	frozen_thaw(freezer, frozen, &into->connection);
	frozen_free(NULL, frozen);
	freezer_free(freezer);
}

/* Values of all lengths. */
static void fill(Memory *memory, GRand *rand)
{
	for (size_t i = 0; i < sizeof(memory->bytes); i++)
		memory->bytes[i] = g_rand_boolean(rand) ? (uint8_t)g_rand_int(rand) : 0;
	for (size_t i = 0; i < sizeof(memory->bytes); i += 8)
		if (g_rand_int_range(rand, 0, 3) == 0)
			memset(memory->bytes + i, 0, MIN(8, sizeof(memory->bytes) - i));
}

/* Whether nothing is kept in a byte of a connection. */
static bool may_be_lost(size_t at)
{
	size_t hash = offsetof(Connection, record) + offsetof(FlowRecord, hash);
	size_t sides = offsetof(Connection, side);

	if (at < sizeof(FlowRecord))
		return at < hash || at >= hash + sizeof(uint32_t);
	if (at >= sides && at < sides + 2 * sizeof(TcpSide)) {
		at = (at - sides) % sizeof(TcpSide);
		/* Behind the last small member comes a pointer. */
		return at > offsetof(TcpSide, state) && at < offsetof(TcpSide, beyond);
	}
	/* The place, and the padding behind the smallest. */
	return (at >= offsetof(Connection, place) &&
		at < offsetof(Connection, place) + sizeof(uint32_t)) ||
	       (at > offsetof(Connection, syn_ack_tries) + 1 &&
		at < offsetof(Connection, provisional));
}

/* What is the store's to hand over, and what may be lost. */
static void forget(Memory *memory)
{
	uint32_t hash = memory->connection.record.hash;

	memset(memory, 0, sizeof(FlowRecord));
	memory->connection.record.hash = hash;
	for (size_t i = sizeof(FlowRecord); i < sizeof(memory->bytes); i++)
		if (may_be_lost(i))
			memory->bytes[i] = 0;
}

/* Each byte that is changed before is changed afterwards, and no other. */
static void test_every_byte(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);

	for (unsigned round = 0; round < 20; round++) {
		Memory before;

		fill(&before, rand);
		for (size_t i = 0; i < sizeof(before.bytes); i++) {
			Memory other = before, base, changed;

			/* The lowest bit: a flag stays one. */
			other.bytes[i] ^= 1;
			thaw(&base, &before);
			thaw(&changed, &other);
			forget(&base);
			forget(&changed);
			if (!may_be_lost(i))
				base.bytes[i] ^= 1;
			g_assert_cmpmem(&changed, sizeof(changed), &base, sizeof(base));
		}
	}
}

static void test_times(void)
{
	static const NsTime times[] = { 0,
					1,
					-1,
					NSTIME_SECOND,
					UINT32_MAX,
					INT64_MIN,
					INT64_MAX,
					INT64_C(1700000000123456789),
					INT64_C(4000000000000000000) };
	Memory before = { 0 }, after;

	for (unsigned i = 0; i < G_N_ELEMENTS(times); i++) {
		for (unsigned k = 0; k < G_N_ELEMENTS(times); k++) {
			Connection *connection = &before.connection;

			connection->last = times[i];
			connection->since[0] = times[k];
			/* What comes near the one before it, and may equal it. */
			connection->wait_from[0] = connection->since[1] = times[k] ^ 20;
			thaw(&after, &before);
			g_assert_cmpint(after.connection.last, ==, times[i]);
			g_assert_cmpint(after.connection.since[0], ==, times[k]);
			g_assert_cmpint(after.connection.wait_from[0], ==, times[k] ^ 20);
			g_assert_cmpint(after.connection.since[1], ==, times[k] ^ 20);
			/* Deadlines lie where they will. */
			connection->record.timer.deadline = times[k];
			thaw(&after, &before);
			g_assert_cmpint(after.connection.last, ==, times[i]);
			connection->record.timer.deadline =
				(NsTime)((uint64_t)times[i] + 60 * (uint64_t)NSTIME_SECOND);
			thaw(&after, &before);
			g_assert_cmpint(after.connection.last, ==, times[i]);
		}
	}
}

static void test_key(void)
{
	Memory memory = { 0 };
	FlowKey *key = &memory.connection.key;
	FlowKey other;
	Freezer *freezer = freezer_new(0);
	Frozen *frozen;

	memset(key, 7, sizeof(*key));
	memory.connection.number = 1234567;
	other = *key;
	other.end[1].addr.bytes[15] ^= 1;
	frozen = frozen_new(freezer, &memory.connection);
	g_assert_true(frozen_has_key(freezer, frozen, key));
	g_assert_false(frozen_has_key(freezer, frozen, &other));
	g_assert_cmpuint(frozen_number(frozen), ==, 1234567);
	frozen_free(NULL, frozen);
	freezer_free(freezer);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/frozen/every-byte", test_every_byte);
	g_test_add_func("/frozen/times", test_times);
	g_test_add_func("/frozen/key", test_key);
	return g_test_run();
}
