/*
 * One table row a form. A name that is misspelt must fail where it stands, so literal text is
 * marked by quotes and never guessed.
 */
#include "session/ref.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/mem.h"

static const struct form {
	struct span name;
	enum session_ref_form form;
	size_t args;
	bool named;  /* its one argument is a name of `source` */
	bool secret; /* its last argument is */
	enum session_argument_source source;
} forms[] = {
        {SPAN("env"), SESSION_REF_VALUE, 1, true, false, SESSION_FROM_ENV},
        {SPAN("secret"), SESSION_REF_VALUE, 1, true, false, SESSION_FROM_SECRET},
        {SPAN("base64"), SESSION_REF_BASE64, 1, false, false, SESSION_FROM_VARIABLE},
        {SPAN("plain"), SESSION_REF_PLAIN, 2, false, true, SESSION_FROM_VARIABLE},
        {SPAN("login-user"), SESSION_REF_BASE64, 1, false, false, SESSION_FROM_VARIABLE},
        {SPAN("login-pass"), SESSION_REF_BASE64, 1, false, true, SESSION_FROM_VARIABLE},
        {SPAN("xoauth2"), SESSION_REF_XOAUTH2, 2, false, true, SESSION_FROM_VARIABLE},
        {SPAN("cram-md5"), SESSION_REF_CRAM_MD5, 2, false, true, SESSION_FROM_VARIABLE},
};

static const struct form variable = {
        SPAN(""), SESSION_REF_VALUE, 1, true, false, SESSION_FROM_VARIABLE,
};

static bool name_begins(char c)
{
	return ascii_is_letter(c) || c == '_';
}

static bool name_goes_on(char c)
{
	return name_begins(c) || ascii_is_digit(c) || c == '-' || c == '.';
}

bool session_name_valid(struct span name)
{
	if (name.n == 0 || name.n > SESSION_NAME_MAX || !name_begins(name.p[0]))
		return false;
	for (size_t i = 1; i < name.n; i++) {
		if (!name_goes_on(name.p[i]))
			return false;
	}
	return true;
}

static const struct form *find_form(struct span name)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (span_eq(forms[i].name, name))
			return &forms[i];
	}
	return NULL;
}

/* Cuts off one argument; a comma between quotes does not end it. */
static struct span cut_argument(struct span *rest)
{
	struct span quoted = span_skip(*rest, 1), arg;
	size_t end = 0;

	if (span_starts(*rest, SPAN("'")))
		end = 1 + span_find(quoted, '\'');
	end += span_find(span_skip(*rest, end), ',');
	arg = span_first(*rest, end);
	*rest = end < rest->n ? span_skip(*rest, end + 1) : (struct span){NULL, 0};
	return arg;
}

static int read_argument(struct span text, enum session_argument_source bare,
                         struct session_argument *out, const char **what)
{
	out->source = bare;
	if (span_starts(text, SPAN("'"))) {
		text = span_skip(text, 1);
		*what = "a quoted text ends with a quote";
		if (text.n == 0 || span_find(text, '\'') != text.n - 1)
			return -1;
		out->source = SESSION_FROM_TEXT;
		out->name = mem_dupn(text.p, text.n - 1);
		return 0;
	}
	if (span_starts(text, SPAN("env:"))) {
		out->source = SESSION_FROM_ENV;
		text = span_skip(text, 4);
	} else if (span_starts(text, SPAN("secret:"))) {
		out->source = SESSION_FROM_SECRET;
		text = span_skip(text, 7);
	}
	*what = "a name was expected here, or text between single quotes";
	if (!session_name_valid(text))
		return -1;
	out->name = mem_dupn(text.p, text.n);
	return 0;
}

static int read_named(struct span text, const struct form *f, struct session_argument *out,
                      const char **what)
{
	*what = "a name was expected here: a letter or _, then letters, digits, _ - .";
	if (!session_name_valid(text))
		return -1;
	*out = (struct session_argument){f->source, mem_dupn(text.p, text.n)};
	return 0;
}

static int read_arguments(const struct form *f, struct span rest, struct session_ref *ref,
                          const char **at, const char **what)
{
	struct span left = rest;

	for (size_t i = 0; i < f->args; i++) {
		bool secret = f->secret && i + 1 == f->args;
		struct span arg = f->named ? rest : cut_argument(&left);
		int end = f->named ? read_named(arg, f, &ref->args[i], what)
		                   : read_argument(arg,
		                                   secret ? SESSION_FROM_SECRET
		                                          : SESSION_FROM_VARIABLE,
		                                   &ref->args[i], what);

		*at = arg.p ? arg.p : rest.p + rest.n;
		if (end != 0)
			return -1;
		ref->count++;
	}
	*at = left.p;
	*what = "nothing may follow the last argument";
	return f->named || !left.p ? 0 : -1;
}

int session_ref_parse(struct span inside, struct session_ref *ref, size_t *at, const char **what)
{
	size_t colon = span_find(inside, ':');
	const struct form *f = colon < inside.n ? find_form(span_first(inside, colon)) : &variable;
	struct span rest = colon < inside.n ? span_skip(inside, colon + 1) : inside;
	const char *bad = inside.p;

	*ref = (struct session_ref){0};
	*at = 0;
	*what = "before the colon stands none of env, secret, base64, plain, login-user, "
	        "login-pass, xoauth2, cram-md5";
	if (!f)
		return -1;
	ref->form = f->form;
	if (read_arguments(f, rest, ref, &bad, what) != 0) {
		session_ref_release(ref);
		*at = (size_t)(bad - inside.p);
		return -1;
	}
	return 0;
}

void session_ref_release(struct session_ref *ref)
{
	for (size_t i = 0; i < sizeof(ref->args) / sizeof(ref->args[0]); i++)
		free(ref->args[i].name);
	free(ref->text);
	*ref = (struct session_ref){0};
}
