/*
 * runner: plays the client's side of a session file and compares what the server answers.
 *
 * Consecutive client lines go out in one write, their replies are awaited and compared in order,
 * captures become variables. The first thing that is not as expected ends the play: QUIT is sent
 * where a command may stand, and the result tells what it was. A time-out and a closed connection
 * are never a success. When a file begins to speak before it expects a greeting, the greeting is
 * awaited and must be a 220.
 *
 * The runner dials nothing: it asks its owner for streams, also for the hosts that the file names,
 * so that it is the owner who decides where a file may connect to. Owned by who made it; owns the
 * conversations. File, variables and TLS context are borrowed. Callbacks come from the loop.
 */
#ifndef SESSION_RUNNER_H
#define SESSION_RUNNER_H

#include "net/stream.h"
#include "net/tls.h"
#include "session/compare.h"
#include "session/conversation.h"
#include "session/file.h"
#include "session/message.h"

struct runner;

enum runner_end {
	RUNNER_PASSED,
	RUNNER_MISMATCH, /* a reply, or silence, was not the expected one: exit status 4 */
	RUNNER_FAILED,   /* time-out, closed connection, no connection, TLS: exit status 3; a file
	                    or variable that is missing: 2. `first` has the kind */
	RUNNER_SKIPPED,  /* @require: the server does not offer it */
};

struct runner_result {
	enum runner_end end;
	size_t exchanges;  /* replies that were compared */
	size_t retries;    /* of @retry */
	size_t mismatches; /* more than one only with go_on */
	bool whole;        /* every step was played */
	struct diag first; /* what was not as expected, at its place in the file */
	int64_t ms;
};

enum runner_event_type {
	RUNNER_OPENED,   /* a connection is there */
	RUNNER_TLS,      /* a handshake ended: `tls`; it may have failed */
	RUNNER_REPLY,    /* `smtp`: a reply came; it may be compared later, or never */
	RUNNER_EXCHANGE, /* a reply was compared */
	RUNNER_RETRY,    /* likewise, and its command is sent once more after `ms` */
	RUNNER_ECHO,     /* `text`, without secrets, not made safe */
	RUNNER_DONE,     /* `result`; the last event */
};

struct runner_event {
	enum runner_event_type type;
	const struct tls_report *tls;
	const struct smtp_event *smtp;
	size_t number; /* REPLY: it is the so-manieth that came; EXCHANGE, RETRY: it is that one */
	const struct session_step *sent; /* the first step of what was sent last, or NULL */
	enum smtp_verb verb;             /* what the reply answers */
	const struct expected_reply *wanted;
	const struct smtp_reply *came;
	const struct comparison *comparison; /* comparison_show() needs `came` and the variables */
	int64_t ms; /* EXCHANGE: from the sending to the reply; RETRY: the delay */
	int64_t us; /* EXCHANGE: the same, in microseconds */
	struct span text;
	const struct runner_result *result;
};

typedef void runner_fn(void *arg, const struct runner_event *ev);
/* Asked for a connection: answer, now or later, with runner_opened() or runner_not_opened().
 * `target` is "HOST[:PORT]" of <open>, or empty: the one that the owner has in mind. */
typedef void runner_open_fn(void *arg, struct runner *r, struct span target);

struct runner_settings {
	int64_t timeout_ms; /* for every wait; 0: RFC 5321 §4.5.3.2's patience */
	runner_open_fn *open;
	runner_fn *fn;
	void *arg;
	bool go_on; /* play on after a reply that is not the expected one, where what the file says
	               next cannot be taken for something else */
	session_source_fn *message; /* gives what <file PATH> sends, with `arg`; NULL: the file */
	struct tls_context *tls;    /* NULL: <negotiate TLS> fails */
	const struct tls_target *name; /* what the server must prove to be */
};

/* The file must pass session_file_check_side(). The first event comes from the loop. */
struct runner *runner_new(struct loop *l, const struct session_file *f, struct session_vars *v,
                          const struct runner_settings *s);
/* NULL is allowed; also from its callbacks. */
void runner_free(struct runner *r);
/* Of the connection that is open, or NULL. */
const struct smtp_dialogue *runner_dialogue(const struct runner *r);
void runner_opened(struct runner *r, struct stream *take);
/* The same, and TLS comes before the greeting (RFC 8314 §3.3), to a server that is proven, unless
 * the file's own first step is <negotiate TLS>. */
void runner_opened_for_tls(struct runner *r, struct stream *take);
void runner_not_opened(struct runner *r, const struct diag *why); /* copied */

/* Instead of runner_opened(): plays in a conversation of the owner's, who tells its events with
 * runner_told(), makes its handshakes, and has it back at the end as it is then: no QUIT is sent,
 * and nothing is closed. When the greeting is over, so is what the file says before the client's
 * first step. runner_take_back() comes before the owner frees it. */
void runner_lend(struct runner *r, struct conversation *c);
void runner_told(struct runner *r, const struct conversation_event *ev);
void runner_take_back(struct runner *r);

#endif
