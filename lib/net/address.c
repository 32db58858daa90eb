/*
 * Addresses are kept as the kernel takes them, so that nothing is converted on the way to
 * connect(). Ranges are two tables of prefixes, the first match wins; what is in neither is public.
 */
#include "net/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static struct sockaddr_in *v4(const struct net_address *a)
{
	return (struct sockaddr_in *)&a->sa;
}

static struct sockaddr_in6 *v6(const struct net_address *a)
{
	return (struct sockaddr_in6 *)&a->sa;
}

void net_address_from_v4(const unsigned char raw[4], unsigned port, struct net_address *out)
{
	memset(out, 0, sizeof(*out));
	out->len = sizeof(struct sockaddr_in);
	v4(out)->sin_family = AF_INET;
	v4(out)->sin_port = htons((uint16_t)port);
	memcpy(&v4(out)->sin_addr, raw, 4);
}

void net_address_from_v6(const unsigned char raw[16], unsigned port, struct net_address *out)
{
	memset(out, 0, sizeof(*out));
	out->len = sizeof(struct sockaddr_in6);
	v6(out)->sin6_family = AF_INET6;
	v6(out)->sin6_port = htons((uint16_t)port);
	memcpy(&v6(out)->sin6_addr, raw, 16);
}

/* A scope is an interface's name or number (RFC 4007 §11). */
static int parse_scope(struct span text, uint32_t *scope)
{
	char name[IF_NAMESIZE];
	unsigned long number;

	if (span_number(text, UINT32_MAX, &number) == 0) {
		*scope = (uint32_t)number;
		return 0;
	}
	if (text.n == 0 || text.n >= sizeof(name))
		return -1;
	memcpy(name, text.p, text.n);
	name[text.n] = '\0';
	*scope = if_nametoindex(name);
	return *scope ? 0 : -1;
}

static int parse_v6(struct span text, unsigned port, struct net_address *out)
{
	struct span rest = text, plain = span_cut(&rest, '%');
	char copy[INET6_ADDRSTRLEN];
	unsigned char raw[16];
	uint32_t scope = 0;

	if (plain.n >= sizeof(copy) || (rest.p && parse_scope(rest, &scope) != 0))
		return -1;
	memcpy(copy, plain.p, plain.n);
	copy[plain.n] = '\0';
	if (strlen(copy) != plain.n || inet_pton(AF_INET6, copy, raw) != 1)
		return -1;
	net_address_from_v6(raw, port, out);
	v6(out)->sin6_scope_id = scope;
	return 0;
}

int net_address_parse(struct span text, unsigned port, struct net_address *out)
{
	char copy[INET_ADDRSTRLEN];
	unsigned char raw[4];

	if (text.n == 0 || port > UINT16_MAX)
		return -1;
	if (text.n > 2 && text.p[0] == '[' && text.p[text.n - 1] == ']')
		return parse_v6(span_from(text.p + 1, text.n - 2), port, out);
	if (span_find(text, ':') < text.n)
		return parse_v6(text, port, out);
	if (text.n >= sizeof(copy))
		return -1;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	if (strlen(copy) != text.n || inet_pton(AF_INET, copy, raw) != 1)
		return -1;
	net_address_from_v4(raw, port, out);
	return 0;
}

int net_address_unix(const char *path, struct net_address *out)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&out->sa;
	size_t n = strlen(path);

	if (n == 0 || n >= sizeof(un->sun_path))
		return -1;
	memset(out, 0, sizeof(*out));
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, n);
	out->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1);
	return 0;
}

unsigned net_address_port(const struct net_address *a)
{
	switch (a->sa.ss_family) {
	case AF_INET: return ntohs(v4(a)->sin_port);
	case AF_INET6: return ntohs(v6(a)->sin6_port);
	default: return 0;
	}
}

void net_address_set_port(struct net_address *a, unsigned port)
{
	if (a->sa.ss_family == AF_INET)
		v4(a)->sin_port = htons((uint16_t)port);
	else if (a->sa.ss_family == AF_INET6)
		v6(a)->sin6_port = htons((uint16_t)port);
}

static const char *unix_path(const struct net_address *a)
{
	/* An unnamed socket has no path, not even its NUL. */
	if (a->len <= offsetof(struct sockaddr_un, sun_path))
		return "";
	return ((const struct sockaddr_un *)&a->sa)->sun_path;
}

bool net_address_equal(const struct net_address *a, const struct net_address *b)
{
	if (a->sa.ss_family != b->sa.ss_family || net_address_port(a) != net_address_port(b))
		return false;
	switch (a->sa.ss_family) {
	case AF_INET: return v4(a)->sin_addr.s_addr == v4(b)->sin_addr.s_addr;
	case AF_INET6:
		return memcmp(&v6(a)->sin6_addr, &v6(b)->sin6_addr, 16) == 0 &&
		       v6(a)->sin6_scope_id == v6(b)->sin6_scope_id;
	case AF_UNIX: return strcmp(unix_path(a), unix_path(b)) == 0;
	default: return true;
	}
}

static void add_scope(uint32_t scope, char *out)
{
	char name[IF_NAMESIZE];
	size_t n = strlen(out);

	if (if_indextoname(scope, name))
		snprintf(out + n, NET_ADDRESS_TEXT - n, "%%%s", name);
	else
		snprintf(out + n, NET_ADDRESS_TEXT - n, "%%%u", scope);
}

