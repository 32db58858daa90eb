/*
 * Authentication-Results and Received: whatever stands in them, what is read keeps its promises.
 */
#include <stdint.h>
#include <stdlib.h>

#include "check/authres.h"
#include "check/received.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void read_results(struct span text)
{
	struct authres a;
	const char *wrong = authres_read(text, &a);

	must(wrong || a.server);
	must(a.count <= AUTHRES_MAX);
	for (size_t i = 0; i < a.count; i++) {
		const struct authres_result *r = &a.results[i];

		must(r->method && *r->method && r->result && *r->result);
		must(r->count <= AUTHRES_PROPERTIES_MAX);
		for (size_t k = 0; k < r->count; k++)
			must(r->properties[k].type && r->properties[k].name &&
			     r->properties[k].value);
	}
	authres_release(&a);
}

static void read_received(struct span text)
{
	struct received r;
	int64_t t;

	received_read(text, &r);
	must(r.from && r.by && r.with && r.date);
	must(!r.has_address || *r.from);
	must(!r.dated || r.time > -2300000000);
	received_release(&r);
	must(received_date(text, &t) == -1 || t < 260000000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_from((const char *)data, size);

	read_results(text);
	read_received(text);
	return 0;
}
