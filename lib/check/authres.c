/*
 * One reader that walks over the text; blanks, line ends and comments may stand between any two
 * tokens (CFWS), so they are passed over before each.
 */
#include "check/authres.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/mem.h"

#define VALUE_MAX (16u << 10)

static const struct {
	const char *name, *text;
} methods[] =
        {
                {"arc", "the chain of seals of those who forwarded it"},
                {"auth", "whether the sender logged in"},
                {"bimi", "the logo of the sender"},
                {"compauth", "Microsoft's own sum of the other checks"},
                {"dkim", "the signature of a domain over the message"},
                {"dkim-adsp", "a policy that is history (RFC 5617)"},
                {"dmarc", "whether SPF or DKIM proved the domain in From"},
                {"iprev", "whether the name of the sending address leads back to it"},
                {"sender-id", "a forerunner of DMARC that is history (RFC 4406)"},
                {"smime", "the signature of a person inside the message"},
                {"spf", "whether the address may send for the domain of the envelope sender"},
},
  results[] = {
          {"pass", "it was checked, and it is so"},
          {"fail", "it was checked, and it is not so"},
          {"bestguesspass", "the domain has no policy, but a guess at one would pass"},
          {"hardfail", "an old word for fail"},
          {"softfail", "probably not, says the domain, and asks not to refuse for that alone"},
          {"neutral", "the domain does not say, or the signature could not be read"},
          {"none", "there was nothing to check"},
          {"policy", "it was right, but this server does not accept it so"},
          {"permerror", "the domain's record is wrong: somebody must repair it"},
          {"temperror", "a look-up failed: it may be right the next time"},
          {"invalid", "the signature could not be read"},
          {"unknown", "the server could not tell"},
};

const char *authres_method_text(const char *method)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		if (strcmp(methods[i].name, method) == 0)
			return methods[i].text;
	}
	return NULL;
}

const char *authres_result_text(const char *result)
{
	for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++) {
		if (strcmp(results[i].name, result) == 0)
			return results[i].text;
	}
	return NULL;
}

/* --- tokens --- */

static struct span skip_comment(struct span s)
{
	unsigned depth = 0;
	size_t i = 0;

	for (; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			break;
	}
	return span_skip(s, i + 1);
}

static void skip_blanks(struct span *s)
{
	while (s->n > 0) {
		if (s->p[0] == '(')
			*s = skip_comment(*s);
		else if (ascii_is_folding(s->p[0]))
			*s = span_skip(*s, 1);
		else
			return;
	}
}

static bool take(struct span *s, char c)
{
	skip_blanks(s);
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = span_skip(*s, 1);
	return true;
}

static char *quoted(struct span *s)
{
	struct buf b;
	size_t i = 1;

	buf_init(&b, VALUE_MAX);
	for (; i < s->n && s->p[i] != '"'; i++) {
		if (s->p[i] == '\\' && i + 1 < s->n)
			i++;
		buf_addch(&b, s->p[i]);
	}
	*s = span_skip(*s, i + 1);
	return buf_take(&b);
}

/* The bytes up to one of `ends`, a blank or a comment; NULL: there are none. */
static char *word(struct span *s, const char *ends)
{
	size_t n = 0;
	char *text;

	skip_blanks(s);
	while (n < s->n && (unsigned char)s->p[n] > ' ' && s->p[n] != '(' && !strchr(ends, s->p[n]))
		n++;
	if (n == 0 || n > VALUE_MAX)
		return NULL;
	text = mem_dupn(s->p, n);
	*s = span_skip(*s, n);
	return text;
}

static char *lower(char *text)
{
	for (char *p = text; p && *p; p++)
		*p = ascii_lower(*p);
	return text;
}

static char *value(struct span *s)
{
	char *text;

	skip_blanks(s);
	if (s->n == 0 || s->p[0] != '"')
		return word(s, ";");
	text = quoted(s);
	if (s->n > 0 && s->p[0] == '@') { /* "local part"@domain */
		char *rest = word(s, ";");
		struct buf b;

		buf_init(&b, 2 * VALUE_MAX);
		buf_addf(&b, "%s%s", text, rest ? rest : "");
		free(text);
		free(rest);
		text = buf_take(&b);
	}
	return text;
}

/* --- results --- */

/* "type.name=value", or "reason=value". */
static const char *read_property(struct span *s, struct authres_result *r)
{
	char *type = lower(word(s, ".=;")), *name = NULL, *what;
	bool dotted = type && take(s, '.');

	if (dotted)
		name = lower(word(s, "=;"));
	if (!type || (dotted && !name) || !take(s, '=')) {
		free(type);
		free(name);
		return "a property has no \"=\"";
	}
	what = value(s);
	if (what && !dotted && !r->reason && strcmp(type, "reason") == 0) {
		r->reason = what;
	} else if (what && r->count < AUTHRES_PROPERTIES_MAX) {
		r->properties[r->count].type = type;
		r->properties[r->count].name = name ? name : mem_dup("");
		r->properties[r->count++].value = what;
		return NULL;
	} else {
		free(what);
	}
	free(type);
	free(name);
	return NULL;
}

static const char *read_result(struct span *s, struct authres *out)
{
	struct authres_result r = {.method = lower(word(s, "=/;"))};
	const char *wrong = NULL;

	if (r.method && take(s, '/'))
		free(word(s, "=;"));
	if (r.method && strcmp(r.method, "none") == 0 && (skip_blanks(s), s->n == 0)) {
		free(r.method);
		return NULL;
	}
	if (r.method && take(s, '='))
		r.result = lower(word(s, ";"));
	if (!r.result) {
		free(r.method);
		return "a result is not METHOD=RESULT";
	}
	for (skip_blanks(s); !wrong && s->n > 0 && s->p[0] != ';'; skip_blanks(s))
		wrong = read_property(s, &r);
	out->results = mem_grow(out->results, out->count, &out->room, sizeof(*out->results));
	out->results[out->count++] = r;
	return wrong;
}

/* Some servers leave their name out: what begins with METHOD= is a result already. */
static char *read_server(struct span *s)
{
	struct span before = *s;
	char *name = s->n > 0 && s->p[0] == '"' ? quoted(s) : word(s, ";=");

	skip_blanks(s);
	if (!name || s->n == 0 || s->p[0] != '=')
		return name;
	*s = before;
	free(name);
	return mem_dup("");
}

const char *authres_read(struct span value_text, struct authres *out)
{
	struct span rest = value_text;
	const char *wrong = NULL;
	bool more = true;

	memset(out, 0, sizeof(*out));
	skip_blanks(&rest);
	out->server = read_server(&rest);
	if (!out->server)
		return "it names no server";
	if (*out->server) {
		free(word(&rest, ";")); /* the version */
		more = take(&rest, ';');
	}
	for (; !wrong && more; more = take(&rest, ';')) {
		skip_blanks(&rest);
		if (rest.n == 0)
			break;
		if (out->count == AUTHRES_MAX)
			return "it has too many results";
		wrong = read_result(&rest, out);
	}
	skip_blanks(&rest);
	return wrong || rest.n == 0 ? wrong : "something stands where a result should begin";
}

void authres_release(struct authres *a)
{
	for (size_t i = 0; i < a->count; i++) {
		struct authres_result *r = &a->results[i];

		for (size_t k = 0; k < r->count; k++) {
			free(r->properties[k].type);
			free(r->properties[k].name);
			free(r->properties[k].value);
		}
		free(r->method);
		free(r->result);
		free(r->reason);
	}
	free(a->results);
	free(a->server);
	memset(a, 0, sizeof(*a));
}
