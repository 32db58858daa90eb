#!/usr/bin/perl
# usage: compare.pl FOLDER WORK PRACTICE_ANSWERS
#
# The same main.cf and the same client scripts, on a real Postfix and on the practice server: their
# replies must be equal, code, enhanced code and text, but for queue ids. FOLDER has configurations,
# scripts, files/, zones/ and differences; WORK is for what is made of them. To be started as root in
# a network namespace of its own, whose DNS answers from zones/ (postfix_compare.bats does both).
use strict;
use warnings;
use IO::Socket::INET;
use IO::Select;

my ($folder, $work, $answers) = @ARGV;
my $server = '192.0.2.25';
my $first_port = 2600;
my $patience = 20;     # seconds for a reply
my $warm_up = "EHLO me\nMAIL FROM:<a\@b.test>\nRCPT TO:<bob\@host.test>\nETRN relay.test\nQUIT\n";
my $quiet = 0.1;       # seconds without a byte: the server has nothing more to say

sub slurp { my ($path) = @_; open my $f, '<', $path or die "$path: $!\n"; local $/; return <$f> }
sub spew { my ($path, $text) = @_; open my $f, '>', $path or die "$path: $!\n"; print $f $text; close $f or die "$path: $!\n" }

# "=== name rest" begins a section; comments before the first one are dropped.
sub sections
{
	my ($path) = @_;
	my (@list, $now);
	for (split /^/, slurp($path)) {
		if (/^=== (\S+) *(.*)$/) { $now = { name => $1, rest => $2, text => '' }; push @list, $now }
		elsif ($now) { $now->{text} .= $_ }
	}
	return @list;
}

