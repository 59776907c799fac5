# dance-login: see README.md.  The usual targets: all check demo install lint
# fuzz bench clean.  SANITIZE=1 builds (and checks) under ASan and UBSan,
# WERROR=1 turns warnings into errors.

prefix        = /usr
exec_prefix   = $(prefix)
bindir        = $(exec_prefix)/bin
libexecdir    = $(exec_prefix)/libexec
sysconfdir    = /etc
localstatedir = /var
datarootdir   = $(prefix)/share
docdir        = $(datarootdir)/doc/dance-login
mandir        = $(datarootdir)/man
DESTDIR       =

CC      = cc
AR      = ar
INSTALL = install
PKGS    = libssl libcrypto ldns inih libseccomp

# V=1 shows the commands.
ifdef V
SAY = @:
Q   =
else
SAY = @echo '  '
Q   = @
endif

ifdef SANITIZE
build     = build/sanitize
SAN       = -fsanitize=address,undefined -fno-sanitize-recover=all \
	    -fno-omit-frame-pointer
HARDEN    =
else
build     = build
SAN       =
HARDEN    = -D_FORTIFY_SOURCE=2
endif
ifdef WERROR
WARN_ERROR = -Werror
endif

CFLAGS  = -O2 -g
WARN    = -Wall -Wextra $(WARN_ERROR) -pedantic -Wshadow -Wconversion \
	  -Wsign-conversion -Wcast-qual -Wcast-align -Wformat=2 \
	  -Wmissing-prototypes -Wmissing-declarations -Wstrict-prototypes \
	  -Wold-style-definition -Wpointer-arith -Wwrite-strings -Wundef \
	  -Wnull-dereference -Wimplicit-fallthrough -Wvla \
	  -Wbad-function-cast -Wframe-larger-than=4096
DEFS    = -D_GNU_SOURCE -DDANCE_SYSCONFDIR='"$(sysconfdir)"' \
	  -DDANCE_CACHEDIR='"$(localstatedir)/cache/dance"'
ALL_CFLAGS  = -std=gnu11 $(DEFS) $(CFLAGS) -fPIC -fvisibility=hidden \
	  -fstack-protector-strong $(HARDEN) $(SAN) $(WARN) -Ilibdance \
	  $(shell pkg-config --cflags $(PKGS)) $(CPPFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack,--no-undefined \
	  -Wl,--as-needed $(SAN) $(LDFLAGS)
# Debian 12's libunbound.pc asks for libevent's, which -dev does not bring.
LIBS    = $(shell pkg-config --libs $(PKGS)) -lunbound
JANSSON = $(shell pkg-config --libs jansson)

LIB_OBJS    = $(patsubst %.c,$(build)/%.o,$(wildcard libdance/*.c))
HELPER_OBJS = $(patsubst %.c,$(build)/%.o,$(wildcard sshd_helper/*.c))
CTL_OBJS    = $(patsubst %.c,$(build)/%.o,$(wildcard dancectl/*.c))
UNIT_SRCS   = $(wildcard tests/unit/test_*.c)
UNIT_HELP   = $(patsubst %.c,$(build)/%.o, \
	      $(filter-out $(UNIT_SRCS),$(wildcard tests/unit/*.c)))
UNIT_TESTS  = $(patsubst %.c,$(build)/%,$(UNIT_SRCS))
FUZZ_SRCS   = $(wildcard tests/fuzz/fuzz_*.c)
REPLAYS     = $(patsubst %.c,$(build)/%,$(FUZZ_SRCS))

LIB     = $(build)/libdance.a
HELPER  = $(build)/dance-authorized-keys
CTL     = $(build)/dancectl/dancectl

all: $(HELPER) $(CTL)

$(build)/%.o: %.c
	@mkdir -p $(@D)
	$(SAY)CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJS)
	@rm -f $@
	$(SAY)AR $@
	$(Q)$(AR) rcs $@ $(LIB_OBJS)

$(HELPER): $(HELPER_OBJS) $(LIB)
	$(SAY)LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(HELPER_OBJS) $(LIB) $(LIBS)

$(CTL): $(CTL_OBJS) $(LIB)
	@mkdir -p $(@D)
	$(SAY)LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(CTL_OBJS) $(LIB) $(LIBS) $(JANSSON)

# A test's own objects come first: a scripted resolver in them takes the place
# of the real one in the archive.
$(UNIT_TESTS): $(build)/%: $(build)/%.o $(UNIT_HELP) $(LIB)
	$(SAY)LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(UNIT_HELP) $(LIB) $(LIBS) -lcmocka

unit: $(UNIT_TESTS)

# The fuzzers' harnesses over their corpora, without a fuzzer.
$(REPLAYS): $(build)/%: $(build)/%.o $(build)/tests/fuzz/replay.o $(LIB)
	$(SAY)LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(build)/tests/fuzz/replay.o \
	    $(LIB) $(LIBS)

replays: $(REPLAYS)

BENCHES = $(patsubst %.c,$(build)/%,$(wildcard tests/bench/*.c))

$(BENCHES): $(build)/%: $(build)/%.o
	$(SAY)LD $@
	$(Q)$(CC) -pie $(SAN) -o $@ $< -Wl,--no-as-needed $(LIBS)

deps:
	packaging/install-deps

# Every test, and one line for them all at the end.
check: deps
	+tests/run

check-asan:
	+$(MAKE) check SANITIZE=1

# A real login with a name in DNS, in namespaces of its own, explained.
demo: deps
	+$(MAKE) all
	tests/lab/run tests/lab/demo.sh

bench: deps
	+$(MAKE) all $(BENCHES)
	tests/lab/run tests/bench/bench.sh

fuzz:
	tests/fuzz/run $(FUZZ_SECONDS)

lint:
	tests/lint/run

install: all
	$(INSTALL) -d $(DESTDIR)$(libexecdir)/dance $(DESTDIR)$(bindir) \
	    $(DESTDIR)$(mandir)/man1 $(DESTDIR)$(mandir)/man5 \
	    $(DESTDIR)$(mandir)/man8 $(DESTDIR)$(sysconfdir)/dance
	$(INSTALL) -m 0755 $(HELPER) $(DESTDIR)$(libexecdir)/dance/
	$(INSTALL) -m 0755 $(CTL) $(DESTDIR)$(bindir)/
	$(INSTALL) -m 0644 dancectl/dancectl.1 $(DESTDIR)$(mandir)/man1/
	$(INSTALL) -m 0644 dancectl/accounts.5 dancectl/dance.conf.5 \
	    $(DESTDIR)$(mandir)/man5/
	$(INSTALL) -m 0644 sshd_helper/dance-authorized-keys.8 \
	    $(DESTDIR)$(mandir)/man8/

clean:
	rm -rf build

.PHONY: all unit replays deps check check-asan demo bench fuzz lint install \
	clean

-include $(LIB_OBJS:.o=.d) $(HELPER_OBJS:.o=.d) $(CTL_OBJS:.o=.d)
-include $(UNIT_TESTS:=.d) $(UNIT_HELP:.o=.d) $(REPLAYS:=.d) $(BENCHES:=.d)
