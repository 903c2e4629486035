-- GraphQL: JSON that may say in `errors` that it went wrong, with status 200 and
-- with part of the data. Part of the data is not the data.

local core = require "usagelua.core"
local words = require "usagelua.client.words"

local graphql = {
  accept = "application/json",
  help = "GraphQL: `rows` begins with `data`; anything in `errors` is an error with its message, "
    .. "path and `extensions.code`, and no data beside it counts; what a code means is said by an "
    .. "error rule with `path = \"errors[].extensions.code\"`",
  has_side = true, has_path = true,
}

local NULL <const> = core.json.null

function graphql.open(dataset, side, fields)
  local sides = { errors = "errors" }
  for key, text in pairs(side) do sides[key] = text end
  return core.json.reader { rows = dataset.rows, side = sides, fields = fields }
end

local function path_of(err)
  if type(err.path) ~= "table" then return nil end
  local names = {}
  for index, name in ipairs(err.path) do names[index] = tostring(name) end
  return #names > 0 and table.concat(names, ".") or nil
end

-- Which of them comes first is up to the server; it is as good as any.
local function described(list)
  local first = type(list) == "table" and list[1]
  if type(first) ~= "table" then return "an error without a message" end
  local message = type(first.message) == "string" and first.message or "an error without a message"
  local place = path_of(first)
  if place then message = ("%s, at %s"):format(message, place) end
  if #list > 1 then message = ("%s, and %d more"):format(message, #list - 1) end
  return message, words.first({ errors = list }, { "errors[].extensions.code" })
end

---@param side table<string, any>
---@return true? ok
---@return { message: string, code: string? }? said
function graphql.judge(_, side)
  local list = side.errors
  if list == nil or list == NULL or type(list) == "table" and next(list) == nil then return true end
  local message, code = described(list)
  return nil, { message = message, code = code }
end

return graphql
