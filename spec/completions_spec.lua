-- completions/: what each shell offers, asked of the shell itself.
local commands = require "usagelua.cli.commands"
local formats = require "usagelua.formats"
local options = require "usagelua.cli.options"
local shell = require "support.shell"
local tmp = require "support.tmp"

local ROOT <const> = (shell.output "pwd -P"):gsub("\n", "")
local BASH <const> = ROOT .. "/completions/usagelua.bash"
local FISH <const> = ROOT .. "/completions/usagelua.fish"
local ZSH <const> = ROOT .. "/completions/_usagelua"

local folder

-- A folder with `usagelua` on PATH, a script and a vendor of its own.
setup(function()
  folder = tmp.folder()
  shell.output { "mkdir", folder.path .. "/bin", folder.path .. "/vendors", folder.path .. "/reports" }
  shell.output { "ln", "-s", shell.usagelua(), folder.path .. "/bin/usagelua" }
  folder:write("june.lua", "")
  folder:write("june.har", "")
  folder:write("vendors/broken.lua", "return {")
end)

teardown(function() folder:remove() end)

local function run(words)
  return shell.output(words, { cwd = folder.path, env = { USAGELUA_VENDORS = false,
    PATH = folder.path .. "/bin:" .. os.getenv "PATH", HOME = folder.path } })
end

local function has(program)
  return shell.run { "sh", "-c", "command -v " .. program }.status == 0
end

local function lines(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do list[#list + 1] = line end
  table.sort(list)
  return list
end

local function set_of(list)
  local set = {}
  for _, word in ipairs(list) do set[word] = true end
  return set
end

-- The function of bash itself, as the key asks it: the words so far, the last
-- of which is being written.
local ASK <const> = [[
compopt() { :; }   # works in a completion only
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_usagelua usagelua "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
]]

local function bash(...)
  return lines(run { "bash", "-c", ASK, "bash", BASH, "usagelua", ... })
end

describe("completion in bash", function()
  it("is installed for the command", function()
    assert.are.equal("complete -F _usagelua usagelua\n",
      run { "bash", "-c", 'source "$1"; complete -p usagelua', "bash", BASH })
  end)

  it("offers every command, scripts and folders", function()
    local offered = set_of(bash "")
    for _, row in ipairs(commands.rows) do
      if row.word then assert.is_true(offered[row.word], row.word) end
    end
    assert.is_true(offered["june.lua"] and offered.reports)
    assert.is_nil(offered["june.har"])
    assert.are.same({ "plan" }, bash "pl")
  end)

  it("offers every option that all commands have, and each command's own", function()
    local all, own = set_of(bash "--"), set_of(bash("fetch", "--"))
    for _, row in ipairs(options.described()) do
      assert.are.equal(row.only == nil, all["--" .. row.name] == true, row.name)
      assert.are.equal(row.only == nil or options.belongs(row, "fetch"), own["--" .. row.name] == true,
        row.name)
    end
    assert.are.same({ "--delete" }, bash("ledger", "--del"))
    assert.are.same({}, bash("fetch", "--del"))
  end)

  it("offers formats and grains", function()
    local names = formats.names()
    table.sort(names)
    assert.are.same(names, bash("june.lua", "-f", ""))
    assert.are.same({ "markdown" }, bash("--format", "=", "ma"))
    assert.are.same(names, bash("--format", "="))
    assert.are.same({ "month" }, bash("fetch", "testmu.summary", "--grain", "m"))
  end)

  it("offers datasets, where a vendor script of one's own is broken too", function()
    assert.are.same({ "testmu.concurrency", "testmu.summary", "testmu.users" }, bash("fetch", "testmu."))
    assert.are.same({ "workato", "workato.monthly_tasks", "workato.usage" }, bash("vendors", "wor"))
    assert.are.same({ "fetch" }, bash("plan", "fe"))
    assert.are.same({ "testmu.summary" }, bash("plan", "fetch", "testmu.s"))
  end)

  it("offers the parameters of the datasets in the line", function()
    assert.are.same({ "account=", "duration_unit=", "region=", "type=" },
      bash("fetch", "testmu.summary", "--set", ""))
    assert.are.same({ "duration_unit=" }, bash("fetch", "testmu.summary", "--set", "du"))
    assert.are.same({}, bash("fetch", "testmu.summary", "--set", "type", "=", "a"))
  end)

  it("offers what can be made, and vendor scripts to test", function()
    assert.are.same({ "report", "vendor", "workflow" }, bash("new", ""))
    assert.are.same({ "june.lua" }, bash("test", "j"))
  end)

  it("is clean for shellcheck", function()
    if not has "shellcheck" then return pending "shellcheck is not installed" end
    shell.output { "shellcheck", "-s", "bash", BASH }
  end)
end)

describe("completion in fish", function()
  local function fish(line)
    local text = run { "fish", "--no-config", "-c",
      ("source %s; complete -C %s"):format(shell.quote(FISH), shell.quote(line)) }
    return lines((text:gsub("\t[^\n]*", "")))
  end

  it("offers commands, options, formats, datasets and parameters", function()
    if not has "fish" then return pending "fish is not installed" end
    assert.are.same({ "plan" }, fish "usagelua pla")
    assert.are.same({ "--delete" }, fish "usagelua ledger --del")
    assert.are.same({ "markdown" }, fish "usagelua --format ma")
    assert.are.same({ "testmu.summary" }, fish "usagelua fetch testmu.s")
    assert.are.same({ "duration_unit=" }, fish "usagelua fetch testmu.summary --set du")
    assert.are.same({ "report", "vendor", "workflow" }, fish "usagelua new ")
    assert.are.same({ "june.lua" }, fish "usagelua ju")
  end)
end)

describe("completion in zsh", function()
  -- The completion system, asked in a terminal of its own.
  local IN_TERMINAL <const> = [==[
zmodload zsh/zpty
zpty -b z zsh -f
zpty -w z 'PS1=; fpath=($COMPLETIONS $fpath); autoload -Uz compinit; compinit -u -D'
zpty -w z 'bindkey "^I" complete-word; print re"ady"'
zpty -r -m z line '*ready*'
zpty -w -n z "$1"$'\t'
for i in {1..300}; do
  sleep 0.1
  zpty -r -t z more && line+=${more//$'\a'/}   # without its bells
  [[ $line == *$2* ]] && break
done
zpty -d z
print -r -- "$line"
]==]

  local function completed(typed, expected)
    local text = shell.output({ "zsh", "-f", "-c", IN_TERMINAL, "zsh", typed, expected }, {
      cwd = folder.path, timeout_s = 300, env = { USAGELUA_VENDORS = false, TERM = "dumb",
        COMPLETIONS = ROOT .. "/completions", PATH = folder.path .. "/bin:" .. os.getenv "PATH",
        HOME = folder.path } })
    assert.truthy(text:find(expected, 1, true), text)
  end

  it("is a script that zsh reads", function()
    if not has "zsh" then return pending "zsh is not installed" end
    shell.output { "zsh", "-n", ZSH }
  end)

  it("completes commands, options, formats, datasets and parameters", function()
    if not has "zsh" then return pending "zsh is not installed" end
    completed("usagelua pla", "plan")
    completed("usagelua ledger --del", "--delete")
    completed("usagelua --format ma", "markdown")
    completed("usagelua fetch testmu.s", "testmu.summary")
    completed("usagelua fetch testmu.summary --set du", "duration_unit=")
    completed("usagelua new w", "workflow")
  end)
end)
