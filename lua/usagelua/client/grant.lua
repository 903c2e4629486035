-- A token that has to be asked for (OAuth 2: RFC 6749 4.4, 6): once per run and
-- credential, shared by all calls, again when its time is over, and once more
-- where a call is answered 401. The answer is read in C, so that tokens are
-- secrets from the first byte on; nothing of it stands in a cassette.

local core = require "usagelua.core"
local errors = require "usagelua.errors"
local url = require "usagelua.client.url"

local ATTEMPTS <const> = 5
local TIMEOUT_S <const> = 60
local ANSWER_BYTES <const> = 64 << 10
-- A token is given up this long before its end, or a tenth of its life.
local LONGEST_MARGIN_S <const> = 30

-- Failures that another moment may mend; all others are final for the run.
local PASSING <const> = { network = true, timeout = true, cut = true, throttled = true, http = true,
  cancelled = true, deadline = true }

-- What the endpoint says to a credential that it does not take (RFC 6749 5.2).
local RULES <const> = {
  { status = 400, kind = "auth", message = "the token endpoint refused" },
  { status = 401, kind = "auth", message = "the token endpoint refused the credential" },
}

local NEW_TOKEN <const> = "take a new one from the vendor for each run, or a client that does without: "
  .. "kind client_credentials, or one whose refresh tokens stay good"

-- The same of who asks with a refresh token, which may be good once only.
local REFRESH_RULES <const> = {
  { status = 400, body = "invalid_grant", kind = "auth", message = "the refresh token is not good any more",
    hint = "an earlier run may have used it up: " .. NEW_TOKEN },
  table.unpack(RULES),
}

local grant = {}

---@class usagelua.granted_auth an auth of kind "client_credentials" or "refresh"
---@field kind string
---@field token_url string
---@field client_id (string|usagelua.secret)?
---@field client_secret usagelua.secret
---@field refresh_token usagelua.secret?
---@field client_in ("header"|"form")? header when absent
---@field scope string?
---@field form table<string, string>? what else the endpoint is told
---@field hosts string[] where its token may go
---@field is_replayed boolean? nobody is asked, and no token is there

---@class usagelua.token
---@field auth table as the transport takes it
---@field ends number monotonic seconds
---@field number integer the how many-th of the run
---@field is_good boolean some call was not answered 401 with it

---@class usagelua.grant
local methods = {}
local metatable = { __name = "usagelua.grant", __index = methods }

-- Asking -----------------------------------------------------------------

