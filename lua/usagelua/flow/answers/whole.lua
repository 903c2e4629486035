-- Whether an answer that is a row of lines is known to be whole. Such an answer
-- looks good wherever it is cut, so it takes two: a transfer that tells its end,
-- and something that the sender only says at the end of its work. An answer that
-- contradicts what it says is an error; one that says nothing is doubted.

local errors = require "usagelua.errors"
local path = require "usagelua.flow.path"
local values = require "usagelua.flow.values"

local whole = {}

-- How a body's end is known (RFC 9112 6.3, RFC 9113 8.1).
local FRAMED <const> = { length = true, chunked = true, h2 = true }

local UNFRAMED <const> = "the answer ends where its connection does: a cut one looks the same"
local UNPROVEN <const> = "nothing in the answer says that it is complete: no end mark, no stated "
  .. "total, no gzip"

-- The end mark -------------------------------------------------------------

---Compiles the mark of a description.
---@param ends table? the dataset's `ends`
---@return (fun(item: any): boolean)? is_mark
---@return (fun(place: usagelua.place): any)? count_in
function whole.mark(ends)
  if not ends or not ends.mark then return nil end
  local tests = {}
  for text, value in pairs(ends.mark) do tests[#tests + 1] = { path.compile(text), value } end
  local function is_mark(item)
    if type(item) ~= "table" then return false end
    for _, test in ipairs(tests) do
      if test[1] { item = item } ~= test[2] then return false end
    end
    return true
  end
  return is_mark, ends.count and path.compile(ends.count)
end

-- A whole number, also as text.
local function number(value)
  if type(value) == "string" and value:find "^%s*%d+%s*$" then value = tonumber(value) end
  return math.type(value) == "integer" and value or nil
end

-- By its own words the answer is not all: worth asking for again.
local function lacking(code, message)
  return errors.new { kind = "partial", retry = true, code = code, message = message }
end

local function check_number(place, value, count)
  local stated = number(value)
  if not stated then return values.mismatch(place, "a number of rows", value) end
  if stated == count then return true end
  local message = ("%s says %d rows, %d came"):format(place, stated, count)
  if count < stated then return nil, lacking("total", message) end
  return nil, errors.new { kind = "shape", code = "total", message = message }
end

local function check_mark(ends, mark, count_in, count)
  if not mark then
    return nil, lacking("end_mark", ("the answer ends after %d rows without its end mark"):format(count))
  end
  if not count_in then return true end
  return check_number(ends.count, count_in { item = mark }, count)
end

-- Judging ------------------------------------------------------------------

-- Whether the sender says that all has been said; or nil and the contradiction.
local function is_proven(ends, seen, facts, headers)
  if ends.mark then
    local ok, err = check_mark(ends, seen.mark, seen.count_in, seen.count)
    if not ok then return nil, err end
  end
  local total = ends.total and headers[ends.total:lower()]
  if total then
    local ok, err = check_number(ends.total, total, seen.count)
    if not ok then return nil, err end
  end
  local is_gzip = facts.coding == "gzip" and (facts.wire_bytes or 0) > 0
  return ends.mark ~= nil or is_gzip or total ~= nil and not seen.is_open
end

---@class usagelua.seen_end
---@field count integer rows, without the mark
---@field mark any the item that was the mark
---@field count_in function?
---@field is_open boolean the last row came without its line end: its last figure may be cut

---@param ends table? the dataset's `ends`
---@param seen usagelua.seen_end
---@param facts usagelua.transfer.facts
---@param headers table<string, string>
---@return true? ok
---@return usagelua.error|string|nil err_or_doubt
function whole.judge(ends, seen, facts, headers)
  local proven, err = is_proven(ends or {}, seen, facts, headers)
  if proven == nil then return nil, err end
  if not FRAMED[facts.framing] then return true, UNFRAMED end
  return true, not proven and UNPROVEN or nil
end

---The paths of an item that judging needs.
---@param ends table?
---@return string[]
function whole.paths(ends)
  local list = {}
  for text in pairs(ends and ends.mark or {}) do list[#list + 1] = text end
  list[#list + 1] = ends and ends.count
  return list
end

---Raises a usage error for an `ends` that cannot be.
---@param ends table?
---@param place string
function whole.check(ends, place)
  if not ends then return end
  for _, text in ipairs(whole.paths(ends)) do path.check(text, place .. ".ends") end
  if ends.count and not ends.mark then
    errors.raise_usage("%s.ends.count: it stands in the end mark, and there is none", place)
  end
end

return whole
