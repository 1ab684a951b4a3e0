# gangway's build.  `make help` lists what can be asked for.

CC ?= cc
CLANG ?= clang
PREFIX ?= /usr/local
SANITIZE ?=
STATIC ?=
comma := ,
Q := $(if $(V),,@) # make V=1 shows the commands
BUILD ?= build$(if $(SANITIZE),/$(subst $(comma),-,$(SANITIZE)))$(if $(STATIC),/static)

PACKAGES := libxml-2.0 zlib sqlite3 jansson libelf
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
# libxml2 is loaded when the first XML file is read (src/format/xml.c).  STATIC=1: nothing is needed where
# gangway runs; libxml2's ICU is C++, and the linker warns of what libxml2 and SQLite would want of
# glibc for a network or an extension, which we use neither of.
PKG_LIBS := $(if $(STATIC),$(shell pkg-config --static --libs $(PACKAGES) 2>/dev/null) -lstdc++ -lm,\
	$(shell pkg-config --libs $(filter-out libxml-2.0,$(PACKAGES)) 2>/dev/null))

CFLAGS ?= -O2 -g
HARDENING := -fstack-protector-strong -fPIE $(if $(SANITIZE),,-D_FORTIFY_SOURCE=2)
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wpointer-arith -Wwrite-strings -Wformat=2 -Wundef
BASE_CFLAGS := -std=c17 -D_GNU_SOURCE -Isrc -include src/base/base.h $(WARNINGS) $(PKG_CFLAGS)
ALL_CFLAGS := $(BASE_CFLAGS) $(HARDENING) $(CFLAGS) $(if $(STATIC),-DGANGWAY_STATIC) \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all)
ALL_LDFLAGS := $(if $(STATIC),-static-pie,-pie) -Wl,-z,relro,-z,now $(LDFLAGS) $(if $(SANITIZE),-fsanitize=$(SANITIZE))

SRCS := $(sort $(filter-out src/guest/%,$(wildcard src/*/*.c)))
HDRS := $(sort $(wildcard src/*/*.h))
LIB_SRCS := $(filter-out src/cli/main.c,$(SRCS))
LIB_OBJS := $(LIB_SRCS:src/%.c=$(BUILD)/%.o)
UNITS := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/unit/t_*.c))
REPLAYS := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/replay/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
SCENARIOS := $(wildcard tests/scenario/s_*.sh)
SCRIPTS := .ci/need .ci/run .ci/deb $(wildcard tests/*.sh tests/*/*.sh tests/example/tests/*.sh cmake-modules/*.sh)
FORMATTED := $(SRCS) $(HDRS) $(wildcard src/guest/*.[ch] tests/*/*.[ch] tests/example/*/*.[ch] \
	tests/example/*/*.cc)

# `make -j auto` means, to make, an unlimited -j and a goal called auto: as many jobs as CPUs.
# So do the goals that start make once more, behind the step that installs what is missing.
CPUS := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
AGAIN = $(MAKE) --no-print-directory $(if $(filter-out -j,$(filter -j%,$(MAKEFLAGS))),,-j$(CPUS))

GUESTS := $(addprefix $(BUILD)/guest/,gangway-check.o libgangway-check.a gangway-check-preload.so \
	gangway-cmocka-preload.so gangway-cunit-preload.so check.made pkgconfig/gangway-check.pc)
VERSION := $(shell sed -n 's/^.define GANGWAY_VERSION *"\(.*\)"/\1/p' src/base/version.h)

all: $(BUILD)/gangway $(BUILD)/gangway-cov.o $(GUESTS) ## build gangway; STATIC=1: without shared libraries

$(BUILD)/gangway: $(BUILD)/cli/main.o $(BUILD)/libgangway.a
	@echo "  link  $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/libgangway.a: $(LIB_OBJS)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	@echo "  cc    $<"
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# what the assembler takes in
$(BUILD)/format/covhtml_assets.o build/fuzz/format/covhtml_assets.o: src/format/covhtml.css src/format/covhtml.js
$(BUILD)/adapter/pytest.o build/fuzz/adapter/pytest.o: src/guest/gangway_pytest.py

