#!/usr/bin/env perl
# usage: check.pl [DOMAINS]
#
# smtptalk check with every DNS answer kept back 50 ms: how many such delays one full check takes, with its
# mail hosts spoken to and its policy asked for; and how much faster many domains are with --jobs 50 than
# one after another. The name server and the mail host are on loopback, so nothing else takes time.
use strict;
use warnings;
use IO::Socket::INET;
use POSIX qw(_exit);
use Time::HiRes qw(sleep time);

my $domains = shift // 1000;
my $one_by_one = $domains < 30 ? $domains : 30;    # enough to know the rate of one after another
my $delay = 50;
my $talk = $ENV{SMTPTALK} // 'build/release/smtptalk';
my @started;
END { kill 'TERM', $_ for @started }

sub free_port {
	my $probe = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die "no port: $!\n";
	return $probe->sockport;
}

sub start {
	my @command = @_;
	my $pid = fork // die "fork: $!\n";
	exec @command or _exit(127) if $pid == 0;
	push @started, $pid;
}

my ($dns, $smtp, $https) = map { free_port() } 1 .. 3;
start('build/release/tests/bench/slow_dns', $dns, $delay);
start('smtp-sink', ($> == 0 ? ('-u', 'nobody') : ()), "127.0.0.1:$smtp", '1000');
for (1 .. 200) {
	last if IO::Socket::INET->new("127.0.0.1:$smtp");
	sleep 0.02;
}

# The seconds that a check of these domains takes, and how much memory it had at most (KiB).
sub check {
	my ($options, @names) = @_;
	open my $list, '>', "/tmp/smtptalk-bench.$$" or die "/tmp: $!\n";
	print $list "$_\n" for @names;
	close $list;
	my $begun = time;
	my $memory = qx(/usr/bin/time -f %M $talk check --dns 127.0.0.1:$dns --port $smtp --https-port $https \\
		--yes --json $options - <"/tmp/smtptalk-bench.$$" 2>&1 >"/tmp/smtptalk-bench.$$.out");
	my $took = time - $begun;
	my $lines = qx(wc -l <"/tmp/smtptalk-bench.$$.out");
	die "$lines results for " . @names . " domains\n" if $lines != @names;
	unlink "/tmp/smtptalk-bench.$$", "/tmp/smtptalk-bench.$$.out";
	return ($took, $memory =~ /(\d+)\s*$/ ? $1 : 0);
}

sub goal {
	my ($what, $is, $relation, $bound, $good) = @_;
	printf "    %-44s %8.2f   %s %-6s %s\n", $what, $is, $relation, $bound, $good ? 'reached' : 'MISSED';
}

my $one;
for (1 .. 5) {
	my ($took) = check('--ip 203.0.113.99 --helo mx.d0.bench.test', 'd0.bench.test');
	$one = $took if !defined $one || $took < $one;
}
print "check: every DNS answer $delay ms late\n";
goal('one full check, in such delays', $one * 1000 / $delay, 'at most', 8, $one * 1000 / $delay <= 8);
my ($slow) = check('--jobs 1', map { "d$_.one.test" } 1 .. $one_by_one);
my ($few, $small) = check('--jobs 50', map { "d$_.few.test" } 1 .. $domains / 5);
my ($fast, $large) = check('--jobs 50', map { "d$_.many.test" } 1 .. $domains);
my $ratio = ($slow / $one_by_one) / ($fast / $domains);
printf "    %d domains one after another: %.1f s; %d with --jobs 50: %.1f s\n", $one_by_one, $slow, $domains, $fast;
goal('so many times the rate', $ratio, 'at least', 20, $ratio >= 20);
goal('memory for five times the domains', $large / $small, 'at most', 1.2, $large / $small <= 1.2);
