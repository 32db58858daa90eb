/*
 * mime_type: the media type of a file by the ending of its name. Owns nothing.
 */
#ifndef SEND_MIME_TYPE_H
#define SEND_MIME_TYPE_H

#include "base/span.h"

#define MIME_TYPE_UNKNOWN "application/octet-stream" /* RFC 2046 §4.5.1 */

/* Static; MIME_TYPE_UNKNOWN when the ending is unknown or there is none. */
const char *mime_type_of(struct span name);

#endif
