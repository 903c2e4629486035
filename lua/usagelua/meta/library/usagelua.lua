---@meta usagelua
-- What `require "usagelua"` gives: the whole of it for scripts. The parts are
-- annotated in the files beside this one.

---The library, bound to a run.
---@class usagelua
---@field version string of usagelua
---@field json usagelua.json
---@field http usagelua.http
---@field secret usagelua.secrets
---@field rules usagelua.rules
local usage = {}

---@class usagelua.argument one argument of a script
---@field help string? what it is, for `SCRIPT.lua --help`
---@field type "text"|"integer"|"number"|"boolean"|"period"|nil text where nothing is said; a boolean is a switch
---@field default any the value where none is given; of a list, a list
---@field one_of any[]? the only values allowed
---@field list boolean? it may be given several times, and is a list
---@field required boolean? a run without it is refused
---@field positional (boolean|integer)? it stands without a name, in this place
---@field min number? of a number: the smallest allowed
---@field max number? the largest allowed

---The script's own arguments: `max_tests` is given as `--max-tests 5`. What is
---wrong on the command line ends the run with status 2.
---
---    local args = usage.args { max_tests = { type = "integer", default = 500 } }
---
---@param declarations table<string, usagelua.argument|string> by name; `help` may be a text about all of them
---@return table<string, any> values by name
function usage.args(declarations) end

---A period as `--period` takes it; without arguments that of the command line,
---or last month. Raises kind `usage` for what is none.
---@param text string? "2026-06", "2026-Q2", "2026-06-01..2026-06-15", "last 30 days"
---@param zone string? "UTC", "+05:30", "Europe/Berlin"; that of the command line where absent
---@return usagelua.period
function usage.period(text, zone) end

---@class usagelua.query one query; what else stands in it are the dataset's own parameters
---@field [1] string "vendor.dataset"
---@field period (usagelua.period|string)? in place of that of all
---@field grain usagelua.grain? in place of that of all
---@field account string? reads the variables NAME__ACCOUNT
---@field region string? one of the vendor's
---@field in_flight integer? requests under way at once
---@field [string] any a parameter of the dataset

---@class usagelua.collection
---@field [integer] usagelua.query
---@field period (usagelua.period|string)? that of the command line where absent
---@field grain usagelua.grain? how finely vendors are asked; total where absent
---@field account string?
---@field region string?
---@field in_flight integer?

---Describes what to ask, and asks for nothing yet: the first figure that is
---read starts the asking. Raises kind `usage` for unknown datasets and
---parameters.
---
---    local records = usage.collect { period = "2026-06", { "testmu.summary" } }
---
---@param spec usagelua.collection
---@return usagelua.frame records
function usage.collect(spec) end

---What can be asked, as tables.
---@param name string? of a vendor; without it the vendors' names
---@return string[]|table
function usage.vendors(name) end

---A report, described: nothing is asked for yet. A script returns it.
---
---    return usage.report { title = "June", usage.table { by_product, total = true } }
---
---@param spec usagelua.report_spec
---@return usagelua.report
function usage.report(spec) end

---A table of a frame's rows.
---@param spec usagelua.table_spec
---@return usagelua.section
function usage.table(spec) end

---A picture of one figure over one column.
---@param spec usagelua.chart_spec
---@return usagelua.section
function usage.chart(spec) end

---A paragraph of text.
---@param text string
---@return usagelua.section
function usage.note(text) end

---A limit that the run has to keep: one that fails makes the exit status 3.
---@param spec usagelua.budget_spec
---@return usagelua.section
function usage.budget(spec) end

---A rate card, for the key `prices` of a report.
---
---    usage.prices { currency = "USD", { measure = "tasks", per = 1000, price = "12.50" } }
---
---@param spec usagelua.price_list|string a table, or the path of a CSV file
---@return usagelua.price_card
function usage.prices(spec) end

---Reads a CSV file of your own: people, teams, cost centres. What is no CSV raises
---kind `usage` with file and line.
---
---    local people = usage.csv "people.csv"
---    local team_of = people:lookup("email", "team")
---
---@param path string
---@param options { separator: string?, columns: string[]? }? columns: those that have to be there
---@return usagelua.csv_table
function usage.csv(path, options) end

return usage
