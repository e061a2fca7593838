/* Zeek's conn_state and history, rule by rule. What is expected was derived from Zeek's own source
 * by hand. */
#include "dialect/zeek.h"

#include "words-case.h"

typedef struct {
	const char *name;
	uint16_t port[2]; /* of the client and the server; 0: 40000 and 80 */
	const char *segments;
	const char *conn_state;
	const char *history;
} Case;

/* A handshake, and a request of 10 bytes that is acknowledged. */
#define OPEN "> S 0; < S. 0 ack 1; > . 1 ack 1"
#define TALK OPEN "; > P. 1+10 ack 1; < . 1 ack 11"

/* clang-format off */
static const Case cases[] = {
	/* Each conn_state. */
	{ "state/s0", { 0 }, "> S 0", "S0", "S" },
	{ "state/s1", { 0 }, OPEN, "S1", "ShA" },
	{ "state/sf", { 0 }, TALK "; > F. 11 ack 1; < F. 1 ack 12; > . 12 ack 2", "SF", "ShADaFf" },
	{ "state/rej", { 0 }, "> S 0; < R. 0 ack 1", "REJ", "Sr" },
	{ "state/s2", { 0 }, TALK "; > F. 11 ack 1; < . 1 ack 12", "S2", "ShADaF" },
	{ "state/s3", { 0 }, TALK "; < F. 1 ack 11; > . 11 ack 2", "S3", "ShADaf" },
	{ "state/rsto", { 0 }, TALK "; > R. 11 ack 1", "RSTO", "ShADaR" },
	{ "state/rstr", { 0 }, TALK "; < R. 1 ack 11", "RSTR", "ShADar" },
	{ "state/rstos0", { 0 }, "> S 0; > R 1", "RSTOS0", "SR" },
	{ "state/rstrh", { 0 }, "< S. 0 ack 1; < R 1", "RSTRH", "^hr" },
	{ "state/sh", { 0 }, "> S 0; > F. 1 ack 1", "SH", "SF" },
	{ "state/shr", { 0 }, "< S. 0 ack 1; < F. 1 ack 1", "SHR", "^hf" },
	{ "state/oth", { 0 }, "> P. 1+10 ack 1; < . 1 ack 11", "OTH", "Da" },

	/* Who is orig. */
	{ "orig/first-sender", { 40000, 40001 }, "< P. 1+5 ack 1", "OTH", "D" },
	{ "orig/syn-never-flips", { 80, 40000 }, "> S 0", "S0", "S" },
	{ "orig/from-a-server-port", { 0 }, "< P. 1+5 ack 1", "OTH", "^d" },
	{ "orig/from-the-lesser-server-port", { 443, 80 }, "< P. 1+5 ack 1", "OTH", "^d" },
	{ "orig/from-the-greater-server-port", { 80, 443 }, "< P. 1+5 ack 1", "OTH", "D" },
	{ "orig/syn-ack-between-server-ports", { 443, 80 }, "< S. 0 ack 1", "OTH", "H" },
	{ "orig/syn-ack-from-a-server-port", { 0 }, "< S. 0 ack 1", "OTH", "^h" },
	{ "orig/6665-is-no-server-port", { 40000, 6665 }, "< . 1 ack 1", "OTH", "A" },
	{ "orig/6666-is-a-server-port", { 40000, 6666 }, "< . 1 ack 1", "OTH", "^a" },
	{ "orig/6669-is-a-server-port", { 40000, 6669 }, "< . 1 ack 1", "OTH", "^a" },
	{ "orig/6670-is-no-server-port", { 40000, 6670 }, "< . 1 ack 1", "OTH", "A" },
	{ "orig/syn-ack-then-ack", { 40000, 40001 }, "< S. 0 ack 1; > . 1 ack 1", "OTH", "^hA" },
	{ "orig/syn-ack-then-data", { 40000, 40001 }, "< S. 0 ack 1; > P. 1+3 ack 1", "OTH", "^hD" },
	{ "orig/syn-ack-then-its-own-data", { 40000, 40001 }, "< S. 0 ack 1; < P. 1+3 ack 1",
	  "OTH", "^hd" },
	{ "orig/syn-ack-then-fin", { 40000, 40001 }, "< S. 0 ack 1; < F. 1 ack 1", "SH", "HF" },
	{ "orig/syn-ack-twice-then-ack", { 40000, 40001 },
	  "< S. 0 ack 1; < S. 0 ack 1; > . 1 ack 1", "OTH", "^hA" },
	/* Not exactly H any more. */
	{ "orig/syn-ack-closed-window-then-ack", { 40000, 40001 },
	  "< S. 0 ack 1 win 0; > . 1 ack 1", "OTH", "HWa" },
	{ "orig/syn-ack-then-its-syn", { 40000, 40001 }, "< S. 0 ack 1; > S 0", "S1", "Hs^" },
	{ "orig/syn-ack-then-its-syn-then-all", { 40000, 40001 },
	  "< S. 0 ack 1; > S 0; > . 1 ack 1; > P. 1+9 ack 1; > F. 10 ack 1; < F. 1 ack 11", "SF",
	  "Hs^ADFf" },

	/* How an end moves. */
	{ "move/ack-before-syn-ack", { 0 }, "> S 0; < . 77 ack 1", "S0", "Sa" },
	{ "move/ack-before-syn-ack-then-syn-ack", { 0 }, "> S 0; < . 1 ack 1; < S. 0 ack 1", "S1",
	  "Sah" },
	{ "move/data-before-syn-ack", { 0 }, "> S 0; < P. 1+4 ack 1", "OTH", "Sd" },
	{ "move/ack-after-unseen-syn", { 0 }, "< S. 0 ack 1; > . 1 ack 1", "S1", "^hA" },
	{ "move/unseen-syn-to-the-end", { 0 },
	  "< S. 0 ack 1; > . 1 ack 1; > F. 1 ack 1; < F. 1 ack 2; > . 2 ack 2", "SF", "^hAFf" },
	{ "move/syn-ack-sent-reset", { 40000, 40001 }, "< S. 0 ack 1; > R 1", "REJ", "Hr" },
	{ "move/syn-ack-sent-resets", { 40000, 40001 }, "< S. 0 ack 1; < R 1", "OTH", "HR" },
	{ "move/syn-after-partial", { 0 }, "> P. 1+4 ack 1; > S 0", "S0", "DS" },
	{ "move/syn-after-partial-peer-partial", { 0 }, "> P. 1+4 ack 1; < . 1 ack 5; > S 0", "OTH",
	  "DaS" },
	{ "move/partial-fins", { 0 }, "> . 1 ack 1; < . 1 ack 1; > F. 1 ack 1; < F. 1 ack 2", "SF",
	  "AaFf" },
	{ "move/fin-and-rst-is-a-reset", { 0 }, OPEN "; > FR. 1 ack 1", "RSTO", "ShAI" },
	{ "move/syn-and-fin", { 0 }, "> FS 0", "SH", "Q" },
	{ "move/syn-and-rst", { 0 }, "> SR 0", "OTH", "Q" },
	{ "move/no-flags", { 0 }, "> 0 1", "OTH", "" },
	{ "move/fin-alone", { 0 }, "> F 1", "SH", "F" },
	{ "move/rst-alone", { 0 }, "> R 1", "OTH", "R" },
	{ "move/rst-after-both-fins", { 0 }, OPEN "; > F. 1 ack 1; < F. 1 ack 2; > R 2", "SF",
	  "ShAFfR" },
	{ "move/rst-after-own-fin", { 0 }, OPEN "; > F. 1 ack 1; > R 2", "RSTO", "ShAFR" },
	{ "move/fin-rst-and-peers-fin", { 0 }, OPEN "; > F. 1 ack 1; > R 2; < F. 1 ack 2", "SF",
	  "ShAFRf" },
	{ "move/rst-against-fin", { 0 }, OPEN "; > F. 1 ack 1; < R 1", "RSTR", "ShAFr" },
	{ "move/rst-then-peers-rst", { 0 }, TALK "; > R 11; < R 1", "RSTR", "ShADaRr" },
	{ "move/reset-stays", { 0 }, TALK "; > R 11; > F. 11 ack 1; > . 12 ack 1", "RSTO",
	  "ShADaRF" },
	{ "move/rst-of-resp-in-handshake", { 0 }, "> S 0; < S. 0 ack 1; < R 1", "RSTR", "Shr" },
	{ "move/rst-of-orig-in-handshake", { 0 }, "> S 0; < S. 0 ack 1; > R 1", "RSTO", "ShR" },

	/* Both were reset: refused only where neither sent data. */
	{ "size/none", { 0 }, OPEN "; > R 1; < R 1", "REJ", "ShARr" },
	{ "size/of-orig", { 0 }, OPEN "; > P. 1+1 ack 1; > R 2; < R 1", "RSTR", "ShADRr" },
	{ "size/of-resp", { 0 }, OPEN "; < P. 1+1 ack 1; > R 1; < R 2", "RSTR", "ShAdRr" },
	{ "size/of-fin-alone", { 0 }, OPEN "; > F. 1 ack 1; > R 2; < R 1", "REJ", "ShAFRr" },
	{ "size/only-acknowledged", { 0 }, OPEN "; < . 1 ack 9; > R 9; < R 1", "RSTR", "ShAaGRr" },
	{ "size/half-open", { 0 }, "> S 0; < . 700 ack 5000; > R 5000; < R 700", "RSTR", "SaRr" },

	/* What makes RSTOS0 of a RST against silence. */
	{ "rstos0/after-resps-ack", { 0 }, "> S 0; < . 700 ack 5000; > R 5000", "RSTOS0", "SaR" },
	{ "rstos0/not-after-own-ack", { 0 }, "> S 0; > . 1 ack 1; > R 1", "OTH", "SAR" },
	{ "rstos0/not-after-both-flags", { 0 }, "> S 0; > FR 1; > R 1", "OTH", "SIR" },
	{ "rstos0/rst-twice", { 0 }, "> S 0; > R 1; > R 5", "RSTOS0", "SRR" },
	{ "rstos0/more-after-it", { 0 }, "> S 0; > R 1; > . 1 ack 1", "RSTOS0", "SRA" },
	{ "rstos0/repeated-data-in-the-syn", { 0 }, "> S 0+4; > R 5", "RSTOS0", "STR" },

	/* Letters that are written once a side. */
	{ "once/ack", { 0 }, OPEN "; > . 1 ack 1; < . 1 ack 1; < . 1 ack 1", "S1", "ShAa" },
	{ "once/data", { 0 }, OPEN "; > P. 1+5 ack 1; > P. 6+5 ack 1; < P. 1+1 ack 11", "S1",
	  "ShADd" },
	{ "once/fin-with-data-is-no-d", { 0 }, OPEN "; > FP. 1+5 ack 1", "S2", "ShAF" },
	{ "once/multi", { 0 }, "> S 0; < FS. 0 ack 1; < FS. 0 ack 1; < FSR. 0 ack 1", "RSTR",
	  "Sqi" },
	{ "once/fin-and-rst", { 0 }, OPEN "; > FR 1; > FR 7; < FR 1", "REJ", "ShAIi" },
	{ "once/flags-that-do-not-count", { 0 }, OPEN "; > P 1; > 0 1", "S1", "ShA" },
	{ "once/data-without-ack", { 0 }, OPEN "; > 0 1+3", "S1", "ShAD" },

	/* Letters that have a number. */
	{ "number/syn-again", { 0 }, "> S 0; > S 0; > S 0", "S0", "S" },
	{ "number/syn-ack-again", { 0 }, "> S 0; < S. 0 ack 1; < S. 0 ack 1", "S1", "Sh" },
	/* The second one starts the numbers afresh, so it is 0 again; then nothing differs. */
	{ "number/syn-ack-with-another-number", { 0 }, "> S 0; < S. 0 ack 1; < S. 90 ack 1", "S1",
	  "Sh" },
	/* In CLOSED nothing starts afresh. */
	{ "number/syn-ack-with-another-number-after-fin", { 0 },
	  "> S 0; < S. 0 ack 1; < F. 1 ack 1; < S. 90 ack 1; < S. 90 ack 1", "S3", "Shfh" },
	{ "number/s-and-h-share", { 40000, 40001 },
	  "> S 0; > S. 0 ack 1; < S. 0 ack 1; > S. 0 ack 1", "S1", "Sh" },
	{ "number/fin-again", { 0 }, OPEN "; > F. 1 ack 1; > F. 1 ack 1", "S2", "ShAF" },
	{ "number/fin-of-another-end", { 0 }, OPEN "; > F. 1 ack 1; > FP. 1+5 ack 1", "S2",
	  "ShAFF" },
	{ "number/fin-again-with-the-data-before-it", { 0 },
	  OPEN "; > P. 1+5 ack 1; > F. 6 ack 1; > FP. 1+5 ack 1", "S2", "ShADFT" },
	{ "number/rst-again", { 0 }, OPEN "; < R 1; < R 1", "RSTR", "ShAr" },
	{ "number/rst-with-other-numbers", { 0 }, OPEN "; < R 1; < R 8; < R 1", "RSTR", "ShArrr" },

	/* W. */
	{ "window/closed", { 0 }, OPEN "; < . 1 ack 1 win 0", "S1", "ShAaw" },
	{ "window/closed-twice", { 0 }, OPEN "; < . 1 ack 1 win 0; < . 1 ack 1 win 0", "S1", "ShAaw" },
	{ "window/not-in-a-rst", { 0 }, OPEN "; < R. 1 ack 1 win 0", "RSTR", "ShAr" },
	{ "window/not-after-the-peers-fin", { 0 }, OPEN "; > F. 1 ack 1; < . 1 ack 2 win 0", "S2",
	  "ShAFa" },
	{ "window/after-ones-own-fin", { 0 }, OPEN "; > F. 1 ack 1 win 0; > . 2 ack 1 win 0", "S2",
	  "ShAFW" },
	{ "window/not-after-ones-own-rst", { 0 }, OPEN "; > R 1; > . 1 ack 1 win 0", "RSTO",
	  "ShAR" },
	{ "window/in-the-syn", { 0 }, "> S 0 win 0", "S0", "SW" },

	/* T. */
	{ "repeat/the-same", { 0 }, OPEN "; > P. 1+5 ack 1; > P. 1+5 ack 1", "S1", "ShADT" },
	{ "repeat/part-of-it", { 0 }, OPEN "; > P. 1+5 ack 1; > P. 3+3 ack 1", "S1", "ShADT" },
	{ "repeat/and-more", { 0 }, OPEN "; > P. 1+5 ack 1; > P. 1+6 ack 1", "S1", "ShAD" },
	{ "repeat/keep-alive", { 0 }, OPEN "; > P. 1+5 ack 1; > . 5 ack 1; < . 1 ack 6", "S1",
	  "ShADa" },
	{ "repeat/keep-alive-with-a-byte", { 0 }, OPEN "; > P. 1+5 ack 1; > . 5+1 ack 1", "S1",
	  "ShADT" },
	{ "repeat/out-of-order", { 0 }, OPEN "; > P. 6+5 ack 1; > P. 1+5 ack 1", "S1", "ShADT" },
	{ "repeat/mid-stream-first-is-none", { 0 }, "> P. 1+5 ack 1", "OTH", "D" },
	/* Zeek begins a SYN's numbers at its end. */
	{ "repeat/data-in-the-syn", { 0 }, "> S 0+5; < S. 0 ack 6; > . 6 ack 1", "S1", "SThA" },
	{ "repeat/not-after-rst", { 0 }, TALK "; > R 11; > P. 1+10 ack 1", "RSTO", "ShADaR" },
	{ "repeat/fin-sets-the-first-number", { 0 },
	  "> S 0; < S. 0 ack 1; > F. 2147483654 ack 1; > P. 1+10 ack 1", "S2", "ShFDT" },
	{ "repeat/fin-behind-does-not-set-a-later-one", { 0 },
	  OPEN "; > P. 1+1 ack 1; > F. 2147483655 ack 1; > P. 2+10 ack 1", "S2", "ShADF" },
	{ "repeat/syn-ack-that-jumps-does-not-count", { 0 },
	  TALK "; < F. 1 ack 11; < S. 2000000 ack 11; < P. 1+20 ack 11", "S3", "ShADafhd" },
	{ "repeat/syn-ack-near-by-counts", { 0 },
	  TALK "; < F. 1 ack 11; < S. 90 ack 11; < P. 1+20 ack 11", "S3", "ShADafhdt" },

	/* G. */
	{ "gap/ack-of-what-was-not-seen", { 0 }, OPEN "; < . 1 ack 11", "S1", "ShAaG" },
	{ "gap/in-the-case-of-its-sender", { 0 }, OPEN "; > . 1 ack 11", "S1", "ShAg" },
	{ "gap/once-a-hole", { 0 },
	  OPEN "; > P. 6+5 ack 1; > P. 16+5 ack 1; < . 1 ack 21; < . 1 ack 21", "S1", "ShADaG" },
	{ "gap/filled-in-time", { 0 }, OPEN "; > P. 6+5 ack 1; > P. 1+5 ack 1; < . 1 ack 11", "S1",
	  "ShADTa" },
	{ "gap/filled-too-late", { 0 }, OPEN "; > P. 6+5 ack 1; < . 1 ack 11; > P. 1+5 ack 1", "S1",
	  "ShADaGT" },
	{ "gap/not-yet-acknowledged", { 0 }, OPEN "; > P. 6+5 ack 1; < . 1 ack 1", "S1", "ShADa" },
	{ "gap/ack-of-the-fin-is-none", { 0 }, OPEN "; > F. 1 ack 1; < . 1 ack 2", "S2", "ShAFa" },
	{ "gap/before-the-fin", { 0 }, OPEN "; > F. 6 ack 1; < . 1 ack 7", "S2", "ShAFaG" },
	{ "gap/both-closed", { 0 }, OPEN "; < F. 1 ack 1; > F. 6 ack 2; < . 2 ack 7", "SF",
	  "ShAfFaG" },
	{ "gap/not-after-rst", { 0 }, OPEN "; < R. 1 ack 11", "RSTR", "ShAr" },
	{ "gap/not-in-mid-stream", { 0 }, "> . 1 ack 1; < . 1 ack 11", "OTH", "Aa" },
	{ "gap/not-before-the-syn-ack", { 0 }, "> S 0; < . 1 ack 11", "S0", "Sa" },
	{ "gap/cut-payload-is-not-delivered", { 0 },
	  OPEN "; > P. 1+10 ack 1 cut; < . 1 ack 11; > P. 11+10 ack 1; < . 1 ack 21", "S1",
	  "ShADaG" },
	{ "gap/cut-then-sent-again-whole", { 0 },
	  OPEN "; > P. 1+10 ack 1 cut; > P. 1+10 ack 1; < . 1 ack 11", "S1", "ShADTa" },
	{ "gap/data-in-the-syn-is-delivered", { 0 }, "> S 0+5; < S. 0 ack 6; > . 6 ack 1", "S1",
	  "SThA" },
	/* Nor does it count as sent, so that it looks like a repetition. */
	{ "gap/payload-of-a-rst-is-not", { 0 }, TALK "; < R. 1+9 ack 11; > . 11 ack 10", "RSTR",
	  "ShADart" },
	/* Its first segment was an ACK, so the connection counts as picked up in mid-stream, although
	 * both ends are established in the end. */
	{ "gap/partial-may-miss-one", { 0 },
	  "> S 0; < . 1 ack 1; < S. 0 ack 1; > . 1 ack 2; > . 1 ack 3", "S1", "SahAg" },
	{ "gap/one-byte-counts", { 0 }, OPEN "; > . 1 ack 2", "S1", "ShAg" },
	{ "gap/below-the-start-is-not-delivered", { 0 }, OPEN "; > P. -20+30 ack 1; < . 1 ack 10",
	  "S1", "ShADaG" },
	{ "gap/ack-below-the-start-is-nothing", { 0 }, OPEN "; < . 1 ack -20", "S1", "ShAa" },
};
/* clang-format on */

