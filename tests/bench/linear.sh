# Whether time grows as the input does, and memory does not: a generator pipes ever longer captures into wirestate, whose
# own CPU time and peak memory are measured. Writes a table to standard output, and DIR/linear.json.
#
# The workload is steady: web without the connections that are left open, which any program has to remember. What is
# remembered is then what the last minute was, TIME_WAIT's two MSL. Frames are cut at 68 bytes, as only the reading of headers is
# of interest.
#
# Environment: GENERATE, MEASURE, WIRESTATE: the programs. BENCH_DIR: where results go. BENCH_SIZES: the lengths, in hundreds of
# thousands of connections, that is 1.27 million frames, each (8 80: up to 100 million frames). BENCH_LIMIT: seconds after which one
# is stopped (1200). BENCH_VIEW: what is asked for (--summary).
set -u
LC_ALL=C
export LC_ALL
: "${BENCH_DIR:=tests/bench/data}" "${BENCH_SIZES:=8 80}" "${BENCH_LIMIT:=1200}" "${BENCH_VIEW:=--summary}"
mkdir -p "$BENCH_DIR" || exit 2
samples=$BENCH_DIR/linear
: > "$samples"

for size in $BENCH_SIZES; do
	echo "bench: $size hundred thousand connections" >&2
	factor=$(${AWK:-awk} -v size="$size" 'BEGIN { print size / 2 }')
	# The view is words of its own.
	# shellcheck disable=SC2086
	"$GENERATE" -e "$BENCH_DIR/expected" -s 68 -x "$factor" steady |
		"$MEASURE" "$BENCH_LIMIT" "$WIRESTATE" -n -r - $BENCH_VIEW > "$BENCH_DIR/sample" || exit 2
	echo "$(sed -n 's/^frames //p' "$BENCH_DIR/expected") $(cat "$BENCH_DIR/sample")" >> "$samples"
done

# Each line but the first is compared with the one before: how many times as long for how many times the frames.
${AWK:-awk} -v json="$BENCH_DIR/linear.json" -v view="$BENCH_VIEW" '
	BEGIN {
		printf "" > json
		printf "%11s  %8s  %8s  %8s  %7s  %7s\n", "frames", "CPU s", "ns/frame", "peak MiB", "x size", "x CPU"
	}
	{
		size = previous ? $1 / previous : 1
		time = cpu > 0 ? $2 / cpu : 1
		printf "{\"type\":\"linearity\",\"view\":\"%s\",\"frames\":%d,\"status\":%d,\"cpu\":%.3f,\"rss_mib\":%.1f," \
			"\"size_ratio\":%.2f,\"cpu_ratio\":%.2f}\n", view, $1, $5, $2, $4 / 1024, size, time > json
		if ($5 != 0)
			printf "%11d  ended with status %d\n", $1, $5
		else
			printf "%11d  %8.2f  %8.0f  %8.1f  %7.2f  %7.2f\n", $1, $2, $2 / $1 * 1e9, $4 / 1024, size, time
		previous = $1
		cpu = $2
	}' "$samples"
