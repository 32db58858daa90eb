/*
 * The reader of a host's folder: its record `host`, one row of the table a key; main.cf; `users`. A
 * host that serves must have what RFC 5321 asks for (a postmaster, §4.5.1), and one that takes mail
 * from its users a way to know them (RFC 6409 §4.3). One that never serves needs neither.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/record.h"
#include "net/tls.h"
#include "practice/certificates.h"
#include "practice/fault.h"
#include "practice/greylist.h"
#include "practice/mailbox.h"
#include "practice/world_state.h"
#include "smtp/sasl.h"

/* Of the host that stands for a Postfix of the user's own. */
static const char postfix_address[] = "198.51.100.200";

struct reading {
	struct world *world;
	const char *datadir;
	const struct record *record;
	const struct record_section *section;
	struct diags *ds;
};

static void read_address(struct reading *r, struct world_host *h, const struct record_field *f)
{
	struct net_address a;

	if (net_address_parse(span_of(f->value), 0, &a) != 0 ||
	    net_address_range(&a) != NET_RANGE_DOCUMENTATION) {
		record_fault(r->record, r->section, f, r->ds,
		             "this is not an address of the documentation ranges (RFC 5737, "
		             "RFC 3849)");
		return;
	}
	if (world_host_at(r->world, &a)) {
		record_fault(r->record, r->section, f, r->ds, "another host has this address");
		return;
	}
	h->addresses = mem_resize(h->addresses, h->address_count + 1, sizeof *h->addresses);
	h->addresses[h->address_count++] = a;
}

static void read_option(struct reading *r, struct world_host *h, const struct record_field *f)
{
	/* Read when there is a main.cf that it can change. */
	(void)r;
	(void)h;
	(void)f;
}

/* The place of the value among the names, or 0 and a fault: every list's first is its default. */
static unsigned read_choice(struct reading *r, const struct record_field *f,
                            const char *const *names, unsigned count, const char *fault)
{
	for (unsigned i = 0; i < count; i++)
		if (names[i] && strcmp(f->value, names[i]) == 0)
			return i;
	record_fault(r->record, r->section, f, r->ds, "%s", fault);
	return 0;
}
#define COUNT(names) (sizeof(names) / sizeof *(names))

static void read_behaviour(struct reading *r, struct world_host *h, const struct record_field *f)
{
	static const char *const names[] = {
	        [HOST_SERVES] = "serves", [HOST_DEAD] = "dead", [HOST_REFUSES] = "refuses"};

	h->behaviour = (enum host_behaviour)read_choice(r, f, names, COUNT(names),
	                                                "a host serves, refuses, or is dead");
}

static void read_certificate(struct reading *r, struct world_host *h, const struct record_field *f)
{
	static const char *const names[] = {
	        [CERTIFICATE_GOOD] = "good",
	        [CERTIFICATE_EXPIRED] = "expired",
	        [CERTIFICATE_NOT_YET] = "not-yet-valid",
	        [CERTIFICATE_WRONG_NAME] = "wrong-name",
	        [CERTIFICATE_SELF_SIGNED] = "self-signed",
	        [CERTIFICATE_INCOMPLETE] = "incomplete",
	};

	h->certificate = (enum host_certificate)read_choice(
	        r, f, names, COUNT(names),
	        "a certificate is good, expired, not-yet-valid, wrong-name, self-signed, or "
	        "incomplete");
}

static void read_attack(struct reading *r, struct world_host *h, const struct record_field *f)
{
	static const char *const names[] = {[ATTACK_STRIP] = "strip", [ATTACK_INJECT] = "inject"};

	h->attack = (enum host_attack)read_choice(r, f, names, COUNT(names),
	                                          "an attack is strip or inject");
}

static void read_tlsa(struct reading *r, struct world_host *h, const struct record_field *f)
{
	static const char *const names[] = {
	        [TLSA_NONE] = "none", [TLSA_GOOD] = "good", [TLSA_WRONG] = "wrong"};

	h->tlsa = (enum host_tlsa)read_choice(r, f, names, COUNT(names),
	                                      "TLSA records are none, good or wrong");
}

static void read_port(struct reading *r, struct world_host *h, const struct record_field *f)
{
	unsigned long port = 0;

	span_number(span_of(f->value), 65535, &port);
	if ((port != WORLD_PORT_RELAY && port != WORLD_PORT_SUBMISSION &&
	     port != WORLD_PORT_SUBMISSIONS) ||
	    world_host_listens(h, (unsigned)port)) {
		record_fault(r->record, r->section, f, r->ds,
		             "a port is 25, 587 or 465, each once");
		return;
	}
	h->ports[h->port_count++] = (unsigned)port;
}

