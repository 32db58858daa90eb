/*
 * The parameters of MAIL and RCPT, one row each (RFC 1870, RFC 3461, RFC 4954 §5, RFC 6152, RFC
 * 6531).
 */
#include <limits.h>

#include "base/ascii.h"
#include "practice/server_state.h"

struct option {
	const char *name;  /* "SIZE=" takes a value; without "=" it stands alone */
	const char *value; /* the only value that is taken; NULL: see `run` */
	enum practice_reply (*run)(struct practice_server *s, struct span value);
};
#define OPTION_FINE PRACTICE_OK

static enum practice_reply take_size(struct practice_server *s, struct span value)
{
	unsigned long size = 0;

	if (value.n == 0)
		return PRACTICE_BAD_SIZE;
	for (size_t i = 0; i < value.n; i++)
		if (!ascii_is_digit(value.p[i]))
			return PRACTICE_BAD_SIZE;
	if (span_number(value, LONG_MAX, &size) != 0)
		return PRACTICE_SIZE_FAR_OVER;
	s->announced = size;
	return OPTION_FINE;
}

static enum practice_reply take_utf8(struct practice_server *s, struct span value)
{
	(void)value;
	return server_offers(s, KEYWORD_SMTPUTF8) ? OPTION_FINE : PRACTICE_BAD_OPTION;
}

/* One of the words, once. */
static enum practice_reply take_once(const struct practice_server *s, bool *seen, bool good,
                                     enum practice_reply bad)
{
	if (!server_offers(s, KEYWORD_DSN))
		return PRACTICE_DSN_OFF;
	if (*seen || !good)
		return bad;
	*seen = true;
	return OPTION_FINE;
}

static enum practice_reply take_ret(struct practice_server *s, struct span value)
{
	bool good = span_eq_nocase(value, SPAN("FULL")) || span_eq_nocase(value, SPAN("HDRS"));

	s->dsn.returns =
	        span_eq_nocase(value, SPAN("FULL")) ? QUEUE_RETURN_FULL : QUEUE_RETURN_HEADERS;
	return take_once(s, &s->dsn.ret, good, PRACTICE_BAD_RET);
}

/* xtext, RFC 3461 §4: +HH stands for a byte; all of it printable. */
static bool is_xtext(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '+')
			continue;
		if (i + 2 >= s.n || ascii_hex(s.p[i + 1]) < 0 || ascii_hex(s.p[i + 2]) < 0)
			return false;
		i += 2;
	}
	return true;
}

static enum practice_reply take_envid(struct practice_server *s, struct span value)
{
	s->dsn.envid_text = value;
	return take_once(s, &s->dsn.envid, is_xtext(value), PRACTICE_BAD_ENVID);
}

/* The bits of enum queue_notify; 0: it is none. */
static unsigned read_notify(struct span value)
{
	static const char *const words[] = {"NEVER", "SUCCESS", "FAILURE", "DELAY"};
	unsigned bits = 0;

	while (value.p) {
		struct span word = span_cut(&value, ',');
		unsigned before = bits;

		for (unsigned i = 0; i < 4; i++)
			if (span_eq_nocase(word, span_of(words[i])))
				bits |= 1u << i;
		if (bits == before)
			return 0;
	}
	return bits == QUEUE_NOTIFY_NEVER || (bits & QUEUE_NOTIFY_NEVER) == 0 ? bits : 0;
}

static enum practice_reply take_notify(struct practice_server *s, struct span value)
{
	s->dsn.notify_bits = read_notify(value);
	return take_once(s, &s->dsn.notify, s->dsn.notify_bits != 0, PRACTICE_BAD_NOTIFY);
}

static enum practice_reply take_orcpt(struct practice_server *s, struct span value)
{
	struct span rest = value, type = span_cut(&rest, ';');

	s->dsn.orcpt_text = value;
	return take_once(s, &s->dsn.orcpt, type.n > 0 && rest.p && is_xtext(rest),
	                 PRACTICE_BAD_ORCPT);
}

static const struct option mail_options[] = {
        {"SIZE=", NULL, take_size},    {"BODY=", "7BIT", NULL}, {"BODY=", "8BITMIME", NULL},
        {"SMTPUTF8", NULL, take_utf8}, {"AUTH=", NULL, NULL},   {"RET=", NULL, take_ret},
        {"ENVID=", NULL, take_envid},  {NULL, NULL, NULL},
};
static const struct option rcpt_options[] = {
        {"NOTIFY=", NULL, take_notify},
        {"ORCPT=", NULL, take_orcpt},
        {NULL, NULL, NULL},
};

static bool option_is(const struct option *o, struct span given)
{
	struct span name = span_of(o->name), value = span_skip(given, name.n);

	if (!span_starts_nocase(given, name))
		return false;
	if (name.p[name.n - 1] != '=')
		return value.n == 0;
	return !o->value || span_eq_nocase(value, span_of(o->value));
}

static enum practice_reply take_option(struct practice_server *s, const struct option *table,
                                       struct span given)
{
	for (const struct option *o = table; o->name; o++)
		if (option_is(o, given))
			return o->run ? o->run(s, span_skip(given, span_of(o->name).n))
			              : OPTION_FINE;
	return PRACTICE_BAD_OPTION;
}

static bool take_options(struct practice_server *s, const struct option *table, struct span options)
{
	s->dsn = (struct server_dsn){0};
	while (options.n > 0) {
		struct span given = span_word(&options);
		enum practice_reply reply = take_option(s, table, given);

		if (reply != OPTION_FINE) {
			server_refuse(s, reply, given);
			return false;
		}
	}
	return true;
}

bool server_mail_options(struct practice_server *s, struct span options)
{
	long limit;

	if (!take_options(s, mail_options, options))
		return false;
	/* A SIZE that was refused is remembered until RSET, HELO or a mail, as by Postfix. */
	limit = maincf_number(server_cf(s), MAINCF_MESSAGE_SIZE_LIMIT);
	if (limit <= 0 || s->announced <= (unsigned long)limit)
		return true;
	server_refuse(s, PRACTICE_SIZE_OVER, options);
	return false;
}

bool server_rcpt_options(struct practice_server *s, struct span options)
{
	return take_options(s, rcpt_options, options);
}

bool server_option_utf8(const struct practice_server *s, struct span options)
{
	while (server_offers(s, KEYWORD_SMTPUTF8) && options.n > 0)
		if (span_eq_nocase(span_word(&options), SPAN("SMTPUTF8")))
			return true;
	return false;
}
