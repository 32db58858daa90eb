/*
 * Every restriction, one row each: its name, what it wants, what it is about, what does it. The old
 * names are rows like the others.
 */
#include "practice/restrict_state.h"

static const struct restriction rows[] = {
        /* general */
        {"permit", ARG_NONE, ABOUT_ANY, run_permit},
        {"reject", ARG_NONE, ABOUT_ANY, run_reject},
        {"defer", ARG_NONE, ABOUT_ANY, run_defer},
        {"defer_if_permit", ARG_NONE, ABOUT_ANY, run_defer_if_permit},
        {"defer_if_reject", ARG_NONE, ABOUT_ANY, run_defer_if_reject},
        {"sleep", ARG_NUMBER, ABOUT_ANY, run_sleep},
        {"reject_unauth_pipelining", ARG_NONE, ABOUT_ANY, run_unauth_pipelining},
        {"reject_plaintext_session", ARG_NONE, ABOUT_ANY, run_plaintext},
        {"reject_multi_recipient_bounce", ARG_NONE, ABOUT_ANY, run_multi_bounce},
        {"check_policy_service", ARG_SERVICE, ABOUT_ANY, run_policy},

        /* the client */
        {"permit_inet_interfaces", ARG_NONE, ABOUT_CLIENT, run_inet_interfaces},
        {"permit_mynetworks", ARG_NONE, ABOUT_CLIENT, run_mynetworks},
        {"permit_sasl_authenticated", ARG_NONE, ABOUT_CLIENT, run_sasl},
        {"permit_tls_clientcerts", ARG_NONE, ABOUT_CLIENT, run_clientcerts},
        {"permit_tls_all_clientcerts", ARG_NONE, ABOUT_CLIENT, run_clientcerts},
        {"reject_unknown_client_hostname", ARG_NONE, ABOUT_CLIENT, run_unknown_client},
        {"reject_unknown_client", ARG_NONE, ABOUT_CLIENT, run_unknown_client},
        {"reject_unknown_reverse_client_hostname", ARG_NONE, ABOUT_REVERSE, run_unknown_reverse},
        {"reject_rbl_client", ARG_DOMAIN, ABOUT_CLIENT, run_rbl},
        {"reject_rbl", ARG_DOMAIN, ABOUT_CLIENT, run_rbl},
        {"reject_maps_rbl", ARG_NONE, ABOUT_CLIENT, run_maps_rbl},
        {"reject_rhsbl_client", ARG_DOMAIN, ABOUT_CLIENT, run_rhsbl},
        {"reject_rhsbl_reverse_client", ARG_DOMAIN, ABOUT_REVERSE, run_rhsbl},
        {"permit_dnswl_client", ARG_DOMAIN, ABOUT_CLIENT, run_dnswl},
        {"permit_rhswl_client", ARG_DOMAIN, ABOUT_CLIENT, run_rhswl},
        {"check_client_access", ARG_TABLE, ABOUT_CLIENT, run_access_namadr},
        {"check_reverse_client_hostname_access", ARG_TABLE, ABOUT_REVERSE, run_access_namadr},
        {"check_ccert_access", ARG_TABLE, ABOUT_CLIENT, run_access_ccert},
        {"check_sasl_access", ARG_TABLE, ABOUT_USER, run_access_user},
        {"check_client_a_access", ARG_TABLE, ABOUT_CLIENT, run_access_a},
        {"check_client_mx_access", ARG_TABLE, ABOUT_CLIENT, run_access_mx},
        {"check_client_ns_access", ARG_TABLE, ABOUT_CLIENT, run_access_ns},
        {"check_reverse_client_hostname_a_access", ARG_TABLE, ABOUT_REVERSE, run_access_a},
        {"check_reverse_client_hostname_mx_access", ARG_TABLE, ABOUT_REVERSE, run_access_mx},
        {"check_reverse_client_hostname_ns_access", ARG_TABLE, ABOUT_REVERSE, run_access_ns},

        /* the name in HELO */
        {"reject_invalid_helo_hostname", ARG_NONE, ABOUT_HELO, run_invalid_helo},
        {"reject_invalid_hostname", ARG_NONE, ABOUT_HELO, run_invalid_helo},
        {"reject_non_fqdn_helo_hostname", ARG_NONE, ABOUT_HELO, run_non_fqdn_helo},
        {"reject_non_fqdn_hostname", ARG_NONE, ABOUT_HELO, run_non_fqdn_helo},
        {"reject_unknown_helo_hostname", ARG_NONE, ABOUT_HELO, run_unknown_helo},
        {"reject_unknown_hostname", ARG_NONE, ABOUT_HELO, run_unknown_helo},
        {"reject_rhsbl_helo", ARG_DOMAIN, ABOUT_HELO, run_rhsbl},
        {"permit_naked_ip_address", ARG_NONE, ABOUT_HELO, run_naked_ip},
        {"check_helo_access", ARG_TABLE, ABOUT_HELO, run_access_domain},
        {"check_helo_a_access", ARG_TABLE, ABOUT_HELO, run_access_a},
        {"check_helo_mx_access", ARG_TABLE, ABOUT_HELO, run_access_mx},
        {"check_helo_ns_access", ARG_TABLE, ABOUT_HELO, run_access_ns},

        /* the sender */
        {"reject_non_fqdn_sender", ARG_NONE, ABOUT_SENDER, run_non_fqdn_address},
        {"reject_unknown_sender_domain", ARG_NONE, ABOUT_SENDER, run_unknown_address},
        {"reject_unknown_address", ARG_NONE, ABOUT_SENDER, run_unknown_address},
        {"reject_unlisted_sender", ARG_NONE, ABOUT_SENDER, run_unlisted},
        {"reject_unverified_sender", ARG_NONE, ABOUT_SENDER, run_unverified},
        {"reject_rhsbl_sender", ARG_DOMAIN, ABOUT_SENDER, run_rhsbl},
        {"reject_authenticated_sender_login_mismatch", ARG_NONE, ABOUT_SENDER, run_login_auth},
        {"reject_known_sender_login_mismatch", ARG_NONE, ABOUT_SENDER, run_login_known},
        {"reject_unauthenticated_sender_login_mismatch", ARG_NONE, ABOUT_SENDER, run_login_unauth},
        {"check_sender_access", ARG_TABLE, ABOUT_SENDER, run_access_mail},
        {"check_sender_a_access", ARG_TABLE, ABOUT_SENDER, run_access_a},
        {"check_sender_mx_access", ARG_TABLE, ABOUT_SENDER, run_access_mx},
        {"check_sender_ns_access", ARG_TABLE, ABOUT_SENDER, run_access_ns},

        /* the recipient */
        {"permit_auth_destination", ARG_NONE, ABOUT_RECIPIENT, run_permit_auth},
        {"permit_mx_backup", ARG_NONE, ABOUT_RECIPIENT, run_mx_backup},
        {"reject_unauth_destination", ARG_NONE, ABOUT_RECIPIENT, run_unauth},
        {"defer_unauth_destination", ARG_NONE, ABOUT_RECIPIENT, run_defer_unauth},
        {"check_relay_domains", ARG_NONE, ABOUT_RECIPIENT, run_relay_domains},
        {"reject_non_fqdn_recipient", ARG_NONE, ABOUT_RECIPIENT, run_non_fqdn_address},
        {"reject_unknown_recipient_domain", ARG_NONE, ABOUT_RECIPIENT, run_unknown_address},
        {"reject_unlisted_recipient", ARG_NONE, ABOUT_RECIPIENT, run_unlisted},
        {"check_recipient_maps", ARG_NONE, ABOUT_RECIPIENT, run_unlisted},
        {"reject_unverified_recipient", ARG_NONE, ABOUT_RECIPIENT, run_unverified},
        {"reject_rhsbl_recipient", ARG_DOMAIN, ABOUT_RECIPIENT, run_rhsbl},
        {"check_recipient_access", ARG_TABLE, ABOUT_RECIPIENT, run_access_mail},
        {"check_recipient_a_access", ARG_TABLE, ABOUT_RECIPIENT, run_access_a},
        {"check_recipient_mx_access", ARG_TABLE, ABOUT_RECIPIENT, run_access_mx},
        {"check_recipient_ns_access", ARG_TABLE, ABOUT_RECIPIENT, run_access_ns},

        /* ETRN */
        {"check_etrn_access", ARG_TABLE, ABOUT_ETRN, run_access_domain},
};

const struct restriction *restriction_find(struct span name)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (span_eq_nocase(name, span_of(rows[i].name)))
			return &rows[i];
	return NULL;
}
