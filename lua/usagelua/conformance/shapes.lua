-- What is no answer must not be taken for one: answers are broken one by one,
-- and figures replaced by text.

local answers = require "usagelua.conformance.answers"
local order = require "usagelua.order"
local trial = require "usagelua.conformance.trial"

local shapes = {}

local TRIED_ENTRIES <const> = 5

local function is_json(entry)
  return (entry.body:find "^%s*[%[{]") ~= nil
end

-- A question that was asked again, as a job is asked about: what is wrong with
-- one answer may pass with the next.
local function is_same_question(entry, other)
  return entry.url ~= nil and entry.method == other.method and entry.url == other.url
    and entry.request_body == other.request_body
end

local function replaced(subject, place, body, media_type)
  local broken = subject.answers.entries[place]
  local entries = answers.changed(subject.answers.entries, function(entry, index)
    if index ~= place and not is_same_question(entry, broken) then return nil end
    return { body = body, headers = media_type and { ["content-type"] = media_type } or nil }
  end)
  return function(time) return subject.answers.transport(entries, time) end
end

local function has_root_rows(dataset)
  return dataset.rows ~= nil and dataset.rows:find "^[.{]" ~= nil
end

-- { what it is, body, media type } of an answer
local function broken_forms(subject, entry)
  local forms = { { "an HTML page", "<html>sorry</html>", "text/html" }, { "an empty answer", "" } }
  if is_json(entry) then
    forms[#forms + 1] = { "half an answer", entry.body:sub(1, #entry.body // 2) }
    if not has_root_rows(subject.dataset) then forms[#forms + 1] = { "{}", "{}" } end
  end
  return forms
end

local function shapes_of(subject, entry, place)
  for _, form in ipairs(broken_forms(subject, entry)) do
    local played = trial.play(subject, replaced(subject, place, form[2], form[3]))
    if #played.failures == 0 then
      return nil, ("%s in place of answer %d is taken for a good one"):format(form[1], place)
    end
  end
  return true
end

local function set_at(item, path, value)
  local names = {}
  for name in path:gmatch "[^.]+" do names[#names + 1] = name end
  for index = 1, #names - 1 do
    item = item[names[index]]
    if type(item) ~= "table" then return false end
  end
  if item[names[#names]] == nil then return false end
  item[names[#names]] = value
  return true
end

-- Measures that stand in the item under a plain path.
local function plain_measures(subject)
  local list = {}
  for name, field in pairs(subject.dataset.fields or {}) do
    local path = field[1]
    if (subject.measures[name] or field.kind) and path and path:find "^[%w_.]+$" and path ~= "." then
      list[#list + 1] = { name = name, path = path }
    end
  end
  table.sort(list, order.by { "name" })
  return list
end

local function measure_shape(subject, measure)
  local was_set = false
  local make = answers.with_items(subject.answers, subject.dataset.rows, function(item)
    was_set = set_at(item, measure.path, "no number") or was_set
  end)
  if not (make and was_set) then return true end
  if #trial.play(subject, make).failures > 0 then return true end
  return nil, ("%s: the text 'no number' at %s is taken for a figure"):format(measure.name,
    measure.path)
end

-- The answers whose loss has to be noticed, by their place.
local function worth_breaking(subject)
  local places = {}
  for place, entry in ipairs(subject.answers.entries) do
    local is_good = entry.status >= 200 and entry.status < 300
    if #places < TRIED_ENTRIES and entry.method ~= "DELETE" and is_good and subject.takes(entry) then
      places[#places + 1] = place
    end
  end
  return places
end

---@param subject usagelua.conformance_subject whose answers are good as they are
---@return string? done
---@return string? problem
function shapes.check(subject)
  local places = worth_breaking(subject)
  for _, place in ipairs(places) do
    local ok, problem = shapes_of(subject, subject.answers.entries[place], place)
    if not ok then return nil, problem end
  end
  local measures = subject.dataset.rows and plain_measures(subject) or {}
  for _, measure in ipairs(measures) do
    local ok, problem = measure_shape(subject, measure)
    if not ok then return nil, problem end
  end
  return ("answers broken: %d, figures: %d"):format(#places, #measures)
end

return shapes
