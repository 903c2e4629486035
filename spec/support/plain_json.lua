-- JSON for specs where the core's own is not built: whole documents by
-- lua-cjson, items by a reader that holds everything until the end.
local cjson = require "cjson"

local json = { null = cjson.null, encode = cjson.encode }

function json.decode(text)
  local ok, value = pcall(cjson.decode, text)
  if ok then return value end
  return nil, { kind = "json", message = value }
end

local function at(document, path)
  for name in path:gsub("%[%]$", ""):gmatch "[^.]+" do
    document = type(document) == "table" and document[name] or nil
  end
  return document
end

function json.reader(options)
  local pieces, items, place = {}, nil, 0
  local reader = {}
  function reader.feed(_, piece) pieces[#pieces + 1] = piece return true end
  function reader.finish()
    local document, err = json.decode(table.concat(pieces))
    if err then return nil, err end
    items = at(document, options.rows)
    return true
  end
  function reader.next()
    if not items then return nil end
    place = place + 1
    return items[place]
  end
  function reader.found() return items ~= nil end
  return reader
end

return json
