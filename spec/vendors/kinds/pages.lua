-- One endpoint for each way in which answers go on:
--   /page?page=&size=           { data, meta: { page, pages, total } }
--   /offset?offset=&limit=      { data, offset, total }
--   /cursor?cursor=&limit=      { data, meta: { next, more } }: an opaque text with + / =, also
--     as X-Next-Cursor; or POST { page: { cursor, limit } }
--   /next?cursor=&size=         { data, next }: a link, absolute or relative
--   /link?page=&size=           [ … ] and a Link header
--   /partition?partition=       { data, partitions (with the first): [ { rows }, … ] }, from 0
--   /strings?Page=&PageSize=&PageToken=  numbers in strings, next_page_uri
--   /brackets?filter[timestamp][start]=&filter[timestamp][end]=&page[limit]=&
--     page[next_record_id]=     { data: [ { id, type, attributes } ], meta: { pagination } };
--     with both keys of credentials.lua
local calendar = require "vendors.calendar"
local ledger = require "vendors.kinds.ledger"
local ordered_json = require "vendors.ordered_json"
local reply = require "vendors.kinds.reply"
local store = require "vendors.store"

local cjson = require "cjson.safe"

local object, array = ordered_json.object, ordered_json.array

local pages = {}

local function whole(text, default, least, most)
  if text == nil then return default end
  local number = text:match "^%d+$" and tonumber(text)
  return number and number >= least and number <= most and number or nil
end

local function size_of(request, name)
  local size = whole(request.args[name], request.kept.size, 1, request.kept.max_size)
  return size and math.min(size, request.kept.most or size)
end

-- How many places the rows have moved back since the first page.
local function moved(kept, index)
  if index == 0 or kept.moves == 0 then return 0 end
  return store.add "kinds:moved" <= kept.moves and 1 or 0
end

-- The items of page number `index` (0 and up), and whether more follow.
local function slice(kept, index, size)
  if kept.repeat_from and index + 1 >= kept.repeat_from then index = kept.repeat_from - 2 end
  local back = moved(kept, index)
  return ledger.items(kept, index * size + 1 - back, (index + 1) * size - back),
    (index + 1) * size < kept.items
end

local function stated(kept)
  return kept.items + kept.total_off
end

local function page(request)
  local kept, first = request.kept, request.kept.page_first
  local number, size = whole(request.args.page, first, first, 1e9), size_of(request, "size")
  if not number or not size then return reply.failure(400, "page or size is out of range") end
  return reply.json(200, object { { "data", reply.rows((slice(kept, number - first, size))) },
    { "meta", object { { "page", number }, { "pages", math.ceil(stated(kept) / size) },
      { "total", stated(kept) } } } }, request.quirks)
end

local function offset(request)
  local kept = request.kept
  local start, limit = whole(request.args.offset, 0, 0, 1e9), size_of(request, "limit")
  if not start or not limit then return reply.failure(400, "offset or limit is out of range") end
  local again = kept.repeat_from and (kept.repeat_from - 2) * limit
  local from = again and math.min(start, again) or start
  local items = ledger.items(kept, from + 1, from + limit)
  return reply.json(200, object { { "data", reply.rows(items) }, { "offset", start },
    { "total", stated(kept) } }, request.quirks)
end

local function token(index)
  return ngx.encode_base64(("\251\239\190 page %d?>~"):format(index))
end

-- The page that a token stands for; nil for one that was never given.
local function index_of(text)
  if text == nil then return 0 end
  return tonumber((ngx.decode_base64(text) or ""):match "^\251\239\190 page (%d+)%?>~$")
end

-- The token of the page after this one; nil when there is none.
local function next_token(kept, index, has_more)
  if not has_more then return nil end
  local again = kept.repeat_from and index + 2 >= kept.repeat_from
  return token(again and kept.repeat_from - 2 or index + 1)
end

local function last_mark(kept, following)
  if following then return following end
  if kept.cursor_end == "absent" then return nil end
  return kept.cursor_end == "empty" and "" or cjson.null
end

-- Calls respond(items, token of the next page or nil) for the page that the parameters name.
local function by_token(request, names, respond)
  local index, size = index_of(request.args[names.token]), size_of(request, names.size)
  if not index then return reply.failure(400, "invalid cursor") end
  if not size then return reply.failure(400, "size is out of range") end
  local items, has_more = slice(request.kept, index, size)
  return respond(items, next_token(request.kept, index, has_more), size, index)
end

-- The parameters of a body stand in for those of the query.
local function from_body(request)
  local given = request.json()
  request.args = {}
  for name, value in pairs(type(given) == "table" and given.page or {}) do
    request.args[name] = tostring(value)
  end
end

local function cursor(request)
  if request.method == "POST" then from_body(request) end
  return by_token(request, { token = "cursor", size = "limit" }, function(items, following)
    return reply.json(200, object { { "data", reply.rows(items) },
      { "meta", object { { "next", last_mark(request.kept, following) },
        { "more", following ~= nil } } } }, request.quirks,
      following and { { "X-Next-Cursor", following } } or nil)
  end)
