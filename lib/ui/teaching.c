/*
 * The lessons are looked for when they are needed and no sooner: who only talks starts without.
 */
#include "ui/teaching.h"

#include <stdlib.h>

#include "base/datadir.h"

char *teaching_folder(struct diags *ds)
{
	struct diag d;
	char *folder;

	diag_init(&d);
	folder = datadir_find(&d);
	if (!folder)
		diag_hint(diags_add(ds, d.kind, d.where, "%s", d.what), "%s",
		          d.hint ? d.hint : "set SMTPTALK_DATA to the folder of the lessons");
	diag_release(&d);
	return folder;
}

struct explain *teaching_notes(const char *lang, struct diags *ds)
{
	char *folder = teaching_folder(ds);
	struct explain *notes = folder ? explain_load(folder, lang, ds) : NULL;

	free(folder);
	return notes;
}

struct world *teaching_world(struct diags *ds)
{
	char *folder = teaching_folder(ds);
	struct world *w = folder ? world_load(folder, ds) : NULL;

	free(folder);
	return w;
}
