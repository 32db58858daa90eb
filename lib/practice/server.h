/*
 * server: one correct SMTP server in Postfix's words, without I/O.
 *
 * Bytes of the client in, bytes of the server out. It answers as Postfix 3.7 with its defaults does
 * (RFC 5321), delivers into the mailboxes of its host, and refuses to relay. Owns nothing of the
 * world, which must outlive it. Every limit of the client's input is Postfix's: lines of 2,048
 * bytes, 1,000 recipients, 20 errors.
 */
#ifndef PRACTICE_SERVER_H
#define PRACTICE_SERVER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"
#include "net/address.h"
#include "practice/world.h"

struct practice_server;

/* `client` is the address that the host sees. The greeting is in the output at once. */
struct practice_server *practice_server_new(struct world *w, struct world_host *host,
                                            const struct net_address *client);
void practice_server_free(struct practice_server *s);
void practice_server_feed(struct practice_server *s, struct span bytes);
struct buf *practice_server_output(struct practice_server *s); /* the caller sends and clears */
bool practice_server_done(const struct practice_server *s);    /* close when the output is sent */

#endif
