/*
 * check_probe: the prober of `smtptalk check`: speaks to a mail host as a sender would, up to RCPT,
 * and leaves without sending a message.
 */
#ifndef UI_CHECK_PROBE_H
#define UI_CHECK_PROBE_H

#include "check/fetch.h"
#include "check/probe.h"
#include "net/network.h"

struct check_prober {
	struct prober prober; /* its `arg` is this */
	struct network *network;
	struct tls_context *tls; /* borrowed; NULL: STARTTLS is not tried */
	const char *helo;
	int64_t ms;             /* for all of one probe */
	struct fetcher fetcher; /* of the MTA-STS policy; its tls is NULL unless set later */
};

void check_prober_init(struct check_prober *p, struct network *n, struct tls_context *tls,
                       const char *helo, int64_t ms);

#endif
