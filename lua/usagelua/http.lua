-- The primitives for scripts: one request or many, as they stand in the
-- script's own words. Every status is an answer; only what kept an answer from
-- coming is `nil, err`. Usable in a flow, where they wait without holding up
-- the others, and anywhere else.
--
--   local response = assert(http.get("https://api.acme.test/usage", {
--     query = { month = "2026-06" },
--     auth  = { kind = "bearer", token = usage.secret "ACME_TOKEN":bind "api.acme.test" },
--   }))
--   print(response.status, response:json().total)

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local fanout = require "usagelua.client.fanout"
local placing = require "usagelua.client.placing"
local series = require "usagelua.client.series"
local url = require "usagelua.client.url"

local http = {}

-- Loaded by whoever asks, long before an answer is looked at.
local function transfer()
  return require "usagelua.transfer"
end

local HELD_BYTES <const> = 64 * 1024 * 1024
local STREAMED_BYTES <const> = 8 * 1024 * 1024 * 1024
local IN_FLIGHT <const> = 16

local OPTIONS <const> = { "method", "url", "query", "headers", "json", "form", "body", "auth",
  "timeout_s", "to", "stream", "retries", "repeatable", "max_bytes" }
local IS_OPTION <const> = {}
for _, name in ipairs(OPTIONS) do IS_OPTION[name] = true end

-- What an option is: the type of its values, and a word for it.
local VALUES <const> = {
  method = { "string", "a text" }, body = { "string", "a text" }, query = { "table", "a table" },
  headers = { "table", "a table" }, form = { "table", "a table" },
  auth = { "table", "a table: auth = { kind = \"bearer\", token = usage.secret \"NAME\" }" },
  timeout_s = { "number", "a number of seconds" }, retries = { "integer", "a whole number" },
  max_bytes = { "integer", "a whole number of bytes" },
}

-- Options to request -------------------------------------------------------

local function check_value(name, value)
  local wanted = VALUES[name]
  if not wanted or type(value) == wanted[1] or math.type(value) == wanted[1] then return end
  errors.raise_usage("http: %s is %s, not a %s", name, wanted[2], math.type(value) or type(value))
end

local function check_table(options)
  if type(options) ~= "table" then
    errors.raise_usage("http: the options are a table: { timeout_s = 10 }, not a %s", type(options))
  end
end

local function check_options(options)
  check_table(options)
  for name, value in pairs(options) do
    if not IS_OPTION[name] then errors.raise_usage("%s", errors.unknown("option of http", name, OPTIONS)) end
    check_value(name, value)
  end
  if type(options.url) ~= "string" then errors.raise_usage("http: the url is missing") end
end

local function check_field(name, value)
  local text = type(value) == "number" and tostring(value) or value
  if type(text) ~= "string" or text:find "[\r\n\0]" or not name:find "^[%w!#$%%&'*+.^_`|~-]+$" then
    errors.raise_usage("http: the header '%s' cannot be sent", (tostring(name):gsub("%c", "?")))
  end
  return text
end

