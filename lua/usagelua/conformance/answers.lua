-- The answers that a vendor script is tried on: a cassette's, or the samples of
-- its description; as they are, or with something done to them.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local har = require "usagelua.cassette.har"
local items = require "usagelua.conformance.items"
local replay = require "usagelua.cassette.replay"
local scripted = require "usagelua.transport.scripted"

local answers = {}

local LARGEST_FILE <const> = 1 << 30
-- A script that asks for more than this will not end.
local MOST_REQUESTS <const> = 1000

---@class usagelua.answers
---@field entries usagelua.answers.entry[] in the order they were asked for
---@field transport fun(entries: usagelua.answers.entry[], clock: table): table
---@field now number? epoch seconds, a cassette's
---@field zone string?
---@field period string? that samples answer
---@field params table? that samples answer
---@field is_one_part boolean samples: one window, one value of each fan-out

---@class usagelua.answers.entry
---@field method string
---@field status integer
---@field headers table<string, string>
---@field body string

-- Guarding a transport -----------------------------------------------------

local function too_many()
  return errors.new { kind = "limit", retry = false,
    message = ("it does not end: %d requests were sent"):format(MOST_REQUESTS) }
end

---A transport that counts, shows each request to `see`, and ends what does not end.
---@param transport table
---@param see fun(request: table)
---@return table
function answers.watched(transport, see)
  local watched = setmetatable({ count = 0 }, { __index = function(_, name)
    local method = transport[name]
    return function(_, ...) return method(transport, ...) end
  end })
  function watched:open(request)
    self.count = self.count + 1
    see(request)
    if self.count > MOST_REQUESTS then return nil, too_many() end
    return transport:open(request)
  end
  return watched
end

-- Answers in turn ----------------------------------------------------------

local turn = {}
local turn_metatable = { __index = turn }

local function no_sample(request, number)
  return errors.new { kind = "refused", message = ("request %d (%s %s) has no sample: there are %d")
    :format(number, request.method or "GET", request.url, number - 1) }
end

-- What is asked again gets the same answer again.
local function entry_for(self, request)
  local key = table.concat({ request.method or "GET", request.url, request.body or "" }, "\n")
  local number = self.numbers[key] or self.asked + 1
  local entry = self.pick(number)
  if not entry then return nil, no_sample(request, number) end
  self.numbers[key], self.asked = number, math.max(self.asked, number)
  return entry
end

function turn:open(request)
  local entry, err = entry_for(self, request)
  if not entry then return nil, err end
  local exchange = scripted.new(request)
  exchange:push_headers(entry.status, entry.headers)
  if entry.body ~= "" then exchange:push(entry.body) end
  exchange:push_end()
  self.ready[#self.ready + 1] = exchange
  return exchange
end

function turn:step(wait_s)
  local ready = self.ready
  self.ready = {}
  if #ready == 0 then self.clock:advance(wait_s) end
  return ready, false
end

function turn:active() return #self.ready end

function turn:close() self.ready = {} end

---A transport that answers each different request with what `pick` gives for
---its number.
---@param pick fun(number: integer): usagelua.answers.entry?
---@param clock table virtual
---@return table
function answers.in_turn(pick, clock)
  return setmetatable({ pick = pick, clock = clock, asked = 0, numbers = {}, ready = {} }, turn_metatable)
end

-- Where they come from -----------------------------------------------------

---@param path string of a cassette
---@return usagelua.answers? answers nil where there is no such file
---@return usagelua.error? err of one that cannot be read
function answers.of_cassette(path)
  if not core.file.exists(path) then return nil end
  local text, err = core.file.read(path, LARGEST_FILE)
  if not text then return nil, errors.from(err) end
  local log
  log, err = har.read(text)
  if not log then return nil, errors.wrap(err, "the cassette " .. path) end
  return { entries = log.entries, now = log.now, zone = log.zone, is_one_part = false,
    transport = function(entries, clock)
      return replay.new(entries, { clock = clock, mask = core.mask.text, name = path })
    end }
end

local function sample_entry(sample)
  local headers, text = { ["content-type"] = "application/json" }, sample
  if type(sample) == "table" then
    text = sample[1]
    for name, value in pairs(sample.headers or {}) do headers[name:lower()] = value end
  end
  return { method = "GET", status = 200, headers = headers, body = text }
end

-- Whether the last sample answers the deletion of a job: those before it answer
-- each step once, and one file at least.
local function ends_with_deletion(job, count)
  if not job or not job.delete then return false end
  local before = 1
  for _, step in ipairs { "status", "result", "files" } do
    if job[step] then before = before + 1 end
  end
  return count > before
end

---@param sample table of a dataset's description
---@param job table? the dataset's
---@return usagelua.answers
function answers.of_sample(sample, job)
  local entries = {}
  for index, text in ipairs(sample) do entries[index] = sample_entry(text) end
  if ends_with_deletion(job, #entries) then entries[#entries].method = "DELETE" end
  return { entries = entries, period = sample.period, params = sample.params, is_one_part = true,
    transport = function(list, clock)
      return answers.in_turn(function(number) return list[number] end, clock)
    end }
end

---The entries with some replaced.
---@param entries usagelua.answers.entry[]
---@param change fun(entry: usagelua.answers.entry, index: integer): table? fields that differ
---@return usagelua.answers.entry[]
function answers.changed(entries, change)
  local list = {}
  for index, entry in ipairs(entries) do
    local copy = {}
    for key, value in pairs(entry) do copy[key] = value end
    for key, value in pairs(change(entry, index) or {}) do copy[key] = value end
    list[index] = copy
  end
  return list
end

---The answers with each item changed, as a transport to be made; nil where they
---hold no item.
---@param given usagelua.answers
---@param rows string the dataset's
---@param visit fun(item: table)
---@return (fun(time: table): table)?
function answers.with_items(given, rows, visit)
  local found = false
  local entries = answers.changed(given.entries, function(entry)
    local body = items.changed(entry.body, rows, visit)
    found = found or body ~= nil
    return body and { body = body }
  end)
  return found and function(time) return given.transport(entries, time) end or nil
end

return answers
