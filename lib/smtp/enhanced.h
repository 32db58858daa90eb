/*
 * enhanced: enhanced status codes, class.subject.detail (RFC 3463, RFC 2034).
 */
#ifndef SMTP_ENHANCED_H
#define SMTP_ENHANCED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct smtp_enhanced {
	bool present;
	int class, subject, detail; /* class 2, 4 or 5; the others 0 to 999 */
};

/* Reads the code at the start of a reply's text: how many bytes it takes with the blank after it
 * (0 and !present: there is none). It must end at a blank or at the end. */
size_t smtp_enhanced_parse(struct span text, struct smtp_enhanced *out);
bool smtp_enhanced_equal(struct smtp_enhanced a, struct smtp_enhanced b);

#endif