-- The client's two halves as places of the request, or as plain fields.
local function client_in_form(auth, fields)
  local list = { { kind = "form", name = "client_secret", value = auth.client_secret } }
  if type(auth.client_id) == "string" then
    fields[#fields + 1] = { "client_id", auth.client_id }
  else
    table.insert(list, 1, { kind = "form", name = "client_id", value = auth.client_id })
  end
  return list
end

local function client_in_header(auth)
  return { { kind = "basic", username = auth.client_id, password = auth.client_secret } }
end

local GRANT_TYPES <const> = { client_credentials = "client_credentials", refresh = "refresh_token" }

local function fields_of(auth)
  local fields = { { "grant_type", GRANT_TYPES[auth.kind] } }
  if auth.scope then fields[2] = { "scope", auth.scope } end
  local names = {}
  for name in pairs(auth.form or {}) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do fields[#fields + 1] = { name, auth.form[name] } end
  return fields
end

local function request_of(self)
  local auth = self.auth
  local fields = fields_of(auth)
  local places = (auth.client_in == "form" and client_in_form or client_in_header)(auth, fields)
  if self.refresh_token then
    places[#places + 1] = { kind = "form", name = "refresh_token", value = self.refresh_token }
  end
  return {
    method = "POST", url = auth.token_url, body = url.query(fields), auth = places,
    headers = { { "Accept", "application/json" },
      { "Content-Type", "application/x-www-form-urlencoded" } },
    what = self.name, lane = self.name, repeatable = true,
    rules = self.refresh_token and REFRESH_RULES or RULES,
    attempts = ATTEMPTS, timeout_s = TIMEOUT_S, max_body_bytes = ANSWER_BYTES, unrecorded = true,
  }
end

local function read(self, response)
  local reader <close> = core.token.reader(self.name, table.unpack(self.auth.hosts))
  local ok, err = response:feed_unseen(reader)
  if not ok then return nil, err end
  return reader:finish()
end

local function life_of(tokens)
  local seconds = tokens.expires_in
  if not seconds or seconds ~= seconds or seconds <= 0 then return math.huge end
  return seconds - math.min(LONGEST_MARGIN_S, seconds / 10)
end

local function check_type(tokens)
  local name = tokens.token_type
  if not name or name:lower() == "bearer" then return true end
  return nil, errors.new { kind = "shape",
    message = ("the token endpoint gave a token of type '%s'; Bearer is known"):format(
      name:gsub("[^%w_-]", "?"):sub(1, 40)) }
end

-- A refresh token that comes with it takes the place of the one that was used,
-- in this run: nothing is written that could be used by who reads the state.
local function replace_refresh_token(self, new)
  if self.auth.kind ~= "refresh" or not new then return end
  if not core.secret.same(new, self.refresh_token) then
    self.client.warn(("the token endpoint has replaced the refresh token of %s, and what came in its place "
      .. "is not kept: the next run may be refused; %s"):format(
      self.auth.refresh_token:name(), NEW_TOKEN))
  end
  self.refresh_token = new
end

local function keep(self, tokens, asked_at)
  self.count = self.count + 1
  replace_refresh_token(self, tokens.refresh_token)
  self.current = { auth = { kind = "bearer", token = tokens.access_token },
    ends = asked_at + life_of(tokens), number = self.count, is_good = false }
end

local function failed(self, err)
  local final = errors.new(err)
  final.retry = false
  if not PASSING[err.kind] then self.failure = final end
  return nil, final
end

-- Others wait for whoever asks, and go on when that has ended, however it did.
local function asking(self)
  self.is_asking = true
  return setmetatable({}, { __close = function()
    self.is_asking = false
    self.client.scheduler:signal(self)
  end })
end

local function ask(self)
  local _ <close> = asking(self)
  local asked_at = self.client.clock.monotonic()
  local tokens, err = self.client:call(request_of(self), function(response) return read(self, response) end)
  local ok = tokens ~= nil
  if ok then ok, err = check_type(tokens) end
  if not ok then return failed(self, err) end
  keep(self, tokens, asked_at)
  return true
end

-- The token ----------------------------------------------------------------

local function is_usable(self, token)
  return token and self.client.clock.monotonic() < token.ends
end

---The token of now; asks for it where there is none, or waits for whoever does.
---@return usagelua.token? token
---@return usagelua.error? err
function methods:token()
  while not is_usable(self, self.current) do
    if self.failure then return nil, self.failure end
    if self.is_asking then
      self.client.scheduler:await(self)
    else
      local ok, err = ask(self)
      if not ok then return nil, err end
    end
  end
  return self.current
end

---A call was not answered 401.
---@param token usagelua.token that it was sent with
function methods.accept(_, token)
  token.is_good = true
end

---A call was answered 401: whether another token may help. One that is new and
---was never taken is replaced once only in a run.
---@param token usagelua.token that it was sent with
---@return boolean
function methods:reject(token)
  if token ~= self.current then return true end
  if not token.is_good and token.number > 1 then return false end
  self.current = nil
  return true
end

-- A replay asks nobody, and repeats what was repeated: a call of which the
-- cassette holds another answer.
local function replayed(client)
  local transport = client.transport
  return {
    token = function() return { is_good = true } end,
    accept = function() end,
    reject = function(_, _, request) return transport.holds ~= nil and transport:holds(request) end,
  }
end

-- Who it is for ------------------------------------------------------------

local function name_of(value)
  return type(value) == "userdata" and value:name() or tostring(value)
end

-- What tells one credential from another.
local function key_of(auth)
  local key = { auth.kind, auth.token_url, name_of(auth.client_id), name_of(auth.client_secret),
    name_of(auth.refresh_token), auth.client_in or "", url.query(fields_of(auth)),
    table.concat(auth.hosts, " ") }
  return table.concat(key, "\n")
end

---The grant of a credential, one for a client.
---@param client usagelua.client
---@param auth usagelua.granted_auth
---@return usagelua.grant
function grant.of(client, auth)
  if auth.is_replayed then return replayed(client) end
  local key = key_of(auth)
  if not client.grants[key] then
    client.grants[key] = setmetatable({ client = client, auth = auth, count = 0,
      name = "the token of " .. name_of(auth.refresh_token or auth.client_secret),
      refresh_token = auth.refresh_token }, metatable)
  end
  return client.grants[key]
end

return grant
