/*
 * dns_server: answers questions of the DNS on a port, over UDP and TCP (RFC 1035 §4.2, RFC 7766).
 *
 * It speaks as a resolver does (recursion available), of whatever the callback knows; a question
 * for a type that enum dns_type has not is answered with "no such record". An answer of the status
 * TIMEOUT is not sent at all. Datagrams of DNS_SERVER_DATAGRAM bytes at most, larger answers are
 * cut and asked for again over TCP; DNS_SERVER_CLIENTS connections at once, each closed after ten
 * silent seconds.
 */
#ifndef NET_DNS_SERVER_H
#define NET_DNS_SERVER_H

#include "base/diag.h"
#include "net/dns.h"
#include "net/loop.h"

#define DNS_SERVER_DATAGRAM 1232
#define DNS_SERVER_CLIENTS  100

/* Never NULL; the answer is handed over. The name is without its final dot. */
typedef struct dns_answer *dns_server_fn(void *arg, const char *name, enum dns_type type);

struct dns_server;

/* Port 0 lets the kernel choose one that is free for both. NULL and d when it cannot be had. */
struct dns_server *dns_server_new(struct loop *l, const struct net_address *at, dns_server_fn *fn,
                                  void *arg, struct diag *d);
const struct net_address *dns_server_address(const struct dns_server *s);
void dns_server_free(struct dns_server *s); /* NULL is allowed */

/* The reply to a message, from the callback's answer; heap, *len long. NULL: none is to be sent.
 * `max` is what the transport takes: 0 is a datagram, whose sender says how much (RFC 6891). */
unsigned char *dns_reply_make(struct span question, dns_server_fn *fn, void *arg, size_t max,
                              size_t *len);

#endif
