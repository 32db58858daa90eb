/*
 * maillog: the log of the practice hosts, in the form of Postfix's in syslog.
 *
 * "Nov 24 20:01:00 mail.school.test postfix/smtpd[3001]: connect from …". One log for the whole
 * practice internet, as a log server would hold it; the oldest lines go when there are more than
 * MAILLOG_MAX bytes. Owns its lines. What peers said is in them with controls replaced, as Postfix
 * does; it is still not safe to show.
 */
#ifndef PRACTICE_MAILLOG_H
#define PRACTICE_MAILLOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct world;
struct world_host;

#define MAILLOG_MAX      (512u << 10)
#define MAILLOG_LINE_MAX 2000

enum mail_daemon {
	DAEMON_SMTPD,
	DAEMON_CLEANUP,
	DAEMON_QMGR,
	DAEMON_SMTP,
	DAEMON_RELAY, /* the smtp client for relay_domains */
	DAEMON_LOCAL,
	DAEMON_VIRTUAL,
	DAEMON_ERROR,
	DAEMON_DISCARD,
	DAEMON_BOUNCE,
	DAEMON_POSTSUPER,
	DAEMON_COUNT
};

struct maillog {
	char **lines;
	size_t first, count, room; /* those before `first` are gone */
	size_t bytes;
	size_t gone; /* lines that were forgotten */
};
void maillog_release(struct maillog *l);

/* A line of the daemon; `pid` 0 is its usual one. */
void maillog_add(struct world *w, const struct world_host *h, enum mail_daemon d, unsigned pid,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/* How many lines were ever written. */
size_t world_log_written(const struct world *w);
/* Every line in order, from the one with that number on, that is about the word: a queue id, or the
 * name of a host; NULL: every line. */
void world_each_log_line(const struct world *w, size_t from, const char *about,
                         void (*fn)(void *arg, const char *line), void *arg);
/* Whether a line about the queue id (NULL: any) has the text in it. */
bool world_log_has(const struct world *w, const char *id, const char *text);

#endif
