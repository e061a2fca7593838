/* How many connections may be awake. Knows how often there was too little room; knows no
 * connection.
 *
 * At first they are so many as about fit into a processor's cache. Those that are in use may need
 * more: then segments find their connections frozen, or who looks for one to freeze finds mostly
 * such as are in use. In either case twice as many may be awake from then on. */
#ifndef WIRESTATE_FLOW_ROOM_H
#define WIRESTATE_FLOW_ROOM_H

#include <limits.h>
#include <stdbool.h>

#define ROOM_FIRST 4096u

/* It is judged each time after so many finds, and after a look at as many as may be awake. */
#define ROOM_FINDS 4096u

/* What is too many of them: more than these shares. */
#define ROOM_THAWS_SHARE  8u
#define ROOM_IN_USE_SHARE 2u

typedef struct {
	unsigned most;  /* that may be awake */
	unsigned finds; /* connections that a segment asked for, since it was last judged by them */
	unsigned thaws; /* of them, those that were frozen */
	unsigned looks; /* connections that might have been frozen, since the same */
	unsigned in_use; /* of them, those that were in use */
} Room;

static inline void room_init(Room *room)
{
	*room = (Room){ .most = ROOM_FIRST };
}

static inline void room_double(Room *room)
{
	if (room->most <= UINT_MAX / 2)
		room->most *= 2;
}

/* A segment asked for a connection. */
static inline void room_found(Room *room, bool was_frozen)
{
	room->thaws += was_frozen;
	if (++room->finds < ROOM_FINDS)
		return;
	if (room->thaws > ROOM_FINDS / ROOM_THAWS_SHARE)
		room_double(room);
	room->finds = room->thaws = 0;
}

/* One that is awake was looked at, as there is no room for it. */
static inline void room_looked(Room *room, bool in_use)
{
	room->in_use += in_use;
	if (++room->looks < room->most)
		return;
	if (room->in_use > room->looks / ROOM_IN_USE_SHARE)
		room_double(room);
	room->looks = room->in_use = 0;
}

#endif