static void run(ZeekConnection *zeek, const char *text, const uint16_t given[2])
{
	const uint16_t usual[2] = { 40000, 80 };
	const uint16_t *port = given[0] ? given : usual;
	g_auto(GStrv) segments = words_split(text);

	for (unsigned at = 0; segments[at]; at++) {
		WordsSegment next = words_segment(segments[at], port);

		if (at == 0)
			zeek_begin(zeek, next.sender, &next.segment);
		else
			g_assert_false(zeek_begins_anew(zeek, &next.segment));
		zeek_segment(zeek, next.sender, &next.segment, next.cut);
	}
}

static void test_case(gconstpointer data)
{
	const Case *given = data;
	ZeekConnection zeek;

	run(&zeek, given->segments, given->port);
	g_assert_cmpstr(zeek_history(&zeek), ==, given->history);
	g_assert_cmpstr(zeek_conn_state(&zeek), ==, given->conn_state);
	zeek_clear(&zeek);
}

/* Whether a segment begins a new connection after others. */
static bool is_anew(const char *before, const char *text, uint16_t server_port)
{
	const uint16_t port[2] = { 40000, server_port };
	WordsSegment next = words_segment(text, port);
	ZeekConnection zeek;
	bool anew;

	run(&zeek, before, port);
	anew = zeek_begins_anew(&zeek, &next.segment);
	zeek_clear(&zeek);
	return anew;
}

