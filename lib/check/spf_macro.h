/*
 * spf_macro: macros of SPF: their syntax, and what they stand for (RFC 7208 §7).
 */
#ifndef CHECK_SPF_MACRO_H
#define CHECK_SPF_MACRO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "net/address.h"

enum spf_macro_use {
	SPF_MACRO_DOMAIN, /* a <domain-spec> */
	SPF_MACRO_STRING, /* the value of a modifier that nobody knows */
	SPF_MACRO_TEXT,   /* an explanation: also %{c}, %{r}, %{t} and blanks */
};

/* What the letters stand for. */
struct spf_macro_values {
	struct span sender; /* local@domain */
	struct span local, sender_domain;
	struct span domain; /* the current one */
	struct span helo;
	struct net_address ip; /* an IPv4 address in an IPv6 one was taken out already */
	const char *validated; /* %{p}; NULL: not known yet */
	struct span receiver;  /* %{r}; empty: "unknown" */
	int64_t now;           /* %{t}: seconds since 1970 */
};

/* NULL when the text is well formed, else what is wrong. */
const char *spf_macro_fault(struct span text, enum spf_macro_use use);
/* Whether %{p} stands in it. */
bool spf_macro_needs_name(struct span text);
/* Whether the last thing in it is a macro, "%%" and the like counted. */
bool spf_macro_is_last(struct span text);
/* Appends the text of a well-formed string. 0, or -1 by out's cap. */
int spf_macro_expand(struct span text, const struct spf_macro_values *v, struct buf *out);

#endif
