-- Rows that say their period: compared with the one that was asked for, and named
-- as records name theirs. A row about another period answers another question.

local errors = require "usagelua.errors"
local lasting = require "usagelua.flow.lasting"
local moments = require "usagelua.flow.moments"
local template = require "usagelua.flow.template"

local row_period = {}

---The columns that are read, and those that they become.
row_period.READ = { "period_start", "period_end" }
row_period.COLUMNS = { "period", "period_start", "period_end" }

-- The end of a row counts where it is a last millisecond.
local function end_seconds(text, zone)
  local seconds, fraction = moments.by_clock(text, zone)
  return fraction > 0 and seconds + 1 or seconds
end

-- A period of its own lies in the one that was asked for; without a grain it is
-- that one.
local function fits(from, to, sent, grain)
  if not sent.from_utc then return true end
  local asked_from, asked_to = (moments.epoch(sent.from_utc)), (moments.epoch(sent.to_utc))
  if from == asked_from and to == asked_to then return true end
  return grain ~= nil and from >= asked_from and to <= asked_to
end

local function refuse(described, start_text, end_text, sent)
  local hint = described.hint and template.fill(described.hint, sent)
  moments.refuse("asked for %s to %s, a row %s%s%s", tostring(sent.from), tostring(sent.to),
    end_text and ("is about %s to "):format(start_text) or "begins at ", end_text or start_text,
    hint and "; " .. hint or "")
end

-- A row about another period: false where such rows are left out.
local function outside(described, start_text, end_text, sent)
  if described.outside == "leave" then return false end
  refuse(described, start_text, end_text, sent)
end

-- The window's own period, of a row that says none.
local function unsaid(described, sent)
  if described.missing == "error" then
    moments.refuse "a row does not say its period: name the fields of period_start and period_end"
  end
  return sent.period, sent.period_start, sent.period_end
end

local function read_start(described, start_text, sent, is_nameless)
  if not start_text then return unsaid(described, sent) end
  local label, first, last = lasting.period(described, start_text, sent, is_nameless)
  if not label then return outside(described, start_text, nil, sent) end
  return label, first, last
end

local function read(described, start_text, end_text, sent, is_nameless)
  if described.lasts then return read_start(described, start_text, sent, is_nameless) end
  if not (start_text and end_text) then return unsaid(described, sent) end
  local zone = template.fill(described.zone, sent)
  local from, to = (moments.by_clock(start_text, zone)), end_seconds(end_text, zone)
  if from >= to then
    moments.refuse("a row is about %s to %s, which is no period", start_text, end_text)
  end
  local grain = described.grain or sent.grain
  if not fits(from, to, sent, grain) then return outside(described, start_text, end_text, sent) end
  if grain then return moments.period(from, to, zone, grain) end
  return sent.period, sent.period_start, sent.period_end
end

---The period of a row, or false where the row does not count.
---@param described table a dataset's `row_period`
---@param start_text string? what the row says
---@param end_text string?
---@param sent table<string, any> what templates see, with the window's period
---@param is_nameless boolean? nobody wants to know the period: whether the row counts is enough
---@return string|false|nil period nil where it has none, or with an error
---@return string|usagelua.error|nil period_start_or_err
---@return string? period_end
function row_period.of(described, start_text, end_text, sent, is_nameless)
  local found = table.pack(pcall(read, described, start_text, end_text, sent, is_nameless))
  if found[1] then return table.unpack(found, 2, 4) end
  if errors.is(found[2]) and found[2].kind == "shape" then return nil, found[2] end
  error(found[2], 0)
end

-- What was read once is so for all rows that say the same.
local function remembered(described, sent)
  local known = {}
  return function(start_text, end_text)
    local of_start = known[start_text or false] or {}
    known[start_text or false] = of_start
    local found = of_start[end_text or false]
    if not found then
      found = table.pack(row_period.of(described, start_text, end_text, sent))
      of_start[end_text or false] = found
    end
    return table.unpack(found, 1, 3)
  end
end

---Puts the periods of an answer's rows in order.
---@param described table? a dataset's `row_period`
---@param sent table<string, any>
---@return (fun(row: table): boolean?, usagelua.error?)? apply false: the row does not count; nil: an
---error
function row_period.applied(described, sent)
  if not described then return nil end
  local find = remembered(described, sent)
  return function(row)
    local label, first, last = find(row.period_start, row.period_end)
    if label == false then return false end
    if errors.is(first) then return nil, first end
    row.period, row.period_start, row.period_end = label, first, last
    return true
  end
end

---The same for core.fold: from the texts of columns to those of others.
---@param described table
---@param from string[] columns, of READ
---@param to string[] columns, of COLUMNS
---@param sent table<string, any>
---@return fun(...: string?): string|false|nil, ...
function row_period.derivation(described, from, to, sent)
  return function(...)
    local said, given = {}, table.pack(...)
    for i, name in ipairs(from) do said[name] = given[i] end
    local label, first, last = row_period.of(described, said.period_start, said.period_end, sent,
      #to == 0)
    if label == false then return false end
    if errors.is(first) then return end
    local found, list = { period = label, period_start = first, period_end = last }, {}
    for i, name in ipairs(to) do list[i] = found[name] end
    return table.unpack(list, 1, math.max(#to, 1))
  end
end

return row_period
