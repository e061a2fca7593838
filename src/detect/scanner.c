/* A host that tries one endpoint after the other. Knows what it tried, when that makes a scan, and
 * how a scan is told; knows no connection.
 *
 * Which endpoints were tried is kept as bits of a hash, so that a scan of all ports takes no more
 * room than another. What is counted is then a little less than what was. */
#include "detect/scanner.h"

#include <stdio.h>

#include "detect/raise.h"

/* Endpoints tried in vain that make a scan: ports, or hosts, by SYNs; either by odd flags. */
#define SYN_PORTS     10
#define SYN_HOSTS     20
#define ODD_ENDPOINTS 3

/* A scan completes less than one handshake for so many that come to nothing. */
#define PER_COMPLETED 3

/* Total over the first count that is worth another line. */
#define TOTAL_GROWTH 10

static const struct {
	AnomalyKind kind;                 /* what many of them are called */
	AnomalyKind each[SCANNER_CALLED]; /* what one of them is called */
	const char *named;                /* what is sent, in a sentence */
} ways[SCANNER_WAYS] = {
	[SCAN_BY_SYN] = { ANOMALY_SYN_SCAN,
			  { ANOMALY_CONNECTION_REFUSED, ANOMALY_ICMP_UNREACHABLE },
			  "SYNs that came to nothing" },
	[SCAN_BY_FIN] = { ANOMALY_FIN_SCAN,
			  { ANOMALY_BAD_FLAGS, ANOMALY_BAD_FLAGS },
			  "segments with FIN alone" },
	[SCAN_BY_NULL] = { ANOMALY_NULL_SCAN,
			   { ANOMALY_BAD_FLAGS, ANOMALY_BAD_FLAGS },
			   "segments without any flag" },
	[SCAN_BY_XMAS] = { ANOMALY_XMAS_SCAN,
			   { ANOMALY_BAD_FLAGS, ANOMALY_BAD_FLAGS },
			   "segments with FIN, PSH and URG" },
};

void scanner_clear(Scanner *scanner)
{
	g_clear_pointer(&scanner->tries, g_free);
}

NsTime scanner_last(const Scanner *scanner)
{
	NsTime last = 0;

	if (!scanner->tries)
		return scanner->first.done ? MAX(last, scanner->first.seen) : last;
	for (unsigned way = 0; way < SCANNER_WAYS; way++)
		last = MAX(last, scanner->tries[way].last);
	return last;
}

static unsigned count(const uint64_t *bits)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < SCANNER_BITS / 64; i++)
		sum += (unsigned)__builtin_popcountll(bits[i]);
	return sum;
}

/* Neighbours have different ones: scans go through them. */
static uint32_t address_hash(const Address *address)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < sizeof(address->bytes); i++)
		hash = hash * 31 + address->bytes[i];
	return hash;
}

static void set(uint64_t *bits, uint32_t hash)
{
	bits[hash % SCANNER_BITS / 64] |= UINT64_C(1) << hash % 64;
}

static bool is_scan(const Scanner *scanner, ScanWay way)
{
	const ScannerTries *tries = &scanner->tries[way];
	unsigned ports, hosts;

	/* Most hosts try little in vain. */
	if (tries->total < ODD_ENDPOINTS)
		return false;
	ports = count(tries->ports);
	hosts = count(tries->hosts);
	if (way != SCAN_BY_SYN)
		return ports >= ODD_ENDPOINTS || hosts >= ODD_ENDPOINTS;
	return (ports >= SYN_PORTS || hosts >= SYN_HOSTS) &&
	       tries->total >= PER_COMPLETED * scanner->completed;
}

/* ", with 9 connection-refused before this": what the scan takes back. */
static void append_raised(char *text, size_t size, const ScannerTries *tries)
{
	const char *separator = ", with ";
	size_t length = 0;

	for (unsigned i = 0; i < SCANNER_CALLED; i++) {
		const AnomalyFold *fold = &tries->raised[i];

		if (!fold->count)
			continue;
		length += (size_t)snprintf(text + length, size - length, "%s%u %s", separator,
					   fold->count, anomaly_kind_name(fold->kind));
		separator = " and ";
	}
	if (length)
		snprintf(text + length, size - length, " before this");
}

/* The hosts that a scan is about: the one that scans, and the one that it scans if there is no
 * other. */
