#!/bin/sh
# Builds and runs the fuzz targets: make fuzz. Ends with a table; the exit status is 1 when something was found.
#
# What can be set:
#   FUZZ_SECONDS  how long each target runs; 60 unless set
#   FUZZ_ENGINE   libfuzzer (clang) or afl (AFL++)
#   FUZZ_TARGETS  which targets; all of them unless set
#   FUZZ_MEMORY   MiB that a target may use; 512 unless set
#   FUZZ_OUT      where programs, seeds, corpora and findings are kept: fuzz-data, from one run to the next
# make fuzz sets the rest.
set -eu

: "${FUZZ_SECONDS:=60}" "${FUZZ_ENGINE:=libfuzzer}" "${FUZZ_MEMORY:=512}" "${FUZZ_OUT:=fuzz-data}"
: "${FUZZ_TARGETS:=reader link fragments analysis}"
here=$(dirname "$0")
TOP=$(cd "$here/../.." && pwd)

say()
{
	echo "make fuzz: $*"
}

# Says what is missing. With status 2: nothing was found, because nothing was looked for.
missing()
{
	say "$1 is not installed; $2"
	exit 2
}

case $FUZZ_ENGINE in
libfuzzer)
	FUZZ_CC=${FUZZ_CC-clang}
	FUZZ_CFLAGS='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all'
	command -v "$FUZZ_CC" > /dev/null || missing "$FUZZ_CC" "libFuzzer comes with it (Debian: clang)"
	;;
afl)
	FUZZ_CC=${FUZZ_CC-afl-clang-fast}
	FUZZ_CFLAGS=
	command -v "$FUZZ_CC" > /dev/null || missing "$FUZZ_CC" "AFL++ has it (Debian: afl++)"
	export AFL_USE_ASAN=1 AFL_USE_UBSAN=1 AFL_QUIET=1
	;;
*)
	say "FUZZ_ENGINE is libfuzzer or afl, not '$FUZZ_ENGINE'"
	exit 2
	;;
esac
# The longer freed memory is kept to catch its use, the slower: what runs for hours sees it reused anyway.
export ASAN_OPTIONS="quarantine_size_mb=16:detect_leaks=1:abort_on_error=1"
mkdir -p "$FUZZ_OUT"
FUZZ_OUT=$(cd "$FUZZ_OUT" && pwd)
OUT=$FUZZ_OUT/$FUZZ_ENGINE
FUZZ_LINK=-fsanitize=fuzzer
export FUZZ_CC FUZZ_CFLAGS FUZZ_LINK TOP OUT
"${MAKE:-make}" -s -f "$here/engine.mk"

rm -rf "$FUZZ_OUT/seeds"
"$here/seeds.sh" "$FUZZ_OUT/seeds"

# seeds_of TARGET: the folder of its seeds, with what was found once, in this folder and in the tree.
seeds_of()
{
	case $1 in
	reader | analysis) folder=$FUZZ_OUT/seeds/capture ;;
	*) folder=$FUZZ_OUT/seeds/$1 ;;
	esac
	mkdir -p "$folder"
	for file in "$here"/corpus/"$1"/* "$OUT"/found-before/"$1"-*; do
		[ ! -f "$file" ] || cp "$file" "$folder"
	done
	echo "$folder"
}

# row TARGET EXECUTIONS COVERED EDGES FINDINGS
row()
{
	printf '%-12s %12s %9s of %-9s %9s\n' "$@" >> "$FUZZ_OUT/table"
}

# In a message of libFuzzer's, the number behind a word; of the last line that has it.
number_behind()
{
	sed -n "s/.*$1 *\\([0-9][0-9]*\\).*/\\1/p" "$2" | tail -n 1
}

run_libfuzzer()
{
	target=$1
	log=$OUT/$target.log
	mkdir -p "$OUT/corpus-$target"
	status=0
	"$OUT/fuzz-$target" -max_total_time="$FUZZ_SECONDS" -max_len=16384 -timeout=25 -rss_limit_mb="$FUZZ_MEMORY" \
		-detect_leaks=1 -print_final_stats=1 -artifact_prefix="$OUT/found/$target-" \
		"$OUT/corpus-$target" "$(seeds_of "$target")" > "$log" 2>&1 || status=$?
	found=$(find "$OUT/found" -name "$target-*" | grep -c .) || true
	[ $status = 0 ] || [ "$found" -gt 0 ] || found="status $status"
	[ "$found" = 0 ] || tail -n 60 "$log"
	row "$target" "$(number_behind 'stat::number_of_executed_units:' "$log")" "$(number_behind ' cov:' "$log")" \
		"$(number_behind 'Loaded 1 modules *(' "$log")" "$found"
}

run_afl()
{
	target=$1
	log=$OUT/$target.log
	stats=$OUT/corpus-$target/default/fuzzer_stats
	status=0
	input=$(seeds_of "$target")
	# It goes on where the last run ended.
	[ ! -f "$stats" ] || input=-
	# What AFL++ would stop for has to do with speed, and with who else wants to hear of crashes.
	AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_AUTORESUME=1 \
		ASAN_OPTIONS="$ASAN_OPTIONS:symbolize=0" \
		afl-fuzz -V "$FUZZ_SECONDS" -G 16384 -t 25000 -m none -i "$input" -o "$OUT/corpus-$target" \
		-- "$OUT/fuzz-$target" > "$log" 2>&1 || status=$?
	found=0
	for file in "$OUT/corpus-$target"/default/crashes/id* "$OUT/corpus-$target"/default/hangs/id*; do
		[ ! -f "$file" ] || { cp "$file" "$OUT/found/$target-$(basename "$file")"; found=$((found + 1)); }
	done
	[ $status = 0 ] || { found="status $status"; tail -n 30 "$log"; }
	row "$target" "$(sed -n 's/^execs_done *: *//p' "$stats")" "$(sed -n 's/^edges_found *: *//p' "$stats")" \
		"$(sed -n 's/^total_edges *: *//p' "$stats")" "$found"
}

rm -f "$FUZZ_OUT/table"
mkdir -p "$OUT/found" "$OUT/found-before"
find "$OUT/found" -type f -exec mv {} "$OUT/found-before" \;
for target in $FUZZ_TARGETS; do
	say "fuzz-$target for $FUZZ_SECONDS s by $FUZZ_ENGINE"
	"run_$FUZZ_ENGINE" "$target"
done
echo
printf '%-12s %12s %9s    %-9s %9s\n' target executions reached edges findings
cat "$FUZZ_OUT/table"
awk '$NF != 0 { exit 1 }' "$FUZZ_OUT/table" && exit 0
echo
say "what was found is in $OUT/found; tests/README.md says what to do with it"
exit 1
