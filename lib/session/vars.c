/*
 * A list searched from its start: sessions have a handful of variables. Variables and secrets share
 * the names, so that nothing is secret under one name and readable under another.
 */
#include "session/vars.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "smtp/sasl.h"

struct session_vars {
	struct session_variable *list;
	size_t count, room;
	struct buf challenge; /* of the last 334, in base64 */
	bool challenged;
};

static const char *const origin_names[] = {
        [SESSION_ORIGIN_FILE] = "@set",
        [SESSION_ORIGIN_CAPTURE] = "a reply",
        [SESSION_ORIGIN_OPTION] = "--set",
        [SESSION_ORIGIN_ENV] = "the environment",
};

const char *session_origin_name(enum session_origin o)
{
	return origin_names[o];
}

struct session_vars *session_vars_new(void)
{
	struct session_vars *v = mem_zero(sizeof(*v));

	buf_init(&v->challenge, SASL_CHALLENGE_MAX);
	return v;
}

void session_vars_free(struct session_vars *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->count; i++) {
		free(v->list[i].name);
		buf_release(&v->list[i].value);
	}
	free(v->list);
	buf_release(&v->challenge);
	free(v);
}

struct session_vars *session_vars_copy(const struct session_vars *v)
{
	struct session_vars *copy = session_vars_new();

	copy->list = v->count ? mem_zero(v->count * sizeof(*v->list)) : NULL;
	copy->count = copy->room = v->count;
	for (size_t i = 0; i < v->count; i++) {
		copy->list[i] = v->list[i];
		copy->list[i].name = mem_dup(v->list[i].name);
		buf_init_secret(&copy->list[i].value, SESSION_VALUE_MAX);
		buf_addspan(&copy->list[i].value, buf_span(&v->list[i].value));
	}
	return copy;
}

static struct session_variable *find(const struct session_vars *v, struct span name)
{
	for (size_t i = 0; i < v->count; i++) {
		if (span_eq(span_of(v->list[i].name), name))
			return &v->list[i];
	}
	return NULL;
}

const struct session_variable *session_vars_find(const struct session_vars *v, struct span name)
{
	return find(v, name);
}

size_t session_vars_count(const struct session_vars *v)
{
	return v->count;
}

const struct session_variable *session_vars_at(const struct session_vars *v, size_t i)
{
	return i < v->count ? &v->list[i] : NULL;
}

/* --- setting --- */

/* NULL when it may be one. The value itself is never told: it may be a secret. */
static const char *judge(const struct session_vars *v, struct span name, struct span value)
{
	if (!session_name_valid(name))
		return "this is no name for a variable";
	if (value.n > SESSION_VALUE_MAX)
		return "the value has more than 64 KiB";
	if (span_find(value, '\r') < value.n || span_find(value, '\n') < value.n)
		return "the value holds a line end, which would make a second line of its rest";
	if (span_find(value, '\0') < value.n)
		return "the value holds a NUL";
	if (!find(v, name) && v->count >= SESSION_VARS_MAX)
		return "there are 1000 variables already";
	return NULL;
}

static struct session_variable *add(struct session_vars *v, struct span name)
{
	struct session_variable *var;

	v->list = mem_grow(v->list, v->count, &v->room, sizeof(*v->list));
	var = &v->list[v->count++];
	*var = (struct session_variable){.name = mem_dupn(name.p, name.n)};
	buf_init_secret(&var->value, SESSION_VALUE_MAX);
	return var;
}

static int set(struct session_vars *v, struct span name, struct span value,
               enum session_origin origin, bool secret, const char *where, struct diag *d)
{
	const char *wrong = judge(v, name, value);
	struct session_variable *var = find(v, name);

	if (wrong && session_name_valid(name))
		return diag_set(d, DIAG_INPUT, where, "variable " SPAN_FMT ": %s", SPAN_ARG(name),
		                wrong);
	if (wrong)
		return diag_set(d, DIAG_INPUT, where, "%s", wrong);
	if (!var)
		var = add(v, name);
	else if (var->origin == SESSION_ORIGIN_OPTION && origin == SESSION_ORIGIN_FILE)
		return 0;
	buf_clear(&var->value);
	buf_addspan(&var->value, value);
	var->origin = origin;
	var->secret |= secret;
	return 0;
}

int session_vars_set(struct session_vars *v, struct span name, struct span value,
                     enum session_origin origin, const char *where, struct diag *d)
{
	return set(v, name, value, origin, false, where, d);
}

