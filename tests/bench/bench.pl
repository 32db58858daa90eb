#!/usr/bin/env perl
# usage: bench.pl [RUNS]
#
# smtptalk beside telnet, nc and swaks, against one loopback sink. The runs of all tools take turns,
# so that a busy moment hits all of them; medians are compared. Only the ratios mean anything.
use strict;
use warnings;
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use POSIX qw(_exit setsid);
use Time::HiRes qw(time sleep);

my $runs = shift // 40;
my $talk = $ENV{SMTPTALK} // 'build/release/smtptalk';
my ($unlock_pty, $number_of_pty) = (0x40045431, 0x80045430);    # TIOCSPTLCK, TIOCGPTN
$ENV{PATH} .= ':/usr/sbin';
$ENV{TERM} = 'xterm';
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

# A child on a terminal of its own; returns its pid and our end.
sub start_on_terminal {
	my @command = @_;
	my $number = pack 'i', 0;
	open my $master, '+<', '/dev/ptmx' or die "/dev/ptmx: $!\n";
	ioctl $master, $unlock_pty, $number or die "unlock: $!\n";
	ioctl $master, $number_of_pty, $number or die "number: $!\n";
	my $name = '/dev/pts/' . unpack 'i', $number;
	my $pid = fork // die "fork: $!\n";
	return ($pid, $master) if $pid;
	setsid;
	open my $slave, '+<', $name or _exit(127);
	open STDIN, '<&', $slave;
	open STDOUT, '>&', $slave;
	open STDERR, '>&', $slave;
	close $slave;
	close $master;
	exec { $command[0] } @command or _exit(127);
}

# Milliseconds from before the fork until each pattern is on the screen, in this order.
sub until_shown {
	my ($patterns, @command) = @_;
	my $begin = time;
	my ($pid, $screen) = start_on_terminal(@command);
	my $wait = IO::Select->new($screen);
	my ($text, @times) = ('');
	for my $pattern (@$patterns) {
		until ($text =~ $pattern) {
			my $got = $wait->can_read(10) && sysread $screen, $text, 4096, length $text;
			die "@command: never showed $pattern, only:\n$text\n" unless $got;
		}
		push @times, 1000 * (time - $begin);
	}
	kill 'KILL', $pid;
	waitpid $pid, 0;
	return @times;
}

# Milliseconds for a whole run of a shell command, which must succeed.
sub whole_run {
	my $begin = time;
	system('/bin/sh', '-c', "exec $_[0] >/dev/null 2>&1") == 0 or die "$_[0]: status $?\n";
	return 1000 * (time - $begin);
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
	[ [qr/220 smtp-sink/, qr/^C: $/m], [ 'smtptalk: banner', 'smtptalk: prompt' ], $talk, '127.0.0.1', $port ],
	[ [qr/Connected to/, qr/^220 /m], [ 'telnet: connect line', 'telnet: banner' ], 'telnet', '127.0.0.1', $port ],
	[ [qr/^220 /m], ['nc: banner'], 'nc', '127.0.0.1', $port ],
	[ [qr/220 smtp-sink/], ['swaks: banner'],
	  'swaks', '-s', "127.0.0.1:$port", '-q', 'BANNER', '-t', 'b@example.com', '-f', 'a@example.com' ],
);
my %shown;
for (1 .. $runs) {
	for my $tool (@start) {
		my ($patterns, $names, @command) = @$tool;
		my @times = until_shown($patterns, @command);
		push @{ $shown{ $names->[$_] } }, $times[$_] for 0 .. $#times;
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
my $swaks = "swaks -s 127.0.0.1:$port -h me.example.com -t b\@example.com -f a\@example.com -b 'One line.'";
my %whole = (
	'nc (does not wait for replies)' => "nc -C 127.0.0.1 $port <$script",
	smtptalk                         => "$talk 127.0.0.1 $port <$script",
	swaks                            => $swaks,
);
my @order = ('swaks', 'smtptalk', 'nc (does not wait for replies)');
my %took;
for (1 .. $runs) {
	push @{ $took{$_} }, whole_run($whole{$_}) for @order;
}
show("one transaction from a script, $runs runs, median, ratio to the first", \@order, \%took);
goal('smtptalk / swaks', median(@{ $took{smtptalk} }) / median(@{ $took{swaks} }), 0.125);
