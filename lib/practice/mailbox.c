/*
 * Mailboxes live in memory and die with the program: practice leaves nothing behind. One limit over
 * all of them keeps a script that sends for ever from filling the machine.
 */
#include "practice/mailbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/world_state.h"

bool world_host_serves(const struct world_host *host, struct span domain)
{
	const struct site *site = &host->sites[0];

	return site_is_local(site, domain) ||
	       site_lists_name(site, maincf_text(site->cf, MAINCF_VIRTUAL_MAILBOX_DOMAINS), domain,
	                       false) ||
	       site_lists_name(site, maincf_text(site->cf, MAINCF_VIRTUAL_ALIAS_DOMAINS), domain,
	                       false);
}

struct world_mailbox *world_host_mailbox(const struct world_host *host, struct span local)
{
	if (local.n > 2 && local.p[0] == '"')
		local = span_from(local.p + 1, local.n - 2);
	for (size_t i = 0; i < host->mailbox_count; i++) {
		struct span user = span_of(host->mailboxes[i].address);

		if (span_eq_nocase(local, span_first(user, span_find(user, '@'))))
			return &host->mailboxes[i];
	}
	return NULL;
}

struct world_host *world_serving(const struct world *w, struct span domain)
{
	for (size_t i = 0; i < w->host_count; i++)
		if (w->hosts[i].behaviour == HOST_SERVES && world_host_serves(&w->hosts[i], domain))
			return &w->hosts[i];
	return NULL;
}

const char *world_host_password(const struct world_host *host, struct span user)
{
	size_t at = span_find(user, '@');
	const struct world_mailbox *box = world_host_mailbox(host, span_first(user, at));

	if (!box || (at < user.n && !world_host_serves(host, span_skip(user, at + 1))))
		return NULL;
	return box->password;
}

void world_message_release(struct world_message *m)
{
	free(m->sender);
	free(m->recipient);
	free(m->text);
	free(m->queue_id);
	free(m->file);
	free(m->from_line);
}

static void forget_oldest(struct world *w, struct world_mailbox *box)
{
	w->mail_bytes -= box->messages[0].len;
	world_message_release(&box->messages[0]);
	box->count--;
	memmove(box->messages, box->messages + 1, box->count * sizeof *box->messages);
}

void world_keep_newest(struct world *w, size_t messages)
{
	w->keep = messages;
}

int world_deliver(struct world *w, struct world_mailbox *box, struct world_message *message)
{
	while (w->keep > 0 && box->count > 0 &&
	       (box->count >= w->keep || message->len > WORLD_MAIL_MAX - w->mail_bytes))
		forget_oldest(w, box);
	if (message->len > WORLD_MAIL_MAX - w->mail_bytes) {
		world_message_release(message);
		return -1;
	}
	w->mail_bytes += message->len;
	box->messages = mem_grow(box->messages, box->count, &box->room, sizeof *box->messages);
	box->messages[box->count++] = *message;
	return 0;
}

struct world_mailbox *world_mailbox(const struct world *w, struct span address,
                                    struct world_host **host)
{
	size_t at = address.n;

	while (at > 0 && address.p[at - 1] != '@')
		at--;
	if (at == 0)
		return NULL;
	for (size_t i = 0; i < w->host_count; i++) {
		struct world_host *h = &w->hosts[i];
		struct world_mailbox *box = NULL;

		if (world_host_serves(h, span_skip(address, at)))
			box = world_host_mailbox(h, span_first(address, at - 1));
		if (box && host)
			*host = h;
		if (box)
			return box;
	}
	return NULL;
}

void world_each_mailbox(const struct world *w, void (*fn)(void *arg, const struct world_mailbox *m),
                        void *arg)
{
	for (size_t i = 0; i < w->host_count; i++)
		for (size_t j = 0; j < w->hosts[i].mailbox_count; j++)
			if (w->hosts[i].mailboxes[j].count > 0)
				fn(arg, &w->hosts[i].mailboxes[j]);
}
