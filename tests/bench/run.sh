# Measures wirestate and, where they are installed, other programs, each in turn with a program that only reads the
# file through libpcap (the floor). Writes a table as text to standard output, and DIR/results.json.
# Never part of the tests: a time depends on the machine and on what else it does.
#
# Environment: GENERATE, FLOOR, MEASURE, WIRESTATE: the programs. BENCH_DIR: where captures are made.
# BENCH_FACTOR: size of the workloads, 1 by default. BENCH_ROUNDS: how often wirestate is run (5), BENCH_OTHERS: how often
# other programs are (1; 0: not at all). BENCH_LIMIT: seconds after which one is stopped (120). BENCH_MEMORY: MiB of address
# space that one may have (6144): some keep what they read, and the machine is not theirs alone.
# BENCH_WORKLOADS: web flood bulk wide cut-pcap cut-pcapng cut-zstd.
set -u
LC_ALL=C
export LC_ALL
: "${BENCH_DIR:=tests/bench/data}" "${BENCH_FACTOR:=1}" "${BENCH_ROUNDS:=5}" "${BENCH_OTHERS:=1}" "${BENCH_LIMIT:=120}" "${BENCH_MEMORY:=6144}"
: "${BENCH_WORKLOADS:=web flood bulk wide cut-pcap cut-pcapng cut-zstd}"
mkdir -p "$BENCH_DIR" || exit 2
samples=$BENCH_DIR/samples
: > "$samples"

installed()
{
	command -v "$1" >/dev/null 2>&1
}

# make_capture WORKLOAD: sets $file and the command that is its $floor; fails where a tool is missing. A capture that is there
# is used again; a new factor or generator makes it anew.
make_capture()
{
	stamp="$BENCH_FACTOR $(cksum < "$GENERATE")"
	options="" kind=$1 compress=cat suffix=pcap
	case $1 in
	cut-pcap) kind=web options='-s 68' ;;
	cut-pcapng) kind=web options='-s 68 -f pcapng' suffix=pcapng ;;
	cut-zstd) kind=web options='-s 68' compress='zstd -q -c' suffix=pcap.zst ;;
	esac
	case $compress in
	zstd*) installed zstd || return 1 ;;
	esac
	file=$BENCH_DIR/$1.$suffix
	floor="'$FLOOR' '$file'"
	[ "$compress" = cat ] || floor="zstd -dcq '$file' | '$FLOOR' -"
	if [ "$(cat "$file.made" 2>/dev/null)" != "$stamp" ]; then
		echo "bench: making $file" >&2
		# The options are words of their own.
		# shellcheck disable=SC2086
		"$GENERATE" $options -x "$BENCH_FACTOR" "$kind" | $compress > "$file" || exit 2
		echo "$stamp" > "$file.made"
	fi
}

# sample COMMAND: "cpu wall rss status".
sample()
{
	"$MEASURE" "$BENCH_LIMIT" sh -c "ulimit -v $((BENCH_MEMORY * 1024)); $1"
}

# measure WORKLOAD ROUNDS LABEL COMMAND: in turn with the floor, one line a round.
measure()
{
	round=0
	while [ "$round" -lt "$2" ]; do
		round=$((round + 1))
		base=$(sample "$floor") || exit 2
		result=$(sample "$4") || exit 2
		printf '%s\t%s\t%s %s\n' "$1" "$3" "$base" "$result" >> "$samples"
		# What fails, or takes too long, does so the next time too.
		[ "${result##* }" = 0 ] || break
	done
}

machine()
{
	awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo
	awk '/^processor/ { n++ } END { print n " processors" }' /proc/cpuinfo
	awk '/^MemTotal/ { printf "%.0f GiB of memory\n", $2 / 1048576 }' /proc/meminfo
	echo "$(uname -s) $(uname -r | cut -d . -f 1,2) $(uname -m)"
}

for workload in $BENCH_WORKLOADS; do
	make_capture "$workload" || continue
	# The file is read once, so that all find it in the page cache.
	cat "$file" > /dev/null
	echo "bench: $workload" >&2
	measure "$workload" "$BENCH_ROUNDS" 'floor' "$floor"
	measure "$workload" "$BENCH_ROUNDS" 'wirestate --summary' "'$WIRESTATE' -r '$file' --summary"
	measure "$workload" "$BENCH_ROUNDS" 'wirestate --connections --json' \
		"'$WIRESTATE' -r '$file' --connections --json"
	measure "$workload" "$BENCH_ROUNDS" 'wirestate -n --timeline' "'$WIRESTATE' -n -r '$file' --timeline"
	case $workload in
	cut-*) continue ;;
	esac
	installed tcpdump && measure "$workload" "$BENCH_OTHERS" 'tcpdump -n' "exec tcpdump -n -r '$file'"
	installed argus && measure "$workload" "$BENCH_OTHERS" 'argus' "exec argus -r '$file' -w /dev/null"
	installed tcptrace && measure "$workload" "$BENCH_OTHERS" 'tcptrace -n' "exec tcptrace -n '$file'"
	installed tshark && measure "$workload" "$BENCH_OTHERS" 'tshark -n -z conv,tcp' \
		"exec tshark -n -q -z conv,tcp -r '$file'"
done

machine > "$BENCH_DIR/machine"
${AWK:-awk} -v json="$BENCH_DIR/results.json" -v factor="$BENCH_FACTOR" -v limit="$BENCH_LIMIT" \
	-f "$(dirname "$0")/table.awk" "$BENCH_DIR/machine" "$samples"
