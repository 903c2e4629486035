-- A request as a curl line that a person can copy: credentials stand there as
-- the variables they came from, everything else is masked and quoted; the
-- signature of a presigned link is starred.

local trace = {}

local function quote(text)
  if text ~= "" and not text:find "[^%w%-._~/:@%%+=,]" then return text end
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Text inside double quotes, where the shell puts variables in.
local function literal(text)
  return (text:gsub('[\\"`$]', "\\%0"))
end

-- The variable's name where the secret tells it; never its value.
local function placeholder(secret)
  if type(secret) == "string" then return literal(secret) end
  local told, name = pcall(function() return secret:name() end)
  if told and type(name) == "string" and name:find "^[%u_][%u%d_]*$" then return "$" .. name end
  return "***"
end

local CREDENTIAL <const> = {
  basic = function(auth)
    return ('-u "%s:%s"'):format(placeholder(auth.username), placeholder(auth.password))
  end,
  bearer = function(auth)
    return ('-H "Authorization: Bearer %s"'):format(placeholder(auth.token))
  end,
  header = function(auth)
    return ('-H "%s: %s%s"'):format(literal(auth.name), literal(auth.prefix or ""),
      placeholder(auth.value))
  end,
  query = function(auth)
    return ('--url-query "%s=%s"'):format(literal(auth.name), placeholder(auth.value))
  end,
  form = function(auth)
    return ('--data-urlencode "%s=%s"'):format(literal(auth.name), placeholder(auth.value))
  end,
}

local function add_credentials(words, auth)
  if not auth then return end
  for _, each in ipairs(auth.kind and { auth } or auth) do
    local write = CREDENTIAL[each.kind]
    words[#words + 1] = write and write(each)
  end
end

-- With -X HEAD curl would wait for a body.
local function add_method(words, method)
  if method == "HEAD" then
    words[#words + 1] = "--head"
  elseif method ~= "GET" then
    words[#words + 1] = "-X " .. quote(method)
  end
end

-- curl leaves a header out that ends in a colon, and sends it empty with `;`.
local function header_text(name, value)
  return value == "" and name .. ";" or name .. ": " .. value
end

---@param request table as the transport takes it
---@param mask fun(text: string): string
---@return string line
function trace.curl(request, mask)
  local words = { "curl" }
  add_method(words, request.method or "GET")
  add_credentials(words, request.auth)
  for _, header in ipairs(request.headers or {}) do
    words[#words + 1] = "-H " .. quote(mask(header_text(header[1], header[2])))
  end
  if request.gzip ~= false then words[#words + 1] = "--compressed" end
  if request.body then words[#words + 1] = "--data-raw " .. quote(mask(request.body)) end
  local url = require("usagelua.client.signed").hidden(mask(request.url))
  if url:find "[%[%]{}]" then words[#words + 1] = "--globoff" end -- curl would count with them
  words[#words + 1] = quote(url)
  return table.concat(words, " ")
end

return trace
