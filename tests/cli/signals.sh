# SIGINT and SIGTERM end the reading, and what was read is reported; SIGUSR1 asks for the summary so far. Each step
# waits for what shows that the one before it is done.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
# shellcheck source=tests/cli/run.sh
. "$abs_top_srcdir/tests/cli/run.sh"

refused=$captures/refused.pcap
many=$tmp/web.pcap
"${abs_top_builddir:?}/tests/bench/generate" -x 0.005 web > "$many"

# open_pipe: an input that ends at exec 3>&-, and not before.
open_pipe()
{
	rm -f "$tmp/pipe"
	mkfifo "$tmp/pipe"
	exec 3<> "$tmp/pipe"
}

# listening: the process catches SIGUSR1, which would end it before.
listening()
{
	[ $((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$pid/status") & 0x200)) != 0 ]
}

# asked PATTERN: asks for the summary; true once standard error has it.
asked()
{
	kill -s USR1 "$pid"
	grep -qE "$1" "$tmp/err"
}

# ---- SIGUSR1 ----

open_pipe
# All but the last frame's last byte: it waits in the middle of a frame.
head -c "$(($(wc -c < "$refused") - 1))" "$refused" >&3
begin -r "$tmp/pipe" --histogram
wait_for listening
ok "it waits in the middle of a frame" wait_for grep -q '^State:.S' "/proc/$pid/status"
ok "SIGUSR1 is answered there" wait_for asked ': 1 frame, 1 TCP segment, 1 connection,'
ok "... with the states so far" grep -q '^States    SYN_SENT *1  ' "$tmp/err"
ok "... and no word of anomalies, which were not looked for" [ "$(grep -c -i anomal "$tmp/err")" = 0 ]
tail -c 1 "$refused" >&3
ok "reading goes on" wait_for asked ': 2 frames, 2 TCP segments, 1 connection,'
exec 3>&-
finish
run -r "$refused" --histogram
cp "$tmp/out" "$tmp/plain"
is "... to the usual end" "$status $(cat "$tmp/out")" "0 $(cat "$tmp/plain")"

open_pipe
cat "$refused" >&3
begin -r "$tmp/pipe"
wait_for listening
ok "SIGUSR1 with --summary" wait_for asked '^Time '
exec 3>&-
finish
lines=$(wc -l < "$tmp/out")
is "... says what that would say now" "$(head -n "$lines" "$tmp/err")" "$(cat "$tmp/out")"

open_pipe
cat "$refused" >&3
begin -r "$tmp/pipe" --json --timeline -l
wait_for listening
ok "SIGUSR1 with another view" wait_for asked '^Time '
exec 3>&-
finish
ok "... counts the anomalies" grep -qx 'Anomalies 1 connection-refused' "$tmp/err"
is "... and disturbs nothing" "$status $(objects header | wc -l) $(objects segment | wc -l)" '0 1 2'

open_pipe
cat "$refused" >&3
begin -r "$tmp/pipe" --connection 7
wait_for listening
ok "SIGUSR1 with a selection" wait_for asked '^Time '
kill -s INT "$pid"
finish
exec 3>&-
ok "... is of all that was read" grep -q ': 2 frames, 2 TCP segments, 1 connection,' "$tmp/err"
ok "... which the view is not" grep -q ': 2 frames, 0 TCP segments, 0 of 1 connection$' "$tmp/out"

# ---- an output that is held up ----

# A file is never waited for: a sleeper waits for room in the pipe that it writes to.
stuck()
{
	grep -q '^State:.S' "/proc/$pid/status"
}

# hold_up: wirestate writes to a pipe that nobody reads.
hold_up()
{
	rm -f "$tmp/held"
	mkfifo "$tmp/held"
	exec 4<> "$tmp/held"
	begin -n -r "$many" --timeline --output "$tmp/held"
	wait_for stuck
}

# no_handler MASK: the process does not catch these signals (SIGINT is 2).
no_handler()
{
	[ $((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$pid/status") & $1)) = 0 ]
}

"$WIRESTATE" -n -r "$many" --timeline > "$tmp/plain"
hold_up
kill -s USR1 "$pid"
wait_for stuck
cat "$tmp/held" > "$tmp/got" 4>&- &
exec 4>&-
finish
ok "SIGUSR1 while the output is held up loses nothing of it" cmp "$tmp/got" "$tmp/plain"
is "... and is answered" "$status $(grep -c '^Time ' "$tmp/err")" '0 1'

hold_up
kill -s INT "$pid"
ok "SIGINT while the output is held up is heard" wait_for no_handler 2
cat "$tmp/held" > "$tmp/got" 4>&- &
exec 4>&-
finish
is "... ends the reading" "$status $(cat "$tmp/err")" '0 '
lines=$(wc -l < "$tmp/got")
ok "... and what was read comes out whole" [ "$(head -n "$lines" "$tmp/plain")" = "$(cat "$tmp/got")" ]
ok "... and no more" [ "$lines" -lt "$(wc -l < "$tmp/plain")" ]

for second in INT.130 TERM.143; do
	wanted=${second#*.}
	second=${second%.*}
	hold_up
	kill -s INT "$pid"
	ok "SIGINT, and then SIG$second" wait_for no_handler 2
	kill -s "$second" "$pid"
	finish
	exec 4>&-
	is "... ends the program" "$status" "$wanted"
done

done_testing
