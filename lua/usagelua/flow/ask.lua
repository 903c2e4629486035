-- What a flow function has in hand to ask its vendor: `ask:get`, `ask:post`,
-- `ask:request`, `ask:each`, `ask:pages`, `ask:job`, `ask:all`, `ask:wait`. Each call is a
-- transaction, repeated as those of every dataset are; what went wrong for good
-- is raised.
-- The script holds functions only: client, credential and stage stay here.

local answer = require "usagelua.flow.answer"
local errors = require "usagelua.errors"
local fanout = require "usagelua.client.fanout"
local handout = require "usagelua.flow.handout"
local job_handout = require "usagelua.flow.job_handout"
local json = require "usagelua.json"
local own_request = require "usagelua.flow.own_request"
local path = require "usagelua.flow.path"
local refusal = require "usagelua.client.refusal"
local telling = require "usagelua.flow.telling"
local url = require "usagelua.client.url"

local ask = {}

local WHOLE_BYTES <const> = 64 << 20
local NO_CONTENT <const>, PARTIAL_CONTENT <const> = 204, 206
-- As long as a report job may take.
local LONGEST_WAIT_S <const> = 900

---@class usagelua.asker
---@field object table what the function gets as `ask`
---@field calls integer that were begun
---@field last string? "GET /users", the last of them
---@field attempt integer of its last answer
---@field ended boolean? the function has returned
---@field jobs usagelua.job_in_hand[] that were opened and may be open still
local methods = {}
local metatable = { __name = "usagelua.asker", __index = methods }

local function begin(self, label)
  if self.ended then errors.raise_usage("ask: the function has ended, nothing is asked any more") end
  self.calls, self.last, self.attempt = self.calls + 1, label, 1
  return ("%s, %s"):format(self.one.label, label)
end

local function raise(err)
  error(err, 0)
end

-- One answer read whole ----------------------------------------------------

local READERS <const> = {
  text = function(text) return text end,
  json = function(text)
    local value, err = json.decode(text)
    if err then return nil, answer.reading_error(err) end
    return value
  end,
}

-- What the vendor's error rules say of a good answer: by values in it, or, where
-- it cannot be read, by its text.
local function refused_inside(self, response, value, err)
  local rules, messages = self.planned.vendor.errors, self.planned.vendor.error_message
  if err then return refusal.of_text(response, rules) or err end
  local side = {}
  for _, at in ipairs(refusal.said_at(rules, messages)) do
    side[at] = path.compile(at) { item = value }
  end
  return refusal.of_document(response, rules, side)
end

local function is_good(status)
  return status >= 200 and status < 300
end

-- What the script gets beside the value.
local function meta_of(response)
  local headers = {}
  for name, value in pairs(response.headers) do headers[name] = value end
  local from = response.url
  return {
    status = response.status, headers = headers, url = from,
    link = function(_, reference)
      local target, reason = url.resolve(from, tostring(reference))
      if not target then
        raise(errors.new { kind = "shape", message = ("the link '%s' leads nowhere: %s"):format(
          url.without_query(tostring(reference)), reason) })
      end
      return target
    end,
  }
end

-- Who reads expects the value, and not that it is still being made, a piece of it,
-- or that there is none. What acts at the vendor may be answered so.
local function only_reads(own)
  local dataset = own.planned.dataset
  return dataset.request.method == "GET" or dataset.idempotent == true
end

local function without_content(response)
  if response.status ~= NO_CONTENT then return nil end
  return errors.new { kind = "shape", code = "no_content", status = NO_CONTENT,
    message = "answered 204 (No Content): there is no value" }
end

-- Why a good status is none here, unless the script says that it is one.
local function why_no_value(own, response)
  local status = response.status
  if own.accept[status] or status ~= PARTIAL_CONTENT and not only_reads(own) then return nil end
  local err = refusal.of_part(response) or without_content(response)
  if err then
    err.hint = ("where that is an answer, too, say accept = { %d } in the request"):format(status)
  end
  return err
end

-- Another status than 2xx has no value, unless the script wants its text.
local function read_value(self, own, response)
  self.attempt = response.attempt
  local status = response.status
  if not is_good(status) and not own.accept[status] then
    local vendor = self.planned.vendor
    return nil, refusal.of(response, vendor.errors, response.now, vendor.error_message)
  end
  local text, value
  local err = why_no_value(own, response)
  if not err then text, err = response:text(WHOLE_BYTES) end
  if not text then return nil, err end
  if own.as == "text" or is_good(status) and status ~= NO_CONTENT then
    value, err = READERS[own.as](text)
    err = refused_inside(self, response, value, err)
    if err then return nil, err end
  end
  return { value = value, meta = meta_of(response) }
end

function methods:request(given, method)
  local own = own_request.read(self.planned, given, method)
  local built = own_request.build(own, begin(self, own.label))
  built.part = telling.whole(self.one)
  local read, err = self.tools.client:call(built, function(response)
    return read_value(self, own, response)
  end)
  if not read then raise(err) end
  return read.value, read.meta
end

