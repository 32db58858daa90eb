/*
 * deliver_client: an SMTP client inside the practice internet: one conversation of one host with
 * another, which hands over one message (smtp(8)).
 *
 * The other side is a practice_server like any other; the bytes between the two go from one buffer
 * into the other, so a conversation is over when the function returns. Nobody else than the
 * delivery includes it.
 */
#ifndef PRACTICE_DELIVER_CLIENT_H
#define PRACTICE_DELIVER_CLIENT_H

#include "net/address.h"
#include "practice/queue_state.h"

struct delivery {
	struct attempt *a;
	struct queue_recipient **list; /* those that are still to be told are not NULL */
	size_t count;
	enum mail_daemon daemon;
	int64_t began;
	char *text, *relay, *dsn; /* of the last failure that another host may mend; heap */
	char *remote, *reply;
};

/* Why a host could not be asked, or gave a refusal for now; what is said when no host is left. */
void delivery_fail(struct delivery *d, const char *relay, const char *dsn, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
bool delivery_is_done(const struct delivery *d);

/* Hands over to the host at that address. `last`: no other is left to be tried. */
void deliver_converse(struct delivery *d, const char *name, const struct net_address *to,
                      const struct net_address *from, struct world_host *host, bool last);

#endif
