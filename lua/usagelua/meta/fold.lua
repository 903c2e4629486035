---@meta
-- The C functions of usagelua.core.fold: items of a JSON reader added up as they
-- are read. Rules, columns and slots are counted from 1, in the order of the spec.

---@class usagelua.core.fold.source
---@field key true? the key of the item, or of the member
---@field container integer? which container the names below lead into; else the item
---@field [integer] string names below it
---@field alone string[]? of a member: names below the item, which stands in place of one where it has none

---@class usagelua.core.fold.column
---@field kind "text"|"boolean"|"number"
---@field source usagelua.core.fold.source? none: its value is set by `otherwise`
---@field other usagelua.core.fold.source? taken where the first holds nothing
---@field asked { [1]: integer, [2]: integer }? a rule and which of its group_by: `judge` gives its codes
---@field late boolean? the same for all items, and set before a take
---@field lower boolean? text in lower case
---@field fraction boolean? numbers, as of a description's field
---@field negative boolean?
---@field null boolean?
---@field text boolean?

---@class usagelua.core.fold.condition
---@field column integer
---@field lists boolean values are noted, to be told where nothing met the condition
---@field wanted integer how many values it names
---@field before number? epoch seconds, of texts where nothing else is asked
---@field after number?
---@field min number? numbers only, as those below
---@field max number?
---@field values number[]?
---@field absent boolean?
---@field passes_absent boolean?

---@class usagelua.core.fold.slot
---@field adding "none"|"count"|"sum"|"mean"|"max"|"min"|"single"|"distinct"|"last"|"quantile"
---@field source integer? column; none: rows are counted
---@field of integer[] columns that say whose a figure is, of sum and last

---@class usagelua.core.fold.rule
---@field group_by integer[] columns
---@field conditions usagelua.core.fold.condition[]
---@field slots usagelua.core.fold.slot[]
---@field filter boolean? a function of the row says whether it passes

---@class usagelua.core.fold.functions of one rule
---@field row table of `fold:row`, that they get
---@field where (fun(row: table): any)? where the rule says `filter`
---@field groups table<integer, { [1]: fun(row: table): any, [2]: table<any, integer> }> those of its
---group_by that are asked: the function, and the codes of the values that it gave so far

---@class usagelua.core.fold.spec
---@field each { list: boolean? }[] names of the containers whose members are rows, those of an object or
---the items of a list; none: the item is one
---@field each_optional boolean? an item without members is a row
---@field columns usagelua.core.fold.column[]
---@field rules usagelua.core.fold.rule[]
---@field distinct usagelua.core.fold.source[]? of the item, up to four: texts or integers that no two
--- items of the answer share; an item without the first one, or with an
--- empty text there, is not compared
---@field unique usagelua.core.fold.source? of the item: text or an integer that tells it from others
---@field ends boolean? the first and the last item are kept
---@field holds boolean? items are kept until they are taken, and may be given back
---@field derive { from: integer[], to: integer[] }? columns of texts that follow from others
---@field mark { source: usagelua.core.fold.source, value: string|number|boolean }[]? what an item holds that is no
---row and ends the answer
---@field keep boolean? rows are kept as they are, beside what the rules make of them

---A place in a slot's `of`, and the value that stands there; true: it is so for every row.
---@alias usagelua.core.fold.sign { [1]: integer, [2]: any }|true

---@class usagelua.core.fold.owners whose the readings of a slot are, by places in its `of`
---@field id integer[] what tells things apart
---@field part integer? of a gauge: parts of one thing are added up
---@field at integer[] of a gauge: what its moment is taken from, the first that is there
---@field shared usagelua.core.fold.sign? of a gauge: shows a pool that things share, which is not added to another
---@field contains usagelua.core.fold.sign? shows a thing that may contain others, and is not added to them
---@field over boolean whether the rule adds up different things at all

---@class usagelua.core.fold.object
local fold = {}

---Makes a fold that takes the items of a reader; it has to select all that the
---columns name. Raises on a spec that cannot be meant.
---@param spec usagelua.core.fold.spec
---@param judge fun(rule: integer, condition: integer?, value: any, given: any): boolean|integer|nil,
---integer? says once for each text or boolean whether it passes, nil where that
---cannot be said, and which wanted value it is; without a condition, the code of
---what the function of the group that `value` numbers gave for the first time
---@param reader usagelua.core.json.reader|usagelua.core.csv.reader|nil none: kept rows are added up
---@return usagelua.core.fold.object
local function new(spec, judge, reader) end

---Adds up kept rows; of a fold without a reader.
---@param rows usagelua.core.rows
---@param columns integer[] which of theirs each column of the fold is, or 0
---@param view usagelua.core.rows.view? on them: its rows alone
---@return integer[] doubtful rows that were not added, since `judge` cannot say
function fold:add(rows, columns, view) end

---The rows that were kept; it takes no more.
---@return usagelua.core.rows
function fold:kept() end

---Adds up what was read since the last take.
---@return boolean whether there is nothing to ask `doubt` for
function fold:take() end

---The next item that is not as the columns expect: its text, or true where it is
---the reader's next; its key, and its number among the items.
---@return string|true|nil
---@return string?
---@return integer?
function fold:doubt() end

