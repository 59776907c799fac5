# dance-login: see README.md.  The usual targets: all check demo install lint
# fuzz fault coverage bench test story clean.  SANITIZE=1 builds (and checks)
# under ASan and UBSan, WERROR=1 turns warnings into errors.

prefix        = /usr
exec_prefix   = $(prefix)
bindir        = $(exec_prefix)/bin
libexecdir    = $(exec_prefix)/libexec
multiarch     = $(shell $(CC) -print-multiarch 2>/dev/null)
libdir        = $(exec_prefix)/lib$(if $(multiarch),/$(multiarch))
sysconfdir    = /etc
localstatedir = /var
datarootdir   = $(prefix)/share
docdir        = $(datarootdir)/doc/dance-login
mandir        = $(datarootdir)/man
unitdir       = $(prefix)/lib/systemd/system
sysusersdir   = $(prefix)/lib/sysusers.d
tmpfilesdir   = $(prefix)/lib/tmpfiles.d
bashcompdir   = $(datarootdir)/bash-completion/completions
# Debian's zsh looks elsewhere for what packages bring.
zshcompdir    = $(datarootdir)/zsh/$(if $(and $(multiarch),$(filter \
		/usr,$(prefix))),vendor-completions,site-functions)
apparmordir   = $(sysconfdir)/apparmor.d
DESTDIR       =

CC      = cc
AR      = ar
INSTALL = install
PKGS    = libssl libcrypto ldns inih libseccomp p11-kit-1

# V=1 shows the commands.
ifdef V
SAY = @: ''
Q   =
else
SAY = @echo '  '
Q   = @
endif

# What the sanitizers put around variables is no part of a frame.
FRAME     = $(if $(SANITIZE)$(TSAN),8192,4096)
ifdef SANITIZE
build     = build/sanitize
SAN       = -fsanitize=address,undefined -fno-sanitize-recover=all \
	    -fno-omit-frame-pointer
HARDEN    =
else ifdef TSAN
build     = build/tsan
SAN       = -fsanitize=thread -fno-omit-frame-pointer
HARDEN    =
else ifdef COVERAGE
# Not folded by the optimizer; tests/coverage/counters.c says how the counts
# of all processes come together.
build     = build/coverage
OPTIMIZE  = -O0
SAN       = --coverage -fprofile-update=atomic -fdata-sections \
	    $(patsubst %,-fno-builtin-%,fork execl execlp execle execv \
	    execvp execve)
HARDEN    =
COUNTERS  = $(build)/tests/coverage/counters.o
LDFLAGS   = $(if $(COUNTERS),-Wl$(comma)-T$(comma)tests/coverage/counters.ld) \
	    $(COUNTERS)
else
build     = build
SAN       =
HARDEN    = -D_FORTIFY_SOURCE=2
endif
ifdef WERROR
WARN_ERROR = -Werror
endif

OPTIMIZE ?= -O2
CFLAGS  = $(OPTIMIZE) -g
WARN    = -Wall -Wextra $(WARN_ERROR) -pedantic -Wshadow -Wconversion \
	  -Wsign-conversion -Wcast-qual -Wcast-align -Wformat=2 \
	  -Wmissing-prototypes -Wmissing-declarations -Wstrict-prototypes \
	  -Wold-style-definition -Wpointer-arith -Wwrite-strings -Wundef \
	  -Wnull-dereference -Wimplicit-fallthrough -Wvla \
	  -Wbad-function-cast -Wframe-larger-than=$(FRAME)
DEFS    = -D_GNU_SOURCE -DDANCE_SYSCONFDIR='"$(sysconfdir)"' \
	  -DDANCE_CACHEDIR='"$(localstatedir)/cache/dance"' \
	  -DDANCE_LIBEXECDIR='"$(libexecdir)/dance"' \
	  -DDANCE_STATEDIR='"$(localstatedir)/lib/dance"'
