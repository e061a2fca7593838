/* Reads the words of a scenario: numbers, times, flags, TCP options. Knows nothing of connections
 * and of what a line is made of. */

#ifndef TESTS_TOOLS_WORDS_H
#define TESTS_TOOLS_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* Nanoseconds in a second. */
#define WORDS_SECOND INT64_C(1000000000)

/* The most words on a line. */
#define WORDS_MAX 32

/* Where we are, for messages. */
extern const char *words_source;
extern unsigned words_line;

/* Ends the program: nothing in a scenario is forgiven, a test must not test something else. */
void words_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* A number of that base, from 0 to `limit`. */
uint32_t words_number(const char *text, int base, uint32_t limit);

/* Decimal seconds as nanoseconds, exactly. */
int64_t words_time(const char *text);

/* A sequence number relative to an ISN; it may be negative, and one after `=` is absolute. */
uint32_t words_seq(const char *text, uint32_t isn);

/* Cuts the text at any of the separators and returns the number of words, at most WORDS_MAX. */
unsigned words_split(char *text, const char *separators, char **word);

/* TCP flags as tcpdump's letters (`S.`, `FP.`), or `none`. */
uint8_t words_flags(const char *text);

/* TCP options, separated by commas, padded with no-operations. Returns their length, at most 40.
 * SACK blocks are relative to the ISN of the other end, whose bytes they report. */
size_t words_options(uint8_t *p, char *text, uint32_t peer_isn);

#endif
