/*
 * dns_wire: DNS messages written octet by octet, also wrong ones, which no library would write.
 */
#ifndef TESTS_DNS_WIRE_H
#define TESTS_DNS_WIRE_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

#define WIRE_MAX 65535

enum {
	WIRE_QR = 0x8000,
	WIRE_AA = 0x0400,
	WIRE_TC = 0x0200,
	WIRE_RD = 0x0100,
	WIRE_RA = 0x0080,
	WIRE_AD = 0x0020,
	WIRE_ANSWER = WIRE_QR | WIRE_RD | WIRE_RA,
};

struct wire {
	unsigned char p[WIRE_MAX];
	size_t n;
};

static inline void wire_bytes(struct wire *w, const void *p, size_t n)
{
	assert(w->n + n <= WIRE_MAX);
	memcpy(w->p + w->n, p, n);
	w->n += n;
}

static inline void wire_u16(struct wire *w, unsigned v)
{
	unsigned char b[2] = {(unsigned char)(v >> 8), (unsigned char)v};

	wire_bytes(w, b, 2);
}

static inline void wire_set_u16(struct wire *w, size_t at, unsigned v)
{
	w->p[at] = (unsigned char)(v >> 8);
	w->p[at + 1] = (unsigned char)v;
}

static inline unsigned wire_get_u16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* "a.b" as labels, without compression; "" is the root. */
static inline void wire_name(struct wire *w, const char *name)
{
	while (*name) {
		size_t n = strcspn(name, ".");
		unsigned char len = (unsigned char)n;

		wire_bytes(w, &len, 1);
		wire_bytes(w, name, n);
		name += n + (name[n] == '.');
	}
	wire_bytes(w, "", 1);
}

/* A header with one question. */
static inline void wire_start(struct wire *w, unsigned id, unsigned flags, const char *name,
                              unsigned type)
{
	w->n = 0;
	wire_u16(w, id);
	wire_u16(w, flags);
	wire_u16(w, 1);
	wire_u16(w, 0);
	wire_u16(w, 0);
	wire_u16(w, 0);
	wire_name(w, name);
	wire_u16(w, type);
	wire_u16(w, 1);
}

/* Counts one more record in a section: 6 answer, 8 authority, 10 additional. */
static inline void wire_count(struct wire *w, size_t section)
{
	wire_set_u16(w, section, wire_get_u16(w->p + section) + 1);
}

static inline void wire_record(struct wire *w, size_t section, const char *owner, unsigned type,
                               unsigned class, const void *rdata, size_t n)
{
	wire_count(w, section);
	wire_name(w, owner);
	wire_u16(w, type);
	wire_u16(w, class);
	wire_u16(w, 0);
	wire_u16(w, 300); /* TTL */
	wire_u16(w, (unsigned)n);
	wire_bytes(w, rdata, n);
}

static inline void wire_a(struct wire *w, const char *owner, unsigned last)
{
	unsigned char rdata[4] = {192, 0, 2, (unsigned char)last};

	wire_record(w, 6, owner, 1, 1, rdata, 4);
}

/* A record of the answer section whose rdata is a name, behind a preference if that is not -1. */
static inline void wire_to_name(struct wire *w, const char *owner, unsigned type, int preference,
                                const char *target)
{
	static struct wire rdata;

	rdata.n = 0;
	if (preference >= 0)
		wire_u16(&rdata, (unsigned)preference);
	wire_name(&rdata, target);
	wire_record(w, 6, owner, type, 1, rdata.p, rdata.n);
}

static inline void wire_cname(struct wire *w, const char *owner, const char *target)
{
	wire_to_name(w, owner, 5, -1, target);
}

static inline void wire_mx(struct wire *w, const char *owner, int preference, const char *host)
{
	wire_to_name(w, owner, 15, preference, host);
}

#endif
