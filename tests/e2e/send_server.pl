#!/usr/bin/perl
# usage: send_server.pl PORT-FILE FOLDER [CERTIFICATE]
#
# A mail server for tests/e2e/send.bats: keeps every byte that a client sends in FOLDER/wire, and
# misbehaves as the words in FOLDER/mode say when the client connects. It listens on a port of its own
# choice and on the socket FOLDER/socket, one client at a time.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use MIME::Base64;

my ($port_file, $folder, $certificate) = @ARGV;
my $listen = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die "listen: $!";
my $local = IO::Socket::UNIX->new(Listen => 5, Local => "$folder/socket") or die "socket: $!";
if ($certificate) {
	require Net::SSLeay;
	Net::SSLeay::initialize();
}

my ($client, $ssl, $wire, $buffer, %mode);
my $fresh = 0; # nothing came since TLS began

sub receive {
	my $bytes;
	if ($ssl) {
		$bytes = Net::SSLeay::read($ssl);
	} else {
		sysread($client, $bytes, 65536);
	}
	return 0 unless defined $bytes && length $bytes;
	print $wire "<TLS>\r\n" if $fresh;
	$fresh = 0;
	print $wire $bytes;
	$buffer .= $bytes;
	return 1;
}

sub line {
	while (1) {
		return $1 if $buffer =~ s/\A(.*?)\r\n//s;
		return undef unless receive();
	}
}

sub say_line {
	my $text = shift() . "\r\n";
	return Net::SSLeay::write($ssl, $text) if $ssl;
	return syswrite($client, $text);
}

sub start_tls {
	my $context = Net::SSLeay::CTX_new();
	Net::SSLeay::CTX_use_certificate_file($context, $certificate, 1);
	Net::SSLeay::CTX_use_PrivateKey_file($context, $certificate, 1);
	$ssl = Net::SSLeay::new($context);
	Net::SSLeay::set_fd($ssl, fileno($client));
	$buffer = '';
	$fresh = 1;
	return 1 if Net::SSLeay::accept($ssl) == 1;
	$ssl = undef;
	return 0;
}

sub offers {
	my @list = ('test.example', 'PIPELINING', 'SIZE 100000000', 'PRDR');
	push @list, 'STARTTLS' if $certificate && !$ssl && !$mode{notls};
	push @list, 'AUTH PLAIN LOGIN CRAM-MD5' unless $mode{noauth};
	push @list, 'XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT REVERSE_NAME' unless $mode{noxclient};
	@list = grep { $_ ne 'PIPELINING' } @list if $mode{nopipelining};
	return join("\r\n", map({ "250-$_" } @list[0 .. $#list - 1]), "250 $list[-1]");
}

# Each login ends with what the mode says.
sub login {
	my ($mechanism, $first) = @_;
	my $last = $mode{auth} ? "$mode{auth} no" : '235 2.7.0 ok';
	if ($mechanism eq 'LOGIN') {
		say_line('334 ' . encode_base64('Username:', ''));
		line() // return;
		say_line('334 ' . encode_base64('Password:', ''));
		line() // return;
	} elsif ($mechanism eq 'CRAM-MD5') {
		say_line('334 ' . encode_base64('<1.2@test.example>', ''));
		line() // return;
	} elsif (!defined $first) {
		say_line('334 ');
		line() // return;
	}
	say_line($last);
	return;
}

sub serve {
	my ($lmtp, $prdr, $rcpt, $seen) = (0, 0, 0, 0);
	if ($mode{tlsc}) {
		start_tls() or return;
	}
	return if $mode{close} && $mode{close} eq 'connect';
	if ($mode{proxy}) {
		line() // return;
	}
	say_line($mode{greet} ? "$mode{greet} no" : '220 test.example ESMTP');
	while (defined(my $line = line())) {
		my ($verb) = map { uc } $line =~ /\A(\S*)/;
		return if $mode{close} && uc $mode{close} eq $verb;
		if ($verb eq 'EHLO' || $verb eq 'LHLO') {
			$lmtp = $verb eq 'LHLO';
			say_line($mode{ehlo} ? "$mode{ehlo} no" : offers());
		} elsif ($verb eq 'HELO') {
			say_line($mode{helo} ? "$mode{helo} no" : '250 test.example');
		} elsif ($verb eq 'STARTTLS') {
			say_line($mode{starttls} ? "$mode{starttls} no" : '220 go');
			next if $mode{starttls};
			start_tls() or return;
		} elsif ($verb eq 'AUTH') {
			my (undef, $mechanism, $first) = split(' ', $line);
			login(uc $mechanism, $first);
		} elsif ($verb eq 'XCLIENT') {
			say_line($mode{xclient} ? "$mode{xclient} no" : '220 test.example ESMTP');
		} elsif ($verb eq 'MAIL') {
			($prdr, $rcpt, $seen) = ($line =~ /PRDR/, 0, 0);
			say_line($mode{mail} ? "$mode{mail} no" : '250 2.1.0 ok');
		} elsif ($verb eq 'RCPT') {
			my $bad = $mode{rcpt} || ($mode{mail} && 503) || ($seen++ == 0 && $mode{rcpt1});
			$rcpt++ unless $bad;
			say_line($bad ? "$bad no" : '250 2.1.5 ok');
		} elsif ($verb eq 'DATA') {
			my $bad = $mode{data} || ($rcpt ? 0 : 554);
			say_line($bad ? "$bad no" : '354 go');
			next if $bad;
			until ($buffer =~ s/\A(?:.*?\r\n)?\.\r\n//s) {
				receive() or return;
			}
			return if $mode{close} && $mode{close} eq 'dot';
			my $reply = $mode{dot} ? "$mode{dot} no" : '250 2.0.0 ok';
			say_line('353 each') if $prdr;
			say_line($reply) for 1 .. ($lmtp || $prdr ? $rcpt : 1) + ($prdr ? 1 : 0);
		} elsif ($verb eq 'QUIT') {
			say_line($mode{quit} ? "$mode{quit} no" : '221 bye');
			return;
		} else {
			say_line('250 ok');
		}
	}
	return;
}

open(my $told, '>', "$port_file.new") or die "$port_file: $!";
print $told $listen->sockport, "\n";
close $told;
rename "$port_file.new", $port_file;

my $select = IO::Select->new($listen, $local);
while (my @ready = $select->can_read) {
	$client = $ready[0]->accept or next;
	open(my $words, '<', "$folder/mode") or die "mode: $!";
	%mode = map { my ($name, $value) = split /=/; ($name => $value // 1) } split ' ', join '', <$words>;
	close $words;
	open($wire, '>', "$folder/wire.new") or die "wire: $!";
	$wire->autoflush(1);
	($buffer, $ssl, $fresh) = ('', undef, 0);
	local $SIG{PIPE} = 'IGNORE';
	serve();
	shutdown $client, 1 if !$ssl;
	Net::SSLeay::shutdown($ssl) if $ssl;
	# What the client says after that counts, too.
	if (!$mode{close}) {
		local $SIG{ALRM} = sub { die "late\n" };
		alarm 3;
		eval { 1 while receive(); };
		alarm 0;
	}
	close $client;
	close $wire;
	rename "$folder/wire.new", "$folder/wire";
}
