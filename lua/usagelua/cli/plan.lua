-- `usagelua plan SCRIPT.lua | plan fetch …`: windows, calls and the least
-- possible time under the rates. Sends nothing and needs no credentials.

local display = require "usagelua.cli.display"
local errors = require "usagelua.errors"
local forecast = require "usagelua.flow.forecast"
local json = require "usagelua.json"
local session = require "usagelua.cli.session"

local plan = {}

local SHOWN_WINDOWS <const> = 12

-- Text ---------------------------------------------------------------------

local function calls_text(calls)
  local what = calls.least == 1 and "call" or "calls"
  return ("%d %s%s"):format(calls.least, what, calls.exact and "" or " or more")
end

local function seconds_text(seconds)
  if seconds == 0 then return "0 s" end
  if seconds < 120 then return ("%.1f s"):format(seconds) end
  return ("%d min %d s"):format(seconds // 60, math.floor(seconds % 60))
end

local function sent_text(window)
  if not window.from then return "no dates are sent" end
  local parts = {}
  for index, pair in ipairs(window.sent) do parts[index] = pair[1] .. "=" .. pair[2] end
  if #parts == 0 then return ("%s to %s (excluded)"):format(window.from, window.to) end
  return table.concat(parts, "  ")
end

local function window_lines(query, lines)
  if #query.windows == 0 then lines[#lines + 1] = "  windows     none: no rule can use its records" end
  for index, window in ipairs(query.windows) do
    if index > SHOWN_WINDOWS then
      lines[#lines + 1] = ("              and %d more (-f json lists them)")
        :format(#query.windows - SHOWN_WINDOWS)
      break
    end
    lines[#lines + 1] = ("  %-11s %s"):format(index == 1 and "windows" or "", sent_text(window))
  end
end

local function heading(query)
  local words = { query.name, query.period }
  if query.account then words[#words + 1] = "account " .. query.account end
  if query.region then words[#words + 1] = "region " .. query.region end
  return table.concat(words, "  ")
end

local function query_lines(query, lines)
  lines[#lines + 1] = heading(query)
  window_lines(query, lines)
  for _, fan_out in ipairs(query.fan_out) do
    lines[#lines + 1] = ("  asked per   %s: %s"):format(fan_out.name,
      table.concat(fan_out.values, ", "))
  end
  if query.batch then
    lines[#lines + 1] = ("  in batches  %s: %d values, %s at once"):format(query.batch.name,
      query.batch.values, query.batch.most and ("%d"):format(query.batch.most) or "all")
  end
  if query.note then lines[#lines + 1] = "  note        " .. query.note end
  for _, text in ipairs(query.notes) do lines[#lines + 1] = "  note        " .. text end
  lines[#lines + 1] = ("  calls       %s%s, on %s"):format(calls_text(query.calls),
    query.by_function and ", asked by its own function" or "", query.lane)
  if query.may_differ then
    lines[#lines + 1] = "  parts       their sum may differ from what one query of the whole period says"
  end
  for _, text in ipairs(query.unverified) do lines[#lines + 1] = "  unverified  " .. text end
  lines[#lines + 1] = ""
end

local function rate_text(lane)
  local texts = {}
  if lane.per_minute then
    texts[1] = ("burst of %d, then %g a minute"):format(lane.burst or 1, lane.per_minute)
  end
  if lane.gap_s then texts[#texts + 1] = ("%g s apart"):format(lane.gap_s) end
  return texts[1] and table.concat(texts, ", ") or "no rate documented"
end

local function lane_line(lane)
  return ("%s  %s; %s, %d in flight: %s at least, %d answer%s one after another"):format(lane.name,
    calls_text(lane.calls), rate_text(lane), lane.in_flight, seconds_text(lane.least_s), lane.rounds,
    lane.rounds == 1 and "" or "s")
end

local function lines_of(made, stopped_at)
  local lines = {}
  for _, query in ipairs(made.queries) do query_lines(query, lines) end
  for _, lane in ipairs(made.lanes) do lines[#lines + 1] = lane_line(lane) end
  if #made.queries == 0 then lines[#lines + 1] = "no queries" end
  lines[#lines + 1] = ("least time %s, %s%s; nothing was sent"):format(seconds_text(made.least_s),
    calls_text(made.calls), #made.lanes > 1 and " in all" or "")
  if stopped_at then
    lines[#lines + 1] = stopped_at .. ": what the script asks after that is not known"
  end
  return lines
end

-- JSON ---------------------------------------------------------------------

local function pairs_as_object(list)
  local members = {}
  for index, pair in ipairs(list) do members[index] = { pair[1], pair[2] } end
  return json.object(members)
end

local function window_document(window)
  return json.object { { "label", window.label or json.null }, { "from", window.from or json.null },
    { "to", window.to or json.null }, { "sent", pairs_as_object(window.sent) } }
end

local function batch_document(batch)
  return json.object { { "name", batch.name }, { "values", batch.values },
    { "most", batch.most or json.null } }
end

local function query_document(query)
  return json.object {
    { "dataset", query.name }, { "account", query.account or json.null },
    { "region", query.region or json.null }, { "period", query.period },
    { "windows", display.array(query.windows, window_document) },
    { "fan_out", display.array(query.fan_out, function(one)
      return json.object { { "name", one.name }, { "values", display.array(one.values) } }
    end) },
    { "batch", query.batch and batch_document(query.batch) or json.null },
    { "calls", query.calls }, { "by_function", query.by_function }, { "lane", query.lane },
    { "may_differ", query.may_differ }, { "note", query.note or json.null },
    { "notes", display.array(query.notes) },
    { "unverified", display.array(query.unverified) },
  }
end

local function lane_document(lane)
  return json.object {
    { "name", lane.name }, { "calls", lane.calls }, { "burst", lane.burst or json.null },
    { "per_minute", lane.per_minute or json.null }, { "gap_s", lane.gap_s or json.null },
    { "in_flight", lane.in_flight },
    { "least_s", lane.least_s }, { "rounds", lane.rounds },
  }
end

local function document_of(made, stopped_at)
  return json.object {
    { "schema", 1 }, { "queries", display.array(made.queries, query_document) },
    { "lanes", display.array(made.lanes, lane_document) }, { "calls", made.calls },
    { "least_s", made.least_s }, { "complete", stopped_at == nil },
    { "stopped_at", stopped_at or json.null },
  }
end

-- The command --------------------------------------------------------------

local function show(values, queries, stopped_at)
  local made = forecast.of(queries)
  display.show(values, document_of(made, stopped_at), function()
    return lines_of(made, stopped_at)
  end)
  return 0
end

local function plan_fetch(values, names)
  return session.with(values, { arguments = {}, script_name = "fetch" }, function(run)
    local rehearsal = require "usagelua.rehearsal"
    rehearsal.prepare(run)
    rehearsal.finish(run, require("usagelua.cli.fetch").report(run, values, names))
    return show(values, run.queries)
  end)
end

local function plan_script(values, path, arguments)
  return require("usagelua.cli.rehearse").run(values, path, arguments, function(run, stopped_at)
    return show(values, run.queries, stopped_at)
  end)
end

---@param values table the options
---@param rest string[] a script and its arguments, or `fetch` and its datasets
---@return integer status
function plan.run(values, rest)
  require("usagelua.cli.help").stop_if_wanted(values, "plan")
  display.check(values, "plan")
  local what = table.remove(rest, 1)
  if what == "fetch" then return plan_fetch(values, rest) end
  if what and (what:find "%.lua$" or what:find "/" or what == "-") then
    return plan_script(values, what, rest)
  end
  if what and what:find "^[%w_]+%.[%w_]+$" then
    errors.raise_usage("plan: '%s' is a dataset; write: usagelua plan fetch %s", what, what)
  end
  errors.raise_usage("plan takes a report script, or fetch and its datasets%s: usagelua plan "
    .. "report.lua, usagelua plan fetch testmu.summary --period 2026-Q2",
    what and (", not '%s'"):format(what) or "")
end

return plan
