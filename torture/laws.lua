-- What must hold of a run in which a call failed, beside the same run without. Each law is a
-- function that gives what is wrong, or nothing.
local cjson = require "cjson"
local world = require "torture.world"

local laws = {}

-- Of the contract; signals are none of them here.
local STATUSES <const> = { [0] = true, true, true, true, true, true }
local IS_MEMORY <const> = { lua = true, memory = true }
local FAILED <const>, USAGE <const>, PARTIAL <const>, NOTHING <const> = 1, 2, 4, 5

---@class torture.case
---@field flow torture.flow
---@field plan string
---@field family string
---@field result torture.result
---@field expected torture.result of the run in which nothing failed
---@field world table

-- The process ------------------------------------------------------------------

function laws.ends(case)
  local result = case.result
  if result.is_late then return "it did not end" end
  if result.signal then return "signal " .. result.signal end
  if not STATUSES[result.status] then return "status " .. result.status .. " is none of the contract" end
end

function laws.has_the_right_status(case)
  local status, expected = case.result.status, case.expected.status
  if status == USAGE and case.world:asked() > (case.flow.left or 0) then
    return "status 2 although vendors were asked"
  end
  if status == USAGE and IS_MEMORY[case.family] then return "lack of memory is taken for wrong use" end
  if status == 3 and expected ~= 3 then return "status 3 although no budget fails" end
  if (status == PARTIAL or status == NOTHING) and not case.flow.document and not case.flow.left then
    return "nothing was asked that could be partial"
  end
end

-- Words that only a mistake of ours says.
local INTERNAL <const> = { "attempt to ", "bad argument", "usagelua/[%w_/]+%.lua:%d+:", "%(null%)",
  "traceback", "error in ", "no field", "module '" }

-- Whoever can write to nothing any more says nothing.
local MUTE <const> = { write = true, fwrite = true, fflush = true }

local function is_mute(case)
  return case.plan:find ":on:" and MUTE[case.result.report:match "failed (%S+)"]
end

local function told(case)
  local why = IS_MEMORY[case.family] and "memory" or ""
  return case.result.stderr:match("usagelua: [^\n]*" .. why) ~= nil
end

function laws.says_why(case)
  local status, stderr = case.result.status, case.result.stderr
  for _, pattern in ipairs(INTERNAL) do
    local line = stderr:match("[^\n]*" .. pattern .. "[^\n]*")
    if line then return "stderr speaks of our own code: " .. line end
  end
  if (status == FAILED or status == USAGE) and not told(case) and not is_mute(case) then
    return "it does not say why on stderr"
  end
end

-- What it wrote --------------------------------------------------------------------

-- What cannot be removed stays.
function laws.leaves_no_other_file(case)
  if case.result.report:find "failed unlink" then return end
  for name in pairs(case.result.files) do
    local is_known = case.expected.files[name] ~= nil or name:find "^state/"
    if not is_known then return "it left the file " .. name end
  end
end

-- Times of recordings and ids of jobs are other ones each time.
local function volatile(text)
  return (text:gsub(("%x"):rep(24), "ID"):gsub('"startedDateTime":"[^"]*"', ""):gsub('"time":[%d.]+', "")
    :gsub('"created": ?"[^"]*"', ""):gsub('"age_s": ?%d+', ""):gsub('"wait":[%d.]+', "")
    :gsub('"receive":[%d.]+', ""))
end

local function is_same(name, text, expected)
  if name:find "%.har$" then return (pcall(cjson.decode, text)) end
  if name == "trace.txt" then return #text > 0 end
  return volatile(text) == volatile(expected)
end

