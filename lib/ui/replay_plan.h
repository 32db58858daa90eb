/*
 * replay_plan: what a replay is made of before anything is sent, and how to reach a server.
 *
 * A plan holds the session files, the network (real or practice), the TLS context and the variables
 * that every play of a file begins with. It is the common ground of all who play files: the replay
 * itself (replay.c) and whoever plays one many times. To play a file:
 *
 *     replay_plan_init(&p, options);
 *     replay_plan_find(&p, words, count, &ds);
 *     replay_plan_read(&p, &ds);
 *     replay_plan_ready(&p, &ds);
 *     replay_play_new(&p, &p.files[0], …);   replay_play.h: a fresh connection, fresh variables
 *     loop_run(p.loop);
 *
 * Routes are looked up once a target and then kept, so that a second play costs no look-up. All
 * strings and files are the plan's. Limits: REPLAY_FILES_MAX files.
 */
#ifndef UI_REPLAY_PLAN_H
#define UI_REPLAY_PLAN_H

#include <sys/stat.h>

#include "net/network.h"
#include "net/route.h"
#include "net/tls.h"
#include "practice/world.h"
#include "session/file.h"
#include "session/vars.h"
#include "ui/options.h"

#define REPLAY_FILES_MAX 20000u

struct replay_file {
	char *path;
	struct stat state;            /* when it was read */
	struct session_file *session; /* NULL until it was read, or when it could not be */
};

struct replay_way; /* a target and its route; replay_dial.c */

struct replay_plan {
	const struct options *options;
	struct loop *loop;
	struct network *network;
	struct world *world;       /* --practice, or NULL */
	struct tls_context *tls;   /* NULL: nothing needs it */
	struct session_vars *vars; /* of --set and --set-file */
	struct replay_file *files;
	size_t count, room;
	struct replay_way *ways;
	size_t ways_count, ways_room;
	/* Asked before a route is dialled, when there is one: 0, or -1 and d. */
	int (*permit)(void *arg, const struct route *route, struct diag *d);
	void *permit_arg;
};

void replay_plan_init(struct replay_plan *p, const struct options *o);
void replay_plan_release(struct replay_plan *p);
/* Adds the files that the words name: a folder stands for the *.smtp in it and below, sorted.
 * --filter counts. 0, or -1 and ds. */
int replay_plan_find(struct replay_plan *p, char *const *words, size_t count, struct diags *ds);
/* Reads them all. 0, or -1 and a fault for each that cannot be read or that no client can play. */
int replay_plan_read(struct replay_plan *p, struct diags *ds);
/* Makes variables and network, and a TLS context when something may need one: all that a play
 * needs. 0, or -1 and ds. */
int replay_plan_ready(struct replay_plan *p, struct diags *ds);
/* A copy of the plan's variables, for one play. */
struct session_vars *replay_plan_vars(const struct replay_plan *p);
/* The target of a connection for which the file says `named` ("HOST[:PORT]" of <open>, or empty):
 * --host when it was given, else that. Empty when there is neither. */
struct span replay_plan_target(const struct replay_plan *p, struct span named);

/* --- replay_dial.c: from a target to a connection --- */

struct replay_dialled {
	struct stream *stream; /* handed over; NULL: `why` says why there is none */
	const char *host;      /* the name that it must prove in TLS; NULL for a local socket */
	const char *domain;    /* the mail domain that was named, or NULL */
	const char *where;     /* "host[address]:port" */
	unsigned port;
	bool tls_first; /* smtps:// */
	const struct diag *why;
};

struct replay_dial;
typedef void replay_dial_fn(void *arg, const struct replay_dialled *d);

/* Looks up and connects. The callback comes once, from the loop or from within this call never. */
struct replay_dial *replay_dial_new(struct replay_plan *p, struct span target, replay_dial_fn *fn,
                                    void *arg);
void replay_dial_free(struct replay_dial *d); /* NULL is allowed; also from its callback */
/* The plan's. */
void replay_ways_release(struct replay_plan *p);

#endif
