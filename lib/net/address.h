/*
 * address: network addresses with their port: reading, writing, and what range they are in.
 *
 * A plain value; owns nothing.
 */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/span.h"

#define NET_ADDRESS_TEXT 128 /* room for any address as text, NUL included */

struct net_address {
	struct sockaddr_storage sa; /* AF_INET, AF_INET6 (with scope) or AF_UNIX */
	socklen_t len;
};

/* An IPv4 or IPv6 address as text, IPv6 with or without brackets and with an optional %scope.
 * 0, or -1 when it is not one. */
int net_address_parse(struct span text, unsigned port, struct net_address *out);
int net_address_unix(const char *path, struct net_address *out); /* -1: path too long */
void net_address_from_v4(const unsigned char raw[4], unsigned port, struct net_address *out);
void net_address_from_v6(const unsigned char raw[16], unsigned port, struct net_address *out);
unsigned net_address_port(const struct net_address *a);
void net_address_set_port(struct net_address *a, unsigned port);
bool net_address_equal(const struct net_address *a, const struct net_address *b);
/* "192.0.2.1", "2001:db8::1", a path; without the port. `out` has NET_ADDRESS_TEXT bytes. */
const char *net_address_text(const struct net_address *a, char *out);

/* The same with its port: "192.0.2.1:25", "[2001:db8::1]:25"; a path has none. */
const char *net_address_port_text(const struct net_address *a, char *out);
/* Parts "HOST:PORT" and "[V6]:PORT", where HOST is a name or an address: gives what stands before
 * the colon, brackets too. *port has p == NULL when there is none, as in an IPv6 address without
 * brackets; what it holds is not judged. */
struct span net_cut_port(struct span text, struct span *port);
/* "ADDRESS" or "ADDRESS:PORT"; without one it is `port`. 0, or -1. */
int net_address_parse_port(struct span text, unsigned port, struct net_address *out);

enum net_range {
	NET_RANGE_PUBLIC,
	NET_RANGE_UNSPECIFIED, /* 0.0.0.0/8, :: */
	NET_RANGE_LOOPBACK,    /* 127/8, ::1 */
	NET_RANGE_PRIVATE,     /* RFC 1918, RFC 4193 */
	NET_RANGE_LINK_LOCAL,
	NET_RANGE_SHARED,        /* 100.64/10, RFC 6598 */
	NET_RANGE_DOCUMENTATION, /* RFC 5737, RFC 3849 */
	NET_RANGE_MULTICAST,     /* and reserved 240/4 */
	NET_RANGE_LOCAL_SOCKET,  /* AF_UNIX */
};
enum net_range net_address_range(const struct net_address *a); /* IPv4-mapped: of the IPv4 part */
const char *net_range_name(enum net_range r);                  /* "loopback", … */

#endif