local function with_path(target, options)
  local given = { path = target }
  for key, value in pairs(options or {}) do given[key] = value end
  return given
end

function methods:get(target, options)
  return self:request(with_path(target, options), "GET")
end

function methods:post(target, options)
  return self:request(with_path(target, options), "POST")
end

-- Items --------------------------------------------------------------------

local PARTIAL <const> = "the vendor marked its answer as partial"

local function note_echo(self, state)
  local said = self.emitter.said
  if said.echoed == false and self.has_read then return end
  said.echoed, self.has_read = state.echoed, true
end

-- The items, and what closes them when a loop is left early.
local function items_of(self, state, label)
  if state.is_partial then self.emitter:partial(("%s: %s"):format(label, PARTIAL)) end
  if state.doubt then self.emitter:doubt(("%s: %s"):format(label, state.doubt)) end
  note_echo(self, state)
  return state.whole:items(), nil, nil, state.whole
end

local function hand_out(self, task)
  local what = begin(self, task.own.label)
  local state, err = handout.read(task, self.one, what, function(...)
    return self.ask_page(self.tools, ...)
  end)
  if not state then raise(err) end
  return items_of(self, state, task.own.label)
end

function methods:each(given, reading)
  local task = handout.task(self.planned, given, reading, "each")
  if task.reading.pages then
    errors.raise_usage("ask:each reads one answer; ask:pages reads all of its pages")
  end
  return hand_out(self, task)
end

function methods:pages(given, reading)
  local task = handout.task(self.planned, given, reading, "pages")
  if not task.reading.pages then
    errors.raise_usage("ask:pages: say how the pages follow one another: pages = { kind = … }")
  end
  return hand_out(self, task)
end

-- Jobs ---------------------------------------------------------------------

-- The job as the script has it: a `<close>` variable.
local function job_object(self, job)
  local object = {}
  function object.id() return job.report.id end
  function object.items()
    if self.ended then errors.raise_usage("ask:job: the function has ended, and its jobs with it") end
    local state, err = job:result()
    if not state then raise(err) end
    return items_of(self, state, job.label)
  end
  function object.close() job:close() end
  return setmetatable(object, { __metatable = false, __close = object.close })
end

function methods:job(given, reading, values)
  begin(self, "a report job")
  local job, err = job_handout.open(self, given, reading, values)
  if not job then raise(err) end
  self.jobs[#self.jobs + 1] = job
  return job_object(self, job)
end

---Ends it with what the script has left open; the last job first.
function methods:close()
  self.ended = true
  local job = table.remove(self.jobs)
  while job do
    job:close()
    job = table.remove(self.jobs)
  end
end

metatable.__close = methods.close

-- Several at once ----------------------------------------------------------

local function cap_of(planned)
  return planned.in_flight or planned.vendor.rate.in_flight
end

---Calls the function for each item, as many at a time as the credential may have
---requests under way; gives what each returned, in the order of the list.
function methods:all(list, fn)
  if type(list) ~= "table" then errors.raise_usage("ask:all: the list is a %s", type(list)) end
  fn = fn or function(given) return (self:request(given)) end
  local outcomes = fanout.each(self.tools.scheduler, list, cap_of(self.planned), function(item, place)
    local ok, value = xpcall(fn, self.handler, item, place)
    if not ok then raise(value) end
    return value
  end)
  local values = {}
  for place, outcome in ipairs(outcomes) do values[place] = outcome[1] end
  return values
end

-- Waiting ------------------------------------------------------------------

---Waits while the others go on; a wait that does not fit into the run's time is
---given up at once.
function methods:wait(seconds)
  if type(seconds) ~= "number" or not (seconds >= 0 and seconds <= LONGEST_WAIT_S) then
    errors.raise_usage("ask:wait: give seconds, 0 to %d, not %s", LONGEST_WAIT_S, tostring(seconds))
  end
  local scheduler = self.tools.scheduler
  local left = scheduler:time_left()
  if seconds >= left then
    raise(errors.new { kind = "deadline", hint = "give it more with --deadline",
      message = ("a wait of %g s does not fit into the %.0f s that are left"):format(seconds, left) })
  end
  scheduler:sleep(seconds)
end

-- The script's object ------------------------------------------------------

local PUBLIC <const> = { "get", "post", "request", "each", "pages", "job", "all", "wait" }

local function object_of(self)
  local object = {}
  for _, name in ipairs(PUBLIC) do
    object[name] = function(given_self, ...)
      if given_self ~= object then errors.raise_usage("ask.%s: write ask:%s(…)", name, name) end
      return methods[name](self, ...)
    end
  end
  return object
end

---@param fields { tools: usagelua.tools, planned: usagelua.query, one: usagelua.query_part,
---  emitter: usagelua.emitter, ask_page: function, handler: function }
---handler: for xpcall, notes the place of an error in the script
---@return usagelua.asker
function ask.new(fields)
  local self = setmetatable(fields, metatable)
  self.calls, self.attempt, self.jobs = 0, 0, {}
  self.object = object_of(self)
  return self
end

return ask
