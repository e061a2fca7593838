/* Handshakes that were begun within the last seconds. Knows when each began and asks again after
 * fixed times; knows not what their fate means. */
#include "detect/attempts.h"

#include "detect/recall.h"

/* Places of the ring at first, and the most there may be: what is more than that within seconds
 * is not followed, and counted. Those that are followed are signs enough of what goes on. */
#define PLACES_MIN 256u
#define PLACES_MAX (1u << 19)

/* What is due longer before the latest alarm keeps a time of its own: a clock was set back, or that
 * of an interface is far behind. Less than the seconds over which target.c counts. */
#define CLOCKS_APART (9 * NSTIME_SECOND)

/* So many places ahead memory is asked for. */
#define PLACES_AHEAD 4

typedef struct {
	NsTime after;             /* the SYN */
	AttemptFunction function; /* what is to be done */
	Observer *observer;       /* for whom */
	uint32_t head;            /* the first attempt for which that was not done */
} Stage;

typedef struct {
	Observer observer;      /* first: it is one */
	Analysis *analysis;     /* where those are counted that are not followed */
	const Observer *recall; /* who remembers which attempt a connection is */
	Attempt *ring;          /* attempt @n is in ring[n & mask] */
	uint32_t mask;          /* number of places less one */
	uint32_t tail;          /* number of the next attempt; 0 is none */
	NsTime now;             /* the latest alarm: what runs a little backwards comes too late */
	Stage stages[ATTEMPT_STAGES];
} Attempts;

static Attempt *at(const Attempts *attempts, uint32_t number)
{
	return &attempts->ring[number & attempts->mask];
}

static uint32_t count(const Attempts *attempts)
{
	return attempts->tail - attempts->stages[ATTEMPT_STAGES - 1].head;
}

G_STATIC_ASSERT(sizeof(Attempt) == 64);

/* Makes room for one more. False: there are too many. */
static G_GNUC_NO_INLINE bool grow(Attempts *attempts)
{
	uint32_t mask = attempts->mask * 2 + 1;
	Attempt *ring;

	if (attempts->mask + 1 >= PLACES_MAX) {
		analysis_forget(attempts->analysis, FORGOTTEN_HANDSHAKES);
		return false;
	}
	ring = g_new(Attempt, (gsize)mask + 1);
	for (uint32_t n = attempts->tail - count(attempts); n != attempts->tail; n++)
		ring[n & mask] = *at(attempts, n);
	g_free(attempts->ring);
	attempts->ring = ring;
	attempts->mask = mask;
	return true;
}

/* Numbers go round; 0 stays free. */
static uint32_t next_number(Attempts *attempts)
{
	if (!attempts->tail) {
		for (unsigned i = 0; i < ATTEMPT_STAGES; i++)
			attempts->stages[i].head += attempts->stages[i].head == 0;
		attempts->tail = 1;
	}
	return attempts->tail++;
}

/* Follows a connection that began with @syn of the client. Returns its number; 0: there are too
 * many. */
static uint32_t follow(Attempts *attempts, const Segment *syn, const FlowKey *key, unsigned client)
{
	Attempt *attempt;
	uint32_t number;

	if (count(attempts) > attempts->mask && !grow(attempts))
		return 0;
	number = next_number(attempts);
	attempt = at(attempts, number);
	*attempt = (Attempt){
		.begun = syn->time,
		.frame = syn->frame,
		.key = *key,
		.client = client & 1u,
		.open = true,
		.pending = true,
	};
	/* The place of one that comes soon. */
	__builtin_prefetch(at(attempts, number + PLACES_AHEAD), 1);
	/* Else it is others that are waited for. */
	if (attempts->stages[ATTEMPT_JUDGED].head == number)
		attempts->observer.alarm =
			nstime_earlier(attempts->observer.alarm,
				       attempt->begun + attempts->stages[ATTEMPT_JUDGED].after);
	return number;
}

static void attempts_segment(Observer *observer, const SegmentEvent *event)
{
	Attempts *attempts = (Attempts *)observer;
	const Segment *segment = event->segment;
	Connection *connection = event->connection;
	Recall *recall = recall_of(attempts->recall, connection);

	if (event->class & SEGMENT_STRAY || connection->self || recall->first ||
	    (segment->flags & (TH_SYN | TH_ACK | TH_RST)) != TH_SYN)
		return;
	if (event->memo)
		recall->attempt = event->memo->number;
	else
		recall->attempt = follow(attempts, segment, &connection->key, event->sender);
}