const char *net_address_text(const struct net_address *a, char *out)
{
	out[0] = '\0';
	if (a->sa.ss_family == AF_INET) {
		inet_ntop(AF_INET, &v4(a)->sin_addr, out, NET_ADDRESS_TEXT);
	} else if (a->sa.ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &v6(a)->sin6_addr, out, NET_ADDRESS_TEXT);
		if (v6(a)->sin6_scope_id)
			add_scope(v6(a)->sin6_scope_id, out);
	} else if (a->sa.ss_family == AF_UNIX) {
		snprintf(out, NET_ADDRESS_TEXT, "%s", unix_path(a));
	}
	return out;
}

const char *net_address_port_text(const struct net_address *a, char *out)
{
	char text[NET_ADDRESS_TEXT];

	net_address_text(a, text);
	if (a->sa.ss_family == AF_UNIX)
		memcpy(out, text, sizeof(text));
	else
		snprintf(out, NET_ADDRESS_TEXT, strchr(text, ':') ? "[%.*s]:%u" : "%.*s:%u",
		         NET_ADDRESS_TEXT - 10, text, net_address_port(a));
	return out;
}

/* --- a port behind it --- */

struct span net_cut_port(struct span text, struct span *port)
{
	bool bracketed = text.n > 0 && text.p[0] == '[';
	size_t colon = bracketed ? span_find(text, ']') + 1 : span_find(text, ':');
	struct net_address address;

	*port = span_from(NULL, 0);
	if (colon >= text.n || text.p[colon] != ':' || net_address_parse(text, 0, &address) == 0)
		return text;
	*port = span_skip(text, colon + 1);
	return span_first(text, colon);
}

int net_address_parse_port(struct span text, unsigned port, struct net_address *out)
{
	struct span number, host = net_cut_port(text, &number);
	unsigned long given = port;

	if (number.p && span_number(number, UINT16_MAX, &given) != 0)
		return -1;
	return net_address_parse(host, (unsigned)given, out);
}

/* --- ranges --- */

struct prefix {
	unsigned char bytes[16];
	unsigned bits;
	enum net_range range;
};

static const struct prefix v4_ranges[] = {
        {{0}, 8, NET_RANGE_UNSPECIFIED},
        {{127}, 8, NET_RANGE_LOOPBACK},
        {{10}, 8, NET_RANGE_PRIVATE},
        {{172, 16}, 12, NET_RANGE_PRIVATE},
        {{192, 168}, 16, NET_RANGE_PRIVATE},
        {{169, 254}, 16, NET_RANGE_LINK_LOCAL},
        {{100, 64}, 10, NET_RANGE_SHARED},
        {{192, 0, 2}, 24, NET_RANGE_DOCUMENTATION},
        {{198, 51, 100}, 24, NET_RANGE_DOCUMENTATION},
        {{203, 0, 113}, 24, NET_RANGE_DOCUMENTATION},
        {{224}, 4, NET_RANGE_MULTICAST},
        {{240}, 4, NET_RANGE_MULTICAST},
};

static const struct prefix v6_ranges[] = {
        {{0}, 128, NET_RANGE_UNSPECIFIED},
        {{[15] = 1}, 128, NET_RANGE_LOOPBACK},
        {{0xfc}, 7, NET_RANGE_PRIVATE},
        {{0xfe, 0x80}, 10, NET_RANGE_LINK_LOCAL},
        {{0x20, 0x01, 0x0d, 0xb8}, 32, NET_RANGE_DOCUMENTATION},
        {{0xff}, 8, NET_RANGE_MULTICAST},
};

static bool prefix_holds(const struct prefix *p, const unsigned char *raw)
{
	unsigned whole = p->bits / 8, rest = p->bits % 8;

	if (memcmp(p->bytes, raw, whole) != 0)
		return false;
	return rest == 0 || (p->bytes[whole] ^ raw[whole]) >> (8 - rest) == 0;
}

static enum net_range range_in(const struct prefix *table, size_t count, const unsigned char *raw)
{
	for (size_t i = 0; i < count; i++) {
		if (prefix_holds(&table[i], raw))
			return table[i].range;
	}
	return NET_RANGE_PUBLIC;
}

#define RANGE_IN(table, raw) range_in(table, sizeof(table) / sizeof(table[0]), raw)

enum net_range net_address_range(const struct net_address *a)
{
	const unsigned char *raw;

	if (a->sa.ss_family == AF_UNIX)
		return NET_RANGE_LOCAL_SOCKET;
	if (a->sa.ss_family == AF_INET)
		return RANGE_IN(v4_ranges, (const unsigned char *)&v4(a)->sin_addr);
	if (a->sa.ss_family != AF_INET6)
		return NET_RANGE_UNSPECIFIED;
	raw = v6(a)->sin6_addr.s6_addr;
	if (IN6_IS_ADDR_V4MAPPED(&v6(a)->sin6_addr))
		return RANGE_IN(v4_ranges, raw + 12);
	return RANGE_IN(v6_ranges, raw);
}

const char *net_range_name(enum net_range r)
{
	static const char *const names[] = {
	        [NET_RANGE_PUBLIC] = "public",
	        [NET_RANGE_UNSPECIFIED] = "unspecified",
	        [NET_RANGE_LOOPBACK] = "loopback",
	        [NET_RANGE_PRIVATE] = "private",
	        [NET_RANGE_LINK_LOCAL] = "link-local",
	        [NET_RANGE_SHARED] = "shared (carrier NAT)",
	        [NET_RANGE_DOCUMENTATION] = "documentation",
	        [NET_RANGE_MULTICAST] = "multicast or reserved",
	        [NET_RANGE_LOCAL_SOCKET] = "local socket",
	};

	return names[r];
}
