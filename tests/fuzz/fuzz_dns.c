/*
 * DNS answers: whatever comes back, what is made of it keeps its promises.
 *
 * The question is taken from the message itself, so that most inputs are "ours" and get past the
 * first check. The input is also tried as a name to ask for.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/dns.h"

#define HEADER 12

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum dns_type types[] = {DNS_A,   DNS_CNAME, DNS_MX,  DNS_PTR,
                                      DNS_TXT, DNS_AAAA,  DNS_TLSA};

static void must(int ok)
{
	if (!ok)
		abort();
}

/* The question's name as text and its type; false when it cannot be read without compression. */
static int read_question(const uint8_t *p, size_t n, char name[1100], enum dns_type *type)
{
	size_t at = HEADER, out = 0;

	while (at < n && p[at] != 0) {
		size_t end = at + 1 + p[at];

		if (p[at] > 63 || end >= n || end > HEADER + 254)
			return 0;
		for (at++; at < end; at++)
			out += (size_t)sprintf(name + out, "\\%03u", p[at]);
		name[out++] = '.';
	}
	name[out] = '\0';
	if (out == 0 || at + 3 > n)
		return 0;
	*type = types[0];
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if ((size_t)types[i] == ((size_t)p[at + 1] << 8 | p[at + 2]))
			*type = types[i];
	}
	return 1;
}

/* A name out of an answer is the root or can be asked for again. */
static void check_name(const char *name)
{
	enum dns_status status;
	size_t len;
	unsigned char *wire;

	if (!*name)
		return;
	wire = dns_question_encode(name, DNS_A, 1, &len, &status);
	must(wire && status == DNS_STATUS_OK);
	free(wire);
}

static void check_record(const struct dns_record *r, enum dns_type type)
{
	must(r->type == type);
	switch (type) {
	case DNS_A: must(r->address.sa.ss_family == AF_INET); break;
	case DNS_AAAA: must(r->address.sa.ss_family == AF_INET6); break;
	case DNS_TXT:
	case DNS_TLSA: must(r->text && r->text[r->text_len] == '\0'); break;
	default: check_name(r->name);
	}
}

static void check_answer(struct dns_answer *a, enum dns_type type)
{
	must(a->type == type && a->status < DNS_STATUS_COUNT);
	must((a->status == DNS_STATUS_OK) == (a->count > 0));
	must(a->alias_count <= DNS_CNAME_MAX && a->count <= DNS_RECORDS_MAX);
	must(a->dropped == 0 || a->count == DNS_RECORDS_MAX);
	check_name(a->name);
	for (size_t i = 0; i < a->alias_count; i++)
		check_name(a->aliases[i]);
	for (size_t i = 0; i < a->count; i++)
		check_record(&a->records[i], type);
	if (dns_answer_onward(a))
		must(a->status == DNS_STATUS_NO_DATA && a->alias_count > 0);
}

static void check_message(const uint8_t *data, size_t size)
{
	char name[1100];
	enum dns_type type;
	struct dns_answer *a = NULL;
	uint16_t id;

	if (size < HEADER || !read_question(data, size, name, &type))
		return;
	id = (uint16_t)(data[0] << 8 | data[1]);
	must(dns_answer_decode(data, size, name, type, id ^ 1, &a) == DNS_CHECK_NOT_OURS && !a);
	switch (dns_answer_decode(data, size, name, type, id, &a)) {
	case DNS_CHECK_OURS:
		must(a && (data[2] & 0x80));
		check_answer(a, type);
		break;
	case DNS_CHECK_CUT: must(!a && (data[2] & 0x02)); break;
	case DNS_CHECK_NOT_OURS: must(!a); break;
	}
	dns_answer_free(a);
}

/* Whatever can be asked for: our question sent back is not ours; marked as a response, it is. */
static void check_question(const uint8_t *data, size_t size)
{
	char *name = strndup((const char *)data, size);
	struct dns_answer *a = NULL;
	enum dns_status status;
	unsigned char *wire;
	size_t len;

	must(name != NULL);
	wire = dns_question_encode(name, DNS_MX, 77, &len, &status);
	must((wire != NULL) == (status == DNS_STATUS_OK));
	if (wire) {
		must(dns_answer_decode(wire, len, name, DNS_MX, 77, &a) == DNS_CHECK_NOT_OURS);
		wire[2] |= 0x80;
		must(dns_answer_decode(wire, len, name, DNS_MX, 77, &a) == DNS_CHECK_OURS);
		must(a && a->status == DNS_STATUS_NO_DATA);
		dns_answer_free(a);
	}
	free(wire);
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_message(data, size);
	check_question(data, size);
	return 0;
}
