-- completions/: what bash, zsh and fish complete, from the rows of the commands
-- and the options. Names of datasets and parameters are asked of `usagelua`
-- itself, so that vendor scripts of one's own are among them.

local commands = require "usagelua.cli.commands"
local formats = require "usagelua.formats"
local new = require "usagelua.cli.new"
local options = require "usagelua.cli.options"
local period = require "usagelua.time.period"

-- Run by `usagelua -e`; a vendor script that cannot be read is left out.
local NAMES <const> = [[local u = require "usagelua"; for _, v in ipairs(u.vendors()) do print(v); ]]
  .. [[local ok, s = pcall(u.vendors, v); for _, d in ipairs(ok and s.datasets or {}) do ]]
  .. [[print(d.name) end end]]
local PARAMETERS <const> = [[local u = require "usagelua"; print "account="; print "region="; ]]
  .. [[for _, n in ipairs { ... } do local ok, s = pcall(u.vendors, n:match "^[^.]+"); ]]
  .. [[for _, d in ipairs(ok and s.datasets or {}) do if d.name == n then ]]
  .. [[for _, p in ipairs(d.params) do print(p.name .. "=") end end end end]]

local WORDS <const> = { format = formats.names(), grain = period.grains }

-- Rows ---------------------------------------------------------------------

