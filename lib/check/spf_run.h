/*
 * spf_run: what spf.c (the walk through the records) and spf_match.c (one function a mechanism)
 * share; private to this folder.
 */
#ifndef CHECK_SPF_RUN_H
#define CHECK_SPF_RUN_H

#include "check/spf.h"
#include "check/spf_macro.h"
#include "check/spf_record.h"

#define SPF_NAME_ROOM 4096u

enum spf_match { SPF_NO_MATCH, SPF_MATCHES, SPF_MATCH_TEMP, SPF_MATCH_PERM, SPF_MATCH_PENDING };

struct spf_run {
	struct lookups *lookups;
	struct spf_report *report;
	struct spf_macro_values values; /* `domain` is the current one */
	unsigned depth;
	bool included; /* within an include: nobody reads its explanation */
};

/* spf.c: check_host() of §4 for that domain. */
enum spf_result spf_run_domain(struct spf_run *r, const char *domain);
/* Sets the text of a step. */
void spf_run_say(struct spf_run *r, size_t step, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* spf_match.c: whether the term matches; its findings go into that step. */
enum spf_match spf_match_term(struct spf_run *r, const struct spf_term *t, size_t step);
/* A or AAAA, as the sending address is; the names behind that address, NULL: on their way. */
enum dns_type spf_match_address_type(const struct spf_run *r);
const struct dns_answer *spf_match_ask_ptr(struct spf_run *r);

/* spf_ahead.c: asks ahead for what the terms of a record will ask, also those of the records that
 * it includes, as far as the limit of ten lets them. */
void spf_ahead_ask(struct spf_run *r, const struct spf_record *rec);
/* Expands a <domain-spec> to a name for the DNS: 0; 1: still waiting for %{p}; -1: no name. The
 * current domain when `spec` has no text. */
int spf_run_target(struct spf_run *r, struct span spec, struct buf *name);
/* Finds %{p} for the current domain (§5.5, §7.3). Heap; NULL: on its way. */
char *spf_match_validated(struct spf_run *r);
/* Whether it can be a domain name; `labels`: how many it must have at least. */
bool spf_name_is_valid(struct span name, size_t labels);

#endif