# what test programs may link (src/guest): never instrumented itself
$(BUILD)/gangway-cov.o: src/guest/gangway-cov.c Makefile
	@mkdir -p $(@D)
	@echo "  cc    $<"
	$(Q)$(CC) -std=c17 -D_GNU_SOURCE $(WARNINGS) -O2 -g -fPIC -MMD -MP -c -o $@ $<

GUEST_CC = $(CC) -std=c17 -D_GNU_SOURCE $(WARNINGS) -O2 -g -fPIC
$(BUILD)/guest/%.o: src/guest/%.c Makefile
	@mkdir -p $(@D)
	@echo "  cc    $<"
	$(Q)$(GUEST_CC) -MMD -MP -c -o $@ $<

GUEST_PARTS := $(addprefix $(BUILD)/guest/gangway-check-,choose.o core.o serve.o)
# one object, in which only what is called from outside has a name
$(BUILD)/guest/gangway-check.o: $(BUILD)/guest/gangway-check-link.o $(GUEST_PARTS)
	$(Q)ld -r -o $@ $^ && objcopy --localize-hidden $@

$(BUILD)/guest/libgangway-check.a: $(BUILD)/guest/gangway-check.o
	@rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/guest/gangway-check-preload.so: $(BUILD)/guest/gangway-check-preload.o $(GUEST_PARTS)
	$(Q)$(CC) -shared -Wl,-z,now,-z,relro -o $@ $^ -ldl

$(BUILD)/guest/gangway-%-preload.so: $(BUILD)/guest/gangway-%.o $(BUILD)/guest/gangway-tests.o
	$(Q)$(CC) -shared -Wl,-z,now,-z,relro -o $@ $^ -ldl

CHECK_PC = mkdir -p $(1) && sed 's|@LIBDIR@|$(2)|; s|@VERSION@|$(VERSION)|' \
	src/guest/gangway-check.pc.in >$(1)/gangway-check.pc
$(BUILD)/guest/pkgconfig/gangway-check.pc: src/guest/gangway-check.pc.in src/base/version.h
	$(Q)$(call CHECK_PC,$(@D),$(abspath $(BUILD)/guest))

# the installed libcheck with the guest in it; without a static libcheck there is none, and that is said
$(BUILD)/guest/check.made: src/guest/replace-libcheck.sh $(BUILD)/guest/gangway-check.o
	$(Q)GUEST=$(BUILD)/guest/gangway-check.o $< $(BUILD)/guest/check || [ $$? = 3 ]
	@touch $@

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libgangway.a | $(GUESTS)
	@mkdir -p $(@D)
	@echo "  cc    $<"
	$(Q)$(CC) $(ALL_CFLAGS) -Itests -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libgangway.a \
		$(PKG_LIBS) $$(pkg-config --cflags --libs check)

# --- trying it -----------------------------------------------------------------------------------

demo: ## build gangway and run the example project's tests with it
	@.ci/need build frameworks
	@+$(AGAIN) demo-run

demo-run: $(BUILD)/gangway
	@cmake -S tests/example -B build/demo -G Ninja -DCMAKE_BUILD_TYPE=Debug >build/demo.log 2>&1 && \
		cmake --build build/demo >>build/demo.log 2>&1 || { cat build/demo.log; exit 1; }
	$(BUILD)/gangway -n auto --junitxml=build/demo/junit.xml build/demo

test: ## gangway's own tests; the last line is "N passed, N failed"
	@.ci/need build frameworks test
	@+$(AGAIN) test-run

test-run: $(BUILD)/gangway $(BUILD)/gangway-cov.o $(GUESTS) $(UNITS) $(REPLAYS)
	@+GANGWAY=$(abspath $(BUILD)/gangway) tests/own.sh $(BUILD)/test-logs \
		$(UNITS) $(REPLAYS) $(SCENARIOS)

units: $(UNITS) ## build and run the unit tests only, without gangway
	@tests/run.sh -j $(CPUS) $(BUILD)/test-logs $(UNITS)

check-plain: $(BUILD)/gangway $(BUILD)/gangway-cov.o $(GUESTS) $(UNITS) $(REPLAYS) ## all tests without gangway's help
	@GANGWAY=$(abspath $(BUILD)/gangway) tests/run.sh -j $(CPUS) $(BUILD)/test-logs \
		$(UNITS) $(REPLAYS) $(SCENARIOS)

