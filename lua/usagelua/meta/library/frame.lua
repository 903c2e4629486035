---@meta
-- Frames: records, or groups of them, that may not have been asked for yet.

---@alias usagelua.where table<string, any>|fun(row: table): any

---@alias usagelua.measure_kind "sum"|"max"|"min"|"last"|"mean"|"median"|"quantile"|"distinct"|"count"

---@class usagelua.measure_spec a measure and how it is added up
---@field [1] string? the measure, or a column that is counted; none where `step` is given
---@field as string? the name of the result
---@field kind usagelua.measure_kind? how it is added up; the measure's own where absent
---@field q number? of a quantile: from 0, the least, to 1, the largest
---@field init (fun(): any)? of a figure of the script's own, made of a group's rows: how it begins
---@field step (fun(state: any, row: table): any)? what it becomes with each row, in one order
---@field finish (fun(state: any): number?)? what it comes to; nil for nothing
---@field unit string? of the result, which is converted
---@field over string? the column over which a `last` may be added

---@class usagelua.rule
---@field where usagelua.where? which rows count
---@field group_by (string|(string|(string|fun(row: table): any)[])[])? columns, or { name, function(row) }
---@field measures (string|(string|usagelua.measure_spec)[])?
---@field derive table<string, fun(group: table): any>? further figures, from the group's own
---@field having usagelua.where? which groups are kept
---@field sort (string|string[])? columns; a minus sign in front sorts from the largest
---@field limit integer? the first so many groups
---@field top integer? as limit; without sort, by the first measure from the largest
---@field others (boolean|string)? with top: the rest as one row, under this name
---@field fields string[]? what the rule's functions read

---@class usagelua.column
---@field name string
---@field type "text"|"boolean"|"number"|"integer"
---@field measure boolean?
---@field unit string?
---@field kind string?

---What was asked against what was answered, of one query.
---@class usagelua.coverage_entry
---@field dataset string
---@field account string?
---@field period_start string? RFC 3339, included
---@field period_end string? RFC 3339, excluded
---@field period "echoed"|"assumed"|"vendor's own"|nil is the period what the vendor says it was? nil: no window was answered
---@field asked integer windows
---@field answered integer windows that were answered whole
---@field partial integer windows that stayed partial
---@field failed integer windows of which nothing came
---@field reasons string[] of what is partial or failed

---Records of vendors, or groups of them. `#frame` counts the rows.
---@class usagelua.frame
local frame = {}

---A smaller frame, by a rule. Nothing is asked for. Raises kind `usage` for a
---rule that cannot be meant.
---
---    records:aggregate { group_by = "product", measures = "tests", sort = "-tests" }
---
---@param rule usagelua.rule
---@return usagelua.frame
function frame:aggregate(rule) end

---Each row with the figures of the other frame's row that has the same values in
---the columns `on`.
---
---    by_team:join(heads, { on = { "team" },
---      derive = { tests_per_head = function(row) return row.tests / row.heads end } })
---
---@param other usagelua.frame
---@param options { on: string|string[], rows: "left"|"all"?, derive: table? } rows: all keeps the other's without partner
---@return usagelua.frame
function frame:join(other, options) end

---Iterates over the rows, sorted. A figure that is not known is nil.
---@param options { reuse: boolean? }? reuse: one table for all rows, for speed
---@return fun(): table?
function frame:rows(options) end

---Reads one figure over the rows that fit.
---
---    local tests, why = by_product:value("tests", { vendor = "testmu" })
---
---@param measure string
---@param where usagelua.where?
---@return number? value nil where it is unknown, or no row has it
---@return string? reason why there is none, or why there may be more
---@return "at_least"|"unknown"|"absent"|nil state nil: known
function frame:value(measure, where) end

---The columns: those of the result once it is there, before that those that it
---may have.
---@return usagelua.column[]
function frame:columns() end

---What was asked against what was answered, by query.
---@return usagelua.coverage_entry[]
function frame:coverage() end

return frame
