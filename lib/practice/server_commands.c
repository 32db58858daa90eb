/*
 * The server's verbs, one row each, and the short ones among their functions. A verb that is not
 * here (EXPN, HELP, TURN …) is not recognized, as with Postfix.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/server_state.h"

/* Only what the server does correctly is offered. */
static void add_keywords(struct practice_server *s)
{
	buf_addstr(&s->out, "250-PIPELINING\r\n");
	buf_addf(&s->out, "250-SIZE %lu\r\n", s->host->size_limit);
	buf_addstr(&s->out, "250-VRFY\r\n"
	                    "250-ETRN\r\n");
	if (server_offers_tls(s))
		buf_addstr(&s->out, "250-STARTTLS\r\n");
	else if (s->host->attack == ATTACK_STRIP && !s->tls)
		buf_addstr(&s->out, "250-XXXXXXXA\r\n");
	if (server_offers_auth(s))
		buf_addf(&s->out, "250-AUTH %s\r\n", s->host->mechanisms);
	buf_addstr(&s->out, "250-ENHANCEDSTATUSCODES\r\n"
	                    "250-8BITMIME\r\n"
	                    "250-SMTPUTF8\r\n"
	                    "250 CHUNKING\r\n");
}

/* The name goes into the Received line: nothing in it may look like structure there. */
static void remember_helo(struct practice_server *s, struct span name)
{
	free(s->helo);
	s->helo = mem_dupn(name.p, name.n);
	for (char *p = s->helo; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f || strchr("<>()\\\";:@", *p))
			*p = '?';
}

static void greet(struct practice_server *s, struct span name, bool esmtp)
{
	size_t start = s->out.len;

	if (name.n == 0 && !s->host->voice->takes_empty_helo) {
		server_refuse(s, esmtp ? PRACTICE_EHLO_SYNTAX : PRACTICE_HELO_SYNTAX, name);
		return;
	}
	server_forget_transaction(s);
	remember_helo(s, name);
	s->esmtp = esmtp;
	server_say(s, esmtp ? PRACTICE_EHLO : PRACTICE_HELO, name);
	if (!esmtp || s->out.full)
		return;
	s->out.data[start + 3] = '-';
	add_keywords(s);
}

static void helo(struct practice_server *s, struct span arguments)
{
	greet(s, arguments, false);
}

static void ehlo(struct practice_server *s, struct span arguments)
{
	greet(s, arguments, true);
}

static void rset(struct practice_server *s, struct span arguments)
{
	if (arguments.n > 0) {
		server_refuse(s, PRACTICE_NO_ARGUMENT, SPAN("RSET"));
		return;
	}
	server_forget_transaction(s);
	server_say(s, PRACTICE_OK, arguments);
}

static void noop(struct practice_server *s, struct span arguments)
{
	server_say(s, PRACTICE_OK, arguments);
}

static void quit(struct practice_server *s, struct span arguments)
{
	server_say(s, PRACTICE_BYE, arguments);
	s->phase = SERVER_DONE;
}

static void vrfy(struct practice_server *s, struct span arguments)
{
	enum practice_reply why = PRACTICE_BAD_RECIPIENT;
	struct span rest = arguments, typed = span_word(&rest);
	struct server_path path;

	if (arguments.n == 0) {
		server_refuse(s, PRACTICE_VRFY_SYNTAX, arguments);
		return;
	}
	if ((rest.n > 0 && !span_eq_nocase(rest, SPAN("SMTPUTF8"))) ||
	    server_address_parse(typed, &path) != 0 || path.address.n == 0)
		server_refuse(s, PRACTICE_BAD_RECIPIENT, arguments);
	else if (server_judge(s, path.address, &why))
		server_say(s, PRACTICE_VRFY_OK, typed);
	else
		server_refuse(s, why, path.address);
}

/* ETRN (RFC 1985) starts the queue for a domain. This host relays for nobody, so that there is
 * none: Postfix's answer with its default fast_flush_domains. */
static void etrn(struct practice_server *s, struct span arguments)
{
	struct span rest = arguments, domain = span_word(&rest);

	if (s->sender) {
		server_refuse(s, PRACTICE_ETRN_IN_MAIL, domain);
		return;
	}
	if (domain.n == 0 || rest.n > 0) {
		server_refuse(s, PRACTICE_ETRN_SYNTAX, domain);
		return;
	}
	if (domain.p[0] == '@' || domain.p[0] == '#')
		domain = span_skip(domain, 1);
	server_refuse(s,
	              server_domain_valid(domain) ? PRACTICE_ETRN_UNAVAILABLE : PRACTICE_ETRN_BAD,
	              domain);
}

static const struct server_command commands[] = {
        {"HELO", helo, true, true},
        {"EHLO", ehlo, true, true},
        {"STARTTLS", server_starttls, false, true},
        {"AUTH", server_auth, false, false},
        {"MAIL", server_mail, false, false},
        {"RCPT", server_rcpt, false, false},
        {"DATA", server_data, false, false},
        {"BDAT", server_bdat, false, false},
        {"RSET", rset, true, false},
        {"NOOP", noop, true, true},
        {"VRFY", vrfy, true, false},
        {"ETRN", etrn, true, false},
        {"QUIT", quit, false, true},
};

const struct server_command *server_command_find(struct span word)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (span_eq_nocase(word, span_of(commands[i].word)))
			return &commands[i];
	return NULL;
}
