/* The inference against ends that know their own state: two simulated TCPs, a net that delays,
 * loses, duplicates and reorders, and a tap between them. At every captured segment
 *
 *     proven  <=  truth  <=  passed
 *
 * for what each end has received and for what of its own is acknowledged; a state that is called
 * proven is the true one; every transition is an edge of RFC 9293's figure or revised; and when
 * nothing is on the way any more, both states are right.
 *
 * usage: test-model [SEED [COUNT]]: a seed that fails is printed as a scenario and can be run
 * alone. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/tracker.h"
#include "base/seq.h"
#include "end.h"

#define CONNECTIONS 100000
#define EVENTS_MAX  512
#define MILLI       1000 /* microseconds */

/* What the net does to segments. */
typedef enum {
	NET_CLEAN,  /* it only delays */
	NET_LOSSY,  /* and loses, on either side of the tap; the order is kept */
	NET_UNRULY, /* and duplicates, and lets segments overtake each other */
	NET_COUNT
} Net;

typedef enum {
	EVENT_TAP,     /* a segment passes the tap */
	EVENT_ARRIVAL, /* it reaches the other end */
	EVENT_ACTION,  /* an application does something */
} EventType;

typedef struct {
	int64_t time;   /* microseconds */
	unsigned order; /* of creation, among equal times */
	EventType type;
	unsigned end;    /* whose segment or application it is */
	unsigned action; /* EVENT_ACTION: index into actions[] */
	Segment segment;
	TcpState sent_in; /* the sender's state when it had sent it */
} Event;

typedef struct {
	uint32_t seed;
	GRand *rand;
	Net net;
	End ends[2]; /* 0 connects */
	Event events[EVENTS_MAX];
	unsigned event_count, orders;
	int64_t now;
	int64_t delay[2];                     /* from each end to the tap, and from the tap to it */
	int64_t last_tap[2], last_arrival[2]; /* order is kept unless the net is unruly */
	unsigned in_flight[2];                /* segments of each end on their way to the tap */
	unsigned lost_order[2]; /* of the last segment of that end that was lost before the tap */
	unsigned told_order[2]; /* of its last one that passed */
	bool fin_untold[2];     /* the first copy of its FIN was lost before the tap */
	unsigned aborts;        /* RSTs sent: when they are lost, nothing repairs it */
	Tracker *tracker;
	AnalysisTotals totals;
	Connection *connection; /* the one that the tap sees; NULL before its first segment */
	uint64_t frames;
	GString *log; /* the scenario */
	int64_t log_time;
	const char *failed; /* what did not hold */
} Sim;

static const char *const transition_error = "a transition is neither an edge nor revised";

static void on_transition(void *data, const Transition *t)
{
	Sim *sim = data;

	if (t->basis != BASIS_REVISED && t->counted != TCP_STATE_UNKNOWN &&
	    t->from != TCP_STATE_LISTEN && !tcp_state_may_follow(t->from, t->to))
		sim->failed = transition_error;
	g_string_append_printf(
		sim->log, "      = %s %s > %s %s\n", connection_side_name(t->connection, t->side),
		tcp_state_name(t->from), tcp_state_name(t->to), basis_name(t->basis));
}

static void on_phase(void *data, Connection *connection, ConnectionPhase phase)
{
	Sim *sim = data;

	if (phase == CONNECTION_OPENED)
		sim->connection = connection;
}

static void on_clock(void *data)
{
	(void)data;
}

static NsTime on_due(void *data, Connection *connection, NsTime now)
{
	(void)data;
	(void)connection;
	(void)now;
	return NSTIME_NEVER;
}

static Event *add_event(Sim *sim, int64_t time, EventType type, unsigned end)
{
	Event *event;

	g_assert_cmpuint(sim->event_count, <, EVENTS_MAX);
	event = &sim->events[sim->event_count++];
	*event = (Event){ .time = time, .type = type, .end = end, .order = sim->orders++ };
	return event;
}

static bool chance(Sim *sim, double probability)
{
	return g_rand_double(sim->rand) < probability;
}

static void log_segment(Sim *sim, unsigned end, const Segment *s, bool lost)
{
	End *from = &sim->ends[end];
	End *to = &sim->ends[!end];

	g_string_append_printf(sim->log, "+%.6f %s%s %s%s%s%s%s %d:%d(%u)",
			       (double)(sim->now - sim->log_time) / 1e6, lost ? "lost " : "",
			       end ? "<" : ">", s->flags & TH_SYN ? "S" : "",
			       s->flags & TH_FIN ? "F" : "", s->flags & TH_RST ? "R" : "",
			       s->flags & TH_PUSH ? "P" : "", s->flags & TH_ACK ? "." : "",
			       (int32_t)(s->seq - from->iss),
			       (int32_t)(s->seq + s->payload - from->iss), s->payload);
	if (s->flags & TH_ACK)
		g_string_append_printf(sim->log, " ack %d", (int32_t)(s->ack - to->iss));
	g_string_append_c(sim->log, '\n');
	sim->log_time = sim->now;
}