int session_vars_set_secret(struct session_vars *v, struct span name, struct span value,
                            enum session_origin origin, const char *where, struct diag *d)
{
	return set(v, name, value, origin, true, where, d);
}

int session_vars_option(struct session_vars *v, const char *assignment, struct diag *d)
{
	struct span value = span_of(assignment), name = span_cut(&value, '=');
	struct diag why;
	int result;

	if (!value.p)
		return diag_set(d, DIAG_USAGE, "--set", "NAME=VALUE was expected");
	diag_init(&why);
	result = set(v, name, value, SESSION_ORIGIN_OPTION, false, NULL, &why);
	if (result != 0)
		diag_set(d, DIAG_USAGE, "--set", "%s", why.what);
	diag_release(&why);
	return result;
}

/* --- the values of references --- */

struct expansion {
	struct session_vars *vars;
	const struct session_step *step;
	const struct session_ref *ref;
	struct diag *d;
};

static int fail(const struct expansion *e, const char *name, const char *what, const char *hint)
{
	struct session_step at = *e->step;
	char *where;

	at.column = e->ref->column;
	where = session_step_place(&at);
	diag_set(e->d, DIAG_INPUT, where, "%s: %s", name, what);
	diag_hint(e->d, "%s", hint);
	free(where);
	return -1;
}

static int from_variable(const struct expansion *e, const char *name, struct span *out)
{
	const struct session_variable *var = find(e->vars, span_of(name));

	if (!var)
		return fail(e, name, "there is no variable of this name",
		            "give it with --set NAME=VALUE, or with @set before this line");
	*out = buf_span(&var->value);
	return 0;
}

static int from_env(const struct expansion *e, const char *name, struct span *out)
{
	const char *value = getenv(name);

	if (!value)
		return fail(e, name, "the environment has no variable of this name",
		            "export NAME=VALUE in the shell");
	if (strpbrk(value, "\r\n"))
		return fail(e, name,
		            "the value in the environment holds a line end, which would make a "
		            "second line of its rest",
		            "give it a value of one line");
	*out = span_of(value);
	return 0;
}

static int from_secret(const struct expansion *e, const char *name, struct span *out)
{
	struct session_variable *var = find(e->vars, span_of(name));
	const char *value = getenv(name);
	char *where;
	int result;

	if (!var && !value)
		return fail(e, name, "there is no secret of this name",
		            "put it into the environment under this name");
	if (var) {
		var->secret = true;
		*out = buf_span(&var->value);
		return 0;
	}
	where = session_step_place(e->step);
	result = set(e->vars, span_of(name), span_of(value), SESSION_ORIGIN_ENV, true, where, e->d);
	free(where);
	return result == 0 ? from_variable(e, name, out) : -1;
}

static int from_text(const struct expansion *e, const char *name, struct span *out)
{
	(void)e;
	*out = span_of(name);
	return 0;
}

static int (*const sources[])(const struct expansion *, const char *, struct span *) = {
        [SESSION_FROM_VARIABLE] = from_variable,
        [SESSION_FROM_ENV] = from_env,
        [SESSION_FROM_SECRET] = from_secret,
        [SESSION_FROM_TEXT] = from_text,
};

static int make_value(const struct expansion *e, struct span a, struct span b, struct buf *out)
{
	(void)e;
	(void)b;
	return buf_addspan(out, a);
}

static int make_plain(const struct expansion *e, struct span user, struct span secret,
                      struct buf *out)
{
	(void)e;
	buf_addch(out, '\0');
	buf_addspan(out, user);
	buf_addch(out, '\0');
	return buf_addspan(out, secret);
}

static int make_xoauth2(const struct expansion *e, struct span user, struct span token,
                        struct buf *out)
{
	(void)e;
	buf_addstr(out, "user=");
	buf_addspan(out, user);
	buf_addstr(out, "\001auth=Bearer ");
	buf_addspan(out, token);
	return buf_addstr(out, "\001\001");
}

/* The answer is in base64 already. */
static int make_cram_md5(const struct expansion *e, struct span user, struct span secret,
                         struct buf *out)
{
	char *name = mem_dupn(user.p, user.n), *password = mem_dupn(secret.p, secret.n);
	struct sasl_secrets secrets = {.user = name, .password = password};
	struct sasl_client *c =
	        e->vars->challenged ? sasl_client_new("CRAM-MD5", &secrets, NULL) : NULL;
	int result = -1;

