/*
 * The faults of a world's files: all of them are told, each with its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "practice/voice.h"
#include "practice/world.h"

struct files {
	char folder[64];
};

static void write_file(const struct files *f, const char *name, const char *text)
{
	char path[200];
	FILE *out;

	snprintf(path, sizeof path, "%s/%s", f->folder, name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static void copy_file(const struct files *f, const char *from, const char *name)
{
	char text[16384];
	FILE *in = fopen(from, "r");
	size_t n;

	assert_non_null(in);
	n = fread(text, 1, sizeof text - 1, in);
	fclose(in);
	text[n] = 0;
	write_file(f, name, text);
}

#define PLAIN_CF                                                                                   \
	"compatibility_level = 3.6\n"                                                              \
	"smtpd_relay_restrictions = reject_unauth_destination\n"

static void write_host(const struct files *f, const char *name, const char *host, const char *users)
{
	char path[100];

	snprintf(path, sizeof path, "world/hosts/%s/host", name);
	write_file(f, path, host);
	snprintf(path, sizeof path, "world/hosts/%s/users", name);
	write_file(f, path, users);
	snprintf(path, sizeof path, "world/hosts/%s/main.cf", name);
	write_file(f, path, PLAIN_CF);
}

static int make_files(void **state)
{
	struct files *f = mem_zero(sizeof *f);
	char path[200];
	static const char *const folders[] = {
	        "world",       "world/zones",        "world/voices",
	        "world/hosts", "world/hosts/a.test", "world/hosts/b.test"};

	strcpy(f->folder, "/tmp/test_world.XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	for (size_t i = 0; i < 6; i++) {
		snprintf(path, sizeof path, "%s/%s", f->folder, folders[i]);
		if (mkdir(path, 0700) != 0)
			return -1;
	}
	copy_file(f, "lessons/world/zones/school.test.zone", "world/zones/school.test.zone");
	copy_file(f, "lessons/world/voices/postfix", "world/voices/postfix");
	write_host(f, "a.test", "Address: 192.0.2.1\n", "postmaster\n");
	write_host(f, "b.test", "Address: 192.0.2.2\n", "postmaster\n");
	*state = f;
	return 0;
}

static int remove_files(void **state)
{
	static const char *const names[] = {"world/zones/school.test.zone",
	                                    "world/zones/bad.zone",
	                                    "world/voices/postfix",
	                                    "world/voices/x",
	                                    "world/hosts/a.test/host",
	                                    "world/hosts/a.test/users",
	                                    "world/hosts/a.test/main.cf",
	                                    "world/hosts/b.test/host",
	                                    "world/hosts/b.test/users",
	                                    "world/hosts/b.test/main.cf",
	                                    "world/hosts/a.test",
	                                    "world/hosts/b.test",
	                                    "world/hosts",
	                                    "world/zones",
	                                    "world/voices",
	                                    "world",
	                                    ""};
	struct files *f = *state;
	char path[200];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", f->folder, names[i]);
		remove(path);
	}
	free(f);
	return 0;
}

/* Loads, and gives all faults as "file:line:column: what" lines without the folder. */
static void expect_faults(const struct files *f, const char *expected)
{
	struct diags ds;
	struct world *w;
	struct buf text;

	diags_init(&ds);
	buf_init(&text, 10000);
	w = world_load(f->folder, &ds);
	for (size_t i = 0; i < ds.count; i++) {
		const char *where = ds.list[i].where;
		size_t skip = strlen(f->folder) + strlen("/world/");

		buf_addf(&text, "%s: %s\n", strlen(where) > skip ? where + skip : where,
		         ds.list[i].what);
	}
	assert_string_equal(text.data, expected);
	assert_true((w == NULL) == (*expected != 0));
	world_free(w);
	buf_release(&text);
	diags_release(&ds);
}

static void a_small_world_is_enough(void **state)
{
	expect_faults(*state, "");
}

static void faults_of_tls_and_logins_are_told(void **state)
{
	write_host(*state, "a.test",
	           "Address: 192.0.2.1\n"
	           "Port: 587\n"
	           "Port: 587\n"
	           "Port: 80\n"
	           "Port: x\n"
	           "Certificate: fine\n"
	           "Attack: laugh\n"
	           "Auth: PLAIN MAGIC\n"
	           "Login-First: perhaps\n"
	           "Option: 25 smtpd_use_tls=yes\n",
	           "postmaster\n");
	write_host(*state, "b.test",
	           "Address: 192.0.2.2\n"
	           "Port: 465\n"
	           "Attack: strip\n"
	           "Auth: SCRAM-SHA-256-PLUS\n"
	           "Auth: EXTERNAL\n",
	           "postmaster\n");
	expect_faults(
	        *state,
	        "hosts/a.test/host:3:7: a port is 25, 587 or 465, each once\n"
	        "hosts/a.test/host:4:7: a port is 25, 587 or 465, each once\n"
	        "hosts/a.test/host:5:7: a port is 25, 587 or 465, each once\n"
	        "hosts/a.test/host:6:14: a certificate is good, expired, not-yet-valid, "
	        "wrong-name, self-signed, or incomplete\n"
	        "hosts/a.test/host:7:9: an attack is strip or inject\n"
	        "hosts/a.test/host:8:7: \"MAGIC\" is not a mechanism that a host can do\n"
	        "hosts/a.test/host:9:14: this is yes or no\n"
	        "hosts/a.test/host: an option begins with one of the host's ports\n"
	        "hosts/a.test/host:1:1: port 587 is for users that log in: Auth is missing\n"
	        "hosts/b.test/host:4:7: \"SCRAM-SHA-256-PLUS\" is not a mechanism that a host "
	        "can do\n"
	        "hosts/b.test/host:5:7: \"EXTERNAL\" is not a mechanism that a host can do\n"
	        "hosts/b.test/host:1:1: port 465 is for users that log in over TLS: Auth and "
	        "Certificate are needed\n"
	        "hosts/b.test/host:1:1: an attack on TLS needs a host with a Certificate\n");
}

