# The benchmark at a tiny scale: what its generator makes is a capture to tcpdump too, and wirestate finds in it
# what was generated; its tables have a row for all that was measured. No time is judged here.
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

for workload in web steady flood bulk wide; do
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

# ---- the tables ----

bench=$abs_top_builddir/tests/bench
# A sanitizer reserves terabytes of addresses.
GENERATE=$generate FLOOR=$bench/floor MEASURE=$bench/measure BENCH_DIR=$tmp/bench BENCH_MEMORY=33554432
export GENERATE FLOOR MEASURE BENCH_DIR BENCH_MEMORY

# run_bench SCRIPT: its table. A file that is executable from here may be so from nowhere else.
run_bench()
{
	sh "$abs_top_srcdir/tests/bench/$1" 2> "$tmp/errors"
}

# field NAME: its values in the lines of standard input, one a line.
field()
{
	sed -n 's/.*"'"$1"'":\("[^"]*"\|[0-9.]*\).*/\1/p' | tr -d '"'
}

BENCH_FACTOR=0.001 BENCH_ROUNDS=2 BENCH_OTHERS=0 BENCH_WORKLOADS='flood cut-pcapng' run_bench run.sh > "$tmp/table"
is "each program is measured on each workload" "$(field workload < "$tmp/bench/results.json" | uniq -c | tr -s ' ')" \
	" 4 flood
 4 cut-pcapng"
is "... and came to its end" "$(field status < "$tmp/bench/results.json" | sort -u)" 0
is "... twice" "$(field rounds < "$tmp/bench/results.json" | sort -u)" 2
is "a process has some memory" "$(field rss_mib < "$tmp/bench/results.json" | awk '$1 < 0.5')" ''
is "the table has the same rows" "$(grep -c -e '^flood ' -e '^cut-pcapng ' "$tmp/table")" 8

WIRESTATE=false BENCH_FACTOR=0.001 BENCH_ROUNDS=1 BENCH_OTHERS=0 BENCH_WORKLOADS=bulk run_bench run.sh > "$tmp/table"
is "what fails is said to" "$(grep -c 'failed with exit status 1' "$tmp/table")" 3

BENCH_SIZES='0.01 0.1' run_bench linear.sh > "$tmp/table"
is "ten times the connections are ten times the frames" \
	"$(field size_ratio < "$tmp/bench/linear.json" | awk 'NR == 2 { print ($1 > 9 && $1 < 11) }')" 1
is "both were read to the end" "$(field status < "$tmp/bench/linear.json")" '0
0'
is "the table has both" "$(wc -l < "$tmp/table")" 3

done_testing
