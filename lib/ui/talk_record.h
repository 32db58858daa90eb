/*
 * talk_record: what a talk tells the recorder, and what the recorder tells the user.
 *
 * A recorder goes along from the start, so that /save has everything; it writes to a file only
 * with --record or after /record. Notes and failures go into it as they are said, the answers to
 * local commands and what could be typed next do not: they are no part of the conversation.
 */
#ifndef UI_TALK_RECORD_H
#define UI_TALK_RECORD_H

#include "session/recorder.h"
#include "ui/talk_state.h"

/* 0, or -1 and ds: --record names a file that must not be overwritten. */
int talk_record_begin(struct talk *t, struct diags *ds);
void talk_record_end(struct talk *t); /* says how much there is now */
void talk_record_connected(struct talk *t);
/* Before an event is shown and explained, and after. */
void talk_record_event(struct talk *t, const struct conversation_event *ev);
void talk_record_told(struct talk *t, const struct conversation_event *ev);
/* The conversation is about to be freed. */
void talk_record_disconnected(struct talk *t);
/* A path as it is typed, "~/" being the home folder; heap. */
char *talk_record_path(struct span typed);

#endif