/* --- The net -------------------------------------------------------------------------------- */

static double loss(const Sim *sim)
{
	return sim->net == NET_CLEAN ? 0 : 0.1;
}

static int64_t arrival_time(Sim *sim, int64_t *last, int64_t delay)
{
	int64_t time = sim->now + delay;

	if (sim->net == NET_UNRULY && chance(sim, 0.2))
		time += g_rand_int_range(sim->rand, 0, 400 * MILLI);
	else if (sim->net != NET_UNRULY)
		time = MAX(time, *last);
	*last = MAX(*last, time);
	return time;
}

static void on_output_of(Sim *sim, unsigned end, const Segment *segment)
{
	Event *event;

	if (segment->flags & TH_RST)
		sim->aborts++;
	if (chance(sim, loss(sim))) {
		log_segment(sim, end, segment, true);
		sim->lost_order[end] = ++sim->orders;
		if ((segment->flags & TH_FIN))
			sim->fin_untold[end] = true;
		return;
	}
	sim->in_flight[end]++;
	event = add_event(sim, arrival_time(sim, &sim->last_tap[end], sim->delay[end]), EVENT_TAP,
			  end);
	event->segment = *segment;
	event->sent_in = sim->ends[end].state;
}

static Sim *simulation; /* for the two callbacks below */

static void on_output_0(void *data, const Segment *segment)
{
	(void)data;
	on_output_of(simulation, 0, segment);
}

static void on_output_1(void *data, const Segment *segment)
{
	(void)data;
	on_output_of(simulation, 1, segment);
}

/* --- What has to hold ------------------------------------------------------------------------ */

/* The marks of one side against the end's own. */
static const char *check_marks(const Sim *sim, const TcpSide *side, const End *end)
{
	if (side->acked_known && (!end->has_peer || seq_gt(side->rcv_acked, end->rcv_nxt)))
		return "what it has received: proven > truth";
	if (side->una_known && side->has_iss && seq_gt(side->una_proven, end->snd_una))
		return "what is acknowledged: proven > truth";
	if (sim->net == NET_UNRULY || side->reset || side->expired || side->replaced)
		return NULL;
	/* A repeated SYN or SYN-ACK lowers the marks although what it repeats for may be on its way
	 * still: the answer to it, a round trip later, raises them again (RFC 9293 3.8.1). */
	if (sim->net != NET_CLEAN &&
	    (side->state == TCP_STATE_SYN_SENT || side->state == TCP_STATE_SYN_RCVD))
		return NULL;
	if (end->has_peer && side->seen &&
	    (!side->rcv_known || seq_gt(end->rcv_nxt, side->rcv_nxt)))
		return "what it has received: truth > passed";
	if (side->una_known && side->has_iss && seq_gt(end->snd_una, side->snd_una))
		return "what is acknowledged: truth > passed";
	return NULL;
}

/* Whether the true state is the proven or the assumed one, or one on the way between them. */
static bool lies_between(TcpState truth, TcpState proven, TcpState assumed)
{
	return truth == proven || truth == assumed ||
	       (tcp_state_reaches(proven, truth) && tcp_state_reaches(truth, assumed));
}

static void check(Sim *sim, unsigned end, const Event *event)
{
	Connection *connection = sim->connection;
	unsigned first = connection->key.end[0].port == 40000 ? 0 : 1;

	for (unsigned i = 0; i < 2 && !sim->failed; i++) {
		unsigned index = i ? !first : first;
		const TcpSide *side = connection_side(connection, index);
		const TcpSide *peer = connection_side(connection, !index);
		const End *truth = &sim->ends[i];

		sim->failed = check_marks(sim, side, truth);
		if (sim->failed)
			g_string_append_printf(sim->log,
					       "# end %u: in %s, SND.UNA %d, RCV.NXT %d; said: %s, "
					       "proven %d and %d, "
					       "passed %d and %d\n",
					       i, tcp_state_name(truth->state),
					       (int32_t)(truth->snd_una - truth->iss),
					       (int32_t)(truth->rcv_nxt - truth->irs),
					       tcp_state_name(side->state),
					       (int32_t)(side->una_proven - truth->iss),
					       (int32_t)(side->rcv_acked - truth->irs),
					       (int32_t)(side->snd_una - truth->iss),
					       (int32_t)(side->rcv_nxt - truth->irs));
		/* Proven, and nothing of it is on its way to the tap that would tell more. */
		if (!sim->failed && connection_state_proven(connection, index) &&
		    !sim->in_flight[i] && sim->lost_order[i] <= sim->told_order[i] &&
		    !sim->fin_untold[i] && !sim->fin_untold[!i] && sim->net != NET_UNRULY &&
		    truth->state != side->state && truth->state != TCP_STATE_CLOSED)
			sim->failed = "a state that is called proven is not the true one";
		if (!sim->failed && sim->net == NET_CLEAN && i == end &&
		    !lies_between(event->sent_in, tcp_side_proven_state(side, peer), side->state))
			sim->failed = "the state it was sent in is neither the assumed nor the "
				      "proven one";
	}
}

