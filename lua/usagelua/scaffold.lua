-- Writes a working starting point from a template. Nothing that exists is
-- touched: either all files are new, or none is written.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local output = require "usagelua.output"

local scaffold = {}

---@class usagelua.template_file
---@field path string with @fields@, relative
---@field text string with @fields@

-- @name@ → its value; other text between signs stays as it is.
local function fill(text, fields)
  return (text:gsub("@([%a_]+)@", fields))
end

local function folder_of(path)
  return path:match "^(.*)/[^/]*$"
end

local function check_new(files)
  for _, file in ipairs(files) do
    if core.file.exists(file.path) then
      errors.raise_usage("%s exists already and is left as it is; choose another name, or move it "
        .. "away", file.path)
    end
  end
end

local function write(file)
  local folder = folder_of(file.path)
  local ok, err = true, nil
  if folder then ok, err = core.file.mkdirs(folder) end
  if ok then ok, err = output.save(file.path, file.text) end
  if not ok then error(errors.from(err), 0) end
end

---Fills the template's files and writes them below the current folder.
---@param template usagelua.template_file[]
---@param fields table<string, string>
---@return string[] paths that were written
---Raises kind usage where one exists, kind io where one cannot be written.
function scaffold.write(template, fields)
  local files, paths = {}, {}
  for index, file in ipairs(template) do
    files[index] = { path = fill(file.path, fields), text = fill(file.text, fields) }
    paths[index] = files[index].path
  end
  check_new(files)
  for _, file in ipairs(files) do write(file) end
  return paths
end

return scaffold
