/*
 * login: one AUTH exchange, seen from outside (RFC 4954 §4).
 */
#ifndef SMTP_LOGIN_H
#define SMTP_LOGIN_H

#include <stddef.h>

#include "base/span.h"

struct smtp_login {
	char mechanism[24]; /* as typed, cut; "" when AUTH was never answered */
	size_t answers;     /* that the client sent, the initial response included; not "*" */
	size_t challenges;  /* 334s that came */
};

/* AUTH with that argument ("PLAIN", "PLAIN AGJv…") was answered. */
void smtp_login_start(struct smtp_login *l, struct span argument);
/* A line was sent in answer to a 334. */
void smtp_login_answer(struct smtp_login *l, struct span line);

#endif
