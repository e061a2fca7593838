# The lines of --timeline that are not ours are tcpdump's, byte by byte: the real tcpdump is the judge, over every
# capture of the tree and over generated ones that look as odd as they can, with its options in all combinations.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"

wirestate=${WIRESTATE:-./wirestate}
odd_pcap=${ODD_PCAP:-tests/tools/odd-pcap}

command -v tcpdump > /dev/null || skip_all "tcpdump is not installed"
version=$(tcpdump --version 2>&1 | sed -n 's/^tcpdump version //p')
case $version in
4.99.*) ;;
*) skip_all "the lines are those of tcpdump 4.99, this is ${version:-of unknown version}" ;;
esac

# Where a name server does not answer, a look-up should not take longer than it has to.
RES_OPTIONS='timeout:1 attempts:1'
export RES_OPTIONS

# theirs OPTIONS FILE [EXPRESSION]: tcpdump's lines up to the last "length N", with -q up to "tcp N". What it makes of
# the payload with -v is on lines behind that which begin with a tab.
theirs()
{
	# shellcheck disable=SC2086 # options and expression are words
	tcpdump $1 -r "$2" $3 2> /dev/null | awk -v quiet="$(echo "$1" | sed 's/--nano//; s/[^q]//g')" '
		/^\t/ && behind {
			next
		}
		{
			behind = 0
		}
		quiet != "" && /: tcp [0-9]+/ || quiet == "" && /Flags \[/ {
			behind = 1
		}
		quiet != "" && match($0, /: tcp [0-9]+/) {
			print substr($0, 1, RSTART + RLENGTH - 1)
			next
		}
		quiet == "" && match($0, /Flags \[/) {
			tail = substr($0, RSTART)
			if (match(tail, /, length [0-9]+/))
				$0 = substr($0, 1, length($0) - length(tail) + RSTART + RLENGTH - 1)
		}
		{
			print
		}'
}

# ours OPTIONS FILE [EXPRESSION]: the timeline without the lines that tcpdump does not have.
ours()
{
	# shellcheck disable=SC2086
	"$wirestate" $1 --timeline -r "$2" $3 2> "$tmp/errors" | grep -v '^[[:space:]]*|'
	grep '^wirestate: ' "$tmp/errors"
}

# compare FILE EXPRESSION OPTIONS...: prints the first differences.
compare()
{
	file=$1
	expression=$2
	shift 2
	for options; do
		theirs "$options" "$file" "$expression" > "$tmp/theirs"
		ours "$options" "$file" "$expression" > "$tmp/ours"
		cmp -s "$tmp/theirs" "$tmp/ours" && continue
		echo "with $options: tcpdump <, wirestate >"
		diff "$tmp/theirs" "$tmp/ours" | head -n 6
	done
}

# odd NAME LINK COUNT SEED [local]: makes a capture; it must be what its name says.
odd()
{
	"$odd_pcap" "$2" "$3" "$4" ${5:+"$5"} > "$tmp/$1.pcap"
	is "$1: every frame is a segment" \
		"$("$wirestate" -qtn --timeline -r "$tmp/$1.pcap" | grep -vc '^[[:space:]]*|')" "$3"
}

# ---- a comparison that sees nothing cannot pass ----

odd local ethernet 60 1 local
is "tcpdump prints a line for each segment" "$(theirs -tn "$tmp/local.pcap" | grep -c 'Flags \[')" 60
is "... and with -q" "$(theirs -tnq "$tmp/local.pcap" | grep -cE ': tcp [0-9]+$')" 60
is "a difference is seen" "$(compare "$tmp/local.pcap" tcp -tn | grep -c '^[<>]')" 0
is "... when there is one" "$(compare "$abs_top_srcdir/tests/lib.sh" '' -tn | grep -c '^[<>]')" 1

# ---- the captures of the tree ----

for capture in "$abs_top_srcdir"/captures/*.pcap*; do
	is "${capture##*/}" "$(compare "$capture" tcp -n -tneS '-tttnv#' -ttttnqe -ttttne -ttnvv '-n --nano')" ''
done

# ---- names, as far as this machine has them without asking others ----

for options in -t -tv -te -tqe '-e#' -teS -ttev; do
	is "names with $options" "$(compare "$tmp/local.pcap" '' "$options")" ''
done

# ---- time zones, and summer time in one of them ----

for TZ in Asia/Kolkata America/New_York XYZ-3:30; do
	export TZ
	is "the time in $TZ" "$(compare "$tmp/local.pcap" '' -nq -ttttnq -tttttnq -ttnq)" ''
done
TZ=UTC

# ---- what looks odd ----

case $version in
4.99.3) ;;
*)
	skip "odd segments" "tcpdump $version may print what makes no sense in other words than 4.99.3"
	done_testing
	exit 0
	;;
esac

for link in ethernet raw null loop sll sll2 ppp pppd ppp-serial ppp-ether hdlc wifi radiotap; do
	odd "$link" "$link" 1200 2
	is "odd segments over $link" "$(compare "$tmp/$link.pcap" '' -tn -tneS -tnv -tnevv -tnqe '-ttnq#' -tnqev)" ''
done

# ---- all options with each other ----

odd few ethernet 60 3
is "nanoseconds" "$(compare "$tmp/few.pcap" '' '-n --nano' '-ttn --nano' '-tttn --nano' '-tttttn --nano')" ''
for stamp in -n -tn -ttn -tttn -ttttn -tttttn; do
	differences=$(
		for verbose in '' -v -vv; do
			for number in '' '-#'; do
				for absolute in '' -S; do
					for link in '' -e; do
						for quiet in '' -q; do
							compare "$tmp/few.pcap" '' \
								"$stamp $verbose $number $absolute $link $quiet"
						done
					done
				done
			done
		done
	)
	is "all options with $stamp" "$differences" ''
done
done_testing
