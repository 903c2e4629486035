-- URLs: what Lua takes for the host of an address is what libcurl and C take
-- for it, or one of them refuses; and a reference leads to the same place.
--
-- The first line is an address, the second a reference seen from it.

local transfer = require "usagelua.transfer"
local url = require "usagelua.client.url"

local host = ...

local function is_secure(origin)
  return origin:find "^https://" or origin:find "^http://127%." or origin:find "^http://%[::1%]"
    or origin:find "^http://localhost"
end

-- Numbers of IPv6 have several forms, of which C knows one.
local function is_number(origin) return origin:find("[", 1, true) end

-- `sent`: where a request would go, read by libcurl too.
local function check_sent(sent, read)
  assert(is_secure(sent), "http to another machine")
  assert(sent == read, "a request that goes elsewhere")
end

local function check_origin(text)
  local ours, theirs = url.origin(text), transfer.origin(text)
  local sent = host.url and host.url(text)
  if sent then check_sent(sent, theirs) end
  if theirs then assert(transfer.origin(theirs .. "/") == theirs, "an origin that leads elsewhere") end
  if ours and theirs and not is_number(ours) then
    assert(ours == theirs, ("%s in Lua, %s in C"):format(ours, theirs))
  end
end

local function check_reference(base, reference)
  local ours, theirs = url.resolve(base, reference), transfer.resolve(base, reference)
  if not (ours and theirs and transfer.origin(base)) then return end
  local our_origin, their_origin = transfer.origin(ours), transfer.origin(theirs)
  if our_origin and their_origin then
    assert(our_origin == their_origin, ("%s in Lua, %s in C"):format(ours, theirs))
  end
end

return function(bytes)
  if bytes:find("\0", 1, true) then return end
  local first, second = bytes:match "^([^\n]*)\n?(.*)$"
  check_origin(first)
  check_origin(second)
  check_reference(first, second)
end, true
