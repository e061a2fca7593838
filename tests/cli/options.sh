# What each option asks for is done, and what makes no sense is refused with one line that says so.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
# shellcheck source=tests/cli/run.sh
. "$abs_top_srcdir/tests/cli/run.sh"

file=$captures/connect-close.pcap

# ---- help ----

fine "--version" --version
ok "--version: name and number, alone on their line" grep -qxE 'wirestate [0-9]+(\.[0-9]+)+' "$tmp/out"
fine "--help" --help
mv "$tmp/out" "$tmp/help"
fine "-h" -h
is "-h says what --help says" "$(cat "$tmp/out")" "$(cat "$tmp/help")"
is "the help fits into 80 columns" "$(awk 'length($0) > 80' "$tmp/help")" ''
# The words of CONTRACT: every option that the manual has must be found.
for word in -r -V -i -D -n -c -s -p -B -F -S -e -v -q '-#' -l -t -Z -h --version --summary --timeline \
	--connections --anomalies --histogram --hosts --at --local --connection --state --older --sort --top \
	--json --fail-on --msl --stuck --nano --output --vlan; do
	ok "the help names $word" grep -qE -- "(^|[ ,])$word( |,|\$)" "$tmp/help"
done
fine "the first of --help and --version wins" --version --help
ok "... and it is that one" grep -q '^wirestate [0-9]' "$tmp/out"
fine "-D" -D

# ---- what is refused ----

wrong "nothing at all" 'nothing to read.*-r FILE.*-i'
wrong "an expression alone" 'nothing to read' tcp
wrong "a file without -r" "wirestate -r $file" "$file"
wrong "a file and an interface" 'not both' -r "$file" -i lo
wrong "an unknown letter" 'unknown option -X' -X -r "$file"
wrong "an unknown letter in a cluster" 'unknown option -y' -nyS -r "$file"
wrong "an unknown word" 'unknown option --foo' --foo -r "$file"
wrong "an unclear word" "'--hi?' is not clear|unknown option --h" --h -r "$file"
wrong "a word with one dash" '--timeline is an option' -timeline -r "$file"
wrong "an argument too many" '--json takes no argument' --json=yes -r "$file"
for word in --at --local --connection --state --older --sort --top --fail-on --msl --stuck --output -c -s -B -F -V; do
	wrong "$word without its argument" "^$word needs an argument" -r "$file" "$word"
done
for words in "-w $tmp/x.pcap" --print --ladder "--every 1" "--explain reset" --explain; do
	# shellcheck disable=SC2086
	wrong "$words, which a later version will have" "^${words%% *} is not available in this version" \
		-r "$file" $words
done

for word in x 1x '' -1 0 +1 ' 1' 0x10 99999999999999999999; do
	wrong "-c '$word'" "-c: '.*' is not" -r "$file" -c "$word"
	wrong "--top '$word'" "--top: '.*' is not" -r "$file" --top "$word"
	wrong "--connection '$word'" "--connection: " -r "$file" --connection "$word"
done
wrong "--connection 1,,2" "--connection: ''" -r "$file" --connection 1,,2
for word in 262145 -1 x; do
	wrong "-s $word" "-s: '$word' is not a number from 0 to 262144" -r "$file" -s "$word"
done
wrong "-B x" "-B: 'x'" -r "$file" -B x
wrong "-tttttt" 'only -t, -tt, -ttt, -tttt and -ttttt' -r "$file" -tttttt
for word in x '' -1 1e3 1s 1.2.3 99999999999; do
	for option in --older --msl --stuck; do
		wrong "$option '$word'" "^$option: '$word' is not a number of seconds" -r "$file" \
			"$option" "$word"
	done
