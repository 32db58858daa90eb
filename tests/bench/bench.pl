#!/usr/bin/env perl
# usage: bench.pl [RUNS]
#
# smtptalk beside telnet, nc, swaks, curl and smtp-source, against one loopback sink. The runs of all tools take turns,
# so that a busy moment hits all of them; medians are compared. Only the ratios mean anything.
use strict;
use warnings;
use File::Temp qw(tempdir);
use IO::Socket::INET;
use POSIX qw(_exit);
use Time::HiRes qw(sleep);

my $runs = shift // 40;
my $talk = $ENV{SMTPTALK} // 'build/release/smtptalk';
my $stopwatch = 'build/release/tests/bench/stopwatch';
$ENV{PATH} .= ':/usr/sbin';
$ENV{TERM} = 'xterm';
$ENV{NO_COLOR} = 1;
$ENV{HOME} = tempdir(CLEANUP => 1);

sub start_sink {
	my $probe = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die "no port: $!\n";
	my $port = $probe->sockport;
	close $probe;
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		exec 'smtp-sink', ($> == 0 ? ('-u', 'nobody') : ()), "127.0.0.1:$port", '100' or _exit(127);
	}
	for (1 .. 200) {
		return ($pid, $port) if IO::Socket::INET->new("127.0.0.1:$port");
		sleep 0.02;
	}
	kill 'TERM', $pid;
	die "smtp-sink does not answer\n";
}

# What the stopwatch says about a command: one number or more, in milliseconds.
sub stopwatch {
	my @command = ($stopwatch, @_);
	open my $numbers, '-|', @command or die "$stopwatch: $!\n";
	chomp(my @ms = <$numbers>);
	close $numbers or die "@command: failed\n";
	return @ms;
}

sub median {
	my @sorted = sort { $a <=> $b } @_;
	return $sorted[ @sorted / 2 ];
}

sub show {
	my ($title, $order, $times) = @_;
	my $base = median(@{ $times->{ $order->[0] } });
	print "$title\n";
	for my $name (@$order) {
		my $m = median(@{ $times->{$name} });
		printf "    %-34s %8.2f ms   %6.2f\n", $name, $m, $m / $base;
	}
}

sub goal {
	my ($what, $is, $most) = @_;
	printf "    %-34s %11s   %6.3f  %s\n\n", $what, "at most $most:", $is, $is <= $most ? 'reached' : 'MISSED';
}

my ($sink, $port) = start_sink();
END { kill 'TERM', $sink if $sink }

# --- from start to the banner, and to the prompt ------------------------------------------------

my @start = (
	[ '220 smtp-sink,C: ', [ 'smtptalk: banner', 'smtptalk: prompt' ], $talk, '127.0.0.1', $port ],
	[ 'Connected to,220 smtp-sink', [ 'telnet: connect line', 'telnet: banner' ], 'telnet', '127.0.0.1', $port ],
	[ '220 smtp-sink', ['nc: banner'], 'nc', '127.0.0.1', $port ],
	[ '220 smtp-sink', ['swaks: banner'], 'swaks', '-s', "127.0.0.1:$port", '-q', 'BANNER', '-t', 'b@example.com' ],
);
my %shown;
for (1 .. $runs) {
	for my $tool (@start) {
		my ($texts, $names, @command) = @$tool;
		my @ms = stopwatch('shown', $texts, @command);
		push @{ $shown{ $names->[$_] } }, $ms[$_] for 0 .. $#ms;
	}
}
show("from start to the screen, $runs runs, median, ratio to the first",
	[ 'telnet: connect line', 'telnet: banner', 'nc: banner', 'smtptalk: banner', 'smtptalk: prompt', 'swaks: banner' ], \%shown);
goal('smtptalk: prompt / telnet: connect line',
	median(@{ $shown{'smtptalk: prompt'} }) / median(@{ $shown{'telnet: connect line'} }), 2);

# --- one transaction from a script --------------------------------------------------------------

my $script = "$ENV{HOME}/script";
open my $out, '>', $script or die "$script: $!\n";
print $out "EHLO me.example.com\nMAIL FROM:<a\@example.com>\nRCPT TO:<b\@example.com>\nDATA\n",
	"From: a\@example.com\nTo: b\@example.com\nSubject: bench\n\nOne line.\n.\nQUIT\n";
close $out or die "$script: $!\n";
my %whole = (
	'nc (does not wait for replies)' => [ $script, 'nc', '-C', '127.0.0.1', $port ],
	smtptalk                         => [ $script, $talk, '127.0.0.1', $port ],
	swaks => [
		'/dev/null', 'swaks', '-s', "127.0.0.1:$port", '-h', 'me.example.com', '-t', 'b@example.com',
		'-f', 'a@example.com', '-b', 'One line.',
	],
);
my @order = ('swaks', 'smtptalk', 'nc (does not wait for replies)');
my %took;
for (1 .. $runs) {
	push @{ $took{$_} }, stopwatch('whole', @{ $whole{$_} }) for @order;
}
show("one transaction from a script, $runs runs, median, ratio to the first", \@order, \%took);
goal('smtptalk / swaks', median(@{ $took{smtptalk} }) / median(@{ $took{swaks} }), 0.125);

