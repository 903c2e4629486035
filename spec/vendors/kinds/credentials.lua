-- Ways to say who asks:
--   /token      POST, a form: grant_type=client_credentials, or refresh_token; client id and
--               secret as Basic or in the form (setting oauth.client_in)
--   /protected  all items, for a token of /token
--   /keys       all items, for the headers X-Api-Key and X-App-Key
--   /querykey   { data, self }: all items, for one ?api_key=; `self` is a link that bears the key
-- Every other endpoint takes the first credential's token as Bearer, or what it says itself.
local caller = require "vendors.caller"
local ledger = require "vendors.kinds.ledger"
local ordered_json = require "vendors.ordered_json"
local pace = require "vendors.pace"
local reply = require "vendors.kinds.reply"
local store = require "vendors.store"

local object = ordered_json.object

local credentials = {}

local function all_items(request)
  return reply.json(200, object { { "data",
    reply.rows(ledger.items(request.kept, 1, request.kept.items)) } }, request.quirks)
end

local function oauth_error(status, code)
  store.add "kinds:oauth:refused"
  return reply.json(status, object { { "error", code } }, nil,
    { { "WWW-Authenticate", ('Bearer error="%s"'):format(code) } })
end

local function has_client(request, form)
  local oauth = request.kept.oauth
  if oauth.client_in == "body" then
    return form.client_id == oauth.client_id and form.client_secret == oauth.client_secret
      and not ngx.var.http_authorization
  end
  return form.client_secret == nil and caller.identify { { username = oauth.client_id,
    key = oauth.client_secret } } ~= nil
end

local function new_token(kind)
  return ("%s-%s"):format(kind, ngx.md5(kind .. store.add "kinds:oauth:made"))
end

-- Answers of a token endpoint that are none (setting oauth.answer).
local ODD = {
  html = function() return { status = 200, body = "<html>Sign in</html>" } end,
  error = function() return reply.json(200, object { { "error", "invalid_client" } }) end,
  empty = function() return reply.json(200, object {}) end,
  mac = function()
    return reply.json(200, object { { "access_token", "mac-0123456789" }, { "token_type", "mac" } })
  end,
  huge = function()
    return reply.json(200, object { { "pad", ("x"):rep(70000) }, { "access_token", "0123456789" } })
  end,
  reflect = function(oauth, form)
    return reply.json(400, object { { "error", "invalid_client" }, { "secret", oauth.client_secret },
      { "refresh", form.refresh_token } })
  end,
}

local function granted(request, form)
  local oauth, token = request.kept.oauth, new_token "access"
  if oauth.answer then return ODD[oauth.answer](oauth, form) end
  store.set("kinds:token:" .. token, { uses = 0, at = pace.now() })
  local refresh = oauth.refresh == "same" and form.refresh_token
    or oauth.refresh and new_token "refresh" or nil
  if refresh then store.set("kinds:refresh:" .. refresh, true) end
  return reply.json(200, object { { "access_token", token }, { "token_type", "Bearer" },
    { "expires_in", oauth.expires_s }, { "refresh_token", refresh } }, request.quirks)
end

local GRANTS = {}

function GRANTS.client_credentials(request, form)
  store.add "kinds:oauth:asked"
  return granted(request, form)
end

-- A refresh token is good once.
function GRANTS.refresh_token(request, form)
  local key = "kinds:refresh:" .. tostring(form.refresh_token)
  if not store.get(key) then return oauth_error(400, "invalid_grant") end
  store.set(key, nil)
  store.add "kinds:oauth:refreshed"
  return granted(request, form)
end

local function token(request)
  if request.method ~= "POST" then return reply.failure(405, "POST is needed") end
  local form = request.form()
  if not form then return oauth_error(400, "invalid_request") end
  if not has_client(request, form) then return oauth_error(401, "invalid_client") end
  local grant = GRANTS[form.grant_type]
  if not grant then return oauth_error(400, "unsupported_grant_type") end
  return grant(request, form)
end

local function is_good(kept, kept_token)
  if not kept_token then return false end
  local oauth = kept.oauth
  if oauth.uses and kept_token.uses >= oauth.uses then return false end
  return pace.since(kept_token.at, kept.second_ms) < oauth.expires_s
end

local function protected(request)
  local key = "kinds:token:" .. ((ngx.var.http_authorization or ""):match "^Bearer (%S+)$" or "")
  local kept_token = store.get(key)
  if not is_good(request.kept, kept_token) then return oauth_error(401, "invalid_token") end
  kept_token.uses = kept_token.uses + 1
  store.set(key, kept_token)
  return all_items(request)
end

--- Whether both key headers are right.
function credentials.has_keys(kept)
  return ngx.var.http_x_api_key == kept.keys.api and ngx.var.http_x_app_key == kept.keys.app
end

local function forbidden()
  return reply.json(403, object { { "errors", ordered_json.array { "Forbidden" } } })
end

local function keys(request)
  return credentials.has_keys(request.kept) and all_items(request) or forbidden()
end

local function querykey(request)
  local key, given = request.kept.keys.api, 0
  for _, pair in ipairs(request.list) do
    if pair[1] == "api_key" then given = given + 1 end
  end
  if given ~= 1 or request.args.api_key ~= key then return forbidden() end
  return reply.json(200, object {
    { "data", reply.rows(ledger.items(request.kept, 1, request.kept.items)) },
    { "self", ("%s/kinds/querykey?api_key=%s&again=1"):format(reply.origin(), ngx.escape_uri(key)) },
  }, request.quirks)
end

local function has_bearer(kept)
  return caller.identify(kept.credentials) ~= nil
end

local OWN = { token = true, protected = true, keys = true, querykey = true, files = true }

--- The refusal of who may not ask this endpoint, or nil.
function credentials.refuse(kept, name)
  if OWN[name] then return nil end
  if name == "brackets" then return not credentials.has_keys(kept) and forbidden() or nil end
  if not has_bearer(kept) then return reply.failure(401, "unauthorized") end
end

credentials.routes = { token = token, protected = protected, keys = keys, querykey = querykey }

return credentials
