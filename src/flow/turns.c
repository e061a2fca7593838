/* Whose turn it is when connections are gone through in the order of their numbers. Knows numbers;
 * knows nothing of what is done with the connections. */
#include "flow/turns.h"

#include <glib.h>

#define ROOM_MIN 64u

/* Else numbers are sorted by so many bits at a time, the lowest first: two or three times go over a
 * million of them, where a comparison of any two would take twenty. */
#define DIGIT_BITS 11
#define DIGITS     (1u << DIGIT_BITS)

void turns_add(Turns *turns, FlowRecord *record, unsigned number)
{
	if (turns->count == turns->room) {
		turns->room = MAX(2 * turns->room, ROOM_MIN);
		turns->turn = g_renew(Turn, turns->turn, turns->room);
	}
	turns->lowest = turns->count ? MIN(turns->lowest, number) : number;
	turns->highest = turns->count ? MAX(turns->highest, number) : number;
	turns->turn[turns->count++] = (Turn){ record, number };
}

/* Each goes to the place that its number has among @places. False, with nothing moved, when two
 * want the same. */
static bool sort_by_place(Turns *turns, size_t places)
{
	g_autofree FlowRecord **place = g_new0(FlowRecord *, places);
	size_t at = 0;

	for (size_t i = 0; i < turns->count; i++) {
		FlowRecord **own = &place[turns->turn[i].number - turns->lowest];

		if (*own)
			return false;
		*own = turns->turn[i].record;
	}
	for (size_t i = 0; i < places; i++)
		if (place[i])
			turns->turn[at++] = (Turn){ place[i], turns->lowest + (unsigned)i };
	return true;
}

static unsigned digit_of(const Turns *turns, const Turn *turn, unsigned shift)
{
	return (turn->number - turns->lowest) >> shift & (DIGITS - 1);
}

/* Those that have the same digit stay in their order. */
static void sort_by_digit(const Turns *turns, Turn *to, unsigned shift)
{
	size_t places[DIGITS] = { 0 };
	size_t before = 0;

	for (size_t i = 0; i < turns->count; i++)
		places[digit_of(turns, &turns->turn[i], shift)]++;
	for (unsigned digit = 0; digit < DIGITS; digit++) {
		size_t count = places[digit];

		places[digit] = before;
		before += count;
	}
	for (size_t i = 0; i < turns->count; i++)
		to[places[digit_of(turns, &turns->turn[i], shift)]++] = turns->turn[i];
}

static void sort_by_digits(Turns *turns)
{
	unsigned bits = g_bit_storage(turns->highest - turns->lowest);
	Turn *other = g_new(Turn, turns->room);

	for (unsigned shift = 0; shift < bits; shift += DIGIT_BITS) {
		Turn *sorted = other;

		sort_by_digit(turns, sorted, shift);
		other = turns->turn;
		turns->turn = sorted;
	}
	g_free(other);
}

void turns_sort(Turns *turns)
{
	size_t places = (size_t)turns->highest - turns->lowest + 1;

	if (!turns->count)
		return;
	/* Nearly all numbers are somebody's, or they are not. */
	if (places / 2 > turns->count || !sort_by_place(turns, places))
		sort_by_digits(turns);
}

void turns_clear(Turns *turns)
{
	g_free(turns->turn);
	*turns = (Turns){ 0 };
}
