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
PKGS    = libcrypto ldns inih libseccomp

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
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJS)
	@rm -f $@
	$(AR) rcs $@ $(LIB_OBJS)

$(HELPER): $(HELPER_OBJS) $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $(HELPER_OBJS) $(LIB) $(LIBS)

$(CTL): $(CTL_OBJS) $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $(CTL_OBJS) $(LIB) $(LIBS) $(JANSSON)

# A test's own objects come first: a scripted resolver in them takes the place
# of the real one in the archive.
$(UNIT_TESTS): $(build)/%: $(build)/%.o $(UNIT_HELP) $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $< $(UNIT_HELP) $(LIB) $(LIBS) -lcmocka

unit: $(UNIT_TESTS)
.PHONY: all unit

-include $(LIB_OBJS:.o=.d) $(HELPER_OBJS:.o=.d) $(CTL_OBJS:.o=.d)
-include $(UNIT_TESTS:=.d) $(UNIT_HELP:.o=.d)
