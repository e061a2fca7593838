/* What the fuzz targets have in common. Each target is a file with one LLVMFuzzerTestOneInput(),
 * which libFuzzer, AFL++ and driver.c call alike. A target ends the program when something is
 * wrong: by a sanitizer, an assertion, or its limits of time and memory. */
#ifndef WIRESTATE_TESTS_FUZZ_H
#define WIRESTATE_TESTS_FUZZ_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/input.h"

/* For what a target does with each byte that was written: where that leads an engine need not
 * learn.
 */
#ifdef __clang__
#define FUZZ_UNSEEN __attribute__((no_sanitize("coverage", "address")))
#else
#define FUZZ_UNSEEN
#endif

/* Called once before the first input. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* One input; it is @size bytes long. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Makes @data a file and returns its path, valid until the next call. It is in memory only. */
const char *fuzz_file(const uint8_t *data, size_t size);

/* The link types that frames are fuzzed with: all that decode_knows_linktype() knows, and one that
 * it does not, at the end. */
extern const int fuzz_linktypes[];
extern const size_t fuzz_linktype_count;

/* No more frames of an input than this are looked at: a few compressed bytes may become millions.
 */
#define FUZZ_FRAMES_MAX 50000

#endif
