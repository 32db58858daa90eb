/*
 * recorder: what is said in conversations becomes a session file, exchange by exchange.
 *
 * It is told what happens, in order: what passes on the wire (as a conversation's tap), replies,
 * handshakes, notes. Client lines and the replies to them are one exchange; when it is whole,
 * recorder_whole() lets it go, in one write, to the recording that runs, and to a journal that
 * keeps the last of them for recorder_save(). The wire is written as it was; what is secret in it
 * as hide.h says. Times are UTC. An exchange holds at most RECORDER_EXCHANGE_MAX bytes: of a
 * message that is longer, lines are left out, and a comment says how many.
 */
#ifndef SESSION_RECORDER_H
#define SESSION_RECORDER_H

#include "session/conversation.h"
#include "session/recording.h"
#include "session/vars.h"

#define RECORDER_EXCHANGE_MAX (8u << 20)

/* A recording ended before its time: why. It is told once. */
typedef void recorder_failed_fn(void *arg, const struct diag *why);
struct recorder;

struct recorder *recorder_new(recorder_failed_fn *failed, void *arg);
void recorder_free(struct recorder *r); /* ends the recording in order */

/* Begins a recording; one that runs must be ended before. 0, or -1 and d, as recording_open(). */
int recorder_start(struct recorder *r, const char *path, bool overwrite, struct diag *d);
/* Ends it; an exchange under way is not in it. 0, or -1 and d when the last write failed. */
int recorder_stop(struct recorder *r, struct diag *d);
const char *recorder_path(const struct recorder *r); /* NULL: none runs */
size_t recorder_exchanges(const struct recorder *r); /* in the recording that ran last */
/* Writes all whole exchanges of the session that are still known. *lost: how many are not. Their
 * number, or -1 and d. */
long recorder_save(struct recorder *r, const char *path, bool overwrite, size_t *lost,
                   struct diag *d);

/* A connection to "HOST[:PORT]"; the dialogue is borrowed until recorder_closed(). */
void recorder_opened(struct recorder *r, struct span target, const struct smtp_dialogue *d);
void recorder_tap(void *recorder, enum conversation_flow flow, struct span bytes);
/* `ms`: since its command was sent; -1: it answers none. */
void recorder_replied(struct recorder *r, int code, int64_t ms);
void recorder_tls(struct recorder *r, bool verified); /* a handshake was made, or failed */
void recorder_note(struct recorder *r, struct span text);
/* CLEAN: after the server's goodbye, where no more is to be said about it. */
enum recorder_close { RECORDER_CLEAN, RECORDER_BY_SERVER, RECORDER_BY_CLIENT };
void recorder_closed(struct recorder *r, enum recorder_close how);
void recorder_whole(struct recorder *r);
/* Whatever is a secret there is one here. */
void recorder_know(struct recorder *r, const struct session_vars *secrets);

#endif
