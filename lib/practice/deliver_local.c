/*
 * local(8) and virtual(8): aliases(5), then the mailbox. The guards against mail that goes in
 * circles are Postfix's: an alias that names itself means the user, a hundred aliases deep it is a
 * loop, and what has this recipient's Delivered-To already was here before.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/queue_state.h"

#define LEVEL_MAX    100
#define HEADER_ROOM  4096
#define FORWARDS_MAX 1000

struct local {
	struct attempt *a;
	struct queue_recipient *r;
	struct world_mailbox **boxes; /* that have it already */
	size_t box_count, box_room;
	char **forwards; /* addresses elsewhere */
	size_t forward_count, forward_room;
	const char *sender; /* an alias with an owner changes it */
};

static void tell(struct local *l, const char *address, enum delivery_status status, const char *dsn,
                 const char *text)
{
	deliver_tell(l->a, l->r, address,
	             &(struct outcome){status, DAEMON_LOCAL, .relay = "local", .dsn = dsn,
	                               .text = text});
}

/* --- mailboxes --- */

/* ">From ": in an mbox a line that begins with "From " begins the next message (mbox(5)). */
static void add_quoted(struct buf *out, struct span text)
{
	while (text.n > 0) {
		size_t n = span_find(text, '\n');
		struct span line = span_first(text, n + 1);

		if (span_starts(line, SPAN("From ")))
			buf_addch(out, '>');
		buf_addspan(out, line);
		text = span_skip(text, line.n);
	}
}

static size_t mbox_size(const struct world_mailbox *box)
{
	size_t n = 0;

	for (size_t i = 0; i < box->count; i++)
		n += box->messages[i].len;
	return n;
}

/* "1795550460.V801I2f1M42.mail.school.test": the time, where the file is, and the host. */
static char *maildir_name(const struct attempt *a, const struct world_mailbox *box)
{
	return world_text("%lld.V801I%zxM%lld.%s", (long long)world_time(a->w), box->count + 0x2f1,
	                  (long long)(world_ms(a->w) % 1000 * 1000), a->m->host->name);
}

struct place {
	char *path; /* "/var/mail/bob", "/home/bob/Maildir/" */
	bool maildir;
};

static struct place place_of(const struct attempt *a, struct span user)
{
	const char *home = maincf_text(a->site->cf, MAINCF_HOME_MAILBOX);
	const char *spool = maincf_text(a->site->cf, MAINCF_MAIL_SPOOL_DIRECTORY);
	struct place p;
	size_t n;

	if (*home)
		p.path = world_text("/home/" SPAN_FMT "/%s", SPAN_ARG(user), home);
	else
		p.path = world_text("%s/" SPAN_FMT "%s", spool, SPAN_ARG(user),
		                    spool[strlen(spool) - (*spool != 0)] == '/' ? "/" : "");
	n = strlen(p.path);
	p.maildir = n > 0 && p.path[n - 1] == '/';
	return p;
}

/* The message as it lies in the mailbox, under its own headers. */
static struct world_message make_message(const struct attempt *a, const struct queue_recipient *r,
                                         const char *sender, const struct place *place,
                                         const struct world_mailbox *box)
{
	const struct queue_message *m = a->m;
	struct world_message out = {.when = world_time(a->w)};
	struct buf text;

	buf_init(&text, 2 * m->len + HEADER_ROOM);
	buf_addf(&text, "Return-Path: <%s>\r\n", sender);
	buf_addf(&text, "X-Original-To: %s\r\n", r->original);
	buf_addf(&text, "Delivered-To: %s\r\n", r->address); /* frozen_delivered_to */
	if (place->maildir) {
		char *name = maildir_name(a, box);

		buf_addspan(&text, span_from(m->text, m->len));
		out.file = world_text("%snew/%s", place->path, name);
		free(name);
	} else {
		struct buf line;

		buf_init(&line, HEADER_ROOM);
		buf_addf(&line, "From %s  ", *sender ? sender : "MAILER-DAEMON");
		world_date_ctime(out.when, &line);
		out.from_line = buf_take(&line);
		out.file = mem_dup(place->path);
		add_quoted(&text, span_from(m->text, m->len));
	}
	out.len = text.len;
	out.text = buf_take(&text);
	buf_release(&text);
	out.sender = mem_dup(sender);
	out.recipient = mem_dup(r->original);
	out.queue_id = mem_dup(m->id);
	return out;
}

static bool has_box(const struct local *l, const struct world_mailbox *box)
{
	for (size_t i = 0; i < l->box_count; i++)
		if (l->boxes[i] == box)
			return true;
	return false;
}

