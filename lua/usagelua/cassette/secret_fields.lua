-- Fields of an answer that a vendor's description marks secret: their values
-- are told to the mask before the answer is written down, and are masked
-- wherever else they turn up from then on. An answer may be JSON, JSON lines or
-- CSV, and any of them may be cut.

local core = require "usagelua.core"

local secret_fields = {}

local DELIMITERS <const> = { ",", ";", "\t", "|" }

-- Of a list or an object behind such a name every text is secret.
local function walk(value, is_secret, is_within)
  for name, inner in pairs(value) do
    local is_meant = is_within or is_secret[name]
    if type(inner) == "table" then
      walk(inner, is_secret, is_meant)
    elseif is_meant and type(inner) == "string" then
      core.mask.add(inner)
    end
  end
end

-- Texts behind such names in what is JSON in parts, as they stand and as meant.
local function scan(body, names)
  for _, name in ipairs(names) do
    local pattern = ('"%s"%%s*:%%s*"([^"]*)'):format(name:gsub("%W", "%%%0"))
    for text in body:gmatch(pattern) do
      core.mask.add(text)
      local meant = core.json.decode(('"%s"'):format(text))
      if type(meant) == "string" then core.mask.add(meant) end
    end
  end
end

local function read_lines(body, is_secret)
  for line in body:gmatch "[^\r\n]+" do
    local document = core.json.decode(line)
    if type(document) == "table" then walk(document, is_secret) end
  end
end

local function names_any(line, names)
  for _, name in ipairs(names) do
    if line:find(name, 1, true) then return true end
  end
  return false
end

-- Rows as far as they can be read; another delimiter makes one column of them.
local function read_rows(body, delimiter, is_secret)
  local reader <close> = core.csv.reader { delimiter = delimiter }
  if reader:feed(body) then reader:finish() end
  local row = reader:next()
  while row do
    walk(row, is_secret)
    row = reader:next()
  end
end

---Tells the mask the secret values of a body.
---@param body string
---@param names string[]? of the fields, at any depth
function secret_fields.learn(body, names)
  if not names or #names == 0 then return end
  local is_secret = {}
  for _, name in ipairs(names) do is_secret[name] = true end
  local document = core.json.decode(body)
  if type(document) == "table" then return walk(document, is_secret) end
  read_lines(body, is_secret)
  scan(body, names)
  if not names_any(body:match "^[^\r\n]*", names) then return end
  for _, delimiter in ipairs(DELIMITERS) do read_rows(body, delimiter, is_secret) end
end

return secret_fields
