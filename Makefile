# gangway's build.  `make help` lists what can be asked for.

CC ?= cc
PREFIX ?= /usr/local
SANITIZE ?=
BUILD ?= build$(if $(SANITIZE),/$(subst $(comma),-,$(SANITIZE)))
comma := ,

PACKAGES := libxml-2.0 zlib sqlite3 jansson libelf
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)

CFLAGS ?= -O2 -g
HARDENING := -fstack-protector-strong -fPIE $(if $(SANITIZE),,-D_FORTIFY_SOURCE=2)
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wpointer-arith -Wwrite-strings -Wformat=2 -Wundef
ALL_CFLAGS := -std=c17 -D_GNU_SOURCE -Isrc -include src/base/base.h $(WARNINGS) $(HARDENING) \
	$(PKG_CFLAGS) $(CFLAGS) $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all)
ALL_LDFLAGS := -pie -Wl,-z,relro,-z,now $(LDFLAGS) $(if $(SANITIZE),-fsanitize=$(SANITIZE))

SRCS := $(sort $(filter-out src/guest/%,$(wildcard src/*/*.c)))
HDRS := $(sort $(wildcard src/*/*.h))
LIB_OBJS := $(patsubst src/%.c,$(BUILD)/%.o,$(filter-out src/cli/main.c,$(SRCS)))
UNITS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/t_*.c))

all: $(BUILD)/gangway ## build gangway

$(BUILD)/gangway: $(BUILD)/cli/main.o $(BUILD)/libgangway.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/libgangway.a: $(LIB_OBJS)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libgangway.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libgangway.a \
		$(PKG_LIBS) $$(pkg-config --libs check)

units: $(UNITS) ## build and run the unit tests, one after the other
	@for t in $(UNITS); do $$t || exit 1; done

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1: /p' $(firstword $(MAKEFILE_LIST))

clean: ## remove what was built
	rm -rf build

.PHONY: all units help clean
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