	if (c &&
	    sasl_client_step(c, buf_span(&e->vars->challenge), out, NULL, NULL, NULL) == SASL_SEND)
		result = 0;
	else
		fail(e, "cram-md5", "there is no challenge to answer",
		     "it stands alone in the line after  S: 334 …");
	sasl_client_free(c);
	free(name);
	explicit_bzero(password, secret.n);
	free(password);
	return result;
}

static const struct {
	int (*make)(const struct expansion *e, struct span a, struct span b, struct buf *out);
	bool base64;
} forms[] = {
        [SESSION_REF_VALUE] = {make_value, false},
        [SESSION_REF_BASE64] = {make_value, true},
        [SESSION_REF_PLAIN] = {make_plain, true},
        [SESSION_REF_XOAUTH2] = {make_xoauth2, true},
        [SESSION_REF_CRAM_MD5] = {make_cram_md5, false},
};

static int add_value(const struct expansion *e, session_quote_fn *quote, struct buf *out)
{
	const struct session_ref *ref = e->ref;
	struct span args[2] = {SPAN(""), SPAN("")};
	struct buf raw, coded;
	int result;

	for (size_t i = 0; i < ref->count; i++) {
		if (sources[ref->args[i].source](e, ref->args[i].name, &args[i]) != 0)
			return -1;
	}
	buf_init_secret(&raw, 4u * SESSION_VALUE_MAX);
	buf_init_secret(&coded, 8u * SESSION_VALUE_MAX);
	result = forms[ref->form].make(e, args[0], args[1], &raw);
	if (forms[ref->form].base64)
		sasl_base64_encode(buf_span(&raw), &coded);
	else
		buf_addspan(&coded, buf_span(&raw));
	if (result == 0 && quote)
		quote(buf_span(&coded), out);
	else if (result == 0)
		buf_addspan(out, buf_span(&coded));
	buf_release(&coded);
	buf_release(&raw);
	return result;
}

void session_vars_challenge(struct session_vars *v, struct span base64)
{
	buf_clear(&v->challenge);
	v->challenged = buf_addspan(&v->challenge, base64) == 0;
}

int session_vars_expand(struct session_vars *v, const struct session_step *s,
                        session_quote_fn *quote, struct buf *out, struct diag *d)
{
	struct expansion e = {.vars = v, .step = s, .d = d};
	size_t from = 0;

	for (size_t i = 0; i < s->refs_count; i++) {
		e.ref = &s->refs[i];
		buf_add(out, s->text + from, e.ref->at - from);
		from = e.ref->at;
		if (add_value(&e, quote, out) != 0)
			return -1;
	}
	buf_add(out, s->text + from, s->len - from);
	if (!out->full)
		return 0;
	e.ref = s->refs;
	return fail(&e, s->refs_count ? s->refs[0].text : "text",
	            "with its values this line is too long", "use shorter values");
}

int session_step_wire(struct session_vars *v, const struct session_step *s, struct buf *out,
                      struct diag *d)
{
	if (session_vars_expand(v, s, NULL, out, d) != 0)
		return -1;
	if (s->type != SESSION_CLIENT_RAW && s->type != SESSION_SERVER_RAW)
		buf_addstr(out, "\r\n");
	return 0;
}

static bool names_secret(const struct session_vars *v, const struct session_step *s)
{
	for (size_t i = 0; i < s->refs_count; i++) {
		for (size_t k = 0; k < s->refs[i].count; k++) {
			const struct session_argument *a = &s->refs[i].args[k];
			const struct session_variable *var = find(v, span_of(a->name));

			if (a->source == SESSION_FROM_SECRET ||
			    (a->source == SESSION_FROM_VARIABLE && var && var->secret))
				return true;
		}
	}
	return false;
}

/* What is made of a secret is one. */
int session_vars_apply(struct session_vars *v, const struct session_step *s, struct diag *d)
{
	char *where = session_step_place(s);
	struct buf value;
	int result;

	buf_init_secret(&value, SESSION_FILE_MAX);
	result = session_vars_expand(v, s, NULL, &value, d);
	if (result == 0)
		result = set(v, span_of(s->name), buf_span(&value), SESSION_ORIGIN_FILE,
		             names_secret(v, s), where, d);
	buf_release(&value);
	free(where);
	return result;
}