man: $(BUILD)/gangway ## bring the man page up to date with the option rows
	@tests/man.sh $(BUILD)/gangway docs/gangway.1

GOLDEN := $(shell grep -lE 'UPDATE_GOLDEN|check_golden' tests/unit/t_*.c)
golden: $(GOLDEN:tests/%.c=$(BUILD)/%) ## write the golden files anew; look at the diff
	@for t in $^; do UPDATE_GOLDEN=1 $$t || exit 1; done

bench: $(BUILD)/gangway $(BUILD)/bench_merge ## ratios against ctest, parallel, xargs, ninja and bare loops
	@.ci/need build frameworks bench
	@CC="$(CC)" /usr/bin/python3 tests/bench/bench.py $(BUILD)/gangway $(BENCH)

simulate: $(BUILD)/unit/t_simulator ## 1,000,000 tests on up to 1,000 workers, on a clock that is only a number
	@$(BUILD)/unit/t_simulator large

coverage: ## which lines of gangway its own tests run
	@+$(AGAIN) BUILD=build/coverage CFLAGS="-O0 -g --coverage" LDFLAGS=--coverage test-run || true
	@tests/lint/coverage.sh build/coverage

$(BUILD)/bench_merge: tests/bench/bench_merge.c $(BUILD)/libgangway.a
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) -lxml2

STORM ?= 300 100
storm: $(BUILD)/gangway ## 300 runs with kill -9 at random members of their tree, 100 interrupted
	@/usr/bin/python3 tests/storm/storm.py $< $(STORM)
	@/usr/bin/python3 tests/storm/tokens.py $< 200

# --- fuzzing: clang's libFuzzer for a while here, the corpora in every `make test` ---------------

FUZZ_SECONDS ?= 10
FUZZ_FLAGS := $(BASE_CFLAGS) -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-Wno-missing-prototypes

fuzz: $(FUZZERS) ## run every fuzz target for FUZZ_SECONDS (10) seconds
	@for f in $(FUZZERS); do \
		name=$${f##*/fuzz_}; mkdir -p build/fuzz/corpus/$$name tests/fuzz/corpus/$$name; \
		echo "fuzzing $$name for $(FUZZ_SECONDS) s"; \
		$$f -max_total_time=$(FUZZ_SECONDS) -verbosity=0 -artifact_prefix=build/fuzz/ \
			build/fuzz/corpus/$$name tests/fuzz/corpus/$$name || exit 1; \
	done

build/fuzz/libgangway.a: $(LIB_SRCS:src/%.c=build/fuzz/%.o)
	@rm -f $@
	$(Q)ar rcs $@ $^

build/fuzz/fuzz_%: tests/fuzz/fuzz_%.c build/fuzz/libgangway.a
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)

