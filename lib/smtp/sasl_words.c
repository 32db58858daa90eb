/*
 * What base64 says, for the person who looks at it. Challenges are told apart by their form, since
 * the mechanism may be one that nobody here knows. Answers are told by their mechanism, and only
 * the parts that a mechanism does not keep secret are shown: text of another form is not, however
 * harmless it looks. It may be a password that was typed into the wrong place.
 */
#include <string.h>

#include "base/ascii.h"
#include "base/display.h"
#include "smtp/sasl_scram.h"
#include "smtp/sasl_token.h"

#define SHOWN_MAX 200 /* of one part, in bytes */
#define MASK      "******"

static void add_shown(struct buf *out, struct span s)
{
	struct buf safe;

	buf_init(&safe, SHOWN_MAX);
	if (display_add(&safe, s, 0) < 0)
		buf_addf(out, "%s…", safe.data);
	else
		buf_addspan(out, buf_span(&safe));
	buf_release(&safe);
}

static void add_part(struct buf *out, const char *before, struct span s, const char *after)
{
	buf_addstr(out, before);
	add_shown(out, s);
	buf_addstr(out, after);
}

static bool is_text(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

static size_t decoded_size(struct span base64)
{
	struct buf bytes;
	size_t at, n;

	buf_init_secret(&bytes, SASL_CHALLENGE_MAX);
	n = sasl_base64_decode(base64, &bytes, &at) == 0 ? bytes.len : 0;
	buf_release(&bytes);
	return n;
}

/* --- challenges --- */

static bool say_prompt(struct span s, struct buf *out)
{
	if (s.n == 0 || !is_text(s) || s.p[s.n - 1] != ':')
		return false;
	add_part(out, "asks: ", s, "");
	return true;
}

static bool say_timestamp(struct span s, struct buf *out)
{
	if (s.n < 3 || !is_text(s) || s.p[0] != '<' || s.p[s.n - 1] != '>' ||
	    span_find(s, '@') == s.n)
		return false;
	add_part(out, "the text ", s, ", to be hashed with the password");
	return true;
}

static bool say_scram_first(struct span s, struct buf *out)
{
	struct sasl_scram_first first;

	if (!is_text(s) || sasl_scram_read_first(s, &first) < 0)
		return false;
	add_part(out, "both nonces: ", first.nonce, "; ");
	buf_addf(out, "a salt of %zu bytes; %lu rounds of hashing", decoded_size(first.salt),
	         first.hashing);
	if (first.hashing < SASL_HASHING_MIN)
		buf_addf(out, ", fewer than the %d that RFC 5802 §5.1 asks for", SASL_HASHING_MIN);
	return true;
}

static bool say_scram_last(struct span s, struct buf *out)
{
	if (!is_text(s) || !(span_starts(s, SPAN("v=")) || span_starts(s, SPAN("e="))))
		return false;
	if (s.p[0] == 'e')
		add_part(out, "refuses: ", span_skip(s, 2), "");
	else
		buf_addf(out,
		         "the server's signature, %zu bytes: its proof that it knows the "
		         "password",
		         decoded_size(sasl_scram_attribute(s, 'v')));
	return true;
}

static bool say_json(struct span s, struct buf *out)
{
	if (s.n < 2 || s.p[0] != '{' || s.p[s.n - 1] != '}')
		return false;
	add_part(out, "why it refuses: ", s, "");
	return true;
}

static bool say_nothing(struct span s, struct buf *out)
{
	if (s.n > 0)
		return false;
	buf_addstr(out, "nothing to go by: your answer begins");
	return true;
}

static bool say_text(struct span s, struct buf *out)
{
	if (!is_text(s))
		return false;
	add_part(out, "says: \"", s, "\"");
	return true;
}

int sasl_challenge_says(struct span base64, struct buf *out)
{
	static bool (*const forms[])(struct span, struct buf *) = {
	        say_nothing,    say_prompt, say_timestamp, say_scram_first,
	        say_scram_last, say_json,   say_text,
	};
	struct buf bytes;
	bool said = false;
	size_t at;
	int result;

	buf_init(&bytes, base64.n / 4 * 3);
	result = sasl_base64_decode(base64, &bytes, &at);
	for (size_t i = 0; result == 0 && !said && i < sizeof(forms) / sizeof(*forms); i++)
		said = forms[i](buf_span(&bytes), out);
	if (result == 0 && !said)
		buf_addf(out, "%zu bytes that are no text", bytes.len);
	buf_release(&bytes);
	return result;
}

/* --- answers --- */

static struct span without_line_end(struct span s)
{
	while (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

/* echo adds a line end, and the server takes it for a part of the password. */
static void add_line_end(struct buf *out, struct span s)
{
	if (without_line_end(s).n < s.n)
		buf_addstr(out, ", and a line end behind it (echo adds one; printf does not)");
}

static void mean_plain(size_t round, struct span s, struct buf *out)
{
	struct span rest = s, identity = span_cut(&rest, '\0'), user = span_cut(&rest, '\0');
	size_t nuls = 0;

	for (size_t i = 0; i < s.n; i++)
		nuls += s.p[i] == '\0';
	if (round > 0 || nuls != 2) {
		buf_addf(out,
		         "not PLAIN's form: [identity] NUL user NUL password, and here are "
		         "%zu NUL bytes",
		         nuls);
		return;
	}
	if (identity.n > 0)
		add_part(out, "identity ", identity, ", ");
	add_part(out, "user ", user, ", password " MASK);
	add_line_end(out, rest);
}

static void mean_login(size_t round, struct span s, struct buf *out)
{
	if (round > 1)
		buf_addstr(out, "one more than the two answers of LOGIN");
	else if (round == 1)
		buf_addstr(out, "password " MASK);
	else if (is_text(without_line_end(s)))
		add_part(out, "user ", without_line_end(s), "");
	else
		buf_addstr(out, "not a user name: it holds control bytes. LOGIN takes the name and "
		                "the password one after the other");
	if (round <= 1)
		add_line_end(out, s);
}

static bool is_hex(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_hex(s.p[i]) < 0)
			return false;
	return true;
}

static void mean_cram(size_t round, struct span s, struct buf *out)
{
	struct span digest = span_skip(s, s.n > 32 ? s.n - 32 : 0);
	struct span user = span_first(s, s.n > 33 ? s.n - 33 : 0);

	if (round > 0 || user.n == 0 || s.p[user.n] != ' ' || !is_hex(digest) || !is_text(user))
		buf_addstr(out, "not CRAM-MD5's form: user, a blank, and the digest in 32 "
		                "hexadecimal digits");
	else
		add_part(out, "user ", user, ", a 16-byte digest");
}

static void mean_scram_first(struct span s, struct buf *out)
{
	struct span flag = span_cut(&s, ','), identity = span_cut(&s, ',');
	struct span user = sasl_scram_attribute(s, 'n'), nonce = sasl_scram_attribute(s, 'r');

	if (!span_starts(s, SPAN("n=")) || !nonce.p || !is_text(s)) {
		buf_addstr(out, "not SCRAM's form: n,,n=user,r=nonce");
		return;
	}
	if (span_starts(identity, SPAN("a=")))
		add_part(out, "identity ", span_skip(identity, 2), ", ");
	add_part(out, "user ", user, ", ");
	add_part(out, "nonce ", nonce, "");
	if (span_starts(flag, SPAN("p=")))
		add_part(out, ", bound to the TLS connection by ", span_skip(flag, 2), "");
}

static void mean_scram(size_t round, struct span s, struct buf *out)
{
	struct span nonce = sasl_scram_attribute(s, 'r');

	if (round == 0)
		mean_scram_first(s, out);
	else if (round == 2 && s.n == 0)
		buf_addstr(out, "takes note of the server's signature");
	else if (round != 1 || !span_starts(s, SPAN("c=")) || !nonce.p || !is_text(s))
		buf_addstr(out, "not SCRAM's form: c=binding,r=nonces,p=proof, and an empty answer "
		                "at the end");
	else
		add_part(out, "both nonces ", nonce, ", proof " MASK);
}

static void mean_external(size_t round, struct span s, struct buf *out)
{
	if (round > 0 || !is_text(s))
		buf_addstr(out, "not EXTERNAL's form: an identity, or nothing");
	else if (s.n == 0)
		buf_addstr(out, "the identity is that of the client certificate");
	else
		add_part(out, "identity ", s, "");
}

static void mean_token(const struct sasl_mechanism_info *m, size_t round, struct span s,
                       struct buf *out)
{
	struct sasl_token_parts parts;

	if (round == 1 && span_eq(s, sasl_token_acknowledgement(m)))
		buf_addstr(out, "takes note of the refusal");
	else if (round > 0 || sasl_token_read(m, s, &parts) < 0)
		buf_addf(out,
		         "not %s's form: the parts with the user and \"auth=Bearer token\" end "
		         "in \\x01, and so does the whole",
		         m->name);
	else if (parts.user.n > 0)
		add_part(out, "user ", parts.user, ", token " MASK);
	else
		buf_addstr(out, "token " MASK);
}

static void mean_xoauth2(size_t round, struct span s, struct buf *out)
{
	mean_token(sasl_mechanism_find(SPAN("XOAUTH2")), round, s, out);
}

static void mean_oauthbearer(size_t round, struct span s, struct buf *out)
{
	mean_token(sasl_mechanism_find(SPAN("OAUTHBEARER")), round, s, out);
}

static const struct {
	const char *mechanism;
	void (*mean)(size_t round, struct span bytes, struct buf *out);
} meanings[] = {
        {"PLAIN", mean_plain},
        {"LOGIN", mean_login},
        {"CRAM-MD5", mean_cram},
        {"SCRAM-SHA-1", mean_scram},
        {"SCRAM-SHA-1-PLUS", mean_scram},
        {"SCRAM-SHA-256", mean_scram},
        {"SCRAM-SHA-256-PLUS", mean_scram},
        {"EXTERNAL", mean_external},
        {"XOAUTH2", mean_xoauth2},
        {"OAUTHBEARER", mean_oauthbearer},
};

static void mean(const char *mechanism, size_t round, struct span bytes, struct buf *out)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (span_eq_nocase(span_of(mechanism), span_of(meanings[i].mechanism))) {
			meanings[i].mean(round, bytes, out);
			return;
		}
	buf_addf(out, "%zu bytes", bytes.n);
}

int sasl_answer_means(const char *mechanism, size_t round, struct span base64, struct buf *out,
                      size_t *at)
{
	struct buf bytes;
	int result = 0;

	if (span_eq(base64, SPAN("*"))) {
		buf_addstr(out, "cancels the login");
		return 0;
	}
	buf_init_secret(&bytes, base64.n);
	if (!(round == 0 && span_eq(base64, SPAN("=")))) /* RFC 4954 §4: an empty first answer */
		result = sasl_base64_decode(base64, &bytes, at);
	if (result == 0)
		mean(mechanism, round, buf_span(&bytes), out);
	buf_release(&bytes);
	return result;
}
