/*
 * The report's words and its memory.
 */
#include <stdlib.h>

#include "net/tls_state.h"

static const struct {
	const char *name, *text;
} problems[] = {
#define X(NAME, name, text) [TLS_PROBLEM_##NAME] = {name, text},
        TLS_PROBLEMS(X)
#undef X
};

const char *tls_problem_name(enum tls_problem p)
{
	return problems[p < TLS_PROBLEM_COUNT ? p : TLS_PROBLEM_OTHER].name;
}

const char *tls_problem_text(enum tls_problem p)
{
	return problems[p < TLS_PROBLEM_COUNT ? p : TLS_PROBLEM_OTHER].text;
}

bool tls_report_verified(const struct tls_report *r)
{
	return r->done && r->problems == 0 && r->chain_count > 0;
}

void tls_report_free(struct tls_report *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->chain_count; i++)
		tls_certificate_release(&r->chain[i]);
	free(r->chain);
	free(r->detail);
	free(r->unexpected);
	free(r->version);
	free(r->cipher);
	free(r->group);
	free(r->wanted);
	free(r->missing);
	free(r);
}