.SECONDARY: $(LIB_SRCS:src/%.c=build/fuzz/%.o)
build/fuzz/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(BUILD)/replay/%: tests/fuzz/replay.c tests/fuzz/fuzz_%.c $(BUILD)/libgangway.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -DCORPUS='"tests/fuzz/corpus/$*"' \
		$(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

# --- looking at the source -----------------------------------------------------------------------

lint: check-headers check-layers check-sizes ## everything a machine can say about the source
	@.ci/need lint
	$(Q)clang-format --dry-run -Werror $(FORMATTED)
	$(Q)shellcheck -x $(SCRIPTS)
	$(Q)! ls -l tests/scenario/s_*.sh | grep -v '^-rwx' # a test that nobody can execute
	$(Q)cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
		--inline-suppr --suppressions-list=tests/lint/cppcheck.txt -Isrc \
		--include=src/base/base.h $(SRCS)
	$(Q)printf '%s\0' $(SRCS) | xargs -0 -P $(CPUS) -n 4 sh -c \
		'clang-tidy --quiet "$$@" -- $(BASE_CFLAGS) 2>/dev/null' tidy

check-headers: $(HDRS:src/%=$(BUILD)/headers/%.ok) ## every header compiles alone

$(BUILD)/headers/%.h.ok: src/%.h src/base/base.h
	@mkdir -p $(@D)
	@$(CC) $(BASE_CFLAGS) -fsyntax-only -x c $< && touch $@

check-layers: ## who includes whom, who may exit, who knows which library
	@tests/lint/layers.sh $(SRCS) $(HDRS)

check-sizes: ## files over 600 lines, functions over 80
	@tests/lint/sizes.sh $(SRCS) $(HDRS) $(wildcard src/guest/*.c)

format: ## let clang-format write the source
	$(Q)clang-format -i $(FORMATTED)

# --- installing ----------------------------------------------------------------------------------

bindir = $(DESTDIR)$(PREFIX)/bin
libdir = $(DESTDIR)$(PREFIX)/lib/gangway
mandir = $(DESTDIR)$(PREFIX)/share/man/man1
includedir = $(DESTDIR)$(PREFIX)/include
sharedir = $(DESTDIR)$(PREFIX)/share/gangway
cmakedir = $(DESTDIR)$(PREFIX)/share/cmake/Gangway
pcdir = $(DESTDIR)$(PREFIX)/share/pkgconfig
archpcdir = $(DESTDIR)$(PREFIX)/lib/pkgconfig
bashdir = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
zshdir = $(DESTDIR)$(PREFIX)/share/zsh/site-functions
fishdir = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d

install: $(BUILD)/gangway $(BUILD)/gangway-cov.o $(GUESTS) ## into DESTDIR and PREFIX (/usr/local)
	install -d "$(bindir)" "$(libdir)" "$(includedir)" "$(mandir)" "$(sharedir)" "$(cmakedir)" \
		"$(pcdir)" "$(archpcdir)" "$(bashdir)" "$(zshdir)" "$(fishdir)"
	install -m 644 src/guest/gangway.h "$(includedir)"
	install -m 755 $(BUILD)/gangway "$(bindir)"
	install -m 644 $(BUILD)/gangway-cov.o $(BUILD)/guest/libgangway-check.a \
		$(BUILD)/guest/gangway-check.o $(filter %-preload.so,$(GUESTS)) "$(libdir)"
	install -m 755 src/guest/replace-libcheck.sh "$(libdir)"
	rm -rf "$(libdir)/check"
	[ ! -d $(BUILD)/guest/check ] || cp -R $(BUILD)/guest/check "$(libdir)"
	$(call CHECK_PC,"$(archpcdir)",$(PREFIX)/lib/gangway)
	install -m 644 $(wildcard docs/*.1) "$(mandir)"
	install -m 644 ninja/gangway.mk ninja/gangway.ninja "$(sharedir)"
	sed 's/@VERSION@/$(VERSION)/' ninja/gangway.pc.in >"$(pcdir)/gangway.pc"
	install -m 644 $(wildcard cmake-modules/*.cmake) "$(cmakedir)"
	install -m 755 $(wildcard cmake-modules/*.sh) "$(cmakedir)"
	$(BUILD)/gangway completion bash >"$(bashdir)/gangway"
	$(BUILD)/gangway completion zsh >"$(zshdir)/_gangway"
	$(BUILD)/gangway completion fish >"$(fishdir)/gangway.fish"

uninstall: ## what install put there
	rm -f "$(bindir)/gangway" "$(includedir)/gangway.h"
	rm -rf "$(libdir)"
	cd "$(mandir)" && rm -f $(notdir $(wildcard docs/*.1))
	rm -rf "$(sharedir)" "$(cmakedir)" "$(pcdir)/gangway.pc" "$(archpcdir)/gangway-check.pc" \
		"$(bashdir)/gangway" "$(zshdir)/_gangway" "$(fishdir)/gangway.fish"

deb: $(BUILD)/gangway $(BUILD)/gangway-cov.o $(GUESTS) ## a Debian package in build/
	@.ci/need build deb
	@.ci/deb $(BUILD) $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' $(firstword $(MAKEFILE_LIST)) | \
		awk -F ': ' '{ printf "  %-14s %s\n", $$1, $$2 }'

clean: ## remove what was built
	rm -rf build

auto:
	@:

.PHONY: all demo demo-run test test-run units check-plain man golden simulate bench storm coverage fuzz lint check-headers \
	check-layers check-sizes format install uninstall deb help clean auto
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
