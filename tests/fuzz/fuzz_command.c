/*
 * Typed lines: whatever is typed, all that is said about it stands inside the line, a path that the
 * strict grammar takes is read as that path, and a MAIL or RCPT without faults has an address.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool inside(struct span part, struct span whole)
{
	return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void check_address(const struct smtp_command *c)
{
	struct smtp_address strict;

	if (!c->address_read || smtp_path_parse(c->path, &strict) < 0)
		return;
	must(strict.null == c->address.null && strict.utf8 == c->address.utf8);
	must(span_eq(strict.local, c->address.local));
	must(span_eq(strict.domain, c->address.domain));
	must(span_eq(strict.route, c->address.route));
	must(strict.null || strict.local.n > 0);
}

static void check_line(struct span line)
{
	struct smtp_command c;

	smtp_command_parse(line, &c);
	must(c.line.n == line.n);
	must(inside(c.word, line) && inside(c.argument, line));
	must(inside(c.path, c.argument) && inside(c.parameters, c.argument));
	must(inside(c.address.local, c.path) && inside(c.address.domain, c.path));
	must(inside(c.address.route, c.path));
	must(c.faults >> SMTP_TYPING_COUNT == 0);
	must(c.verb < SMTP_VERB_COUNT && c.meant < SMTP_VERB_COUNT);
	if (c.verb != SMTP_VERB_UNKNOWN)
		must(smtp_verb_find(c.word) == c.verb && c.meant == c.verb);
	if ((c.verb == SMTP_VERB_MAIL || c.verb == SMTP_VERB_RCPT) && c.faults == 0)
		must(c.address_read && smtp_path_parse(c.path, &c.address) == 0);
	check_address(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of the exact size, so that reading past the end is seen. */
	char *copy = malloc(size > 0 ? size : 1);
	struct smtp_address a;

	if (!copy)
		return 0;
	if (size > 0)
		memcpy(copy, data, size);
	check_line(span_from(copy, size));
	if (smtp_mailbox_parse(span_from(copy, size), &a) == 0)
		must(a.local.n > 0 && a.local.n <= 64 && a.domain.n <= 255);
	free(copy);
	return 0;
}
