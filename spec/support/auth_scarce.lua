-- Run by spec/auth_memory_spec.lua: what makes secrets of a token endpoint's answer and puts
-- secrets into requests, where memory is short.
local scarcity = require "spec.support.scarcity"
local core = require "usagelua.core"
local transfer = require "usagelua.transfer"

local ORIGIN <const> = "http://127.0.0.1:1"
local ANSWER <const> = '{"access_token":"a\\u0062c-0123456789","refresh_token":"r-0123456789",'
  .. '"token_type":"Bearer","expires_in":"3600","scope":["a",{"access_token":1}]}'

local engine = assert(transfer.engine())
local jobs = {}

local function read_tokens()
  local reader <close> = core.token.reader("the token", ORIGIN)
  for i = 1, #ANSWER, 50 do assert(reader:feed(ANSWER:sub(i, i + 49))) end
  return assert(reader:finish())
end

function jobs.tokens()
  local tokens = read_tokens()
  return table.concat({ tostring(tokens.access_token), tokens.refresh_token:hosts()[1],
    tokens.token_type, tokens.expires_in, core.mask.text "abc-0123456789" }, " ")
end

function jobs.token_refused()
  local reader <close> = core.token.reader("the token", ORIGIN)
  assert(reader:feed '{"error":"invalid_client"}')
  local _, err = reader:finish()
  return err.message
end

local token = read_tokens().access_token

-- What comes of a request that is opened and given up.
local function opened(request)
  local exchange <close>, err = engine:open(request)
  return exchange and "opened" or tostring(err.message)
end

local function request(auth, more)
  local all = { url = ORIGIN .. "/usage?a=%2B&key=old#here", auth = auth }
  for name, value in pairs(more or {}) do all[name] = value end
  return function() return opened(all) end
end

jobs.basic = request { kind = "basic", username = "ada", password = token }
jobs.fields = request { { kind = "header", name = "X-A", value = token },
  { kind = "header", name = "X-B", prefix = "Key ", value = token } }
jobs.query = request { { kind = "query", name = "key", value = token },
  { kind = "query", name = "other key", value = token } }
jobs.form = request({ { kind = "form", name = "client_secret", value = token },
  { kind = "form", name = "refresh_token", value = token } },
  { method = "POST", body = "grant_type=refresh_token" })
jobs.hosts = request(nil, { hosts = { "*.files.test", "127.0.0.1" }, base_url = ORIGIN })
jobs.other_host = request(nil, { hosts = { "*.files.test" }, base_url = ORIGIN })

-- It stays until the end: each run reads it anew.
local KEY_FILE <const> = os.tmpname()
local key_file <close> = assert(io.open(KEY_FILE, "w"))
key_file:write "k-0123456789\n"
key_file:flush()

function jobs.key_file()
  local key, err = core.secret.file(KEY_FILE)
  return tostring(key) .. (err and err.message or "") .. core.mask.text "k-0123456789"
end

scarcity.play(jobs)
os.remove(KEY_FILE)
