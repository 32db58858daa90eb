/*
 * maps: Postfix's lookup tables, as far as a practice host has them (DATABASE_README, access(5)).
 *
 * inline:{…}, static:VALUE, texthash:FILE; hash:, btree:, lmdb:, cdb: and dbm: are read from their
 * source, FILE, as postmap would; regexp:FILE and pcre:FILE (as POSIX extended expressions with \d
 * \s \w), cidr:FILE; proxy: before any of them; unix:passwd.byname are the host's users; fail:
 * fails. A set owns the tables it has opened and remembers those that could not be. Files are
 * regular files of MAPS_FILE_MAX bytes, tables of MAPS_ENTRIES_MAX entries.
 */
#ifndef PRACTICE_MAPS_H
#define PRACTICE_MAPS_H

#include <stdbool.h>

#include "base/diag.h"
#include "base/span.h"

#define MAPS_FILE_MAX    (4u << 20)
#define MAPS_ENTRIES_MAX 100000

struct maps;

struct maps_place {
	const char *folder; /* where relative names are, and /etc/postfix/… and /etc/aliases; NULL:
	                       there are no files */
	bool sealed;        /* no file outside the folder is read */
	bool (*is_user)(void *arg, struct span name); /* unix:passwd.byname */
	/* The text of a file that was edited and is nowhere on the disk; NULL: read the disk. */
	const char *(*edited)(void *arg, struct span name);
	void *arg;
};

/* The place's strings are copied; arg must outlive the set. */
struct maps *maps_new(const struct maps_place *place);
void maps_free(struct maps *m);

enum maps_result { MAPS_NONE, MAPS_FOUND, MAPS_ERROR };
enum maps_part {
	MAPS_WHOLE, /* the key itself */
	MAPS_PIECE, /* a part of an address or name: regular expressions and cidr are not asked */
};
/* Looks a key up in "type:name type:name …", in that order, letters in any case. *value is borrowed
 * until the next look-up. MAPS_ERROR: a table could not be opened. */
enum maps_result maps_find(struct maps *m, struct span tables, struct span key, enum maps_part part,
                           const char **value);
/* Opens the tables and reports the faults of their files. 0, or -1 and ds. */
int maps_check(struct maps *m, struct span tables, const char *where, struct diags *ds);
/* alias_maps: hash: and its like have the form of aliases(5), "name: value, value". */
int maps_check_aliases(struct maps *m, struct span tables, const char *where, struct diags *ds);

/* Forgets what was read of the tables of the list: the next look-up reads them again, as after
 * postalias(1). */
void maps_forget(struct maps *m, struct span tables);

/* Whether a word of a list names a table. */
bool maps_is_table(struct span word);

#endif
