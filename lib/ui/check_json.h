/*
 * check_json: the findings of one name as one JSON object on one line.
 */
#ifndef UI_CHECK_JSON_H
#define UI_CHECK_JSON_H

#include "base/buf.h"
#include "check/finding.h"

/* Fields that never change their meaning: name, domain, verdict, findings; of each finding: group,
 * id, verdict, text, asked, detail, change. Bytes that are not UTF-8 stand there as \xHH. */
void check_json(const char *name, const char *domain, const struct findings *f, struct buf *out);

#endif
