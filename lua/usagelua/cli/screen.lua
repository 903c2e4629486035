-- Lines that are drawn again and again in the same place of a terminal. The
-- cursor always stands at the beginning of the line behind them and is never
-- hidden: whatever ends the process, what comes next begins on a line of its own.
-- What else is to be said scrolls by above.

local terminal = require("usagelua.core").terminal

local screen = {}

local DEFAULT_COLUMNS <const> = 80
local DEFAULT_ROWS <const> = 24
local LEAST_COLUMNS <const> = 10
local CUT_MARK <const> = "…"
local UP <const> = "\27[%dA"
local CLEAR_LINE <const> = "\27[2K"
-- Ends in what no secret holds, so that the mask keeps none of it back.
local CLEAR_BELOW <const> = "\27[J\r"
local GAP <const> = "  "

---@class usagelua.screen
local methods = {}
local metatable = { __name = "usagelua.screen", __index = methods }

---@param sink usagelua.sink standard error
---@return usagelua.screen
function screen.new(sink)
  return setmetatable({ sink = sink, drawn = {} }, metatable)
end

local function columns()
  return math.max(LEAST_COLUMNS, terminal.columns(2) or DEFAULT_COLUMNS)
end

---How many lines there is room for: not all of the terminal, as the cursor
---stands behind them.
---@return integer
function methods.room()
  return math.max(1, (terminal.rows(2) or DEFAULT_ROWS) - 1)
end

-- The last column stays free: some terminals break the line there.
local function fitted(text, width)
  if terminal.width(text) < width then return text end
  return terminal.cut(text, width - 2) .. CUT_MARK
end

local function name_width(pairs_shown)
  local width = 0
  for _, pair in ipairs(pairs_shown) do width = math.max(width, terminal.width(pair[1])) end
  return width
end

local function laid_out(pairs_shown, width)
  local names = math.min(name_width(pairs_shown), width // 2)
  local lines = {}
  for place, pair in ipairs(pairs_shown) do
    local name = pair[1] ~= "" and fitted(pair[1], names + 1) or nil
    local lead = name and name .. (" "):rep(names - terminal.width(name)) .. GAP or ""
    lines[place] = fitted(lead .. pair[2], width)
  end
  return lines
end

-- Back to the first of the lines that stand there; the terminal may be narrower
-- by now and have broken them.
local function to_first(self)
  local width, rows = columns(), 0
  for _, line in ipairs(self.drawn) do
    rows = rows + math.max(1, (terminal.width(line) + width - 1) // width)
  end
  return rows > 0 and UP:format(rows) or ""
end

local function block(lines)
  local pieces = {}
  for place, line in ipairs(lines) do pieces[place] = CLEAR_LINE .. line .. "\n" end
  return table.concat(pieces)
end

local function write(self, text)
  self.sink:write(text)
  self.sink:flush()
end

---Draws the lines in the place of those that stand there.
---@param pairs_shown { [1]: string, [2]: string }[] name and text, safe to print
function methods:draw(pairs_shown)
  local up = to_first(self)
  self.drawn = laid_out(pairs_shown, columns())
  write(self, up .. block(self.drawn) .. CLEAR_BELOW)
end

---Takes them away.
function methods:clear()
  if #self.drawn == 0 then return end
  local up = to_first(self)
  self.drawn = {}
  write(self, up .. CLEAR_BELOW)
end

---A line above them.
---@param line string
function methods:say(line)
  if #self.drawn == 0 then return write(self, line .. "\n") end
  write(self, to_first(self) .. CLEAR_BELOW .. line .. "\n" .. block(self.drawn))
end

return screen
