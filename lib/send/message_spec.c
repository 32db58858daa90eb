/*
 * A plain record: what fills it (the options) and what reads it (the composer) need not know each
 * other.
 */
#include "send/message_spec.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void message_spec_init(struct message_spec *m)
{
	memset(m, 0, sizeof(*m));
}

void message_content_set(struct message_content *c, enum message_content_source source,
                         struct span text)
{
	free(c->text);
	c->source = source;
	c->text = mem_dupn(text.p, text.n);
	c->len = text.n;
}

void message_spec_add_address(char ***list, size_t *count, size_t *room, struct span address)
{
	*list = mem_grow(*list, *count, room, sizeof(**list));
	(*list)[(*count)++] = mem_dupn(address.p, address.n);
}

void message_spec_add_header(struct message_spec *m, enum message_header_edit_type type,
                             struct span line)
{
	m->headers = mem_grow(m->headers, m->headers_count, &m->headers_room, sizeof(*m->headers));
	m->headers[m->headers_count++] =
	        (struct message_header_edit){type, mem_dupn(line.p, line.n)};
}

struct message_attachment *message_spec_add_attachment(struct message_spec *m)
{
	struct message_attachment *a;

	m->attachments = mem_grow(m->attachments, m->attachments_count, &m->attachments_room,
	                          sizeof(*m->attachments));
	a = &m->attachments[m->attachments_count++];
	memset(a, 0, sizeof(*a));
	return a;
}

static void release_list(char **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

static void release_attachment(struct message_attachment *a)
{
	free(a->content.text);
	free(a->name);
	free(a->type);
	free(a->cid);
}

void message_spec_release(struct message_spec *m)
{
	char *strings[] = {m->from,          m->body.text,   m->data.text, m->dkim_key,
	                   m->dkim_selector, m->dkim_domain, m->date,      m->message_id,
	                   m->boundary,      m->mailer};

	release_list(m->to, m->to_count);
	release_list(m->cc, m->cc_count);
	release_list(m->bcc, m->bcc_count);
	for (size_t i = 0; i < m->headers_count; i++)
		free(m->headers[i].line);
	free(m->headers);
	for (size_t i = 0; i < m->attachments_count; i++)
		release_attachment(&m->attachments[i]);
	free(m->attachments);
	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++)
		free(strings[i]);
	message_spec_init(m);
}
