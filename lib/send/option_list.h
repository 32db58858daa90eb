/*
 * option_list: a row for each option of `smtptalk send`; included by option.h alone.
 *
 * X(ID, names, argument, flags, prompt, carried, value, help, note): see struct send_option_row.
 * The order is that of --help.
 */
#ifndef SEND_OPTION_LIST_H
#define SEND_OPTION_LIST_H

/* clang-format off */
#define SEND_OPTIONS(X) \
	X(TO, "to t", SEND_ASK, 0, "To: ", SEND_SAME, "ADDRESS[,...]", \
	  "the recipients in the envelope", \
	  NULL) \
	X(FROM, "from f", SEND_ASK, 0, "From: ", SEND_DIFFERENT, "ADDRESS", \
	  "the sender in the envelope; <> is the null sender", \
	  "without it, the user at the name that --helo would have") \
	X(CC, "cc", SEND_ASK, 0, "Cc: ", SEND_OURS, "ADDRESS[,...]", \
	  "more recipients, which a Cc: header names", \
	  NULL) \
	X(BCC, "bcc", SEND_ASK, 0, "Bcc: ", SEND_OURS, "ADDRESS[,...]", \
	  "more recipients, which no header names", \
	  NULL) \
	X(HELO, "helo ehlo lhlo h", SEND_ASK, 0, "Helo: ", SEND_SAME, "NAME", \
	  "the name that this machine gives of itself", \
	  NULL) \
	X(SERVER, "server s", SEND_ASK, 0, "Server: ", SEND_SAME, "HOST[:PORT]", \
	  "connect to this host instead of the MX of the last recipient", \
	  NULL) \
	X(PORT, "port p", SEND_ASK, 0, "Port: ", SEND_SAME, "PORT", \
	  "connect to this port", \
	  NULL) \
	X(PROTOCOL, "protocol", SEND_MUST, 0, NULL, SEND_SAME, "NAME", \
	  "SMTP, ESMTP or LMTP; with S or A behind it: TLS or a login, too", \
	  NULL) \
	X(IPV4, "4", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "use IPv4 only", \
	  NULL) \
	X(IPV6, "6", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "use IPv6 only", \
	  NULL) \
	X(COPY_ROUTING, "copy-routing", SEND_ASK, 0, NULL, SEND_SAME, "DOMAIN", \
	  "connect where mail for this domain goes", \
	  NULL) \
	X(LOCAL_INTERFACE, "local-interface li", SEND_ASK, 0, "Interface: ", SEND_DIFFERENT, "ADDRESS[:PORT]", \
	  "connect from this address", \
	  "an address, not a name") \
	X(LOCAL_PORT, "local-port lport lp", SEND_ASK, 0, "Local Port: ", SEND_SAME, "PORT", \
	  "connect from this port", \
	  NULL) \
	X(SOCKET, "socket", SEND_ASK, 0, "Socket File: ", SEND_SAME, "PATH", \
	  "connect to this socket in the file system", \
	  NULL) \
	X(PIPE, "pipe", SEND_ASK, 0, "Pipe: ", SEND_LEFT_OUT, NULL, \
	  "speak to a program", \
	  "socat UNIX-LISTEN:/tmp/s EXEC:PROGRAM, and --socket /tmp/s") \
	X(QUIT_AFTER, "quit-after quit q", SEND_MUST, 0, NULL, SEND_SAME, "POINT", \
	  "QUIT after CONNECT, FIRST-HELO, XCLIENT, TLS, HELO, AUTH, MAIL or RCPT", \
	  NULL) \
	X(DROP_AFTER, "drop-after drop da", SEND_MUST, 0, NULL, SEND_SAME, "POINT", \
	  "close the connection there, without QUIT; also after DATA or DOT", \
	  NULL) \
	X(DROP_AFTER_SEND, "drop-after-send das", SEND_MUST, 0, NULL, SEND_SAME, "POINT", \
	  "likewise, before the reply is read", \
	  NULL) \
	X(TIMEOUT, "timeout", SEND_ASK, 0, "Timeout: ", SEND_SAME, "TIME", \
	  "how long to wait for each reply: 30s, 5m, 1h; 0: as RFC 5321 says", \
	  NULL) \
	X(PIPELINE, "pipeline", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "send commands together where the server offers PIPELINING", \
	  NULL) \
	X(PRDR, "prdr", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "ask for a reply for each recipient (PRDR)", \
	  NULL) \
	X(FORCE_GETPWUID, "force-getpwuid", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "take the name of the user for --from from the password file", \
	  NULL) \
	X(TLS, "tls", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "STARTTLS, or nothing is sent", \
	  NULL) \
	X(TLS_OPTIONAL, "tls-optional tlso", SEND_NONE, 0, NULL, SEND_DIFFERENT, NULL, \
	  "STARTTLS where it is offered", \
	  "a handshake that fails ends the connection: nothing is sent in the clear after it") \
	X(TLS_OPTIONAL_STRICT, "tls-optional-strict tlsos", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "likewise; where it is offered, it must succeed", \
	  NULL) \
	X(TLS_ON_CONNECT, "tls-on-connect tlsc", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "TLS before the greeting; the port is then 465", \
	  NULL) \
	X(TLS_CERT, "tls-cert", SEND_MUST, 0, NULL, SEND_SAME, "FILE", \
	  "show this certificate to a server that asks for one (PEM)", \
	  NULL) \
	X(TLS_KEY, "tls-key", SEND_MUST, 0, NULL, SEND_SAME, "FILE", \
	  "its key (PEM)", \
	  NULL) \
	X(TLS_PROTOCOL, "tls-protocol tlsp", SEND_MUST, 0, NULL, SEND_DIFFERENT, "LIST", \
	  "the versions of TLS to use, or with no_ before them not to use", \
	  "tlsv1, tlsv1_1, tlsv1_2, tlsv1_3; the oldest one that is left is the least that is agreed to") \
	X(TLS_CIPHER, "tls-cipher", SEND_MUST, 0, NULL, SEND_SAME, "LIST", \
	  "the ciphers of TLS 1.2 and older, as openssl ciphers takes them", \
	  NULL) \
	X(TLS_VERIFY, "tls-verify", SEND_NONE, 0, NULL, SEND_DIFFERENT, NULL, \
	  "the server must be proven", \
	  "the host name is proven, too, not only the chain") \
	X(TLS_VERIFY_HOST, "tls-verify-host", SEND_MUST, 0, NULL, SEND_OURS, "NAME", \
	  "likewise, under this name", \
	  NULL) \
	X(TLS_CA_PATH, "tls-ca-path", SEND_MUST, 0, NULL, SEND_SAME, "PATH", \
	  "trust the authorities in this file or folder", \
	  NULL) \
	X(TLS_SNI, "tls-sni", SEND_MUST, 0, NULL, SEND_SAME, "NAME", \
	  "the server name to send in TLS", \
	  NULL) \
	X(TLS_GET_PEER_CERT, "tls-get-peer-cert", SEND_MAY, 0, NULL, SEND_SAME, "FILE", \
	  "show the certificate of the server, or write it to this file", \
	  NULL) \
	X(AUTH, "auth a", SEND_MAY, 0, NULL, SEND_DIFFERENT, "LIST", \
	  "log in with one of these mechanisms, or any that is offered", \
	  "also SCRAM-SHA-1, SCRAM-SHA-256, XOAUTH2, OAUTHBEARER, EXTERNAL; not DIGEST-MD5, CRAM-SHA1, NTLM") \
	X(AUTH_OPTIONAL, "auth-optional ao", SEND_MAY, 0, NULL, SEND_SAME, "LIST", \
	  "log in where it can be done", \
	  NULL) \
	X(AUTH_OPTIONAL_STRICT, "auth-optional-strict aos", SEND_MAY, 0, NULL, SEND_SAME, "LIST", \
	  "log in where AUTH is offered; it must succeed", \
	  NULL) \
	X(AUTH_USER, "auth-user au", SEND_MAY, 0, "Username: ", SEND_DIFFERENT, "USER", \
	  "the user", \
	  "no login is made with the empty name <>") \
	X(AUTH_PASSWORD, "auth-password ap", SEND_MAY, SEND_SECRET, "Password: ", SEND_DIFFERENT, "PASSWORD", \
	  "the password, or the token of XOAUTH2 and OAUTHBEARER", \
	  "without an argument, also SMTPTALK_AUTH_PASSWORD_ENV and the like, then ~/.netrc") \
	X(AUTH_MAP, "auth-map am", SEND_MUST, 0, NULL, SEND_SAME, "NAME=TYPE[,...]", \
	  "other names of mechanisms", \
	  NULL) \
	X(AUTH_EXTRA, "auth-extra ae", SEND_MUST, 0, NULL, SEND_DIFFERENT, "KEY=VALUE[,...]", \
	  "more for a mechanism", \
	  "no mechanism that is left takes any") \
	X(AUTH_PLAINTEXT, "auth-plaintext apt", SEND_NONE, 0, NULL, SEND_DIFFERENT, NULL, \
	  "show logins decoded", \
	  "the password never shows") \
	X(AUTH_HIDE_PASSWORD, "auth-hide-password ahp", SEND_MAY, 0, NULL, SEND_DIFFERENT, "TEXT", \
	  "what is shown in the place of the password", \
	  "the password never shows, with or without this") \
	X(DATA, "data d", SEND_ASK, SEND_FILE, "Data: ", SEND_SAME, "TEXT", \
	  "the whole message, or @FILE, or - for standard input", \
	  NULL) \
	X(BODY, "body", SEND_ASK, SEND_FILE, "Body: ", SEND_SAME, "TEXT", \
	  "the text of the message; likewise", \
	  NULL) \
	X(ATTACH, "attach", SEND_ASK, SEND_FILE | SEND_LIST, NULL, SEND_SAME, "TEXT", \
	  "attach this; likewise", \
	  NULL) \
	X(ATTACH_BODY, "attach-body", SEND_ASK, SEND_FILE | SEND_LIST, NULL, SEND_SAME, "TEXT", \
	  "one more form of the text (multipart/alternative); likewise", \
	  NULL) \
	X(ATTACH_TYPE, "attach-type", SEND_ASK, SEND_LIST, NULL, SEND_SAME, "TYPE", \
	  "the MIME type of the attachments that follow", \
	  NULL) \
	X(ATTACH_NAME, "attach-name", SEND_MAY, SEND_LIST, NULL, SEND_SAME, "NAME", \
	  "the file name of the next attachment", \
	  NULL) \
	X(ATTACH_CID, "attach-cid", SEND_MUST, SEND_LIST, NULL, SEND_OURS, "ID", \
	  "the Content-ID of the next attachment, without <>", \
	  NULL) \
	X(ADD_HEADER, "add-header ah", SEND_ASK, SEND_LIST, NULL, SEND_SAME, "HEADER", \
	  "one more header", \
	  NULL) \
	X(HEADER, "header", SEND_ASK, SEND_LIST, NULL, SEND_SAME, "HEADER", \
	  "a header in the place of one of the same name; also --h-NAME VALUE", \
	  NULL) \
	X(NO_DATA_FIXUP, "no-data-fixup ndf", SEND_NONE, 0, NULL, SEND_DIFFERENT, NULL, \
	  "send --data as it is", \
	  "a missing end of the message is added, so that the server does not wait for ever") \
	X(NO_STRIP_FROM, "no-strip-from nsf", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "keep a first line \"From \" of a mailbox file", \
	  NULL) \
	X(G, "g", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "the same as --data -", \
	  NULL) \
	X(DUMP_AS_BODY, "dump-as-body dab", SEND_MAY, 0, NULL, SEND_LEFT_OUT, NULL, \
	  "the settings as the text", \
	  "--dump, and --body @FILE") \
	X(DUMP_AS_BODY_SHOWS_PASSWORD, "dump-as-body-shows-password dabsp", SEND_NONE, 0, NULL, SEND_LEFT_OUT, NULL, \
	  "likewise", \
	  "nothing: a password is never put into a mail") \
	X(GTUBE, "gtube", SEND_NONE, 0, NULL, SEND_OURS, NULL, \
	  "a text that spam filters take for spam, to test your own", \
	  NULL) \
	X(EICAR, "eicar", SEND_NONE, 0, NULL, SEND_OURS, NULL, \
	  "attach a file that virus scanners take for a virus, likewise", \
	  NULL) \
	X(LINE_ENDS, "line-ends", SEND_MUST, 0, NULL, SEND_OURS, "repair|refuse", \
	  "what to do about a bare CR or LF in a message; repair without this", \
	  NULL) \
	X(DKIM_KEY, "dkim-key", SEND_MUST, 0, NULL, SEND_OURS, "FILE", \
	  "sign with this private key (PEM; RSA or Ed25519)", \
	  NULL) \
	X(DKIM_SELECTOR, "dkim-selector", SEND_MUST, 0, NULL, SEND_OURS, "NAME", \
	  "the selector of the key", \
	  NULL) \
	X(DKIM_DOMAIN, "dkim-domain", SEND_MUST, 0, NULL, SEND_OURS, "DOMAIN", \
	  "the domain that signs; that of --from without this", \
	  NULL) \
	X(DSN_NOTIFY, "dsn-notify", SEND_MUST, 0, NULL, SEND_OURS, "LIST", \
	  "ask for reports: never, or success, failure, delay (RFC 3461)", \
	  NULL) \
	X(DSN_RET, "dsn-ret", SEND_MUST, 0, NULL, SEND_OURS, "full|hdrs", \
	  "what a report of failure returns", \
	  NULL) \
	X(DSN_ENVID, "dsn-envid", SEND_MUST, 0, NULL, SEND_OURS, "ID", \
	  "what reports call this mail", \
	  NULL) \
	X(BDAT, "bdat", SEND_NONE, 0, NULL, SEND_OURS, NULL, \
	  "BDAT in the place of DATA (RFC 3030)", \
	  NULL) \
	X(COUNT, "count", SEND_MUST, 0, NULL, SEND_OURS, "N", \
	  "send so many messages on one connection", \
	  NULL) \
	X(XFORWARD_ADDR, "xforward-addr", SEND_MUST, 0, NULL, SEND_OURS, "TEXT", \
	  "XFORWARD ADDR of the client (Postfix)", \
	  NULL) \
	X(XFORWARD_NAME, "xforward-name", SEND_MUST, 0, NULL, SEND_OURS, "TEXT", \
	  "XFORWARD NAME of the client (Postfix)", \
	  NULL) \
	X(XFORWARD_PORT, "xforward-port", SEND_MUST, 0, NULL, SEND_OURS, "TEXT", \
	  "XFORWARD PORT of the client (Postfix)", \
	  NULL) \
	X(XFORWARD_PROTO, "xforward-proto", SEND_MUST, 0, NULL, SEND_OURS, "TEXT", \
	  "XFORWARD PROTO of the client (Postfix)", \
	  NULL) \
	X(XFORWARD_HELO, "xforward-helo", SEND_MUST, 0, NULL, SEND_OURS, "TEXT", \
	  "XFORWARD HELO of the client (Postfix)", \
	  NULL) \
	X(XFORWARD_LOGIN, "xforward-login", SEND_MUST, 0, NULL, SEND_OURS, "TEXT", \
	  "XFORWARD LOGIN of the client (Postfix)", \
	  NULL) \
	X(XFORWARD_IDENT, "xforward-ident", SEND_MUST, 0, NULL, SEND_OURS, "TEXT", \
	  "XFORWARD IDENT of the client (Postfix)", \
	  NULL) \
	X(XFORWARD_SOURCE, "xforward-source", SEND_MUST, 0, NULL, SEND_OURS, "TEXT", \
	  "XFORWARD SOURCE of the client (Postfix)", \
	  NULL) \
	X(XCLIENT, "xclient", SEND_ASK, SEND_LIST, "XCLIENT string: ", SEND_SAME, "TEXT", \
	  "send XCLIENT and this (Postfix)", \
	  NULL) \
	X(XCLIENT_NAME, "xclient-name", SEND_ASK, 0, "XCLIENT name: ", SEND_SAME, "TEXT", \
	  "the attribute NAME of XCLIENT", \
	  NULL) \
	X(XCLIENT_ADDR, "xclient-addr", SEND_ASK, 0, "XCLIENT addr: ", SEND_SAME, "TEXT", \
	  "the attribute ADDR of XCLIENT", \
	  NULL) \
	X(XCLIENT_PORT, "xclient-port", SEND_ASK, 0, "XCLIENT port: ", SEND_SAME, "TEXT", \
	  "the attribute PORT of XCLIENT", \
	  NULL) \
	X(XCLIENT_PROTO, "xclient-proto", SEND_ASK, 0, "XCLIENT proto: ", SEND_SAME, "TEXT", \
	  "the attribute PROTO of XCLIENT", \
	  NULL) \
	X(XCLIENT_DESTADDR, "xclient-destaddr", SEND_ASK, 0, "XCLIENT destaddr: ", SEND_SAME, "TEXT", \
	  "the attribute DESTADDR of XCLIENT", \
	  NULL) \
	X(XCLIENT_DESTPORT, "xclient-destport", SEND_ASK, 0, "XCLIENT destport: ", SEND_SAME, "TEXT", \
	  "the attribute DESTPORT of XCLIENT", \
	  NULL) \
	X(XCLIENT_HELO, "xclient-helo", SEND_ASK, 0, "XCLIENT helo: ", SEND_SAME, "TEXT", \
	  "the attribute HELO of XCLIENT", \
	  NULL) \
	X(XCLIENT_LOGIN, "xclient-login", SEND_ASK, 0, "XCLIENT login: ", SEND_SAME, "TEXT", \
	  "the attribute LOGIN of XCLIENT", \
	  NULL) \
	X(XCLIENT_REVERSE_NAME, "xclient-reverse-name", SEND_ASK, 0, "XCLIENT reverse_name: ", SEND_SAME, "TEXT", \
	  "the attribute REVERSE_NAME of XCLIENT", \
	  NULL) \
	X(XCLIENT_DELIM, "xclient-delim", SEND_NONE, SEND_LIST, NULL, SEND_SAME, NULL, \
	  "what follows goes into another XCLIENT", \
	  NULL) \
	X(XCLIENT_OPTIONAL, "xclient-optional", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "go on without XCLIENT where it fails", \
	  NULL) \
	X(XCLIENT_OPTIONAL_STRICT, "xclient-optional-strict", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "go on without it only where it is not offered", \
	  NULL) \
	X(XCLIENT_BEFORE_STARTTLS, "xclient-before-starttls", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "XCLIENT before STARTTLS", \
	  NULL) \
	X(XCLIENT_NO_VERIFY, "xclient-no-verify", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "send attributes that are not offered, too", \
	  NULL) \
	X(PROXY, "proxy", SEND_ASK, 0, "PROXY string: ", SEND_SAME, "TEXT", \
	  "begin with PROXY and this (HAProxy)", \
	  NULL) \
	X(PROXY_VERSION, "proxy-version", SEND_ASK, 0, "PROXY version: ", SEND_SAME, "1|2", \
	  "the version of the PROXY protocol", \
	  NULL) \
	X(PROXY_FAMILY, "proxy-family", SEND_ASK, 0, "PROXY family: ", SEND_SAME, "TEXT", \
	  "TCP4 or TCP6; version 2: AF_INET, AF_INET6, AF_UNSPEC", \
	  NULL) \
	X(PROXY_COMMAND, "proxy-command", SEND_ASK, 0, "PROXY command: ", SEND_DIFFERENT, "TEXT", \
	  "LOCAL or PROXY (version 2)", \
	  "LOCAL is sent as the protocol has it, 0") \
	X(PROXY_PROTOCOL, "proxy-protocol", SEND_ASK, 0, "PROXY protocol: ", SEND_SAME, "TEXT", \
	  "STREAM, DGRAM or UNSPEC (version 2)", \
	  NULL) \
	X(PROXY_SOURCE, "proxy-source", SEND_ASK, 0, "PROXY source: ", SEND_SAME, "TEXT", \
	  "the address of the client", \
	  NULL) \
	X(PROXY_SOURCE_PORT, "proxy-source-port", SEND_ASK, 0, "PROXY source_port: ", SEND_SAME, "TEXT", \
	  "its port", \
	  NULL) \
	X(PROXY_DEST, "proxy-dest", SEND_ASK, 0, "PROXY dest: ", SEND_SAME, "TEXT", \
	  "the address it connected to", \
	  NULL) \
	X(PROXY_DEST_PORT, "proxy-dest-port", SEND_ASK, 0, "PROXY dest_port: ", SEND_SAME, "TEXT", \
	  "its port", \
	  NULL) \
	X(OUTPUT, "output output-file", SEND_MUST, 0, NULL, SEND_DIFFERENT, "swaks|session|FILE", \
	  "show the marks of swaks, or append to this file", \
	  "the words swaks and session choose how it is shown; --output-file ./swaks is a file") \
	X(OUTPUT_FILE_STDOUT, "output-file-stdout", SEND_MUST, 0, NULL, SEND_SAME, "FILE", \
	  "append to this file what would go to standard output", \
	  NULL) \
	X(OUTPUT_FILE_STDERR, "output-file-stderr", SEND_MUST, 0, NULL, SEND_SAME, "FILE", \
	  "append to this file what would go to standard error", \
	  NULL) \
	X(SUPPRESS_DATA, "suppress-data n", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "tell only how many lines the message has", \
	  NULL) \
	X(SHOW_TIME_LAPSE, "show-time-lapse stl", SEND_MAY, 0, NULL, SEND_SAME, "i", \
	  "tell how long each reply took", \
	  NULL) \
	X(SHOW_RAW_TEXT, "show-raw-text raw", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "show all bytes in hexadecimal, too", \
	  NULL) \
	X(NO_INFO_HINTS, "no-info-hints nih", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "no marks before remarks (with --output swaks)", \
	  NULL) \
	X(NO_SEND_HINTS, "no-send-hints nsh", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "no marks before what is sent (likewise)", \
	  NULL) \
	X(NO_RECEIVE_HINTS, "no-receive-hints nrh", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "no marks before what comes (likewise)", \
	  NULL) \
	X(NO_HINTS, "no-hints nth", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "neither of these two", \
	  NULL) \
	X(HIDE_RECEIVE, "hide-receive hr", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "show nothing of what comes", \
	  NULL) \
	X(HIDE_SEND, "hide-send hs", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "show nothing of what is sent", \
	  NULL) \
	X(HIDE_INFORMATIONAL, "hide-informational hi", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "no remarks", \
	  NULL) \
	X(HIDE_ALL, "hide-all ha", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "show nothing", \
	  NULL) \
	X(SILENT, "silent S", SEND_MAY, 0, NULL, SEND_SAME, "1|2|3", \
	  "show nothing before a fault, only faults, or nothing at all", \
	  NULL) \
	X(PROTECT_PROMPT, "protect-prompt pp", SEND_NONE, 0, NULL, SEND_DIFFERENT, NULL, \
	  "do not show what is typed for a password", \
	  "it never shows") \
	X(DUMP, "dump", SEND_MAY, 0, NULL, SEND_DIFFERENT, "LIST", \
	  "show the settings and leave", \
	  "the password does not show") \
	X(DUMP_MAIL, "dump-mail", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "show the message and leave", \
	  NULL) \
	X(PRINT_SESSION, "print-session", SEND_NONE, 0, NULL, SEND_OURS, NULL, \
	  "write the session file that would be played, and leave", \
	  NULL) \
	X(JSON, "json", SEND_NONE, 0, NULL, SEND_OURS, NULL, \
	  "one object for programs: stages, replies, reasons, times, TLS", \
	  NULL) \
	X(EXPLAIN, "explain", SEND_MUST, 0, NULL, SEND_OURS, "off|short|full", \
	  "how much to say about a refusal", \
	  NULL) \
	X(PRACTICE, "practice", SEND_NONE, 0, NULL, SEND_OURS, NULL, \
	  "use the practice internet inside this program", \
	  NULL) \
	X(YES, "yes", SEND_NONE, 0, NULL, SEND_OURS, NULL, \
	  "connect also to a private or loopback mail host of a domain", \
	  NULL) \
	X(DNS, "dns", SEND_MUST, 0, NULL, SEND_OURS, "ADDR[:PORT]", \
	  "ask this name server", \
	  NULL) \
	X(CONFIG, "config", SEND_MAY, 0, NULL, SEND_SAME, "FILE", \
	  "read options from this file instead of .swaksrc; without it, none", \
	  NULL) \
	X(SUPPORT, "support", SEND_NONE, 0, NULL, SEND_DIFFERENT, NULL, \
	  "tell what can be done and leave", \
	  "everything is built in") \
	X(HELP, "help", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "show this list and leave", \
	  NULL) \
	X(VERSION, "version", SEND_NONE, 0, NULL, SEND_SAME, NULL, \
	  "show the version and leave", \
	  NULL)
/* clang-format on */

#endif
