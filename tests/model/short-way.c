/* The short way of a segment that changes no state (tcp_side_steady()) against the long one: for
 * what the tap captures, and for what is like it but for a number, an option or a fact. */
#include <string.h>

#include "sim.h"
#include "tcp/classify.h"

static bool chance(GRand *rand, double share)
{
	return g_rand_double(rand) < share;
}

/* Something like @segment, and sides like those it comes between. */
static Segment disturb(Sim *sim, Segment segment, TcpSide sides[static 2])
{
	static const int32_t steps[] = { 0, 0, 0, 1, -1, 1000, -1000, INT32_MAX };
	TcpSide *side = &sides[chance(sim->other, 0.5)];
	const TcpSide *peer = &sides[side == sides];
	GRand *rand = sim->other;

	segment.seq += steps[g_rand_int_range(rand, 0, G_N_ELEMENTS(steps))];
	segment.ack += steps[g_rand_int_range(rand, 0, G_N_ELEMENTS(steps))];
	segment.payload += chance(sim->other, 0.3) ? g_rand_int_range(rand, 0, 3) : 0;
	if (chance(sim->other, 0.2))
		segment.window = g_rand_int_range(rand, 0, 1000);
	if (chance(sim->other, 0.5)) {
		side->ts_known = true;
		side->ts_recent = g_rand_int(rand);
		segment.options.present = TCP_OPT_TIMESTAMP;
		segment.options.tsval =
			side->ts_recent + steps[g_rand_int_range(rand, 0, G_N_ELEMENTS(steps))];
	}
	segment.options.sack_count = chance(sim->other, 0.1);
	if (chance(sim->other, 0.1))
		segment.flags ^= 1u << g_rand_int_range(rand, 0, 6);
	side->spoke = chance(sim->other, 0.5);
	side->has_sack ^= chance(sim->other, 0.05);
	side->seen ^= chance(sim->other, 0.05);
	side->fin_acked_seen ^= chance(sim->other, 0.05);
	side->reset ^= chance(sim->other, 0.05);
	side->fast_open ^= chance(sim->other, 0.05);
	side->provoked ^= chance(sim->other, 0.1);
	if (side->has_iss && chance(sim->other, 0.2))
		side->una_proven = side->iss;
	if (chance(sim->other, 0.05))
		side->rcv_acked = segment.ack = peer->iss + 1;
	if (chance(sim->other, 0.3))
		side->rcv_adv = side->rcv_nxt + g_rand_int_range(rand, 0, 3);
	if (chance(sim->other, 0.1))
		side->rcv_acked += steps[3 + chance(sim->other, 0.5)];
	return segment;
}

/* The short way through a segment that changes no state comes to what the long one comes to; @sides
 * are those before it. */
static void check_steady(Sim *sim, const Segment *segment, unsigned sender, const TcpSide *sides)
{
	const unsigned answers = SEGMENT_ANSWERS | SEGMENT_ANSWERS_TEXT | SEGMENT_ANSWERS_ACK;
	TcpSide fast[2], slow[2];
	unsigned class;

	memcpy(fast, sides, sizeof(fast));
	memcpy(slow, sides, sizeof(slow));
	class = tcp_side_steady(&fast[sender], &fast[!sender], segment);
	if (!class) {
		if (memcmp(fast, slow, sizeof(fast)) != 0)
			sim->failed = "what is not steady was moved";
		return;
	}
	sim->tally->steady++;
	if (class != classify_segment(&slow[sender], &slow[!sender], segment))
		sim->failed = "the class of a steady segment is not what it is otherwise";
	if (chance(sim->other, 0.5))
		class |= answers;
	tcp_side_sent(&slow[sender], &slow[!sender], segment, class);
	tcp_side_arrived_ack(&slow[!sender], segment, class);
	tcp_side_arrived_data(&slow[!sender], &slow[sender], segment, class);
	if (memcmp(fast, slow, sizeof(fast)) != 0)
		sim->failed = "a steady segment moved a mark otherwise than it should";
	for (unsigned i = 0; i < 2; i++)
		if (tcp_side_state(&slow[i], &slow[!i]) != TCP_STATE_ESTABLISHED)
			sim->failed = "a steady segment changed a state";
}

void sim_check_short_way(Sim *sim, const Segment *segment, unsigned end)
{
	const Connection *connection = sim->connection;
	unsigned sender = connection->key.end[end].port == segment->src.port ? end : !end;

	check_steady(sim, segment, sender, connection->side);
	for (unsigned i = 0; i < 3 && !sim->failed; i++) {
		TcpSide sides[2];
		Segment other;

		memcpy(sides, connection->side, sizeof(sides));
		other = disturb(sim, *segment, sides);
		check_steady(sim, &other, sender, sides);
	}
}
