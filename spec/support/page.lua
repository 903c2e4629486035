-- Walks a page of the documentation as a reader would: its `sh` blocks are run
-- in one shell, one after another, a block with a file's name behind its
-- language is saved as that file, and a `text` block is what the commands
-- before it print. There `…` alone stands for any lines, at an end for any text.
local shell = require "support.shell"

local page = {}

---@class page.block
---@field language string
---@field file string? to save it as
---@field text string

---@param path string
---@return page.block[]
function page.blocks(path)
  local file <close> = assert(io.open(path))
  local list = {}
  for language, name, text in file:read("a"):gmatch "```(%a+) ?([^\n]*)\n(.-)\n```" do
    list[#list + 1] = { language = language, file = name ~= "" and name or nil, text = text }
  end
  return list
end

local SAVED <const> = "cat > %s <<'END OF FILE'\n%s\nEND OF FILE\n"
local RUN <const> = "{\n%s\n} > %s/%d.out 2>&1\necho $? > %s/%d.status\n"

local function script(blocks, logs, instead)
  local lines = {}
  for index, block in ipairs(blocks) do
    local text = instead[block.text] or block.text
    if block.file then
      lines[#lines + 1] = SAVED:format(block.file, block.text)
    elseif block.language == "sh" then
      lines[#lines + 1] = RUN:format(text, logs, index, logs, index)
    end
  end
  return table.concat(lines, "\n")
end

local function read(path)
  local file <close> = io.open(path)
  return file and file:read "a"
end

---Runs the page's commands in a folder; nothing of a block is left out, but for
---those that `instead` has other commands for.
---@param path string
---@param folder { path: string }
---@param options { env: table, instead: table<string, string>? }
---@return { block: page.block, status: integer, output: string, expected: string? }[] steps
function page.walk(path, folder, options)
  local blocks = page.blocks(path)
  local logs = folder.path .. "/.logs"
  shell.output { "mkdir", "-p", logs }
  local result = shell.run(script(blocks, logs, options.instead or {}),
    { cwd = folder.path, env = options.env, timeout_s = 300 })
  local steps = {}
  for index, block in ipairs(blocks) do
    if block.language == "sh" then
      local following = blocks[index + 1]
      steps[#steps + 1] = { block = block, status = tonumber(read(("%s/%d.status"):format(logs, index))),
        output = read(("%s/%d.out"):format(logs, index)) or result.stderr,
        expected = following and following.language == "text" and following.text or nil }
    end
  end
  return steps
end

local RECORDED <const> = [[
#!/bin/sh
case $1 in
check|get|--version) exec %s "$@" ;;   # never recorded
esac
exec %s "$@" --replay %s
]]

---Makes a command `usagelua` that takes its answers from a recording, for what a
---page shows of runs that ask vendors.
---@param folder { path: string }
---@param recording string
---@return string path of the folder that holds it
function page.recorded(folder, recording)
  local binary = shell.quote(shell.usagelua())
  shell.output { "mkdir", "-p", folder.path .. "/recorded" }
  shell.output { "chmod", "+x", folder:write("recorded/usagelua",
    RECORDED:format(binary, binary, shell.quote(recording))) }
  return folder.path .. "/recorded"
end

local function fits(expected, line)
  local pattern = expected:gsub("…", "\0"):gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"):gsub("%z", ".*")
  return line:find("^" .. pattern .. "$") ~= nil
end

---Whether what came has the expected lines: each follows the one before it, or,
---behind a `…`, any later one.
---@param expected string
---@param output string
---@return boolean
---@return string? missing the first line that is not there
function page.shows(expected, output)
  local lines, at, is_free = {}, 0, false
  for line in (output .. "\n"):gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
  for wanted in (expected .. "\n"):gmatch "([^\n]*)\n" do
    if wanted == "…" then
      is_free = true
    else
      repeat at = at + 1 until not lines[at] or fits(wanted, lines[at]) or not is_free
      if not lines[at] or not fits(wanted, lines[at]) then return false, wanted end
      is_free = false
    end
  end
  return true
end

return page
