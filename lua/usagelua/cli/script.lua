-- `usagelua SCRIPT.lua`, `-e CODE`, `-i`: runs a script with the library of
-- its run, writes the report it returns, and ends with its status.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local session = require "usagelua.cli.session"

local script = {}

local MAX_SCRIPT_BYTES <const> = 16 << 20

local function read(path)
  if path == "-" then return io.read "a", "=stdin" end
  local text, err = core.file.read(path, MAX_SCRIPT_BYTES)
  if not text then
    errors.raise_usage("no script to run: %s", errors.from(err).message)
  end
  return text, "@" .. path
end

local function folder_of(path)
  if not path or path == "-" then return nil end
  return path:match "^(.*)/[^/]*$" or "."
end

-- A byte order mark and a `#!` line are no Lua; the lines keep their numbers.
local function without_head(text)
  return (text:gsub("^\xEF\xBB\xBF", ""):gsub("^#[^\n]*", ""))
end

function script.compile(text, name)
  local chunk, message = load(without_head(text), name, "t")
  if not chunk then error(errors.new { kind = "script", message = message }, 0) end
  return chunk
end

local function set_arg(path, arguments)
  local arg = { [0] = path }
  table.move(arguments, 1, #arguments, 1, arg)
  _G.arg = arg
end

-- A script that asks nothing and returns nothing is done.
local function finish(run, result)
  if result == nil and #run.frames == 0 then return 0 end
  return require("usagelua.cli.result").finish(run, result)
end

local function execute(run, source)
  local chunk = script.compile(source.text, source.fields.source)
  session.publish(run)
  local result = chunk(table.unpack(run.arguments))
  run:stop_for_help()
  return finish(run, result)
end

---@class usagelua.script_source
---@field text string
---@field fields table what the run of the script begins with

---@param values table the options
---@param path string? of the script; nil: -e
---@param arguments string[]
---@return usagelua.script_source
function script.source_of(values, path, arguments)
  local text, name
  if path then text, name = read(path) else text, name = values.execute, "=(-e)" end
  if #arguments > 0 then require("usagelua.cli.unread").check(text, values, arguments) end
  set_arg(path or "-e", arguments)
  if folder_of(path) then require("usagelua.cli.module_path").set(folder_of(path)) end
  return { text = text, fields = {
    source = name,
    script_name = path or "-e",
    script_folder = folder_of(path),
    script_text = text,
    arguments = arguments,
    wants_help = values.help,
  } }
end

---@param values table the options
---@param rest string[] the script and its arguments
---@return integer status
function script.run(values, rest)
  if values.interactive then return require("usagelua.cli.interactive").run(values, rest) end
  local path = not values.execute and table.remove(rest, 1) or nil
  local source = script.source_of(values, path, rest)
  return session.with(values, source.fields, function(run)
    return execute(run, source)
  end)
end

return script