-- A list in the order of the names, so that the same script sends the same bytes.
local function header_list(headers)
  local names, list = {}, {}
  for name in pairs(headers) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do list[#list + 1] = { name, check_field(name, headers[name]) } end
  return list
end

local function has_header(list, wanted)
  for _, pair in ipairs(list) do
    if pair[1]:lower() == wanted then return true end
  end
  return false
end

-- How each way to give a body is written, and its media type.
local BODIES <const> = {
  body = function(body) return body end,
  form = function(form) return url.query(form), "application/x-www-form-urlencoded" end,
  json = function(value) return core.json.encode(value), "application/json" end,
}

local function write_body(options, headers)
  local given
  for name, write in pairs(BODIES) do
    if options[name] ~= nil then
      if given then errors.raise_usage("http: give one of json, form and body, not several") end
      local body, media_type = write(options[name])
      given = body
      if media_type and not has_header(headers, "content-type") then
        table.insert(headers, { "Content-Type", media_type })
      end
    end
  end
  return given
end

local function check_auth(auth)
  if auth.kind == nil and type(auth[1]) ~= "table" then
    errors.raise_usage("http: auth needs its kind: auth = "
      .. "{ kind = \"bearer\", token = usage.secret \"NAME\" }")
  end
  for _, each in ipairs(auth.kind and { auth } or auth) do placing.check(each) end
  return auth
end

local function check_to(to)
  if type(to) ~= "string" and type(to) ~= "function" then
    errors.raise_usage("http: to is a path or a function, not a %s", type(to))
  end
end

local function is_held(options)
  return not options.stream and options.to == nil
end

-- One lane per origin, without limits of its own: a script says how many.
local function new_lane(self, target)
  local origin, reason = url.origin(target)
  if reason then errors.raise_usage("http: the url '%s' cannot be asked: %s", url.shown(target), reason) end
  local name = "http " .. origin
  return self.client:lane(name, { in_flight = math.huge })
end

-- The lane of a URL, which is checked with it: what stands before the path once
-- for all URLs that begin with it.
local function lane_of(self, target)
  local site = core.origin.site(target)
  local lane = site and self.lanes[site]
  if lane then return lane end
  lane = new_lane(self, target)
  if site then self.lanes[site] = lane end
  return lane
end

local NO_HEADERS <const> = {}

local function plain(self, target)
  return {
    method = "GET",
    url = target,
    headers = NO_HEADERS,
    max_body_bytes = self.held_bytes,
    lane = lane_of(self, target),
    any_status = true,
  }
end

local function prepare(self, options)
  check_options(options)
  local lane = lane_of(self, options.url)
  if options.to ~= nil then check_to(options.to) end
  local headers = header_list(options.headers or {})
  local body = write_body(options, headers)
  return {
    method = options.method and options.method:upper() or body and "POST" or "GET",
    url = url.with_query(options.url, options.query),
    headers = headers,
    body = body,
    auth = options.auth and check_auth(options.auth),
    timeout_s = options.timeout_s,
    attempts = options.retries and options.retries + 1,
    repeatable = options.repeatable,
    max_body_bytes = options.max_bytes or (is_held(options) and self.held_bytes or self.streamed_bytes),
    lane = lane,
    any_status = true,
  }
end

-- Responses ----------------------------------------------------------------

---@class usagelua.http.response
---@field status integer
---@field headers table<string, string> names in lower case
---@field body string? the whole body; nil where it went elsewhere or is streamed
---@field url string after redirects
---@field bytes integer of the body, decoded
local response_methods = {}
local response_metatable = { __name = "usagelua.http.response" }

-- What is made when the script looks at it: the headers as a table, and the
-- size of a body that is held.
local MADE <const> = {}

function MADE.headers(response)
  local headers = response.fields and transfer().fields(response.fields)
  response.headers, response.fields = headers, nil
  return headers
end

function MADE.bytes(response)
  return response.body and #response.body
end

function response_metatable:__index(name)
  local make = MADE[name]
  if make then return make(self) end
  return response_methods[name]
end

local function new_response(answer, body, streamed)
  local fields, headers = answer:kept_fields()
  return setmetatable({ status = answer.status, url = answer.url, bytes = answer.bytes, body = body,
    answer = streamed, fields = fields, headers = headers }, response_metatable)
end

-- The whole body as text, wherever it still is.
local function text_of(response)
  if response.body or not response.answer then return response.body or "" end
  return response.answer:text()
end

---The body as a JSON value; null is json.null.
---@return any? value
---@return usagelua.error? err kind "json"
function response_methods:json()
  local text, err = text_of(self)
  if not text then return nil, err end
  local value, problem = core.json.decode(text)
  if problem then return nil, errors.from(problem) end
  return value
end

---The next piece of a streamed body; nil at the end.
---@return string? piece
---@return usagelua.error? err
function response_methods:read()
  if self.answer then return self.answer:read() end
  local body = self.body
  self.bytes, self.body = self.bytes, nil
  return body ~= "" and body or nil
end

---Ends a streamed answer; again does nothing.
function response_methods:close()
  if self.answer then self.answer:close() end
end

response_metatable.__close = response_methods.close

local function raise(response, err)
  error(errors.wrap(err, response.url and url.without_query(response.url) or "http"), 0)
end

local function feed_piece(response, reader)
  local piece, err = response:read()
  if err then raise(response, err) end
  local ok
  if piece then ok, err = reader:feed(piece) else ok, err = reader:finish() end
  if not ok then raise(response, err) end
  return piece == nil
end

local function check_found(response, reader, path)
  if reader:found() then return end
  raise(response, errors.new { kind = "shape", status = response.status,
    message = ("the answer has no '%s'"):format(path) })
end

---Iterates over the items at a path, as they arrive. The streamed answer is
---closed when the loop is left.
---@param path string for example "data.users[]"; "." is the whole document
---@return function iterator gives item and, below `{}`, its key; raises error objects
function response_methods:items(path)
  local reader, ended = core.json.reader { rows = path }, false
  local function next_item()
    while true do
      local item, key, inner_key = reader:next()
      if item ~= nil then return item, key, inner_key end
      if ended then return check_found(self, reader, path) end
      ended = feed_piece(self, reader)
    end
  end
  return next_item, nil, nil, self
end

-- Where bodies go ----------------------------------------------------------

local function hold(answer)
  local body, err = answer:text(answer.request.max_body_bytes)
  if not body then return nil, err end
  return new_response(answer, body)
end

-- Gives each piece to a function; what was given cannot be taken back, so an
-- answer that breaks after that is not asked for again.
local function pour(answer, take)
  local given = false
  while true do
    local piece, err = answer:read()
    if not piece then
      if not err then return true end
      local final = errors.new(err)
      if given then final.retry = false end
      return nil, final
    end
    given = true
    take(piece)
  end
end

local function write_file(path, answer)
  local file <close>, err = core.file.writer(path)
  if not file then return nil, errors.from(err) end
  while true do
    local piece, problem = answer:read()
    if problem then return nil, problem end
    if not piece then break end
    local ok
    ok, problem = file:write(piece)
    if not ok then return nil, errors.from(problem) end
  end
  local ok
  ok, err = file:commit()
  return ok, err and errors.from(err)
end

-- An error's page does not go where the result was to go.
local function send_on(to)
  return function(answer)
    if answer.status >= 300 then return hold(answer) end
    local ok, err
    if type(to) == "function" then
      ok, err = pour(answer, to)
    else
      ok, err = write_file(to, answer)
    end
    if not ok then return nil, err end
    return new_response(answer)
  end
end

local function send(self, request, options)
  if options.stream then
    local answer, err = self.client:open(request)
    if not answer then return nil, err end
    return new_response(answer, nil, answer)
  end
  return self.client:call(request, options.to == nil and hold or send_on(options.to))
end

-- The library --------------------------------------------------------------

local function copy(options)
  local own = {}
  if options ~= nil then check_table(options) end
  for name, value in pairs(options or {}) do own[name] = value end
  return own
end

-- What is wrong with any of them is said before the first is sent; a URL alone
-- becomes a request when it is its turn.
local function check_entry(self, entry)
  if type(entry) == "string" then
    lane_of(self, entry)
    return entry
  end
  if type(entry) ~= "table" then errors.raise_usage("http.all: an entry is a url or a table of options") end
  return { options = entry, request = prepare(self, entry) }
end

local function send_entry(self, entry)
  if type(entry) == "string" then return self.client:call(plain(self, entry), hold) end
  return send(self, entry.request, entry.options)
end

-- The lane of all entries, where they are urls of one site.
local function common_lane(self, list)
  local site = core.origin.common_site(list)
  return site and (self.lanes[site] or lane_of(self, list[1]))
end

local function send_series(self, list, in_flight, lane)
  local urls, responses, errs = table.move(list, 1, #list, 1, {}), {}, nil
  for place = 1, #urls do responses[place] = false end
  series.run(self.client, {
    urls = urls,
    in_flight = in_flight,
    lane = lane,
    request = function(target) return plain(self, target) end,
    consume = hold,
    responses = responses,
    metatable = response_metatable,
    failed = function(place, err)
      errs = errs or {}
      errs[place] = err
    end,
  })
  return responses, errs
end

local function send_each(self, list, in_flight)
  local entries, responses, errs = {}, {}, nil
  for place, entry in ipairs(list) do
    entries[place], responses[place] = check_entry(self, entry), false
  end
  fanout.run(self.client.scheduler, entries, in_flight, function(entry, place)
    local response, err = send_entry(self, entry)
    if response then
      responses[place] = response
      return
    end
    errs = errs or {}
    errs[place] = err
  end)
  return responses, errs
end

local function send_all(self, list, in_flight)
  local lane = common_lane(self, list)
  if lane and series.fits(self.client, lane, in_flight) then
    return send_series(self, list, in_flight, lane)
  end
  return send_each(self, list, in_flight)
end

---The primitives of one run.
---@param run { client: usagelua.client, options: { max_body: integer? }? } max_body: bytes;
---when absent 64 MiB for a body that is held and 8 GiB for one that is not
---@return { get: function, request: function, all: function }
function http.new(run)
  local max_body = run.options and run.options.max_body
  local self = {
    client = run.client,
    lanes = {},
    held_bytes = max_body or HELD_BYTES,
    streamed_bytes = max_body or STREAMED_BYTES,
  }
  local bound = {}

  ---One request. A body makes it a POST where no method is given.
  ---@param options { method: string?, url: string, query: table?, headers: table?, json: any,
  ---  form: table?, body: string?, auth: table?, timeout_s: number?, to: (string|function)?,
  ---  stream: boolean?, retries: integer?, repeatable: boolean?, max_bytes: integer? }
  ---to: a path (written whole or not at all) or a function of each piece;
  ---stream: the body is not held, read it with items or read
  ---@return usagelua.http.response? response of any status
  ---@return usagelua.error? err raises on a wrong option
  function bound.request(options)
    return send(self, prepare(self, options), options)
  end

  ---@param target string the url
  ---@param options table? as of request
  function bound.get(target, options)
    local own = copy(options)
    own.url, own.method = target, "GET"
    return bound.request(own)
  end

  ---Several at once.
  ---@param list table urls or options, and in_flight, 16 when absent
  ---@return (usagelua.http.response|false)[] responses in the order of the list
  ---@return table<integer, usagelua.error>? errs place -> why there is none; nil when all came
  function bound.all(list)
    if type(list) ~= "table" then
      errors.raise_usage("http.all takes a list of urls or of tables of options, not a %s", type(list))
    end
    return send_all(self, list, list.in_flight or IN_FLIGHT)
  end

  return bound
end

return http
