-- Frames for the specs of reports: real ones, whose answers are given beforehand.

local coverage = require "usagelua.frame.coverage"
local formats = require "usagelua.formats"
local frame = require "usagelua.frame"

local asked = {}

local JUNE <const> = { from = 1780272000, to = 1782864000, label = "2026-06" }
local JULY <const> = { from = 1782864000, to = 1785542400, label = "2026-07" }
local PERIODS <const> = { ["2026-06"] = JUNE, ["2026-07"] = JULY }

local MEASURES <const> = {
  tests = { unit = "1", kind = "sum" },
  duration_s = { unit = "s", kind = "sum" },
  users = { unit = "1", kind = "distinct" },
  parallels_allocated = { unit = "1", kind = "last", of = "team" },
  parallels_peak = { unit = "1", kind = "max", of = "team" },
  balance = { unit = "1", kind = "sum", negative = true },
}

local COUNTS <const> = { ["testmu.summary"] = "testmu.tests", ["testmu.users"] = "testmu.tests" }

local TEXTS <const> = { "product", "user_id", "user_name", "team" }

local function dataset_of(query)
  return {
    name = query.dataset, counts = COUNTS[query.dataset], columns = TEXTS,
    measures = query.measures or MEASURES,
    periods = query.windows or { PERIODS[query.month or "2026-06"] }, const = asked.const(query),
  }
end

---The constant columns of a query's window.
function asked.const(query)
  if query.windows then
    return { vendor = query.dataset:match "^[^.]*", dataset = query.dataset }
  end
  local month = query.month or "2026-06"
  return {
    vendor = query.dataset:match "^[^.]*", dataset = query.dataset, period = month,
    period_start = month .. "-01T00:00:00+00:00",
    period_end = ("2026-%02d-01T00:00:00+00:00"):format(tonumber(month:sub(-2)) + 1),
  }
end

-- Windows of one query: their label is their period.
local function answer_windows(root, cover, query)
  local entry = cover:query { dataset = query.dataset, period = "echoed" }
  for _, window in ipairs(query.windows) do
    local const = asked.const(query)
    const.period = window.label
    cover:asked(entry)
    if window.failed then
      root:taint(const, ("%s %s failed: %s"):format(query.dataset, window.label, window.failed))
      cover:failed(entry, window.failed)
    else
      root:add { rows = window.rows, const = const }
      cover:answered(entry)
    end
  end
end

local function answer(root, cover, query)
  if query.windows then return answer_windows(root, cover, query) end
  local const = asked.const(query)
  local entry = cover:query {
    dataset = query.dataset, account = query.account, period_start = const.period_start,
    period_end = const.period_end, period = query.period or "echoed",
  }
  cover:asked(entry)
  if query.failed then
    root:taint(const, ("%s failed: %s"):format(query.dataset, query.failed))
    cover:failed(entry, query.failed)
    return
  end
  root:add { rows = query.rows or {}, marks = query.marks, const = const }
  if query.partial then cover:partial(entry, query.partial) else cover:answered(entry) end
end

---A frame of records. Each query has dataset, rows, and as it likes month, marks,
---measures (those of this dataset), account, failed (a reason), partial (a reason), period (echoed
---by default); or windows, each with from, to, label and rows, or failed.
function asked.records(...)
  return asked.asking({ ... })
end

---The same of a list; `again` gives the frame of another period.
function asked.asking(queries, again)
  local datasets = {}
  for i, query in ipairs(queries) do datasets[i] = dataset_of(query) end
  return frame.new {
    schema = { datasets = datasets }, again = again,
    ask = function(one)
      local root, cover = one:begin(), coverage.new()
      for _, query in ipairs(queries) do answer(root, cover, query) end
      one:finish(cover)
    end,
  }
end

---A frame of July 2026 that can be asked for June too: queries of both months.
function asked.july_and_june(july, june)
  for _, query in ipairs(july) do query.month = "2026-07" end
  return asked.asking(july, function(move)
    local label = move(require("usagelua.time.period").parse "2026-07").label
    if label ~= "2026-06" then error("asked for " .. label) end
    return asked.asking(june)
  end)
end

---The sinks of a destination kept in memory, and the texts that were committed, by name.
function asked.destination()
  local texts = {}
  local function open(name)
    local pieces = {}
    return {
      write = function(_, text)
        pieces[#pieces + 1] = text
        return true
      end,
      commit = function()
        texts[name or ""] = table.concat(pieces)
        return true
      end,
      close = function() end,
    }
  end
  return open, texts
end

---Writes a report in a format; gives its text, or the texts of its tables by name.
function asked.written(report, format_name, options)
  local open, texts = asked.destination()
  assert(formats.write(formats.named(format_name), report:evaluate(), open, options))
  return texts[""] or texts
end

asked.refusal = require "support.refusal"

return asked
