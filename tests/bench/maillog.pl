#!/usr/bin/env perl
# usage: maillog.pl LINES >FILE
#
# A mail log of Postfix as a busy host writes it: mostly delivered, some deferred, bounced, rejected.
# The same every time: no clock, and a random generator of its own.
use strict;
use warnings;

my $lines = shift // 1_000_000;
my ($seed, $second, $count) = (4711, 0, 0);

sub any {
	$seed = ($seed * 1103515245 + 12345) & 0x7fffffff;
	return int(($seed >> 8) % $_[0]);
}
sub pick { return $_[ any(scalar @_) ] }

sub line {
	my ($daemon, $pid, $text) = @_;
	printf "Nov %2d %02d:%02d:%02d mx1 postfix/%s[%d]: %s\n", 1 + $second / 86400 % 28,
		$second / 3600 % 24, $second / 60 % 60, $second % 60, $daemon, $pid, $text;
	$count++;
}

my @refusals = (
	[ 'bounced',  '5.1.1', '550 5.1.1 <%s>: Recipient address rejected: User unknown in local recipient table (in reply to RCPT TO command)' ],
	[ 'bounced',  '5.7.26', '550-5.7.26 Your email has been blocked because the sender is unauthenticated. 550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM. 550 5.7.26  https://support.google.com/mail/answer/81126#authentication x1-gsmtp (in reply to end of DATA command)' ],
	[ 'bounced',  '5.2.2', '552 5.2.2 <%s>: Mailbox full (in reply to RCPT TO command)' ],
	[ 'deferred', '4.2.0', '450 4.2.0 <%s>: Recipient address rejected: Greylisted, see http://postgrey.example/help (in reply to RCPT TO command)' ],
	[ 'deferred', '4.7.0', '421 4.7.0 [192.0.2.25] Our system has detected an unusual rate of unsolicited mail. gsmtp (in reply to end of DATA command)' ],
	[ 'deferred', '4.4.1', '' ],
);

while ($count < $lines) {
	my $id = sprintf '%05X%06X', any(0xFFFFF), any(0xFFFFFF);
	my $client = sprintf 'host%d.example.net[192.0.2.%d]', any(900), any(256);
	my $from = sprintf 'user%d@example.net', any(5000);
	my $to = sprintf 'person%d@dest%d.example', any(9000), any(400);
	my $pid = 2000 + any(200);
	$second += any(3);
	line('smtpd', $pid, "connect from $client");
	if (any(10) == 0) {
		line('smtpd', $pid, "NOQUEUE: reject: RCPT from $client: 554 5.7.1 <$to>: Relay access denied; from=<$from> to=<$to> proto=ESMTP helo=<host.example.net>");
		line('smtpd', $pid, "disconnect from $client ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4");
		next;
	}
	line('smtpd', $pid, "$id: client=$client");
	line('cleanup', $pid + 1, "$id: message-id=<$id.\@example.net>");
	line('qmgr', 1999, "$id: from=<$from>, size=" . (900 + any(90000)) . ', nrcpt=1 (queue active)');
	line('smtpd', $pid, "disconnect from $client ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5");
	my $relay = sprintf 'mx%d.dest%d.example[198.51.100.%d]:25', any(3), any(400), any(256);
	my $delays = sprintf 'delay=%.2f, delays=0.3/0.01/0.22/0.%02d', 1 + any(100) / 100, any(100);
	line('smtp', $pid + 2, "Trusted TLS connection established to $relay: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)");
	if (any(7) == 0) {
		my ($status, $dsn, $text) = @{ pick(@refusals) };
		my $host = $relay =~ s/:25$//r;
		$text = $text ? "host $host said: " . $text =~ s/%s/$to/r : "connect to $host:25: Connection timed out";
		line('smtp', $pid + 2, "$id: to=<$to>, relay=$relay, $delays, dsn=$dsn, status=$status ($text)");
		line('bounce', $pid + 3, "$id: sender non-delivery notification: ${id}B") if $status eq 'bounced';
		next if $status eq 'deferred';
	} else {
		line('smtp', $pid + 2, "$id: to=<$to>, relay=$relay, $delays, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4F1B2C3D4E)");
	}
	line('qmgr', 1999, "$id: removed");
}
