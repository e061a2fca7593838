/* Where other tools' connections live: in the words of which of ours, and who points to them from
 * elsewhere. Knows memory; knows no segment. */
#include "dialect/homes.h"

#include <string.h>

#define WORDS_PER_CHUNK 256

void homes_init(Homes *homes)
{
	*homes = (Homes){ .chunks = g_ptr_array_new_with_free_func(g_free) };
}

void homes_clear(Homes *homes)
{
	for (unsigned at = 0; at < homes->chunks->len; at++) {
		Words *chunk = homes->chunks->pdata[at];
		bool last = at == homes->chunks->len - 1;

		for (unsigned i = 0; i < (last ? homes->used : WORDS_PER_CHUNK); i++) {
			zeek_clear(&chunk[i].own_zeek);
			if (chunk[i].family && !--chunk[i].family->members)
				g_free(chunk[i].family);
		}
	}
	g_ptr_array_unref(homes->chunks);
}

Words *homes_take(Homes *homes)
{
	Words *chunk = homes->free;

	if (chunk) {
		homes->free = chunk->free;
		memset(chunk, 0, sizeof(Words));
		return chunk;
	}
	if (homes->used == WORDS_PER_CHUNK || !homes->chunks->len) {
		g_ptr_array_add(homes->chunks, g_new(Words, WORDS_PER_CHUNK));
		homes->used = 0;
	}
	chunk = homes->chunks->pdata[homes->chunks->len - 1];
	memset(&chunk[homes->used], 0, sizeof(Words));
	return &chunk[homes->used++];
}

static Words *home_of_zeek(ZeekConnection *zeek)
{
	return zeek ? (Words *)((char *)zeek - G_STRUCT_OFFSET(Words, own_zeek)) : NULL;
}

static Words *home_of_stream(WiresharkStream *stream)
{
	return stream ? (Words *)((char *)stream - G_STRUCT_OFFSET(Words, own_stream)) : NULL;
}

void homes_let_go(Homes *homes, Words *words)
{
	if (--words->holders)
		return;
	zeek_clear(&words->own_zeek);
	words->free = homes->free;
	homes->free = words;
}

/* A pointer in @from (NULL: in a family) that led to something in @old leads to something in @home
 * now; who points to what lives in himself does not hold it. */
static void hold(Homes *homes, const Words *from, Words *old, Words *home)
{
	if (home && home != from)
		home->holders++;
	if (old && old != from)
		homes_let_go(homes, old);
}

void homes_set_zeek(Homes *homes, const Words *from, ZeekConnection **at, ZeekConnection *zeek)
{
	ZeekConnection *old = *at;

	*at = zeek;
	hold(homes, from, home_of_zeek(old), home_of_zeek(zeek));
}

void homes_set_stream(Homes *homes, const Words *from, WiresharkStream **at,
		      WiresharkStream *stream)
{
	WiresharkStream *old = *at;

	*at = stream;
	hold(homes, from, home_of_stream(old), home_of_stream(stream));
}

/* --- Families -------------------------------------------------------------------------------- */

Family *family_of(Homes *homes, Words *words)
{
	if (!words->family) {
		words->family = g_new0(Family, 1);
		words->family->members = 1;
		homes_set_zeek(homes, NULL, &words->family->zeek, words->zeek);
		homes_set_stream(homes, NULL, &words->family->stream, words->stream);
	}
	return words->family;
}

void family_join(Words *words, Family *family)
{
	words->family = family;
	family->members++;
}

void family_leave(Homes *homes, Words *words)
{
	Family *family = g_steal_pointer(&words->family);

	if (!family || --family->members)
		return;
	homes_set_zeek(homes, NULL, &family->zeek, NULL);
	homes_set_zeek(homes, NULL, &family->syn_zeek, NULL);
	homes_set_stream(homes, NULL, &family->stream, NULL);
	homes_set_stream(homes, NULL, &family->syn_stream, NULL);
	g_free(family);
}