done
wrong "--msl 0" "--msl: '0'.* above 0" -r "$file" --msl 0
wrong "--stuck 0" "--stuck: '0'.* above 0" -r "$file" --stuck 0
wrong "an unknown state" "'closing-wait' is no state.*CLOSE_WAIT.*TIME_WAIT" -r "$file" --state CLOSED,closing-wait
wrong "no state" "--state: " -r "$file" --state ''
wrong "an unknown kind" "'resets' is no kind.*any, .*reset, .*half-open" -r "$file" --fail-on half-open,resets
wrong "no kind" "--fail-on: " -r "$file" --fail-on ''
wrong "an unknown key" "'size' is no key.*number.*bytes" -r "$file" --sort size
wrong "an unknown way with VLANs" "'together'.*separate" -r "$file" --vlan=together
for word in x '' 12:00 24:00:00 12:60:00 +x + 1.2.3 -5 now 2023-01-01; do
	wrong "--at '$word'" "--at: '[^']*' is not a time.*HH:MM:SS.*[+]SECONDS" -r "$file" --histogram --at "$word"
done
wrong "--at with the default view" '--at needs --connections, --histogram or --hosts' -r "$file" --at +1
for view in --summary --timeline --anomalies; do
	wrong "--at with $view" '--at needs --connections' -r "$file" --at +1 --hosts "$view"
done
wrong "--at and an interface" '--at' -i lo --at +1 --hosts
for word in host 1.2.3 10.0.0.0/33 ::/129 10.0.0.1/ 10.0.0.1/x ''; do
	wrong "--local '$word'" "--local: '.*' is neither" -r "$file" --hosts --local "$word"
done
if [ "$(id -u)" = 0 ]; then
	wrong "-Z and a user that does not exist" 'no-such-user' -r "$file" -Z no-such-user
else
	fine "-Z means nothing to those who are not root" -r "$file" -Z no-such-user
fi

# ---- where frames come from ----

fine "-r" -r "$file" --json
# captures/README.md: 11 frames, one connection.
is "the summary is the default view" "$(value summary frames) $(value summary connections)" '11 1'
cp "$tmp/out" "$tmp/summary"
ok "-r - from a pipe" sh -c "cat '$file' | '$WIRESTATE' -r - --json > '$tmp/out'"
is "... is the same" "$(cat "$tmp/out")" "$(cat "$tmp/summary")"
ok "-r - from a file" sh -c "'$WIRESTATE' --json -r - < '$file' > '$tmp/out'"
is "... is the same" "$(cat "$tmp/out")" "$(cat "$tmp/summary")"
wrong "-r - twice" 'standard input' -r - -r - < "$file"

fine "the timeline as JSON" -r "$file" --timeline --json
cp "$tmp/out" "$tmp/whole"
is "each segment has its frame's number" "$(value segment frame)" '1 2 3 4 5 6 7 8 9 10 11'
if command -v tcpdump > /dev/null; then
	tcpdump -r "$file" -w "$tmp/there.pcap" src host 192.0.2.1 2> /dev/null
	tcpdump -r "$file" -w "$tmp/back.pcap" dst host 192.0.2.1 2> /dev/null
	fine "both halves from two files" -r "$tmp/back.pcap" -r "$tmp/there.pcap" --timeline --json
	is "... are merged in order of time" "$(cat "$tmp/out")" "$(cat "$tmp/whole")"
	printf '%s\n\n%s\n' "$tmp/there.pcap" "$tmp/back.pcap" > "$tmp/list"
	fine "-V" -V "$tmp/list" --timeline --json
	is "... reads what the list names" "$(cat "$tmp/out")" "$(cat "$tmp/whole")"
	fine "-V and a list on standard input" -V - --timeline --json < "$tmp/list"
	is "... reads what it names" "$(cat "$tmp/out")" "$(cat "$tmp/whole")"
	fine "-V and -r" -V "$tmp/list" -r "$captures/refused.pcap" --json
	is "... together" "$(value summary frames) $(value summary connections)" '13 2'
else
	skip "merging" "no tcpdump"
fi
wrong "-V and a list that is not there" "-V: .*'$tmp/none'.*No such file" -V "$tmp/none"
wrong "-V and a folder" "-V: .*Is a directory" -V "$tmp"
: > "$tmp/empty"
wrong "-V and an empty list" "-V: .*lists no files" -V "$tmp/empty"
for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
	cp "$file" "$tmp/rotated.$number"
	echo "$tmp/rotated.$number"