/* EXTERNAL and channel binding are nothing that a practice host can check. */
static bool can_serve(struct span mechanism)
{
	const struct sasl_mechanism_info *m = sasl_mechanism_find(mechanism);

	return m && !m->binds_channel && strcmp(m->name, "EXTERNAL") != 0;
}

static void read_auth(struct reading *r, struct world_host *h, const struct record_field *f)
{
	struct span rest = span_of(f->value);

	while (rest.n > 0) {
		struct span mechanism = span_word(&rest);

		if (!can_serve(mechanism)) {
			record_fault(r->record, r->section, f, r->ds,
			             "\"" SPAN_FMT "\" is not a mechanism that a host can do",
			             SPAN_ARG(mechanism));
			return;
		}
	}
	free(h->mechanisms);
	h->mechanisms = *f->value ? mem_dup(f->value) : NULL;
}

static const struct world_voice *find_voice(struct reading *r, const char *name)
{
	struct world *w = r->world;
	struct world_voice *v;

	for (size_t i = 0; i < w->voice_count; i++)
		if (strcmp(w->voices[i]->name, name) == 0)
			return w->voices[i];
	v = voice_load(r->datadir, name, r->ds);
	if (!v)
		return NULL;
	w->voices = mem_grow(w->voices, w->voice_count, &w->voice_room, sizeof(void *));
	return w->voices[w->voice_count++] = v;
}

static void read_voice(struct reading *r, struct world_host *h, const struct record_field *f)
{
	if (!*f->value || strchr(f->value, '/'))
		record_fault(r->record, r->section, f, r->ds, "this is not the name of a voice");
	else
		h->voice = find_voice(r, f->value);
}

static void read_unproven(struct reading *r, struct world_host *h, const struct record_field *f)
{
	static const char *const names[] = {"accepted", "refused"};

	h->refuses_unproven =
	        read_choice(r, f, names, COUNT(names), "this is accepted or refused") > 0;
}

static void read_fault(struct reading *r, struct world_host *h, const struct record_field *f)
{
	struct fault fault = {0};
	const char *wrong = h->fault_count == FAULTS_MAX ? "there are too many faults"
	                                                 : fault_parse(span_of(f->value), &fault);

	if (wrong) {
		record_fault(r->record, r->section, f, r->ds, "%s", wrong);
		return;
	}
	h->faults = mem_resize(h->faults, h->fault_count + 1, sizeof *h->faults);
	h->faults[h->fault_count++] = fault;
}

static void read_login_first(struct reading *r, struct world_host *h, const struct record_field *f)
{
	static const char *const names[] = {"no", "yes"};

	h->login_first = read_choice(r, f, names, COUNT(names), "this is yes or no") > 0;
}

/* In the order in which they are read. */
static const struct {
	const char *key;
	void (*read)(struct reading *r, struct world_host *h, const struct record_field *f);
} keys[] = {
        {"Address", read_address},
        {"Behaviour", read_behaviour},
        {"Voice", read_voice},
        {"Port", read_port},
        {"Certificate", read_certificate},
        {"Attack", read_attack},
        {"Auth", read_auth},
        {"Login-First", read_login_first},
        {"Option", read_option},
        {"Fault", read_fault},
        {"Tlsa", read_tlsa},
        {"Unproven", read_unproven},
};
#define KEY_COUNT (sizeof keys / sizeof *keys)

static void check_keys(struct reading *r)
{
	for (size_t i = 0; i < r->section->count; i++) {
		const struct record_field *f = &r->section->fields[i];
		size_t k = 0;

		while (k < KEY_COUNT && !span_eq_nocase(span_of(f->key), span_of(keys[k].key)))
			k++;
		if (k == KEY_COUNT)
			record_fault(r->record, r->section, f, r->ds, "a host has no \"%s\"",
			             f->key);
	}
}

static void check_host(struct reading *r, const struct world_host *h)
{
	if (h->address_count == 0)
		record_fault(r->record, r->section, NULL, r->ds, "the host has no address");
	if (h->behaviour == HOST_SERVES && !world_host_mailbox(h, SPAN("postmaster")))
		record_fault(r->record, r->section, NULL, r->ds,
		             "a host that serves needs the user postmaster (RFC 5321 §4.5.1)");
	if (world_host_listens(h, WORLD_PORT_SUBMISSION) && !h->mechanisms)
		record_fault(r->record, r->section, NULL, r->ds,
		             "port 587 is for users that log in: Auth is missing");
	if (world_host_listens(h, WORLD_PORT_SUBMISSIONS) &&
	    (!h->mechanisms || h->certificate == CERTIFICATE_NONE))
		record_fault(r->record, r->section, NULL, r->ds,
		             "port 465 is for users that log in over TLS: Auth and Certificate "
		             "are needed");
	if (h->attack != ATTACK_NONE && h->certificate == CERTIFICATE_NONE)
		record_fault(r->record, r->section, NULL, r->ds,
		             "an attack on TLS needs a host with a Certificate");
}

