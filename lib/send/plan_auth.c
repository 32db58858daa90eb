/*
 * TLS and logins. Which mechanisms there are is sasl.h's matter; those of swaks that are left out
 * are named when somebody asks for one.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "net/tls.h"
#include "send/plan.h"
#include "smtp/sasl.h"

static int fault(struct send_planner *m, const char *where, const char *what)
{
	*m->status = SEND_EXIT_USAGE;
	return diag_set(m->d, DIAG_USAGE, where, "%s", what);
}

static const char *text(const struct send_planner *m, enum send_option o)
{
	return send_options_text(m->options, o);
}

static bool has(const struct send_planner *m, enum send_option o)
{
	return send_options_has(m->options, o);
}

/* --- TLS --- */

static const struct {
	const char *name;
	unsigned bit;
} versions[] = {
        {"sslv2", 0},
        {"sslv3", 0},
        {"tlsv1", 1u << TLS_1_0},
        {"tlsv1_1", 1u << TLS_1_1},
        {"tlsv1_2", 1u << TLS_1_2},
        {"tlsv1_3", 1u << TLS_1_3},
};

static bool add_version(struct span word, bool *no, unsigned *bits)
{
	*no = span_starts_nocase(word, SPAN("no_"));
	word = *no ? span_skip(word, 3) : word;
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		if (span_eq_nocase(word, span_of(versions[i].name))) {
			*bits |= versions[i].bit;
			return true;
		}
	}
	return false;
}

static int read_versions(struct send_planner *m)
{
	struct span rest = span_of(text(m, SEND_TLS_PROTOCOL));
	bool any = rest.n > 0, no = false, first = true, this_no;
	unsigned bits = 0;

	while (any && rest.p) {
		if (!add_version(span_trim(span_cut(&rest, ',')), &this_no, &bits))
			return fault(m, "tls-protocol",
			             "knows sslv2, sslv3, tlsv1, tlsv1_1, tlsv1_2 and "
			             "tlsv1_3, or these with no_ before them");
		if (!first && this_no != no)
			return fault(m, "tls-protocol", "mixes names with and without no_");
		no = this_no;
		first = false;
	}
	m->plan->tls_versions = no ? 0xfu & ~bits : bits;
	if (any && m->plan->tls_versions == 0)
		return fault(m, "tls-protocol", "leaves no version of TLS that can be used");
	return 0;
}

static int read_tls_files(struct send_planner *m)
{
	struct send_plan *p = m->plan;
	struct stat s;

	p->tls_cert = mem_dup(text(m, SEND_TLS_CERT));
	p->tls_key = mem_dup(text(m, SEND_TLS_KEY));
	p->tls_ca = mem_dup(text(m, SEND_TLS_CA_PATH));
	if (!p->tls_cert != !p->tls_key)
		return fault(m, "tls-cert", "and --tls-key need each other");
	if (p->tls_ca && stat(p->tls_ca, &s) != 0)
		return fault(m, "tls-ca-path", "is neither a file nor a folder");
	return 0;
}

int send_plan_tls(struct send_planner *m)
{
	struct send_plan *p = m->plan;

	p->tls_on_connect = has(m, SEND_TLS_ON_CONNECT);
	if (has(m, SEND_TLS_OPTIONAL))
		p->tls_need = SEND_OPTIONAL;
	if (has(m, SEND_TLS_OPTIONAL_STRICT))
		p->tls_need = SEND_OPTIONAL_STRICT;
	p->tls = has(m, SEND_TLS) || p->tls_need != SEND_REQUIRED;
	if (!p->tls && !p->tls_on_connect)
		return 0;
	p->tls_verify = has(m, SEND_TLS_VERIFY) || has(m, SEND_TLS_VERIFY_HOST);
	p->tls_name = mem_dup(text(m, SEND_TLS_VERIFY_HOST));
	p->tls_sni = mem_dup(text(m, SEND_TLS_SNI));
	p->tls_cipher = mem_dup(text(m, SEND_TLS_CIPHER));
	p->tls_show_certificate = has(m, SEND_TLS_GET_PEER_CERT);
	p->tls_certificate_file = mem_dup(text(m, SEND_TLS_GET_PEER_CERT));
	return read_tls_files(m) != 0 ? -1 : read_versions(m);
}

/* --- AUTH --- */

/* In the order of swaks when no mechanism is named: by name. Ours come first, the strongest of all
 * is the best. */
static const char *const any_order[] = {"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "LOGIN",
                                        "PLAIN"};

