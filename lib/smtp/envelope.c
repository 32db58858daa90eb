/*
 * An address is remembered as the server must have understood it: without brackets and source
 * route. When the server took something that is no address to us, what was typed is kept.
 */
#include "smtp/envelope.h"

#include <stdlib.h>

#include "base/mem.h"

void smtp_envelope_clear(struct smtp_envelope *e)
{
	for (size_t i = 0; i < e->count; i++)
		free(e->recipients[i].address);
	free(e->sender);
	e->sender = NULL;
	e->count = 0;
	e->accepted = 0;
}

void smtp_envelope_release(struct smtp_envelope *e)
{
	smtp_envelope_clear(e);
	free(e->helo);
	e->helo = NULL;
}

void smtp_envelope_hello(struct smtp_envelope *e, struct span name)
{
	free(e->helo);
	e->helo = mem_dupn(name.p, name.n);
}

static char *address_text(const struct smtp_command *cmd)
{
	const struct smtp_address *a = &cmd->address;
	struct span path = cmd->path;

	if (cmd->address_read && a->local.n > 0) {
		const char *end =
		        a->domain.n > 0 ? a->domain.p + a->domain.n : a->local.p + a->local.n;

		return mem_dupn(a->local.p, (size_t)(end - a->local.p));
	}
	if (path.n > 0 && path.p[0] == '<')
		path = span_skip(path, 1);
	if (path.n > 0 && path.p[path.n - 1] == '>')
		path = span_first(path, path.n - 1);
	return path.n > 0 ? mem_dupn(path.p, path.n) : mem_dup("");
}

void smtp_envelope_sender(struct smtp_envelope *e, const struct smtp_command *cmd)
{
	smtp_envelope_clear(e);
	e->sender = address_text(cmd);
}

void smtp_envelope_recipient(struct smtp_envelope *e, const struct smtp_command *cmd, int code)
{
	e->accepted += code / 100 == 2;
	if (e->count == SMTP_ENVELOPE_MAX)
		return;
	e->recipients[e->count++] = (struct smtp_recipient){address_text(cmd), code};
}