struct world_host *world_add_host(struct world *w, const char *name)
{
	struct world_host *h;

	if (!w->hosts)
		w->hosts = mem_resize(NULL, WORLD_HOSTS_MAX, sizeof *w->hosts);
	if (w->host_count == WORLD_HOSTS_MAX)
		return NULL;
	h = &w->hosts[w->host_count];
	*h = (struct world_host){.name = mem_dup(name), .next_id = QUEUE_FIRST_ID(w->host_count)};
	w->host_count++;
	return h;
}

/* Reads the section's fields into the host. */
static void read_fields(struct reading *r, struct world_host *h)
{
	check_keys(r);
	for (size_t k = 0; k < KEY_COUNT; k++)
		for (const struct record_field *f = record_find(r->section, keys[k].key, NULL); f;
		     f = record_find(r->section, keys[k].key, f))
			keys[k].read(r, h, f);
	if (!h->voice && !record_value(r->section, "Voice"))
		h->voice = find_voice(r, "postfix");
	if (h->port_count == 0)
		h->ports[h->port_count++] = WORLD_PORT_RELAY;
}

/* --- the other files of the folder --- */

/* Reads a file of the folder. 0, or -1 and a fault. */
static int read_file(struct reading *r, const char *path, struct buf *text)
{
	struct diag d;
	int result;

	diag_init(&d);
	result = file_read(path, text, &d);
	if (result != 0) {
		diags_add(r->ds, DIAG_INPUT, d.where, "%s", d.what);
		buf_clear(text);
	}
	diag_release(&d);
	return result;
}

/* "bob builder": a user, and the password of one who may log in. Users belong to myorigin. */
static void read_user(struct reading *r, struct world_host *h, struct span line, const char *where)
{
	struct span user = span_word(&line), password = span_trim(line);
	char *name = mem_dupn(user.p, user.n);

	if (strpbrk(name, "@\"<>")) {
		diags_add(r->ds, DIAG_INPUT, where, "this is not a user's name");
	} else if (world_host_mailbox(h, user)) {
		diags_add(r->ds, DIAG_INPUT, where, "this user is there already");
	} else {
		h->mailboxes = mem_resize(h->mailboxes, h->mailbox_count + 1, sizeof *h->mailboxes);
		h->mailboxes[h->mailbox_count++] = (struct world_mailbox){
		        .address = world_text("%s@%s", name,
		                              maincf_text(h->sites[0].cf, MAINCF_MYORIGIN)),
		        .password = password.n > 0 ? mem_dupn(password.p, password.n) : NULL};
	}
	free(name);
}

static void read_users(struct reading *r, struct world_host *h)
{
	char *path = world_text("%s/users", h->folder);
	struct buf text;
	struct span rest;
	unsigned number = 0;

	buf_init(&text, RECORD_FILE_MAX);
	read_file(r, path, &text);
	rest = buf_span(&text);
	while (rest.n > 0) {
		struct span line = span_trim(span_cut(&rest, '\n'));
		char *where = world_text("%s:%u", path, ++number);

		if (line.n > 0 && line.p[0] != '#')
			read_user(r, h, line, where);
		free(where);
	}
	buf_release(&text);
	free(path);
}

static void read_main_cf(struct reading *r, struct world_host *h)
{
	char *path = world_text("%s/main.cf", h->folder);
	struct buf text;

	buf_init(&text, MAINCF_MAX);
	if (h->behaviour == HOST_SERVES)
		read_file(r, path, &text);
	else
		buf_addstr(&text, "compatibility_level = 3.6\n");
	world_host_configure(h, path, buf_span(&text), r->ds);
	for (const struct record_field *f = record_find(r->section, "Option", NULL); f;
	     f = record_find(r->section, "Option", f))
		world_host_option(h, span_of(f->value), r->record->path, r->ds);
	world_host_settle(h, path, r->ds);
	buf_release(&text);
	free(path);
}

