-- `usagelua ledger [--delete]`: the report jobs that were created and are not
-- deleted yet; with --delete they are deleted at their vendors.

local display = require "usagelua.cli.display"
local errors = require "usagelua.errors"
local json = require "usagelua.json"
local leftovers = require "usagelua.flow.leftovers"
local ledgers = require "usagelua.ledger"
local session = require "usagelua.cli.session"
local timestamp = require "usagelua.time.timestamp"

local ledger = {}

-- Showing ------------------------------------------------------------------

local UNITS <const> = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } }

local function age_text(age_s)
  for _, unit in ipairs(UNITS) do
    if age_s >= unit[1] then return ("%d %s"):format(age_s // unit[1], unit[2]) end
  end
  return "0 s"
end

local function id_text(line)
  return line.facts.id or "unknown: its creation was cut off"
end

local function job_line(line)
  local facts = line.facts
  local text = ("%s  %s  job %s  %s old  host %s  %s"):format(facts.dataset,
    "account " .. (facts.account or "default"), id_text(line), age_text(line.age_s), facts.host,
    line.state)
  return line.outcome and ("%s: %s"):format(text, line.outcome) or text
end

local function lines_of(found)
  local lines = {}
  for index, line in ipairs(found.jobs) do lines[index] = job_line(line) end
  if #lines == 0 then lines[1] = "no report jobs are left" end
  return lines
end

local function job_document(line)
  local facts = line.facts
  return json.object {
    { "vendor", facts.vendor }, { "account", facts.account or json.null },
    { "region", facts.region or json.null }, { "dataset", facts.dataset },
    { "job", facts.id or json.null }, { "created", timestamp.format_rfc3339(facts.created) },
    { "age_s", math.floor(line.age_s) }, { "host", facts.host }, { "state", line.state },
    { "outcome", line.outcome or json.null },
  }
end

local function document_of(found)
  local jobs = {}
  for index, line in ipairs(found.jobs) do jobs[index] = job_document(line) end
  return json.object { { "schema", 1 }, { "folder", found.folder or json.null },
    { "jobs", json.array(jobs) } }
end

local function show(values, found)
  display.show(values, document_of(found), function() return lines_of(found) end)
end

-- Deleting -----------------------------------------------------------------

-- One that was never given an id cannot be deleted by anybody.
local function drop_intent(entry, line)
  entry:forget()
  line.outcome = "removed here; perhaps one job more at the vendor"
end

local function delete(entry, line, tools)
  local ok, err = leftovers.delete(entry, tools)
  entry:leave()
  line.is_deleted, line.err = ok, err
  line.outcome = ok and (err and ("gone (%s)"):format(err.message) or "deleted")
    or "not deleted: " .. tostring(err)
end

local function delete_all(run, lines, book)
  local tools, tasks = { client = run.client, loader = run.loader }, {}
  local entries, problems = book:orphans(true)
  for _, entry in ipairs(entries) do
    local line = lines[entry.path]
    if line and entry.facts.id then
      tasks[#tasks + 1] = run.scheduler:spawn(delete, entry, line, tools)
    elseif line then
      drop_intent(entry, line)
    end
  end
  run.scheduler:join_good(tasks)
  return problems[1]
end

-- What could not even be tried for want of a credential is wrong use, where
-- nothing else was done.
local function status_of(lines)
  local deleted, failed, credential = 0, 0, nil
  for _, line in ipairs(lines) do
    if line.is_deleted then deleted = deleted + 1 end
    if line.err and not line.is_deleted then
      failed = failed + 1
      if line.err.kind == "credential" then credential = credential or line.err end
    end
  end
  if failed == 0 then return 0 end
  if deleted > 0 then return 4 end
  if credential then error(credential, 0) end
  return 5
end

local function delete_and_show(values, book, found)
  local by_path = {}
  for _, line in ipairs(found.jobs) do by_path[line.path] = line end
  return session.with(values, { arguments = {}, script_name = "ledger" }, function(run)
    found.problem = delete_all(run, by_path, book) or found.problem
    show(values, found)
    return status_of(found.jobs)
  end)
end

-- The command --------------------------------------------------------------

---@param values table the options
---@param rest string[] none
---@return integer status 0; raises what could not be looked into; with --delete 2 where
---credentials are missing, 4 some could not be deleted, 5 none
function ledger.run(values, rest)
  require("usagelua.cli.help").stop_if_wanted(values, "ledger")
  display.check(values, "ledger")
  if #rest > 0 then errors.raise_usage("ledger takes no name, not '%s'", rest[1]) end
  if values.replay then
    errors.raise_usage("ledger asks the vendors themselves; leave --replay away")
  end
  local book = ledgers.look { clock = require("usagelua.time.clock").real() }
  local jobs, problems = {}, {}
  if book then jobs, problems = book:list() end
  local found, status = { folder = book and book.folder, jobs = jobs, problem = problems[1] }, 0
  if values.delete and #jobs > 0 then
    status = delete_and_show(values, book, found)
  else
    show(values, found)
  end
  if found.problem then error(found.problem, 0) end
  return status
end

return ledger
