/* What images of memory have in common, learned from those that came before. Knows words of 32
 * bits; knows not what they are of. */
#include "flow/patterns.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* Patterns that there may be, their numbers being from 1 on, and what stands for a class that none
 * is made for any more. */
#define PATTERNS_MAX 254u
#define GIVEN_UP     255u

/* A word that is no constant. */
typedef struct {
	uint16_t word;    /* which */
	uint16_t number;  /* the number that it follows */
	uint32_t further; /* and how much more it is */
} Variable;

typedef struct {
	uint32_t *constants;                   /* all words; those of variables are 0 */
	Variable *variables;                   /* by @word */
	unsigned variable_count;               /* of them */
	uint16_t source[PATTERNS_NUMBERS_MAX]; /* for each number, a word that is as it is */
	unsigned number_count;                 /* of them */
} Pattern;

struct Patterns {
	unsigned words;                       /* of an image */
	uint8_t by_class[PATTERNS_CLASSES];   /* the pattern that is tried; 0: none yet */
	Pattern *patterns[PATTERNS_MAX + 1u]; /* from 1 on */
	unsigned count;                       /* of them */
};

Patterns *patterns_new(unsigned words)
{
	Patterns *patterns = g_new0(Patterns, 1);

	g_assert(words <= UINT16_MAX);
	patterns->words = words;
	return patterns;
}

static void pattern_free(Pattern *pattern)
{
	g_free(pattern->constants);
	g_free(pattern->variables);
	g_free(pattern);
}

void patterns_free(Patterns *patterns)
{
	if (!patterns)
		return;
	for (unsigned i = 1; i <= patterns->count; i++)
		pattern_free(patterns->patterns[i]);
	g_free(patterns);
}

/* Makes @class use a new pattern; NULL: none is made for it any more. */
static void set_pattern(Patterns *patterns, unsigned class, Pattern *pattern)
{
	if (pattern)
		patterns->patterns[++patterns->count] = pattern;
	patterns->by_class[class] = (uint8_t)(pattern ? patterns->count : GIVEN_UP);
}

/* --- Learning -------------------------------------------------------------------------------- */

/* With no variable at all. */
static Pattern *copy_of(const Patterns *patterns, const uint32_t *image)
{
	Pattern *pattern = g_new0(Pattern, 1);

	pattern->constants = g_new(uint32_t, patterns->words);
	memcpy(pattern->constants, image, patterns->words * sizeof(*image));
	pattern->variables = g_new(Variable, patterns->words);
	return pattern;
}

/* The words of an image that differ by as much from what was to be expected of them, and followed
 * the same number so far: they have a number of their own from now on. */
typedef struct {
	uint32_t differ; /* by how much */
	int followed;    /* the number; -1: they were constants */
	uint32_t base;   /* the first one's constant, or how much further it was */
} Group;

/* What is left of a pattern for an image that does not fit; NULL: too little. @rest is what
 * subtract() left of it. */
static Pattern *loosen(const Patterns *patterns, const Pattern *old, const uint32_t *rest)
{
	Pattern *pattern = copy_of(patterns, old->constants);
	Group groups[PATTERNS_NUMBERS_MAX];
	unsigned known = old->number_count, count = 0;

	memcpy(pattern->source, old->source, sizeof(pattern->source));
	for (unsigned word = 0, i = 0; word < patterns->words; word++) {
		uint32_t differ = rest[word] - old->constants[word];
		bool varies = i < old->variable_count && old->variables[i].word == word;
		const Variable *variable = varies ? &old->variables[i++] : NULL;
		uint32_t base = variable ? variable->further : old->constants[word];
		int followed = variable ? variable->number : -1;
		unsigned group = 0;

		if (!differ && variable)
			pattern->variables[pattern->variable_count++] = *variable;
		if (!differ)
			continue;
		while (group < count &&
		       !(groups[group].differ == differ && groups[group].followed == followed))
			group++;
		if (known + group == PATTERNS_NUMBERS_MAX) {
			pattern_free(pattern);
			return NULL;
		}
		if (group == count) {
			groups[count++] = (Group){ differ, followed, base };
			pattern->source[known + group] = (uint16_t)word;
		}
		pattern->constants[word] = 0;
		pattern->variables[pattern->variable_count++] =
			(Variable){ (uint16_t)word, (uint16_t)(known + group),
				    base - groups[group].base };
	}
	pattern->number_count = known + count;
	return pattern;
}

/* --- Using ----------------------------------------------------------------------------------- */

/* Takes from an image what is to be expected of its variables: one that fits is its constants then.
 */
static void subtract(const Pattern *pattern, const uint32_t *numbers, uint32_t *image)
{
	for (unsigned i = 0; i < pattern->variable_count; i++) {
		const Variable *variable = &pattern->variables[i];

		image[variable->word] -= numbers[variable->number] + variable->further;
	}
}

static void add(const Pattern *pattern, const uint32_t *numbers, uint32_t *image)
{
	for (unsigned i = 0; i < pattern->variable_count; i++) {
		const Variable *variable = &pattern->variables[i];

		image[variable->word] += numbers[variable->number] + variable->further;
	}
}

unsigned patterns_take(Patterns *patterns, unsigned class, uint32_t *image,
		       uint32_t numbers[PATTERNS_NUMBERS_MAX])
{
	g_assert(class < PATTERNS_CLASSES);
	if (!patterns->by_class[class] && patterns->count < PATTERNS_MAX)
		set_pattern(patterns, class, copy_of(patterns, image));
	while (patterns->by_class[class] && patterns->by_class[class] != GIVEN_UP) {
		const Pattern *pattern = patterns->patterns[patterns->by_class[class]];
		Pattern *looser = NULL;

		for (unsigned i = 0; i < pattern->number_count; i++)
			numbers[i] = image[pattern->source[i]];
		subtract(pattern, numbers, image);
		if (!memcmp(image, pattern->constants, patterns->words * sizeof(*image)))
			return patterns->by_class[class];
		if (patterns->count < PATTERNS_MAX)
			looser = loosen(patterns, pattern, image);
		set_pattern(patterns, class, looser);
		add(pattern, numbers, image);
	}
	return 0;
}

unsigned patterns_count(const Patterns *patterns, unsigned pattern)
{
	return patterns->patterns[pattern]->number_count;
}

void patterns_make(const Patterns *patterns, unsigned pattern, const uint32_t *numbers,
		   unsigned from, unsigned count, uint32_t *image)
{
	const Pattern *made = patterns->patterns[pattern];

	memcpy(image, made->constants + from, count * sizeof(*image));
	for (unsigned i = 0; i < made->variable_count; i++) {
		const Variable *variable = &made->variables[i];

		if (variable->word >= from + count)
			break;
		if (variable->word >= from)
			image[variable->word - from] =
				numbers[variable->number] + variable->further;
	}
}
