#!/bin/sh
# Makes inputs for the fuzz targets, out of captures/ and the scenarios: what an engine begins with, and what make check
# runs.
#
# usage: seeds.sh FOLDER [quick]
# FOLDER/capture is for fuzz-reader and fuzz-analysis, FOLDER/link for fuzz-link.
# "quick" leaves out what differs little from the rest. SCN2PCAP, WRAP_PCAP, ODD_PCAP, FILE_SEEDS and FRAME_SEEDS name the
# programs.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
folder=$1
quick=${2-}
capture=$folder/capture
plain=$top/captures/connect-close.pcap
: "${SCN2PCAP:=tests/tools/scn2pcap}" "${WRAP_PCAP:=tests/tools/wrap-pcap}" "${ODD_PCAP:=tests/tools/odd-pcap}"
: "${FILE_SEEDS:=tests/fuzz/file-seeds}" "${FRAME_SEEDS:=tests/fuzz/frame-seeds}"

mkdir -p "$capture" "$folder/link"

# ---- captures ----

cp "$top"/captures/*.pcap "$top"/captures/*.pcapng "$capture"
for scenario in "$top"/tests/scenarios/*.scn; do
	name=${scenario##*/}
	"$SCN2PCAP" "$scenario" > "$capture/scenario-${name%.scn}.pcap"
	[ -z "$quick" ] || continue
	"$SCN2PCAP" --ipv6 --shift-isn "$scenario" > "$capture/scenario-${name%.scn}-ipv6.pcap"
done
# Long ones are slow, and show nothing that short ones do not.
find "$capture" -type f -size +40k -exec rm -f {} +
for name in $("$WRAP_PCAP" | cut -d ' ' -f 1); do
	"$WRAP_PCAP" "$name" < "$plain" > "$capture/wrapped-$name.pcap"
done
for link in ethernet sll sll2 null loop raw ppp pppd ppp-serial ppp-ether hdlc wifi radiotap; do
	"$ODD_PCAP" $link 25 1 > "$capture/odd-$link.pcap"
done
"$FILE_SEEDS" "$capture" "$plain"
for file in "$plain" "$top"/captures/server-closes-first.pcapng; do
	for program in gzip xz zstd lz4; do
		! command -v $program > /dev/null || $program -c < "$file" > "$capture/${file##*/}.$program"
	done
done

# ---- frames ----

"$FRAME_SEEDS" "$folder/link" "$capture"/wrapped-*.pcap "$capture"/odd-*.pcap
