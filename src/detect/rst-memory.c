/* What passed of a connection that may explain a RST. Knows when exchanges begin, the silences
 * before them, and what the IP headers of each side look like; does not know what follows from it,
 * see rst-cause.c. */
#include "detect/rst-memory.h"

#include "base/seq.h"
#include "detect/raise.h"

/* A counter of IP IDs may skip as many for what did not pass the tap. */
#define ID_STEP_MAX 64

static inline void note_id(RstOrigin *origin, uint16_t id)
{
	uint16_t step = (uint16_t)(id - origin->id_last);

	origin->id_last = id;
	if (!origin->id_known) {
		origin->id_known = origin->id_by_one = true;
		return;
	}
	if (step != 1)
		origin->id_by_one = false;
	if (step == 0 || step > ID_STEP_MAX)
		origin->id_erratic = true;
	else if (origin->id_steps < UINT8_MAX)
		origin->id_steps++;
}

static inline void note_origin(RstOrigin *origin, const Segment *segment)
{
	if (!origin->ttl_known) {
		origin->ttl_low = origin->ttl_high = segment->ttl;
		origin->ttl_known = true;
	} else if (segment->ttl < origin->ttl_low) {
		origin->ttl_low = segment->ttl;
	} else if (segment->ttl > origin->ttl_high) {
		origin->ttl_high = segment->ttl;
	}
	/* Linux answers a SYN without a socket of its own, with 0. */
	if (segment->ip_id)
		note_id(origin, segment->ip_id);
}

/* Since when no data had passed. @self is the connection's, here and below. */
static inline NsTime quiet_from(const SegmentEvent *event, bool self)
{
	const Connection *connection = event->connection;
	unsigned side = event->sender, peer = detect_peer(side);

	return MAX(connection->last_payload[self ? 0 : peer],
		   connection->last_text[self ? 0 : side][1]);
}

static inline void note_quiet(RstMemory *memory, const SegmentEvent *event, bool self)
{
	NsTime from = quiet_from(event, self);

	if (!from || event->segment->time - from < RST_GAP)
		return;
	memory->quiet = event->segment->time - from;
	memory->quiet_end = event->segment->time;
}

/* Who goes on sending before it has the peer's answer is in the middle of something. */
static inline bool begins_exchange(const RstMemory *memory, const SegmentEvent *event, bool self)
{
	const Connection *connection = event->connection;
	const Segment *segment = event->segment;
	unsigned side = event->sender, peer = detect_peer(side);
	const TcpSide *other = connection_side(connection, peer);

	if (segment->time - connection->last_text[self ? 0 : side][1] >= RST_GAP)
		return true;
	if (memory->unanswered & 1u << side)
		return false;
	return seq_geq(segment->ack, other->fin_sent ? other->fin_seq : other->snd_nxt);
}

static G_GNUC_NO_INLINE void note_exchange(RstMemory *memory, const SegmentEvent *event)
{
	const Segment *segment = event->segment;
	unsigned side = event->sender;
	uint8_t bit = (uint8_t)(1u << side);

	memory->unasked = (uint8_t)(memory->data_last == side + 1 ? memory->unasked | bit
								  : memory->unasked & ~bit);
	memory->request[side] =
		(RstRequest){ recall_keep(segment->frame), segment->ack, segment->seq };
	memory->request_time[side] = segment->time;
	memory->unanswered |= bit;
}

static inline void note_data(RstMemory *memory, const SegmentEvent *event, bool self)
{
	const Segment *segment = event->segment;
	unsigned side = event->sender;

	if (begins_exchange(memory, event, self))
		note_exchange(memory, event);
	/* Of most data the side had the last as well. */
	if (memory->data_last != side + 1) {
		memory->unanswered &= ~(1u << detect_peer(side));
		memory->data_last = side + 1;
	}
	memory->data[side] = recall_keep(segment->frame);
	memory->data_bytes[side] = segment->payload;
}

void rst_note(RstMemory *memory, const SegmentEvent *event)
{
	const Segment *segment = event->segment;
	bool self = event->connection->self;
	unsigned side = event->sender;

	if (event->class & SEGMENT_STRAY || segment->flags & TH_RST)
		return;
	note_origin(&memory->origin[side], segment);
	if (event->class & SEGMENT_NEW && segment_seq_len(segment)) {
		note_quiet(memory, event, self);
		if (segment->payload)
			note_data(memory, event, self);
	}
	if (segment->flags & TH_FIN && !memory->fin[side]) {
		memory->fin[side] = recall_keep(segment->frame);
		memory->fin_time[side] = segment->time;
	}
}

void rst_note_steady(RstMemory *memory, const SegmentEvent *event)
{
	note_origin(&memory->origin[event->sender], event->segment);
	if (event->segment->payload) {
		note_quiet(memory, event, false);
		note_data(memory, event, false);
	}
}

void rst_note_silence(RstMemory *memory, RstSilence *silence, const SegmentEvent *event)
{
	if (event->segment->flags & TH_RST) {
		silence->excused = event->idle;
		return;
	}
	memory->silent = true;
	silence->gap = event->idle;
	silence->gap_end = event->segment->time;
}

void rst_note_copy(RstMemory *memory, const SegmentEvent *event)
{
	RstOrigin *origin = &memory->origin[event->sender];
	uint8_t ttl = event->segment->ttl;

	if (event->segment->flags & TH_RST)
		return;
	origin->copy_low = origin->copy_high ? MIN(origin->copy_low, ttl) : ttl;
	origin->copy_high = MAX(origin->copy_high, ttl);
}

void rst_forget(RstMemory *memory)
{
	*memory = (RstMemory){
		.foreign_raised = memory->foreign_raised,
		.race_raised = memory->race_raised,
		.abort_raised = memory->abort_raised,
	};
}