static void to_mailbox(struct local *l, const char *address, struct world_mailbox *box)
{
	struct attempt *a = l->a;
	struct span user = span_of(box->address);
	struct place place = place_of(a, span_first(user, span_find(user, '@')));
	struct world_message m = make_message(a, l->r, l->sender, &place, box);
	long limit = maincf_number(a->site->cf, MAINCF_MAILBOX_SIZE_LIMIT);

	l->boxes = mem_grow(l->boxes, l->box_count, &l->box_room, sizeof(void *));
	l->boxes[l->box_count++] = box;
	if (!place.maildir && limit > 0 && mbox_size(box) + m.len > (size_t)limit) {
		char *text =
		        world_text("cannot update mailbox %s for user " SPAN_FMT
		                   ". error writing message: File too large",
		                   place.path, SPAN_ARG(span_first(user, span_find(user, '@'))));

		tell(l, address, DELIVERY_BOUNCED, "5.2.2", text);
		world_message_release(&m);
		free(text);
	} else if (world_deliver(a->w, box, &m) == 0) {
		tell(l, address, DELIVERY_SENT, "2.0.0",
		     place.maildir ? "delivered to maildir" : "delivered to mailbox");
	} else {
		tell(l, address, DELIVERY_DEFERRED, "4.3.0", "the practice world's disk is full");
	}
	free(place.path);
}

/* --- aliases --- */

static void to_address(struct local *l, struct span address, const char *alias, int level);

static struct span local_part(const struct resolved *to)
{
	return span_first(span_of(to->address), to->domain - 1);
}

/* Without what stands behind recipient_delimiter. */
static struct span user_of(const struct local *l, struct span local)
{
	const char *delimiters = maincf_text(l->a->site->cf, MAINCF_RECIPIENT_DELIMITER);

	for (size_t i = 1; i < local.n; i++)
		if (strchr(delimiters, local.p[i]))
			return span_first(local, i);
	return local;
}

static const char *find_alias(const struct local *l, struct span name)
{
	const struct site *site = l->a->site;
	const char *list = NULL;

	maps_find(site->maps, span_of(maincf_text(site->cf, MAINCF_ALIAS_MAPS)), name, MAPS_WHOLE,
	          &list);
	return list;
}

/* "owner-list" takes the bounces of "list". */
static char *owner_of(const struct local *l, struct span alias)
{
	char *name = world_text("owner-" SPAN_FMT, SPAN_ARG(alias)), *owner = NULL;

	if (maincf_yes(l->a->site->cf, MAINCF_OWNER_REQUEST_SPECIAL) &&
	    find_alias(l, span_of(name)))
		owner = world_text("%s@%s", name, maincf_text(l->a->site->cf, MAINCF_MYORIGIN));
	free(name);
	return owner;
}

static void forward(struct local *l, const char *address)
{
	for (size_t i = 0; i < l->forward_count; i++)
		if (span_eq_nocase(span_of(l->forwards[i]), span_of(address)))
			return;
	if (l->forward_count >= FORWARDS_MAX)
		return;
	l->forwards = mem_grow(l->forwards, l->forward_count, &l->forward_room, sizeof(char *));
	l->forwards[l->forward_count++] = mem_dup(address);
}

/* Commands, files and lists in files are nothing that a practice host runs or opens. */
static bool is_destination(struct span word)
{
	return word.n > 0 && word.p[0] != '|' && word.p[0] != '/' && word.p[0] != '"' &&
	       !span_starts_nocase(word, SPAN(":include:"));
}

static void expand_alias(struct local *l, const char *address, struct span name, const char *list,
                         int level)
{
	char *own = mem_dup(list), *alias = mem_dupn(name.p, name.n), *owner = owner_of(l, name);
	const char *sender = l->sender;
	struct span rest = span_of(own), word;
	size_t count = 0;

	if (owner && *sender)
		l->sender = owner;
	while (maincf_word(&rest, &word)) {
		if (!is_destination(word))
			continue;
		count++;
		if (word.p[0] == '\\')
			to_address(l, span_skip(word, 1), "", LEVEL_MAX + 1);
		else
			to_address(l, word, alias, level + 1);
	}
	if (count == 0)
		tell(l, address, DELIVERY_BOUNCED, "5.3.5",
		     "this alias names nothing that a practice host can deliver to");
	l->sender = sender;
	free(own);
	free(alias);
	free(owner);
}

/* Whoever has no mailbox: the mail system's own names lose their mail, others get it back. */
static void to_nobody(struct local *l, const char *address, struct span user)
{
	char *text;

	if (span_eq_nocase(user, SPAN("mailer-daemon")) ||
	    span_eq_nocase(user, SPAN("double-bounce"))) {
		tell(l, address, DELIVERY_SENT, "2.0.0", "discarded");
		return;
	}
	text = world_text("unknown user: \"" SPAN_FMT "\"", SPAN_ARG(user));
	tell(l, address, DELIVERY_BOUNCED, "5.1.1", text);
	free(text);
}

/* `alias`: the one that named this user; "": none, and it is not to be looked up. */
static void to_user(struct local *l, const struct resolved *to, const char *alias, int level)
{
	struct span local = local_part(to), user = user_of(l, local);
	struct world_mailbox *box = world_host_mailbox(l->a->m->host, user);
	bool plain = level > LEVEL_MAX && !*alias;
	const char *list = NULL;

	if (!plain && !(alias && span_eq_nocase(span_of(alias), user))) {
		list = find_alias(l, local);
		if (!list && user.n < local.n)
			list = find_alias(l, user);
	}
	if (list && level > LEVEL_MAX) {
		char *text = world_text("alias database loop for " SPAN_FMT, SPAN_ARG(user));

		tell(l, to->address, DELIVERY_BOUNCED, "5.4.6", text);
		free(text);
	} else if (list) {
		expand_alias(l, to->address, user, list, level);
	} else if (!box) {
		to_nobody(l, to->address, user);
	} else if (!has_box(l, box)) {
		to_mailbox(l, to->address, box);
	}
}