static void add_mechanism(struct send_plan *p, struct span name, struct span type)
{
	p->mechanisms = mem_grow(p->mechanisms, p->mechanisms_count, &p->mechanisms_room,
	                         sizeof(*p->mechanisms));
	p->mechanisms[p->mechanisms_count++] =
	        (struct send_mechanism){mem_dupn(name.p, name.n), mem_dupn(type.p, type.n)};
}

/* What --auth-map has for this name, or the name itself. */
static struct span mapped(const struct send_planner *m, struct span name)
{
	struct span rest = span_of(text(m, SEND_AUTH_MAP));

	while (rest.n > 0) {
		struct span type = span_trim(span_cut(&rest, ','));
		struct span alias = span_cut(&type, '=');

		if (span_eq_nocase(alias, name))
			return type;
	}
	return name;
}

static int check_map(struct send_planner *m)
{
	struct span rest = span_of(text(m, SEND_AUTH_MAP));

	while (rest.n > 0) {
		struct span type = span_trim(span_cut(&rest, ','));
		struct span alias = span_cut(&type, '=');

		if (alias.n == 0 || type.n == 0)
			return fault(m, "auth-map", "is no list of NAME=TYPE");
	}
	return 0;
}

static void add_any(struct send_planner *m)
{
	struct span rest = span_of(text(m, SEND_AUTH_MAP));

	m->plan->auth_any = true;
	for (size_t i = 0; i < sizeof(any_order) / sizeof(*any_order); i++)
		add_mechanism(m->plan, span_of(any_order[i]), span_of(any_order[i]));
	while (rest.n > 0) {
		struct span type = span_trim(span_cut(&rest, ','));
		struct span alias = span_cut(&type, '=');

		if (sasl_mechanism_find(type))
			add_mechanism(m->plan, alias, type);
	}
}

/* A mechanism that is not known is passed over, as long as another is left. */
static int add_named(struct send_planner *m, const char *list)
{
	struct span rest = span_of(list);

	while (rest.p) {
		struct span name = span_trim(span_cut(&rest, ','));
		struct span type = sasl_mechanism_find(name) ? name : mapped(m, name);

		if (sasl_mechanism_find(type))
			add_mechanism(m->plan, name, type);
	}
	if (m->plan->mechanisms_count > 0 || m->plan->auth_need != SEND_REQUIRED)
		return 0;
	fault(m, "auth", "names no mechanism that can be done");
	diag_hint(m->d, "PLAIN, LOGIN, CRAM-MD5, SCRAM-SHA-1, SCRAM-SHA-256, XOAUTH2, OAUTHBEARER, "
	                "EXTERNAL");
	*m->status = SEND_EXIT_MISSING;
	return -1;
}

static char *credential(const char *given)
{
	return mem_dup(!given ? NULL : strcmp(given, "<>") == 0 ? "" : given);
}

static void take_credentials(struct send_planner *m)
{
	const char *password = text(m, SEND_AUTH_PASSWORD),
	           *hidden = text(m, SEND_AUTH_HIDE_PASSWORD);

	m->plan->user = credential(text(m, SEND_AUTH_USER));
	m->plan->auth_plaintext = has(m, SEND_AUTH_PLAINTEXT);
	m->plan->auth_hidden = mem_dup(hidden ? hidden : "PROVIDED_BUT_REMOVED");
	if (!password)
		return;
	m->plan->password_known = true;
	buf_addstr(&m->plan->password, strcmp(password, "<>") == 0 ? "" : password);
}

int send_plan_auth(struct send_planner *m)
{
	const char *list = text(m, SEND_AUTH);

	if (has(m, SEND_AUTH_OPTIONAL))
		m->plan->auth_need = SEND_OPTIONAL;
	if (has(m, SEND_AUTH_OPTIONAL_STRICT))
		m->plan->auth_need = SEND_OPTIONAL_STRICT;
	m->plan->auth = has(m, SEND_AUTH) || m->plan->auth_need != SEND_REQUIRED ||
	                has(m, SEND_AUTH_USER) || has(m, SEND_AUTH_PASSWORD);
	if (!m->plan->auth)
		return 0;
	if (!list)
		list = text(m, SEND_AUTH_OPTIONAL_STRICT);
	if (!list)
		list = text(m, SEND_AUTH_OPTIONAL);
	take_credentials(m);
	if (check_map(m) != 0)
		return -1;
	if (list)
		return add_named(m, list);
	add_any(m);
	return 0;
}
