/* What passed of a connection that may explain a RST. Knows when exchanges begin, the silences
 * before them, and what the IP headers of each side look like; does not know what follows from it.
 */
#ifndef WIRESTATE_DETECT_RST_MEMORY_H
#define WIRESTATE_DETECT_RST_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/analysis.h"
#include "detect/recall.h"

/* A time without a segment that ends an exchange: what follows begins another one. */
#define RST_GAP (500 * NSTIME_MILLISECOND)

/* No device that is known drops connections sooner for being idle (idle-limits.c). */
#define RST_SILENCE (60 * NSTIME_SECOND)

/* New data of one side that begins an exchange: it had been silent, or has all that the peer has
 * said to what it sent before. */
typedef struct {
	RecallFrame frame; /* of its first segment; 0: none yet */
	uint32_t ack;      /* what that acknowledges */
	uint32_t seq;      /* the number of its first byte */
} RstRequest;

/* The IP headers of one side's segments other than RSTs. */
typedef struct {
	uint16_t id_last;   /* the last IP ID that was not 0; see id_known */
	uint8_t id_steps;   /* how often it grew a little from one segment to the next; 255: or more
			     */
	bool id_known : 1;  /* id_last is valid */
	bool id_by_one : 1; /* all of those steps were 1: the socket's own counter */
	bool id_erratic : 1; /* it did something else at least once: nothing follows from it */
	bool ttl_known : 1;  /* ttl_low and ttl_high are valid */
	uint8_t ttl_low, ttl_high;   /* the range of TTLs, or of hop limits */
	uint8_t copy_low, copy_high; /* the same of what was captured once more; high 0: nothing */
} RstOrigin;

/* Per connection, all zero at first. What every segment moves on comes first, then what data does.
 */
typedef struct {
	RstOrigin origin[2];     /* what each side's segments look like */
	uint8_t data_last : 2;   /* the side whose data was last, plus one; 0: there was none */
	uint8_t unasked : 2;     /* a bit for each side: its last exchange followed its own data,
				  * so that it was not an answer */
	uint8_t unanswered : 2;  /* a bit for each side: it has begun an exchange, and its peer
				  * has sent no data since */
	bool foreign_raised : 1; /* middlebox-reset */
	bool race_raised : 1;    /* close-race */
	bool abort_raised : 1;   /* abortive-close */
	bool half_open : 1;      /* @excused was said to be of a half-open connection */
	bool silent : 1;         /* there was a gap of RST_SILENCE: see RstSilence */
	uint32_t data_bytes[2];  /* how much each side's last new data was */
	RecallFrame data[2];     /* its frame; 0: none */
	RstRequest request[2];   /* each side's last exchange */
	RecallFrame fin[2];      /* frame of each side's FIN; 0: none */
	RecallFrame excused;     /* frame of a RST whose TTL only copies of its side's segments
				  * have, until its own copy comes; 0: none. See rst_excuse() */
	NsTime request_time[2];  /* when the first segment of @request passed */
	NsTime quiet, quiet_end; /* the last long time without data or FIN, when keep-alives may
				  * have passed, and when it ended */
	NsTime fin_time[2];      /* when @fin passed */
} RstMemory;

/* Per connection that was silent for RST_SILENCE once, or had a RST excused. */
typedef struct {
	NsTime gap;     /* the last time without a segment that was a RST_GAP at least */
	NsTime gap_end; /* when it ended */
	NsTime excused; /* how long nothing had been sent before RstMemory.excused */
} RstSilence;

/* Takes note of a segment, after it was judged; rst_note_steady() of one that is steady and ends no
 * gap. */
void rst_note(RstMemory *memory, const SegmentEvent *event);
void rst_note_steady(RstMemory *memory, const SegmentEvent *event);

/* Whether it ends a gap that is to be kept, before it is noted: a long one, or that before a RST
 * which was excused just now. */
static inline bool rst_ends_silence(const RstMemory *memory, const SegmentEvent *event)
{
	if (event->segment->flags & TH_RST)
		return memory->excused == recall_keep(event->segment->frame);
	return event->idle >= (memory->silent ? RST_GAP : RST_SILENCE) &&
	       !(event->class & SEGMENT_STRAY);
}

/* Keeps that gap. */
void rst_note_silence(RstMemory *memory, RstSilence *silence, const SegmentEvent *event);

/* Takes note of a segment that was captured once more, perhaps a hop further: of another one the
 * copy alone may pass. */
void rst_note_copy(RstMemory *memory, const SegmentEvent *event);

/* Both sides have closed: what could explain a RST is not needed any more. */
void rst_forget(RstMemory *memory);

#endif
