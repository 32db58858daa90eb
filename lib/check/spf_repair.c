/*
 * The record is kept as its owner wrote it, term by term: what stands before the last word keeps
 * its order, and so its meaning.
 */
#include "check/spf_repair.h"

#include <string.h>

#include "base/span.h"

enum { STRING_MAX = 255 };

/* all with any qualifier, redirect= and exp=: nothing that stands behind them is looked at. */
static bool is_last_word(struct span term)
{
	if (term.n > 0 && strchr("+-~?", term.p[0]))
		term = span_skip(term, 1);
	return span_eq_nocase(term, SPAN("all")) || span_starts_nocase(term, SPAN("redirect=")) ||
	       span_starts_nocase(term, SPAN("exp="));
}

static void add_address(const struct net_address *ip, struct buf *out)
{
	char text[NET_ADDRESS_TEXT];

	net_address_text(ip, text);
	buf_addf(out, " %s:%s", ip->sa.ss_family == AF_INET6 ? "ip6" : "ip4", text);
}

void spf_repair(const char *record, const struct net_address *ip, struct buf *out)
{
	struct span rest = span_of(record ? record : "v=spf1 mx -all");
	bool added = ip == NULL;
	const char *blank = "";

	while (rest.p) {
		struct span term = span_cut(&rest, ' ');

		if (term.n == 0)
			continue;
		if (!added && is_last_word(term)) {
			add_address(ip, out);
			added = true;
		}
		buf_addstr(out, blank);
		buf_addspan(out, term);
		blank = " ";
	}
	if (!added)
		add_address(ip, out);
}

void spf_repair_quote(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.n || i == 0; i++) {
		if (i % STRING_MAX == 0)
			buf_addstr(out, i > 0 ? "\" \"" : "\"");
		if (i < text.n && (text.p[i] == '"' || text.p[i] == '\\'))
			buf_addch(out, '\\');
		if (i < text.n)
			buf_addch(out, text.p[i]);
	}
	buf_addch(out, '"');
}
