/*
 * Signals come through the loop, never into the middle of anything. Those that end the program let
 * the loop end first, so that the terminal is put back by the usual way out; then the program dies
 * of the same signal.
 */
#include "ui/signals.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "ui/talk_replay.h"
#include "ui/talk_why.h"

void signals_die(int signo)
{
	signal(signo, SIG_DFL);
	raise(signo);
}

static void interrupt_wait(struct talk *t)
{
	struct conversation *c = t->conversation;

	if (t->lines.count > 0) {
		view_say(t->view, "%zu waiting line%s dropped", t->lines.count,
		         t->lines.count == 1 ? "" : "s");
		lines_clear(&t->lines);
	} else if (c && talk_is_connected(t) &&
	           smtp_dialogue_outstanding(conversation_dialogue(c)) > 0) {
		view_say(t->view, "still waiting for the server; /close hangs up");
	} else {
		view_say(t->view, "^C clears a line; /quit leaves");
	}
}

static void hear_interrupt(struct talk *t)
{
	if (t->on_secret) {
		t->on_secret(t, (struct span){NULL, 0});
		talk_pump(t);
		return;
	}
	if (t->answer) {
		talk_answer(t, false);
		talk_pump(t);
		return;
	}
	if (talk_replay_stop(t)) {
		talk_cancel(t);
		view_say(t->view, "the replay was stopped; the conversation is as it left it");
		talk_pump(t);
		return;
	}
	if (talk_cancel(t)) {
		view_say(t->view, "cancelled");
		talk_set_status(t, 3);
		t->on_start = false;
		talk_start_input(t);
		talk_pump(t);
		return;
	}
	if (talk_why_stop(t)) {
		view_say(t->view, "stopped; the conversation goes on");
		talk_pump(t);
		return;
	}
	if (t->lookup) {
		route_cancel(t->lookup);
		t->lookup = NULL;
		progress_end(&t->progress);
		view_say(t->view, "cancelled");
		talk_pump(t);
		return;
	}
	if (!t->input || !t->input->ops->clear(t->input))
		interrupt_wait(t);
}

static void hear_stop(struct talk *t)
{
	view_flush(t->view);
	if (t->input)
		t->input->ops->suspend(t->input);
	raise(SIGSTOP); /* the shell sees a stopped job; we go on here when it is continued */
	if (t->input)
		t->input->ops->resume(t->input);
}

static void hear(void *arg, int signo)
{
	struct talk *t = arg;
	int columns;

	switch (signo) {
	case SIGINT: hear_interrupt(t); break;
	case SIGTSTP: hear_stop(t); break;
	case SIGCONT: /* after a SIGSTOP that we did not see coming */
		if (t->input)
			t->input->ops->resume(t->input);
		break;
	case SIGWINCH:
		columns = t->input ? t->input->ops->resized(t->input) : 0;
		if (columns > 0)
			view_set_columns(t->view, columns);
		break;
	default: t->death = signo; talk_finish(t);
	}
}

void talk_hear_signals(struct talk *t)
{
	static const int heard[TALK_SIGNALS] = {SIGINT,  SIGTERM, SIGHUP,   SIGQUIT,
	                                        SIGTSTP, SIGCONT, SIGWINCH, 0};

	for (int i = 0; i < TALK_SIGNALS && heard[i]; i++)
		t->signals[i] = loop_signal_new(t->loop, heard[i], hear, t);
}

void talk_ignore_signals(struct talk *t)
{
	for (int i = 0; i < TALK_SIGNALS; i++) {
		loop_signal_free(t->signals[i]);
		t->signals[i] = NULL;
	}
}