static void check_states(void *data, Connection *connection)
{
	Sim *sim = data;
	unsigned first = connection->key.end[0].port == 40000 ? 0 : 1;

	for (unsigned i = 0; i < 2; i++) {
		TcpState state = connection_state(connection, i ? !first : first);
		TcpState truth = sim->ends[i].state;

		if (truth == TCP_STATE_LISTEN)
			truth = TCP_STATE_UNKNOWN;
		if (state == truth || (state == TCP_STATE_UNKNOWN && truth == TCP_STATE_CLOSED))
			continue;
		/* What nobody can know: an end that went without a word, and a RST that was lost.
		 */
		if (sim->ends[0].silent || sim->ends[1].silent ||
		    (sim->net != NET_CLEAN && sim->aborts))
			continue;
		if (sim->fin_untold[0] || sim->fin_untold[1])
			continue;
		/* A copy that was overtaken by more than a round trip looks like a repetition: then
		 * the state stays behind. */
		if (sim->net == NET_UNRULY && tcp_state_may_follow(state, truth))
			continue;
		sim->failed = "a final state is wrong";
		g_string_append_printf(sim->log, "# end %u is in %s, not in %s\n", i,
				       tcp_state_name(truth), tcp_state_name(state));
	}
}

/* When nothing is on its way any more. */
static void check_end(Sim *sim)
{
	const Connection *connection = sim->connection;

	if (!connection || sim->failed)
		return;
	/* A side whose SYN-ACKs are held against it is believed when it falls silent. */
	if (connection->side[0].held || connection->side[1].held)
		tracker_advance(sim->tracker, sim->now * 1000 + 3 * connection->syn_ack_gap);
	tracker_each(sim->tracker, check_states, sim);
}

/* --- Running -------------------------------------------------------------------------------- */

static void run_tap(Sim *sim, const Event *event)
{
	Segment segment = event->segment;
	SegmentEvent told = { .segment = &segment };
	unsigned end = event->end;

	segment.frame = ++sim->frames;
	segment.time = sim->now * 1000;
	segment.src = (Endpoint){ .addr = { { 192, 0, 2, end + 1 } },
				  .port = end ? 80 : 40000,
				  .version = 4 };
	segment.dst = (Endpoint){ .addr = { { 192, 0, 2, !end + 1 } },
				  .port = end ? 40000 : 80,
				  .version = 4 };
	log_segment(sim, end, &segment, false);
	sim->in_flight[end]--;
	sim->told_order[end] = MAX(sim->told_order[end], event->order);
	tracker_advance(sim->tracker, segment.time);
	tracker_segment(sim->tracker, &told);
	tracker_arm(sim->tracker, told.connection);
	sim->connection = told.connection;
	if (!sim->failed)
		check(sim, end, event);
	for (int copies = sim->net == NET_UNRULY && chance(sim, 0.05) ? 2 : 1; copies; copies--) {
		Event *arrival;

		if (chance(sim, loss(sim)))
			continue;
		arrival = add_event(sim,
				    arrival_time(sim, &sim->last_arrival[!end], sim->delay[!end]),
				    EVENT_ARRIVAL, end);
		arrival->segment = segment;
	}
}

static void run_action(Sim *sim, unsigned end, unsigned action)
{
	End *of = &sim->ends[end];

	switch (action) {
	case 0:
		end_connect(of);
		break;
	case 1:
		end_write(of, g_rand_int_range(sim->rand, 1, 250));
		break;
	case 2:
		end_close(of);
		break;
	default:
		end_abort(of);
	}
}

/* The next thing that happens: an event or an end's clock. False when nothing does but the end of
 * TIME_WAIT. */
