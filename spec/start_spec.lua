-- What starting costs, in instructions as valgrind counts them: at most twice
-- a plain Lua, beside the loading of the libraries.
local shell = require "support.shell"
local tmp = require "support.tmp"

local TRIVIAL <const> = "int main(void) { return 0; }\n"
local LINK <const> = "cc -o trivial trivial.c -Wl,--no-as-needed -Wl,-z,now "
  .. "$(pkg-config --libs lua5.4 libcurl) -lz -lm -pthread"

local function is_there(program)
  return shell.run("command -v " .. program).status == 0
end

local function instructions(words, folder)
  local result = shell.run({ "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
    table.unpack(words) }, { cwd = folder, env = { LUA_INIT = false }, timeout_s = 300 })
  return tonumber((result.stderr:match "Collected : (%d+)")), result.stderr
end

-- A checker's own work would be counted, too.
local function is_plain(binary)
  local result = shell.run { "nm", "-D", binary }
  return result.status == 0 and not result.stdout:find("__asan_init", 1, true)
end

describe("usagelua -e ''", function()
  it("costs at most twice a plain Lua, plus the libraries' loading", function()
    local binary = shell.usagelua()
    if not (is_there "valgrind" and is_there "cc" and is_plain(binary)) then
      return pending "needs valgrind, a compiler and an interpreter without a checker"
    end
    local folder <close> = tmp.folder()
    folder:write("trivial.c", TRIVIAL)
    shell.output(LINK, { cwd = folder.path })
    local plain = instructions({ "lua5.4", "-e", "" }, folder.path)
    local libraries = instructions({ "./trivial" }, folder.path)
    local own, said = instructions({ binary, "-e", "" }, folder.path)
    assert.is_true(own - libraries <= 2 * plain,
      ("%s own, %s libraries, %s plain Lua\n%s"):format(own, libraries, plain, said))
  end)
end)
