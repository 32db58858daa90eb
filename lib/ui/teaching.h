/*
 * teaching: the folder of the lessons, the notes and the practice world in it, as every command
 * opens them.
 */
#ifndef UI_TEACHING_H
#define UI_TEACHING_H

#include "base/diag.h"
#include "explain/explain.h"
#include "practice/world.h"

/* Where the lessons are; heap. NULL and ds, with what to try. */
char *teaching_folder(struct diags *ds);
/* The notes in the language of --lang (NULL: English); the caller frees them. NULL and ds. */
struct explain *teaching_notes(const char *lang, struct diags *ds);
/* The practice world; the caller frees it. NULL and ds. */
struct world *teaching_world(struct diags *ds);

#endif
