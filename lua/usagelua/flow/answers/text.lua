-- The reader of answers that are rows of text, over a reader of C: takes the end
-- mark out of the rows, and says at the end whether they are all.

local errors = require "usagelua.errors"
local whole = require "usagelua.flow.answers.whole"

local text = {}

local methods = {}
local metatable = { __name = "usagelua.text_reader", __index = methods }

local function fail(self, err)
  self.problem = err
  self.sink:discard()
  return nil
end

local function behind_mark(self)
  return fail(self, errors.new { kind = "shape", code = "end_mark",
    message = "rows stand behind the end mark" })
end

---What is wrong where rows stand behind the mark, which somebody else has taken.
---@return usagelua.error
function methods:refuse_behind_mark()
  behind_mark(self)
  return self.problem
end

---The mark, which somebody else has taken out of the rows.
---@param item table
function methods:set_mark(item)
  self.mark = item
end

---Rows go to somebody else, who sets the mark where it is among those that came.
---@param take_mark fun()
function methods:let_take(take_mark)
  self.take_mark = take_mark
end

-- What has to be known before the first row.
local function check_head(self)
  if self.checked or not self.check then return true end
  local state, err = self.check()
  self.checked = state
  if err then fail(self, err) end
  return not err
end

---What is wrong with what has to be known before the first row.
---@return usagelua.error?
function methods:begun()
  check_head(self)
  return self.problem
end

function methods:next()
  if self.problem or not check_head(self) then return nil end
  local item = self.sink:next()
  if item == nil then return nil end
  if self.mark then return behind_mark(self) end
  if not (self.is_mark and self.is_mark(item)) then return item end
  self.mark = item
  return self:next()
end

function methods:discard()
  if not self.is_mark then return self.sink:discard() end
  while self:next() ~= nil do end
end

function methods:count()
  return self.sink:count() - (self.mark and 1 or 0) - (self.has_left_out and 1 or 0)
end

-- A row that waits is the mark, or there is none, which is an error.
local function take_open_mark_of_taker(self)
  if self.sink.release then self.sink:release() end
  self.take_mark()
  self.has_open_mark = self.mark ~= nil
end

-- The last row may lack its line end, and so come only now; as the mark it is
-- no row.
local function take_open_mark(self)
  if not self.is_mark or self.mark then return end
  if self.take_mark then return take_open_mark_of_taker(self) end
  local item = self.sink:next()
  if item ~= nil and self.is_mark(item) then self.mark, self.has_open_mark = item, true end
end

-- Whether it is a row that lacks its line end, not the header or the mark.
local function is_open(self)
  return not self.has_open_mark and self.sink.open_row ~= nil and self.sink:open_row()
    and self.sink:count() > 0
end

-- Of rows that may not be all, a last one that may be cut is none.
local function settle(self)
  if not self.doubt then return true end
  if is_open(self) then
    self.sink:discard()
    self.has_left_out = true
    self.doubt = self.doubt .. "; its last row, which may be cut, is left out"
  elseif self:count() == 0 and self.is_empty() then
    return nil, errors.new { kind = "shape", retry = true, message = "the answer is empty" }
  end
  return true
end

-- All rows but one that comes only now have been taken.
function methods:finish(facts, headers)
  local ok, err = self.sink:finish()
  if not ok then return nil, err end
  if check_head(self) then take_open_mark(self) end
  if self.problem then return nil, self.problem end
  ok, err = whole.judge(self.ends, { count = self:count(), mark = self.mark, count_in = self.count_in,
    is_open = is_open(self) }, facts, headers)
  if not ok then return nil, err end
  self.doubt = err
  ok, err = settle(self)
  if ok and self.sink.release then self.sink:release() end
  return ok, err
end

-- There is always a place for rows.
function methods.found() return true, false end

function methods.side() return {} end

function methods:close() self.sink:close() end

metatable.__close = methods.close

---@param sink userdata a reader of C
---@param options { ends: table?, is_empty: fun(): boolean, check: (fun(): boolean, usagelua.error?)? }
---is_empty: not even a header came; check: whether the header is known, and what is wrong with it
---@return usagelua.answer_reader
function text.reader(sink, options)
  local is_mark, count_in = whole.mark(options.ends)
  return setmetatable({ sink = sink, ends = options.ends, is_mark = is_mark, count_in = count_in,
    is_empty = options.is_empty, check = options.check }, metatable)
end

return text