static void set_hosts(Anomaly *anomaly, const Scanner *scanner, ScanWay way)
{
	anomaly->hosts[0] = scanner->entry.key.end[0];
	if (count(scanner->tries[way].hosts) == 1)
		anomaly->hosts[1] = scanner->tries[way].target;
}

void scanner_raise(Analysis *analysis, Scanner *scanner, ScanWay way, NsTime now, uint64_t frame)
{
	ScannerTries *tries = &scanner->tries[way];
	unsigned ports = count(tries->ports), hosts = count(tries->hosts);
	char address[ADDRESS_TEXT_MAX], before[96] = "";
	Anomaly anomaly = detect_later(NULL, ways[way].kind, ANOMALY_NO_SIDE, now);

	tries->raised_at = tries->total;
	anomaly.frame = frame;
	set_hosts(&anomaly, scanner, way);
	for (unsigned i = 0; i < ANOMALY_FRAMES_MAX; i++)
		detect_evidence(&anomaly, tries->frames[i]);
	address_format(address, &scanner->entry.key.end[0].addr, scanner->entry.key.end[0].version);
	anomaly.folds = tries->raised;
	anomaly.fold_count = SCANNER_CALLED;
	append_raised(before, sizeof(before), tries);
	detect_raise(analysis, anomaly, "%s sent %s to %u port%s of %u host%s within %s%s", address,
		     ways[way].named, ports, ports == 1 ? "" : "s", hosts, hosts == 1 ? "" : "s",
		     detect_span(now - tries->first).text, before);
}

void scanner_raise_totals(Analysis *analysis, const Scanner *scanner, NsTime now)
{
	for (unsigned way = 0; scanner->tries && way < SCANNER_WAYS; way++) {
		const ScannerTries *tries = &scanner->tries[way];
		char address[ADDRESS_TEXT_MAX];
		Anomaly anomaly;

		if (!tries->raised_at || tries->total < TOTAL_GROWTH * tries->raised_at)
			continue;
		address_format(address, &scanner->entry.key.end[0].addr,
			       scanner->entry.key.end[0].version);
		anomaly = detect_later(NULL, ways[way].kind, ANOMALY_NO_SIDE, now);
		anomaly.severity = SEVERITY_INFO;
		set_hosts(&anomaly, scanner, (ScanWay)way);
		for (unsigned i = 0; i < ANOMALY_FRAMES_MAX; i++)
			detect_evidence(&anomaly, tries->frames[i]);
		detect_raise(analysis, anomaly, "the scan by %s came to %u %s, within %s", address,
			     tries->total, ways[way].named,
			     detect_span(tries->last - tries->first).text);
	}
}

static void add(ScannerTries *tries, const ScannerTry *one)
{
	if (!tries->total)
		tries->first = one->begun;
	if (tries->total < ANOMALY_FRAMES_MAX)
		tries->frames[tries->total] = one->frame;
	tries->total++;
	tries->last = one->seen;
	tries->target = one->target;
	set(tries->ports, one->target.port ^ one->target.port >> 8);
	set(tries->hosts, address_hash(&one->target.addr));
}

/* It is more than one try that has to be remembered. */
static void expand(Scanner *scanner)
{
	if (scanner->tries)
		return;
	scanner->tries = g_new0(ScannerTries, SCANNER_WAYS);
	if (scanner->first.done)
		add(&scanner->tries[scanner->first.way], &scanner->first);
}

bool scanner_try(Scanner *scanner, const Attempt *attempt, ScanWay way, NsTime now)
{
	const ScannerTry one = {
		.begun = attempt->begun,
		.seen = now,
		.frame = attempt->frame,
		.target = attempt->key.end[detect_peer(attempt->client)],
		.way = (uint8_t)way,
		.done = true,
	};

	if (!scanner_has_tried(scanner)) {
		scanner->first = one;
		return false;
	}
	expand(scanner);
	add(&scanner->tries[way], &one);
	return !scanner->tries[way].raised_at && is_scan(scanner, way);
}

bool scanner_is_known(const Scanner *scanner)
{
	for (unsigned way = 0; scanner->tries && way < SCANNER_WAYS; way++)
		if (scanner->tries[way].raised_at)
			return true;
	return false;
}

AnomalyFold *scanner_fold(Scanner *scanner, ScanWay way, AnomalyKind kind)
{
	expand(scanner);
	for (unsigned i = 0; i < SCANNER_CALLED; i++)
		if (ways[way].each[i] == kind)
			return &scanner->tries[way].raised[i];
	return NULL;
}
