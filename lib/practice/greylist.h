/*
 * greylist: what the policy service built into practice hosts remembers. Owns its strings.
 */
#ifndef PRACTICE_GREYLIST_H
#define PRACTICE_GREYLIST_H

struct greylist;

struct greylist *greylist_new(void);
void greylist_free(struct greylist *g);

#endif