static void test_anew(void)
{
	/* A SYN with the same number is the same SYN, until somebody has closed. */
	g_assert_false(is_anew("> S 0", "> S 0", 80));
	g_assert_false(is_anew(OPEN, "> S 0", 80));
	g_assert_true(is_anew(OPEN "; > F. 1 ack 1", "> S 0", 80));
	g_assert_true(is_anew(OPEN "; < F. 1 ack 1", "> S 0", 80));
	g_assert_true(is_anew("> S 0; < R. 0 ack 1", "> S 0", 80));
	/* With another number it is another connection, at any time. */
	g_assert_true(is_anew("> S 0", "> S 5", 80));
	g_assert_true(is_anew(TALK, "> S 5", 80));
	/* That is so from the other side, too: a simultaneous open is two connections. */
	g_assert_true(is_anew("> S 0", "< S 0", 80));
	/* A SYN-ACK is an answer, whatever its number, once orig was seen. */
	g_assert_false(is_anew("> S 0", "< S. 0 ack 1", 80));
	g_assert_false(is_anew("> S 0; < S. 0 ack 1", "< S. 9 ack 1", 80));
	g_assert_false(is_anew(OPEN "; > F. 1 ack 1", "< S. 0 ack 1", 80));
	/* While orig was not: as a SYN. */
	g_assert_false(is_anew("< S. 0 ack 1", "< S. 0 ack 1", 80));
	g_assert_true(is_anew("< S. 0 ack 1", "< S. 9 ack 1", 80));
	g_assert_true(is_anew("< S. 0 ack 1; < F. 1 ack 1", "< S. 0 ack 1", 80));
	/* The SYN before the SYN-ACK, captured after it: orig is turned round. */
	g_assert_false(is_anew("< S. 0 ack 1", "> S 0", 40001));
	g_assert_true(is_anew("< S. 0 ack 1", "> S 1", 40001));
	g_assert_false(is_anew("< S. 0 ack 1", "> S 0", 80));
	/* Mid-stream the number before the first one counts as the SYN's. */
	g_assert_false(is_anew("> P. 1+4 ack 1", "> S 0", 80));
	g_assert_true(is_anew("> P. 1+4 ack 1", "> S 1", 80));
	/* Nothing else begins a connection. */
	g_assert_false(is_anew(TALK "; > R 11", "> . 11 ack 1", 80));
	g_assert_false(is_anew(TALK "; > R 11", "> F. 11 ack 1", 80));
}

