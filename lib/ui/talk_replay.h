/*
 * talk_replay: a session file played in a talk: /replay.
 *
 * The runner plays in the talk's own conversation, so everything is shown, explained and recorded
 * as if it were typed. While it plays, entered lines wait; at its end the prompt is back and the
 * conversation is left as it is.
 */
#ifndef UI_TALK_REPLAY_H
#define UI_TALK_REPLAY_H

#include "session/vars.h"
#include "ui/talk_state.h"

bool talk_replay_runs(const struct talk *t);
const struct session_vars *talk_replay_vars(const struct talk *t); /* NULL: none runs */
/* Before an event is shown, and after. */
void talk_replay_hears(struct talk *t);
void talk_replay_told(struct talk *t, const struct conversation_event *ev);
void talk_replay_connected(struct talk *t);
void talk_replay_not_connected(struct talk *t, const char *why);
void talk_replay_disconnected(struct talk *t); /* the conversation is about to be freed */
bool talk_replay_stop(struct talk *t);         /* false: none runs */
/* What it sends in one write, line by line. */
void talk_replay_show_sent(struct talk *t, struct span bytes);

#endif
