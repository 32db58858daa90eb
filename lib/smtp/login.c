/*
 * Counted, not kept: of an answer only that it was sent matters here, and what is not kept cannot
 * leak.
 */
#include "smtp/login.h"

#include <string.h>

void smtp_login_start(struct smtp_login *l, struct span argument)
{
	struct span mechanism = span_word(&argument);

	*l = (struct smtp_login){.answers = argument.n > 0};
	mechanism = span_first(mechanism, sizeof(l->mechanism) - 1);
	if (mechanism.n > 0)
		memcpy(l->mechanism, mechanism.p, mechanism.n);
}

void smtp_login_answer(struct smtp_login *l, struct span line)
{
	l->answers += !span_eq(line, SPAN("*"));
}
