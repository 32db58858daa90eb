/*
 * One pass from left to right: at each place the longest secret that stands there goes, and so does
 * a whole run of base64 that decodes to something with a secret in it. Decoding is what finds a
 * secret behind any user name, at any of base64's three alignments.
 */
#include "session/redact.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "smtp/sasl.h"

#define BASE64_MIN 4u

static bool holds(struct span all, struct span part)
{
	return part.n > 0 && all.n >= part.n && memmem(all.p, all.n, part.p, part.n) != NULL;
}

/* The longest secret that `text` starts with. */
static const struct session_variable *secret_at(const struct session_vars *v, struct span text)
{
	const struct session_variable *best = NULL;

	for (size_t i = 0; i < session_vars_count(v); i++) {
		const struct session_variable *var = session_vars_at(v, i);
		struct span value = buf_span(&var->value);

		if (var->secret && value.n > 0 && span_starts(text, value) &&
		    (!best || value.n > best->value.len))
			best = var;
	}
	return best;
}

static const struct session_variable *secret_within(const struct session_vars *v, struct span text)
{
	const struct session_variable *best = NULL;

	for (size_t i = 0; i < session_vars_count(v); i++) {
		const struct session_variable *var = session_vars_at(v, i);

		if (var->secret && holds(text, buf_span(&var->value)) &&
		    (!best || var->value.len > best->value.len))
			best = var;
	}
	return best;
}

/* --- what the decoded text is --- */

/* The text can stand between quotes in a reference, in one line of a session file. */
static bool quotable(struct span user)
{
	for (size_t i = 0; i < user.n; i++) {
		if ((unsigned char)user.p[i] < 0x20 || (unsigned char)user.p[i] > 0x7e ||
		    user.p[i] == '\'' || user.p[i] == '}')
			return false;
	}
	return true;
}

static bool is_plain(struct span text, struct span secret, struct span *user)
{
	if (text.n < secret.n + 2 || text.p[0] != '\0')
		return false;
	*user = span_first(span_skip(text, 1), text.n - secret.n - 2);
	return text.p[text.n - secret.n - 1] == '\0' &&
	       span_eq(span_skip(text, text.n - secret.n), secret);
}

static bool is_xoauth2(struct span text, struct span secret, struct span *user)
{
	static const struct span middle = {"\001auth=Bearer ", 13}, end = {"\001\001", 2};
	size_t around = 5 + middle.n + secret.n + end.n;
	struct span rest;

	if (text.n < around || !span_starts(text, SPAN("user=")))
		return false;
	*user = span_first(span_skip(text, 5), text.n - around);
	rest = span_skip(text, 5 + user->n);
	return span_starts(rest, middle) && span_starts(span_skip(rest, middle.n), secret) &&
	       span_eq(span_skip(rest, middle.n + secret.n), end);
}

static enum session_piece name_form(struct span decoded, const struct session_variable *var,
                                    bool exact, struct buf *out)
{
	struct span secret = buf_span(&var->value), user;

	if (exact && span_eq(decoded, secret))
		buf_addf(out, "${login-pass:%s}", var->name);
	else if (exact && is_plain(decoded, secret, &user) && quotable(user))
		buf_addf(out, "${plain:'" SPAN_FMT "',%s}", SPAN_ARG(user), var->name);
	else if (exact && is_xoauth2(decoded, secret, &user) && quotable(user))
		buf_addf(out, "${xoauth2:'" SPAN_FMT "',%s}", SPAN_ARG(user), var->name);
	else
		buf_addf(out, "${secret:%s}", var->name);
	return span_starts(buf_span(out), SPAN("${secret:")) ? SESSION_PIECE_LOST
	                                                     : SESSION_PIECE_REFERENCE;
}

/* --- runs of base64 --- */

static bool in_base64(char c)
{
	return ascii_is_alnum(c) || c == '+' || c == '/';
}

static struct span base64_run(struct span text)
{
	size_t n = 0, padding = 0;

	while (n < text.n && in_base64(text.p[n]))
		n++;
	while (n + padding < text.n && padding < 2 && text.p[n + padding] == '=')
		padding++;
	return span_first(text, n + padding);
}

