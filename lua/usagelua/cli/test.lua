-- `usagelua test VENDOR.lua`: conformance of a vendor script, a line a check.

local conformance = require "usagelua.conformance"
local core = require "usagelua.core"
local display = require "usagelua.cli.display"
local errors = require "usagelua.errors"
local json = require "usagelua.json"
local session = require "usagelua.cli.session"

local test = {}

local WORDS <const> = { ok = "ok    ", failed = "FAILED", ["not tried"] = "-     " }

local function line_text(line)
  local text = ("%s  %s%s"):format(WORDS[line.outcome], line.dataset and line.dataset .. ": " or "",
    line.check)
  if not line.reason then return text end
  return line.outcome == "ok" and ("%s (%s)"):format(text, line.reason) or text .. ": " .. line.reason
end

local function count(lines, outcome)
  local number = 0
  for _, line in ipairs(lines) do
    if line.outcome == outcome then number = number + 1 end
  end
  return number
end

local function texts_of(lines)
  local texts = {}
  for index, line in ipairs(lines) do texts[index] = line_text(line) end
  texts[#texts + 1] = ("%d ok, %d failed, %d not tried"):format(count(lines, "ok"),
    count(lines, "failed"), count(lines, "not tried"))
  return texts
end

local function document_of(lines)
  local list = {}
  for index, line in ipairs(lines) do
    list[index] = json.object { { "dataset", line.dataset or json.null }, { "check", line.check },
      { "outcome", line.outcome }, { "reason", line.reason or json.null } }
  end
  return json.object { { "schema", 1 }, { "checks", json.array(list) },
    { "failed", count(lines, "failed") } }
end

local function check_path(path)
  if not path:find "%.lua$" then
    errors.raise_usage("test takes the file of a vendor script, for example vendors/%s.lua, not '%s'",
      path:match "^[%w_]+$" or "acme", path)
  elseif not core.file.exists(path) then
    errors.raise_usage("test: there is no file '%s'", path)
  end
end

local function check_recording(values)
  if values.record then
    errors.raise_usage("test asks nobody, so there is nothing to record; record with usagelua fetch")
  elseif values.replay and not core.file.exists(values.replay) then
    errors.raise_usage("--replay: there is no file '%s'", values.replay)
  end
end

local function set_of(values)
  local set = {}
  for _, pair in ipairs(values.set or {}) do set[pair[1]] = pair[2] end
  return set
end

---@param values table the options; period, zone and set say what was recorded, replay where
---@param rest string[] the script
---@return integer status 0, or 1 where a check failed
function test.run(values, rest)
  require("usagelua.cli.help").stop_if_wanted(values, "test")
  display.check(values, "test")
  if #rest ~= 1 then
    errors.raise_usage("test takes one vendor script, for example: usagelua test vendors/acme.lua")
  end
  check_path(rest[1])
  check_recording(values)
  return session.with(values, { arguments = {}, script_name = "test" }, function()
    local lines = conformance.of(rest[1], { period = values.period, zone = values.zone,
      set = set_of(values), cassette = values.replay })
    display.show(values, document_of(lines), function() return texts_of(lines) end)
    return count(lines, "failed") == 0 and 0 or 1
  end)
end

return test
