-- A report job at a vendor, from its creation to its deletion: created, asked
-- about until it is done, its result fetched, and deleted on every way out. It
-- is a `<close>` variable; what a table describes and what a flow function
-- asks for run through here alike.

local book = require "usagelua.flow.job_book"
local calls = require "usagelua.flow.job_calls"
local deletion = require "usagelua.flow.deletion"
local errors = require "usagelua.errors"
local live = require "usagelua.flow.live"
local poll = require "usagelua.flow.poll"
local retry = require "usagelua.client.retry"
local values = require "usagelua.flow.values"

local job = {}

local CREATIONS <const> = 2
local TIME_S <const> = 900
local LIVE <const> = 4
-- So often in a row the vendor knows no such job before it is believed.
local GONE_POLLS <const> = 3
-- Errors that the next poll would meet too.
local LASTING <const> = { auth = true, permission = true, credential = true, refused = true,
  usage = true, cancelled = true }

---@class usagelua.job
---@field id string? of the present job at the vendor
---@field described table as a dataset's `job`
---@field values table<string, any> what its templates see
---@field context usagelua.job_context
---@field read fun(response: usagelua.response): any, usagelua.error? one result
---@field lane usagelua.rate.lane
local methods = {}
local metatable = { __name = "usagelua.job", __index = methods }

function metatable:__tostring()
  return ("usagelua.job (%s)"):format(self.id or self.is_closed and "closed" or "none")
end

local function note(self, format, ...)
  self.context.note(("%s: %s"):format(self.context.label, format:format(...)))
end

-- How far it is, to who listens.
local function tell(self, step, seconds)
  local hear = self.context.tell
  if not hear then return end
  hear { step = step, number = step == "poll" and self.polls or nil, state = self.last_state,
    seconds = seconds }
end

-- Creating -----------------------------------------------------------------

local UNKNOWN <const> = "the answer to the creation of a report job was lost: outcome unknown, "
  .. "perhaps one job more at the vendor"

local function hooks_of(self)
  return {
    on_send = function()
      self.is_sent = true
      return self.entry:intend()
    end,
    on_lost = function()
      if self.is_answered then return end
      self.has_lost = true
      note(self, UNKNOWN)
      self.entry:lose()
    end,
    on_id = function(id)
      self.id = id
      return self.entry:identify { id = id, delete = calls.deletions(self) }
    end,
  }
end

-- Nothing was created: the vendor has no room, or wants us to be slower.
local function may_wait(err)
  return err.kind == "busy" or err.kind == "throttled"
end

-- Once an answer was lost, no further one may be.
local function create_once(self)
  self.entry = book.entry(self)
  self.is_sent, self.is_answered = false, false
  local made, err = calls.create(self, hooks_of(self))
  self.is_sent = false
  if made then return made end
  if not self.id then
    if retry.is_outcome_unknown(err) and not self.is_answered then note(self, UNKNOWN) end
    self.entry:forget()
  end
  return nil, err
end

local function start_pace(self)
  local described = self.described
  self.pace = poll.new(self.context.scheduler, described.poll, described.time_s or TIME_S)
end

local function create(self)
  start_pace(self)
  tell(self, "create")
  self.has_lost = false
  local made, err = create_once(self)
  while not made and may_wait(err) do
    tell(self, "create", self.pace:next_wait(err.retry_after_s))
    local ok, late = self.pace:wait(err.retry_after_s)
    if not ok then
      return nil, errors.new { kind = late.kind, hint = late.hint, cause = err,
        message = ("%s; %s"):format(err.message, late.message) }
    end
    made, err = create_once(self)
  end
  if not made then return nil, err end
  if made.ready ~= nil then
    self.entry:forget()
    self.results = { made.ready }
  end
  start_pace(self)
  return true
end

-- What an earlier run left and asked just the same.
local function take_up(self)
  local entry = book.take(self)
  if not entry then return false end
  self.entry, self.id = entry, entry.facts.id
  note(self, "took up the report job %s, which an earlier run had left", self.id)
  start_pace(self)
  return true
end

-- Asking about it ----------------------------------------------------------

local function says(words, state)
  state = tostring(state):lower()
  for _, word in ipairs(words or {}) do
    if word:lower() == state then return true end
  end
  return false
end

local function failed(self, format, ...)
  return nil, errors.new { kind = "vendor", code = "job_failed",
    message = ("%s: the report job %s %s"):format(self.context.label, self.id, format:format(...)) }
end

-- Whether an answer about the job ends the waiting: true, or nil and why.
local function judge(self, told)
  self.polls_gone, self.last_state, self.last_err = 0, told.state, nil
  self.last_came = told.came
  if says(self.described.done, told.state) then
    self.urls = told.files
    return true
  elseif says(self.described.failed, told.state) then
    local reason = told.reason ~= nil and ": " .. values.shown(told.reason) or ""
    return failed(self, "failed (%s)%s", values.shown(told.state), reason)
  end
end

-- A failed poll is not a failed job; one that the vendor does not know time
-- and again is gone, as is one of which it says so.
local function judge_failure(self, err)
  if LASTING[err.kind] then return nil, err end
  if err.kind == "gone" then return failed(self, "is gone (%s)", err.message) end
  self.last_err = err
  self.polls_gone = err.kind == "not_found" and (self.polls_gone or 0) + 1 or 0
  if err.kind == "gone" or self.polls_gone >= GONE_POLLS then
    return failed(self, "is gone (%s)", err.message)
  end
end