-- What is appended to what others write cannot be whole or nothing.
local function is_begun(name, text, expected)
  return name == "summary.md" and expected:sub(1, #text) == text and #text < #expected
end

-- Which outputs the run has written anew, and which are of neither kind.
local function written(case)
  local new, old = {}, {}
  for name, expected in pairs(case.expected.files) do
    local text = case.result.files[name]
    if text == nil or text == world.OLD or is_begun(name, text, expected) then old[#old + 1] = name
    elseif is_same(name, text, expected) then new[#new + 1] = name
    else new[#new + 1], new.changed = name, name end
  end
  return new, old
end

-- What a failure on the way may add: a sentence for people.
local function without_notes(text)
  local document = cjson.decode(text)
  document.provenance.notes = nil
  for _, query in ipairs(document.coverage) do query.notes = nil end
  return require("usagelua.json").encode(document)
end

local function is_same_output(case)
  local text, expected = volatile(case.result.stdout), volatile(case.expected.stdout)
  if text == expected then return true end
  if case.flow.document ~= "stdout" then return false end
  return without_notes(text) == without_notes(expected)
end

-- A status that says that all is well, although something is not as it should be.
function laws.is_good_only_with_all_outputs(case)
  if case.result.status ~= case.expected.status then return end
  local new, old = written(case)
  if #old > 0 then return "status " .. case.result.status .. " although " .. old[1] .. " was not written" end
  if new.changed then return "another " .. new.changed end
  if not is_same_output(case) then return "another stdout" end
end

-- Of a run that failed each file is old, or whole and as it should be.
function laws.writes_whole_files(case)
  if case.result.status ~= FAILED and case.result.status ~= USAGE then return end
  local new, old = written(case)
  if new.changed and not new.changed:find "^trace" then return "half of " .. new.changed end
  local is_early = case.result.status == USAGE
  if is_early and #old < #(case.flow.files or {}) then return "status 2, and a file is written" end
end

-- Figures --------------------------------------------------------------------------

local function key_of(row)
  local parts = {}
  for name, value in pairs(row) do
    if type(value) == "string" then parts[#parts + 1] = name .. "=" .. value end
  end
  table.sort(parts)
  return table.concat(parts, " ")
end

local function by_key(rows)
  local found = {}
  for _, row in ipairs(rows) do found[key_of(row)] = row end
  return found
end

-- Each figure is the right one, or it is absent, or marked.
local function wrong_figure(row, right)
  for name, value in pairs(row) do
    local mark = type(row.marks) == "table" and row.marks[name]
    if type(value) == "number" and value ~= (right or {})[name] and not mark then
      return ("%s is %s, not %s, and bears no mark"):format(name, value, (right or {})[name])
    end
  end
end

local function wrong_rows(rows, expected)
  local right = by_key(expected)
  for _, row in ipairs(rows) do
    local wrong = wrong_figure(row, right[key_of(row)])
    if wrong then return wrong .. " in " .. key_of(row) end
  end
end

local function document_of(case, result)
  local name = case.flow.document
  if not name then return nil end
  local text = name == "stdout" and result.stdout or result.files[name]
  if text == nil or text == world.OLD or text == "" then return nil end
  local ok, document = pcall(cjson.decode, text)
  return ok and document, ok
end

local function sections_of(document)
  if not document.sections then return { { rows = document.records } } end
  return document.sections
end

function laws.has_exact_or_marked_figures(case)
  local document, is_json = document_of(case, case.result)
  if is_json == false and case.result.status ~= FAILED then return "its JSON is cut" end
  if not document then return nil end
  local right = sections_of((document_of(case, case.expected)))
  for number, section in ipairs(sections_of(document)) do
    local wrong = wrong_rows(section.rows or {}, right[number].rows or {})
      or type(section.total) == "table" and wrong_figure(section.total, right[number].total)
    if wrong then return wrong end
  end
end

function laws.says_that_it_is_partial(case)
  local status = case.result.status
  if status ~= PARTIAL and status ~= NOTHING then return end
  local document = document_of(case, case.result)
  if not case.flow.document then return end
  if not document then return "partial, and no report" end
  for _, query in ipairs(document.coverage) do
    if query.answered < query.asked and #query.reasons > 0 then return end
  end
  return "partial, and its coverage gives no reason"
end

-- Jobs -----------------------------------------------------------------------------

-- A create whose answer was lost may have made one, which nobody can name: so it says (A5).
local function perhaps_more(result)
  local _, count = result.stderr:gsub("perhaps one job more", "")
  return count > 0 and count or result.stdout:find("one job more", 1, true) and 1 or 0
end

-- Of each job that is still at the vendor, the ledger or the run itself knows.
function laws.loses_no_job(case)
  if not case.flow.jobs then return end
  local known = case.result.stdout .. case.result.stderr
  local unknown = perhaps_more(case.result)
  for name, text in pairs(case.result.files) do
    if name:find "^state/" then
      known = known .. text
      if not text:find '"id"' then unknown = unknown + 1 end
    end
  end
  for _, id in ipairs(case.world:jobs_alive()) do
    if not known:find(id, 1, true) then unknown = unknown - 1 end
  end
  if unknown < 0 then return "a job is left that nobody knows of" end
end

function laws.leaves_no_job_where_all_is_well(case)
  if not case.flow.jobs or case.result.status ~= 0 then return end
  local said = case.result.stdout .. case.result.stderr
  local untold = -perhaps_more(case.result)
  for _, id in ipairs(case.world:jobs_alive()) do
    local is_told = said:find(id, 1, true) or said:find("may still be there", 1, true)
    if not is_told then untold = untold + 1 end
  end
  if untold > 0 then return "status 0, and a job is left of which nothing is said" end
end

local AGAIN <const> = { lua = ":twice:", memory = ":once:" }

-- Where memory lacked once there is enough of it to clean up.
function laws.deletes_its_jobs_with_memory(case)
  local how = AGAIN[case.family]
  if not case.flow.jobs or case.flow.left or not how or not case.plan:find(how, 1, true) then return end
  local known = ""
  for name, text in pairs(case.result.files) do known = known .. (name:find "^state/" and text or "") end
  for _, id in ipairs(case.world:jobs_alive()) do
    if known:find(id, 1, true) then return "the ledger knows a job that was not deleted" end
  end
end

-- What it holds --------------------------------------------------------------------

-- lua-cjson forgets its text where Lua's memory runs out.
local OTHERS <const> = "strbuf_"

local function held(report)
  local counts = {}
  for line in report:gmatch "held [^\n]+" do
    if not line:find(OTHERS, 1, true) then counts[line] = (counts[line] or 0) + 1 end
  end
  return counts
end

function laws.gives_all_back(case)
  if not case.result.report:find "\nend\n" then return end -- it was ended at once
  local allowed = held(case.expected.report)
  for line, count in pairs(held(case.result.report)) do
    if count > (allowed[line] or 0) then return ("%d more: %s"):format(count - (allowed[line] or 0), line) end
  end
end

-- In this order: what comes first explains what comes later.
local ORDER <const> = { "ends", "has_the_right_status", "says_why", "leaves_no_other_file",
  "is_good_only_with_all_outputs", "writes_whole_files", "has_exact_or_marked_figures",
  "says_that_it_is_partial", "loses_no_job", "leaves_no_job_where_all_is_well",
  "deletes_its_jobs_with_memory", "gives_all_back" }

---What the case breaks first.
---@param case torture.case
---@return string? law
---@return string? what
function laws.broken(case)
  for _, name in ipairs(ORDER) do
    local what = laws[name](case)
    if what then return name, what end
    if name == "ends" and case.result.status == nil then return end
  end
end

return laws
