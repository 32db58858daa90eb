/*
 * usage: slow_dns PORT MILLISECONDS
 *
 * A name server for `check`: every domain has two mail hosts on 127.0.0.1, an SPF record with
 * includes in three steps, DMARC, MTA-STS and TLS-RPT; everything else exists and is empty. Each
 * answer is kept back that long. One thread, one socket: it must not be what is measured.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define QUEUE 65536u /* answers kept back; a power of two */
#define REPLY 512u

enum { TYPE_A = 1, TYPE_MX = 15, TYPE_TXT = 16 };

struct reply {
	double due;
	struct sockaddr_in to;
	size_t len;
	unsigned char bytes[REPLY];
};

static struct reply queue[QUEUE];
static unsigned first, after; /* of those that wait */

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The name of the question as text in lower case; the bytes behind it, or 0. */
static size_t read_name(const unsigned char *p, size_t n, char *out, size_t room)
{
	size_t at = 12, used = 0;

	while (at < n && p[at]) {
		size_t label = p[at++];

		if (label > 63 || at + label >= n || used + label + 2 > room)
			return 0;
		for (size_t i = 0; i < label; i++)
			out[used++] = (char)tolower(p[at + i]);
		out[used++] = '.';
		at += label;
	}
	out[used ? used - 1 : 0] = '\0';
	return at + 5 <= n ? at + 1 : 0;
}

static bool begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

/* What TXT says: the domain is what follows the prefix. */
static bool text_of(const char *name, char *out, size_t room)
{
	static const struct {
		const char *prefix, *text; /* %s: the domain */
	} rows[] = {
	        {"_dmarc.", "v=DMARC1; p=reject; rua=mailto:dmarc@%s"},
	        {"_mta-sts.", "v=STSv1; id=1"},
	        {"_smtp._tls.", "v=TLSRPTv1; rua=mailto:tls@%s"},
	        {"_spf1.", "v=spf1 ip4:192.0.2.0/24 include:_spf3.%s -all"},
	        {"_spf2.", "v=spf1 a:mx.%s include:_spf4.%s -all"},
	        {"_spf3.", "v=spf1 ip4:198.51.100.0/24 include:_spf5.%s -all"},
	        {"_spf4.", "v=spf1 ip4:203.0.113.0/24 -all"},
	        {"_spf5.", "v=spf1 ip6:2001:db8::/32 -all"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *domain = name + strlen(rows[i].prefix);

		if (!begins(name, rows[i].prefix))
			continue;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(out, room, rows[i].text, domain, domain);
#pragma GCC diagnostic pop
		return true;
	}
	if (!begins(name, "d") || strlen(name) > 60)
		return false;
	snprintf(out, room, "v=spf1 include:_spf1.%s include:_spf2.%s mx -all", name, name);
	return true;
}

/* A record about the name of the question. */
static size_t add_record(unsigned char *p, size_t at, unsigned type, const void *data, size_t n)
{
	const unsigned char head[] = {0xc0,
	                              12,
	                              0,
	                              (unsigned char)type,
	                              0,
	                              1,
	                              0,
	                              0,
	                              1,
	                              44,
	                              (unsigned char)(n >> 8),
	                              (unsigned char)n};

	if (at + sizeof(head) + n > REPLY)
		return at;
	memcpy(p + at, head, sizeof(head));
	memcpy(p + at + sizeof(head), data, n);
	p[7]++;
	return at + sizeof(head) + n;
}

static size_t answer(unsigned char *p, size_t at, const char *name, unsigned type)
{
	static const unsigned char mx[][7] = {{0, 10, 2, 'm', 'x', 0xc0, 12},
	                                      {0, 20, 2, 'm', 'y', 0xc0, 12}};
	unsigned char text[1024];

	if (type == TYPE_MX && begins(name, "d")) {
		at = add_record(p, at, type, mx[0], sizeof(mx[0]));
		return add_record(p, at, type, mx[1], sizeof(mx[1]));
	}
	if (type == TYPE_A && (begins(name, "mx.") || begins(name, "my.")))
		return add_record(p, at, type, "\x7f\0\0\1", 4);
	if (type == TYPE_TXT && text_of(name, (char *)text + 1, sizeof(text) - 1)) {
		if (strlen((char *)text + 1) > 255)
			return at;
		text[0] = (unsigned char)strlen((char *)text + 1);
		return add_record(p, at, type, text, text[0] + 1u);
	}
	return at;
}

static void take(int fd, double delay)
{
	struct reply *r = &queue[after % QUEUE];
	socklen_t size = sizeof(r->to);
	ssize_t n = recvfrom(fd, r->bytes, REPLY, 0, (struct sockaddr *)&r->to, &size);
	char name[256];
	size_t end;
	unsigned type;

	if (n < 17 || after - first == QUEUE)
		return;
	end = read_name(r->bytes, (size_t)n, name, sizeof(name));
	if (end == 0)
		return;
	type = (unsigned)r->bytes[end] << 8 | r->bytes[end + 1];
	memset(r->bytes + 6, 0, 6); /* no other sections, not even EDNS */
	r->bytes[2] = 0x85;
	r->bytes[3] = 0x80;
	r->len = answer(r->bytes, end + 4, name, type);
	r->due = now_ms() + delay;
	after++;
}

int main(int argc, char **argv)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 8 << 20;
	double delay;

	if (argc != 3)
		return 1;
	here.sin_port = htons((unsigned short)strtoul(argv[1], NULL, 10));
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	delay = strtod(argv[2], NULL);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (bind(fd, (struct sockaddr *)&here, sizeof(here)) != 0) {
		perror("bind");
		return 1;
	}
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		double left = first == after ? 1000 : queue[first % QUEUE].due - now_ms();

		if (left > 0 && poll(&p, 1, (int)left + 1) > 0)
			take(fd, delay);
		while (first != after && queue[first % QUEUE].due <= now_ms()) {
			const struct reply *r = &queue[first++ % QUEUE];

			sendto(fd, r->bytes, r->len, 0, (const struct sockaddr *)&r->to,
			       sizeof(r->to));
		}
	}
}
