/* One way of compressing, behind one shape for all libraries. Knows zlib, libzstd, liblzma and
 * liblz4; knows no file. Used in this folder only. */
#ifndef WIRESTATE_CAPTURE_CODEC_H
#define WIRESTATE_CAPTURE_CODEC_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
	CODEC_MORE, /* goes on */
	CODEC_DONE, /* what was compressed at once ends here; the file may hold more of it */
	CODEC_BAD,  /* the data are damaged */
} CodecResult;

/* What is to be decompressed, and where to. Both are moved on by what was taken and given. */
typedef struct {
	const uint8_t *in; /* compressed bytes */
	size_t in_left;    /* how many */
	uint8_t *out;      /* room */
	size_t out_left;   /* how much */
	const char *why;   /* the library's words for CODEC_BAD, or NULL */
} CodecBuffers;

typedef struct {
	const char *name;    /* what compressed it */
	const char *program; /* writes it decompressed to standard output */
	uint8_t length;      /* bytes of @magic */
	uint8_t magic[6];    /* the data's first bytes */
	/* The library's; NULL where the build has it not. */
	void *(*begin)(void);
	CodecResult (*run)(void *state, CodecBuffers *buffers);
	void (*end)(void *state);
} Codec;

/* All that are known, ended by one without a name. */
extern const Codec codecs[];

#endif
