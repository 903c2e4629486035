-- The JSON reader: a document in pieces cut anywhere is what it is whole, is
-- judged alike where it is only checked, comes back from the text written of
-- it, and gives the same fields whether they are selected or not.
--
-- The first byte says how the text is cut, the second which items are read.

local core = require "usagelua.core".json
local same = dofile "fuzz/same.lua"

local host = ...
local null, is_array = core.null, getmetatable(core.array {})

-- Errors that a value which is only checked cannot have.
local ONLY_BUILT <const> = { range = true, duplicate = true }

local ROWS <const> = { ".", "[]", "{}", "data[]", "a", "a[].b[]", "data.users{}", "a{}.b[]" }
local FIELDS <const> = { "a", "b.c", "d" }
local SIDE <const> = { next = "next", total = "meta.total" }

local function feed(reader, text, cut)
  local from, state = 1, cut
  while from <= #text do
    state = state * 1103515245 + 12345 & 0x7fffffff
    local length = cut == 255 and #text or 1 + (state >> 8) % (1 + cut % 24)
    if not host.feed(reader, text:sub(from, from + length - 1)) then break end
    from = from + length
  end
  return reader:finish()
end

-- Items with their keys, side values, and the error.
local function read(text, plan, cut)
  local reader <close> = core.reader(plan)
  local ok, err = feed(reader, text, cut)
  local rows = {}
  local function take(item, ...)
    if item == nil then return false end
    rows[#rows + 1] = { item, ... }
    return true
  end
  while take(reader:next()) do end
  return rows, not ok and err or nil, reader:side(), reader:found()
end

local function is_object(value)
  return type(value) == "table" and getmetatable(value) ~= is_array
end

local function assert_selected(item, chosen)
  if not is_object(item) then return same.assert("an item that is no object", item, chosen) end
  same.assert("field a", item.a, chosen.a)
  same.assert("field d", item.d, chosen.d)
  if not is_object(item.b) then return same.assert("field b", item.b, chosen.b) end
  same.assert("field b.c", item.b.c, (chosen.b or {}).c)
end

local function check_selection(text, rows_path, cut)
  local plan = { rows = rows_path, side = rows_path:find "^%w" and SIDE or nil }
  local rows, err, side, found = read(text, plan, cut)
  local again, again_err, again_side, again_found = read(text, plan, 255)
  same.assert("items in pieces", again, rows)
  same.assert("the error in pieces", again_err, err)
  same.assert("side values in pieces", again_side, side)
  same.assert("found in pieces", again_found, found)
  local chosen, chosen_err = read(text, { rows = rows_path, fields = FIELDS, side = plan.side }, cut)
  if chosen_err then assert(err, "an error that only a selection has: " .. chosen_err.message) end
  if err and not ONLY_BUILT[err.code] then
    assert(chosen_err, "an error that a selection does not have: " .. err.message)
    if not ONLY_BUILT[chosen_err.code] then same.assert("the error", err.code, chosen_err.code) end
  end
  if err or chosen_err then return end
  same.assert("the number of items", #rows, #chosen)
  for i, row in ipairs(rows) do assert_selected(row[1], chosen[i][1]) end
end

local function check_whole(text, cut)
  local value, err = core.decode(text)
  local rows, read_err = read(text, { rows = "." }, cut)
  same.assert("the error in pieces", err, read_err)
  if not err then same.assert("the value in pieces", value, rows[1][1]) end
  local _, checked = read(text, {}, cut)
  local expected = err and not ONLY_BUILT[err.code] and err.code or nil
  if err and ONLY_BUILT[err.code] then return end -- an error may stand behind it
  same.assert("the error where it is only checked", expected, checked and checked.code)
  return value
end

local function check_text(value)
  local text = core.encode(value)
  local again, err = core.decode(text)
  assert(err == nil, "what was written cannot be read")
  same.assert("what was written", value, again)
  same.assert("the text written once more", text, core.encode(again))
end

return function(bytes)
  if #bytes < 2 then return end
  local cut, plan = bytes:byte(1, 2)
  local text = bytes:sub(3)
  local value = check_whole(text, cut)
  if value ~= nil and value ~= null then check_text(value) end
  check_selection(text, ROWS[1 + plan % #ROWS], cut)
end
