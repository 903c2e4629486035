---@meta
-- Reports and their sections.

---@class usagelua.section a part of a report, made by usage.table, chart, note and budget

---@class usagelua.report_spec
---@field [integer] usagelua.section in their order
---@field title string?
---@field prices usagelua.price_card? fills the cost columns of the format focus

---@class usagelua.table_spec
---@field [1] usagelua.frame
---@field name string? part of the file's name in formats of one table a file
---@field title string?
---@field total boolean? a last line that adds what may be added
---@field columns (string|{ [1]: string, heading: string })[]? which ones, in which order; all by default
---@field pivot string? a column whose values become columns
---@field compare "previous"|"last year"|nil the figures of that period beside these

---@class usagelua.chart_spec
---@field [1] usagelua.frame
---@field kind "bar"|"stacked"|"line"|nil bar where absent
---@field x string the column of the labels
---@field y string the figure
---@field by string? of stacked and line: one series for each value of this column
---@field name string?
---@field title string?

---@class usagelua.budget_spec one limit: max, min; max_share, min_share with of; max_change, min_change with against
---@field [1] usagelua.frame
---@field measure string the figure
---@field name string? the measure's by default
---@field where usagelua.where? the rows that count
---@field max number?
---@field min number?
---@field of number? what the contract holds
---@field max_share number? the part of it that may be used: 0.9 is 90 %
---@field min_share number?
---@field against string? JSON file of an earlier run
---@field max_change number? how the figure may have changed since: 0.2 is 20 % more
---@field min_change number?
---@field projected boolean? the run-rate to the end of the period is judged
---@field each string? a budget for each value of this column

---@class usagelua.price
---@field measure string the figure that it prices
---@field price string|integer exact decimal: "0.05"
---@field per integer? so many of the unit cost that much; 1 by default
---@field unit string? of the price; the figure's own by default
---@field where table<string, any>? columns and the values they must have

---@class usagelua.price_list
---@field currency string ISO 4217
---@field [integer] usagelua.price the first that fits a row counts

---@class usagelua.price_card a checked price list

---@class usagelua.report
local report = {}

---Writes the report to stdout in a format, or to a file whose ending names it.
---In the interpreter a script returns its report instead.
---
---    report:write "text"
---    report:write "usage.csv"
---
---@param target string format name, FILE or FORMAT=FILE
---@return true?
---@return usagelua.error? err kind `io`
function report:write(target) end

---The exit status: 0, 3 a budget failed, 4 something is incomplete or
---undecided, 5 nothing could be fetched.
---@return 0|3|4|5
function report:status() end

return report
