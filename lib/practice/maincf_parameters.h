/*
 * maincf_parameters: the parameters of main.cf that a practice host knows, with Postfix 3.7's
 * defaults.
 *
 * X(NAME, "name_in_main.cf", type, "default"). Types are those of enum maincf_type. One default is
 * not 3.7's: smtpd_forbid_bare_newline is "normalize", as in current Postfix.
 */
#ifndef PRACTICE_MAINCF_PARAMETERS_H
#define PRACTICE_MAINCF_PARAMETERS_H

#define MAINCF_PARAMETERS(X)                                                                       \
	X(ACCESS_MAP_DEFER_CODE, "access_map_defer_code", NUMBER, "450")                           \
	X(ACCESS_MAP_REJECT_CODE, "access_map_reject_code", NUMBER, "554")                         \
	X(ALIAS_DATABASE, "alias_database", TEXT, "hash:/etc/aliases")                             \
	X(ALIAS_MAPS, "alias_maps", TEXT, "hash:/etc/aliases, nis:mail.aliases")                   \
	X(ALLOW_PERCENT_HACK, "allow_percent_hack", YESNO, "yes")                                  \
	X(ALLOW_UNTRUSTED_ROUTING, "allow_untrusted_routing", YESNO, "no")                         \
	X(APPEND_AT_MYORIGIN, "append_at_myorigin", YESNO, "yes")                                  \
	X(APPEND_DOT_MYDOMAIN, "append_dot_mydomain", YESNO,                                       \
	  "${{$compatibility_level} <level {1} ? {yes} : {no}}")                                   \
	X(BOUNCE_QUEUE_LIFETIME, "bounce_queue_lifetime", TIME, "5d")                              \
	X(BOUNCE_SIZE_LIMIT, "bounce_size_limit", NUMBER, "50000")                                 \
	X(CANONICAL_MAPS, "canonical_maps", TEXT, "")                                              \
	X(COMPATIBILITY_LEVEL, "compatibility_level", TEXT, "0")                                   \
	X(CONFIG_DIRECTORY, "config_directory", TEXT, "/etc/postfix")                              \
	X(DEFAULT_RBL_REPLY, "default_rbl_reply", RAW,                                             \
	  "$rbl_code Service unavailable; $rbl_class [$rbl_what] blocked using "                   \
	  "$rbl_domain${rbl_reason?; $rbl_reason}")                                                \
	X(DEFAULT_TRANSPORT, "default_transport", TEXT, "smtp")                                    \
	X(DEFER_CODE, "defer_code", NUMBER, "450")                                                 \
	X(DELAY_WARNING_TIME, "delay_warning_time", TIME, "0h")                                    \
	X(DISABLE_VRFY_COMMAND, "disable_vrfy_command", YESNO, "no")                               \
	X(DOUBLE_BOUNCE_SENDER, "double_bounce_sender", TEXT, "double-bounce")                     \
	X(EMPTY_ADDRESS_RECIPIENT, "empty_address_recipient", TEXT, "MAILER-DAEMON")               \
	X(FAST_FLUSH_DOMAINS, "fast_flush_domains", TEXT, "$relay_domains")                        \
	X(HOME_MAILBOX, "home_mailbox", TEXT, "")                                                  \
	X(HOPCOUNT_LIMIT, "hopcount_limit", NUMBER, "50")                                          \
	X(INET_INTERFACES, "inet_interfaces", TEXT, "all")                                         \
	X(INET_PROTOCOLS, "inet_protocols", TEXT, "all")                                           \
	X(INVALID_HOSTNAME_REJECT_CODE, "invalid_hostname_reject_code", NUMBER, "501")             \
	X(LINE_LENGTH_LIMIT, "line_length_limit", NUMBER, "2048")                                  \
	X(LOCAL_RECIPIENT_MAPS, "local_recipient_maps", TEXT,                                      \
	  "proxy:unix:passwd.byname $alias_maps")                                                  \
	X(LOCAL_TRANSPORT, "local_transport", TEXT, "local:$myhostname")                           \
	X(MAIL_NAME, "mail_name", TEXT, "Postfix")                                                 \
	X(MAIL_SPOOL_DIRECTORY, "mail_spool_directory", TEXT, "/var/mail")                         \
	X(MAIL_VERSION, "mail_version", TEXT, "3.7.11")                                            \
	X(MAILBOX_SIZE_LIMIT, "mailbox_size_limit", NUMBER, "51200000")                            \
	X(MAPS_RBL_DOMAINS, "maps_rbl_domains", TEXT, "")                                          \
	X(MAPS_RBL_REJECT_CODE, "maps_rbl_reject_code", NUMBER, "554")                             \
	X(MAXIMAL_BACKOFF_TIME, "maximal_backoff_time", TIME, "4000s")                             \
	X(MAXIMAL_QUEUE_LIFETIME, "maximal_queue_lifetime", TIME, "5d")                            \
	X(MESSAGE_SIZE_LIMIT, "message_size_limit", NUMBER, "10240000")                            \
	X(MINIMAL_BACKOFF_TIME, "minimal_backoff_time", TIME, "300s")                              \
	X(MULTI_RECIPIENT_BOUNCE_REJECT_CODE, "multi_recipient_bounce_reject_code", NUMBER, "550") \
	X(MYDESTINATION, "mydestination", TEXT, "$myhostname, localhost.$mydomain, localhost")     \
	X(MYDOMAIN, "mydomain", TEXT, "localdomain")                                               \
	X(MYHOSTNAME, "myhostname", TEXT, "localhost.localdomain")                                 \
	X(MYNETWORKS, "mynetworks", TEXT, "127.0.0.0/8 [::1]/128")                                 \
	X(MYNETWORKS_STYLE, "mynetworks_style", TEXT,                                              \
	  "${{$compatibility_level} <level {2} ? {subnet} : {host}}")                              \
	X(MYORIGIN, "myorigin", TEXT, "$myhostname")                                               \
	X(NON_FQDN_REJECT_CODE, "non_fqdn_reject_code", NUMBER, "504")                             \
	X(NOTIFY_CLASSES, "notify_classes", TEXT, "resource, software")                            \
	X(OWNER_REQUEST_SPECIAL, "owner_request_special", YESNO, "yes")                            \
	X(PARENT_DOMAIN_MATCHES_SUBDOMAINS, "parent_domain_matches_subdomains", TEXT,              \
	  "debug_peer_list,fast_flush_domains,mynetworks,permit_mx_backup_networks,"               \
	  "qmqpd_authorized_clients,relay_domains,smtpd_access_maps")                              \
	X(PERMIT_MX_BACKUP_NETWORKS, "permit_mx_backup_networks", TEXT, "")                        \
	X(PLAINTEXT_REJECT_CODE, "plaintext_reject_code", NUMBER, "450")                           \
	X(PROXY_INTERFACES, "proxy_interfaces", TEXT, "")                                          \
	X(QUEUE_RUN_DELAY, "queue_run_delay", TIME, "300s")                                        \
	X(RBL_REPLY_MAPS, "rbl_reply_maps", TEXT, "")                                              \
	X(RECIPIENT_CANONICAL_MAPS, "recipient_canonical_maps", TEXT, "")                          \
	X(RECIPIENT_DELIMITER, "recipient_delimiter", TEXT, "")                                    \
	X(REJECT_CODE, "reject_code", NUMBER, "554")                                               \
	X(REJECT_TEMPFAIL_ACTION, "reject_tempfail_action", TEXT, "defer_if_permit")               \
	X(RELAY_DOMAINS, "relay_domains", TEXT,                                                    \
	  "${{$compatibility_level} <level {2} ? {$mydestination} : {}}")                          \
	X(RELAY_DOMAINS_REJECT_CODE, "relay_domains_reject_code", NUMBER, "554")                   \
	X(RELAY_RECIPIENT_MAPS, "relay_recipient_maps", TEXT, "")                                  \
	X(RELAY_TRANSPORT, "relay_transport", TEXT, "relay")                                       \
	X(RELAYHOST, "relayhost", TEXT, "")                                                        \
	X(SENDER_CANONICAL_MAPS, "sender_canonical_maps", TEXT, "")                                \
	X(SHOW_USER_UNKNOWN_TABLE_NAME, "show_user_unknown_table_name", YESNO, "yes")              \
	X(SMTP_CONNECT_TIMEOUT, "smtp_connect_timeout", TIME, "30s")                               \
	X(SMTP_HELO_NAME, "smtp_helo_name", TEXT, "$myhostname")                                   \
	X(SMTP_SKIP_5XX_GREETING, "smtp_skip_5xx_greeting", YESNO, "yes")                          \
	X(SMTP_TLS_SECURITY_LEVEL, "smtp_tls_security_level", TEXT, "")                            \
	X(SMTP_USE_TLS, "smtp_use_tls", YESNO, "no")                                               \
	X(SMTPD_BANNER, "smtpd_banner", TEXT, "$myhostname ESMTP $mail_name")                      \
	X(SMTPD_CLIENT_RESTRICTIONS, "smtpd_client_restrictions", TEXT, "")                        \
	X(SMTPD_DATA_RESTRICTIONS, "smtpd_data_restrictions", TEXT, "")                            \
	X(SMTPD_DELAY_REJECT, "smtpd_delay_reject", YESNO, "yes")                                  \
	X(SMTPD_DISCARD_EHLO_KEYWORDS, "smtpd_discard_ehlo_keywords", TEXT, "")                    \
	X(SMTPD_END_OF_DATA_RESTRICTIONS, "smtpd_end_of_data_restrictions", TEXT, "")              \
	X(SMTPD_ENFORCE_TLS, "smtpd_enforce_tls", YESNO, "no")                                     \
	X(SMTPD_ERROR_SLEEP_TIME, "smtpd_error_sleep_time", TIME, "1s")                            \
	X(SMTPD_ETRN_RESTRICTIONS, "smtpd_etrn_restrictions", TEXT, "")                            \
	X(SMTPD_FORBID_BARE_NEWLINE, "smtpd_forbid_bare_newline", TEXT, "normalize")               \
	X(SMTPD_FORBID_BARE_NEWLINE_EXCLUSIONS, "smtpd_forbid_bare_newline_exclusions", TEXT,      \
	  "$mynetworks")                                                                           \
	X(SMTPD_FORBID_BARE_NEWLINE_REJECT_CODE, "smtpd_forbid_bare_newline_reject_code", NUMBER,  \
	  "550")                                                                                   \
	X(SMTPD_FORBID_UNAUTH_PIPELINING, "smtpd_forbid_unauth_pipelining", YESNO, "no")           \
	X(SMTPD_FORBIDDEN_COMMANDS, "smtpd_forbidden_commands", TEXT,                              \
	  "CONNECT GET POST regexp:{{/^[^A-Z]/ Bogus}}")                                           \
	X(SMTPD_HARD_ERROR_LIMIT, "smtpd_hard_error_limit", NUMBER, "${stress?{1}:{20}}")          \
	X(SMTPD_HELO_REQUIRED, "smtpd_helo_required", YESNO, "no")                                 \
	X(SMTPD_HELO_RESTRICTIONS, "smtpd_helo_restrictions", TEXT, "")                            \
	X(SMTPD_JUNK_COMMAND_LIMIT, "smtpd_junk_command_limit", NUMBER, "${stress?{1}:{100}}")     \
	X(SMTPD_MILTERS, "smtpd_milters", TEXT, "")                                                \
	X(SMTPD_NOOP_COMMANDS, "smtpd_noop_commands", TEXT, "")                                    \
	X(SMTPD_NULL_ACCESS_LOOKUP_KEY, "smtpd_null_access_lookup_key", TEXT, "<>")                \
	X(SMTPD_RECIPIENT_LIMIT, "smtpd_recipient_limit", NUMBER, "1000")                          \
	X(SMTPD_RECIPIENT_OVERSHOOT_LIMIT, "smtpd_recipient_overshoot_limit", NUMBER, "1000")      \
	X(SMTPD_RECIPIENT_RESTRICTIONS, "smtpd_recipient_restrictions", TEXT, "")                  \
	X(SMTPD_REJECT_FOOTER, "smtpd_reject_footer", RAW, "")                                     \
	X(SMTPD_REJECT_UNLISTED_RECIPIENT, "smtpd_reject_unlisted_recipient", YESNO, "yes")        \
	X(SMTPD_REJECT_UNLISTED_SENDER, "smtpd_reject_unlisted_sender", YESNO, "no")               \
	X(SMTPD_RELAY_BEFORE_RECIPIENT_RESTRICTIONS, "smtpd_relay_before_recipient_restrictions",  \
	  YESNO, "${{$compatibility_level} <level {3.6} ? {no} : {yes}}")                          \
	X(SMTPD_RELAY_RESTRICTIONS, "smtpd_relay_restrictions", TEXT,                              \
	  "${{$compatibility_level} <level {1} ? {} : "                                            \
	  "{permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination}}")             \
	X(SMTPD_RESTRICTION_CLASSES, "smtpd_restriction_classes", TEXT, "")                        \
	X(SMTPD_SASL_AUTH_ENABLE, "smtpd_sasl_auth_enable", YESNO, "no")                           \
	X(SMTPD_SENDER_LOGIN_MAPS, "smtpd_sender_login_maps", TEXT, "")                            \
	X(SMTPD_SENDER_RESTRICTIONS, "smtpd_sender_restrictions", TEXT, "")                        \
	X(SMTPD_SOFT_ERROR_LIMIT, "smtpd_soft_error_limit", NUMBER, "10")                          \
	X(SMTPD_STARTTLS_TIMEOUT, "smtpd_starttls_timeout", TIME, "${stress?{10}:{300}}s")         \
	X(SMTPD_TIMEOUT, "smtpd_timeout", TIME, "${stress?{10}:{300}}s")                           \
	X(SMTPD_TLS_AUTH_ONLY, "smtpd_tls_auth_only", YESNO, "no")                                 \
	X(SMTPD_TLS_SECURITY_LEVEL, "smtpd_tls_security_level", TEXT, "")                          \
	X(SMTPD_TLS_WRAPPERMODE, "smtpd_tls_wrappermode", YESNO, "no")                             \
	X(SMTPD_USE_TLS, "smtpd_use_tls", YESNO, "no")                                             \
	X(SMTPUTF8_ENABLE, "smtputf8_enable", YESNO,                                               \
	  "${{$compatibility_level} <level {1} ? {no} : {yes}}")                                   \
	X(SOFT_BOUNCE, "soft_bounce", YESNO, "no")                                                 \
	X(STRESS, "stress", TEXT, "")                                                              \
	X(STRICT_RFC821_ENVELOPES, "strict_rfc821_envelopes", YESNO, "no")                         \
	X(STRICT_SMTPUTF8, "strict_smtputf8", YESNO, "no")                                         \
	X(SWAP_BANGPATH, "swap_bangpath", YESNO, "yes")                                            \
	X(TRANSPORT_MAPS, "transport_maps", TEXT, "")                                              \
	X(UNKNOWN_ADDRESS_REJECT_CODE, "unknown_address_reject_code", NUMBER, "450")               \
	X(UNKNOWN_ADDRESS_TEMPFAIL_ACTION, "unknown_address_tempfail_action", TEXT,                \
	  "$reject_tempfail_action")                                                               \
	X(UNKNOWN_CLIENT_REJECT_CODE, "unknown_client_reject_code", NUMBER, "450")                 \
	X(UNKNOWN_HELO_HOSTNAME_TEMPFAIL_ACTION, "unknown_helo_hostname_tempfail_action", TEXT,    \
	  "$reject_tempfail_action")                                                               \
	X(UNKNOWN_HOSTNAME_REJECT_CODE, "unknown_hostname_reject_code", NUMBER, "450")             \
	X(UNKNOWN_LOCAL_RECIPIENT_REJECT_CODE, "unknown_local_recipient_reject_code", NUMBER,      \
	  "550")                                                                                   \
	X(UNKNOWN_RELAY_RECIPIENT_REJECT_CODE, "unknown_relay_recipient_reject_code", NUMBER,      \
	  "550")                                                                                   \
	X(UNKNOWN_VIRTUAL_ALIAS_REJECT_CODE, "unknown_virtual_alias_reject_code", NUMBER, "550")   \
	X(UNKNOWN_VIRTUAL_MAILBOX_REJECT_CODE, "unknown_virtual_mailbox_reject_code", NUMBER,      \
	  "550")                                                                                   \
	X(UNVERIFIED_RECIPIENT_REJECT_CODE, "unverified_recipient_reject_code", NUMBER, "450")     \
	X(UNVERIFIED_RECIPIENT_REJECT_REASON, "unverified_recipient_reject_reason", TEXT, "")      \
	X(UNVERIFIED_SENDER_REJECT_CODE, "unverified_sender_reject_code", NUMBER, "450")           \
	X(UNVERIFIED_SENDER_REJECT_REASON, "unverified_sender_reject_reason", TEXT, "")            \
	X(VIRTUAL_ALIAS_DOMAINS, "virtual_alias_domains", TEXT, "$virtual_alias_maps")             \
	X(VIRTUAL_ALIAS_MAPS, "virtual_alias_maps", TEXT, "$virtual_maps")                         \
	X(VIRTUAL_MAILBOX_BASE, "virtual_mailbox_base", TEXT, "")                                  \
	X(VIRTUAL_MAILBOX_DOMAINS, "virtual_mailbox_domains", TEXT, "$virtual_mailbox_maps")       \
	X(VIRTUAL_MAILBOX_MAPS, "virtual_mailbox_maps", TEXT, "")                                  \
	X(VIRTUAL_MAPS, "virtual_maps", TEXT, "")                                                  \
	X(VIRTUAL_TRANSPORT, "virtual_transport", TEXT, "virtual")

#endif