---The item that ended the answer, as its mark says; nothing where none came.
---@return string? text as it came
---@return boolean? is_behind whether an item came behind it
function fold:mark() end

---What was not taken so far is for `doubt`; only where items are held.
function fold:give_back() end

---@param is_wanted boolean whether all items are for `doubt` from now on
function fold:wait(is_wanted) end

---What the `unique` source of an item held; nil where that is for `doubt` to say,
---nothing behind the last.
---@param item integer
---@return string?
function fold:unique(item) end

---The texts of the first item and of the last, where they are kept; nothing where
---there is none.
---@return string? first
---@return string? last
function fold:ends() end

---What gives the derived columns, once for all rows alike in those they follow
---from: their texts, false first for a row that does not count, nothing where that
---cannot be said.
---@param fn fun(...: string?): string|false|nil, ...
function fold:derive(fn) end

---The same of the first item since the last take; only where columns are late.
---@return string|true|nil
---@return string?
function fold:first() end

---What stands in a column where an item has nothing.
---@param column integer
---@param value string|boolean|nil
function fold:otherwise(column, value) end

---The first item that has the same `distinct` values as one before, of as many as are compared.
---@return integer? item from 1; nil where there is none
---@return string|false ... the values; false for what is not there
function fold:again() end

---The largest integer that a column of numbers takes as it is; a larger one is for somebody else
---to judge.
---@param column integer
---@param integer integer
function fold:most(column, integer) end

---The functions that are asked about rows.
---@param list (usagelua.core.fold.functions|false)[] by rule
function fold:functions(list) end

---The row that functions get: it reads its fields out of the batch, while one runs.
---@param columns table<string, integer> names of columns that it shows as they are
---@param other fun(name: any, is_asking: boolean): any what it shows under other
---names; is_asking: false where no function runs
---@param metatable table of the row; __index is set
---@return table row
function fold:row(columns, other, metatable) end

---Says, while a function runs, that the columns do not tell what it asks: the
---item is then one for `doubt`, whatever the function gives.
function fold:untold() end

---The value of a column in the row that a function is asked about.
---@param column integer
---@return any
function fold:cell(column) end

---@return integer rows that were added up
function fold:finish() end

---@param rule integer
---@return integer groups
---@return integer seen rows
---@return integer taken rows that the conditions let in
function fold:counts(rule) end

---The group's columns, in `into`.
---@param rule integer
---@param group integer
---@param into table
---@return table into
function fold:key(rule, group, into) end

---How many values came and whether one was below zero, then: of a sum or mean the
---integers' low word, carry and the doubles' partial sums; of an extreme or single
---figure the integer and the double. Nothing where no value came.
---@param rule integer
---@param slot integer
---@param group integer
---@return integer? count
---@return boolean? is_negative
---@return number? ...
function fold:figure(rule, slot, group) end

---One of the different things of a slot; nothing behind the last.
---@param rule integer
---@param slot integer
---@param i integer
---@return integer? group
---@return string|boolean|nil value
function fold:different(rule, slot, i) end

---One of the owners of a sum, or of the readings of a gauge.
---@param rule integer
---@param slot integer
---@param i integer
---@param into table for the `of` columns
---@return integer? group
---@return number? figure of a gauge
---@return table? into
function fold:reading(rule, slot, i, into) end

---One of all the values of a quantile; nothing behind the last.
---@param rule integer
---@param slot integer
---@param i integer
---@return integer? group
---@return number? figure
function fold:value(rule, slot, i) end
---The groups as rows of columns: what they are grouped by, then the figures. Raises
---where figures of the rule have owners that `owners` does not tell.
---@param rule integer
---@param scales { [1]: integer, [2]: integer }[] by slot: how many of the figure's unit one is
---@param tainted { list: table[], grows: boolean[] }? windows that failed, each with `key` and `certain` by
---group column, and `slots` that it reaches; whether a slot's figures only grow
---@param owners table<integer, usagelua.core.fold.owners>? by slot whose its readings are
---@param instant (fun(text: string): number?)? epoch seconds of a date-time that C does not read; with owners
---@return usagelua.core.rows
---@return integer[] odd slot and group of each figure that has none for a reason
---@return boolean[] seen whether any value came, by slot
---@return table<integer, string> signs by group: a 1 for each window that touches it, then by slot 1 for at
---least, 2 for unknown
---@return boolean[] touched by window
function fold:result(rule, scales, tainted) end

---Adds the groups of another fold, whose rule is of the same kind; into one group
---where ours has no group columns.
---@param rule integer
---@param other usagelua.core.fold.object
---@param other_rule integer
---@param view usagelua.core.rows.view? on rows of the other's groups: those of its rows alone
---@param first integer? the first of them
function fold:merge(rule, other, other_rule, view, first) end

---What a condition met: rows, wanted values, the first values that there were and
---those where all else held, each with whether there were more.
---@param rule integer
---@param condition integer
---@return integer met
---@return table<integer, true> hits
---@return string[] all
---@return boolean more
---@return string[] beside
---@return boolean more_beside
function fold:condition(rule, condition) end

---Gives its memory back. A reader that is inside an item of its can go on no more.
function fold:close() end

return new
