/*
 * talk_why: keeps what a refusal was about, for /why.
 */
#ifndef UI_TALK_WHY_H
#define UI_TALK_WHY_H

#include "ui/talk_state.h"

struct talk_why;

void talk_why_connected(struct talk *t, const struct connector_event *ev);
void talk_why_failed(struct talk *t, const struct connector_event *ev); /* every address did */
void talk_why_event(struct talk *t, const struct conversation_event *ev);
bool talk_why_runs(const struct talk *t);
/* Stops it; false: it did not run. */
bool talk_why_stop(struct talk *t);
void talk_why_free(struct talk *t);

#endif
