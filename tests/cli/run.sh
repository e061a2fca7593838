# For the tests of the command line: runs wirestate, and takes its JSON apart. Read after lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154

: "${WIRESTATE:=./wirestate}"
captures=$abs_top_srcdir/captures

# run ARGUMENT...: sets $status; what was written is in $tmp/out and $tmp/err.
run()
{
	status=0
	"$WIRESTATE" "$@" > "$tmp/out" 2> "$tmp/err" || status=$?
}

# wrong NAME PATTERN ARGUMENT...: exit status 2 and, on standard error, one line: the program's name, a colon, and
# words that match the extended regular expression. Nothing is said on standard output.
wrong()
{
	run_name=$1
	run_pattern=$2
	shift 2
	run "$@"
	is_error "$run_name" "$run_pattern"
	is "$run_name: nothing is printed" "$(cat "$tmp/out")" ''
}

# is_error NAME PATTERN: the last run was wrong as above, whatever it printed.
is_error()
{
	run_lines=$(wc -l < "$tmp/err" | tr -d ' ')
	if [ "$status" = 2 ] && [ "$run_lines" = 1 ] &&
		sed -n 's/^wirestate: //p' "$tmp/err" | grep -qE -- "$2"; then
		result 0 "$1"
	else
		result 1 "$1" "status $status, $run_lines lines, wanted: $2" "$(cat "$tmp/err")"
	fi
}

# fine NAME ARGUMENT...: exit status 0 and no word on standard error.
fine()
{
	run_name=$1
	shift
	run "$@"
	is "$run_name" "$status: $(cat "$tmp/err")" '0: '
}

# wait_for COMMAND...: until it succeeds; false after half a minute, so that a mistake does not hang the tests.
wait_for()
{
	run_tries=0
	until "$@" 2> /dev/null; do
		run_tries=$((run_tries + 1))
		[ "$run_tries" -lt 600 ] || return 1
		sleep 0.05
	done
}

# begin ARGUMENT...: as run, in the background; its process is $pid.
begin()
{
	rm -f "$tmp/pid" "$tmp/status"
	: > "$tmp/out"
	: > "$tmp/err"
	{
		status=0
		# shellcheck disable=SC2016
		sh -c 'echo $$ > "$0" && exec "$@"' "$tmp/pid" "$WIRESTATE" "$@" \
			> "$tmp/out" 2> "$tmp/err" || status=$?
		echo "$status" > "$tmp/status"
	} 3>&- &
	wait_for test -s "$tmp/pid"
	pid=$(cat "$tmp/pid")
}

# finish: waits for what begin began, and sets $status. What does not end by itself is ended.
finish()
{
	wait_for test -s "$tmp/status" || kill -s KILL "$pid"
	wait
	status=$(cat "$tmp/status")
}

# objects TYPE: the objects of that type in $tmp/out.
objects()
{
	grep "^{\"type\":\"$1\"" "$tmp/out"
}

# values TYPE FIELD: the field in each object of that type, one a line; text without its quotes.
values()
{
	objects "$1" | sed -n "s/.*[{,]\"$2\":\(\"\([^\"]*\)\"\|\[[^]]*\]\|{[^}]*}\|[^,}\"]*\).*/\1/p" | tr -d '"'
}

# value TYPE FIELD: the same on one line.
value()
{
	values "$1" "$2" | tr '\n' ' ' | sed 's/ $//'
}

# states: "N CLIENT SERVER" for each connection.
states()
{
	objects connection | sed -E 's/.*"connection":([0-9]+),.*"client":\{([^}]*)\}.*"server":\{([^}]*)\}.*/\1 \2 | \3/
		s/^([0-9]+) .*"state":"([A-Z_0-9]*)".*\|.*"state":"([A-Z_0-9]*)".*/\1 \2 \3/'
}
