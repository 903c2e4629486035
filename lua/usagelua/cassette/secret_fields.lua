-- Fields of an answer that a vendor's description marks secret: their values
-- are told to the mask before the answer is written down, and are masked
-- wherever else they turn up from then on.

local core = require "usagelua.core"

local secret_fields = {}

local function walk(value, is_secret)
  for name, inner in pairs(value) do
    if type(inner) == "table" then
      walk(inner, is_secret)
    elseif is_secret[name] and type(inner) == "string" then
      core.mask.add(inner)
    end
  end
end

---Tells the mask the secret values of a JSON body; any other body has none.
---@param body string
---@param names string[]? of the fields, at any depth
function secret_fields.learn(body, names)
  if not names or #names == 0 then return end
  local document = core.json.decode(body)
  if type(document) ~= "table" then return end
  local is_secret = {}
  for _, name in ipairs(names) do is_secret[name] = true end
  walk(document, is_secret)
end

return secret_fields
