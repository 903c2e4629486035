# usagelua: the C modules, the interpreter, and everything that is run on them.
# Settings stand on top and may be given on the command line; rules below.

PREFIX     ?= /usr/local
LUA        ?= lua5.4
CC         ?= cc
PKG_CONFIG ?= pkg-config
BUILD      ?= build
BINARY     ?= usagelua
JOBS       ?= 4
OPT        ?= -O2 -g
WERROR     ?=
SANITIZE   ?=
HARDEN     ?= $(if $(SANITIZE),,-fstack-protector-strong -D_FORTIFY_SOURCE=2)
WARN        = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
              -Wmissing-prototypes -Wpointer-arith -Wcast-qual \
              -Wwrite-strings -Wundef -Wvla

LUA_PC      = $(firstword $(foreach name,lua5.4 lua-5.4 lua54,$(shell $(PKG_CONFIG) --exists $(name) 2>/dev/null && echo $(name))))
LUA_CFLAGS  ?= $(if $(LUA_INCDIR),-I$(LUA_INCDIR),$(shell $(PKG_CONFIG) --cflags $(LUA_PC) 2>/dev/null))
LUA_LIBS    ?= $(shell $(PKG_CONFIG) --libs $(LUA_PC) 2>/dev/null)
LUA_LIBPATH  = $(shell $(PKG_CONFIG) --variable=libdir $(LUA_PC) 2>/dev/null)
CURL_CFLAGS ?= $(shell $(PKG_CONFIG) --cflags libcurl 2>/dev/null || curl-config --cflags 2>/dev/null)
CURL_LIBS   ?= $(shell $(PKG_CONFIG) --libs libcurl 2>/dev/null || curl-config --libs 2>/dev/null)
MD_LIBS     ?= -lmd

# lua-cjson's static library and argparse are linked into the interpreter
# where the system has them, so that a binary copied alone runs; libmd's, so
# that a start looks for the names of all others in one library less.
CJSON_A     ?= $(wildcard $(LUA_LIBPATH)/liblua5.4-cjson.a)
MD_A        ?= $(wildcard $(shell $(PKG_CONFIG) --variable=libdir libmd 2>/dev/null)/libmd.a)
ARGPARSE    ?= $(shell $(LUA) -e 'print(package.searchpath("argparse", package.path) or "")' 2>/dev/null)

VERSION     := $(shell sed -n 's/^return "\(.*\)"/\1/p' lua/usagelua/version.lua)
CFLAGS_ALL   = -std=gnu11 -fPIC -fvisibility=hidden -pthread $(OPT) $(WARN) \
               $(WERROR) $(HARDEN) $(SANITIZE) -Icsrc/base \
               -DUL_VERSION='"$(VERSION)"' $(if $(CJSON_A),-DUL_LINKS_CJSON) \
               $(LUA_CFLAGS) $(CURL_CFLAGS) $(CFLAGS)
LINK         = $(CC) $(SANITIZE) -pthread -Wl,-z,relro,-z,now $(LDFLAGS)

