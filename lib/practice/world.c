/*
 * The world is read whole at the start, so that a fault in any of its files is told before anybody
 * talks to anybody, and all faults at once.
 */
#include "practice/world.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "practice/queue_state.h"

char *world_text(const char *format, ...)
{
	struct buf b;
	va_list args;
	char *text;

	buf_init(&b, WORLD_TEXT_MAX);
	va_start(args, format);
	buf_vaddf(&b, format, args);
	va_end(args);
	text = buf_take(&b);
	buf_release(&b);
	return text;
}

static int is_zone_file(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_name[0] != '.' && n > 5 && strcmp(e->d_name + n - 5, ".zone") == 0;
}

static void read_zone(struct world *w, const char *folder, const char *name, struct diags *ds)
{
	char *path = world_text("%s/%s", folder, name);
	struct dns_zone *z = dns_zone_load(path, ds);

	free(path);
	if (!z)
		return;
	w->zones = mem_grow(w->zones, w->zone_count, &w->zone_room, sizeof(void *));
	w->zones[w->zone_count++] = z;
}

/* How many there were, or -1: there is no such folder. */
static int read_zones(struct world *w, const char *folder, struct diags *ds)
{
	struct dirent **entries = NULL;
	int n = scandir(folder, &entries, is_zone_file, alphasort);

	for (int i = 0; i < n; i++) {
		read_zone(w, folder, entries[i]->d_name, ds);
		free(entries[i]);
	}
	free(entries);
	return n;
}

/* Folders have a dot in their names, as hosts do. The file README has none. */
static int is_host_folder(const struct dirent *e)
{
	return e->d_name[0] != '.' && strchr(e->d_name, '.') != NULL;
}

static int read_hosts(struct world *w, const char *datadir, const char *folder, struct diags *ds)
{
	struct dirent **entries = NULL;
	int n = scandir(folder, &entries, is_host_folder, alphasort);

	for (int i = 0; i < n; i++) {
		char *path = world_text("%s/%s", folder, entries[i]->d_name);

		world_add_folder(w, datadir, path, ds);
		free(path);
		free(entries[i]);
	}
	free(entries);
	return n;
}

int world_add(struct world *w, const char *datadir, const char *folder, struct diags *ds)
{
	size_t faults = ds->count + ds->dropped;
	char *zones = world_text("%s/zones", folder), *hosts = world_text("%s/hosts", folder);
	char *dns = world_text("%s/dns", folder);

	world_read_names(w, dns, ds);
	free(dns);
	read_zones(w, zones, ds);
	read_hosts(w, datadir, hosts, ds);
	free(zones);
	free(hosts);
	return ds->count + ds->dropped == faults ? 0 : -1;
}

/* The folder of all practice worlds must have zones and hosts. */
static void need(int found, const char *folder, const char *what, struct diags *ds)
{
	if (found < 0)
		diags_add(ds, DIAG_INPUT, folder, "this folder cannot be read: %s",
		          strerror(errno));
	else if (found == 0)
		diags_add(ds, DIAG_INPUT, folder, "has no %s", what);
}

static void read_all(struct world *w, const char *datadir, struct diags *ds)
{
	char *zones = world_text("%s/world/zones", datadir);
	char *hosts = world_text("%s/world/hosts", datadir);
	char *dns = world_text("%s/world/dns", datadir);

	world_read_names(w, dns, ds);
	free(dns);
	need(read_zones(w, zones, ds), zones, "zone file (*.zone)", ds);
	need(read_hosts(w, datadir, hosts, ds), hosts, "host", ds);
	free(zones);
	free(hosts);
}

struct world *world_load(const char *datadir, struct diags *ds)
{
	struct world *w = mem_zero(sizeof *w);
	size_t faults = ds->count + ds->dropped;

	buf_init(&w->why, WORLD_WHY_MAX);
	world_clock_begin(w);
	read_all(w, datadir, ds);
	if (ds->count + ds->dropped == faults)
		return w;
	world_free(w);
	return NULL;
}

void world_free(struct world *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->zone_count; i++)
		dns_zone_free(w->zones[i]);
	for (size_t i = 0; i < w->host_count; i++)
		world_host_release(&w->hosts[i]);
	for (size_t i = 0; i < w->voice_count; i++)
		voice_free(w->voices[i]);
	tls_forge_free(w->forge);
	buf_release(&w->why);
	world_free_names(w);
	queue_release(&w->queue);
	maillog_release(&w->log);
	free(w->zones);
	free(w->hosts);
	free(w->voices);
	free(w);
}

const struct dns_zone *const *world_zones(const struct world *w, size_t *count)
{
	*count = w->zone_count;
	return (const struct dns_zone *const *)w->zones;
}

struct world_host *world_host_at(const struct world *w, const struct net_address *a)
{
	struct net_address bare = *a;

	net_address_set_port(&bare, 0);
	for (size_t i = 0; i < w->host_count; i++)
		for (size_t j = 0; j < w->hosts[i].address_count; j++)
			if (net_address_equal(&bare, &w->hosts[i].addresses[j]))
				return &w->hosts[i];
	return NULL;
}

struct world_host *world_host_named(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->host_count; i++)
		if (span_eq_nocase(span_of(name), span_of(w->hosts[i].name)))
			return &w->hosts[i];
	return NULL;
}

bool world_host_listens(const struct world_host *h, unsigned port)
{
	for (size_t i = 0; i < h->port_count; i++)
		if (h->ports[i] == port)
			return true;
	return false;
}

/* "# name: what it is for. More …", perhaps over several lines. */
char *world_host_purpose(const struct world_host *h)
{
	char *path = world_text("%s/main.cf", h->folder ? h->folder : "");
	struct buf text, out;
	struct span rest;
	size_t colon;

	buf_init(&text, MAINCF_MAX);
	buf_init(&out, WORLD_TEXT_MAX);
	file_read(path, &text, NULL);
	rest = buf_span(&text);
	while (rest.n > 0 && rest.p[0] == '#') {
		struct span line = span_trim(span_skip(span_cut(&rest, '\n'), 1));

		buf_addf(&out, "%s" SPAN_FMT, out.len ? " " : "", SPAN_ARG(line));
	}
	colon = span_find(buf_span(&out), ':');
	buf_drop(&out, colon < out.len ? colon + 1 : out.len);
	for (size_t i = 0; i < out.len; i++)
		if (out.data[i] == '.' && (i + 1 == out.len || out.data[i + 1] == ' '))
			buf_cut(&out, i);
	buf_release(&text);
	free(path);
	path = mem_dupn(span_trim(buf_span(&out)).p, span_trim(buf_span(&out)).n);
	buf_release(&out);
	return path;
}

const char *world_why(const struct world *w)
{
	return w->why.data ? w->why.data : "";
}