int world_add_folder(struct world *w, const char *datadir, const char *folder, struct diags *ds)
{
	struct reading r = {.world = w, .datadir = datadir, .ds = ds};
	char *path = world_text("%s/host", folder);
	struct record *record = record_load(path, ds);
	const char *base = strrchr(folder, '/');
	size_t before = ds->count + ds->dropped;
	struct world_host *h = record ? world_add_host(w, base ? base + 1 : folder) : NULL;

	if (record && !h)
		diags_add(ds, DIAG_INPUT, path, "there are too many hosts");
	free(path);
	if (!h) {
		record_free(record);
		return -1;
	}
	r.record = record;
	r.section = record_section(record, "", NULL);
	h->folder = mem_dup(folder);
	if (r.section) {
		read_fields(&r, h);
		read_main_cf(&r, h);
		if (h->behaviour == HOST_SERVES)
			read_users(&r, h);
		check_host(&r, h);
		if (h->tlsa && !world_host_tls(w, h)) /* its key is needed now */
			record_fault(record, r.section, NULL, ds,
			             "TLSA records are for hosts with a Certificate");
	} else {
		diags_add(ds, DIAG_INPUT, record->path, "the host has no address");
	}
	record_free(record);
	return ds->count + ds->dropped == before ? 0 : -1;
}

/* --- a Postfix's own main.cf --- */

/* Postfix takes the machine's name, and makes it a full one. */
static char *own_name(void)
{
	char name[256] = "";

	gethostname(name, sizeof name - 1);
	return world_text("%s%s", *name ? name : "localhost",
	                  strchr(name, '.') ? "" : ".localdomain");
}

static void find_users(struct reading *r, struct world_host *h)
{
	char *path = world_text("%s/users", h->folder);
	const char *const needed[] = {"postmaster", "root"};

	if (access(path, F_OK) == 0)
		read_users(r, h);
	else
		diags_add(r->ds, DIAG_INPUT, path,
		          "is not there, so the only users are postmaster and root; write one name "
		          "a line into it, and a password behind those who log in");
	for (size_t i = 0; i < COUNT(needed); i++)
		if (!world_host_mailbox(h, span_of(needed[i])))
			read_user(r, h, span_of(needed[i]), path);
	free(path);
}

static int read_postfix(struct reading *r, struct world_host *h)
{
	char *path = world_text("%s/main.cf", h->folder);
	struct buf text;
	int result;

	buf_init(&text, MAINCF_MAX);
	result = read_file(r, path, &text);
	if (result == 0)
		result = world_host_configure(h, path, buf_span(&text), r->ds);
	if (result == 0) {
		world_host_settle(h, path, r->ds);
		maincf_warn(h->sites[0].cf, r->ds);
		find_users(r, h);
	}
	buf_release(&text);
	free(path);
	return result;
}

struct world_host *world_add_postfix(struct world *w, const char *datadir, const char *folder,
                                     struct diags *ds)
{
	struct reading r = {.world = w, .datadir = datadir, .ds = ds};
	char *name = own_name();
	struct world_host *h = world_add_host(w, name);

	free(name);
	if (!h) {
		diags_add(ds, DIAG_INPUT, folder, "there are too many hosts");
		return NULL;
	}
	h->folder = mem_dup(folder);
	h->open = true;
	h->voice = find_voice(&r, "postfix");
	h->addresses = mem_zero(sizeof *h->addresses);
	h->address_count = 1;
	net_address_parse(span_of(postfix_address), 0, h->addresses);
	h->ports[h->port_count++] = WORLD_PORT_RELAY;
	h->certificate = CERTIFICATE_GOOD;
	h->mechanisms = mem_dup("PLAIN LOGIN");
	return h->voice && read_postfix(&r, h) == 0 ? h : NULL;
}

void world_host_release(struct world_host *h)
{
	for (size_t i = 0; i < h->mailbox_count; i++) {
		for (size_t j = 0; j < h->mailboxes[i].count; j++)
			world_message_release(&h->mailboxes[i].messages[j]);
		free(h->mailboxes[i].messages);
		free(h->mailboxes[i].address);
		free(h->mailboxes[i].password);
	}
	for (size_t i = 0; i < WORLD_PORTS_MAX; i++)
		site_release(&h->sites[i]);
	for (size_t i = 0; i < h->fault_count; i++)
		fault_release(&h->faults[i]);
	free(h->faults);
	greylist_free(h->greylist);
	free(h->folder);
	free(h->aliases);
	tls_context_free(h->tls);
	free(h->mechanisms);
	free(h->mailboxes);
	free(h->addresses);
	free(h->name);
}
