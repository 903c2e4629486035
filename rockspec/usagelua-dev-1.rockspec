rockspec_format = "3.0"
package = "usagelua"
version = "dev-1"
source = { url = "git+https://github.com/usagelua/usagelua.git" }
description = {
  summary = "Usage reports from testing and automation vendors",
  detailed = [[
    Asks each vendor's usage API, adds up what may be added up, and prints a
    report that a person, a spreadsheet and a CI gate can use.]],
  license = "MIT",
}
dependencies = {
  "lua ~> 5.4",
  "lua-cjson >= 2.1.0", -- the identity of its null; scripts may use it
  "argparse >= 0.7.1",  -- help and script arguments
}
-- libcurl (transfers), zlib (gzip answers) and libmd (SHA-256 of vendor
-- scripts) are found by the Makefile through pkg-config: LuaRocks' own check
-- misses the headers of multi-arch systems.
test_dependencies = { "busted >= 2.1" }
test = { type = "command", command = "make test" }
build = {
  type = "make",
  build_variables = {
    CC = "$(CC)",
    CFLAGS = "$(CFLAGS)",
    LUA_INCDIR = "$(LUA_INCDIR)",
    LUA = "$(LUA)",
  },
  install_variables = {
    BINDIR = "$(BINDIR)",
    LUADIR = "$(LUADIR)",
    LIBDIR = "$(LIBDIR)",
    LUA_INCDIR = "$(LUA_INCDIR)",
    LUA = "$(LUA)",
  },
  copy_directories = { "completions", "man" },
}
