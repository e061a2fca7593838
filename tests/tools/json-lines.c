/* Reads JSON, one object a line, and is strict about it: RFC 8259 to the letter, each line an
 * object whose first member is "type", no member twice in one object, UTF-8 without errors. Prints
 * what is wrong, and where; links nothing of the program. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX   32
#define MEMBERS_MAX 64

static const char *at;    /* the next byte of the line */
static const char *start; /* its first one */
static unsigned number;   /* of the line, from 1 */

static void wrong(const char *what)
{
	printf("line %u, byte %td: %s: %.40s\n", number, at - start + 1, what, at);
	exit(1);
}

static void expect(char c)
{
	if (*at != c)
		wrong("another byte is expected here");
	at++;
}

/* RFC 8259 2: only these four; the writer under test uses none, but may. */
static void skip_space(void)
{
	at += strspn(at, " \t\r");
}

/* RFC 3629 4: the shortest form only, no surrogates, nothing beyond U+10FFFF. */
static void read_utf8(void)
{
	const unsigned char *byte = (const unsigned char *)at;
	unsigned more = *byte < 0xc2   ? 9
			: *byte < 0xe0 ? 1
			: *byte < 0xf0 ? 2
			: *byte < 0xf5 ? 3
				       : 9;

	if (more == 9 || (byte[0] == 0xe0 && byte[1] < 0xa0) ||
	    (byte[0] == 0xed && byte[1] > 0x9f) || (byte[0] == 0xf0 && byte[1] < 0x90) ||
	    (byte[0] == 0xf4 && byte[1] > 0x8f))
		wrong("not UTF-8");
	for (unsigned i = 1; i <= more; i++)
		if ((byte[i] & 0xc0) != 0x80)
			wrong("not UTF-8");
	at += more + 1;
}

static void read_string(void)
{
	expect('"');
	while (*at != '"') {
		if ((unsigned char)*at < 0x20)
			wrong("a control character in a string");
		if ((unsigned char)*at >= 0x80) {
			read_utf8();
		} else if (*at++ == '\\') {
			if (!*at || !strchr("\"\\/bfnrtu", *at))
				wrong("an unknown escape");
			if (*at++ == 'u')
				for (int i = 0; i < 4; i++, at++)
					if (!*at || !strchr("0123456789abcdefABCDEF", *at))
						wrong("\\u needs four digits");
		}
	}
	at++;
}

static void read_digits(void)
{
	size_t digits = strspn(at, "0123456789");

	if (!digits)
		wrong("a digit is expected here");
	at += digits;
}

/* RFC 8259 6: no leading zeros, no plus, digits on both sides of the point. */
static void read_number(void)
{
	if (*at == '-')
		at++;
	if (at[0] == '0' && at[1] >= '0' && at[1] <= '9')
		wrong("a number with a leading zero");
	read_digits();
	if (*at == '.') {
		at++;
		read_digits();
	}
	if (*at == 'e' || *at == 'E') {
		at++;
		at += *at == '+' || *at == '-';
		read_digits();
	}
}

static void read_value(int depth);

static void read_object(int depth)
{
	struct {
		const char *text;
		size_t length;
	} names[MEMBERS_MAX];
	int count = 0;

	expect('{');
	skip_space();
	while (*at != '}') {
		const char *name = at;

		if (count == MEMBERS_MAX)
			wrong("more members than this checker has room for");
		read_string();
		names[count].text = name;
		names[count].length = at - name;
		for (int i = 0; i < count; i++)
			if (names[i].length == names[count].length &&
			    memcmp(names[i].text, name, names[i].length) == 0)
				wrong("the member before this occurs twice");
		count++;
		skip_space();
		expect(':');
		read_value(depth + 1);
		if (*at == '}')
			break;
		expect(',');
		skip_space();
		if (*at == '}')
			wrong("a comma before the end of an object");
	}
	at++;
}

static void read_array(int depth)
{
	expect('[');
	skip_space();
	while (*at != ']') {
		read_value(depth + 1);
		if (*at == ']')
			break;
		expect(',');
		skip_space();
		if (*at == ']')
			wrong("a comma before the end of an array");
	}
	at++;
}

static void read_value(int depth)
{
	static const char *const words[] = { "true", "false", "null" };

	if (depth > DEPTH_MAX)
		wrong("nested too deeply");
	skip_space();
	if (*at == '{') {
		read_object(depth);
	} else if (*at == '[') {
		read_array(depth);
	} else if (*at == '"') {
		read_string();
	} else if (*at == '-' || (*at >= '0' && *at <= '9')) {
		read_number();
	} else {
		int i = 0;

		while (i < 3 && strncmp(at, words[i], strlen(words[i])) != 0)
			i++;
		if (i == 3)
			wrong("not a value");
		at += strlen(words[i]);
	}
	skip_space();
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	while ((length = getline(&line, &size, stdin)) > 0) {
		number++;
		start = at = line;
		if (line[length - 1] != '\n')
			wrong("the last line has no end");
		line[length - 1] = '\0';
		if (strlen(line) != (size_t)length - 1)
			wrong("a NUL in the line");
		if (strncmp(line, "{\"type\":\"", 9) != 0)
			wrong("not an object that begins with its type");
		read_value(0);
		if (*at)
			wrong("something behind the object");
	}
	free(line);
	if (!number) {
		printf("no lines at all\n");
		return 1;
	}
	return 0;
}