local function last_seen(self)
  if self.last_err then return tostring(self.last_err) end
  if self.last_state == nil and self.last_came then
    return ("no %s in the answer about it (%s)"):format(self.described.state, self.last_came)
  end
  return "it is still " .. values.shown(self.last_state)
end

local function given_up(self, late, what)
  return nil, errors.new { kind = late.kind, hint = late.hint, retry = false,
    message = ("%s: the report job %s is given up: %s; %s"):format(self.context.label, self.id,
      late.message, what) }
end

local function until_done(self)
  if not self.described.status then return true end -- its result says it
  while true do
    local asked_s = self.last_err and self.last_err.retry_after_s
    self.polls = (self.polls or 0) + 1
    tell(self, "poll", self.pace:next_wait(asked_s))
    local ok, late = self.pace:wait(asked_s)
    if not ok then return given_up(self, late, last_seen(self)) end
    local told, err = calls.status(self)
    local done, failure
    if told then
      done, failure = judge(self, told)
    else
      done, failure = judge_failure(self, err)
    end
    if done or failure then return done, failure end
  end
end

---Waits until the job is done. One that fails is created once more.
---@return boolean? ok
---@return usagelua.error? err kind "vendor" with code "job_failed" where it
---failed again, "timeout" or "deadline" where it was not done in time
function methods:wait()
  if self.results or self.is_done then return true end
  for creation = 1, CREATIONS do
    local done, err = until_done(self)
    self.is_done = done
    if done or err.code ~= "job_failed" or creation == CREATIONS then return done, err end
    note(self, "a report job failed and was created once more")
    self:delete()
    local ok, create_err = create(self)
    if not ok then return nil, create_err end
    if self.results then return true end
  end
end

-- Its result ---------------------------------------------------------------

local function read_files(self, urls)
  local files, results = require "usagelua.flow.job_files", {}
  for index, address in ipairs(urls) do
    local read, err = files.fetch(self, address, ("file %d of %d"):format(index, #urls))
    if read == nil then return nil, err end
    results[index] = read
  end
  return results
end

local function fetch(self)
  local described = self.described
  if described.files and not described.result then return read_files(self, self.urls) end
  local found, err = calls.result(self, function(response)
    if described.files then return calls.files_in(self, response) end
    return self.read(response)
  end)
  if found == nil then return nil, err end
  return described.files and read_files(self, found) or { found }
end

---What was read of the result: one value, or one for each of its files. Waits
---for the job, and for a result that is not there yet.
---@return any[]? results
---@return usagelua.error? err
function methods:result()
  local ok, err = self:wait()
  if not ok then return nil, err end
  while not self.results do
    tell(self, "result")
    self.results, err = fetch(self)
    if not self.results and err.kind ~= "not_ready" then return nil, err end
    if not self.results then
      local late
      tell(self, "result", self.pace:next_wait(err.retry_after_s))
      ok, late = self.pace:wait(err.retry_after_s)
      if not ok then return given_up(self, late, err.message) end
    end
  end
  return self.results
end

-- Deleting -----------------------------------------------------------------

local function settle(self, ok, err)
  if ok or deletion.is_gone(err) then
    if not ok then note(self, "deleting the report job %s: %s", self.id, err.message) end
    self.entry:forget()
  else
    note(self, "the report job %s is left at the vendor: %s; `usagelua ledger --delete` deletes it",
      self.id, err.message)
    self.entry:leave()
  end
end

local function delete_at_vendor(self)
  tell(self, "delete")
  settle(self, self.context.scheduler:shield(nil, calls.delete, self))
end

---Deletes it at the vendor; where there is none, does nothing.
function methods:delete()
  if not self.id then return end
  if self.described.delete then
    local ok, err = pcall(delete_at_vendor, self)
    -- Whoever took the memory may be gone by now.
    if not ok and errors.is_memory(err) then ok, err = pcall(delete_at_vendor, self) end
    if not ok then error(err, 0) end
  else
    self.entry:forget()
  end
  self.id = nil
end

---Deletes the job and gives its place back; again does nothing.
function methods:close()
  if self.is_closed then return end
  self.is_closed = true
  local _ <close> = self.place
  if self.is_sent and not self.id then self.entry:leave() end -- cut off in between
  self:delete()
end

metatable.__close = methods.close

-- Opening ------------------------------------------------------------------

local function new(described, given, context, read)
  return setmetatable({
    described = described, values = given, context = context, read = read, instead = {},
    lane = context.client:lane(context.planned.lane), entry = book.NONE,
  }, metatable)
end

-- Closes a job that could not be opened.
local function until_open(self)
  return setmetatable({}, { __close = function() if not self.is_open then self:close() end end })
end

---Creates a job, as soon as its credential may have one more.
---
---    local report <close>, err = job.open(described, values, context, read)
---    local results = report and report:result()
---
---@param described table as a dataset's `job`
---@param given table<string, any> what templates see; `job_id` is added
---@param context usagelua.job_context
---@param read fun(response: usagelua.response): any, usagelua.error? reads one
---result or one of its files; nil and an error where it is none
---@return usagelua.job? job to be closed
---@return usagelua.error? err
function job.open(described, given, context, read)
  local self = new(described, given, context, read)
  tell(self, "place")
  self.place = live.enter(self.lane, context.scheduler, described.live or LIVE)
  local _ <close> = until_open(self)
  local ok, err = take_up(self), nil
  if not ok then ok, err = create(self) end
  if not ok then return nil, err end
  self.is_open = true
  return self
end

return job