static void all_faults_of_hosts_are_told(void **state)
{
	write_host(*state, "a.test",
	           "Address: 8.8.8.8\n"
	           "Address: x\n"
	           "Address: 192.0.2.1\n"
	           "Behaviour: sleeps\n"
	           "Voice: ../x\n"
	           "Colour: red\n",
	           "# users\n\nbob\nBOB\na@b\n");
	write_host(*state, "b.test", "Address: 192.0.2.1\nBehaviour: refuses\n", "");
	expect_faults(
	        *state,
	        "hosts/a.test/host:6:9: a host has no \"Colour\"\n"
	        "hosts/a.test/host:1:10: this is not an address of the documentation ranges (RFC "
	        "5737, RFC 3849)\n"
	        "hosts/a.test/host:2:10: this is not an address of the documentation ranges (RFC "
	        "5737, RFC 3849)\n"
	        "hosts/a.test/host:4:12: a host serves, refuses, or is dead\n"
	        "hosts/a.test/host:5:8: this is not the name of a voice\n"
	        "hosts/a.test/users:4: this user is there already\n"
	        "hosts/a.test/users:5: this is not a user's name\n"
	        "hosts/a.test/host:1:1: a host that serves needs the user postmaster (RFC 5321 "
	        "§4.5.1)\n"
	        "hosts/b.test/host:1:10: another host has this address\n"
	        "hosts/b.test/host:1:1: the host has no address\n");
}

static void a_host_without_its_files_is_told(void **state)
{
	char path[200];

	snprintf(path, sizeof path, "%s/world/hosts/a.test/users",
	         ((struct files *)*state)->folder);
	assert_int_equal(remove(path), 0);
	snprintf(path, sizeof path, "%s/world/hosts/b.test/host", ((struct files *)*state)->folder);
	assert_int_equal(remove(path), 0);
	expect_faults(*state,
	              "hosts/a.test/users: cannot read this file: No such file or directory\n"
	              "hosts/a.test/host:1:1: a host that serves needs the user postmaster (RFC "
	              "5321 §4.5.1)\n"
	              "hosts/b.test/host: cannot read this file: No such file or directory\n");
}

static void faults_of_zones_are_told_too(void **state)
{
	struct files *f = *state;
	struct diags ds;

	write_file(f, "world/zones/bad.zone", "x IN MX\n");
	write_host(f, "a.test", "", "postmaster\n");
	diags_init(&ds);
	assert_null(world_load(f->folder, &ds));
	assert_true(ds.count >= 2);
	assert_non_null(strstr(ds.list[0].where, "zones/bad.zone"));
	assert_non_null(strstr(ds.list[ds.count - 1].where, "hosts/a.test/host"));
	diags_release(&ds);
}

static void a_world_without_files_is_told(void **state)
{
	struct diags ds;

	(void)state;
	diags_init(&ds);
	assert_null(world_load("/nonexistent", &ds));
	assert_int_equal(ds.count, 2);
	diags_release(&ds);
}

static void faults_of_voices_are_told(void **state)
{
	write_host(*state, "a.test", "Address: 192.0.2.1\nVoice: x\n", "postmaster\n");
	write_file(*state, "world/voices/x",
	           "Like: postfix\nEmpty-Helo: maybe\n"
	           "Banner: 500 no\n"
	           "Helo: 250-a\n"
	           "Ok: 250 a\n"
	           "Ok: 250 b\n"
	           "Bye: 221 {home}\n"
	           "Queued: Ok\n"
	           "Hallo: 250\n");
	expect_faults(*state,
	              "voices/x:9:8: no reply has the name \"Hallo\"\n"
	              "voices/x:2:13: the only value is \"accept\"\n"
	              "voices/x:3:9: this reply must begin with a code from 200 to 299\n"
	              "voices/x:4:7: every line of a reply but the last has '-' after its code\n"
	              "voices/x:5:5: every line of a reply but the last has '-' after its code\n"
	              "voices/x:8:9: this reply must begin with a code from 200 to 299\n"
	              "voices/x:7:6: the places are {host} {client} {peer} {id} {what} {bytes} "
	              "{limit} {date} {seconds}\n");
}

static void a_voice_must_have_all_its_words(void **state)
{
	struct diags ds;

	write_file(*state, "world/voices/x", "Banner: 220 {host}\n");
	diags_init(&ds);
	assert_null(voice_load(((struct files *)*state)->folder, "x", &ds));
	assert_int_equal(ds.count + ds.dropped, PRACTICE_REPLY_COUNT - 1);
	assert_string_equal(ds.list[0].what, "has no words for the reply \"Helo\"");
	diags_release(&ds);
	write_file(*state, "world/voices/x", "Like: x\n"); /* like itself */
	diags_init(&ds);
	assert_null(voice_load(((struct files *)*state)->folder, "x", &ds));
	assert_true(ds.count > 0);
	diags_release(&ds);
}

#define FILES(name) cmocka_unit_test_setup_teardown(name, make_files, remove_files)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        FILES(a_small_world_is_enough),
	        FILES(all_faults_of_hosts_are_told),
	        FILES(a_host_without_its_files_is_told),
	        FILES(faults_of_tls_and_logins_are_told),
	        FILES(faults_of_zones_are_told_too),
	        cmocka_unit_test(a_world_without_files_is_told),
	        FILES(faults_of_voices_are_told),
	        FILES(a_voice_must_have_all_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