/* How often T stands in a history after so many repetitions. */
static size_t repeats_written(unsigned count)
{
	const uint16_t port[2] = { 40000, 80 };
	WordsSegment again = words_segment("> P. 1+10 ack 1", port);
	ZeekConnection zeek;
	size_t length;

	run(&zeek, TALK, port);
	for (unsigned at = 0; at < count; at++)
		zeek_segment(&zeek, 0, &again.segment, false);
	length = strlen(zeek_history(&zeek)) - strlen("ShADa");
	g_assert_cmpuint(strspn(zeek_history(&zeek) + strlen("ShADa"), "T"), ==, length);
	return length;
}

static void test_counted(void)
{
	g_assert_cmpuint(repeats_written(0), ==, 0);
	g_assert_cmpuint(repeats_written(1), ==, 1);
	g_assert_cmpuint(repeats_written(9), ==, 1);
	g_assert_cmpuint(repeats_written(10), ==, 2);
	g_assert_cmpuint(repeats_written(99), ==, 2);
	g_assert_cmpuint(repeats_written(100), ==, 3);
	g_assert_cmpuint(repeats_written(100000), ==, 6);
}

/* A history that grows out of its place, and one that would not end. */
static void test_long(void)
{
	const uint16_t port[2] = { 40000, 80 };
	WordsSegment reset = words_segment("> R 1", port);
	ZeekConnection zeek;

	run(&zeek, OPEN, port);
	for (unsigned at = 0; at < 2 * ZEEK_HISTORY_MAX; at++) {
		size_t expected = MIN(4 + at, ZEEK_HISTORY_MAX);

		zeek_segment(&zeek, 0, &reset.segment, false);
		reset.segment.seq++;
		g_assert_cmpuint(strlen(zeek_history(&zeek)), ==, expected);
		g_assert_cmpuint(strspn(zeek_history(&zeek) + 3, "R"), ==, expected - 3);
		g_assert_true(g_str_has_prefix(zeek_history(&zeek), "ShA"));
	}
	zeek_clear(&zeek);
	g_assert_null(zeek.extra);
}

