---@meta
-- usage.rules: rules to start from. Keys of a rule that are given go before the
-- rule's own.

---@class usagelua.rules
local rules = {}

---What each product was used, of all that adds up.
---@param frame usagelua.frame of records
---@param given usagelua.rule?
---@return usagelua.frame
function rules.by_product(frame, given) end

---What each team used.
---@param frame usagelua.frame of records
---@param given usagelua.rule?
---@return usagelua.frame
function rules.by_team(frame, given) end

---The users who used most, ten or `top`, and the others in one row.
---@param frame usagelua.frame of records
---@param given table? of a rule; `measure`: by which, the first that adds up by default
---@return usagelua.frame
function rules.top_users(frame, given) end

---Seats with access that no test has used since a time, by team.
---@param frame usagelua.frame of records
---@param given table `since`: a period, or what `before` of where takes
---@return usagelua.frame
function rules.idle_seats(frame, given) end

---What was used in each part of the period, in their order: ask at a grain.
---@param frame usagelua.frame of records
---@param given usagelua.rule?
---@return usagelua.frame
function rules.trend(frame, given) end

return rules
