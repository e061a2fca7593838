#!/bin/sh
# How much of the source the tests run: make coverage. To be run in a build folder of configure --enable-coverage after the
# tests. Prints lines and branches of the folders that read packets and infer states, file by file, and writes
# coverage/index.html for all of the source. The exit status is 1 when less than BRANCHES per cent of the branches of one of
# these folders were taken.
#
# A branch of an assertion that fails is none: no test can take it. So are g_assert() and its kind left out, and nothing
# else is.
set -eu

: "${BRANCHES:=90}"
top=$(cd "$(dirname "$0")/.." && pwd)

command -v gcovr > /dev/null || {
	echo "make coverage: gcovr is not installed (Debian: gcovr)"
	exit 2
}
gcovr -r "$top" --object-directory=. --filter "$top/src/" --exclude-branches-by-pattern '^\s*g_assert.*' \
	--json coverage.json .
mkdir -p coverage
gcovr -r "$top" -a coverage.json --html-details coverage/index.html
status=0
for folder in src/decode src/tcp; do
	echo
	echo "$folder"
	gcovr -r "$top" -a coverage.json --filter "$top/$folder/"
	gcovr -r "$top" -a coverage.json --filter "$top/$folder/" --branches --fail-under-branch "$BRANCHES" || status=1
done
exit $status