/* With the padding that was left out. */
static int decode_padded(struct span digits, struct buf *out)
{
	struct buf whole;
	size_t at;
	int result;

	buf_init_secret(&whole, digits.n + 2);
	buf_addspan(&whole, digits);
	buf_add(&whole, "==", digits.n % 4 == 2 ? 2 : digits.n % 4 == 3);
	result = sasl_base64_decode(buf_span(&whole), out, &at);
	buf_release(&whole);
	return result;
}

/* Decodes as much of it as can be, also when it was cut off or padded wrongly. True when it was
 * right. */
static bool decode(struct span run, struct buf *out)
{
	struct span digits = run;
	size_t at;

	if (sasl_base64_decode(run, out, &at) == 0)
		return true;
	while (digits.n > 0 && digits.p[digits.n - 1] == '=')
		digits.n--;
	if (decode_padded(digits, out) != 0)
		sasl_base64_decode(span_first(digits, digits.n - digits.n % 4), out, &at);
	return false;
}

/* How much of the start of `text` is base64 with a secret in it; its reference goes to `out`. */
static size_t take_base64(const struct session_vars *v, struct span text, struct buf *out,
                          enum session_piece *kind)
{
	struct span run = base64_run(text);
	const struct session_variable *var = NULL;
	struct buf decoded;

	if (run.n < BASE64_MIN)
		return 0;
	buf_init_secret(&decoded, run.n);
	/* Letters that stand right before it shift the rest. */
	for (size_t shift = 0; shift < 4 && !var; shift++) {
		bool exact;

		buf_clear(&decoded);
		exact = decode(span_skip(run, shift), &decoded) && shift == 0;
		var = secret_within(v, buf_span(&decoded));
		if (var)
			*kind = name_form(buf_span(&decoded), var, exact, out);
	}
	buf_release(&decoded);
	return var ? run.n : 0;
}

static size_t take_raw(const struct session_vars *v, struct span text, struct buf *out)
{
	const struct session_variable *var = secret_at(v, text);

	if (!var)
		return 0;
	buf_addf(out, "${secret:%s}", var->name);
	return var->value.len;
}

static bool any_secret(const struct session_vars *v)
{
	for (size_t i = 0; v && i < session_vars_count(v); i++) {
		if (session_vars_at(v, i)->secret)
			return true;
	}
	return false;
}

struct redaction {
	const struct session_vars *vars;
	struct span bytes;
	size_t at;     /* what is before it was looked at */
	size_t looked; /* and no base64 begins before this */
};

/* How many bytes at `at` are a secret, in whatever form; 0 when none. */
static size_t take_secret(struct redaction *r, struct buf *out, enum session_piece *kind)
{
	struct span rest = span_skip(r->bytes, r->at);
	size_t taken = take_raw(r->vars, rest, out);

	if (taken > 0 || r->at < r->looked)
		return taken;
	r->looked = r->at + base64_run(rest).n;
	return take_base64(r->vars, rest, out, kind);
}

void session_redact_pieces(const struct session_vars *v, struct span bytes, session_piece_fn *piece,
                           void *arg)
{
	struct redaction r = {.vars = v, .bytes = bytes};
	size_t from = 0;
	struct buf reference;

	buf_init(&reference, 2 * SESSION_VALUE_MAX + 4 * SESSION_NAME_MAX);
	while (any_secret(v) && r.at < bytes.n) {
		enum session_piece kind = SESSION_PIECE_REFERENCE;
		size_t taken;

		buf_clear(&reference);
		taken = take_secret(&r, &reference, &kind);
		if (taken == 0) {
			r.at++;
			continue;
		}
		if (r.at > from)
			piece(arg, span_first(span_skip(bytes, from), r.at - from),
			      SESSION_PIECE_TEXT);
		piece(arg, buf_span(&reference), kind);
		r.at += taken;
		from = r.at;
	}
	if (from < bytes.n)
		piece(arg, span_skip(bytes, from), SESSION_PIECE_TEXT);
	buf_release(&reference);
}

static void add_piece(void *arg, struct span bytes, enum session_piece kind)
{
	(void)kind;
	buf_addspan(arg, bytes);
}

int session_redact(const struct session_vars *v, struct span bytes, struct buf *out)
{
	session_redact_pieces(v, bytes, add_piece, out);
	return out->full ? -1 : 0;
}
