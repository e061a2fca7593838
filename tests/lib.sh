# TAP for the tests in shell: ok, is, skip, and the plan at the end by done_testing.
# Every name that begins with tap_ is this file's; $tmp is a folder that goes when the test ends.
# shellcheck shell=sh

: "${abs_top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
tap_count=0

# result STATUS NAME [DIAGNOSTIC]...
result()
{
	tap_count=$((tap_count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tap_count - $2"
		return
	fi
	echo "not ok $tap_count - $2"
	shift 2
	[ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
}

# ok NAME COMMAND [ARGUMENT]...: the command succeeds; what it wrote is the diagnostic when not.
ok()
{
	tap_name=$1
	shift
	tap_status=0
	tap_output=$("$@" 2>&1) || tap_status=$?
	result "$tap_status" "$tap_name" "$* exited with status $tap_status" "$tap_output"
}

# is NAME GOT WANTED: two texts are equal.
is()
{
	tap_status=0
	[ "$2" = "$3" ] || tap_status=1
	result "$tap_status" "$1" "got:" "$2" "wanted:" "$3"
}

# skip NAME REASON
skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# skip_all REASON: nothing of this file can be tested here.
skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

done_testing()
{
	echo "1..$tap_count"
}
