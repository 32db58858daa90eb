/*
 * mailbox: finding a host's mailboxes and putting messages into them.
 */
#ifndef PRACTICE_MAILBOX_H
#define PRACTICE_MAILBOX_H

#include "practice/world.h"

#define WORLD_MAIL_MAX ((size_t)64 << 20) /* bytes in all mailboxes together */

/* Whether the domain is one whose mail is delivered on this host.
 */
bool world_host_serves(const struct world_host *host, struct span domain);
/* The mailbox of a local part, which may be quoted; without regard to case. NULL: no such user. */
struct world_mailbox *world_host_mailbox(const struct world_host *host, struct span local);
/* The first host that serves and takes mail for the domain; NULL: there is none. */
struct world_host *world_serving(const struct world *w, struct span domain);
/* The password of a user, "bob" or "bob@school.test"; NULL: nobody can log in with this name. */
const char *world_host_password(const struct world_host *host, struct span user);
/* From now on a mailbox keeps so many messages: a new one takes the place of the oldest. For who
 * serves for days. 0: all are kept. */
void world_keep_newest(struct world *w, size_t messages);
/* Adds a message; *message is taken over. 0, or -1 when the world is full (then it is freed). */
int world_deliver(struct world *w, struct world_mailbox *box, struct world_message *message);

#endif