done > "$tmp/list"
(
	# dash and bash have it, POSIX has not.
	# shellcheck disable=SC3045
	ulimit -n 20
	run -V "$tmp/list" --json
	echo "$status $(cat "$tmp/err") $(value summary frames)"
) > "$tmp/few"
is "-V and more files than may be open at once" "$(cat "$tmp/few")" '0  330'
wrong "-V and a capture" "-V: .*not a text file" -V "$file"

# ---- expressions ----

# captures/README.md: the FINs are frames 8 and 10.
fine "an expression" -r "$file" --timeline --json 'tcp[tcpflags] & tcp-fin != 0'
is "... leaves the frames their numbers" "$(value segment frame)" '8 10'
fine "an expression in several words, among the options" tcp -r "$file" 'src port' 80 --json or dst --summary port 1
is "... is one expression" "$(value summary frames)" '11'
printf '# the FINs\ntcp[tcpflags] & tcp-fin != 0 # of both\n' > "$tmp/expression"
fine "-F" -r "$file" --timeline --json -F "$tmp/expression"
is "... takes the expression from a file, without comments" "$(value segment frame)" '8 10'
run -r "$file" --timeline --json -F "$tmp/expression" udp
is "-F and an expression: the file's, as in tcpdump" "$status $(value segment frame)" '0 8 10'
ok "... and that is said" grep -q '^wirestate: warning: .*-F' "$tmp/err"
wrong "-F and a file that is not there" "-F: .*'$tmp/none'.*No such file" -r "$file" -F "$tmp/none"
fine "-c counts what the expression accepts" -r "$file" --timeline --json -c 1 'tcp[tcpflags] & tcp-fin != 0'
is "... and reading ends there" "$(value segment frame)" '8'
fine "-c 3" -r "$file" --json -c 3
is "... reads three frames" "$(value summary frames)" '3'
fine "-c 100 of 11" -r "$file" --json -c 100
is "... reads all" "$(value summary frames)" '11'
fine "-O" -O -r "$file" --json tcp
fine "-- ends the options" --json -r "$file" -- tcp

# ---- views ----

fine "all views" -r "$file" --summary --timeline --connections --anomalies --histogram --hosts
fine "all views as JSON" -r "$captures/accept-queue-full.pcap" --summary --timeline --connections --anomalies \
	--histogram --hosts --json
is "... come as these types" "$(sed 's/^{"type":"\([a-z]*\)".*/\1/' "$tmp/out" | LC_ALL=C sort -u | tr '\n' ' ')" \
	'anomaly connection header histogram host segment summary transition '
is "... behind one header" "$(grep -n '"type":"header"' "$tmp/out" | cut -d: -f1)" '1'
if [ -n "${JSON_LINES-}" ]; then
	for capture in "$captures"/*.pcap*; do
		run -r "$capture" --json --summary --timeline --connections --anomalies --histogram --hosts
		cp "$tmp/out" "$tmp/all"
		is "strict JSON: ${capture##*/}" "$status $("$JSON_LINES" < "$tmp/all")" '0 '
	done
	run -r "$file" --json --connections --histogram --hosts --at +1 --local 192.0.2.1
	is "strict JSON: --at and --local" "$status $("$JSON_LINES" < "$tmp/out")" '0 '
	run -r "$file" --json --summary --connections --histogram --hosts --timeline --anomalies udp
	is "strict JSON: nothing in it" "$status $("$JSON_LINES" < "$tmp/out")" '0 '
fi
fine "a view twice" -r "$file" --histogram --histogram --json
is "... is there once" "$(objects histogram | grep -c .)" '1'

run -r "$captures/refused.pcap" --connections --json
is "--connections names the anomalies" "$(value connection anomalies)" '[connection-refused]'

# ---- an instant ----

