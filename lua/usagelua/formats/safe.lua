-- Text from a vendor made safe for people and their terminals. Control bytes,
-- escape sequences, marks that turn the direction of writing, line separators
-- and invisible characters are shown instead of obeyed; commands that CI systems
-- read out of a log no longer look like commands. What is to be masked is masked
-- before it is changed, since nobody would know it afterwards.

local core = require "usagelua.core"

local safe = {}

local REPLACEMENT <const> = "\u{FFFD}"
local CONTROL_PICTURES <const> = 0x2400
local DELETE_PICTURE <const> = "\u{2421}"

-- Shown by their number: first and last code point of each range.
local SHOWN_BY_NUMBER <const> = {
  { 0x80, 0x9F },       -- C1 controls
  { 0xAD, 0xAD },       -- soft hyphen
  { 0x061C, 0x061C },   -- Arabic letter mark
  { 0x180E, 0x180E },   -- Mongolian vowel separator
  { 0x200B, 0x200B },   -- zero width space
  { 0x200E, 0x200F },   -- left-to-right and right-to-left mark
  { 0x2028, 0x202E },   -- line and paragraph separator, embeddings and overrides
  { 0x2060, 0x206F },   -- invisible operators, isolates, deprecated marks
  { 0xFEFF, 0xFEFF },   -- byte order mark
  { 0xFFF9, 0xFFFB },   -- interlinear annotation
  { 0xE0000, 0xE007F }, -- tags
}

local function numbered(write)
  local written = {}
  for _, range in ipairs(SHOWN_BY_NUMBER) do
    for code = range[1], range[2] do written[utf8.char(code)] = write(code) end
  end
  return written
end

local function make_shown()
  local shown = numbered(function(code) return ("<U+%04X>"):format(code) end)
  for code = 0, 0x1F do shown[utf8.char(code)] = utf8.char(CONTROL_PICTURES + code) end
  shown["\127"] = DELETE_PICTURE
  return shown
end

-- Source: RFC 8259 section 7, surrogate pairs beyond the basic plane.
local function json_escape(code)
  if code < 0x10000 then return ("\\u%04x"):format(code) end
  local offset = code - 0x10000
  return ("\\u%04x\\u%04x"):format(0xD800 + (offset >> 10), 0xDC00 + (offset & 0x3FF))
end

local function make_escaped()
  local escaped = numbered(json_escape)
  escaped["\127"] = json_escape(127)
  return escaped
end

local SHOWN <const> = make_shown()
local ESCAPED <const> = make_escaped()

---The text with each byte that is no UTF-8 replaced by U+FFFD.
---@param text string
---@return string
function safe.utf8(text)
  local _, bad = utf8.len(text)
  if not bad then return text end
  local parts, from = {}, 1
  while bad do
    parts[#parts + 1] = text:sub(from, bad - 1)
    parts[#parts + 1] = REPLACEMENT
    from = bad + 1
    _, bad = utf8.len(text, from)
  end
  parts[#parts + 1] = text:sub(from)
  return table.concat(parts)
end

-- What .NET's TrimStart takes off before GitHub's and Azure's runners look.
local LEADING_SPACES <const> = {
  [" "] = true, ["\u{A0}"] = true, ["\u{1680}"] = true, ["\u{202F}"] = true,
  ["\u{205F}"] = true, ["\u{3000}"] = true,
}
for code = 0x2000, 0x200A do LEADING_SPACES[utf8.char(code)] = true end

local function first_visible(text)
  for at, code in utf8.codes(text) do
    if not LEADING_SPACES[utf8.char(code)] then return at end
  end
  return #text + 1
end

---A line that no CI system takes for a command of its own: `::` at its start
---and `##[`, `##vso[`, `##teamcity[` anywhere in it are pulled apart by a space.
---Source: actions/runner ActionCommand.cs, microsoft/azure-pipelines-agent Command.cs.
---@param line string valid UTF-8, one line
---@return string
function safe.line(line)
  if line:find("##", 1, true) then line = core.mask.text(line):gsub("##([A-Za-z]*%[)", "# #%1") end
  if not line:find("::", 1, true) then return line end
  line = core.mask.text(line)
  local at = first_visible(line)
  if line:sub(at, at + 1) ~= "::" then return line end
  return line:sub(1, at) .. " " .. line:sub(at + 1)
end

---@param text string anything
---@return string one line that shows what it cannot hold
function safe.shown(text)
  if not text:find "[^\x20-\x7E]" then return text end
  return (safe.utf8(core.mask.text(text)):gsub(utf8.charpattern, SHOWN))
end

---Text for a cell or a line on a terminal.
---@param text string anything
---@return string
function safe.text(text)
  return safe.line(safe.shown(text))
end

---JSON text that shows nothing unseen on a terminal and is no command in a CI
---log: such characters stand in it as \uXXXX, so every value stays the same.
---@param json string valid JSON without raw control bytes
---@return string
function safe.json(json)
  if json:find "[\x7F-\xFF]" then json = json:gsub(utf8.charpattern, ESCAPED) end
  if json:find("##", 1, true) then json = json:gsub("##", "#\\u0023") end
  return json
end

return safe
