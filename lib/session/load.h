/*
 * load: plays session files many times, so many at once, on a new connection each, compares every
 * reply, and measures.
 *
 * Owned by who made it. Network, files, variables, addresses and TLS are borrowed. What it measures
 * takes the same memory after a thousand sessions and after a million. Where this machine has no
 * files or ports left, no further session is begun and `limit` says which it was. Callbacks come
 * from the loop.
 */
#ifndef SESSION_LOAD_H
#define SESSION_LOAD_H

#include "base/histogram.h"
#include "net/network.h"
#include "net/tls.h"
#include "session/file.h"
#include "session/vars.h"
#include "smtp/verb.h"

#define LOAD_ERRORS_MAX 40 /* different ones that are told apart */

struct load_host {        /* what <open TEXT> means */
	struct span text; /* empty: where a file is played that opens nothing itself */
	struct net_address address;
	bool tls_first; /* before the greeting */
};

struct load_settings {
	struct network *network;
	const struct load_host *hosts;
	size_t hosts_count;
	const struct session_file *const *files;
	size_t files_count;
	const struct session_vars *vars; /* each session has its own copy */
	size_t repeat;                   /* how often all of the files are played */
	size_t parallel;                 /* sessions at once, 1 or more */
	int64_t timeout_ms;              /* 0: RFC 5321's patience */
	struct tls_context *tls;         /* NULL: <negotiate TLS> fails */
	const struct tls_target *name;
	void (*done)(void *arg); /* all have ended */
	void *arg;
};

struct load_error {          /* sessions that ended in the same way */
	char *place;         /* in the file, "path:line:column" */
	enum smtp_verb verb; /* of the reply; UNKNOWN: no reply was the reason */
	int code;            /* likewise, or 0 */
	char *what;          /* safe to show */
	char *example;       /* the reply's last line, of the first of them; or NULL */
	size_t count;
};

struct load_result {
	size_t planned, begun, ended;
	size_t passed, mismatched, failed, skipped;
	size_t messages; /* that the server took */
	size_t exchanges;
	int64_t us;                        /* since the first was begun, or until the last ended */
	struct histogram connect, session; /* in microseconds */
	struct histogram *commands[SMTP_VERB_COUNT]; /* likewise; NULL: it was never answered */
	struct load_error errors[LOAD_ERRORS_MAX];   /* in the order of their first one */
	size_t errors_count, errors_more;            /* sessions that had none of these */
	int limit; /* errno of what this machine has too little of, or 0 */
};

struct load;

/* The files must pass session_file_check_side(). */
struct load *load_new(struct loop *l, const struct load_settings *s);
void load_free(struct load *l); /* NULL is allowed; also from its callback */
void load_stop(struct load *l); /* begins no further session; `done` comes after the last */
const struct load_result *load_result(const struct load *l);
/* Whether errno says that this machine has no files, ports or buffers left. */
bool load_is_limit(int error);

#endif
