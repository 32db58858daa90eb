# smtptalk: the whole build, one make file, no configure step. `make help` lists the goals.
#
# Every variant is built in its own folder, build/VARIANT. CFLAGS, CPPFLAGS, LDFLAGS and LDLIBS are
# yours: they are added to what the house needs, after it. V=1 shows the commands.

VARIANT ?= release
B       := build/$(VARIANT)

PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share/smtptalk
MANDIR  ?= $(PREFIX)/share/man
INSTALL ?= install

PKG_CONFIG   ?= pkg-config
FUZZ_CC      ?= clang
FUZZ_SECONDS ?= 60
LONG_SECONDS ?= 600
JOBS         ?= $(shell nproc 2>/dev/null || echo 2)

MAKEFLAGS += -r --no-print-directory
.PHONY: all programs fuzzers unit e2e hostile real fuzz-check check check-long bench coverage \
	lint lint-format lint-tidy lint-deep lint-analyzer lint-cppcheck lint-shell format learn deps \
	install uninstall clean help
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
Q := $(if $(V),,@)

# --- what is built ------------------------------------------------------------------------------

LIB_SRC   := $(sort $(wildcard lib/*/*.c))
UNIT_SRC  := $(sort $(wildcard tests/unit/test_*.c))
FUZZ_SRC  := $(sort $(wildcard tests/fuzz/fuzz_*.c))
ALL_C     := smtptalk.c $(LIB_SRC) $(sort $(wildcard tests/*/*.c))
ALL_H     := $(sort $(wildcard lib/*/*.h tests/*/*.h))
LIB_OBJ   := $(LIB_SRC:%.c=$(B)/%.o)
# Programs that tests run: unit tests, and small helpers of the bats files.
TEST_SRC  := $(UNIT_SRC) $(sort $(wildcard $(patsubst %,tests/%/*.c,bench e2e hostile real)))
TESTS     := $(TEST_SRC:%.c=$(B)/%)
FUZZERS   := $(FUZZ_SRC:%.c=$(B)/%)
BATS      := $(sort $(wildcard tests/e2e/*.bats tests/hostile/*.bats))
REAL_BATS := $(sort $(wildcard tests/real/*.bats))

# --- variants -----------------------------------------------------------------------------------

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FORTIFY  := $(if $(filter -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)

OPT_release  := -O2 -g $(FORTIFY)
OPT_debug    := -O0 -g3
OPT_asan     := -O1 -g $(SANITIZE)
OPT_fuzz     := -O1 -g $(SANITIZE) -fsanitize=fuzzer-no-link
OPT_coverage := -O0 -g --coverage
LINK_release  := -Wl,-z,pack-relative-relocs
LINK_asan     := $(SANITIZE)
LINK_fuzz     := $(SANITIZE)
LINK_coverage := --coverage

VARIANTS := release debug asan fuzz coverage
ifeq ($(filter $(VARIANT),$(VARIANTS)),)
$(error VARIANT=$(VARIANT) is unknown; there are: $(VARIANTS))
endif
ifeq ($(VARIANT),fuzz)
override CC := $(FUZZ_CC)
endif

# --- flags --------------------------------------------------------------------------------------

WERROR ?= -Werror
WARN := -Wall -Wextra $(WERROR) -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef
BASE_CFLAGS := -std=c11 -D_GNU_SOURCE -Ilib $(WARN) -fno-common -fstack-protector-strong -fPIE
ALL_CFLAGS   = $(BASE_CFLAGS) $(PKG_CFLAGS) $(OPT_$(VARIANT)) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS  = -pie -Wl,--as-needed -Wl,-z,relro,-z,now $(LINK_$(VARIANT)) $(LDFLAGS)

# These goals need no library: they work, or say what is missing, on a machine that has none.
WITHOUT_LIBS := help deps learn check check-long clean format lint bench coverage uninstall
ifneq ($(filter-out $(WITHOUT_LIBS),$(or $(MAKECMDGOALS),all)),)
PKGS := libevent_core ldns libssl libcrypto readline libidn2 libgsasl jansson
ifneq ($(shell $(PKG_CONFIG) --exists $(PKGS) && echo yes),yes)
$(error $(PKG_CONFIG) does not find all of: $(PKGS). On Debian and Ubuntu they are in libevent-dev \
libldns-dev libssl-dev libreadline-dev libidn2-dev libgsasl-dev libjansson-dev, and `make deps` installs what is missing)
endif
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS))

# Start-up time is the time to load libraries, and most of that is libcrypto, which ldns pulls in
# for DNSSEC. Linking these from their archives, relocations packed, halves it. LINK=shared is
# for packagers; tests link shared as well: that builds faster, and their start does not matter.
LINK       ?= static
ARCHIVED   := ldns ssl crypto event_core jansson
archive     = $(wildcard $(ARCHIVE_DIR)lib$(1).a)
ARCHIVE_DIR := $(dir $(shell $(CC) -print-file-name=libc.a))
# An archive needs those of what it is built with; where one of a set is missing, it is shared.
all_or_none = $(if $(filter $(words $(1)),$(words $(foreach l,$(1),$(call archive,$(l))))),$(1))
ARCHIVED   += $(call all_or_none,gsasl idn ntlm gssglue)
ARCHIVED   += $(call all_or_none,readline tinfo) $(call all_or_none,idn2 unistring)
static_lib  = $(if $(call archive,$(1)),-l:lib$(1).a,-l$(1))
LIBS_shared := $(shell $(PKG_CONFIG) --libs $(PKGS))
LIBS_static  = $(foreach l,$(ARCHIVED),$(call static_lib,$(l))) $(filter-out $(ARCHIVED:%=-l%),$(LIBS_shared))
PROGRAM_LIBS := $(LIBS_$(if $(filter release,$(VARIANT)),$(LINK),shared))

# Stamps: files that change only when what they name has changed. Whatever depends on flags depends
# on the stamp, and the archive depends on the list of its members, so that none outlives its source.
stamp = $(if $(call same,$(1),$(2)),,$(shell mkdir -p $(B))$(file >$(B)/$(1),$(2)))
same  = $(and $(findstring x$(2)x,x$(file <$(B)/$(1))x),$(findstring x$(file <$(B)/$(1))x,x$(2)x))
$(call stamp,flags,$(CC) $(ALL_CFLAGS))
$(call stamp,link,$(CC) $(ALL_LDFLAGS) $(PROGRAM_LIBS) $(LDLIBS))
$(call stamp,members,$(LIB_OBJ))
$(call stamp,datadir,$(DATADIR))
endif

# --- rules --------------------------------------------------------------------------------------

all: $(if $(filter release,$(VARIANT)),smtptalk,$(B)/smtptalk)

smtptalk: build/release/smtptalk
	$(Q)ln -f $< $@

$(B)/smtptalk: $(B)/smtptalk.o $(B)/libsmtptalk.a $(B)/link
	@echo "  LINK $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(PROGRAM_LIBS) $(LDLIBS)

$(B)/libsmtptalk.a: $(LIB_OBJ) $(B)/members
	$(Q)rm -f $@ && $(AR) rcsD $@ $(LIB_OBJ)

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D); echo "  CC $(B) $<"
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/lib/base/datadir.o: CPPFLAGS += -DSMTPTALK_DATADIR='"$(DATADIR)"'
$(B)/lib/base/datadir.o: $(B)/datadir

$(B)/tests/%: $(B)/tests/%.o $(B)/libsmtptalk.a $(B)/link
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LIBS_shared) -lcmocka $(LDLIBS)

$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(B)/libsmtptalk.a $(B)/link
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o %.a,$^) $(LIBS_shared) $(LDLIBS)

-include $(LIB_OBJ:.o=.d) $(B)/smtptalk.d $(TESTS:=.d) $(FUZZERS:=.d)

# --- tests: each speaks TAP, tests/run starts it, prove counts ----------------------------------

# A parallel make below this one joins our -j, or gets one of its own.
SUBMAKE = $(MAKE) $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS))
PROVE   = prove -j$(JOBS) --timer --exec tests/run

programs: all $(TESTS)
fuzzers: $(FUZZERS) $(B)/smtptalk.o
unit: programs
	$(PROVE) $(UNIT_SRC:%.c=$(VARIANT)/%)
e2e hostile real: programs
	$(PROVE) $(addprefix $(VARIANT)/,$(filter tests/$@/%,$(BATS) $(REAL_BATS)))
fuzz-check:
	+$(SUBMAKE) VARIANT=fuzz fuzzers
	FUZZ_SECONDS=$(FUZZ_SECONDS) $(PROVE) $(FUZZ_SRC:%.c=fuzz/%)

# Hostile peers look for errors of memory: the sanitizers' variant is enough for them.
IN_CHECK = $(wildcard tests/house/*.bats) \
	$(addprefix release/,$(REAL_BATS) $(filter-out tests/hostile/%,$(BATS))) $(addprefix asan/,$(BATS)) \
	$(FUZZ_SRC:%.c=fuzz/%) $(UNIT_SRC:%.c=release/%) $(UNIT_SRC:%.c=asan/%)
check:
	@scripts/deps.sh build check
	+$(Q)$(SUBMAKE) VARIANT=release programs
	+$(Q)$(SUBMAKE) VARIANT=asan programs
	+$(Q)$(SUBMAKE) VARIANT=fuzz fuzzers
	FUZZ_SECONDS=0 $(PROVE) $(IN_CHECK)

# What takes hours: all that, clang's analyzer, each fuzzer for LONG_SECONDS, valgrind.
check-long: check
	+$(Q)$(SUBMAKE) VARIANT=release lint-deep
	FUZZ_SECONDS=$(LONG_SECONDS) $(PROVE) $(FUZZ_SRC:%.c=fuzz/%)
	RUN_UNDER='valgrind -q --leak-check=full --error-exitcode=9' $(PROVE) $(UNIT_SRC:%.c=release/%)

bench:
	@scripts/deps.sh build bench
	+$(Q)$(SUBMAKE) VARIANT=release programs
	tests/bench/bench.pl
	tests/bench/check.pl
coverage:
	@scripts/deps.sh build check
	rm -rf build/coverage
	+$(Q)$(SUBMAKE) VARIANT=coverage programs
	+$(MAKE) VARIANT=coverage unit e2e hostile
	scripts/coverage.sh

# --- lint: a stamp per file, so that what has not changed is not read again ---------------------

LINTED := $(wildcard smtptalk.c) $(LIB_SRC)
lint:
	+$(Q)$(MAKE) -k lint-format lint-shell
	+$(Q)$(SUBMAKE) -k VARIANT=release lint-cppcheck lint-tidy lint-analyzer
lint-format:
	clang-format --dry-run -Werror $(wildcard $(ALL_C)) $(ALL_H)
lint-shell:
	shellcheck $(wildcard scripts/*.sh tests/run tests/*.bash tests/*/*.bash .ci/run)
$(foreach l,tidy deep analyzer cppcheck,$(eval lint-$(l): $(LINTED:%.c=build/lint/%.$(l))))

# The release object stands for the headers: it is newer than every one that its source includes.
# tidy leaves clang's own path-sensitive analyzer, most of its time, to deep and so to check-long.
tidy = clang-tidy --quiet $(2) $(1) -- $(BASE_CFLAGS) $(PKG_CFLAGS) >$@.log 2>&1 || { cat $@.log; exit 1; }; touch $@
build/lint/%.tidy: %.c build/release/%.o .clang-tidy
	@mkdir -p $(@D); echo "  TIDY $<"
	$(Q)$(call tidy,$<,--checks=-clang-analyzer-*)
build/lint/%.deep: %.c build/release/%.o .clang-tidy
	@mkdir -p $(@D); echo "  TIDY $<"
	$(Q)$(call tidy,$<)
build/lint/%.analyzer: %.c build/release/%.o
	@mkdir -p $(@D); echo "  ANALYZE $<"
	$(Q)gcc $(BASE_CFLAGS) $(PKG_CFLAGS) -O1 -fanalyzer -S -o /dev/null $< && touch $@
build/lint/%.cppcheck: %.c build/release/%.o
	@mkdir -p $(@D); echo "  CPPCHECK $<"
	$(Q)cppcheck -q --std=c11 --language=c -Ilib --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 $< && touch $@
format:
	clang-format -i $(wildcard $(ALL_C)) $(ALL_H)

# --- everything else ----------------------------------------------------------------------------

deps:
	@scripts/deps.sh build check bench
learn:
	@scripts/deps.sh build
	+@$(SUBMAKE) VARIANT=release all
	@./smtptalk learn

LESSONS = $(shell cd lessons && find . -type f)
install: all
	$(INSTALL) -D -m 755 $(B)/smtptalk $(DESTDIR)$(BINDIR)/smtptalk
	$(INSTALL) -D -m 644 smtptalk.1 $(DESTDIR)$(MANDIR)/man1/smtptalk.1
	$(INSTALL) -D -m 644 smtptalk-send.1 $(DESTDIR)$(MANDIR)/man1/smtptalk-send.1
	@for f in $(LESSONS); do \
		$(INSTALL) -D -m 644 "lessons/$$f" "$(DESTDIR)$(DATADIR)/lessons/$$f" || exit 1; done
uninstall:
	rm -f $(DESTDIR)$(BINDIR)/smtptalk $(DESTDIR)$(MANDIR)/man1/smtptalk.1 $(DESTDIR)$(MANDIR)/man1/smtptalk-send.1
	rm -rf $(DESTDIR)$(DATADIR)

clean:
	rm -rf build smtptalk

help:
	@: $(info $(HELP))

define HELP
make                 build ./smtptalk
make learn           install what is missing, build, open the guided first conversation
make check           install what is missing, run every test and check (.ci/run does this)
make check-long      the same, then hours of fuzzing and valgrind
make unit|e2e|hostile|real   one kind of test, in this VARIANT
make fuzz-check      replay the fuzz corpora, then fuzz each FUZZ_SECONDS (60)
make coverage        which lines the tests reach
make bench           start-up and a whole transaction, beside telnet, nc and swaks
make lint, format    read the sources with every checker; lay them out with clang-format
make install, uninstall      PREFIX ($(PREFIX)), DESTDIR
make deps            install what building, testing and measuring need
make clean           remove build/ and ./smtptalk

VARIANT=$(subst $(SPACE),|,$(VARIANTS))
CC (gcc and clang are tested), CPPFLAGS, CFLAGS, LDFLAGS, LDLIBS: added after the project's own
LINK=shared          no library from its archive;  WERROR= warnings stay warnings;  V=1 show commands
endef
SPACE := $(subst x,,x x)