# captures/README.md: frame 8 is the client's FIN, 9 its ACK. RFC 9293 figure 12: before it both are ESTABLISHED; once
# it has passed the client is in FIN_WAIT_1, and the server, who is about to receive it, in CLOSE_WAIT.
sed -n 's/.*"type":"segment","time":\([0-9.]*\),"frame":\([0-9]*\),.*/\2 \1/p' "$tmp/whole" > "$tmp/times"
when()
{
	sed -n "s/^$1 //p" "$tmp/times"
}
later()
{
	awk -v a="$(when 1)" -v b="$(when "$1")" 'BEGIN { split(a, x, "."); split(b, y, ".")
		us = (y[1] - x[1]) * 1000000 + y[2] - x[2]
		printf "%d.%06d", us / 1000000, us % 1000000 }'
}
day()
{
	awk -v t="$(when "$1")" 'BEGIN { split(t, x, "."); s = x[1] % 86400
		printf "%02d:%02d:%02d.%s", s / 3600, s % 3600 / 60, s % 60, x[2] }'
}
at()
{
	run --connections --json -r "$file" --at "$1"
	states
}
TZ=UTC0
export TZ
is "--at: epoch seconds, at the FIN" "$(at "$(when 8)")" '1 FIN_WAIT_1 CLOSE_WAIT'
is "--at: seconds after the first frame" "$(at "+$(later 8)")" '1 FIN_WAIT_1 CLOSE_WAIT'
is "--at: time of day" "$(at "$(day 8)")" '1 FIN_WAIT_1 CLOSE_WAIT'
is "--at: time of day where the sun is elsewhere" "$(export TZ=EST5
	at "$(awk -v t="$(day 8)" 'BEGIN { split(t, x, ":"); printf "%02d:%s:%s", (x[1] + 19) % 24, x[2], x[3] }')")" \
	'1 FIN_WAIT_1 CLOSE_WAIT'
is "--at: the frame before the FIN" "$(at "+$(later 7)")" '1 ESTABLISHED ESTABLISHED'
is "--at: the ACK of the FIN" "$(at "+$(later 9)")" '1 FIN_WAIT_2 CLOSE_WAIT'
is "--at: the server's FIN" "$(at "+$(later 10)")" '1 TIME_WAIT LAST_ACK'
is "--at +0: the first frame and nothing more" "$(at +0)" '1 SYN_SENT UNKNOWN'
is "--at after the end: TIME_WAIT still runs" "$(at +50)" '1 TIME_WAIT CLOSED'
is "--at after the end: TIME_WAIT is over after 60 s" "$(at +100)" '1 CLOSED CLOSED'
run -r "$file" --connections --json --at +50 --msl 10
is "--msl 10: it is over after 20 s" "$(states)" '1 CLOSED CLOSED'
run -r "$file" --connections --json --at 1000000000
is "--at before the first frame: nothing was there yet" "$status $(states)" '0 '
ok "... and that is said" grep -q '^wirestate: warning: .*--at' "$tmp/err"
# A pipe may have no end: it is read on for a second of its time. Here the next frame comes after more than a minute.
mkfifo "$tmp/pipe"
exec 5<> "$tmp/pipe"
cat "$captures/half-close-never-closed.pcap" >&5
begin -r "$tmp/pipe" --connections --json --at +2
finish
is "--at: a pipe that does not end" "$status $(states)" '0 1 FIN_WAIT_2 CLOSE_WAIT'
exec 5>&-
fine "--at with the three views" -r "$file" --at +1 --connections --histogram --hosts

# ---- which connections ----

