/*
 * finding: one thing that was found out, with its evidence and what to change.
 *
 * Findings own their strings, which are not safe to show: they hold what the DNS and servers said.
 * A look-up or a probe that failed is CHECK_UNKNOWN, never CHECK_BAD. Limit: FINDINGS_MAX; what is
 * beyond it is counted.
 */
#ifndef CHECK_FINDING_H
#define CHECK_FINDING_H

#include <stddef.h>

#include "net/dns.h"

#define FINDINGS_MAX 1000u

enum check_verdict { CHECK_OK, CHECK_BAD, CHECK_UNKNOWN, CHECK_NOT_TESTED };
const char *check_verdict_name(enum check_verdict v); /* "ok", "bad", "unknown", "not tested" */

enum check_group { CHECK_RECEIVING, CHECK_SENDING, CHECK_PROTECTED, CHECK_MESSAGE };
const char *check_group_name(enum check_group g);     /* "receiving", … */
const char *check_group_question(enum check_group g); /* "Can it receive mail?" */

struct finding {
	enum check_group group;
	const char *id; /* "mx", "spf", …: never changes its meaning */
	enum check_verdict verdict;
	char *text;   /* one sentence */
	char *asked;  /* what was asked, of whom, how long it took; lines; may be empty */
	char *detail; /* more lines; may be empty */
	char *change; /* what to change, spelled out; may be empty */
};

struct findings {
	struct finding *list;
	size_t count, room, dropped;
};

void findings_init(struct findings *f);
void findings_release(struct findings *f); /* leaves it as findings_init() does */

/* Adds one; the result is good until the next, and NULL when the list is full. The functions below
 * take that NULL. */
struct finding *findings_add(struct findings *f, enum check_group group, const char *id,
                             enum check_verdict verdict, const char *format, ...)
        __attribute__((format(printf, 5, 6)));
void finding_asked(struct finding *f, const struct dns_answer *a);
void finding_detail(struct finding *f, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void finding_change(struct finding *f, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

#endif