static void to_address(struct local *l, struct span address, const char *alias, int level)
{
	struct resolved to;

	site_resolve(l->a->site, address, &to);
	if (to.class == ADDRESS_LOCAL)
		to_user(l, &to, alias, level);
	else
		forward(l, to.address);
	resolved_release(&to);
}

/* --- what goes on elsewhere is a new message --- */

static void send_forwards(struct local *l)
{
	struct attempt *a = l->a;
	struct queue_message *m = cleanup_begin(a->w, a->m->host, a->m->sender);
	char *id = mem_dup(m->id), *text;
	struct buf top;

	buf_init(&top, HEADER_ROOM);
	buf_addf(&top, "Received: by %s (Postfix)\r\n\tid %s; ", a->m->host->name, id);
	world_date_mail(world_time(a->w), &top);
	buf_addf(&top, "\r\nDelivered-To: %s\r\n", l->r->address);
	m->utf8 = a->m->utf8;
	m->ret = a->m->ret;
	m->envid = mem_dup(a->m->envid);
	for (size_t i = 0; i < l->forward_count; i++) {
		cleanup_recipient(m, l->forwards[i], l->r->orcpt, l->r->notify);
		free(m->recipients[i].original);
		m->recipients[i].original = mem_dup(l->r->original);
	}
	if (cleanup_end(a->w, m, buf_span(&top), span_from(a->m->text, a->m->len)) == CLEANUP_OK) {
		text = world_text("forwarded as %s", id);
		tell(l, l->r->address, DELIVERY_SENT, "2.0.0", text);
		free(text);
	} else {
		tell(l, l->r->address, DELIVERY_BOUNCED, "5.4.6", "mail forwarding failed");
	}
	buf_release(&top);
	free(id);
}

/* Whether a Delivered-To field of the message has the address. */
static bool was_here(const struct queue_message *m, const char *address)
{
	struct span header = span_from(m->text, m->len);

	header = span_first(header, cleanup_header_length(header));
	while (header.p && header.n > 0) {
		struct span line = span_trim_right(span_cut(&header, '\n'));

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (span_starts_nocase(line, SPAN("Delivered-To:")) &&
		    span_eq_nocase(span_trim(span_skip(line, 13)), span_of(address)))
			return true;
	}
	return false;
}

void deliver_local(struct attempt *a, struct queue_recipient *r)
{
	struct local l = {.a = a, .r = r, .sender = a->m->sender};

	if (was_here(a->m, r->address)) {
		char *text = world_text("mail forwarding loop for %s", r->address);

		tell(&l, r->address, DELIVERY_BOUNCED, "5.4.6", text);
		free(text);
	} else {
		to_address(&l, span_of(r->address), NULL, 0);
		if (l.forward_count > 0)
			send_forwards(&l);
	}
	for (size_t i = 0; i < l.forward_count; i++)
		free(l.forwards[i]);
	free(l.forwards);
	free(l.boxes);
}

/* --- virtual(8) --- */

void deliver_virtual(struct attempt *a, struct queue_recipient *r)
{
	const char *base = maincf_text(a->site->cf, MAINCF_VIRTUAL_MAILBOX_BASE), *path = NULL;
	struct outcome o = {DELIVERY_BOUNCED, DAEMON_VIRTUAL, .relay = "virtual", .dsn = "5.1.1"};
	struct span address = span_of(r->address);
	struct world_mailbox *box =
	        world_host_mailbox(a->m->host, span_first(address, span_find(address, '@')));
	struct place place = {NULL, false};
	struct world_message m;
	char *text = NULL;

	site_find_address(a->site, maincf_text(a->site->cf, MAINCF_VIRTUAL_MAILBOX_MAPS), address,
	                  &path);
	if (box) {
		place.path = world_text("%s/%s", base, path ? path : r->address);
		place.maildir = place.path[strlen(place.path) - 1] == '/';
		m = make_message(a, r, a->m->sender, &place, box);
	}
	if (!box)
		o.text = text = world_text("unknown user: \"%s\"", r->address);
	else if (world_deliver(a->w, box, &m) == 0)
		o = (struct outcome){
		        DELIVERY_SENT, DAEMON_VIRTUAL, .relay = "virtual", .dsn = "2.0.0",
		        .text = place.maildir ? "delivered to maildir" : "delivered to mailbox"};
	else
		o = (struct outcome){DELIVERY_DEFERRED, DAEMON_VIRTUAL, .relay = "virtual",
		                     .dsn = "4.3.0", .text = "the practice world's disk is full"};
	deliver_tell(a, r, r->address, &o);
	free(place.path);
	free(text);
}
