/*
 * sasl_scrub: wipes what libgsasl freed; private to this folder.
 */
#ifndef SMTP_SASL_SCRUB_H
#define SMTP_SASL_SCRUB_H

/* Call it after libgsasl has freed its session. A best effort: it reaches the small pieces of
 * memory that were freed last, and a password and its copies are small. */
void sasl_scrub_freed(void);

#endif
