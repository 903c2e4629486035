---@meta
-- Periods and errors: what the other parts speak of.

---@alias usagelua.grain "total"|"year"|"quarter"|"month"|"week"|"day"|"hour"

---@class usagelua.zone
---@field name string "UTC", "+05:30", "Europe/Berlin"

---A span of time, half open. `tostring` gives its label.
---@class usagelua.period
---@field from integer? epoch seconds, included; nil where `vendor`
---@field to integer? epoch seconds, excluded; nil where `vendor`
---@field label string "2026-06", "2026-Q2", "2026-W23", "2026-06-15", "2026", "A..B", "vendor"
---@field zone usagelua.zone
---@field kind "hour"|"day"|"week"|"month"|"quarter"|"year"|"range"|"vendor"
---@field vendor boolean? the vendor's own default period: no dates are sent
local period = {}

---The period of the same length before this one: the month before a month,
---30 days before 30 days.
---@return usagelua.period
function period:previous() end

---The period of the same length after this one.
---@return usagelua.period
function period:next() end

---The same period of the year before: June of last year, the week of the same
---number, the same dates.
---@return usagelua.period
function period:last_year() end

---Cuts a period at the borders of a grain, in its zone, without gap or overlap;
---the first and the last piece may be shorter than the grain.
---@param grain usagelua.grain
---@return usagelua.period[]
function period:split(grain) end

return period