end

local function link_to(kept, path, query)
  if kept.link == "query" then return "?" .. query end
  local below = "/kinds" .. path .. "?" .. query
  if kept.link == "path" then return below end
  return (kept.link == "other" and kept.other_origin or reply.origin()) .. below
end

local function next_link(request)
  return by_token(request, { token = "cursor", size = "size" }, function(items, following, size)
    local link = following and link_to(request.kept, "/next",
      ("size=%d&cursor=%s"):format(size, ngx.escape_uri(following)))
    return reply.json(200, object { { "data", reply.rows(items) },
      { "next", last_mark(request.kept, link) } }, request.quirks)
  end)
end

-- Other relations stand around the next one, and a comma inside of quotes.
local function link_header(kept, number, size, has_more)
  local function to(relation, page_number)
    return ("<%s>; title=\"page, %d\"; rel=\"%s\""):format(link_to(kept, "/link",
      ("page=%d&size=%d"):format(page_number, size)), page_number, relation)
  end
  local list = { to("first", 1) }
  if number > 1 then list[#list + 1] = to("prev", number - 1) end
  local following = kept.repeat_from and number + 1 >= kept.repeat_from and number or number + 1
  if has_more then list[#list + 1] = to("next", following) end
  list[#list + 1] = to("last", math.ceil(kept.items / size))
  return table.concat(list, ", ")
end

local function link(request)
  local kept = request.kept
  local number, size = whole(request.args.page, 1, 1, 1e9), size_of(request, "size")
  if not number or not size then return reply.failure(400, "page or size is out of range") end
  local items, has_more = slice(kept, number - 1, size)
  return reply.json(200, reply.rows(items), request.quirks,
    { { "Link", link_header(kept, number, size, has_more) } })
end

local function partition_list(kept)
  local list = {}
  for first = 1, kept.items, kept.size do
    list[#list + 1] = object { { "rows", math.min(kept.size, kept.items - first + 1) } }
  end
  return array(list)
end

local function partition(request)
  local kept = request.kept
  local number = whole(request.args.partition, 0, 0, math.ceil(kept.items / kept.size) - 1)
  if not number then return reply.failure(404, "no such partition") end
  return reply.json(200, object { { "data", reply.rows((slice(kept, number, kept.size))) },
    { "total", stated(kept) }, { "partitions", number == 0 and partition_list(kept) or nil } },
    request.quirks)
end

local function text_row(item)
  return object { { "category", item.product }, { "email", item.email },
    { "count", tostring(item.tests) }, { "usage", ("%d.50"):format(item.minutes) } }
end

local function strings(request)
  local names = { token = "PageToken", size = "PageSize" }
  return by_token(request, names, function(items, following, size, index)
    local uri = following and ("/kinds/strings?PageSize=%d&Page=%d&PageToken=%s"):format(size,
      index + 1, ngx.escape_uri(following))
    return reply.json(200, object { { "usage_records", reply.rows(items, text_row) },
      { "next_page_uri", uri or cjson.null }, { "page", index }, { "page_size", size } },
      request.quirks)
  end)
end

local function event(item)
  return object { { "id", ("rec-%d"):format(item.id) }, { "type", "usage_timeseries" },
    { "attributes", object { { "product_family", item.product }, { "org_name", item.email },
      { "timestamp", calendar.rfc3339(item.at) }, { "measurements", array {
        object { { "usage_type", "tests" }, { "value", item.tests } },
        object { { "usage_type", "minutes" }, { "value", item.minutes } } } } } } }
end

local function place_of(items, record)
  if not record then return 1 end
  for i, item in ipairs(items) do
    if "rec-" .. item.id == record then return i end
  end
end

local function page_at(items, first, size)
  local list = {}
  for i = first, math.min(first + size - 1, #items) do list[#list + 1] = items[i] end
  local following = items[first + size]
  return list, following and "rec-" .. following.id
end

local function brackets(request)
  local from = calendar.parse_rfc3339(request.args["filter[timestamp][start]"] or "")
  local to = calendar.parse_rfc3339(request.args["filter[timestamp][end]"] or "")
  local size = size_of(request, "page[limit]")
  if not from or not to or not size then return reply.failure(400, "filter is missing or wrong") end
  local all = ledger.between(request.kept, from, to)
  local first = place_of(all, request.args["page[next_record_id]"])
  if not first then return reply.failure(400, "invalid next_record_id") end
  local items, following = page_at(all, first, size)
  return reply.json(200, object { { "data", reply.rows(items, event) }, { "meta", object {
    { "pagination", object { { "next_record_id", last_mark(request.kept, following) } } } } } },
    request.quirks)
end

pages.routes = { page = page, offset = offset, cursor = cursor, next = next_link, link = link,
  partition = partition, strings = strings, brackets = brackets }

return pages
