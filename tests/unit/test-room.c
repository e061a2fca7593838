/* How many connections may be awake: twice as many when those that are in use do not fit, and no
 * more for others; and which are in use. */
#include "flow/room.h"

#include <glib.h>

#include "flow/connection.h"

/* Of so many segments, as many in a row found their connection frozen. */
static void find(Room *room, unsigned segments, unsigned frozen)
{
	for (unsigned i = 0; i < segments; i++)
		room_found(room, i < frozen);
}

static void look(Room *room, unsigned looks, unsigned in_use)
{
	for (unsigned i = 0; i < looks; i++)
		room_looked(room, i < in_use);
}

static void test_thaws(void)
{
	Room room;

	room_init(&room);
	find(&room, ROOM_FINDS, ROOM_FINDS / ROOM_THAWS_SHARE);
	g_assert_cmpuint(room.most, ==, ROOM_FIRST);
	find(&room, ROOM_FINDS, ROOM_FINDS / ROOM_THAWS_SHARE + 1);
	g_assert_cmpuint(room.most, ==, 2 * ROOM_FIRST);
	/* What was before does not count again. */
	find(&room, ROOM_FINDS, ROOM_FINDS / ROOM_THAWS_SHARE);
	g_assert_cmpuint(room.most, ==, 2 * ROOM_FIRST);
}

static void test_looks(void)
{
	Room room;

	room_init(&room);
	look(&room, ROOM_FIRST, ROOM_FIRST / ROOM_IN_USE_SHARE);
	g_assert_cmpuint(room.most, ==, ROOM_FIRST);
	look(&room, ROOM_FIRST - 1, ROOM_FIRST - 1);
	g_assert_cmpuint(room.most, ==, ROOM_FIRST);
	look(&room, 1, 0);
	g_assert_cmpuint(room.most, ==, 2 * ROOM_FIRST);
	look(&room, ROOM_FIRST, 0);
	g_assert_cmpuint(room.most, ==, 2 * ROOM_FIRST);
}

static void test_never_wraps(void)
{
	Room room;

	room_init(&room);
	for (unsigned i = 0; i < 40; i++) {
		unsigned before = room.most;

		look(&room, ROOM_FIRST, ROOM_FIRST);
		g_assert_cmpuint(room.most, >=, before);
	}
}

/* Ten seconds after its last segment it no longer goes on, and when a side closes or was not
 * answered it never does. */
static void test_goes_on(void)
{
	Connection connection = { .last = 5 * NSTIME_SECOND };

	connection.side[0].state = connection.side[1].state = TCP_STATE_ESTABLISHED;
	g_assert_true(connection_goes_on(&connection, 5 * NSTIME_SECOND));
	g_assert_true(connection_goes_on(&connection, 15 * NSTIME_SECOND - 1));
	g_assert_false(connection_goes_on(&connection, 15 * NSTIME_SECOND));
	for (unsigned state = 0; state < TCP_STATE_COUNT; state++) {
		connection.side[1].state = (uint8_t)state;
		g_assert_cmpint(connection_goes_on(&connection, 5 * NSTIME_SECOND), ==,
				state == TCP_STATE_ESTABLISHED);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/room/thaws", test_thaws);
	g_test_add_func("/room/looks", test_looks);
	g_test_add_func("/room/never-wraps", test_never_wraps);
	g_test_add_func("/room/goes-on", test_goes_on);
	return g_test_run();
}
