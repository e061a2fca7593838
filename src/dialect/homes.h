/* Where other tools' connections live: in the words of which of ours, and who points to them from
 * elsewhere. Knows memory; knows no segment. */
#ifndef WIRESTATE_DIALECT_HOMES_H
#define WIRESTATE_DIALECT_HOMES_H

#include <glib.h>

#include "dialect/wireshark.h"
#include "dialect/zeek.h"

/* What all of our connections between the same endpoints have in common. Most pairs of endpoints
 * have one connection, and no family. */
typedef struct Family {
	unsigned members;            /* connections in memory that are of it */
	ZeekConnection *zeek;        /* the one to which segments go */
	WiresharkStream *stream;     /* the same */
	ZeekConnection *syn_zeek;    /* that took the provisional SYN; NULL: there was none */
	WiresharkStream *syn_stream; /* the same */
} Family;

/* What is kept of a connection that is more than a SYN; or, with no connection of ours, where one
 * of the others' lives. It stays as long as its connection is in memory, or what lives in it is
 * pointed to by others. */
typedef struct Words {
	unsigned holders;        /* its connection, and pointers to what lives in it from outside */
	ZeekConnection own_zeek; /* used unless another one holds its first segment */
	WiresharkStream own_stream; /* the same */
	ZeekConnection *zeek;       /* that holds its first segment; NULL: that is still to come */
	WiresharkStream *stream;    /* the same */
	Family *family;     /* NULL: it is alone, and what holds its first segment is present */
	struct Words *free; /* the next one that is free */
} Words;

/* All of them. */
typedef struct {
	GPtrArray *chunks; /* Words, many in each; owned */
	unsigned used;     /* of the last chunk */
	Words *free;       /* those among them that nobody holds any more */
} Homes;

void homes_init(Homes *homes);
void homes_clear(Homes *homes);

/* One that is all zero, and that nobody holds yet. */
Words *homes_take(Homes *homes);

/* One less holds it: its memory goes with the last. */
void homes_let_go(Homes *homes, Words *words);

/* A pointer @at in @from (NULL: in a family) leads to @zeek or @stream from now on (NULL: to
 * nothing). */
void homes_set_zeek(Homes *homes, const Words *from, ZeekConnection **at, ZeekConnection *zeek);
void homes_set_stream(Homes *homes, const Words *from, WiresharkStream **at,
		      WiresharkStream *stream);

/* The family of @words, made when there is none. */
Family *family_of(Homes *homes, Words *words);
void family_join(Words *words, Family *family);

/* Out of its family, if it has one, which goes with its last member. */
void family_leave(Homes *homes, Words *words);

#endif
