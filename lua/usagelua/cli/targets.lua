-- The files that a command line names, checked before the first request: a
-- run of half an hour must not fail for a folder that is not there.

local core = require "usagelua.core"
local errors = require "usagelua.errors"

local targets = {}

-- Folders and pipes are not tried out: opening a pipe waits for its reader.
local function check_writable(option, path)
  local found = core.file.stat(path)
  if found and found.kind ~= "file" and found.kind ~= "folder" then return end
  local writer <close>, err = core.file.writer(path)
  if not writer then errors.raise_usage("%s: %s", option, errors.from(err).message) end
end

-- A file that is not there yet is known by its folder.
local function place_of(path)
  local real = core.file.realpath(path)
  if real then return real end
  local folder, name = path:match "^(.-)/*([^/]+)$"
  real = core.file.realpath(folder == "" and (path:find "^/" and "/" or ".") or folder)
  return real and ("%s/%s"):format(real, name) or path
end

-- Two that write one file would leave the later one's text only.
local function check_once(taken, option, path)
  local key = place_of(path)
  if taken[key] and not path:find "^/dev/" then
    errors.raise_usage("%s: '%s' is written by %s already", option, path, taken[key])
  end
  taken[key] = option
end

-- "json" alone is no file: as it stands it would go to stdout a second time.
local function output_path(target)
  local format, path = require("usagelua.formats").target(target)
  if path then return path end
  errors.raise_usage("-o: '%s' is a format, not a file: write -o %s=FILE, or -f %s for stdout",
    target, format.name, format.name)
end

local function check_summary()
  local path = os.getenv "GITHUB_STEP_SUMMARY"
  if path and path ~= "" then
    local ok, err = core.file.append(path, "")
    if not ok then errors.raise_usage("--step-summary: %s", errors.from(err).message) end
    return
  end
  errors.raise_usage("--step-summary: GITHUB_STEP_SUMMARY is not set; GitHub Actions sets it in "
    .. "each step, elsewhere write a file with -o report.md")
end

---Raises a usage error for what cannot be written or read.
---@param values table the options
function targets.check(values)
  if values.format then require("usagelua.formats").named(values.format) end
  local taken = {}
  local function check(option, path)
    check_once(taken, option, path)
    check_writable(option, path)
  end
  for _, target in ipairs(values.outputs or {}) do check("-o", output_path(target)) end
  if values.step_summary then check_summary() end
  if values.record then check("--record", values.record) end
  if values.trace then check("--trace", values.trace) end
  if values.record and values.replay then
    errors.raise_usage("--record and --replay: a replay asks nobody, so there is nothing to record")
  end
end

return targets
