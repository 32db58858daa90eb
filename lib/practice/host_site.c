/*
 * From a host's description to a site for each of its ports. master.cf gives a port its own
 * options; here they are "port name=value" lines of the host's record.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/aliases.h"
#include "practice/greylist.h"
#include "practice/mailbox.h"
#include "practice/restrict.h"
#include "practice/world_state.h"

static bool is_user(void *arg, struct span name)
{
	return world_host_mailbox(arg, name) != NULL;
}

const struct site *world_host_site(const struct world_host *h, unsigned port)
{
	for (size_t i = 0; i < h->port_count; i++)
		if (h->ports[i] == port)
			return &h->sites[i];
	return &h->sites[0];
}

/* mynetworks_style: the host's own addresses and this machine. */
static void supply_networks(const struct world_host *h, struct maincf *cf)
{
	struct buf list;

	buf_init(&list, MAINCF_VALUE_MAX);
	buf_addstr(&list, "127.0.0.1/32 [::1]/128");
	for (size_t i = 0; i < h->address_count; i++) {
		char text[NET_ADDRESS_TEXT];
		bool v6 = h->addresses[i].sa.ss_family == AF_INET6;

		net_address_text(&h->addresses[i], text);
		buf_addf(&list, v6 ? " [%s]/128" : " %s/32", text);
	}
	maincf_supply(cf, MAINCF_MYNETWORKS, list.data);
	buf_release(&list);
}

static void new_maps(struct world_host *h, struct site *site)
{
	struct maps_place place = {.folder = h->folder,
	                           .sealed = !h->open,
	                           .is_user = is_user,
	                           .edited = aliases_edited,
	                           .arg = h};

	maps_free(site->maps);
	site->maps = maps_new(&place);
}

int world_host_configure(struct world_host *h, const char *path, struct span text, struct diags *ds)
{
	int result = 0;

	if (!h->greylist)
		h->greylist = greylist_new();
	for (size_t i = 0; i < h->port_count; i++) {
		struct site *site = &h->sites[i];
		struct diags nobody;

		diags_init(&nobody);
		*site = (struct site){.cf = maincf_new(),
		                      .greylist = h->greylist,
		                      .addresses = h->addresses,
		                      .address_count = h->address_count};
		new_maps(h, site);
		maincf_supply(site->cf, MAINCF_MYHOSTNAME, h->name);
		supply_networks(h, site->cf);
		/* The same faults for each port: told once. */
		if (maincf_read(site->cf, path, text, i ? &nobody : ds) != 0)
			result = -1;
		diags_release(&nobody);
	}
	return result;
}

int world_host_option(struct world_host *h, struct span option, const char *where, struct diags *ds)
{
	struct span port = span_word(&option);
	unsigned long number = 0;

	if (span_number(port, 65535, &number) == 0)
		for (size_t i = 0; i < h->port_count; i++)
			if (h->ports[i] == number)
				return maincf_set(h->sites[i].cf, where, option, ds);
	diags_add(ds, DIAG_INPUT, where, "an option begins with one of the host's ports");
	return -1;
}

int world_host_settle(struct world_host *h, const char *path, struct diags *ds)
{
	int result = 0;

	for (size_t i = 0; i < h->port_count; i++) {
		struct site *site = &h->sites[i];

		if (maincf_settle(site->cf, ds) != 0 || restrict_check(site, path, ds) != 0) {
			result = -1;
			break;
		}
	}
	free(h->name);
	h->name = mem_dup(maincf_text(h->sites[0].cf, MAINCF_MYHOSTNAME));
	return result;
}

int world_host_set(struct world_host *h, struct span text, struct diags *ds)
{
	struct maincf *tried[WORLD_PORTS_MAX] = {NULL};
	int result = 0;

	for (size_t i = 0; i < h->port_count && result == 0; i++) {
		struct site site = h->sites[i];

		tried[i] = maincf_copy(site.cf);
		site.cf = tried[i];
		result = maincf_set(site.cf, "/set", text, ds);
		if (result == 0)
			result = maincf_settle(site.cf, ds);
		if (result == 0)
			result = restrict_check(&site, "/set", ds);
	}
	for (size_t i = 0; i < h->port_count; i++) {
		if (result == 0) {
			maincf_free(h->sites[i].cf);
			h->sites[i].cf = tried[i];
		} else {
			maincf_free(tried[i]);
		}
	}
	return result;
}
