# Capturing on an interface, in a network namespace of its own.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
# shellcheck source=tests/cli/run.sh
. "$abs_top_srcdir/tests/cli/run.sh"

# The script runs itself again inside, with another network and, when not root, as root of another user namespace.
if [ -z "${WIRESTATE_INSIDE-}" ]; then
	command -v unshare > /dev/null || skip_all "no unshare"
	command -v ip > /dev/null || skip_all "no ip"
	command -v bash > /dev/null || skip_all "no bash, whose /dev/tcp connects"
	if unshare -n true 2> /dev/null; then
		flags=-n
	elif unshare -Urn true 2> /dev/null; then
		flags=-Urn
	else
		skip_all "network namespaces are not allowed here"
	fi
	WIRESTATE_INSIDE=yes unshare "$flags" sh "$0"
	exit
fi
ip link set lo up || skip_all "the loopback interface of a namespace cannot be set up"

# start NAME ARGUMENT...: captures in the background, and returns when frames are seen from then on.
start()
{
	start_name=$1
	shift
	begin "$@"
	ok "$start_name: it listens" wait_for grep -q '^listening on' "$tmp/err"
}

# refused PORT: a connection that nobody accepts: a SYN, and the RST that answers it.
refused()
{
	bash -c ": < /dev/tcp/127.0.0.1/$1" 2> /dev/null || :
}

for signal in INT TERM; do
	start "SIG$signal" -i lo --timeline --connections --json -l
	refused 9
	ok "SIG$signal: the RST is seen" wait_for grep -q '"flags":"R\.*"' "$tmp/out"
	kill -s "$signal" "$pid"
	finish
	is "SIG$signal ends the capture cleanly" "$status $(wc -l < "$tmp/err" | tr -d ' ')" '0 1'
	is "... with the reports of what was seen" "$(value connection connection) $(value connection open)" '1 refused'
	is "... and frames were counted" "$(value segment frame)" '1 2'
done

# asked PATTERN: asks for the summary; true once standard error has it.
asked()
{
	kill -s USR1 "$pid"
	grep -q "$1" "$tmp/err"
}

start "SIGUSR1" -i lo --histogram
refused 9
ok "SIGUSR1 asks for the summary so far" wait_for asked ': 2 frames, 2 TCP segments, 1 connection,'
refused 9
ok "... and capturing goes on" wait_for asked ': 4 frames, 4 TCP segments, 2 connections,'
kill -s INT "$pid"
finish
is "... to the usual end" "$status $(grep -c '^CLOSED' "$tmp/out")" '0 1'

start "-c 2" -i lo -c 2 --json
refused 9
finish
is "-c 2 ends the capture" "$status $(value summary frames)" '0 2'
ok "the summary has the drops" grep -q '"dropped":{' "$tmp/out"

start "an expression" -i lo -c 2 --json --timeline -s 96 -B 512 -p tcp port 10
refused 9
refused 10
finish
is "an expression is the kernel's to apply" "$status $(value segment dport | cut -d' ' -f1) $(value segment frame)" \
	'0 10 1 2'

start "--fail-on" -i lo -c 2 --fail-on connection-refused
refused 9
finish
is "--fail-on" "$status" '1'

start "any" -i any -c 2 --json
refused 9
finish
is "-i any" "$status $(value summary segments)" '0 2'

run -D
ok "-D lists the loopback interface" grep -q '^[0-9]*\.lo ' "$tmp/out"
number=$(sed -n 's/^\([0-9]*\)\.lo .*/\1/p' "$tmp/out")
start "an interface by its number" -i "$number" -c 2 --json
refused 9
finish
is "... is that interface" "$status $(value summary frames)" '0 2'

wrong "a bad expression" 'syntax error' -i lo tcp prot
wrong "an interface that is not there" 'nosuch0' -i nosuch0

done_testing
