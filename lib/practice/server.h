/*
 * server: one correct SMTP server in Postfix's words, without I/O.
 *
 * Bytes of the client in, bytes of the server out. It answers as Postfix 3.7 with its defaults does
 * (RFC 5321), delivers into the mailboxes of its host, and relays for users who have logged in
 * only: straight into the mailbox, without the queue and the second host's trace. Owns nothing of
 * the world, which must outlive it. Every limit of the client's input is Postfix's: lines of 2,048
 * bytes, answers of 12,288 in AUTH, 1,000 recipients, 20 errors.
 */
#ifndef PRACTICE_SERVER_H
#define PRACTICE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "net/address.h"
#include "practice/world.h"

struct practice_server;

/* `client` is the address that the host sees, `port` the one that was dialled: a host takes mail
 * from everybody on 25, from its users on 587 and 465 (world.h). The greeting is in the output at
 * once, on 465 when TLS has started. */
struct practice_server *practice_server_new(struct world *w, struct world_host *host,
                                            const struct net_address *client, unsigned port);
void practice_server_free(struct practice_server *s);
void practice_server_feed(struct practice_server *s, struct span bytes);
struct buf *practice_server_output(struct practice_server *s); /* the caller sends and clears */
/* A practice second, where main.cf counts seconds that somebody has to wait: "sleep 5",
 * smtpd_error_sleep_time. */
#define PRACTICE_SECOND_MS 100
/* How long the caller is to wait before it sends the output; then it tells. What is fed meanwhile
 * is kept. 0: it may be sent at once. To be asked after each call that may give output. */
int64_t practice_server_delay_ms(const struct practice_server *s);
void practice_server_waited(struct practice_server *s);
bool practice_server_done(const struct practice_server *s); /* close when the output is sent */

/* From now on tells each command that was answered, from within practice_server_feed(): the line
 * (empty for message text, chunks and answers of AUTH; the line of AUTH itself may hold a secret)
 * and the replies to it, each line with CRLF. world_why() then says why. */
typedef void practice_server_fn(void *arg, struct span command, struct span reply);
void practice_server_watch(struct practice_server *s, practice_server_fn *fn, void *arg);
/* How long a client may say nothing (smtpd_timeout), and that it has. */
int64_t practice_server_patience_ms(const struct practice_server *s);
void practice_server_time_out(struct practice_server *s);

/* The caller is to send the output, start TLS with world_host_tls(), and tell; when TLS fails, to
 * close. Until it is told, what is fed is dropped: nothing that came in the clear counts inside TLS
 * (RFC 3207 §6). */
bool practice_server_wants_tls(const struct practice_server *s);
void practice_server_tls_started(struct practice_server *s);

#endif
