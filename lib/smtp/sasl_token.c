/*
 * By hand: libgsasl lacks both mechanisms, and they are two lines of text. The parts are joined by
 * %x01, so a name or token that holds a control byte is refused before it can forge another part.
 */
#include "smtp/sasl_token.h"

#include <string.h>

#define SEPARATOR "\001"

static bool is_oauthbearer(const struct sasl_mechanism_info *m)
{
	return strcmp(m->name, "OAUTHBEARER") == 0;
}

struct span sasl_token_acknowledgement(const struct sasl_mechanism_info *m)
{
	return is_oauthbearer(m) ? SPAN(SEPARATOR) : SPAN("");
}

static bool has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	return false;
}

/* RFC 5801 §4: "=" and "," would end the name. */
static void add_saslname(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++)
		if (*s == '=')
			buf_addstr(out, "=3D");
		else if (*s == ',')
			buf_addstr(out, "=2C");
		else
			buf_addch(out, *s);
}

static void add_identity(struct buf *out, const struct sasl_mechanism_info *m,
                         const struct sasl_secrets *s)
{
	if (!is_oauthbearer(m)) {
		buf_addf(out, "user=%s" SEPARATOR, s->user);
		return;
	}
	buf_addstr(out, "n,a=");
	add_saslname(out, s->identity ? s->identity : s->user);
	buf_addstr(out, "," SEPARATOR);
	if (s->host)
		buf_addf(out, "host=%s" SEPARATOR, s->host);
}

int sasl_token_write(const struct sasl_mechanism_info *m, const struct sasl_secrets *secrets,
                     struct buf *out, struct diag *d)
{
	const char *identity = secrets->identity ? secrets->identity : "";
	const char *host = secrets->host ? secrets->host : "";

	if (has_control(secrets->user) || has_control(secrets->password) || has_control(identity) ||
	    has_control(host))
		return diag_set(d, DIAG_USAGE, NULL,
		                "a control byte stands in the user name, the host name or the "
		                "token: %s cannot carry it",
		                m->name);
	add_identity(out, m, secrets);
	buf_addf(out, "auth=Bearer %s" SEPARATOR SEPARATOR, secrets->password);
	return 0;
}

/* "n,a=user," or "n,,": what follows it stays in *rest. */
static int read_gs2_header(struct span *rest, struct span *user)
{
	struct span flag = span_cut(rest, ','), name = span_cut(rest, ',');

	if (!rest->p || !(span_eq(flag, SPAN("n")) || span_eq(flag, SPAN("y")) ||
	                  span_starts(flag, SPAN("p="))))
		return -1;
	if (name.n > 0 && !span_starts(name, SPAN("a=")))
		return -1;
	*user = span_skip(name, 2);
	return rest->n > 0 && rest->p[0] == SEPARATOR[0] ? 0 : -1;
}

int sasl_token_read(const struct sasl_mechanism_info *m, struct span message,
                    struct sasl_token_parts *out)
{
	struct span rest = message;

	*out = (struct sasl_token_parts){.user = SPAN(""), .token = SPAN("")};
	if (is_oauthbearer(m) && read_gs2_header(&rest, &out->user) < 0)
		return -1;
	while (rest.p && rest.n > 0) {
		struct span part = span_cut(&rest, SEPARATOR[0]);

		if (!rest.p) /* each part ends in a separator */
			return -1;
		if (!is_oauthbearer(m) && span_starts(part, SPAN("user=")))
			out->user = span_skip(part, 5);
		else if (span_starts_nocase(part, SPAN("auth=Bearer ")))
			out->token = span_trim(span_skip(part, 12));
	}
	return out->token.n > 0 && (is_oauthbearer(m) || out->user.n > 0) ? 0 : -1;
}
