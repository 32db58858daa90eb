/*
 * The memory of an answer, and how answers that each tell a part of an alias chain are joined.
 *
 * No wire format and no ldns here: the resolver, zones and tests all make answers with these
 * functions, so the limits on chains and records are enforced in one place.
 */
#include "net/dns.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const struct {
	enum dns_type type;
	const char *name;
} type_names[] = {
        {DNS_A, "A"},       {DNS_NS, "NS"},     {DNS_CNAME, "CNAME"},
        {DNS_MX, "MX"},     {DNS_PTR, "PTR"},   {DNS_TXT, "TXT"},
        {DNS_AAAA, "AAAA"}, {DNS_TLSA, "TLSA"}, {DNS_CAA, "CAA"},
};

enum dns_type dns_type_plain(enum dns_type t)
{
	return (enum dns_type)((unsigned)t & ~(unsigned)DNS_UNCHECKED);
}

const char *dns_type_name(enum dns_type t)
{
	for (size_t i = 0; i < sizeof(type_names) / sizeof(*type_names); i++) {
		if (type_names[i].type == t)
			return type_names[i].name;
	}
	return "unknown";
}

static const char *const status_texts[] = {
#define X(NAME, text) [DNS_STATUS_##NAME] = text,
        DNS_STATUSES(X)
#undef X
};

const char *dns_status_text(enum dns_status s)
{
	return s < DNS_STATUS_COUNT ? status_texts[s] : "was not looked up";
}

bool dns_status_negative(enum dns_status s)
{
	return s == DNS_STATUS_NO_DATA || s == DNS_STATUS_NO_NAME;
}

static void record_release(const struct dns_record *r)
{
	free(r->name);
	free(r->text);
}

void dns_answer_drop_records(struct dns_answer *a)
{
	for (size_t i = 0; i < a->count; i++)
		record_release(&a->records[i]);
	free(a->records);
	a->records = NULL;
	a->count = a->dropped = 0;
}

void dns_answer_free(struct dns_answer *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->alias_count; i++)
		free(a->aliases[i]);
	dns_answer_drop_records(a);
	free(a->name);
	free(a->server);
	free(a);
}

/* How long the name is without its final dot; a dot after a backslash belongs to the label. */
static size_t length_undotted(const char *name)
{
	size_t n = strlen(name), slashes = 0;

	if (n == 0 || name[n - 1] != '.')
		return n;
	while (slashes < n - 1 && name[n - 2 - slashes] == '\\')
		slashes++;
	return slashes % 2 ? n : n - 1;
}

struct dns_answer *dns_answer_new(const char *name, enum dns_type type, enum dns_status status)
{
	struct dns_answer *a = mem_zero(sizeof(*a));

	a->name = mem_dupn(name, length_undotted(name));
	a->type = dns_type_plain(type);
	a->status = status;
	return a;
}

void dns_answer_add(struct dns_answer *a, const struct dns_record *take)
{
	if (a->count == DNS_RECORDS_MAX) {
		record_release(take);
		a->dropped++;
		return;
	}
	if ((a->count & (a->count - 1)) == 0) /* the room is always the next power of two */
		a->records =
		        mem_resize(a->records, a->count ? 2 * a->count : 1, sizeof(*a->records));
	a->records[a->count++] = *take;
}

int dns_answer_alias(struct dns_answer *a, const char *target)
{
	bool known = span_eq_nocase(span_of(a->name), span_of(target));

	for (size_t i = 0; i < a->alias_count && !known; i++)
		known = span_eq_nocase(span_of(a->aliases[i]), span_of(target));
	if (known || a->alias_count == DNS_CNAME_MAX) {
		a->status = DNS_STATUS_CNAME_LOOP;
		return -1;
	}
	a->aliases[a->alias_count++] = mem_dup(target);
	return 0;
}

const char *dns_answer_onward(const struct dns_answer *part)
{
	if (part->status != DNS_STATUS_NO_DATA || part->alias_count == 0 || part->type == DNS_CNAME)
		return NULL;
	return part->aliases[part->alias_count - 1];
}

/* Puts the aliases of `from` behind those of `a`; -1 when that closes a circle. */
static int append_aliases(struct dns_answer *a, const struct dns_answer *from)
{
	for (size_t i = 0; i < from->alias_count; i++) {
		if (dns_answer_alias(a, from->aliases[i]) != 0)
			return -1;
	}
	return 0;
}

struct dns_answer *dns_answer_join(struct dns_answer *first, struct dns_answer *next)
{
	first->elapsed_ms += next->elapsed_ms;
	if (append_aliases(first, next) == 0) {
		struct dns_record *records = first->records;
		size_t count = first->count;
		char *server = first->server;

		first->status = next->status;
		first->rcode = next->rcode;
		first->authentic = first->authentic && next->authentic;
		first->given = next->given;
		first->dropped = next->dropped;
		first->records = next->records;
		first->count = next->count;
		next->records = records;
		next->count = count;
		if (next->server) {
			first->server = next->server;
			next->server = server;
		}
	}
	dns_answer_free(next);
	return first;
}
