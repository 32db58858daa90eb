/*
 * probe: what a mail host did when it was spoken to, and who speaks to it.
 *
 * lib/check opens no connection and speaks no SMTP: it is handed a prober, and keeps what that
 * found, each host address and port once. Results own their strings, which are not safe to show.
 * Limit: PROBES_MAX; more get no result but PROBE_NOT_MADE.
 */
#ifndef CHECK_PROBE_H
#define CHECK_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/address.h"
#include "net/tls.h"

#define PROBES_MAX 200u

enum probe_end {
	PROBE_NOT_MADE,      /* there is no prober, or there were too many */
	PROBE_NO_CONNECTION, /* `error` */
	PROBE_BROKEN,        /* connected; `why` says what ended it */
	PROBE_DONE,          /* all was asked that could be */
};

struct probe_result {
	enum probe_end end;
	int error; /* an errno value */
	char *why;
	int64_t ms;   /* until it was connected, or was not */
	int greeting; /* its code; 0: none came */
	char *banner; /* the text of the greeting */
	char *name;   /* the server's, in its EHLO reply; or NULL */
	bool esmtp, starttls;
	struct tls_report *tls;      /* NULL: no handshake was tried */
	int null_sender, postmaster; /* reply codes of MAIL FROM:<> and RCPT; 0: not asked */
	char *refusal; /* the text of the first reply of those two that was no 2xx; or NULL */
};

struct probe_question {
	const char *host;             /* its name, to be proven in TLS */
	const struct net_address *to; /* with the port */
	const char *domain;           /* whose postmaster is asked for; NULL: only connect */
};

typedef void probe_fn(void *arg, struct probe_result *result); /* handed over; from the loop */

struct prober {
	/* The question is borrowed for the call. The handle is gone after its callback. */
	void *(*begin)(void *arg, const struct probe_question *q, probe_fn *fn, void *fn_arg);
	void (*cancel)(void *handle);
	void *arg;
};

void probe_result_free(struct probe_result *r);

struct probes;
/* prober NULL: nothing is probed. `changed` is called from the loop when a result came. */
struct probes *probes_new(const struct prober *prober, void (*changed)(void *arg), void *arg);
void probes_free(struct probes *p);
/* The result, borrowed; NULL: it is on its way. */
const struct probe_result *probes_ask(struct probes *p, const struct probe_question *q);

#endif