# "name = value" with its continuation lines, as pairs.
sub parameters
{
	my ($text) = @_;
	$text =~ s/\n[ \t]+/ /g;
	return map { /^(\S+)\s*=\s*(.*?)\s*$/ ? [$1, $2] : () } grep { !/^\s*(#|$)/ } split /\n/, $text;
}

my @scripts = sections("$folder/scripts");
my ($base, @configurations) = sections("$folder/configurations");

# --- the practice side ---

sub write_practice
{
	mkdir "$work/$_" for qw(scripts hosts data data/world);
	symlink "$folder/zones", "$work/data/world/zones";
	symlink "$ENV{ROOT}/lessons/world/voices", "$work/data/world/voices";
	my $other = "$work/data/world/hosts/other.invalid";
	mkdir $_ for "$work/data/world/hosts", $other;
	spew("$other/host", "Address: 192.0.2.200\n");
	spew("$other/users", "postmaster\n");
	spew("$other/main.cf", "compatibility_level = 3.6\nmydestination = other.invalid\nsmtpd_relay_restrictions = reject_unauth_destination\n");
	spew("$work/scripts/$_->{name}", "\@$_->{rest}\n$_->{text}") for @scripts;
	for my $c (@configurations) {
		my $home = "$work/hosts/$c->{name}";
		mkdir $home;
		spew("$home/main.cf", $base->{text} . $c->{text});
		spew("$home/host", "Address: 192.0.2.25\n");
		spew("$home/users", "postmaster\nbob\nalice\n");
		system('cp', '-r', "$folder/files/.", $home) == 0 or die "cp\n";
	}
}

sub ask_practice
{
	my ($c) = @_;
	my @command = ($answers, "$work/data", "$work/hosts/$c->{name}", map { "$work/scripts/$_->{name}" } @scripts);
	open my $out, '-|', @command or die "$answers: $!\n";
	my $text = do { local $/; <$out> };
	close $out or die "$c->{name}: practice_answers failed\n";
	return $text;
}

# --- the real side ---

# One smtpd a configuration, with its own rewrite and cleanup: what main.cf says to one, it says to all.
sub write_postfix
{
	my $main = "queue_directory = $work/queue\ndata_directory = $work/lib\nmaillog_file = $work/log\n"
		. "maillog_file_prefixes = $work\nmax_idle = 20s\nin_flow_delay = 0\n"
		. join('', map { "$_ = discard:\n" } qw(default_transport local_transport relay_transport virtual_transport))
		. "smtpd_error_sleep_time = 0\nsmtpd_client_connection_count_limit = 0\nsmtpd_soft_error_limit = 1000\n"
		. $base->{text};
	mkdir "$work/$_" for qw(etc queue lib);
	system("chown postfix $work/lib") == 0 or die "chown\n";
	spew("$work/etc/main.cf", $main);
	system('cp', '-r', "$folder/files/.", "$work/etc") == 0 or die "cp\n";
	my $master = <<'END';
qmgr unix n - n 300 1 qmgr
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
postlog unix-dgram n - n - 1 postlogd
END
	my $n = 0;
	for my $c (@configurations) {
		my $port = $c->{port} = $first_port + $n;
		my $options = join '', map { my ($k, $v) = @$_; "  -o { $k = $v }\n" } parameters($c->{text});
		$options .= "  -o rewrite_service_name=rewrite$n\n  -o cleanup_service_name=cleanup$n\n"
			. "  -o flush_service_name=flush$n\n";
		$master .= "$server:$port inet n - n - - smtpd\n$options"
			. "rewrite$n unix - - n - - trivial-rewrite\n$options"
			. "cleanup$n unix n - n - 0 cleanup\n${options}flush$n unix n - n 1000? 0 flush\n$options";
		$n++;
	}
	spew("$work/etc/master.cf", $master);
}

sub raw
{
	my ($line) = @_;
	my %escape = (r => "\r", n => "\n", 0 => "\0");
	$line =~ s/\\(.)/exists $escape{$1} ? $escape{$1} : $1/ge;
	return $line;
}

# All that comes until $replies are whole, for each of which the server has $time; and for a moment more
# when it was not $exact that many.
sub receive
{
	my ($peer, $replies, $time, $exact) = @_;
	my ($text, $wait) = ('', IO::Select->new($peer->{socket}));
	for (;;) {
		my $whole = () = $text =~ /^\d{3}(?: .*)?\r\n/mg;
		last if $exact && $whole >= $replies;
		last unless $wait->can_read($whole < $replies ? $time : $quiet);
		my $n = sysread $peer->{socket}, $text, 65536, length $text;
		if (!$n) { $peer->{closed} = 1; last }
	}
	for (split /\r\n/, $text) {
		$peer->{out} .= "S: $_\n";
		$peer->{code} = substr $_, 0, 3;
	}
	# after these the server hangs up
	if ($text =~ /^(?:.21 |554 5\.5\.0 Error: SMTP)/m && $wait->can_read(0.5)) {
		$peer->{closed} = !sysread $peer->{socket}, my $nothing, 1;
	}
}

sub play
{
	my ($c, $script, @raw_replies) = @_;
	my $socket = IO::Socket::INET->new(LocalAddr => $script->{rest}, PeerAddr => $server, PeerPort => $c->{port})
		or die "$c->{name}: $!\n";
	my $peer = { socket => $socket, out => "== $script->{name}\n", code => 0 };
	receive($peer, 1, $patience, 1);
	for (split /\n/, $script->{text}) {
		last if $peer->{closed};
		my $text = $peer->{code} eq '354' && !/^!/;
		$peer->{out} .= "C: $_\n" unless $text;
		syswrite $socket, /^!(.*)/s ? raw($1) : "$_\r\n";
		next if $text && $_ ne '.';
		# A dot may be none; to what is raw the practice server has answered so often.
		if (/^!/) { receive($peer, shift @raw_replies // 0, $patience, 0) }
		else { receive($peer, 1, $text ? 5 : $patience, 1) }
	}
	receive($peer, 0, $quiet, 0) unless $peer->{closed};
	$peer->{out} .= "closed\n" if $peer->{closed};
	return $peer->{out};
}

# --- side by side ---

sub masked { my ($text) = @_; $text =~ s/queued as [0-9A-F]+/queued as ID/g; return $text }

# Script by script; each line that differs, with what stands before it.
sub differences
{
	my ($c, $real, $practice) = @_;
	my @found;
	my %other = map { /^(\S+)\n(.*)/s ? ($1, $2) : () } split /^== /m, masked($practice);
	for (split /^== /m, masked($real)) {
		my ($name, $text) = /^(\S+)\n(.*)/s or next;
		my ($r, $p) = ([split /\n/, $text], [split /\n/, $other{$name} // '']);
		for my $i (0 .. ($#$r > $#$p ? $#$r : $#$p)) {
			next if ($r->[$i] // '') eq ($p->[$i] // '');
			my $before = join '', map { "    $_\n" } @{$r}[($i > 3 ? $i - 3 : 0) .. $i - 1];
			push @found, [$name, "$before  real:     " . ($r->[$i] // '(nothing)') . "\n  practice: " . ($p->[$i] // '(nothing)') . "\n"];
			last;
		}
	}
	return @found;
}

# The differences that are known: "configuration script reason", "*" for any.
sub known
{
	my ($c, $script) = @_;
	for (split /\n/, slurp("$folder/differences")) {
		my ($configuration, $name, $reason) = /^([^#\s]\S*)\s+(\S+)\s+(.+)/ or next;
		return $reason if ($configuration eq '*' || $configuration eq $c->{name}) && $name eq $script;
	}
	return undef;
}

sub compare_all
{
	my ($failed, $equal, $excused) = (0, 0, 0);
	for my $c (@configurations) {
		my @found = differences($c, slurp("$work/real.$c->{name}"), $c->{practice});
		$equal += @scripts - @found;
		for (@found) {
			my $reason = known($c, $_->[0]);
			$reason ? $excused++ : $failed++;
			print "$c->{name} / $_->[0]:\n$_->[1]" unless $reason;
		}
	}
	printf "%d configurations, %d scripts: %d equal, %d differ for a known reason, %d differ\n",
		scalar @configurations, scalar @scripts, $equal, $excused, $failed;
	return $failed;
}

# How many replies the practice server gave to each raw line, by script.
sub raw_replies
{
	my %raw;
	for (split /^== /m, $_[0]) {
		my ($name, $text) = /^(\S+)\n(.*)/s or next;
		$raw{$name} = [map { /^!/ ? scalar(() = s/^S: 354[^\n]*\n\K.*//msr =~ /^S: \d{3}(?: |$)/mg) : () } split /^C: /m, $text];
	}
	return %raw;
}

sub ask_postfix
{
	my @waiting = @configurations;
	my $running = 0;
	while (@waiting || $running) {
		if (@waiting && $running < 24) {
			my $c = shift @waiting;
			if (!fork) {
				play($c, { rest => $server, name => '', text => $warm_up }); # starts its daemons
				my %raw = raw_replies($c->{practice});
				spew("$work/real.$c->{name}", join '', map { play($c, $_, @{$raw{$_->{name}}}) } @scripts);
				exit 0;
			}
			$running++;
			next;
		}
		wait;
		die "a conversation with Postfix failed\n" if $?;
		$running--;
	}
}

write_practice();
$_->{practice} = ask_practice($_) for @configurations;
write_postfix();
if (!$ENV{PRACTICE_ONLY}) {
	system("postfix -c $work/etc start >$work/start.log 2>&1") == 0 or die slurp("$work/start.log");
	my $done = eval { ask_postfix(); 1 };
	my $why = $@;
	system("postfix -c $work/etc stop >/dev/null 2>&1");
	die $why unless $done;
}
exit(compare_all() ? 1 : 0);
