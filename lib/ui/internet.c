/*
 * The practice internet is read from its files when a command asks for it, never before: the real
 * one must start without them.
 */
#include "ui/internet.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/mem.h"
#include "practice/certificates.h"
#include "practice/internet.h"
#include "smtp/address.h"
#include "ui/teaching.h"

static int open_practice(struct loop *l, struct network **n, struct world **w, struct diags *ds)
{
	*w = teaching_world(ds);
	*n = *w ? practice_internet_new(l, *w) : NULL;
	return *n ? 0 : -1;
}

int internet_dns(const struct options *o, struct resolver_config **out, struct diag *d)
{
	struct resolver_config *c;

	*out = NULL;
	if (!o->dns && o->dns_timeout == 0 && o->resolve.count == 0)
		return 0;
	c = o->dns ? resolver_config_parse(o->dns, d) : resolver_config_load(RESOLV_CONF, d);
	if (!c)
		return -1;
	if (o->dns_timeout > 0)
		resolver_config_limit(c, 1000 * (int64_t)o->dns_timeout);
	for (size_t i = 0; i < o->resolve.count; i++) {
		if (resolver_config_give(c, o->resolve.items[i], d) != 0) {
			resolver_config_free(c);
			return -1;
		}
	}
	*out = c;
	return 0;
}

int internet_open(const struct options *o, struct loop *l, struct network **n, struct world **w,
                  struct diags *ds)
{
	struct resolver_config *dns = NULL;
	struct diag d;

	if (o->practice)
		return open_practice(l, n, w, ds);
	*n = NULL;
	*w = NULL;
	diag_init(&d);
	if (internet_dns(o, &dns, &d) == 0)
		*n = network_real_new(l, dns);
	if (d.kind != DIAG_NONE)
		diags_add_copy(ds, &d);
	diag_release(&d);
	return *n ? 0 : -1;
}

struct tls_context *internet_tls(const struct options *o, struct world *w, struct diags *ds)
{
	struct tls_context *tls;
	struct tls_settings s;
	struct diag d;

	diag_init(&d);
	tls_settings_init(&s);
	s.minimum = (enum tls_version)o->tls_min;
	s.ca_file = o->ca_file;
	s.ca_path = o->ca_path;
	s.ca_pem = w ? world_ca_pem(w) : NULL;
	s.certificate = o->client_cert;
	s.key = o->client_key;
	s.keylog = o->keylog;
	tls = tls_context_new(&s, &d);
	if (!tls)
		diags_add_copy(ds, &d);
	diag_release(&d);
	return tls;
}

char *internet_own_name(const struct options *o)
{
	struct utsname u;
	struct buf b;

	if (o->helo)
		return mem_dup(o->helo);
	buf_init(&b, 300);
	if (uname(&u) == 0 && smtp_domain_valid(span_of(u.nodename)))
		buf_addf(&b, "%s%s", u.nodename, strchr(u.nodename, '.') ? "" : ".example");
	else
		buf_addstr(&b, "me.example");
	return buf_take(&b);
}
