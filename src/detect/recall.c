/* What is remembered of a connection for all detectors: which frames showed what, kept once and
 * small. Knows what passed; knows not what it means. */
#include "detect/recall.h"

typedef struct {
	Observer observer; /* first: it is one */
	uint64_t frame;    /* the last one of a segment */
} RecallObserver;

uint64_t recall_number(RecallFrame frame, uint64_t now)
{
	uint64_t number = (now & ~(uint64_t)UINT32_MAX) | frame;

	if (!frame)
		return 0;
	return number > now && number > UINT32_MAX ? number - UINT32_MAX - 1 : number;
}

uint64_t recall_frame(const Observer *recall, RecallFrame frame)
{
	return recall_number(frame, ((const RecallObserver *)recall)->frame);
}

static void note_fin(Recall *recall, const SegmentEvent *event)
{
	unsigned side = event->sender;
	unsigned bit = 1u << side;
	bool outside = event->class & (SEGMENT_OUTSIDE | SEGMENT_PAWS) &&
		       segment_is_foreign(event->segment, event->class);

	if (recall->fin[side] && (!(recall->fin_outside & bit) || outside))
		return;
	recall->fin[side] = recall_keep(event->segment->frame);
	recall->fin_outside = outside ? recall->fin_outside | bit : recall->fin_outside & ~bit;
}

/* What only few segments say. */
static G_GNUC_NO_INLINE void note_others(Recall *recall, const SegmentEvent *event)
{
	const Segment *segment = event->segment;

	if (!(segment->flags & (TH_SYN | TH_RST)))
		recall->synchronised |= 1u << event->sender;
	if (event->class & SEGMENT_STRAY)
		return;
	if (!recall->first)
		recall->first = recall_keep(segment->frame);
	if ((segment->flags & (TH_FIN | TH_RST)) == TH_FIN)
		note_fin(recall, event);
}

static void recall_segment(Observer *observer, const SegmentEvent *event)
{
	Recall *recall = observer_slot(observer, event->connection);
	const Segment *segment = event->segment;
	unsigned bit = 1u << event->sender;
	RecallObserver *all = (RecallObserver *)observer;

	/* An embryo's segments passed before, and are told of only now. */
	all->frame = MAX(all->frame, segment->frame);
	recall->last[event->sender] = recall_keep(segment->frame);
	recall->payload = segment->payload ? recall->payload | bit : recall->payload & ~bit;
	if (!event->steady || !(recall->synchronised & bit) || !recall->first)
		note_others(recall, event);
}

static void recall_transition(Observer *observer, const Transition *transition)
{
	Recall *recall = observer_slot(observer, transition->connection);

	recall->entered[transition->side] = recall_keep(transition->frame);
}

static void recall_free(Observer *observer)
{
	g_free(observer);
}

Observer *detect_recall_new(void)
{
	RecallObserver *recall = g_new(RecallObserver, 1);

	*recall = (RecallObserver){
		.observer = {
			.slot_size = sizeof(Recall),
			.wants_flags = WANTS_ALL,
			.segment = recall_segment,
			.transition = recall_transition,
			.free = recall_free,
		},
	};
	return &recall->observer;
}