/* More than 2^32 bytes: numbers pass zero more than once, and nothing looks like a repetition. */
static void test_wraps(void)
{
	const uint16_t port[2] = { 40000, 80 };
	const uint32_t step = 1u << 30;
	WordsSegment data = words_segment("> P. 1+0 ack 1", port);
	WordsSegment ack = words_segment("< . 1 ack 1", port);
	ZeekConnection zeek;

	run(&zeek, OPEN, port);
	data.segment.payload = step;
	for (unsigned at = 0; at < 9; at++) {
		zeek_segment(&zeek, 0, &data.segment, false);
		data.segment.seq += step;
		ack.segment.ack += step;
		zeek_segment(&zeek, 1, &ack.segment, false);
		/* Between 2^31 and 2^32 bytes from the start, and before a wrap, Zeek takes numbers
		 * for ones below the start; a connection from 1000 on is there in the third step.
		 */
	}
	g_assert_cmpstr(zeek_conn_state(&zeek), ==, "S1");
	g_assert_true(g_str_has_prefix(zeek_history(&zeek), "ShADa"));
	g_assert_null(strchr(zeek_history(&zeek), 'T'));
	zeek_clear(&zeek);
}

/* A SYN that is told of by its number alone leaves nothing else behind than one that passed. */
static void test_syn_by_number(void)
{
	static const uint32_t numbers[] = { 0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };

	for (unsigned i = 0; i < 2 * G_N_ELEMENTS(numbers); i++) {
		const Segment syn = { .flags = TH_SYN, .seq = numbers[i / 2], .window = 1 };
		ZeekConnection passed, told;

		zeek_begin(&passed, i % 2, &syn);
		zeek_segment(&passed, i % 2, &syn, false);
		zeek_begin_syn(&told, i % 2, syn.seq);
		g_assert_cmpmem(&told, sizeof(told), &passed, sizeof(passed));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t at = 0; at < G_N_ELEMENTS(cases); at++) {
		g_autofree char *path = g_strconcat("/words-zeek/", cases[at].name, NULL);

		g_test_add_data_func(path, &cases[at], test_case);
	}
	g_test_add_func("/words-zeek/anew", test_anew);
	g_test_add_func("/words-zeek/counted", test_counted);
	g_test_add_func("/words-zeek/long", test_long);
	g_test_add_func("/words-zeek/wraps", test_wraps);
	g_test_add_func("/words-zeek/syn-by-number", test_syn_by_number);
	return g_test_run();
}
