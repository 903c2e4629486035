-- In words: that some of the rows behind a figure report nothing of it.

local number = require "usagelua.report.number"

local silence = {}

local function rows_of(count, all, verb)
  return ("%s of %s rows %s%s"):format(number.grouped(count), number.grouped(all), verb,
    count == 1 and "s" or "")
end

local function others(counts)
  local count = counts.reported == 1 and "one" or number.grouped(counts.reported)
  if counts.rows + counts.reported == counts.all then return "the other " .. count end
  return ("the %s that %s"):format(count, counts.reported == 1 and "does" or "do")
end

---What a figure leaves out that reads as if it were of all rows.
---@param counts usagelua.unreported
---@param measure string
---@return string? nil where every row reports it
function silence.of_figure(counts, measure)
  if counts.rows == 0 then return nil end
  return ("%s no %s"):format(rows_of(counts.rows, counts.all, "report"), measure)
end

---The same of a total, under a table that heads the measure.
---@param counts usagelua.unreported
---@return string?
function silence.of_total(counts)
  if counts.rows == 0 then return nil end
  return ("%s none; the total is of %s"):format(rows_of(counts.rows, counts.all, "report"),
    others(counts))
end

---Rows that miss nothing.
---@param counts usagelua.unreported
---@return string?
function silence.of_inapplicable(counts)
  if counts.inapplicable == 0 then return nil end
  local rows, all = number.grouped(counts.inapplicable), number.grouped(counts.all)
  local words = counts.inapplicable == 1 and "has none to report: its" or "have none to report: their"
  return ("%s of %s rows %s dataset has no such measure"):format(rows, all, words)
end

return silence
