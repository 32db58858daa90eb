/*
 * The program finds its data from where it stands, so that a build tree works without installing
 * and an installed tree works wherever it was moved to with its PREFIX.
 */
#include "base/datadir.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#ifndef SMTPTALK_DATADIR
#define SMTPTALK_DATADIR "/usr/local/share/smtptalk"
#endif

/* From the program's folder: beside it, and from build/VARIANT/ up to the tree. */
static const char *const beside[] = {
        "lessons",
        "../../lessons",
        "../share/smtptalk/lessons",
};

static char *candidate(const char *folder, const char *name)
{
	struct buf path;

	buf_init(&path, PATH_MAX);
	buf_addf(&path, "%s/%s", folder, name);
	char *found = buf_take(&path);
	buf_release(&path);
	return found;
}

static char *if_data(char *folder)
{
	char *notes = candidate(folder, "notes");
	bool good = access(notes, R_OK | X_OK) == 0;

	free(notes);
	if (good)
		return folder;
	free(folder);
	return NULL;
}

static char *beside_program(void)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return NULL;
	self[n] = '\0';
	char *slash = strrchr(self, '/');
	if (slash == NULL)
		return NULL;
	*slash = '\0';
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		char *found = if_data(candidate(self, beside[i]));
		if (found != NULL)
			return found;
	}
	return NULL;
}

char *datadir_find(struct diag *d)
{
	const char *named = getenv("SMTPTALK_DATA");
	char *found;

	if (named != NULL && *named != '\0') {
		found = if_data(mem_dup(named));
		if (found == NULL) {
			diag_set(d, DIAG_INPUT, named,
			         "there is no readable notes/ in this folder");
			diag_hint(d, "SMTPTALK_DATA must name the folder that holds notes/, world/ "
			             "and course/");
		}
		return found;
	}
	found = beside_program();
	if (found == NULL)
		found = if_data(candidate(SMTPTALK_DATADIR, "lessons"));
	if (found == NULL) {
		diag_set(d, DIAG_INPUT, NULL,
		         "the lessons folder is neither beside the program nor in %s",
		         SMTPTALK_DATADIR);
		diag_hint(d, "install it with `make install`, or name it in SMTPTALK_DATA");
	}
	return found;
}