# --- one transaction from a session file --------------------------------------------------------

my @to = ('replay', '--host', "127.0.0.1:$port");

sub put {
	my ($name, $text) = @_;
	open my $f, '>', "$ENV{HOME}/$name" or die "$name: $!\n";
	print $f $text;
	close $f or die "$name: $!\n";
	return "$ENV{HOME}/$name";
}

sub session {
	my ($name, $message) = @_;
	return put($name, "S: 220 x\nC: HELO me.example.com\nS: 250 x\nC: MAIL FROM:<a\@example.com>\nS: 250 x\n"
			. "C: RCPT TO:<b\@example.com>\nS: 250 x\nC: DATA\nS: 354 x\n${message}S: 250 x\nC: QUIT\nS: 221 x\n");
}

my $short = session('short.smtp', "C: Subject: bench\nC:\nC: One line.\nC: .\n");
my $mail = put('mail', "Subject: bench\r\n\r\nOne line.\r\n");
my @curl = ('curl', '-s', "smtp://127.0.0.1:$port/me.example.com", '--mail-from', 'a@example.com',
	'--mail-rcpt', 'b@example.com', '-T');
my %once = (
	%whole,
	curl              => [ '/dev/null', @curl, $mail ],
	'smtptalk replay' => [ '/dev/null', $talk, @to, $short ],
);
my @peers = ('swaks', 'curl', 'nc (does not wait for replies)');
my %once_took;
for (1 .. $runs) {
	push @{ $once_took{$_} }, stopwatch('whole', @{ $once{$_} }) for 'smtptalk replay', @peers;
}
show("one transaction from a session file, $runs runs, median, ratio to the first",
	[ 'smtptalk replay', @peers ], \%once_took);
my @most = (0.125, 1, 2);
goal("smtptalk replay / $peers[$_]",
	median(@{ $once_took{'smtptalk replay'} }) / median(@{ $once_took{ $peers[$_] } }), $most[$_]) for 0 .. 2;

my @send = ('send', '--server', "127.0.0.1:$port", '--helo', 'me.example.com', '--from', 'a@example.com',
	'--to', 'b@example.com');
my %send_took;
for (1 .. $runs) {
	push @{ $send_took{'smtptalk send'} }, stopwatch('whole', '/dev/null', $talk, @send);
	push @{ $send_took{swaks} }, stopwatch('whole', @{ $once{swaks} });
}
show("one message from options, $runs runs, median, ratio to the first", [ 'smtptalk send', 'swaks' ], \%send_took);
goal('smtptalk send / swaks', median(@{ $send_took{'smtptalk send'} }) / median(@{ $send_took{swaks} }), 0.125);

# --- a load, and a large message ----------------------------------------------------------------

