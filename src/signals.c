/* What signals ask for while frames are read. Knows the input that is woken; knows nothing of what
 * is done then. */
#include "signals.h"

volatile sig_atomic_t signals_summary;

/* Whom signals are for; NULL while there is nobody. */
static Input *volatile directed;

/* A write that a reader holds up goes on afterwards (SA_RESTART): else it would fail, and with it
 * the output. Waiting for frames ends all the same, by the input's descriptor. */
static void catch_signal(int number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

/* Whichever comes second finds no handler: who asks twice does not want to wait. */
static void on_stop(int number G_GNUC_UNUSED)
{
	catch_signal(SIGINT, SIG_DFL);
	catch_signal(SIGTERM, SIG_DFL);
	input_stop(directed);
}

static void on_summary(int number G_GNUC_UNUSED)
{
	signals_summary = 1;
	if (directed)
		input_wake(directed);
}

void signals_init(void)
{
	catch_signal(SIGUSR1, on_summary);
}

void signals_direct(Input *input)
{
	directed = input;
	catch_signal(SIGINT, input ? on_stop : SIG_DFL);
	catch_signal(SIGTERM, input ? on_stop : SIG_DFL);
}
