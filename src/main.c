/* The program: options, input, views, exit status. Knows no protocol. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts(PACKAGE_STRING);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		puts("usage: wirestate --help | --version");
		return 0;
	}
	fputs("usage: wirestate --help | --version\n", stderr);
	return 2;
}
