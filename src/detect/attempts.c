/* Handshakes that were begun within the last seconds. Knows when each began and asks again after
 * fixed times; knows not what their fate means. */
#include "detect/attempts.h"

#include "detect/recall.h"

/* Places of the ring at first, and the most there may be: what is more than that within seconds
 * is not followed, and counted. Those that are followed are signs enough of what goes on. */
#define PLACES_MIN 256u
#define PLACES_MAX (1u << 19)

/* So many places ahead memory is asked for. */
#define PLACES_AHEAD 4

typedef struct {
	NsTime after;             /* the SYN */
	AttemptFunction function; /* what is to be done */
	Observer *observer;       /* for whom */
	uint32_t head;            /* the first attempt for which that was not done */
	NsTime next;              /* when it is to be; NSTIME_NEVER: there is none */
} Stage;

typedef struct {
	Observer observer;      /* first: it is one */
	Analysis *analysis;     /* where those are counted that are not followed */
	const Observer *recall; /* who remembers which attempt a connection is */
	Attempt *ring;          /* attempt @n is in ring[n & mask] */
	uint32_t mask;          /* number of places less one */
	uint32_t tail;          /* number of the next attempt; 0 is none */
	NsTime now;             /* the latest alarm: what runs backwards comes too late */
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

static void grow(Attempts *attempts)
{
	uint32_t mask = attempts->mask * 2 + 1;
	Attempt *ring = g_new(Attempt, (gsize)mask + 1);

	for (uint32_t n = attempts->tail - count(attempts); n != attempts->tail; n++)
		ring[n & mask] = *at(attempts, n);
	g_free(attempts->ring);
	attempts->ring = ring;
	attempts->mask = mask;
}

/* After the head was changed. */
static void set_next(const Attempts *attempts, Stage *stage)
{
	if (stage->head == attempts->tail)
		stage->next = NSTIME_NEVER;
	else
		stage->next = at(attempts, stage->head)->begun + stage->after;
}

static void set_alarm(Attempts *attempts)
{
	NsTime next = NSTIME_NEVER;

	for (unsigned i = 0; i < ATTEMPT_STAGES; i++)
		next = nstime_earlier(next, attempts->stages[i].next);
	attempts->observer.alarm = next;
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

	if (count(attempts) > attempts->mask) {
		if (attempts->mask + 1 >= PLACES_MAX) {
			analysis_forget(attempts->analysis, FORGOTTEN_HANDSHAKES);
			return 0;
		}
		grow(attempts);
	}
	number = next_number(attempts);
	attempt = at(attempts, number);
	attempt->begun = syn->time;
	attempt->frame = syn->frame;
	attempt->key = *key;
	attempt->client = client & 1u;
	attempt->open = attempt->pending = true;
	attempt->failed = attempt->review = attempt->flooded = false;
	/* The place of one that comes soon. */
	__builtin_prefetch(at(attempts, number + PLACES_AHEAD), 1);
	/* Else it is others that are waited for. */
	if (attempts->stages[ATTEMPT_JUDGED].head == number) {
		for (unsigned i = 0; i < ATTEMPT_STAGES; i++)
			set_next(attempts, &attempts->stages[i]);
		set_alarm(attempts);
	}
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

static void do_stage(Attempts *attempts, Stage *stage, NsTime now)
{
	while (stage->next <= now && stage->head != attempts->tail) {
		__builtin_prefetch(at(attempts, stage->head + PLACES_AHEAD), 1);
		stage->function(stage->observer, at(attempts, stage->head), now);
		stage->head++;
		set_next(attempts, stage);
	}
}

/* Whether a stage has nothing to do with an attempt that those before it are done with. */
static bool is_done(const Attempt *attempt, AttemptStage stage)
{
	return stage == ATTEMPT_REVIEWED ? !attempt->review : !attempt->pending || attempt->flooded;
}

/* Most attempts are not to be reviewed, and those of a flood not even waited for, which is known
 * when they have been judged: what was judged last is at hand then. Where times run backwards, none
 * that is waits for others. */
static void pass_over(Attempts *attempts, AttemptStage stage)
{
	Stage *passes = &attempts->stages[stage];
	uint32_t last = attempts->stages[stage - 1].head;

	if (passes->head == last || !is_done(at(attempts, passes->head), stage))
		return;
	do
		passes->head++;
	while (passes->head != last && is_done(at(attempts, passes->head), stage));
	set_next(attempts, passes);
}

static void attempts_ring(Observer *observer, NsTime now)
{
	Attempts *attempts = (Attempts *)observer;

	attempts->now = MAX(attempts->now, now);
	for (unsigned i = 0; i < ATTEMPT_STAGES; i++)
		do_stage(attempts, &attempts->stages[i], attempts->now);
	for (unsigned i = 1; i < ATTEMPT_STAGES; i++)
		pass_over(attempts, i);
	set_alarm(attempts);
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
		attempts->stages[i] = (Stage){ .head = 1, .next = NSTIME_NEVER };
	return &attempts->observer;
}