static bool step(Sim *sim)
{
	int64_t next = INT64_MAX;
	int at = -1;
	int clock = -1;

	for (unsigned i = 0; i < sim->event_count; i++) {
		const Event *event = &sim->events[i];

		if (event->time < next ||
		    (event->time == next && event->order < sim->events[at].order)) {
			next = event->time;
			at = (int)i;
		}
	}
	for (int i = 0; i < 2; i++) {
		if (sim->ends[i].deadline >= 0 && sim->ends[i].state != TCP_STATE_TIME_WAIT &&
		    sim->ends[i].deadline < next) {
			next = sim->ends[i].deadline;
			clock = i;
		}
	}
	if (next == INT64_MAX)
		return false;
	sim->now = next;
	sim->ends[0].now = next;
	sim->ends[1].now = next;
	if (clock >= 0) {
		end_timer(&sim->ends[clock]);
	} else {
		Event event = sim->events[at];

		sim->events[at] = sim->events[--sim->event_count];
		if (event.type == EVENT_TAP)
			run_tap(sim, &event);
		else if (event.type == EVENT_ARRIVAL)
			end_input(&sim->ends[!event.end], &event.segment);
		else
			run_action(sim, event.end, event.action);
	}
	return !sim->failed;
}

static void plan(Sim *sim)
{
	add_event(sim, 0, EVENT_ACTION, 0)->action = 0;
	if (chance(sim, 0.1)) {
		sim->ends[1].firewalled = true;
		add_event(sim, g_rand_int_range(sim->rand, 0, 300 * MILLI), EVENT_ACTION, 1)
			->action = 0;
	} else if (!chance(sim, 0.05)) {
		end_listen(&sim->ends[1]);
	}
	for (unsigned end = 0; end < 2; end++) {
		for (int writes = g_rand_int_range(sim->rand, 0, 4); writes; writes--)
			add_event(sim, g_rand_int_range(sim->rand, 0, 4000 * MILLI), EVENT_ACTION,
				  end)
				->action = 1;
		if (chance(sim, 0.9))
			add_event(sim, g_rand_int_range(sim->rand, 500 * MILLI, 5000 * MILLI),
				  EVENT_ACTION, end)
				->action = 2;
		if (chance(sim, 0.05))
			add_event(sim, g_rand_int_range(sim->rand, 0, 6000 * MILLI), EVENT_ACTION,
				  end)
				->action = 3;
	}
}

/* Runs one connection; returns whether all held, and if not prints it. */
static bool simulate(uint32_t seed, Net net)
{
	Sim sim = { .seed = seed,
		    .net = net,
		    .rand = g_rand_new_with_seed(seed),
		    .log = g_string_new(NULL) };
	TrackerHooks hooks = { &sim, on_transition, on_phase, on_clock, on_due, on_clock };
	uint32_t iss[2] = { g_rand_int(sim.rand) | 1, g_rand_int(sim.rand) | 1 };
	bool held;

	simulation = &sim;
	/* Often just before the wrap. */
	if (chance(&sim, 0.3))
		iss[0] = UINT32_MAX - (uint32_t)g_rand_int_range(sim.rand, 0, 300);
	if (chance(&sim, 0.3))
		iss[1] = UINT32_MAX - (uint32_t)g_rand_int_range(sim.rand, 0, 300);
	end_init(&sim.ends[0], iss[0], on_output_0, NULL);
	end_init(&sim.ends[1], iss[1], on_output_1, NULL);
	sim.delay[0] = g_rand_int_range(sim.rand, 1, 200 * MILLI);
	sim.delay[1] = g_rand_int_range(sim.rand, 1, 200 * MILLI);
	sim.tracker = tracker_new(30 * NSTIME_SECOND, &hooks, &sim.totals);
	/* Half of them are frozen whenever they can be. */
	tracker_reserve(sim.tracker, &(TrackerMemory){ .keep = seed & 1, .eager = true });
	plan(&sim);
	while (step(&sim))
		;
	check_end(&sim);
	held = !sim.failed;
	if (!held)
		printf("# seed %u, net %d: %s\nclient 192.0.2.1:40000 isn %u\nserver 192.0.2.2:80 "
		       "isn %u\n\n%s",
		       seed, net, sim.failed, iss[0], iss[1], sim.log->str);
	tracker_free(sim.tracker);
	g_string_free(sim.log, TRUE);
	g_rand_free(sim.rand);
	return held;
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "clean", "lossy", "unruly" };
	uint32_t seed = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1;
	uint32_t count = argc > 2   ? (uint32_t)strtoul(argv[2], NULL, 10)
			 : argc > 1 ? 1
				    : CONNECTIONS;
	int status = 0;

	printf("1..%d\n", NET_COUNT);
	for (int net = 0; net < NET_COUNT; net++) {
		uint32_t failures = 0;

		for (uint32_t i = 0; i < count / NET_COUNT + 1 && failures < 3; i++)
			failures += !simulate(seed + i, net);
		printf("%sok %d - %u connections over a %s net\n", failures ? "not " : "", net + 1,
		       count / NET_COUNT + 1, names[net]);
		status |= failures > 0;
	}
	return status;
}