many=$captures/accept-queue-full.pcap
run -r "$many" --connections --json
count=$(objects connection | grep -c .)
is "four connections to choose from" "$count" '4'
run -r "$many" --connections --json --connection 3,1,3
is "--connection 3,1,3" "$(value connection connection)" '1 3'
run -r "$many" --connections --json --connection 1 --connection 4
is "--connection twice" "$(value connection connection)" '1 4'
run -r "$many" --connections --json --connection 5
is "--connection and a number that nobody has" "$status $(value connection connection)" '0 '
run -r "$many" --timeline --json --connection 2
is "--connection in the timeline" "$(values segment connection | sort -u)" '2'
run -r "$many" --connections --json --top 2
is "--top 2" "$(value connection connection)" '1 2'
for key in number first last duration bytes packets state age rtt client server; do
	fine "--sort $key" -r "$many" --connections --json --sort "$key"
	is "... shows all" "$(values connection connection | sort | tr '\n' ' ')" '1 2 3 4 '
done
# FIN_WAIT_2 at the client and CLOSE_WAIT at the server, as ss said (captures/truth).
half=$captures/half-close-never-closed.pcap
for word in CLOSE_WAIT close-wait CLOSE-WAIT Close_Wait FIN_WAIT_2 FIN_WAIT2 fin-wait-2 time_wait,close_wait; do
	run -r "$half" --connections --json --state "$word"
	is "--state $word" "$(states | head -n 1)" '1 FIN_WAIT_2 CLOSE_WAIT'
done
for word in ESTAB established SYN-RECV syn_rcvd SYN_RECV LISTEN listening; do
	fine "--state $word" -r "$half" --connections --json --state "$word"
	is "... is not where that connection is" "$(values connection connection | grep -x 1)" ''
done
run -r "$half" --connections --json --state CLOSE_WAIT --older 30
is "--older 30" "$(value connection connection)" '1'
run -r "$half" --connections --json --state CLOSE_WAIT --older 3000
is "--older 3000" "$(value connection connection)" ''
run -r "$half" --histogram --json --local 198.51.100.2 --connection 1
ok "--local: that host's states" grep -q '"CLOSE_WAIT":1' "$tmp/out"
ok "... and no other's" grep -q '"FIN_WAIT_2":0' "$tmp/out"
is "... and it says whose" "$(value histogram local)" '198.51.100.2'
run -r "$half" --histogram --json --local 198.51.100.0/24 --connection 1
ok "--local with a prefix" grep -q '"CLOSE_WAIT":1,.*"local":"198\|"local":"198.*"CLOSE_WAIT":1' "$tmp/out"

# What ss said on the server and on the client, at the moments that the file names (captures/README.md).
for host in client:192.0.2.1 server:198.51.100.2; do
	for moment in $(sed -n "s/^\([0-9.]*\) ${host%%:*} .*/\1/p" "$captures/truth/half-close-never-closed.ss" | sort -u); do
		run -r "$half" --connections --local "${host#*:}" --at "$moment"
		is "--local and ss on the ${host%%:*} at $moment" \
			"$(awk '$4 ~ /:/ && $5 ~ /:/ && $1 != "LISTEN" { print $1, $4, $5 }' "$tmp/out" | sort)" \
			"$(sed -n "s/^$moment ${host%%:*} //p" "$captures/truth/half-close-never-closed.ss" | sort)"
	done
done

# ---- where it goes ----

fine "--output" -r "$file" --json --output "$tmp/there"
is "... writes nothing to standard output" "$(cat "$tmp/out")" ''
is "... writes the views to the file" "$(cat "$tmp/there")" "$(cat "$tmp/summary")"
cp "$file" "$tmp/copy.pcap"
wrong "--output over the capture" 'is what is to be read' -r "$tmp/copy.pcap" --output "$tmp/copy.pcap"
ok "... leaves it as it is" cmp "$file" "$tmp/copy.pcap"
echo kept > "$tmp/there"
wrong "--output and a bad expression" 'tcp prot' -r "$file" --output "$tmp/there" tcp prot
is "... leaves the file as it is" "$(cat "$tmp/there")" 'kept'
wrong "--output into no folder" "--output: .*'$tmp/none/x'.*No such file" -r "$file" --output "$tmp/none/x"
run -r "$file" -v --json
is "-v says what is read" "$status $(sed 's/,.*//' "$tmp/err")" "0 reading from file $file"

done_testing
