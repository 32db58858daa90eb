/*
 * The server's verbs, one row each, and the short ones among their functions. A verb that is not
 * here (EXPN, HELP, TURN …) is not recognized, as with Postfix.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/server_state.h"

/* The name goes into the Received line: nothing in it may look like structure there. */
static void remember_helo(struct practice_server *s, struct span name)
{
	free(s->helo);
	s->helo = mem_dupn(name.p, name.n);
	for (char *p = s->helo; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f || strchr(" <>()\\\";@", *p))
			*p = '?';
}

static void greet(struct practice_server *s, struct span name, bool esmtp)
{
	size_t start = s->out.len;
	char *typed;
	bool allowed;

	if (name.n == 0 && !s->host->voice->takes_empty_helo) {
		server_refuse(s, esmtp ? PRACTICE_EHLO_SYNTAX : PRACTICE_HELO_SYNTAX, name);
		return;
	}
	typed = mem_dupn(name.p, name.n);
	allowed = server_may_greet(s, typed);
	free(typed);
	if (!allowed)
		return;
	server_forget_transaction(s);
	remember_helo(s, name);
	s->esmtp = esmtp;
	server_say(s, esmtp ? PRACTICE_EHLO : PRACTICE_HELO, name);
	if (!esmtp || s->out.full)
		return;
	s->out.data[start + 3] = '-';
	server_add_keywords(s);
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
	server_say(s, PRACTICE_RESET_OK, arguments);
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
	struct span rest = arguments, typed = span_word(&rest);
	struct server_path path;
	char *address;

	if (maincf_yes(server_cf(s), MAINCF_DISABLE_VRFY_COMMAND)) {
		server_refuse(s, PRACTICE_VRFY_OFF, arguments);
		return;
	}
	if (arguments.n == 0) {
		server_refuse(s, PRACTICE_VRFY_SYNTAX,
		              maincf_yes(server_cf(s), MAINCF_SMTPUTF8_ENABLE) ? SPAN(" [SMTPUTF8]")
		                                                               : SPAN(""));
		return;
	}
	if ((rest.n > 0 &&
	     !(server_offers(s, KEYWORD_SMTPUTF8) && span_eq_nocase(rest, SPAN("SMTPUTF8")))) ||
	    server_address_parse(typed, &path) != 0 || path.address.n == 0) {
		server_refuse(s, PRACTICE_BAD_RECIPIENT, arguments);
		return;
	}
	address = server_path_internal(&path);
	if (server_may_receive(s, address, true))
		server_say(s, PRACTICE_VRFY_OK, typed);
	free(address);
}

/* Whether the host keeps a queue that can be started for the domain. */
static bool has_queue(const struct practice_server *s, struct span domain)
{
	return site_lists_name(s->site, maincf_text(server_cf(s), MAINCF_FAST_FLUSH_DOMAINS),
	                       domain, site_parents(s->site, "fast_flush_domains"));
}

/* ETRN (RFC 1985) starts the queue for a domain. */
static void etrn(struct practice_server *s, struct span arguments)
{
	struct span rest = arguments, domain = span_word(&rest);
	enum practice_reply fault = PRACTICE_OK;
	char *name;

	if (maincf_yes(server_cf(s), MAINCF_SMTPD_HELO_REQUIRED) && !s->helo)
		fault = PRACTICE_ETRN_HELO_FIRST;
	else if (s->sender)
		fault = PRACTICE_ETRN_IN_MAIL;
	else if (domain.n == 0 || rest.n > 0)
		fault = PRACTICE_ETRN_SYNTAX;
	if (domain.n > 0 && (domain.p[0] == '@' || domain.p[0] == '#'))
		domain = span_skip(domain, 1);
	if (fault == PRACTICE_OK && !server_domain_valid(domain))
		fault = PRACTICE_ETRN_BAD;
	if (fault != PRACTICE_OK) {
		server_refuse(s, fault, domain);
		return;
	}
	name = mem_dupn(domain.p, domain.n);
	if (!server_may_etrn(s, name)) {
		/* The reply has been sent. */
	} else if (has_queue(s, domain)) {
		server_say(s, PRACTICE_ETRN_QUEUING, domain);
	} else {
		server_refuse(s, PRACTICE_ETRN_UNAVAILABLE, domain);
	}
	free(name);
}

static const struct server_command commands[] = {
        {"HELO", helo, true, true, true},
        {"EHLO", ehlo, true, true, true},
        {"STARTTLS", server_starttls, false, true, false},
        {"AUTH", server_auth, false, false, false},
        {"MAIL", server_mail, false, false, false},
        {"RCPT", server_rcpt, false, false, false},
        {"DATA", server_data, false, false, true},
        {"BDAT", server_bdat, false, false, false},
        {"RSET", rset, true, false, false},
        {"NOOP", noop, true, true, true},
        {"VRFY", vrfy, true, false, true},
        {"ETRN", etrn, true, false, false},
        {"QUIT", quit, false, true, false},
};

const struct server_command *server_command_find(struct span word)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (span_eq_nocase(word, span_of(commands[i].word)))
			return &commands[i];
	return NULL;
}

const char *server_command_name(size_t i)
{
	return i < sizeof commands / sizeof *commands ? commands[i].word : NULL;
}

size_t server_command_index(const struct server_command *c)
{
	return c ? (size_t)(c - commands) : sizeof commands / sizeof *commands;
}
