/* Numbers as decimal digits. Knows digits; knows nothing of what they mean. */
#include "base/digits.h"

char *digits_large(char *at, uint64_t number)
{
	uint64_t before = number / DIGITS_EIGHT;

	/* All that 32 bits can hold. */
	if (before >= 10 && before < 100) {
		*at++ = (char)('0' + before / 10);
		*at++ = (char)('0' + before % 10);
	} else {
		at = digits_put(at, before);
	}
	return digits_fixed(at, number - before * DIGITS_EIGHT, 8);
}
