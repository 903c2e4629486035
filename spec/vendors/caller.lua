-- Who is asking a test vendor: Basic (user name and key) or Bearer.
local caller = {}

local function basic(header)
  local text = header:match "^[Bb]asic ([A-Za-z0-9+/]+=*)$"
  local decoded = text and ngx.decode_base64(text)
  if not decoded then return nil end
  return decoded:match "^([^:]*):(.*)$"
end

--- The credential that the Authorization header proves, or nil.
function caller.identify(credentials)
  local header = ngx.var.http_authorization or ""
  local username, key = basic(header)
  local token = header:match "^[Bb]earer (%S+)$"
  for _, credential in ipairs(credentials) do
    local is_user = username and credential.username == username and credential.key == key
    if is_user or (token and credential.token == token) then return credential end
  end
end

return caller
