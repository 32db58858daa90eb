/*
 * Lines of a login. What stands in them becomes a reference (hide.h), and so does what the program
 * that was pasted from has hidden; only then it is said that somebody must know it.
 */
#include "session/import_build.h"

#include <string.h>

#include "smtp/sasl.h"

void import_build_write_hidden(struct import_build *b, struct span shown, const char *reference)
{
	session_write_hidden(&b->writer, shown, span_of(reference), SPAN("\r\n"));
	b->references = true;
}

void import_build_hidden_answer(struct import_build *b, struct span shown, struct span mechanism,
                                size_t round)
{
	const char *reference = import_hidden_reference(mechanism, round);

	import_build_lose(b, IMPORT_LOST_AUTH,
	                  "a secret of the login is not in the paste; give it with --set or in the "
	                  "environment");
	import_build_write_hidden(b, shown, reference);
}

static bool is_base64(struct span text)
{
	struct buf out;
	size_t at;
	bool good;

	buf_init_secret(&out, text.n + 4);
	good = sasl_base64_decode(text, &out, &at) == 0;
	buf_release(&out);
	return good;
}

/* What a program shows decoded goes over the wire in base64. */
static void as_sent(struct span line, struct buf *out)
{
	if (is_base64(line) || span_eq(line, SPAN("*")) || span_eq(line, SPAN("=")))
		buf_addspan(out, line);
	else
		sasl_base64_encode(line, out);
}

static bool is_quotable(struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] <= ' ' || text.p[i] > '~' || text.p[i] == '\'' || text.p[i] == '}')
			return false;
	}
	return true;
}

/* An answer of CRAM-MD5 has the name and, instead of the password, what it made of the challenge.
 */
static bool cram_answer(struct import_build *b, struct span line)
{
	const struct smtp_login *login = smtp_dialogue_login(b->talk);
	struct buf text, reference;
	struct span user;
	size_t at;
	bool good;

	buf_init_secret(&text, line.n + 4);
	buf_init(&reference, line.n + 64);
	good = span_eq_nocase(span_of(login->mechanism), SPAN("CRAM-MD5")) &&
	       sasl_base64_decode(line, &text, &at) == 0;
	user = span_first(buf_span(&text), text.len > 33 ? text.len - 33 : 0);
	good = good && user.n > 0 && text.data[user.n] == ' ' && is_quotable(user);
	if (good) {
		import_build_lose(b, IMPORT_LOST_AUTH,
		                  "the password is not in the paste; give it with --set or in the "
		                  "environment");
		buf_addf(&reference, "${cram-md5:'" SPAN_FMT "',password}", SPAN_ARG(user));
		import_build_write_hidden(b, SPAN(""), reference.data);
		import_build_say(b, line);
	}
	buf_release(&reference);
	buf_release(&text);
	return good;
}

void import_build_secret_line(struct import_build *b, struct span line, bool answers)
{
	const struct smtp_login *login = smtp_dialogue_login(b->talk);
	bool looks_hidden = answers && import_is_hidden(line);
	struct buf reference, sent;
	size_t shown = line.n;
	bool hidden;

	if (looks_hidden) {
		import_build_hidden_answer(b, span_first(line, 0), span_of(login->mechanism),
		                           login->answers);
		import_build_say(b, SPAN("AA=="));
		return;
	}
	if (answers && cram_answer(b, line))
		return;
	buf_init_secret(&sent, 2 * line.n + 8);
	buf_init(&reference, 2u * SESSION_VALUE_MAX);
	if (answers)
		as_sent(line, &sent);
	else
		buf_addspan(&sent, line);
	hidden = hide_line(&b->hide, b->talk, buf_span(&sent), &shown, &reference);
	if (hidden && answers && !sasl_mechanism_find(span_of(login->mechanism)))
		import_build_lose(b, IMPORT_LOST_AUTH,
		                  "this answer of the login may be good for one time only");
	else if (hidden && span_starts(buf_span(&reference), SPAN("${secret:answer")))
		import_build_lose(b, IMPORT_LOST_AUTH,
		                  "this answer of the login is good for one challenge only; "
		                  "another login will "
		                  "not pass with it");
	else if (hidden && !span_starts(buf_span(&reference), SPAN("${login-user:")))
		import_build_lose(
		        b, IMPORT_LOST_AUTH,
		        "the secret of the login is not written; give it with --set or in the "
		        "environment");
	if (hidden)
		import_build_write_hidden(b, span_first(buf_span(&sent), shown), reference.data);
	else
		import_build_write_line(b, true, buf_span(&sent));
	import_build_say(b, buf_span(&sent));
	buf_release(&reference);
	buf_release(&sent);
}

/* "AUTH PLAIN <hidden>": true when it was one. */
bool import_build_hidden_auth(struct import_build *b, struct span line)
{
	struct span rest = line, verb = span_word(&rest), mechanism = span_word(&rest);
	struct buf said;

	if (!span_eq_nocase(verb, SPAN("AUTH")) || rest.n == 0 || !import_is_hidden(rest))
		return false;
	buf_init(&said, line.n + 16);
	buf_addf(&said, "AUTH " SPAN_FMT " ", SPAN_ARG(mechanism));
	import_build_hidden_answer(b, buf_span(&said), mechanism, 0);
	buf_addstr(&said, "AA==");
	import_build_say(b, buf_span(&said));
	buf_release(&said);
	return true;
}