local function words_of_commands()
  local list = {}
  for _, row in ipairs(commands.rows) do list[#list + 1] = row.word end
  return list
end

local function names_of(row)
  return row.short and { "--" .. row.name, "-" .. row.short } or { "--" .. row.name }
end

local function with_all(rows, wanted)
  local list = {}
  for _, row in ipairs(rows) do
    if wanted(row) then table.move(names_of(row), 1, #names_of(row), #list + 1, list) end
  end
  return list
end

-- Options by what their value is; "" where it is nothing that can be completed.
local function by_value()
  local kinds, list = {}, {}
  for _, row in ipairs(options.described()) do
    local kind = row.value and (row.takes or "")
    if kind then
      if not kinds[kind] then
        kinds[kind] = {}
        list[#list + 1] = { kind = kind, names = kinds[kind] }
      end
      table.move(names_of(row), 1, #names_of(row), #kinds[kind] + 1, kinds[kind])
    end
  end
  return list
end

local function common_options()
  return with_all(options.described(), function(row) return not row.only end)
end

local function options_of(command)
  return with_all(options.described(), function(row) return options.belongs(row, command) end)
end

local function joined(list, sign)
  return table.concat(list, sign or " ")
end

local function fill(text, fields)
  return (text:gsub("@(%w+)@", fields))
end

-- A case of a shell for each command with options of its own.
local function cases(line)
  local lines = {}
  for _, row in ipairs(commands.rows) do
    local own = row.word and options_of(row.word) or {}
    if #own > 0 then lines[#lines + 1] = line:format(row.word, joined(own)) end
  end
  return joined(lines, "\n")
end

local COMMON <const> = {
  names = NAMES, parameters = PARAMETERS, commands = joined(words_of_commands()),
  options = joined(common_options()),
  commandcases = joined(words_of_commands(), "|"),
}

-- A case for each command with words of its own: by what they may be.
local function words_cases(by_kind)
  local lines = {}
  for _, row in ipairs(commands.rows) do
    local parts, added = {}, {}
    for _, kind in ipairs(row.takes) do
      local action = by_kind[kind]
      if not added[action] then parts[#parts + 1] = action end
      added[action] = true
    end
    if row.word == "plan" then parts[#parts + 1] = by_kind.fetch end
    if row.word and #parts > 0 then
      lines[#lines + 1] = ("  %s) %s ;;"):format(row.word, joined(parts, "; "))
    end
  end
  return joined(lines, "\n")
end

-- bash ---------------------------------------------------------------------

local BASH_WORDS <const> = {
  dataset = '_usagelua_reply "$(_usagelua_names)"', vendor = '_usagelua_reply "$(_usagelua_names)"',
  script = "_usagelua_scripts", kind = ('_usagelua_reply "%s"'):format(joined(new.kinds())),
  fetch = "_usagelua_reply fetch",
}

local BASH_VALUES <const> = {
  [""] = "return",
  file = "compopt -o default; return",
  format = ('_usagelua_reply "%s"; return'):format(joined(WORDS.format)),
  grain = ('_usagelua_reply "%s"; return'):format(joined(WORDS.grain)),
  parameter = 'compopt -o nospace; _usagelua_reply "$(_usagelua_parameters)"; return',
}

local BASH <const> = [==[
# bash completion of usagelua; printed by `make docs`.

_usagelua_ask() {
  "${COMP_WORDS[0]/#\~/$HOME}" -q -e "$@" 2>/dev/null
}

_usagelua_names() {
  _usagelua_ask '@names@'
}

# Of the datasets that stand in the line.
_usagelua_parameters() {
  local word names=()
  for word in "${COMP_WORDS[@]:1}"; do
    [[ $word =~ ^[a-z][a-z0-9_]*\.[a-z0-9_]+$ ]] && names+=("$word")
  done
  _usagelua_ask '@parameters@' "${names[@]}"
}

# The first word that is a command.
_usagelua_command() {
  local word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in @commandcases@) printf '%s\n' "$word"; return ;; esac
  done
}

# Adds those of the words that begin as the one at hand.
_usagelua_reply() {
  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$1" -- "$current")
}

_usagelua_scripts() {
  compopt -o filenames
  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(
    compgen -f -X '!*.lua' -- "$current"
    compgen -d -- "$current")
}

_usagelua_options() {
  case $1 in
@cases@
  esac
  printf '%s\n' "@options@"
}

_usagelua() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command
  COMPREPLY=()
  # bash makes words of their own of `=` in --format=csv.
  if [[ $current == = ]]; then
    current=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
    [[ $before == -* ]] || return
  fi
  case $before in
@values@
  esac
  command=$(_usagelua_command)
  if [[ $current == -* ]]; then
    _usagelua_reply "$(_usagelua_options "$command")"
    return
  fi
  case $command in
  "") _usagelua_reply "@commands@"; _usagelua_scripts ;;
@words@
  esac
}

complete -F _usagelua usagelua
]==]

local function bash()
  local values = {}
  for index, one in ipairs(by_value()) do
    values[index] = ("  %s) %s ;;"):format(joined(one.names, "|"), BASH_VALUES[one.kind])
  end
  local fields = setmetatable({
    cases = cases "  %s) printf '%%s\\n' \"%s\" ;;", values = joined(values, "\n"),
    words = words_cases(BASH_WORDS),
  }, { __index = COMMON })
  return (BASH:gsub("@(%w+)@", function(name) return fields[name] end))
end

-- zsh ----------------------------------------------------------------------

local ZSH_VALUES <const> = {
  [""] = "return 1",
  file = "_files; return",
  format = "compadd " .. joined(WORDS.format) .. "; return",
  grain = "compadd " .. joined(WORDS.grain) .. "; return",
  parameter = 'compadd -S "" -- ${(f)"$(_usagelua_parameters)"}; return',
}

local ZSH_WORDS <const> = {
  dataset = 'compadd -- ${(f)"$(_usagelua_names)"}', vendor = 'compadd -- ${(f)"$(_usagelua_names)"}',
  script = "_files -g '*.lua'", kind = "compadd " .. joined(new.kinds()), fetch = "compadd fetch",
}

local ZSH <const> = [==[
#compdef usagelua
# zsh completion of usagelua; printed by `make docs`.

_usagelua_ask() {
  ${~words[1]} -q -e "$@" 2>/dev/null
}

_usagelua_names() {
  _usagelua_ask '@names@'
}

# Of the datasets that stand in the line.
_usagelua_parameters() {
  _usagelua_ask '@parameters@' ${(M)words:#[a-z][a-z0-9_]#.[a-z0-9_]##}
}

_usagelua() {
  setopt localoptions extendedglob
  local -a known own
  local word command
  known=(@commands@)
  for word in ${words[2,CURRENT-1]}; do
    if (( ${known[(Ie)$word]} )); then command=$word; break; fi
  done
  case $words[CURRENT-1] in
@values@
  esac
  if [[ $PREFIX == -* ]]; then
    own=(
@common@
    )
    case $command in
@cases@
    esac
    _describe -o option own
    return
  fi
  if [[ -z $command ]]; then
    own=(
@described@
    )
    _describe command own
    _files -g '*.lua'
    return
  fi
  case $command in
@words@
  esac
}

if [[ $funcstack[1] == _usagelua ]]; then _usagelua "$@"; else compdef _usagelua usagelua; fi
]==]

local function zsh_entry(name, help)
  return ("      '%s:%s'"):format(name, (help:gsub("'", "'\\''"):gsub(":", "\\:")))
end

local function zsh_options(wanted)
  local lines = {}
  for _, row in ipairs(options.described()) do
    if wanted(row) then
      for _, name in ipairs(names_of(row)) do lines[#lines + 1] = zsh_entry(name, row.help) end
    end
  end
  return lines
end

local function zsh_cases()
  local lines = {}
  for _, row in ipairs(commands.rows) do
    local own = row.word and zsh_options(function(one) return options.belongs(one, row.word) end) or {}
    if #own > 0 then
      lines[#lines + 1] = ("    %s) own+=(\n%s\n    ) ;;"):format(row.word, joined(own, "\n"))
    end
  end
  return joined(lines, "\n")
end

local function zsh()
  local values, described = {}, {}
  for index, one in ipairs(by_value()) do
    values[index] = ("  %s) %s ;;"):format(joined(one.names, "|"), ZSH_VALUES[one.kind])
  end
  for _, row in ipairs(commands.rows) do
    if row.word then described[#described + 1] = zsh_entry(row.word, row.help) end
  end
  local fields = setmetatable({
    values = joined(values, "\n"), described = joined(described, "\n"), cases = zsh_cases(),
    words = words_cases(ZSH_WORDS),
    common = joined(zsh_options(function(row) return not row.only end), "\n"),
  }, { __index = COMMON })
  return (ZSH:gsub("@(%w+)@", function(name) return fields[name] end))
end

-- fish ---------------------------------------------------------------------

local FISH <const> = [==[
# fish completion of usagelua; printed by `make docs`.

function __usagelua_ask
    set -l words (commandline -opc)
    eval $words[1] -q -e '$argv[1]' '$argv[2..-1]' 2>/dev/null
end

function __usagelua_names
    __usagelua_ask '@names@'
end

# Of the datasets that stand in the line.
function __usagelua_parameters
    set -l names (commandline -opc | string match -r '^[a-z][a-z0-9_]*\.[a-z0-9_]+$')
    __usagelua_ask '@parameters@' $names
end

function __usagelua_scripts
    __fish_complete_path (commandline -ct) | string match -r '^[^\t]*(?:\.lua|/)(?:\t.*)?$'
end

function __usagelua_none
    not __fish_seen_subcommand_from @commands@
end

function __usagelua_on
    __fish_seen_subcommand_from $argv
end

complete -c usagelua -f
complete -c usagelua -n __usagelua_none -a '(__usagelua_scripts)'
]==]

local FISH_VALUES <const> = {
  [""] = "-x",
  file = "-r -F",
  format = ("-x -a '%s'"):format(joined(WORDS.format)),
  grain = ("-x -a '%s'"):format(joined(WORDS.grain)),
  parameter = "-x -a '(__usagelua_parameters)'",
}

-- What a word of the kind is completed with.
local FISH_WORDS <const> = {
  dataset = "(__usagelua_names)", vendor = "(__usagelua_names)", script = "(__usagelua_scripts)",
  kind = joined(new.kinds()),
}

local function fish_quoted(text)
  return "'" .. text:gsub("[\\']", "\\%0") .. "'"
end

local function fish_option(row)
  local parts = { "complete -c usagelua" }
  if row.only then
    parts[#parts + 1] = ("-n '__usagelua_on %s'"):format(joined(row.only))
  end
  parts[#parts + 1] = "-l " .. row.name
  if row.short then parts[#parts + 1] = "-s " .. row.short end
  if row.value then parts[#parts + 1] = FISH_VALUES[row.takes or ""] end
  parts[#parts + 1] = "-d " .. fish_quoted(row.help)
  return joined(parts)
end

local function add_fish_command(lines, row)
  lines[#lines + 1] = ("complete -c usagelua -n __usagelua_none -a %s -d %s"):format(row.word,
    fish_quoted(row.help))
  local added = {}
  for _, kind in ipairs(row.takes) do
    local words = FISH_WORDS[kind]
    if not added[words] then
      lines[#lines + 1] = ("complete -c usagelua -n '__usagelua_on %s' -a '%s'"):format(row.word,
        words)
    end
    added[words] = true
  end
end

local function fish()
  local lines = {}
  for _, row in ipairs(commands.rows) do
    if row.word then add_fish_command(lines, row) end
  end
  lines[#lines + 1] = "complete -c usagelua -n '__usagelua_on plan' -a fetch"
  for _, row in ipairs(options.described()) do lines[#lines + 1] = fish_option(row) end
  return fill(FISH, COMMON) .. joined(lines, "\n") .. "\n"
end

return {
  ["completions/usagelua.bash"] = bash(),
  ["completions/_usagelua"] = zsh(),
  ["completions/usagelua.fish"] = fish(),
}
