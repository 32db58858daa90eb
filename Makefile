# smtptalk: one make file for everything. `make help` lists the targets.

VARIANT ?= release
B       := build/$(VARIANT)

PREFIX  ?= /usr/local
DATADIR  = $(PREFIX)/share/smtptalk

PKGS    := libevent_core ldns readline libidn2
CC      ?= cc
CFLAGS  ?= -O2 -g
PKGCF   := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE -Ilib -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wformat=2 -Wundef -fno-common -fstack-protector-strong -fPIE \
	-DSMTPTALK_DATADIR='"$(DATADIR)"' $(PKGCF)
ALL_LDFLAGS := -pie -Wl,--as-needed -Wl,-z,relro,-z,now
LIBS    := $(shell pkg-config --libs $(PKGS) 2>/dev/null)

ifeq ($(VARIANT),asan)
CFLAGS  := -O1 -g
ALL_CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
ALL_LDFLAGS += -fsanitize=address,undefined
endif

LIB_SRC := $(sort $(wildcard lib/*/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
UNIT    := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(sort $(wildcard tests/unit/test_*.c)))

all: $(B)/smtptalk smtptalk-link
.PHONY: all smtptalk-link clean unit

smtptalk-link: $(B)/smtptalk
ifeq ($(VARIANT),release)
	@cmp -s $(B)/smtptalk smtptalk || cp $(B)/smtptalk smtptalk
endif

$(B)/smtptalk: $(B)/smtptalk.o $(LIB_OBJ)
	$(CC) $(ALL_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(LIB_OBJ)
	$(CC) $(ALL_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

.PRECIOUS: $(B)/%.o

$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(subst ','\'',$(ALL_CFLAGS)) $(CFLAGS) $(ALL_LDFLAGS) $(LDFLAGS)' >$@.new
	@cmp -s $@.new $@ || mv $@.new $@
FORCE:

unit: $(UNIT)
	CMOCKA_MESSAGE_OUTPUT=TAP prove --exec '' $(UNIT)

clean:
	rm -rf build smtptalk

-include $(LIB_OBJ:.o=.d) $(B)/smtptalk.d $(UNIT:=.d)
