-- Why a period cannot be asked for as it is, in words that say what to do.

local errors = require "usagelua.errors"
local units = require "usagelua.flow.windows.units"

local refusals = {}

local DAY_S <const> = 86400

---@param rules usagelua.window_rules_read
---@param grain string
function refusals.check_grain(rules, grain)
  for _, known in ipairs(rules.grains) do
    if known == grain then return end
  end
  errors.raise_usage("grain '%s': this dataset can be asked by %s", grain,
    table.concat(rules.grains, ", "))
end

---@param asked usagelua.period
---@param rules usagelua.window_rules_read
---@param zone usagelua.zone of the edges
function refusals.check_whole(asked, rules, zone)
  for _, epoch in ipairs { asked.from, asked.to } do
    if not units.is_whole(rules.whole, zone, epoch) then
      errors.raise_usage("period '%s': this dataset takes whole %ss in %s, and %s is none; choose "
        .. "another period, or --zone %s", asked.label, rules.whole, zone.name, zone:rfc3339(epoch),
        zone.name)
    end
  end
end

---An offset change inside a day makes two parts that are no days.
---@param asked usagelua.period
---@param rules usagelua.window_rules_read
---@param zone usagelua.zone of the edges
---@param epoch integer where a window ends
function refusals.check_cut(asked, rules, zone, epoch)
  if not units.is_whole(rules.whole, zone, epoch) then
    errors.raise_usage("period '%s': the offset of %s changes at %s, and this dataset takes whole "
      .. "%ss with one offset; use --zone UTC or a fixed offset such as %s", asked.label, zone.name,
      zone:rfc3339(epoch), rules.whole, zone:format(epoch - 1, "%:z"))
  end
end

local function comes_twice(zone, epoch)
  local date = zone:date(epoch)
  local _, fit = zone:epoch(date.year, date.month, date.day, date.hour, date.min, date.sec)
  return fit == "overlap"
end

---Where the clocks are put back, an hour comes twice: its times are two
---instants, and two windows would be asked for in the same words.
---@param asked usagelua.period
---@param rules usagelua.window_rules_read
---@param zone usagelua.zone of the edges
---@param epoch integer what an edge says
function refusals.check_once(asked, rules, zone, epoch)
  if comes_twice(zone, epoch) then
    errors.raise_usage("period '%s': %s comes twice in %s, and this dataset's times say no offset; "
      .. "choose a coarser grain, or a period that neither begins nor ends in that hour%s", asked.label,
      zone:format(epoch, "%F %R"), zone.name, rules.zone == "report" and ", or --zone UTC" or "")
  end
end

---Before zones were agreed on, clocks differed by seconds, which no offset says.
---@param asked usagelua.period
---@param list usagelua.window[]
function refusals.check_offsets(asked, list)
  for _, window in ipairs(list) do
    if window.offset_s % 60 ~= 0 then
      errors.raise_usage("period '%s': the clock of %s then differed from UTC by %d s, which is no "
        .. "whole minute and cannot be sent; use --zone UTC", asked.label, asked.zone.name,
        window.offset_s)
    end
  end
end

local function length_text(asked)
  local days = (asked.to - asked.from) / DAY_S
  return days == days // 1 and ("%d days"):format(days) or ("%.2f days"):format(days)
end

local function counted(count, word)
  return ("%d %s%s"):format(count, word, count == 1 and "" or "s")
end

local function limit_text(rules)
  if rules.max_months then return counted(rules.max_months, "calendar month") end
  if rules.max_days then return counted(rules.max_days, "day") end
  return counted(rules.limit_s // 3600, "hour")
end

local function is_too_long(asked, rules, farthest)
  return farthest(rules, asked.from) < asked.to
end

---Says why a period would be cut that must not be.
---@param asked usagelua.period
---@param rules usagelua.window_rules_read
---@param grain string
---@param farthest fun(rules: usagelua.window_rules_read, from: integer): number
function refusals.raise_forbidden(asked, rules, grain, farthest)
  local is_divided = rules.grain_by == "window" and #asked:split(grain) > 1
  if is_divided then
    errors.raise_usage("period '%s': grain '%s' would cut it, and this dataset's totals do not add "
      .. "up over parts; use grain total, or ask for one %s at a time", asked.label, grain, grain)
  elseif is_too_long(asked, rules, farthest) then
    errors.raise_usage("period '%s': it is %s long, and this dataset takes at most %s at once and "
      .. "its totals do not add up over parts; ask for a shorter period", asked.label,
      length_text(asked), limit_text(rules))
  elseif rules.max_buckets and grain ~= "total" and #asked:split(grain) > rules.max_buckets then
    errors.raise_usage("period '%s': by %s it has %d, and this dataset takes at most %d at once and "
      .. "its totals do not add up over parts; ask for a shorter period or a coarser grain",
      asked.label, grain, #asked:split(grain), rules.max_buckets)
  end
  errors.raise_usage("period '%s': the offset of %s changes within it, and this dataset takes one "
    .. "offset and its totals do not add up over parts; use --zone UTC or a fixed offset",
    asked.label, asked.zone.name)
end

return refusals
