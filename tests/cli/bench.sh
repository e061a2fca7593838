# The benchmark's generator at a tiny scale: what it makes is a capture to tcpdump too, and wirestate finds in it
# what was generated. Nothing here looks at a clock.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"

generate=${abs_top_builddir:?}/tests/bench/generate

# found FILE: what --summary says, in the words of generate -e.
found()
{
	"$WIRESTATE" -r "$1" --summary --json | sed -n '/"type":"summary"/s/[{,]/\n/gp' | tr -d '"}' |
		awk -F : '
			{ value[$1] = $2 }
			END {
				split("frames connections UNKNOWN CLOSED SYN_SENT SYN_RCVD ESTABLISHED TIME_WAIT", names, " ")
				for (i = 1; i in names; i++)
					print names[i], value[names[i]]
			}'
}

for workload in web flood bulk wide; do
	for format in pcap pcapng; do
		file=$tmp/$workload.$format
		"$generate" -x 0.001 -f "$format" -e "$tmp/expected" "$workload" > "$file"
		expected=$(cat "$tmp/expected")
		is "$workload as $format: its states are those that were generated" "$(found "$file")" "$expected"
		is "$workload as $format: tcpdump reads every frame" \
			"frames $(tcpdump -n -r "$file" 2>/dev/null | wc -l)" "${expected%%
*}"
		is "$workload as $format: tcpdump finds the checksums right" \
			"$(tcpdump -n -vv -r "$file" 2>/dev/null | grep -c -e '(incorrect' -e 'bad cksum')" 0
		"$generate" -x 0.001 -f "$format" -s 68 "$workload" > "$file"
		is "$workload as $format: a snap length of 68 changes no state" "$(found "$file")" "$expected"
	done
done

sum=$("$generate" -x 0.001 web | cksum)
is "the same words make the same bytes" "$("$generate" -x 0.001 web | cksum)" "$sum"
ok "another seed makes other bytes" test "$("$generate" -x 0.001 -S 2 web | cksum)" != "$sum"

done_testing