static void attempts_embryo(Observer *observer, const Segment *syn, const FlowPlace *place,
			    EmbryoMemo *memo)
{
	memo->number = follow((Attempts *)observer, syn, &place->key, place->sender);
}

static Attempt *find(const Attempts *attempts, uint32_t number)
{
	if (!number || attempts->tail - number - 1 >= count(attempts))
		return NULL;
	return at(attempts, number);
}

Attempt *attempts_of(Observer *observer, const Connection *connection)
{
	const Attempts *attempts = (const Attempts *)observer;

	return find(attempts, recall_of(attempts->recall, connection)->attempt);
}

Attempt *attempts_noted(Observer *observer, const EmbryoMemo *memo)
{
	return find((const Attempts *)observer, memo->number);
}

/* Whether a stage has nothing to do with an attempt. Most are not to be reviewed, and those of a
 * flood not even waited for, which is known when they have been judged. */
static bool is_done(const Attempt *attempt, AttemptStage which)
{
	if (which == ATTEMPT_JUDGED)
		return false;
	return which == ATTEMPT_REVIEWED ? !attempt->review : !attempt->pending || attempt->flooded;
}

/* Does what is due in a stage, with those that the stage before is done with. Returns when the next
 * one is due; NSTIME_NEVER: the stage waits for the one before. Where times run backwards, none
 * that is done waits for others. */
static inline NsTime do_stage(Attempts *attempts, AttemptStage which)
{
	Stage *stage = &attempts->stages[which];
	uint32_t end = which == ATTEMPT_JUDGED ? attempts->tail : attempts->stages[which - 1].head;

	for (; stage->head != end; stage->head++) {
		Attempt *attempt = at(attempts, stage->head);
		NsTime next = attempt->begun + stage->after;

		if (is_done(attempt, which))
			continue;
		if (next > attempts->now)
			return next;
		__builtin_prefetch(at(attempts, stage->head + PLACES_AHEAD), 1);
		stage->function(stage->observer, attempt,
				next < attempts->now - CLOCKS_APART ? next : attempts->now);
	}
	return NSTIME_NEVER;
}

static void attempts_ring(Observer *observer, NsTime now)
{
	Attempts *attempts = (Attempts *)observer;
	NsTime next;

	if (now > attempts->now || now < attempts->now - CLOCKS_APART)
		attempts->now = now;
	next = do_stage(attempts, ATTEMPT_JUDGED);
	next = nstime_earlier(next, do_stage(attempts, ATTEMPT_REVIEWED));
	observer->alarm = nstime_earlier(next, do_stage(attempts, ATTEMPT_SILENT));
}

/* Who takes the ports of another within seconds ends that attempt. */
static void attempts_connection(Observer *observer, Connection *connection, ConnectionPhase phase)
{
	Attempt *old;

	if (phase != CONNECTION_OPENED || !connection->previous)
		return;
	old = attempts_of(observer, connection->previous);
	if (old)
		old->open = old->review = old->pending = false;
}

void attempts_set_stage(Observer *observer, AttemptStage stage, NsTime after,
			AttemptFunction function, Observer *who)
{
	Attempts *attempts = (Attempts *)observer;

	attempts->stages[stage].after = after;
	attempts->stages[stage].function = function;
	attempts->stages[stage].observer = who;
}

void attempts_each(Observer *observer, AttemptStage stage, AttemptFunction function, Observer *who,
		   NsTime now)
{
	Attempts *attempts = (Attempts *)observer;

	for (uint32_t n = attempts->stages[stage].head; n != attempts->tail; n++)
		function(who, at(attempts, n), now);
}

static void attempts_free(Observer *observer)
{
	g_free(((Attempts *)observer)->ring);
	g_free(observer);
}

Observer *detect_attempts_new(Analysis *analysis, const Observer *recall)
{
	Attempts *attempts = g_new0(Attempts, 1);

	attempts->observer = (Observer){
		.wants_classes = SEGMENT_FIRST,
		.segment = attempts_segment,
		.embryo = attempts_embryo,
		.connection = attempts_connection,
		.alarm = NSTIME_NEVER,
		.rings = attempts_ring,
		.free = attempts_free,
	};
	attempts->analysis = analysis;
	attempts->recall = recall;
	attempts->ring = g_new(Attempt, PLACES_MIN);
	attempts->mask = PLACES_MIN - 1;
	attempts->tail = 1;
	attempts->now = NSTIME_EARLIEST;
	for (unsigned i = 0; i < ATTEMPT_STAGES; i++)
		attempts->stages[i] = (Stage){ .head = 1 };
	return &attempts->observer;
}
