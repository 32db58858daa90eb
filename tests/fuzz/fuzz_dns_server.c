/*
 * The DNS server: whatever comes as a question, the reply is none or a well-formed one to it, and
 * over a datagram not larger than one.
 */
#include <ldns/ldns.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/dns_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Something of the type, and as many of it as the name is long. */
static struct dns_answer *know(void *arg, const char *name, enum dns_type type)
{
	struct dns_answer *a = dns_answer_new(name, type, DNS_STATUS_OK);

	(void)arg;
	for (size_t i = 0; i < 1 + strlen(name); i++) {
		struct dns_record r = {.type = type, .ttl = 60, .text_len = 35};

		net_address_parse(type == DNS_AAAA ? SPAN("2001:db8::1") : SPAN("192.0.2.1"), 0,
		                  &r.address);
		r.name = strdup(name);
		r.text = calloc(1, 36);
		dns_answer_add(a, &r);
	}
	return a;
}

static void check(const uint8_t *data, size_t size, size_t max, size_t most)
{
	size_t len = 0;
	unsigned char *reply =
	        dns_reply_make(span_from((const char *)data, size), know, NULL, max, &len);
	ldns_pkt *pkt = NULL;

	if (!reply)
		return;
	must(len >= LDNS_HEADER_SIZE && len <= most);
	must(memcmp(reply, data, 2) == 0 && LDNS_QR_WIRE(reply));
	must(ldns_wire2pkt(&pkt, reply, len) == LDNS_STATUS_OK);
	ldns_pkt_free(pkt);
	free(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(data, size, 0, DNS_SERVER_DATAGRAM);
	check(data, size, 65535, 65535);
	return 0;
}