ALL_CFLAGS  = -std=gnu11 $(DEFS) $(CFLAGS) -fPIC -fvisibility=hidden \
	  -fstack-protector-strong $(HARDEN) $(SAN) $(WARN) -Ilibdance \
	  $(shell pkg-config --cflags $(PKGS)) $(CPPFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack,--no-undefined \
	  -Wl,--as-needed $(SAN) $(LDFLAGS)
# Debian 12's libunbound.pc asks for libevent's, which -dev does not bring.
LIBS    = $(shell pkg-config --libs $(filter-out p11-kit-1,$(PKGS))) -lunbound
JANSSON = $(shell pkg-config --libs jansson)
P11KIT  = $(shell pkg-config --libs p11-kit-1)
CDB     = -lcdb

LIB_OBJS    = $(patsubst %.c,$(build)/%.o,$(wildcard libdance/*.c))
HELPER_OBJS = $(patsubst %.c,$(build)/%.o,$(wildcard sshd_helper/*.c))
# Of the engine the modules take what needs libc alone.
PAM_OBJS    = $(patsubst %.c,$(build)/plain/%.o,$(wildcard pam_dance/pam_*.c) \
	      $(patsubst %,libdance/%.c,clock error file log_field path socket))
NSS_OBJS    = $(patsubst %.c,$(build)/plain/%.o,$(wildcard nss_dance/*.c) \
	      $(patsubst %,libdance/%.c,fd identity index index_find index_shape \
	      salt))
PAMHELP_OBJS = $(patsubst %.c,$(build)/%.o,$(wildcard pam_dance/helper_*.c) \
	      pam_dance/dance-pam-helper.c nss_dance/nss_lookup.c \
	      nss_dance/nss_files.c nss_dance/nss_name.c nss_dance/nss_register.c)
CTL_OBJS    = $(patsubst %.c,$(build)/%.o,$(wildcard dancectl/*.c) \
	      nss_dance/nss_name.c)
UNIT_SRCS   = $(wildcard tests/unit/test_*.c)
UNIT_HELP   = $(patsubst %.c,$(build)/%.o, \
	      $(filter-out $(UNIT_SRCS),$(wildcard tests/unit/*.c)))
UNIT_TESTS  = $(patsubst %.c,$(build)/%,$(UNIT_SRCS))
FUZZ_SRCS   = $(wildcard tests/fuzz/fuzz_*.c)
REPLAYS     = $(patsubst %.c,$(build)/%,$(FUZZ_SRCS))

LIB     = $(build)/libdance.a
HELPER  = $(build)/dance-authorized-keys
CTL     = $(build)/dancectl/dancectl
PAM     = $(build)/pam_dance.so
PAMHELP = $(build)/dance-pam-helper
comma   = ,

NSS     = $(build)/libnss_dance.so.2

all: $(HELPER) $(CTL) $(PAM) $(PAMHELP) $(NSS)

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

# Programs that are not sanitized load it, so it never is.
$(build)/plain/%.o: SAN =
$(build)/plain/%.o: %.c
	@mkdir -p $(@D)
	$(SAY)CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(PAM): SAN =
$(PAM): $(PAM_OBJS) pam_dance/module.map
	$(SAY)LD $@
	$(Q)$(CC) -shared $(filter-out -pie,$(ALL_LDFLAGS)) \
	    -Wl,--version-script=pam_dance/module.map -o $@ $(PAM_OBJS) \
	    -lpam

# They name accounts as the NSS module does.
$(build)/pam_dance/helper_session.o \
$(build)/dancectl/check_provision.o: ALL_CFLAGS += -Inss_dance

$(PAMHELP): $(PAMHELP_OBJS) $(LIB)
	$(SAY)LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(PAMHELP_OBJS) $(LIB) $(LIBS) $(P11KIT) $(CDB)

$(NSS): SAN =
$(NSS): $(NSS_OBJS) nss_dance/nss.map
	$(SAY)LD $@
	$(Q)$(CC) -shared $(filter-out -pie,$(ALL_LDFLAGS)) \
	    -Wl,-soname,libnss_dance.so.2 \
	    -Wl,--version-script=nss_dance/nss.map -o $@ $(NSS_OBJS)

$(CTL): $(CTL_OBJS) $(LIB)
	@mkdir -p $(@D)
	$(SAY)LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(CTL_OBJS) $(LIB) $(LIBS) $(JANSSON) $(CDB) \
	    -ldl

# A test's own objects come first: a scripted resolver in them takes the place
# of the real one in the archive.
$(UNIT_TESTS): $(build)/%: $(build)/%.o $(UNIT_HELP) $(LIB)
	$(SAY)LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(MORE) $(UNIT_HELP) $(LIB) \
	    $(LIBS) $(CDB) -lcmocka

TOKEN_OBJS  = $(patsubst %.c,$(build)/%.o,pam_dance/helper_limit.c \
	      $(wildcard pam_dance/helper_token*.c))
FAKE_P11    = $(build)/tests/pam/fake_p11.so

$(build)/tests/unit/test_program: MORE = $(build)/dancectl/program.o
$(build)/tests/unit/test_program: $(build)/dancectl/program.o

# Calls that fail one by one: their names stand in failing.h.
FAILING = asprintf waitpid open openat fcntl prctl $(shell sed -nE \
	  's/^(WRAP|MAYBE).[^,]*, ([A-Za-z0-9_]+),.*/\2/p' \
	  tests/unit/failing.h)

$(build)/tests/unit/test_failing_%: MORE = \
    $(patsubst %,-Wl$(comma)--wrap=%,$(FAILING))

# What a host and ssh say, without the rest of the tool.
ANSWER_OBJS = $(patsubst %,$(build)/dancectl/%.o,enroll_answer page output call)

$(build)/tests/unit/test_enroll_answer: MORE = $(ANSWER_OBJS) $(JANSSON)
$(build)/tests/unit/test_enroll_answer: $(ANSWER_OBJS)

$(build)/tests/unit/test_token: MORE = $(TOKEN_OBJS) $(P11KIT)
$(build)/tests/unit/test_token: $(TOKEN_OBJS) $(FAKE_P11)

# A vendor's library: never sanitized, and its one function is to be seen.
$(FAKE_P11): SAN =
$(FAKE_P11): tests/pam/fake_p11.c
	@mkdir -p $(@D)
	$(SAY)LD $@
	$(Q)$(CC) $(filter-out -fvisibility=hidden,$(ALL_CFLAGS)) -shared \
	    -o $@ $<

unit: $(UNIT_TESTS)

# The module for its tests: with a helper that follows a script, trusted
# (pam_dance.so); with calls that fail besides (pam_faulty.so); with one that
# others may write, not trusted (pam_wary.so).
PAMT        = $(build)/tests/pam
PAMT_SRCS   = $(wildcard tests/pam/test_*.c)
PAMT_TESTS  = $(patsubst %.c,$(build)/%,$(PAMT_SRCS))
PAMT_HELP   = $(build)/tests/unit/tree.o $(patsubst %,$(PAMT)/%.o, \
	      conversation fault host logbook pam_harness script)
PAMT_SOS    = $(patsubst %,$(PAMT)/pam_%.so,dance faulty wary other probe)
PAMT_ENGINE = $(patsubst %,$(build)/libdance/%.o,clock error file log_field \
	      path socket)
PAMT_MODULE = $(patsubst %.c,$(build)/%.o,$(filter-out %_helper.c %_trust.c, \
	      $(wildcard pam_dance/pam_*.c))) $(PAMT_ENGINE)
PAMT_WRAP   = socketpair fork pidfd_open pidfd_send_signal kill waitpid poll \
	      send recv dup2 open close close_range chdir setresuid setresgid \
	      execve fcntl malloc realloc calloc free fopen fgetpwent_r fseek \
	      pam_modutil_getpwnam pam_modutil_getpwuid pam_set_data \
	      pam_get_data pam_get_item pam_get_user pam_getenv pam_putenv \
	      pam_fail_delay pam_modutil_sanitize_helper_fds

$(PAMT)/%.o: ALL_CFLAGS += -DDANCE_TEST_BUILD='"$(abspath $(build))"'

$(PAMT)/helper_fake.o $(PAMT)/helper_wary.o: $(PAMT)/helper_%.o: \
    pam_dance/pam_helper.c
	@mkdir -p $(@D)
	$(SAY)CC $@
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $< \
	    -DDANCE_PAM_HELPER='"$(abspath $(PAMT))/$*_helper"'

$(PAMT)/pam_dance.so: $(PAMT_MODULE) $(PAMT)/helper_fake.o $(PAMT)/trust_all.o
$(PAMT)/pam_faulty.so: $(PAMT_MODULE) $(PAMT)/helper_fake.o \
    $(PAMT)/trust_all.o $(PAMT)/fault_wrap.o
$(PAMT)/pam_faulty.so: WRAP = $(patsubst %,-Wl$(comma)--wrap=%,$(PAMT_WRAP))
$(PAMT)/pam_wary.so: $(PAMT_MODULE) $(PAMT)/helper_wary.o \
    $(build)/pam_dance/pam_trust.o
$(PAMT)/pam_other.so: $(PAMT)/other_module.o
$(PAMT)/pam_probe.so: $(PAMT)/probe_module.o

# What they leave undefined is the test program's.
$(PAMT_SOS):
	$(SAY)LD $@
	$(Q)$(CC) -shared $(SAN) -Wl,-z,relro,-z,now $(WRAP) \
	    -Wl,--version-script=pam_dance/module.map -o $@ $^ -lpam

# Not instrumented: it is started some thousand times.
$(PAMT)/fake_helper: tests/pam/fake_helper.c tests/pam/fake.h \
    pam_dance/protocol.h
	@mkdir -p $(@D)
	$(SAY)LD $@
	$(Q)$(CC) $(filter-out $(SAN),$(ALL_CFLAGS)) -o $@ $<

$(PAMT)/wary_helper: $(PAMT)/fake_helper
	$(Q)cp $< $@ && chmod 0775 $@

$(PAMT_TESTS): $(build)/%: $(build)/%.o $(PAMT_HELP) $(PAMT_MODULE) \
    $(PAMT_SOS) $(PAMT)/fake_helper $(PAMT)/wary_helper $(PAM)
	$(SAY)LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -rdynamic -o $@ $< $(PAMT_HELP) $(PAMT_ENGINE) \
	    -lpam -lcmocka

pam-tests: $(PAMT_TESTS)

# The NSS module once more for its tests, with the names of files relative: the
# test stands in a tree of its own.
NSS_COPY      = $(build)/tests/nss/module/libnss_dance.so.2
NSS_COPY_OBJS = $(patsubst $(build)/plain/%,$(build)/tests/nss/module/%, \
		$(NSS_OBJS))
NSS_COPY_DEFS = -UDANCE_STATEDIR -DDANCE_STATEDIR='"var/lib/dance"' \
		-DPASSWD='"etc/passwd"' -DGROUP='"etc/group"'
NSS_SRCS      = $(wildcard tests/nss/test_*.c)
NSS_TESTS     = $(patsubst %.c,$(build)/%,$(NSS_SRCS))
NSS_HELP      = $(patsubst %.c,$(build)/%.o, \
		$(filter-out $(NSS_SRCS),$(wildcard tests/nss/*.c)) \
		tests/unit/compiled.c tests/unit/tree.c)

$(build)/tests/nss/module/%.o: %.c
	@mkdir -p $(@D)
	$(SAY)CC $@
	$(Q)$(CC) $(ALL_CFLAGS) $(NSS_COPY_DEFS) -MMD -MP -c -o $@ $<

$(NSS_COPY): $(NSS_COPY_OBJS) nss_dance/nss.map
	$(SAY)LD $@
	$(Q)$(CC) -shared $(filter-out -pie,$(ALL_LDFLAGS)) \
	    -Wl,-soname,libnss_dance.so.2 \
	    -Wl,--version-script=nss_dance/nss.map -o $@ $(NSS_COPY_OBJS)

$(NSS_TESTS): $(build)/%: $(build)/%.o $(NSS_HELP) $(LIB) $(NSS_COPY) $(NSS)
	$(SAY)LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -pthread -o $@ $< $(NSS_HELP) $(LIB) $(LIBS) \
	    $(CDB) -lcmocka -ldl

nss-tests: $(NSS_TESTS)

# The fuzzers' harnesses over their corpora, without a fuzzer.
$(REPLAYS): $(build)/%: $(build)/%.o $(build)/tests/fuzz/replay.o $(LIB)
	$(SAY)LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(build)/tests/fuzz/replay.o \
	    $(LIB) $(LIBS)

replays: $(REPLAYS)

BENCHES = $(patsubst %.c,$(build)/%,$(wildcard tests/bench/*.c))

$(BENCHES): $(build)/%: $(build)/%.o
	$(SAY)LD $@
	$(Q)$(CC) -pie $(SAN) -o $@ $< -Wl,--no-as-needed $(LIBS) \
	    $(if $(filter %/pamauth,$@),-lpam)

deps:
	packaging/install-deps

# Every test, and one line for them all at the end.
check: deps
	+tests/run

check-asan:
	+$(MAKE) check SANITIZE=1

# The threads of the NSS module under TSan, which can't do with all of the
# kernel's random addresses.
check-tsan:
	+$(MAKE) TSAN=1 build/tsan/tests/nss/test_threads
	setarch -R build/tsan/tests/nss/test_threads

# The Debian packages from installation to purge and the examples for many
# hosts, in clean Debians, and what dancectl sets up with the packages on the
# next one; needs the package registry.
check-packages:
	tests/packages/run
	tests/packages/suite trixie

# A real login with a name in DNS, in namespaces of its own, explained.
demo: deps
	+$(MAKE) all
	tests/lab/run tests/lab/demo.sh

bench: deps
	+$(MAKE) all $(BENCHES)
	LAB_TIMEOUT=900 tests/lab/run tests/bench/bench.sh

# One unit program, and of it the tests whose name fits the pattern F alone;
# one story: make test T=tlsa F='req_24*', make story S=50-dnssec.
test:
	+$(MAKE) $(build)/tests/unit/test_$(T)
	DANCE_TEST_FILTER='$(F)' tests/readonly $(build)/tests/unit/test_$(T)

story: deps
	tests/lab/run -k $(S)

# Each system call of a program fails in turn, then each allocation; all of
# them, or every FAULT_STEP-th.
fault: deps
	+$(MAKE) $(CTL)
	DANCECTL=$(CTL) tests/readonly tests/fault/run $(or $(FAULT_STEP),1)

fuzz:
	tests/fuzz/run $(FUZZ_SECONDS)

# The branches of libdance that tests take; needs root, as check does.
coverage: deps
	+tests/coverage/run

$(LIB) $(PAMT_SOS): | $(COUNTERS)
$(COUNTERS): SAN =
# They are loaded and unloaded: the programs that do so have the counters.
$(PAM) $(NSS) $(NSS_COPY): COUNTERS =

lint:
	tests/lint/run

# The module of SELinux, with the interfaces of the distribution's policy; those
# who build packages say where they are.
selinux_devel = /usr/share/selinux/devel/Makefile

selinux: $(build)/selinux/dance.pp

$(build)/selinux/dance.pp: $(wildcard packaging/selinux/dance.*)
	@mkdir -p $(@D)
	cp packaging/selinux/dance.* $(@D)
	$(MAKE) -C $(@D) -f $(selinux_devel) dance.pp

install: all
	$(INSTALL) -d $(DESTDIR)$(libexecdir)/dance $(DESTDIR)$(bindir) \
	    $(DESTDIR)$(mandir)/man1 $(DESTDIR)$(mandir)/man5 \
	    $(DESTDIR)$(mandir)/man7 $(DESTDIR)$(mandir)/man8 \
	    $(DESTDIR)$(sysconfdir)/dance \
	    $(DESTDIR)$(libdir)/security \
	    $(DESTDIR)$(docdir)/examples/pam-configs \
	    $(DESTDIR)$(localstatedir)/lib/dance $(DESTDIR)$(unitdir) \
	    $(DESTDIR)$(sysusersdir) $(DESTDIR)$(tmpfilesdir) \
	    $(DESTDIR)$(bashcompdir) $(DESTDIR)$(zshcompdir) \
	    $(DESTDIR)$(apparmordir) $(DESTDIR)$(docdir)/selinux
	$(INSTALL) -m 0755 $(PAMHELP) $(DESTDIR)$(libexecdir)/dance/
	# Not to be read: so /proc is closed to others of its user from exec on,
	# and none of them can write a key to where sshd reads.
	$(INSTALL) -m 0711 $(HELPER) $(DESTDIR)$(libexecdir)/dance/
	$(INSTALL) -m 0644 $(PAM) $(DESTDIR)$(libdir)/security/
	$(INSTALL) -m 0755 $(CTL) $(DESTDIR)$(bindir)/
	$(INSTALL) -m 0644 $(NSS) $(DESTDIR)$(libdir)/
	$(INSTALL) -m 0644 dancectl/completion/dancectl.bash \
	    $(DESTDIR)$(bashcompdir)/dancectl
	$(INSTALL) -m 0644 dancectl/completion/_dancectl \
	    $(DESTDIR)$(zshcompdir)/
	$(INSTALL) -m 0644 dancectl/dancectl.1 $(DESTDIR)$(mandir)/man1/
	$(INSTALL) -m 0644 dancectl/accounts.5 dancectl/dance.conf.5 \
	    $(DESTDIR)$(mandir)/man5/
	$(INSTALL) -m 0644 dancectl/dance-login.7 $(DESTDIR)$(mandir)/man7/
	$(INSTALL) -m 0644 sshd_helper/dance-authorized-keys.8 \
	    pam_dance/pam_dance.8 nss_dance/nss_dance.8 \
	    $(DESTDIR)$(mandir)/man8/
	cd packaging/examples && find * -type f | while IFS= read -r file; do \
	    $(INSTALL) -D -m 0644 "$$file" \
	    "$(DESTDIR)$(docdir)/examples/$$file" || exit; done
	$(INSTALL) -m 0644 packaging/pam-configs/dance \
	    packaging/pam-configs/dance-provision \
	    $(DESTDIR)$(docdir)/examples/pam-configs/
	$(INSTALL) -m 0644 packaging/systemd/dance-compile.path \
	    packaging/systemd/dance-compile.service $(DESTDIR)$(unitdir)/
	$(INSTALL) -m 0644 packaging/systemd/dance.sysusers \
	    $(DESTDIR)$(sysusersdir)/dance.conf
	$(INSTALL) -m 0644 packaging/systemd/dance.tmpfiles \
	    $(DESTDIR)$(tmpfilesdir)/dance.conf
	# AppArmor's profiles, loaded by packages or at the next start, and the
	# source of the module of SELinux; both know the programs by their path.
	$(INSTALL) -m 0644 $(wildcard packaging/apparmor/*) \
	    $(DESTDIR)$(apparmordir)/
	$(INSTALL) -m 0644 $(wildcard packaging/selinux/*) \
	    $(DESTDIR)$(docdir)/selinux/
	sed -i -e 's|/usr/libexec/dance/|$(libexecdir)/dance/|' \
	    -e 's|/usr/bin/dancectl|$(bindir)/dancectl|' \
	    $(patsubst packaging/apparmor/%,$(DESTDIR)$(apparmordir)/%, \
	    $(wildcard packaging/apparmor/*)) \
	    $(DESTDIR)$(docdir)/selinux/dance.fc

clean:
	rm -rf build

.PHONY: all unit pam-tests nss-tests replays deps check check-asan check-tsan \
	check-packages demo bench test story fault fuzz coverage lint selinux \
	install clean

-include $(LIB_OBJS:.o=.d) $(HELPER_OBJS:.o=.d) $(CTL_OBJS:.o=.d)
-include $(PAM_OBJS:.o=.d) $(PAMHELP_OBJS:.o=.d)
-include $(wildcard $(PAMT)/*.d $(build)/pam_dance/pam_*.d)
-include $(NSS_OBJS:.o=.d) $(NSS_COPY_OBJS:.o=.d) $(NSS_TESTS:=.d)
-include $(UNIT_TESTS:=.d) $(UNIT_HELP:.o=.d) $(REPLAYS:=.d) $(BENCHES:=.d)
-include $(NSS_HELP:.o=.d)
