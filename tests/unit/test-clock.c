/* Timers on capture time: each at its own time, in order, moved and disarmed. */
#include "flow/clock.h"

#include <glib.h>

#define TIMERS 1000

/* What fired, in order. */
typedef struct {
	Clock *clock;
	Timer timers[TIMERS];
	NsTime fired[2 * TIMERS];
	unsigned count;
	Timer *again; /* armed once more when it fires */
	NsTime again_at;
} Fixture;

static void on_fire(void *data, Timer *timer, NsTime now)
{
	Fixture *fixture = data;

	/* It runs at its own deadline, not at the time of the frame that made it due. */
	g_assert_cmpint(clock_now(fixture->clock), ==, now);
	g_assert_cmpint(timer->deadline, ==, now);
	fixture->fired[fixture->count++] = now;
	if (timer == fixture->again) {
		fixture->again = NULL;
		timer_arm(fixture->clock, timer, fixture->again_at);
	}
}

static void set_up(Fixture *fixture, gconstpointer data)
{
	(void)data;
	fixture->clock = clock_new(on_fire, fixture);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
	(void)data;
	clock_free(fixture->clock);
}

static void test_order(Fixture *fixture, gconstpointer data)
{
	(void)data;
	/* A permutation of the deadlines: 7919 is prime to the number of timers. */
	for (unsigned i = 0; i < TIMERS; i++)
		timer_arm(fixture->clock, &fixture->timers[i], 10 + (i * 7919) % TIMERS);
	g_assert_true(clock_advance(fixture->clock, 9));
	g_assert_cmpuint(fixture->count, ==, 0);
	g_assert_cmpint(clock_next(fixture->clock), ==, 10);
	g_assert_true(clock_advance(fixture->clock, 10 + TIMERS));
	g_assert_cmpuint(fixture->count, ==, TIMERS);
	for (unsigned i = 0; i < TIMERS; i++)
		g_assert_cmpint(fixture->fired[i], ==, 10 + i);
	g_assert_cmpint(clock_next(fixture->clock), ==, NSTIME_NEVER);
}

static void test_moved(Fixture *fixture, gconstpointer data)
{
	Timer *timer = &fixture->timers[0];

	(void)data;
	timer_arm(fixture->clock, timer, 10);
	timer_arm(fixture->clock, timer, 30);
	clock_advance(fixture->clock, 20);
	g_assert_cmpuint(fixture->count, ==, 0);
	timer_arm(fixture->clock, timer, 25);
	clock_advance(fixture->clock, 40);
	g_assert_cmpuint(fixture->count, ==, 1);
	g_assert_cmpint(fixture->fired[0], ==, 25);
}

/* Timers that are moved to and fro, by nothing and by more than a clock's unit, against a list of
 * their deadlines. */
static void test_moved_often(Fixture *fixture, gconstpointer data)
{
	static const int32_t spans[] = { 3, 2000, 2000000, 2000000000 };
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	NsTime deadlines[10], now = 0, before;
	unsigned moves;

	(void)data;
	for (unsigned i = 0; i < G_N_ELEMENTS(deadlines); i++)
		deadlines[i] = NSTIME_NEVER;
	for (unsigned round = 0; round < 10000; round++) {
		int32_t span = spans[g_rand_int_range(rand, 0, G_N_ELEMENTS(spans))];
		unsigned due = 0;

		moves = (unsigned)g_rand_int_range(rand, 0, 20);
		for (unsigned k = 0; k < moves; k++) {
			unsigned i = (unsigned)g_rand_int_range(rand, 0, G_N_ELEMENTS(deadlines));

			deadlines[i] = now + g_rand_int_range(rand, 1, span);
			timer_arm(fixture->clock, &fixture->timers[i], deadlines[i]);
		}
		before = now;
		now += g_rand_int_range(rand, 0, span);
		fixture->count = 0;
		clock_advance(fixture->clock, now);
		for (unsigned i = 0; i < G_N_ELEMENTS(deadlines); i++) {
			if (deadlines[i] > now)
				continue;
			due++;
			deadlines[i] = NSTIME_NEVER;
		}
		g_assert_cmpuint(fixture->count, ==, due);
		for (unsigned i = 0; i < due; i++) {
			g_assert_cmpint(fixture->fired[i], >=, before);
			before = fixture->fired[i];
		}
	}
}

static void test_disarmed(Fixture *fixture, gconstpointer data)
{
	(void)data;
	for (unsigned i = 0; i < 10; i++)
		timer_arm(fixture->clock, &fixture->timers[i], 10 + i);
	timer_disarm(fixture->clock, &fixture->timers[0]);
	timer_disarm(fixture->clock, &fixture->timers[5]);
	timer_arm(fixture->clock, &fixture->timers[9], NSTIME_NEVER);
	timer_disarm(fixture->clock, &fixture->timers[9]);
	clock_advance(fixture->clock, 100);
	g_assert_cmpuint(fixture->count, ==, 7);
	g_assert_cmpint(fixture->fired[0], ==, 11);
	g_assert_cmpint(fixture->fired[6], ==, 18);
}

static void test_again(Fixture *fixture, gconstpointer data)
{
	(void)data;
	fixture->again = &fixture->timers[0];
	fixture->again_at = 20;
	timer_arm(fixture->clock, &fixture->timers[0], 10);
	timer_arm(fixture->clock, &fixture->timers[1], 15);
	clock_advance(fixture->clock, 30);
	g_assert_cmpuint(fixture->count, ==, 3);
	g_assert_cmpint(fixture->fired[0], ==, 10);
	g_assert_cmpint(fixture->fired[1], ==, 15);
	g_assert_cmpint(fixture->fired[2], ==, 20);
}

static void test_backward(Fixture *fixture, gconstpointer data)
{
	(void)data;
	g_assert_true(clock_advance(fixture->clock, 100));
	g_assert_false(clock_advance(fixture->clock, 50));
	g_assert_cmpint(clock_now(fixture->clock), ==, 100);
	/* Due in the past: at the next step. */
	timer_arm(fixture->clock, &fixture->timers[0], 100);
	g_assert_true(clock_advance(fixture->clock, 100));
	g_assert_cmpuint(fixture->count, ==, 1);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/clock/order", Fixture, NULL, set_up, test_order, tear_down);
	g_test_add("/clock/moved", Fixture, NULL, set_up, test_moved, tear_down);
	g_test_add("/clock/moved-often", Fixture, NULL, set_up, test_moved_often, tear_down);
	g_test_add("/clock/disarmed", Fixture, NULL, set_up, test_disarmed, tear_down);
	g_test_add("/clock/again", Fixture, NULL, set_up, test_again, tear_down);
	g_test_add("/clock/backward", Fixture, NULL, set_up, test_backward, tear_down);
	return g_test_run();
}
