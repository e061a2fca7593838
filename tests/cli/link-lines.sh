# The lines of --timeline in each link type and each tunnel, against the real tcpdump. Where there is only a link header,
# whatever stands in it, the line is tcpdump's, with -e and without. In a tunnel, and where a packet was put together, it
# is what tcpdump prints for the packet as it was before it was wrapped, behind what tcpdump prints for the frame up to
# the first IP header.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"

wirestate=${WIRESTATE:-./wirestate}
wrap_pcap=${WRAP_PCAP:-tests/tools/wrap-pcap}
scn2pcap=${SCN2PCAP:-tests/tools/scn2pcap}
awk=${AWK:-awk}

command -v tcpdump > /dev/null || skip_all "tcpdump is not installed"
version=$(tcpdump --version 2>&1 | sed -n 's/^tcpdump version //p')
case $version in
4.99.*) ;;
*) skip_all "the lines are those of tcpdump 4.99, this is ${version:-of unknown version}" ;;
esac

# theirs OPTIONS FILE [EXPRESSION]: tcpdump's text.
theirs()
{
	# shellcheck disable=SC2086 # there may be no expression
	tcpdump "$1" -r "$2" $3 2> /dev/null
}

# ours OPTIONS FILE: the timeline without the lines that tcpdump does not have.
ours()
{
	"$wirestate" "$1" --timeline -r "$2" 2> /dev/null | grep -v '^[[:space:]]*|'
}

# Reads what tcpdump printed for the packets as they were, what it printed for the frames, and ours, all with -#; says
# what differs. What belongs to one frame is one record, up to the last "length N" or "tcp N".
judge='
	function number_of(text) {
		sub(/^ */, "", text)
		return text + 0
	}
	function cut(text) {
		if (match(text, /Flags \[/)) {
			tail = substr(text, RSTART)
			if (match(tail, /, length [0-9]+/))
				return substr(text, 1, length(text) - length(tail) + RSTART + RLENGTH - 1)
		} else if (match(text, /: tcp [0-9]+/))
			return substr(text, 1, RSTART + RLENGTH - 1)
		return text
	}
	# Where the innermost packet begins.
	function innermost(text, at, found) {
		found = 0
		for (at = 1; match(substr(text, at), /IP6? /); at += RSTART)
			found = at + RSTART - 1
		return found
	}
	function finish() {
		if (record == "")
			return
		if (file == 1)
			plain[++plains] = cut(record)
		else if (file == 2)
			frame[number_of(record)] = cut(record)
		else
			mine[++count] = cut(record)
	}
	function differ(what, wanted, got) {
		if (!different++)
			print what ":\n< " wanted "\n> " got
	}
	FNR == 1 {
		finish()
		record = ""
		file++
	}
	/^ *[0-9]+  / {
		finish()
		record = $0
		next
	}
	{
		record = record "\n" $0
	}
	END {
		finish()
		if (count == 0 || count != plains)
			differ("the number of lines", plains, count)
		for (i = 1; i <= count; i++) {
			whole = frame[number_of(mine[i])]
			# One that fits into its first piece is no fragment.
			at = innermost(mine[i])
			if (kind == "l" || kind == "f" && !at) {
				if (whole != mine[i])
					differ("line " i, whole, mine[i])
				continue
			}
			if (substr(mine[i], at) != substr(plain[i], innermost(plain[i])))
				differ("packet " i, plain[i], mine[i])
			before = substr(mine[i], 1, at - 1)
			sub(/[ \n\t]+$/, "", before)
			if (substr(whole, 1, length(before)) != before)
				differ("before packet " i, whole, before)
			# There is nothing more before the first IP header.
			if (kind == "t" && substr(whole, length(before) + 1) !~ /^[ \n\t]*(IP6? )?(\(|[0-9a-f:.]+ > |0x0000|$)/)
				differ("behind what is before packet " i, whole, before)
		}
	}'

# compare KIND PLAIN FILE OPTIONS...
compare()
{
	kind=$1
	plain=$2
	file=$3
	shift 3
	for options; do
		theirs "$(echo "$options" | tr -d e)" "$plain" tcp > "$tmp/plain"
		theirs "$options" "$file" > "$tmp/frames"
		ours "$options" "$file" > "$tmp/ours"
		"$awk" -v kind="$kind" "$judge" "$tmp/plain" "$tmp/frames" "$tmp/ours" | sed "s/^/$options: /"
	done
}

# What is wrapped: a capture of each version of IP with payload and options.
cp "$abs_top_srcdir/captures/connect-close.pcap" "$tmp/plain-4.pcap"
"$scn2pcap" --ipv6 "$abs_top_srcdir/tests/scenarios/open-close.scn" > "$tmp/plain-6.pcap"

# ---- a judge that never finds anything must not pass ----

is "no difference" "$(compare l "$tmp/plain-4.pcap" "$tmp/plain-4.pcap" -tn# -tne#)" ''
"$wrap_pcap" vlan < "$tmp/plain-4.pcap" > "$tmp/vlan.pcap"
"$wrap_pcap" gre < "$tmp/plain-4.pcap" > "$tmp/gre.pcap"
is "another line" "$(theirs -tne# "$tmp/vlan.pcap" > "$tmp/a"
	ours -tne# "$tmp/plain-4.pcap" > "$tmp/b"
	"$awk" -v kind=l "$judge" "$tmp/a" "$tmp/a" "$tmp/b" | sed -n 1p)" 'line 1:'
is "a tunnel is more than its packet" "$(compare l "$tmp/plain-4.pcap" "$tmp/gre.pcap" -tn# | sed -n 1p)" '-tn#: line 1:'
is "too few lines" "$(theirs -tn# "$tmp/gre.pcap" > "$tmp/a"
	ours -tn# "$tmp/gre.pcap" | sed 1d > "$tmp/b"
	"$awk" -v kind=t "$judge" "$tmp/a" "$tmp/a" "$tmp/b" | sed -n 1p)" 'the number of lines:'
is "another packet" "$(theirs -tn# "$tmp/plain-4.pcap" > "$tmp/a"
	theirs -tn# "$tmp/gre.pcap" > "$tmp/b"
	ours -tn# "$tmp/gre.pcap" | sed 's/win [0-9]*/win 1/' > "$tmp/c"
	"$awk" -v kind=t "$judge" "$tmp/a" "$tmp/b" "$tmp/c" | sed -n 1p)" 'packet 1:'

# ---- each link type and each tunnel ----

for ip in 4 6; do
	plain=$tmp/plain-$ip.pcap
	"$wrap_pcap" ethernet $((ip * 10)) < "$plain" > "$tmp/cut-plain.pcap"
	"$wrap_pcap" > "$tmp/names"
	while read -r name kind versions; do
		case $versions in
		*$ip*) ;;
		*) continue ;;
		esac
		"$wrap_pcap" "$name" < "$plain" > "$tmp/wrapped.pcap"
		is "$name, IPv$ip" "$(compare "$kind" "$plain" "$tmp/wrapped.pcap" -tn# -tne# -tnqe#)" ''
		# Fragments have flags and a number of their own.
		[ "$kind" = f ] && continue
		is "... with its header" "$(compare "$kind" "$plain" "$tmp/wrapped.pcap" -tnv# -tnev#)" ''
		"$wrap_pcap" "$name" $((ip * 10)) < "$plain" > "$tmp/wrapped.pcap"
		is "... cut off" "$(compare "$kind" "$tmp/cut-plain.pcap" "$tmp/wrapped.pcap" -tn# -tne#)" ''
	done < "$tmp/names"
done
done_testing
