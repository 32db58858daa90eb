/*
 * Lines of at most 80 columns: the target, and what the place is for. The texts are data.
 */
#include "ui/places_show.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/datadir.h"
#include "practice/places.h"

int places_show(const struct options *o, struct diags *ds)
{
	struct diag d;
	struct places places = {0};
	char *datadir;

	diag_init(&d);
	datadir = datadir_find(&d);
	if (!datadir)
		diags_add_copy(ds, &d);
	else if (places_load(datadir, o->lang ? o->lang : "en", &places, ds) == 0)
		printf("Where to go on the practice internet: smtptalk --practice TARGET\n\n");
	for (size_t i = 0; ds->count == 0 && i < places.count; i++)
		printf("  %-24s  %s\n", places.list[i].target, places.list[i].purpose);
	if (ds->count == 0)
		printf("\nYour address there is 192.0.2.77, and your name laptop.home.test.\n");
	places_release(&places);
	free(datadir);
	diag_release(&d);
	return ds->count ? diag_exit_status(&ds->list[0]) : 0;
}
