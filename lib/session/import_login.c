/*
 * Programs hide what is secret in their own ways, so a session file can only say where it stood.
 * With a reference there, the file is good again for who knows the secret.
 */
#include "session/import_state.h"

static const struct span words[] = {
        SPAN("PROVIDED_BUT_REMOVED"), SPAN("REDACTED"), SPAN("/* secret */"), SPAN("..."),
        SPAN("\xe2\x80\xa6"),         SPAN("hidden"),
};

static bool all_of(struct span s, char c)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != c)
			return false;
	}
	return s.n > 1;
}

static bool within(struct span s, char open, char close)
{
	return s.n > 2 && s.p[0] == open && s.p[s.n - 1] == close;
}

bool import_is_hidden(struct span text)
{
	struct span s = span_trim(text);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		/* at the end: a part of the secret may stand before it */
		if (s.n >= words[i].n && span_eq_nocase(span_skip(s, s.n - words[i].n), words[i]))
			return true;
	}
	return all_of(s, '*') || all_of(s, 'x') || all_of(s, 'X') || within(s, '<', '>') ||
	       within(s, '[', ']') || within(s, '(', ')') || within(s, '*', '*');
}

static const struct {
	struct span mechanism;
	size_t round;
	const char *reference;
} references[] = {
        {SPAN("PLAIN"), 0, "${plain:user,password}"},
        {SPAN("LOGIN"), 0, "${login-user:user}"},
        {SPAN("LOGIN"), 1, "${login-pass:password}"},
        {SPAN("CRAM-MD5"), 0, "${cram-md5:user,password}"},
        {SPAN("XOAUTH2"), 0, "${xoauth2:user,token}"},
};

const char *import_hidden_reference(struct span mechanism, size_t round)
{
	for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++) {
		if (references[i].round == round &&
		    span_eq_nocase(mechanism, references[i].mechanism))
			return references[i].reference;
	}
	return "${secret:answer}";
}
