/*
 * A plain list searched from its start: servers offer a dozen keywords, and the first of two equal
 * ones counts. Everything is copied, since the reply is gone long before the list is used.
 */
#include "smtp/capability.h"

#include <limits.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/mem.h"

void smtp_capabilities_init(struct smtp_capabilities *c)
{
	c->server_name = NULL;
	c->esmtp = false;
	c->count = 0;
	c->dropped = 0;
}

void smtp_capabilities_release(struct smtp_capabilities *c)
{
	for (size_t i = 0; i < c->count; i++) {
		free(c->list[i].keyword);
		free(c->list[i].argument);
	}
	free(c->server_name);
	smtp_capabilities_init(c);
}

static void add(struct smtp_capabilities *c, struct span text)
{
	struct span rest = text, word = span_word(&rest);

	/* A NUL would end the name early and make "STARTTLS\0x" into STARTTLS. */
	if (word.n == 0 || span_find(text, '\0') < text.n)
		return;
	if (c->count == SMTP_CAPABILITIES_MAX) {
		c->dropped++;
		return;
	}
	if (span_starts_nocase(word, SPAN("AUTH="))) {
		rest = span_skip(text, (size_t)(word.p - text.p) + 5);
		word = span_first(word, 4);
	}
	rest = span_trim(rest);
	c->list[c->count++] = (struct smtp_capability){
	        .keyword = mem_dupn(word.p, word.n),
	        .argument = mem_dupn(rest.p, rest.n),
	};
}

void smtp_capabilities_read(struct smtp_capabilities *c, const struct smtp_reply *r, bool esmtp)
{
	struct span first = smtp_reply_text(r, 0), name = span_word(&first);

	smtp_capabilities_release(c);
	c->server_name = mem_dupn(name.p, name.n);
	c->esmtp = esmtp;
	for (size_t i = 1; esmtp && i < r->count; i++)
		add(c, smtp_reply_text(r, i));
}

const struct smtp_capability *smtp_capability_find(const struct smtp_capabilities *c,
                                                   const char *keyword)
{
	for (size_t i = 0; i < c->count; i++)
		if (span_eq_nocase(span_of(c->list[i].keyword), span_of(keyword)))
			return &c->list[i];
	return NULL;
}

const struct smtp_capability *smtp_capability_missing(const struct smtp_capabilities *a,
                                                      const struct smtp_capabilities *b, size_t *at)
{
	while (*at < a->count) {
		const struct smtp_capability *mine = &a->list[(*at)++];
		const struct smtp_capability *other = smtp_capability_find(b, mine->keyword);

		if (!other || !span_eq_nocase(span_of(mine->argument), span_of(other->argument)))
			return mine;
	}
	return NULL;
}

unsigned long long smtp_capability_size(const struct smtp_capabilities *c)
{
	const struct smtp_capability *size = smtp_capability_find(c, "SIZE");
	unsigned long long n = 0;
	const char *s;

	if (!size)
		return 0;
	for (s = size->argument; ascii_is_digit(*s); s++) {
		unsigned digit = (unsigned)(*s - '0');

		n = n > (ULLONG_MAX - digit) / 10 ? ULLONG_MAX : n * 10 + digit;
	}
	return *s == '\0' || ascii_is_blank(*s) ? n : 0;
}
