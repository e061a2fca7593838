/* Handshakes that were begun within the last seconds. Knows when each began and asks again after
 * fixed times; knows not what their fate means. */
#include "detect/attempts.h"

#include "detect/recall.h"

/* Places of the ring at first, and the most there may be: what is more than that within two seconds
 * is not followed, and counted. Those that are followed are signs enough of what goes on. */
#define PLACES_MIN 256u
#define PLACES_MAX (1u << 19)

/* So many places ahead memory is asked for. */
#define PLACES_AHEAD 4

typedef struct {
	Observer observer;      /* first: it is one */
	Analysis *analysis;     /* where those are counted that are not followed */
	const Observer *recall; /* who remembers which attempt a connection is */
	Attempt *ring;          /* attempt @n is in ring[n & mask] */
	uint32_t mask;          /* number of places less one */
	uint32_t tail;          /* number of the next attempt; 0 is none */
	struct {
		NsTime after;             /* the SYN */
		AttemptFunction function; /* what is to be done */
		Observer *observer;       /* for whom */
		uint32_t head;            /* the first attempt for which that was not done */
	} stages[ATTEMPT_STAGES];
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

/* When the first thing is to be done. */
static NsTime next_time(const Attempts *attempts)
{
	NsTime next = NSTIME_NEVER;

	for (unsigned i = 0; i < ATTEMPT_STAGES; i++) {
		uint32_t head = attempts->stages[i].head;

		if (head != attempts->tail)
			next = nstime_earlier(next, at(attempts, head)->begun +
							    attempts->stages[i].after);
	}
	return next;
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
	attempt->review = false;
	/* The place of one that comes soon. */
	__builtin_prefetch(at(attempts, number + PLACES_AHEAD), 1);
	/* Else others wait for less. */
	if (attempts->stages[0].head == number)
		attempts->observer.alarm = next_time(attempts);
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

Attempt *attempts_of(Observer *observer, const Connection *connection)
{
	Attempts *attempts = (Attempts *)observer;
	uint32_t number = recall_of(attempts->recall, connection)->attempt;

	if (!number || attempts->tail - number - 1 >= count(attempts))
		return NULL;
	return at(attempts, number);
}

static void do_stage(Attempts *attempts, AttemptStage stage, NsTime now)
{
	NsTime after = attempts->stages[stage].after;
	uint32_t *head = &attempts->stages[stage].head;

	while (*head != attempts->tail) {
		Attempt *attempt = at(attempts, *head);

		if (attempt->begun + after > now)
			break;
		__builtin_prefetch(at(attempts, *head + PLACES_AHEAD), 1);
		attempts->stages[stage].function(attempts->stages[stage].observer, attempt,
						 attempt->begun + after);
		++*head;
	}
}

/* Most attempts are not to be reviewed, which is known when they have been judged: what was judged
 * last is at hand then. */
static void pass_over(Attempts *attempts)
{
	uint32_t *head = &attempts->stages[ATTEMPT_REVIEWED].head;

	while (*head != attempts->stages[ATTEMPT_JUDGED].head && !at(attempts, *head)->review)
		++*head;
}

static void attempts_ring(Observer *observer, NsTime now)
{
	Attempts *attempts = (Attempts *)observer;

	for (AttemptStage i = 0; i < ATTEMPT_STAGES; i++)
		do_stage(attempts, i, now);
	pass_over(attempts);
	observer->alarm = next_time(attempts);
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
	for (unsigned i = 0; i < ATTEMPT_STAGES; i++)
		attempts->stages[i].head = 1;
	return &attempts->observer;
}
