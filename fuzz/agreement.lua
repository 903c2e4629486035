-- Generated documents, read by us, by Python's json and by lua-cjson: all three
-- must agree, except where docs/json.md says that we refuse what others take.
--
--   lua5.4 fuzz/agreement.lua [COUNT [SEED]]      (part of `make fuzz`)

package.path = "lua/?.lua;lua/?/init.lua;spec/?.lua;./?.lua;" .. package.path
package.cpath = (os.getenv "USAGELUA_CPATH" or "build/lib/?.so") .. ";" .. package.cpath

local cjson = require "cjson".new()
local core = require "usagelua.core".json
local documents = require "fuzz.documents"
local python = require "support.python"
local random = require "support.random"

local BATCH <const> = 10000

local agreement = {}

-- Python's reader, made as strict as the RFC where it is not, with our
-- decisions for what the RFC leaves open. It prints a line for each document.
local READER <const> = [[
import json, struct, sys

class Refused(Exception): pass

def refuse(*_): raise Refused

def integer(text):
    number = int(text)
    if not -2**63 <= number < 2**63: refuse()
    return number

def real(text):
    number = float(text)
    if number in (float("inf"), float("-inf")): refuse()
    return number

def members(pairs):
    if len(set(name for name, _ in pairs)) < len(pairs): refuse()
    return dict(pairs)

def show(value):
    if value is None: return "n"
    if value is True: return "t"
    if value is False: return "f"
    if isinstance(value, int): return "i%d" % value
    if isinstance(value, float): return "d" + struct.pack(">d", value).hex()
    if isinstance(value, str): return "s" + value.encode("utf-8").hex()
    if isinstance(value, list): return "[" + ",".join(map(show, value)) + "]"
    names = sorted((name.encode("utf-8").hex(), name) for name in value)
    return "{" + ",".join(text + ":" + show(value[name]) for text, name in names) + "}"

decode = json.JSONDecoder(parse_int=integer, parse_float=real, parse_constant=refuse,
                          object_pairs_hook=members).decode
for line in open(sys.argv[1]):
    try:
        print(show(decode(bytes.fromhex(line.strip()).decode("utf-8"))))
    except (ValueError, Refused):
        print("!")
]]

local function hex(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

local is_array = getmetatable(core.array {})
local show

local function show_object(value)
  local names, parts = {}, {}
  for name in pairs(value) do names[#names + 1] = name end
  table.sort(names, function(a, b) return hex(a) < hex(b) end)
  for place, name in ipairs(names) do parts[place] = hex(name) .. ":" .. show(value[name]) end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function show_array(value)
  local parts = {}
  for place, inner in ipairs(value) do parts[place] = show(inner) end
  return "[" .. table.concat(parts, ",") .. "]"
end

local SHOWN <const> = {
  userdata = function() return "n" end,
  boolean = function(value) return value and "t" or "f" end,
  string = function(value) return "s" .. hex(value) end,
  number = function(value)
    return math.type(value) == "integer" and "i" .. value or "d" .. hex(string.pack(">d", value))
  end,
  table = function(value)
    return getmetatable(value) == is_array and show_array(value) or show_object(value)
  end,
}

function show(value)
  return SHOWN[type(value)](value)
end

-- lua-cjson knows no empty arrays, and reads long integers as floats.
local function is_alike(ours, theirs)
  if type(ours) == "number" then return type(theirs) == "number" and ours + 0.0 == theirs + 0.0 end
  if type(ours) ~= "table" then return ours == theirs end
  if type(theirs) ~= "table" then return false end
  for name, inner in pairs(ours) do
    if not is_alike(inner, theirs[name]) then return false end
  end
  for name in pairs(theirs) do
    if ours[name] == nil then return false end
  end
  return true
end

local function assert_python(text, ours, theirs)
  if ours == theirs then return end
  error(("the document %q: %s here, %s in Python"):format(text, ours, theirs), 0)
end

-- What we take, lua-cjson takes too, and it means the same.
local function assert_cjson(text, value)
  local ok, theirs = pcall(cjson.decode, text)
  if ok and is_alike(value, theirs) then return end
  error(("the document %q means something else to lua-cjson"):format(text), 0)
end

local function check(text, line)
  local value, err = core.decode(text)
  assert_python(text, err and "!" or show(value), line)
  if not err then assert_cjson(text, value) end
  return err == nil
end

local function check_batch(draw, count)
  local texts, lines = {}, {}
  for i = 1, count do
    texts[i] = documents.next(draw)
    lines[i] = hex(texts[i])
  end
  local read, accepted = 0, 0
  for line in python.run(READER, table.concat(lines, "\n") .. "\n"):gmatch "[^\n]+" do
    read = read + 1
    accepted = accepted + (check(texts[read], line) and 1 or 0)
  end
  if read ~= count then error("Python's reader stopped at document " .. read, 0) end
  return accepted
end

---Raises where the readers do not agree.
---@param count integer
---@param seed integer
---@return integer accepted how many of the documents are right
function agreement.check(count, seed)
  local draw, accepted = random.new(seed), 0
  for from = 1, count, BATCH do
    accepted = accepted + check_batch(draw, math.min(BATCH, count - from + 1))
  end
  return accepted
end

if arg and arg[0] and arg[0]:find "fuzz/agreement%.lua$" then
  local count, seed = math.tointeger(arg[1]) or 100000, math.tointeger(arg[2]) or os.time()
  local accepted = agreement.check(count, seed)
  print(("  fuzz  json: %d documents (seed %d, %d right) mean the same to three readers"):format(count,
    seed, accepted))
end

return agreement
