# The line that says how far reading has come: on a terminal only, and never left behind. What is shown is compared,
# never how fast it was.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
# shellcheck source=tests/cli/run.sh
. "$abs_top_srcdir/tests/cli/run.sh"

command -v python3 > /dev/null || skip_all "no python3, which makes terminals"
python3 -c 'import pty; pty.openpty()' 2> /dev/null || skip_all "no terminal can be made here"

# Enough for several looks at the clock.
capture=$tmp/web.pcap
"${abs_top_builddir:?}/tests/bench/generate" -x 0.005 web > "$capture"

# on_terminal OPTION... COMMAND...: what the terminal got is in $tmp/terminal.
on_terminal()
{
	terminal_options=
	while :; do
		case $1 in
		-w) terminal_options="$terminal_options $1 $2"; shift 2 ;;
		-?) terminal_options="$terminal_options $1"; shift ;;
		*) break ;;
		esac
	done
	status=0
	# shellcheck disable=SC2086
	python3 "$abs_top_srcdir/tests/tools/on-terminal" $terminal_options "$tmp/terminal" "$@" || status=$?
}

# drawn: the lines that were drawn over each other, one a line.
drawn()
{
	tr '\r' '\n' < "$tmp/terminal" | sed 's/ *$//' | grep '^wirestate: '
}

count='[1-9][0-9,]* frames, [0-9][0-9,]* frames/s'
line="wirestate: ([0-9]|[1-9][0-9]|100)%, $count, [0-9]+:[0-9][0-9] left"

# ---- what is shown ----

unset WIRESTATE_PROGRESS_DELAY
on_terminal "$WIRESTATE" -r "$captures/lab/README.md"
is "an error message is not part of it" "$status $(tr '\r' '\n' < "$tmp/terminal" | grep -c frames/s)" '2 0'
# Draws at the first look, after 4096 frames.
export WIRESTATE_PROGRESS_DELAY=0
on_terminal "$WIRESTATE" -r "$capture" --output "$tmp/out"
is "a capture is read at a terminal" "$status" 0
ok "share, frames, speed and time left are shown" drawn
is "... in these words" "$(drawn | grep -vxE "$line")" ''
is "the first line counts the first frames" "$(drawn | sed -n '1s/.*%, \(.*\),... frames,.*/\1/p')" '4'
on_terminal -s "$WIRESTATE" -r "$capture" --output "$tmp/out"
is "nothing is left of it" "$(cat "$tmp/terminal")" ''
on_terminal -w 20 "$WIRESTATE" -r "$capture" --output "$tmp/out"
is "a narrow terminal gets what it has room for" "$(drawn | sed -n 1p | wc -c)" 20
on_terminal "$WIRESTATE" -r - --output "$tmp/out" < "$capture"
ok "that of standard input is shown when it is a file" [ "$(drawn | grep -cxE "$line")" -ge 1 ]
mkfifo "$tmp/pipe"
cat "$capture" > "$tmp/pipe" &
on_terminal "$WIRESTATE" -r "$tmp/pipe" --output "$tmp/out"
ok "the length of a pipe is not known" [ "$(drawn | grep -cxE "wirestate: $count")" -ge 1 ]
is "... and no share of it shown" "$(drawn | grep %)" ''

# ---- when it is shown ----

export WIRESTATE_PROGRESS_DELAY=1000
on_terminal "$WIRESTATE" -r "$capture" --output "$tmp/out"
is "short work has no line" "$status $(cat "$tmp/terminal")" '0 '
export WIRESTATE_PROGRESS_DELAY=0
fine "there is none where standard error is no terminal" -r "$capture"
WIRESTATE_TRACE=clock on_terminal "$WIRESTATE" -r "$capture" --output "$tmp/out"
is "nor beside a trace" "$(drawn | grep frames/s)" ''
export WIRESTATE_PROGRESS_DELAY=soon
run -r "$capture"
is "a delay that is none is told" "$status $(cat "$tmp/err")" \
	"0 wirestate: warning: WIRESTATE_PROGRESS_DELAY: 'soon' is no number of seconds"
unset WIRESTATE_PROGRESS_DELAY
# Without the variable it is shown after a while, however long this machine takes: the input goes on until then.
python3 "$abs_top_srcdir/tests/tools/on-terminal" "$tmp/terminal" "$WIRESTATE" -r "$tmp/pipe" --output "$tmp/out" &
{
	cat "$capture"
	# Past the global header come the same frames once more.
	wait_for sh -c 'tail -c +25 "$1" && grep -q frames/s "$2"' sh "$capture" "$tmp/terminal" ||
		: > "$tmp/never"
} > "$tmp/pipe"
wait
ok "long work has one by itself" test ! -e "$tmp/never"

# ---- together with what is printed ----

export WIRESTATE_PROGRESS_DELAY=0 TERM=dumb
run -r "$capture"
cp "$tmp/out" "$tmp/plain"
on_terminal -b -w 80 "$WIRESTATE" -r "$capture"
ok "it is shown before a summary on the same terminal" drawn
on_terminal -b -s -w 80 "$WIRESTATE" -r "$capture"
ok "... which then stands there alone" cmp "$tmp/terminal" "$tmp/plain"
head -c 500000 "$capture" > "$tmp/cut.pcap"
on_terminal -b -s -w 200 "$WIRESTATE" -r "$tmp/cut.pcap" --histogram
ok "so does an error message" grep -q "^wirestate: $tmp/cut.pcap: frame .* cut off" "$tmp/terminal"
run -n -r "$capture" --timeline
cp "$tmp/out" "$tmp/plain"
on_terminal -b "$WIRESTATE" -n -r "$capture" --timeline
ok "lines that come while it reads are alone on their terminal" cmp "$tmp/terminal" "$tmp/plain"
on_terminal "$WIRESTATE" -n -r "$capture" --timeline | cmp - "$tmp/plain" || : > "$tmp/differ"
ok "... and come through a pipe" test ! -e "$tmp/differ"
is "... whose reader has the terminal for itself" "$(cat "$tmp/terminal")" ''
on_terminal "$WIRESTATE" -n -r "$capture" --timeline > "$tmp/out"
ok "a file keeps both apart" drawn
ok "... and loses nothing" cmp "$tmp/out" "$tmp/plain"
on_terminal "$WIRESTATE" -r "$capture" --anomalies --json | grep -c '"type":"anomaly"' > "$tmp/said"
is "anomalies as JSON are such lines" "$(cat "$tmp/terminal")" ''

done_testing
