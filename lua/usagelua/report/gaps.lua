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

---Why nobody knows which period a query's figures are of.
---@param entry usagelua.coverage_entry of an assumed period
---@return string
function gaps.assumption(entry)
  local words = ("%s does not say which period it answered for"):format(entry.dataset)
  return entry.doubt and ("%s, and %s"):format(words, entry.doubt) or words
end

---The queries whose figures stand for a period in good faith only, one of each
---dataset. Where nothing was answered there are no figures.
---@param entries usagelua.coverage_entry[]
---@param basis "assumed"|"vendor's own"
---@return usagelua.coverage_entry[] in order
function gaps.with_period(entries, basis)
  local list, seen = {}, {}
  for _, entry in ipairs(entries) do
    if entry.period == basis and not gaps.is_nothing { entry } and not seen[entry.dataset] then
      seen[entry.dataset] = true
      list[#list + 1] = entry
    end
  end
  return list
end

return gaps
