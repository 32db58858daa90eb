/*
 * maps_state: what the files of the look-up tables share. Nobody else includes it.
 */
#ifndef PRACTICE_MAPS_STATE_H
#define PRACTICE_MAPS_STATE_H

#include <regex.h>

#include "base/buf.h"
#include "practice/cidr.h"
#include "practice/maps.h"

enum map_kind { MAP_KEYS, MAP_STATIC, MAP_REGEXP, MAP_CIDR, MAP_USERS, MAP_EMPTY, MAP_FAIL };

struct map_entry {
	char *key; /* in lower case; REGEXP, CIDR: as it was written */
	char *value;
	regex_t *pattern; /* REGEXP */
	struct cidr cidr;
	bool negated;   /* REGEXP, CIDR: !pattern */
	size_t skip_to; /* REGEXP, CIDR: an if that does not match goes on there */
	bool is_if;
};

struct map {
	char *spec; /* "type:name" */
	enum map_kind kind;
	struct map_entry *entries; /* KEYS: sorted */
	size_t count, room;
	bool broken; /* it could not be opened */
};

struct maps {
	char *folder;
	struct maps_place place;
	struct map **maps;
	size_t count, room;
	struct buf value; /* the last result that had to be made */
};

void map_add(struct map *m, struct span key, struct span value);
/* maps_read.c: fills a map that is new. 0, or -1 and ds. */
int map_open(const struct maps *set, struct map *m, bool aliases, struct diags *ds);
/* maps_pattern.c */
int map_read_patterns(struct map *m, const char *path, struct span text, struct diags *ds);
/* The first pattern that matches; its value with $1 filled in is in `out`. */
bool map_match(const struct map *m, struct span key, struct buf *out);
void map_entry_release(struct map_entry *e);

#endif