# How much memory a command had at most, in KiB.
sub peak {
	my @command = @_;
	my ($most, $pid) = (0, fork // die "fork: $!\n");
	if ($pid == 0) {
		open STDOUT, '>', '/dev/null';
		exec @command or _exit(127);
	}
	until (waitpid($pid, 1)) {
		open my $status, '<', "/proc/$pid/status" or next;
		for (<$status>) { $most = $1 if /^VmHWM:\s+(\d+)/ && $1 > $most }
		sleep 0.005;
	}
	die "@command: failed\n" if $?;
	return $most;
}

sub load {
	my ($sessions) = @_;
	return ($talk, @to, '--quiet', '--repeat', $sessions, '--parallel', 20, $short);
}

my $sessions = 20000;
my %load = (
	'smtp-source'           => [ '/dev/null', 'smtp-source', '-s', 20, '-m', $sessions, "127.0.0.1:$port" ],
	'smtptalk, it compares' => [ '/dev/null', load($sessions) ],
);
my %load_took;
for (1 .. 5) {
	push @{ $load_took{$_} }, stopwatch('whole', @{ $load{$_} }) for sort keys %load;
}
show("$sessions sessions, 20 at once, a connection each, 5 runs", [ sort keys %load ], \%load_took);
goal('smtptalk / smtp-source',
	median(@{ $load_took{'smtptalk, it compares'} }) / median(@{ $load_took{'smtp-source'} }), 1);
my ($few, $many) = (peak(load(1000)), peak(load(1_000_000)));
printf "memory of 1,000 and of 1,000,000 sessions: %d and %d KiB\n", $few, $many;
goal('memory, many / few', $many / $few, 1.1);

# --- the other side: a server that takes what smtp-source sends ----------------------------------

# The practice hosts on ports; gives the process and the port of mail.school.test.
sub start_serve {
	my $table = "$ENV{HOME}/table";
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		open STDOUT, '>', $table;
		exec $talk, 'serve', '--port', '0', '--quiet', '--rate', '0' or _exit(127);
	}
	for (1 .. 500) {
		sleep 0.02;
		open my $in, '<', $table or next;
		my @lines = <$in>;
		next unless grep { /C stops/ } @lines;
		for (@lines) { return ($pid, $1) if /^#\s+(\d+)\s+mail\.school\.test\s+25/ }
	}
	die "smtptalk serve does not answer\n";
}

sub rss {
	my ($pid) = @_;
	open my $status, '<', "/proc/$pid/status" or die "status: $!\n";
	for (<$status>) { return $1 if /^VmRSS:\s+(\d+)/ }
	die "no VmRSS\n";
}

my ($serve, $serve_port) = start_serve();
END { kill 'TERM', $serve if $serve }

sub source {
	my ($messages, $to) = @_;
	return ('/dev/null', 'smtp-source', '-s', 20, '-m', $messages, '-f', 'a@laptop.example',
		'-t', 'bob@school.test', "127.0.0.1:$to");
}

my %taker = ('smtp-sink' => $port, 'smtptalk serve' => $serve_port);
my %taken;
for (1 .. 5) {
	push @{ $taken{$_} }, stopwatch('whole', source($sessions, $taker{$_})) for sort keys %taker;
}
show("smtp-source sends $sessions messages, 20 at once, 5 runs", [ sort keys %taker ], \%taken);
printf "    %-34s %8.0f messages a second\n", $_, 1000 * $sessions / median(@{ $taken{$_} }) for sort keys %taker;
goal('smtptalk serve / smtp-sink', median(@{ $taken{'smtptalk serve'} }) / median(@{ $taken{'smtp-sink'} }), 1);
my $before = rss($serve);
stopwatch('whole', source(100000, $serve_port));
goal('memory, 100,000 messages, KiB', rss($serve) - $before, 1024);
kill 'TERM', $serve;
undef $serve;

my $line = 'x' x 75 . "\n";
my $large = put('large', $line x (70 * 1024 * 1024 / 76));
my $sends = session('large.smtp', "C: <file $large>\n");
my %large = (curl => [ '/dev/null', @curl, $large ], smtptalk => [ '/dev/null', $talk, @to, $sends ]);
my %large_took;
for (1 .. 9) {
	push @{ $large_took{$_} }, stopwatch('whole', @{ $large{$_} }) for sort keys %large;
}
show('a message of 70 MiB, 9 runs', [ sort keys %large ], \%large_took);
goal('smtptalk / curl', median(@{ $large_took{smtptalk} }) / median(@{ $large_took{curl} }), 1);
goal('memory, of 32 MiB', peak($talk, @to, $sends) / 32768, 1);

# The same as an attachment, which becomes base64 on the way.
my @attach = (@send, '--suppress-data', '--attach', "\@$large");
my @form = ('curl', '-s', "smtp://127.0.0.1:$port/me.example.com", '--mail-from', 'a@example.com',
	'--mail-rcpt', 'b@example.com', '-F', '=text', '-F', "file=\@$large;encoder=base64");
my %attached = (curl => [ '/dev/null', @form ], 'smtptalk send' => [ '/dev/null', $talk, @attach ]);
my %attached_took;
for (1 .. 9) {
	push @{ $attached_took{$_} }, stopwatch('whole', @{ $attached{$_} }) for sort keys %attached;
}
show('an attachment of 70 MiB, 9 runs', [ sort keys %attached ], \%attached_took);
goal('smtptalk send / curl',
	median(@{ $attached_took{'smtptalk send'} }) / median(@{ $attached_took{curl} }), 1);
goal('memory, of 32 MiB', peak($talk, @attach) / 32768, 1);
# --- a long log ---------------------------------------------------------------------------------

# What running this costs: seconds of processor time, and the most memory it held, in MiB.
sub cost {
	my $before = (times)[2] + (times)[3];
	my $report = "$ENV{HOME}/cost";
	system "bash", "-c", "/usr/bin/env time -f %M -o $report " . shift() . " >/dev/null" and die "failed\n";
	my $seconds = (times)[2] + (times)[3] - $before;
	open my $in, '<', $report or die "$report: $!\n";
	my @lines = <$in>;
	return ($seconds, $lines[-1] / 1024);
}

my $log = "$ENV{HOME}/maillog";
system("tests/bench/maillog.pl 1000000 >$log") == 0 or die "maillog.pl failed\n";
my %reader = (
	'smtptalk explain'     => "$talk explain <$log",
	'pflogsumm'            => "pflogsumm $log",
	'grep -c status=sent'  => "grep -c status=sent $log",
);
my (%seconds, $most);
for (1 .. 3) {
	for my $name (keys %reader) {
		my ($took, $memory) = cost($reader{$name});
		push @{ $seconds{$name} }, $took * 1000;
		$most = $memory if $name =~ /smtptalk/ && $memory > ($most // 0);
	}
}
show('a log of a million lines, 3 runs, processor time, median, ratio to the first',
	[ 'pflogsumm', 'smtptalk explain', 'grep -c status=sent' ], \%seconds);
goal('smtptalk explain / pflogsumm',
	median(@{ $seconds{'smtptalk explain'} }) / median(@{ $seconds{pflogsumm} }), 0.1);
goal('its memory, MiB', $most, 64);
