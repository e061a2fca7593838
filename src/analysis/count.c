/* What is counted of frames and segments as decoding found them. Knows the totals; knows no
 * connection. */
#include "analysis/count.h"

#include "decode/checksum.h"

void count_unwrapped(AnalysisTotals *totals, unsigned unwrapped)
{
	for (unsigned kind = 0; kind < UNWRAP_COUNT; kind++)
		totals->unwrapped[kind] += unwrapped >> kind & 1;
}

void count_wrong_sums(AnalysisTotals *totals, unsigned wrong)
{
	totals->wrong_ip += !!(wrong & WRONG_SUM_IP);
	totals->wrong_tcp += !!(wrong & WRONG_SUM_TCP);
}

void count_fragments(AnalysisTotals *totals, const DecodeOptions *decode)
{
	WifiCounts wifi = wifi_fragments_counts(decode->wifi);

	totals->fragments = fragments_counts(decode->fragments);
	totals->fragments.packets += wifi.frames;
	totals->fragments.incomplete += wifi.incomplete;
}
