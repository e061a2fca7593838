# The exit status: 0 fine, 1 found by --fail-on, 2 an error, which outranks 1; and how a run ends that is interrupted.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
# shellcheck source=tests/cli/run.sh
. "$abs_top_srcdir/tests/cli/run.sh"

clean=$captures/connect-close.pcap
refused=$captures/refused.pcap

# ---- --fail-on ----

for view in --summary --timeline --connections --anomalies --histogram --hosts; do
	run -r "$refused" "$view" --fail-on connection-refused
	is "$view --fail-on: found" "$status $(cat "$tmp/err")" '1 '
	run -r "$clean" "$view" --fail-on connection-refused
	is "$view --fail-on: not found" "$status" '0'
done
ok "what was asked for is printed all the same" grep -q . "$tmp/out"
run -r "$refused" --fail-on half-open,stuck-close-wait
is "--fail-on: another kind" "$status" '0'
run -r "$refused" --fail-on half-open,connection-refused
is "--fail-on: one of several kinds" "$status" '1'
run -r "$refused" --fail-on half-open --fail-on connection-refused
is "--fail-on twice" "$status" '1'
run -r "$refused" --fail-on any
is "--fail-on any: a warning was found" "$status" '1'
run -r "$clean" --fail-on any
is "--fail-on any: nothing in a clean connection" "$status" '0'
# Frame 4 repeats the SYN after a second (captures/README.md): routine, and still a kind that can be asked for.
run -r "$captures/syn-lost.pcap" --fail-on syn-retransmitted
is "--fail-on and a kind that is routine" "$status" '1'
run -r "$captures/syn-lost.pcap" --fail-on any
is "--fail-on any: what is routine does not count" "$status" '0'
run -r "$refused" --connections --connection 2 --fail-on connection-refused
is "--fail-on: of all connections, whatever is selected" "$status" '1'
run -r "$captures/half-open-reboot.pcap" --connections --at +0.1 --fail-on half-open
is "--fail-on: of what was up to --at" "$status" '0'
run -r "$refused"
is "without --fail-on nothing that is found is a failure" "$status" '0'

# The last record loses its last byte: the first frame is there, and so is what it shows.
head -c -1 "$captures/connect-timeout.pcap" > "$tmp/cut.pcap"
run -r "$tmp/cut.pcap" --json --fail-on syn-retransmitted
is "an error outranks what was found" "$status" '2'
ok "... which is printed all the same" grep -q '"syn-retransmitted":[1-9]' "$tmp/out"

# ---- writing ----

if [ -c /dev/full ]; then
	for words in --summary "--timeline --json" -h --version -D; do
		status=0
		# shellcheck disable=SC2086
		"$WIRESTATE" -r "$clean" $words > /dev/full 2> "$tmp/err" || status=$?
		is_error "a full disk: $words" 'cannot write to standard output: No space left'
	done
	run -r "$clean" --output /dev/full
	is_error "a full disk: --output" 'cannot write to /dev/full: No space left'
	status=0
	"$WIRESTATE" -r "$refused" --fail-on any > /dev/full 2> "$tmp/err" || status=$?
	is "a full disk outranks what was found" "$status" '2'
else
	skip "a full disk" "no /dev/full"
fi
status=0
"$WIRESTATE" -r "$clean" >&- 2> "$tmp/err" || status=$?
is_error "standard output is closed" 'cannot write to standard output: Bad file descriptor'
status=0
"$WIRESTATE" -r "$clean" --output "$tmp/there" <&- >&- 2> "$tmp/err" || status=$?
is "standard streams that are not needed may be closed" "$status $(cat "$tmp/err")" '0 '
ok "... and the views arrive" grep -q . "$tmp/there"

if [ -c /dev/full ]; then
	# Open for both, so that it never ends; the capture fits into the pipe.
	mkfifo "$tmp/endless"
	exec 3<> "$tmp/endless"
	cat "$clean" >&3
	begin -r "$tmp/endless" --timeline -l --output /dev/full
	finish
	exec 3>&-
	is_error "reading ends when nothing can be written any more" 'cannot write to /dev/full: No space left'
else
	skip "reading ends when nothing can be written any more" "no /dev/full"
fi

# into_closed_pipe COMMAND...: its standard output is a pipe that nobody reads any more; sets $status.
into_closed_pipe()
{
	rm -f "$tmp/closed" "$tmp/status"
	{
		wait_for test -e "$tmp/closed"
		status=0
		"$@" 2> "$tmp/err" || status=$?
		echo "$status" > "$tmp/status"
	} | {
		exec <&-
		: > "$tmp/closed"
	}
	status=$(cat "$tmp/status")
}
ignoring_sigpipe()
{
	(trap '' PIPE && exec "$@")
}
into_closed_pipe ignoring_sigpipe "$WIRESTATE" -r "$clean"
is_error "a closed pipe, with SIGPIPE ignored" 'cannot write to standard output: Broken pipe'
if env --default-signal=PIPE true 2> /dev/null; then
	into_closed_pipe env --default-signal=PIPE "$WIRESTATE" -r "$clean"
	# 128 + SIGPIPE, as the shell says it: the end of a pipeline has had enough.
	is "a closed pipe is a quiet end, as usual" "$status $(cat "$tmp/err")" '141 '
else
	skip "a closed pipe is a quiet end, as usual" "env cannot restore SIGPIPE"
fi

# ---- interrupted ----

for signal in INT TERM; do
	rm -f "$tmp/pipe"
	mkfifo "$tmp/pipe"
	exec 3<> "$tmp/pipe"
	cat "$clean" >&3
	begin -r "$tmp/pipe" --timeline --connections --json -l
	ok "SIG$signal: it waits for more" wait_for grep -q '"frame":11,' "$tmp/out"
	kill -s "$signal" "$pid"
	finish
	exec 3>&-
	is "SIG$signal ends a long read cleanly" "$status $(cat "$tmp/err")" '0 '
	is "... with what was seen" "$(states)" '1 TIME_WAIT CLOSED'
done

done_testing
