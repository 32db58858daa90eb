/*
 * Lines of at most 80 columns: the target, and what the place is for. The texts are data.
 */
#include "ui/places_show.h"

#include <stdio.h>
#include <stdlib.h>

#include "practice/places.h"
#include "ui/teaching.h"

int places_show(const struct options *o, struct diags *ds)
{
	struct places places = {0};
	char *folder = teaching_folder(ds);

	if (folder && places_load(folder, o->lang ? o->lang : "en", &places, ds) == 0)
		printf("Where to go on the practice internet: smtptalk --practice TARGET\n\n");
	for (size_t i = 0; ds->count == 0 && i < places.count; i++)
		printf("  %-24s  %s\n", places.list[i].target, places.list[i].purpose);
	if (ds->count == 0)
		printf("\nYour address there is 192.0.2.77, and your name laptop.home.test.\n");
	places_release(&places);
	free(folder);
	return ds->count ? diag_exit_status(&ds->list[0]) : 0;
}
