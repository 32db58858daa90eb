/*
 * One row a kind of certificate. Nothing is made before somebody asks for it, because most
 * conversations on the practice internet never start TLS.
 */
#include "practice/certificates.h"

#include <string.h>

#include "net/tls_forge.h"
#include "practice/world_state.h"

#define OWNER  "smtptalk practice"
#define DOMAIN "test"

static const char other_name[] = "mail.somebody-else.test";

struct kind {
	int from_days, to_days;
	bool other_name, self_signed, incomplete;
};
static const struct kind kinds[CERTIFICATE_COUNT] = {
        [CERTIFICATE_GOOD] = {.from_days = -30, .to_days = 60},
        [CERTIFICATE_EXPIRED] = {.from_days = -100, .to_days = -10},
        [CERTIFICATE_NOT_YET] = {.from_days = 10, .to_days = 100},
        [CERTIFICATE_WRONG_NAME] = {.from_days = -30, .to_days = 60, .other_name = true},
        [CERTIFICATE_SELF_SIGNED] = {.from_days = -30, .to_days = 60, .self_signed = true},
        [CERTIFICATE_INCOMPLETE] = {.from_days = -30, .to_days = 60, .incomplete = true},
};

static const struct tls_forge *forge_of(struct world *w)
{
	if (!w->forge)
		w->forge = tls_forge_new(OWNER, DOMAIN);
	return w->forge;
}

const char *world_ca_pem(struct world *w)
{
	const struct tls_forge *forge = forge_of(w);

	return forge ? tls_forge_root(forge) : NULL;
}

static struct tls_context *context_of(const struct tls_identity *identity)
{
	struct tls_settings s;

	tls_settings_init(&s);
	s.server = true;
	s.identity = identity;
	return tls_context_new(&s, NULL);
}

/* 3 1 1: this very key, by the SHA-256 of its public half. */
static void write_tlsa(struct world_host *host, const struct tls_identity *identity)
{
	unsigned char *data = host->tlsa_data;

	data[0] = 3;
	data[1] = data[2] = 1;
	memset(data + 3, 0, sizeof host->tlsa_data - 3);
	if (host->tlsa == TLSA_GOOD && tls_identity_digest(identity, data + 3) != 0)
		host->tlsa = TLSA_NONE;
}

static struct tls_context *make(const struct tls_forge *forge, struct world_host *host)
{
	const struct kind *kind = &kinds[host->certificate];
	const char *name = kind->other_name ? other_name : host->name;
	struct tls_wish wish = {
	        .names = &name,
	        .name_count = 1,
	        .from_days = kind->from_days,
	        .to_days = kind->to_days,
	        .self_signed = kind->self_signed,
	        .incomplete = kind->incomplete,
	};
	struct tls_identity *identity = tls_forge_make(forge, &wish);
	struct tls_context *c = identity ? context_of(identity) : NULL;

	if (identity && host->tlsa)
		write_tlsa(host, identity);
	tls_identity_free(identity);
	return c;
}

struct tls_context *world_host_tls(struct world *w, struct world_host *host)
{
	if (host->certificate == CERTIFICATE_NONE || !forge_of(w))
		return NULL;
	if (!host->tls)
		host->tls = make(w->forge, host);
	return host->tls;
}
