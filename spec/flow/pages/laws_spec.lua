-- Rows through pages of any kind and any size are all rows, once; and what would
-- count one twice or leave one out is an error, for every kind.
local pages = require "usagelua.flow.pages"
local random = require "usagelua.transport.random"
local records = require "usagelua.flow.records"

local URL <const> = "https://api.acme.test/v1/usage"

-- A vendor with so many rows that hands out at most `most` of them at once.
local function new_vendor(rows, most)
  return { rows = rows, most = most, asked = 0 }
end

local function sent(extra, name)
  for _, list in pairs(extra) do
    for _, pair in ipairs(type(list) == "table" and list or {}) do
      if pair[1] == name then return pair[2] end
    end
  end
end

-- The rows from a place (0 and up) on, and the place behind them.
local function slice(vendor, from, size)
  local keys = {}
  for place = from + 1, math.min(from + math.min(size, vendor.most), vendor.rows) do
    keys[#keys + 1] = ("row %d"):format(place)
  end
  return keys, from + #keys
end

local function answer(keys, side, headers)
  return { items = #keys, keys = keys, side = side or {}, headers = headers or {}, url = URL .. "?old=1",
    likeness = #keys > 0 and table.concat(keys, ",") or nil, is_partial = false }
end

local function has_more(vendor, place) return place < vendor.rows end

-- How a vendor of each kind answers: a description and a function.
local KINDS = {
  page = { { kind = "page", size_send = "n", total = "total" }, function(vendor, extra, size)
    local number = sent(extra, "page")
    size = math.min(size, vendor.most)
    return answer(slice(vendor, (number - 1) * size, size), { total = vendor.rows })
  end },
  ["page, flagged"] = { { kind = "page", first = 0, size_send = "n", more = "more" },
    function(vendor, extra, size)
      size = math.min(size, vendor.most)
      local keys, place = slice(vendor, sent(extra, "page") * size, size)
      return answer(keys, { more = has_more(vendor, place) })
    end },
  ["page, counted"] = { { kind = "page", size_send = "n", count = "pages" },
    function(vendor, extra, size)
      size = math.min(size, vendor.most)
      return answer(slice(vendor, (sent(extra, "page") - 1) * size, size),
        { pages = (vendor.rows + size - 1) // size })
    end },
  ["page, silent"] = { { kind = "page", size_send = "n", unique = "id" }, function(vendor, extra, size)
    size = math.min(size, vendor.most)
    return answer((slice(vendor, (sent(extra, "page") - 1) * size, size)))
  end },
  ["page, short at the end"] = { { kind = "page", size_send = "n", ends = "short" },
    function(vendor, extra, size)
      return answer((slice({ rows = vendor.rows, most = size }, (sent(extra, "page") - 1) * size, size)))
    end },
  offset = { { kind = "offset", size_send = "n", total_header = "X-Total" },
    function(vendor, extra, size)
      return answer(slice(vendor, sent(extra, "offset"), size), {}, { ["x-total"] = tostring(vendor.rows) })
    end },
  ["offset, silent"] = { { kind = "offset", send = "skip", send_in = "json", size_send = "n" },
    function(vendor, extra, size) return answer((slice(vendor, sent(extra, "skip"), size))) end },
  cursor = { { kind = "cursor", size_send = "n", next = "next" }, function(vendor, extra, size)
    local cursor = sent(extra, "cursor")
    local keys, place = slice(vendor, cursor and tonumber(cursor:match "%d+") or 0, size)
    return answer(keys, { next = has_more(vendor, place) and ("+/= %d"):format(place) or "" })
  end },
  ["cursor, in the header"] = { { kind = "cursor", send = "X-After", send_in = "headers",
    next_header = "X-Next", size_send = "n" }, function(vendor, extra, size)
    local keys, place = slice(vendor, sent(extra, "X-After") or 0, size)
    return answer(keys, {}, { ["x-next"] = has_more(vendor, place) and tostring(place) or nil })
  end },
  ["cursor, flagged"] = { { kind = "cursor", send_in = "form", size_send = "n", next = "next", more = "more" },
    function(vendor, extra, size)
      local keys, place = slice(vendor, sent(extra, "cursor") or 0, size)
      return answer(keys, { next = place, more = has_more(vendor, place) })
    end },
  next = { { kind = "next", size_send = "n", next = "next" }, function(vendor, extra, size)
    local from = extra.url and tonumber(extra.url:match "^https://api.acme.test/v1/usage%?from=(%d+)$")
    local keys, place = slice(vendor, extra.url and from or 0, size)
    return answer(keys, { next = has_more(vendor, place) and ("?from=%d"):format(place) or nil })
  end },
  link = { { kind = "link", size_send = "n" }, function(vendor, extra, size)
    local from = extra.url and tonumber(extra.url:match "^https://api.acme.test/v1/usage%?a=1,2&from=(%d+)$")
    local keys, place = slice(vendor, extra.url and from or 0, size)
    return answer(keys, {}, { link = has_more(vendor, place) and
      ('</>; rel=first, </v1/usage?a=1,2&from=%d>; title="a, \\"b\\""; rel="last next"'):format(place) or nil })
  end },
  partition = { { kind = "partition", count = "parts" }, function(vendor, extra, size)
    local number = sent(extra, "partition") or 0
    size = math.min(size, vendor.most)
    local list = {}
    for index = 1, (vendor.rows + size - 1) // size do list[index] = { rows = size } end
    return answer(slice(vendor, number * size, size), { parts = number == 0 and list or nil })
  end },
}

local function described(kind, size)
  local copy = {}
  for key, value in pairs(KINDS[kind][1]) do copy[key] = value end
  copy.size = size
  return copy
end

-- Reads all pages; gives the rows in the order in which they came.
local function read(kind, vendor, size, change)
  local got = {}
  local ok, err = pages.each(described(kind, size), function(extra)
    vendor.asked = vendor.asked + 1
    local page = KINDS[kind][2](vendor, extra, size)
    if change then page = change(page, vendor.asked) or page end
    table.move(page.keys, 1, #page.keys, #got + 1, got)
    return page
  end)
  return ok and got, err
end

local function all_rows(count)
  return (slice({ rows = count, most = count }, 0, count))
end

local NAMES = {}
for name in pairs(KINDS) do NAMES[#NAMES + 1] = name end
table.sort(NAMES)

describe("pages", function()
  for seed, kind in ipairs(NAMES) do
    it(("of kind %s bring all rows once, whatever their size"):format(kind), function()
      local draw = random.new(seed)
      for _ = 1, 200 do
        local rows, size, most = draw(0, 60), draw(1, 25), draw(1, 25)
        local got, err = read(kind, new_vendor(rows, most), size)
        assert.are.same(all_rows(rows), got, err and tostring(err))
      end
    end)

    it(("of kind %s that repeat one are an error, and end"):format(kind), function()
      local vendor, second = new_vendor(20, 5), nil
      local got, err = read(kind, vendor, 5, function(page, asked)
        second = second or asked == 2 and page
        return asked >= 2 and second or nil
      end)
      assert.is_false(got or false)
      assert.are.equal("shape", err.kind)
      assert.is_true(vendor.asked <= 5, vendor.asked)
    end)
  end

  it("ask again for nothing when the last page was full", function()
    for kind, asked in pairs { page = 4, ["page, flagged"] = 4, ["page, counted"] = 4, offset = 4,
      cursor = 4, next = 4, link = 4, partition = 4, ["page, silent"] = 5, ["offset, silent"] = 5 } do
      local vendor = new_vendor(20, 5)
      assert.are.same(all_rows(20), read(kind, vendor, 5))
      assert.are.equal(asked, vendor.asked, kind)
    end
  end)

  it("send their size with each page, and links alone", function()
    local extras = {}
    assert(pages.each(described("link", 7), function(extra)
      extras[#extras + 1] = extra
      return KINDS.link[2](new_vendor(12, 7), extra, 7)
    end))
    assert.are.same({ { query = { { "n", 7 } } },
      { url = "https://api.acme.test/v1/usage?a=1,2&from=7" } }, extras)
  end)

  it("are refused where a total lies, or says another thing later", function()
    for _, case in ipairs { { 21, "total says 21 rows, 20 came" }, { 19, "total says 19 rows, more came" } } do
      local _, err = read("page", new_vendor(20, 5), 5, function(page) page.side.total = case[1] end)
      assert.are.equal(case[2], err.message)
      assert.are.equal(pages.MOVED, err.code)
    end
    local _, err = read("page", new_vendor(20, 5), 5, function(page, asked) page.side.total = 20 + asked // 3 end)
    assert.are.equal("total was 20 and is 21 on a later page", err.message)
    _, err = read("offset", new_vendor(20, 5), 5, function(page) page.headers["x-total"] = "many" end)
    assert.are.equal("X-Total: expected an integer, got 'many'", err.message)
  end)

  for _, case in ipairs {
    { "page, flagged", function(page) page.side.more = "yes" end, "more: expected true or false, got 'yes'" },
    { "page, flagged", function(_, asked) return asked == 4 and answer({}, { more = true }) end,
      "more says that more follows, and the page is empty" },
    { "cursor, flagged", function(page) page.side.next = nil end,
      "more says that more follows, and next names no cursor" },
    { "cursor", function(page) page.side.next = { 1 } end, "next: expected a cursor, got an object or a list" },
    { "cursor, in the header", function(page) page.headers["x-next"] = "a\r\nX-Evil: 1" end,
      "X-Next: the cursor holds a control character, and is to be sent in the header" },
    { "next", function(page) page.side.next = 7 end, "next: expected a link, got 7" },
    { "page, counted", function(page) page.side.pages = "4" end,
      "pages: expected the number of pages or their list, got '4'" },
    { "partition", function(page) page.side.parts = nil end,
      "parts: expected the number of pages or their list, got nothing" },
    { "link", function(page) page.headers.link = '</x>; rel="prev", next=/y' end,
      "the header field Link cannot be read from 'next=/y' on" },
  } do
    it(("of kind %s are refused: %s"):format(case[1], case[3]), function()
      local got, err = read(case[1], new_vendor(20, 5), 5, case[2])
      assert.is_false(got or false)
      assert.are.same({ "shape", case[3] }, { err.kind, err.message })
    end)
  end

  for link, message in pairs {
    ["https://evil.test/v1/usage?from=5"] = "the next page is said to be at https://evil.test, which is "
      .. "not asked: this is asked of https://api.acme.test only",
    ["//api.acme.test:444/v1/usage"] = "https://api.acme.test:444, which is not asked",
    ["http://api.acme.test/v1/usage"] = "http://api.acme.test, which is not asked",
    ["https://a@api.acme.test/v1"] = "is not followed: it names a user",
    ["file:///etc/passwd"] = "is not followed: ",
    ["?from=5\r\nX: y"] = "is not followed: it holds characters that a URL cannot hold",
  } do
    it("follow no link to " .. link:gsub("%c", "?"), function()
      local vendor = new_vendor(20, 5)
      local got, err = read("next", vendor, 5, function(page) page.side.next = link end)
      assert.is_false(got or false)
      assert.are.equal("refused", err.kind)
      assert.truthy(err.message:find(message, 1, true), err.message)
      assert.are.equal(1, vendor.asked)
    end)
  end

  it("are read whole where only that tells one from the next", function()
    for kind, is_needed in pairs { page = true, offset = true, partition = true, cursor = false, next = false,
      link = false } do
      assert.are.equal(is_needed, pages.needs_rows { kind = kind })
      assert.is_false(pages.needs_rows { kind = kind, unique = "id" })
      local dataset = { rows = "data[]", fields = { tests = { "n" } }, pages = { kind = kind } }
      assert.are.same(not is_needed and { "n" } or nil, records.selection(dataset, { tests = true }))
    end
    assert.is_false(pages.needs_rows(nil))
  end)

  it("are alike where all of their rows is", function()
    local same = { { "a" }, { x = 1, y = { "a", false } }, "text\xff", 1, 1.5, true }
    for index, value in ipairs(same) do
      local copy = type(value) == "table" and { table.unpack(value) } or value
      for name, item in pairs(type(value) == "table" and value or {}) do copy[name] = item end
      assert.are.equal(pages.print(value), pages.print(copy))
      for other = index + 1, #same do assert.are_not.equal(pages.print(value), pages.print(same[other])) end
    end
    assert.are_not.equal(pages.print { "a", "b" }, pages.print { "ab" })
    assert.are_not.equal(pages.print { x = { y = 1 } }, pages.print { x = 1, y = 1 })
    assert.are_not.equal(pages.print "1", pages.print(1))
  end)

  it("that rows moved between are told by their keys, and may be read again", function()
    local _, err = read("page, silent", new_vendor(20, 5), 5, function(page, asked)
      if asked == 2 then page.keys[1] = "row 5" end
    end)
    assert.are.equal(pages.MOVED, err.code)
  end)
end)
