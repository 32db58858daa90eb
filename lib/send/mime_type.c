/*
 * A table of what people attach to test mail. libmagic would look into the bytes, which is slow to
 * load and says less than the name about what a receiver will do with the file. No message/rfc822:
 * it must not be in base64 (RFC 2046 §5.2.1), and attachments are.
 */
#include "send/mime_type.h"

static const char *const types[][2] = {
        {"txt", "text/plain"},
        {"text", "text/plain"},
        {"log", "text/plain"},
        {"html", "text/html"},
        {"htm", "text/html"},
        {"css", "text/css"},
        {"csv", "text/csv"},
        {"md", "text/markdown"},
        {"ics", "text/calendar"},
        {"vcf", "text/vcard"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"gif", "image/gif"},
        {"svg", "image/svg+xml"},
        {"webp", "image/webp"},
        {"tif", "image/tiff"},
        {"tiff", "image/tiff"},
        {"mp3", "audio/mpeg"},
        {"ogg", "audio/ogg"},
        {"wav", "audio/wav"},
        {"mp4", "video/mp4"},
        {"webm", "video/webm"},
        {"pdf", "application/pdf"},
        {"json", "application/json"},
        {"xml", "application/xml"},
        {"zip", "application/zip"},
        {"gz", "application/gzip"},
        {"tgz", "application/gzip"},
        {"rtf", "application/rtf"},
        {"doc", "application/msword"},
        {"xls", "application/vnd.ms-excel"},
        {"ppt", "application/vnd.ms-powerpoint"},
        {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
        {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
        {"odt", "application/vnd.oasis.opendocument.text"},
        {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
        {"p7s", "application/pkcs7-signature"},
        {"asc", "application/pgp-signature"},
};

const char *mime_type_of(struct span name)
{
	size_t dot = name.n;

	while (dot > 0 && name.p[dot - 1] != '.' && name.p[dot - 1] != '/')
		dot--;
	if (dot < 2 || name.p[dot - 1] != '.')
		return MIME_TYPE_UNKNOWN;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (span_eq_nocase(span_skip(name, dot), span_of(types[i][0])))
			return types[i][1];
	}
	return MIME_TYPE_UNKNOWN;
}
