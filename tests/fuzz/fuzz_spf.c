/*
 * SPF records: whatever a TXT record holds, what is read as terms keeps its promises; and every
 * domain-spec in it can be expanded or is refused.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "check/spf_macro.h"
#include "check/spf_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void expand(struct span spec)
{
	struct spf_macro_values v = {.sender = SPAN("user.name@mail.example.com"),
	                             .local = SPAN("user.name"),
	                             .sender_domain = SPAN("mail.example.com"),
	                             .domain = SPAN("example.com"),
	                             .helo = SPAN("mx.example.org"),
	                             .validated = "mx.example.org"};
	struct buf out;

	if (!spec.p)
		return;
	net_address_parse(SPAN("2001:db8::1"), 0, &v.ip);
	buf_init(&out, 4096);
	spf_macro_expand(spec, &v, &out);
	must(out.len <= 4096);
	buf_release(&out);
}

static void judge(const struct spf_record *r, size_t size)
{
	must(r->count <= SPF_TERMS_MAX);
	expand(r->redirect);
	expand(r->exp);
	for (size_t i = 0; i < r->count; i++) {
		const struct spf_term *t = &r->terms[i];

		must(t->mechanism < SPF_MECHANISM_COUNT);
		must(t->qualifier && strchr("+-~?", t->qualifier));
		must(t->text.n > 0 && t->prefix4 <= 32 && t->prefix6 <= 128);
		must(t->text.p >= r->text && t->text.p + t->text.n <= r->text + size);
		must(spf_mechanism_name(t->mechanism) != NULL);
		expand(t->domain);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_from((const char *)data, size);
	struct spf_record *r;
	struct diag d;

	if (!spf_record_is(text))
		return 0;
	diag_init(&d);
	r = spf_record_parse(text, &d);
	must(r || d.what);
	if (r)
		judge(r, size);
	spf_record_free(r);
	diag_release(&d);
	return 0;
}