BASE_SRC     = $(wildcard csrc/base/*.c)
CORE_SRC     = $(wildcard csrc/core/*.c)
TRANSFER_SRC = $(wildcard csrc/transfer/*.c)
BINARY_SRC   = $(wildcard csrc/interpreter/*.c)
SOURCES      = $(BASE_SRC) $(CORE_SRC) $(TRANSFER_SRC) $(BINARY_SRC)
LUA_FILES    = $(shell find lua -name '*.lua' -not -path '*/meta/*' | LC_ALL=C sort)
OBJ          = $(patsubst csrc/%.c,$(BUILD)/obj/%.o,$(1))
# Loaded before the C library: the n-th call fails (torture/failing.c).
FAILING      = build/torture/failing.so
MODULES      = $(BUILD)/lib/usagelua/core.so $(BUILD)/lib/usagelua/transfer.so

# Packages by their names on Debian and Ubuntu.
PACKAGES     = gcc make pkg-config lua5.4 liblua5.4-dev libcurl4-openssl-dev \
               zlib1g-dev libmd-dev lua-cjson lua-cjson-dev lua-argparse \
               lua-busted luarocks nginx-light libnginx-mod-http-lua openssl \
               curl ca-certificates tzdata locales python3-jsonschema git \
               libxml2-utils prometheus
CHECKERS     = clang libclang-rt-dev clang-tidy cppcheck lua-check shellcheck valgrind chromium \
               groff-base mandoc zsh fish strace

# What the benchmark compares with; each that is missing is named there.
PEERS        = g++ libsimdjson-dev libyajl-dev libsqlite3-dev python3 \
               python3-ijson nodejs jq wrk nghttp2-client mawk lua-socket \
               lua-http lua-dkjson lua-lpeg valgrind

.PHONY: all deps deps-check settings demo test check warnings lint sanitize \
        fuzz fuzz-corpus weather stops soak torture mutants memcheck bench bench-quick bench-deps docs \
        install clean
all: settings $(MODULES) $(BINARY)

settings:
	@test -n "$(LUA_CFLAGS)" -a -n "$(LUA_LIBS)" || { echo "Lua 5.4 was not found by $(PKG_CONFIG): run 'make deps', or set LUA_INCDIR=/path/to/include and LUA_LIBS" >&2; exit 1; }
	@test -n "$(CURL_LIBS)" || { echo "libcurl was not found by $(PKG_CONFIG) or curl-config: run 'make deps', or set CURL_CFLAGS and CURL_LIBS" >&2; exit 1; }

deps:
	@sh rockspec/deps.sh $(PACKAGES)

deps-check:
	@sh rockspec/deps.sh $(PACKAGES) $(CHECKERS)

$(BUILD)/lib/usagelua/core.so: $(call OBJ,$(BASE_SRC) $(CORE_SRC))
	@mkdir -p $(@D)
	@echo "  link  $@"
	@$(LINK) -shared -o $@ $^ $(MD_LIBS) -lm

$(BUILD)/lib/usagelua/transfer.so: $(call OBJ,$(BASE_SRC) $(TRANSFER_SRC))
	@mkdir -p $(@D)
	@echo "  link  $@"
	@$(LINK) -shared -o $@ $^ $(CURL_LIBS) -lz

# The C library goes first: most names are its, and every look-up of the loader
# begins with the first (spec/start_spec.lua counts them).
$(BINARY): $(call OBJ,$(BASE_SRC) $(CORE_SRC) $(TRANSFER_SRC) $(BINARY_SRC)) $(BUILD)/obj/embedded.o
	@echo "  link  $@"
	@$(LINK) -pie -Wl,-E -Wl,-O1 -Wl,--exclude-libs,libmd.a -o $@ $^ $(CJSON_A) -lc $(LUA_LIBS) $(CURL_LIBS) -lz $(or $(MD_A),$(MD_LIBS)) -lm -ldl

$(BUILD)/obj/%.o: csrc/%.c lua/usagelua/version.lua
	@mkdir -p $(@D)
	@echo "  cc    $<"
	@$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# The library's Lua files, as they are and compiled, with a table of them.
$(BUILD)/embedded.S: csrc/interpreter/embed.lua csrc/interpreter/lean.lua $(LUA_FILES) $(BUILD)/lua-files
	@mkdir -p $(BUILD)/compiled
	@$(LUA) csrc/interpreter/embed.lua $@ $(BUILD)/compiled $(LUA_FILES) $(ARGPARSE)

$(BUILD)/obj/embedded.o: $(BUILD)/embedded.S
	@mkdir -p $(@D)
	@$(CC) -c -o $@ $<

# Changes only when a file comes or goes.
$(BUILD)/lua-files: FORCE
	@mkdir -p $(@D)
	@echo '$(LUA_FILES) $(ARGPARSE)' | cmp -s - $@ || echo '$(LUA_FILES) $(ARGPARSE)' > $@
FORCE:

demo: all
	@echo "Offline: recorded answers, no credentials, no network."; echo
	@./$(BINARY) examples/org-usage.lua --replay examples/org-usage.har \
	  $(foreach ending,html md xml csv prom json,-o $(BUILD)/demo.$(ending))
	@echo; echo "The same as files: $(BUILD)/demo.html .md .xml .prom .json, and demo-*.csv beside them."

test: all $(FAILING)
	@$(LUA) spec/run.lua -j $(JOBS) $(SPEC)

check: deps-check warnings lint fuzz-corpus sanitize memcheck

# Each compiler in a folder of its own; nothing is linked.
warnings:
	@for cc in gcc clang; do \
	  $(MAKE) -s CC=$$cc BUILD=build/$$cc BINARY=build/$$cc/usagelua WERROR=-Werror all || exit 1; \
	done

lint:
	@luacheck -q lua spec csrc examples bench fuzz mutants torture
	@cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
	  --inline-suppr --suppress=missingIncludeSystem -Icsrc/base -DUL_VERSION='""' csrc
	@echo $(SOURCES) | xargs -n 8 -P 2 sh -c 'clang-tidy --quiet "$$@" -- -std=gnu11 -Icsrc/base \
	  -DUL_VERSION="\"\"" $(LUA_CFLAGS) $(CURL_CFLAGS) 2>/dev/null' sh
	@cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability \
	  --inline-suppr --suppress=missingIncludeSystem bench
	@shellcheck .ci/run rockspec/*.sh spec/*.sh fuzz/*.sh bench/peers/*.sh

# Checkers of memory want each block freed at the end.
CHECKED      = CFLAGS=-DUL_FREE_ALL

# The suite once more with address and undefined-behaviour sanitizers in the
# modules, the interpreter and the Lua that runs the specs; leaks count. The
# specs know by ASAN_OPTIONS that freed memory is held back in such a run.
SANITIZERS   = -fsanitize=address,undefined -fno-sanitize-recover=undefined
SANITIZED    = BUILD=build/sanitize BINARY=build/sanitize/usagelua \
               SANITIZE='$(SANITIZERS)' OPT='-O1 -g' $(CHECKED)
sanitize: all $(FAILING)
	@$(MAKE) -s $(SANITIZED) all build/sanitize/lua
	@ASAN_OPTIONS=$${ASAN_OPTIONS:-detect_leaks=1} USAGELUA_BIN=build/sanitize/usagelua USAGELUA_LUA='$(CURDIR)/build/sanitize/lua' \
	  USAGELUA_CPATH='$(CURDIR)/build/sanitize/lib/?.so' \
	  build/sanitize/lua spec/run.lua -j $(JOBS) $(SPEC)

$(BUILD)/lua: spec/support/host.c
	@mkdir -p $(@D)
	@$(LINK) $(CFLAGS_ALL) -pie -Wl,-E -o $@ $< $(LUA_LIBS)

# The targets of fuzz/targets, each for SECONDS, then generated documents
# against other readers of JSON; fuzz-corpus runs what is in the corpus.
SECONDS     ?= 60
DOCUMENTS   ?= 1000000
FUZZED       = CC=clang BUILD=build/fuzz OPT='-O1 -g' WERROR=-Werror \
               SANITIZE='-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined'
fuzz: all
	@$(MAKE) -s $(FUZZED) build/fuzz/host
	@sh fuzz/run.sh build/fuzz/host $(SECONDS) $(TARGETS)
	@$(LUA) fuzz/agreement.lua $(DOCUMENTS)

fuzz-corpus:
	@$(MAKE) -s $(FUZZED) build/fuzz/host
	@sh fuzz/run.sh build/fuzz/host 0 $(TARGETS)

$(BUILD)/host: fuzz/host.c $(call OBJ,$(BASE_SRC) $(CORE_SRC) $(TRANSFER_SRC))
	@echo "  link  $@"
	@$(LINK) $(CFLAGS_ALL) -fsanitize=fuzzer -pie -Wl,-E -o $@ $^ $(LUA_LIBS) $(CURL_LIBS) -lz $(MD_LIBS) -lm

# Runs over the three vendors in bad weather, SIMULATED of them in the
# simulator and SEEDS over HTTP, from seed FIRST on.
SEEDS       ?= 100
SIMULATED   ?= 10000
FIRST       ?= 1
weather: all
	@$(LUA) spec/long/weather.lua SEEDS=$(SEEDS) SIMULATED=$(SIMULATED) FIRST=$(FIRST)

# Real runs stopped at drawn points: by signals, and by kill -9 with a run after.
STOPS       ?= 200
KILLS       ?= 200
stops: all
	@$(LUA) spec/long/stops.lua STOPS=$(STOPS) KILLS=$(KILLS) FIRST=$(FIRST)

# Weather, stops and restarts in a loop, and one process of many runs beside it.
MINUTES     ?= 30
soak: all
	@$(LUA) spec/long/soak.lua MINUTES=$(MINUTES) FIRST=$(FIRST)

# Faults planted in our own code, each in a copy of the tree: the suite has to
# catch every one. MUTANTS="A5 C2" takes those of some promises.
mutants: all $(FAILING)
	@$(LUA) mutants/run.lua -j $(JOBS) $(MUTANTS)

memcheck: all $(FAILING)
	@$(MAKE) -s BUILD=build/memcheck BINARY=build/memcheck/usagelua OPT='-O1 -g' $(CHECKED) all
	@LUA=$(LUA) sh spec/memcheck.sh build/memcheck/usagelua

# Whole runs in which the n-th call fails, for every n; of Lua's allocations,
# which are tens of thousands in a run, each EVERY-th.
EVERY       ?= 100
torture: all $(FAILING)
	@$(LUA) torture/run.lua -j $(JOBS) --every $(EVERY) $(TORTURE)

$(FAILING): torture/failing.c
	@mkdir -p $(@D)
	@echo "  link  $@"
	@$(CC) -std=gnu11 -fPIC -shared -fvisibility=hidden -pthread -O2 -g $(WARN) $(WERROR) \
	  $(LUA_CFLAGS) $(CURL_CFLAGS) -o $@ $< -ldl

# Figures of all rows into bench/, or of small ones to the terminal.
bench: all
	@$(LUA) bench/run.lua --out bench/RESULTS.md --picture bench/results.svg $(BENCH)

bench-quick: all
	@$(LUA) bench/run.lua --quick $(BENCH)

bench-deps: deps
	@sh rockspec/deps.sh $(PEERS)

docs: all
	@./$(BINARY) docs/print.lua

# Where folders are named one by one (LuaRocks), SHAREDIR is too, or the manual
# page and the completions are left out.
install: all
	@BINDIR='$(or $(BINDIR),$(DESTDIR)$(PREFIX)/bin)'; \
	LUADIR='$(or $(LUADIR),$(DESTDIR)$(PREFIX)/share/lua/5.4)'; \
	LIBDIR='$(or $(LIBDIR),$(DESTDIR)$(PREFIX)/lib/lua/5.4)'; \
	SHAREDIR='$(or $(SHAREDIR),$(if $(BINDIR),,$(DESTDIR)$(PREFIX)/share))'; \
	mkdir -p "$$BINDIR" "$$LIBDIR/usagelua"; \
	install -m 755 $(BINARY) "$$BINDIR/usagelua"; \
	install -m 755 $(MODULES) "$$LIBDIR/usagelua"; \
	(cd lua && find . -name '*.lua') | while read -r file; do \
	  mkdir -p "$$LUADIR/$$(dirname "$$file")"; \
	  install -m 644 "lua/$$file" "$$LUADIR/$$file"; \
	done; \
	test -z "$$SHAREDIR" || { \
	  install -D -m 644 man/usagelua.1 "$$SHAREDIR/man/man1/usagelua.1"; \
	  install -D -m 644 completions/usagelua.bash "$$SHAREDIR/bash-completion/completions/usagelua"; \
	  install -D -m 644 completions/_usagelua "$$SHAREDIR/zsh/site-functions/_usagelua"; \
	  install -D -m 644 completions/usagelua.fish "$$SHAREDIR/fish/vendor_completions.d/usagelua.fish"; \
	}

clean:
	rm -rf build usagelua

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
