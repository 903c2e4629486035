# usagelua: the C modules, the interpreter, and everything that is run on them.
# Settings stand on top and may be given on the command line; rules below.

LUA        ?= lua5.4
CC         ?= cc
PKG_CONFIG ?= pkg-config
BUILD      ?= build
SANITIZE   ?=
OPT        ?= -O2 -g
WARN        = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
              -Wmissing-prototypes -Wpointer-arith -Wcast-qual \
              -Wwrite-strings -Wundef -Wvla
WERROR     ?=
HARDEN     ?= -fstack-protector-strong -D_FORTIFY_SOURCE=2

LUA_CFLAGS  ?= $(shell $(PKG_CONFIG) --cflags lua5.4 2>/dev/null || $(PKG_CONFIG) --cflags lua-5.4 2>/dev/null)
CURL_CFLAGS ?= $(shell $(PKG_CONFIG) --cflags libcurl 2>/dev/null || curl-config --cflags)
CURL_LIBS   ?= $(shell $(PKG_CONFIG) --libs libcurl 2>/dev/null || curl-config --libs)
MD_LIBS     ?= -lmd

CFLAGS_ALL   = -std=gnu11 -fPIC -fvisibility=hidden -pthread $(OPT) $(WARN) \
               $(WERROR) $(HARDEN) $(SANITIZE) -Icsrc/base $(LUA_CFLAGS) \
               $(CURL_CFLAGS) $(CFLAGS)

BASE_SRC     = $(wildcard csrc/base/*.c)
CORE_SRC     = $(wildcard csrc/core/*.c)
TRANSFER_SRC = $(wildcard csrc/transfer/*.c)
OBJ          = $(patsubst csrc/%.c,$(BUILD)/obj/%.o,$(1))
MODULES      = $(BUILD)/lib/usagelua/core.so $(BUILD)/lib/usagelua/transfer.so

.PHONY: all test clean
all: $(MODULES)

$(BUILD)/lib/usagelua/core.so: $(call OBJ,$(BASE_SRC) $(CORE_SRC))
	@mkdir -p $(@D)
	$(CC) -shared $(SANITIZE) $(LDFLAGS) -o $@ $^ $(MD_LIBS) -lm

$(BUILD)/lib/usagelua/transfer.so: $(call OBJ,$(BASE_SRC) $(TRANSFER_SRC))
	@mkdir -p $(@D)
	$(CC) -shared $(SANITIZE) $(LDFLAGS) -o $@ $^ $(CURL_LIBS) -lz

$(BUILD)/obj/%.o: csrc/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

test: all
	$(LUA) spec/run.lua $(SPEC)

clean:
	rm -rf $(BUILD) usagelua

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
