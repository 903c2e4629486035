-- What coverage says is missing: the queries that failed or stayed partial, and
-- those whose period the vendor never confirmed.

local gaps = {}

local function sum(entries, field)
  local n = 0
  for _, entry in ipairs(entries) do n = n + (entry[field] or 0) end
  return n
end

---@param entries usagelua.coverage_entry[]
---@return boolean
function gaps.is_whole(entries)
  return sum(entries, "failed") == 0 and sum(entries, "partial") == 0
end

---Did every single window fail?
---@param entries usagelua.coverage_entry[]
---@return boolean
function gaps.is_nothing(entries)
  return sum(entries, "failed") > 0 and sum(entries, "answered") + sum(entries, "partial") == 0
end

local function describe(entry, what)
  local reasons = entry.reasons or {}
  local why = reasons[1] or "no reason given"
  if #reasons > 1 then why = ("%s (and %d more)"):format(why, #reasons - 1) end
  return ("%s %s: %s"):format(entry.dataset, what, why)
end

local function how_many(n, asked, word)
  if n == asked then return word end
  return ("%s for %d of %d windows"):format(word, n, asked)
end

---One line per query that failed or stayed partial.
---@param entries usagelua.coverage_entry[]
---@return string[]
function gaps.lines(entries)
  local lines = {}
  for _, entry in ipairs(entries) do
    if (entry.failed or 0) > 0 then
      lines[#lines + 1] = describe(entry, how_many(entry.failed, entry.asked, "failed"))
    elseif (entry.partial or 0) > 0 then
      lines[#lines + 1] = describe(entry, how_many(entry.partial, entry.asked, "stayed partial"))
    end
  end
  return lines
end

---The datasets whose figures stand for a period in good faith only.
---@param entries usagelua.coverage_entry[]
---@param basis "assumed"|"vendor's own"
---@return string[] datasets each once, in order
function gaps.with_period(entries, basis)
  local datasets = {}
  for _, entry in ipairs(entries) do
    if entry.period == basis and not datasets[entry.dataset] then
      datasets[entry.dataset] = true
      datasets[#datasets + 1] = entry.dataset
    end
  end
  return datasets
end

return gaps
