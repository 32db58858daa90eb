/*
 * The keywords of EHLO, in Postfix's order: one row each, with what makes it appear and what stands
 * behind it. smtpd_discard_ehlo_keywords takes a row out.
 */
#include "practice/server_state.h"

static bool always(const struct practice_server *s)
{
	(void)s;
	return true;
}

static bool has_vrfy(const struct practice_server *s)
{
	return !maincf_yes(server_cf(s), MAINCF_DISABLE_VRFY_COMMAND);
}

static bool has_utf8(const struct practice_server *s)
{
	return maincf_yes(server_cf(s), MAINCF_SMTPUTF8_ENABLE);
}

static bool has_starttls(const struct practice_server *s)
{
	return server_offers_tls(s) || (s->host->attack == ATTACK_STRIP && !s->tls);
}

static void add_size(const struct practice_server *s, struct buf *out)
{
	long limit = maincf_number(server_cf(s), MAINCF_MESSAGE_SIZE_LIMIT);

	if (limit > 0)
		buf_addf(out, "SIZE %ld", limit);
	else
		buf_addstr(out, "SIZE");
}

static void add_starttls(const struct practice_server *s, struct buf *out)
{
	buf_addstr(out, s->host->attack == ATTACK_STRIP ? "XXXXXXXA" : "STARTTLS");
}

static void add_auth(const struct practice_server *s, struct buf *out)
{
	buf_addf(out, "AUTH %s", s->host->mechanisms);
}

static const struct {
	const char *word;
	bool (*has)(const struct practice_server *s);
	void (*add)(const struct practice_server *s, struct buf *out); /* NULL: the word alone */
} keywords[KEYWORD_COUNT] = {
        [KEYWORD_PIPELINING] = {"PIPELINING", always, NULL},
        [KEYWORD_SIZE] = {"SIZE", always, add_size},
        [KEYWORD_VRFY] = {"VRFY", has_vrfy, NULL},
        [KEYWORD_ETRN] = {"ETRN", always, NULL},
        [KEYWORD_STARTTLS] = {"STARTTLS", has_starttls, add_starttls},
        [KEYWORD_AUTH] = {"AUTH", server_offers_auth, add_auth},
        [KEYWORD_ENHANCEDSTATUSCODES] = {"ENHANCEDSTATUSCODES", always, NULL},
        [KEYWORD_8BITMIME] = {"8BITMIME", always, NULL},
        [KEYWORD_DSN] = {"DSN", always, NULL},
        [KEYWORD_SMTPUTF8] = {"SMTPUTF8", has_utf8, NULL},
        [KEYWORD_CHUNKING] = {"CHUNKING", always, NULL},
};

unsigned server_discarded_keywords(const char *words)
{
	struct span rest = span_of(words), word;
	unsigned bits = 0;

	while (maincf_word(&rest, &word))
		for (unsigned i = 0; i < KEYWORD_COUNT; i++)
			if (span_eq_nocase(word, span_of(keywords[i].word)))
				bits |= 1u << i;
	return bits;
}

bool server_offers(const struct practice_server *s, enum server_keyword k)
{
	return (s->discarded & 1u << k) == 0 && keywords[k].has(s);
}

void server_add_keywords(struct practice_server *s)
{
	int last = -1;

	for (int i = 0; i < KEYWORD_COUNT; i++)
		if (server_offers(s, (enum server_keyword)i))
			last = i;
	for (int i = 0; i <= last; i++) {
		if (!server_offers(s, (enum server_keyword)i))
			continue;
		buf_addf(&s->out, "250%c", i == last ? ' ' : '-');
		if (keywords[i].add)
			keywords[i].add(s, &s->out);
		else
			buf_addstr(&s->out, keywords[i].word);
		buf_addstr(&s->out, "\r\n");
	}
}
