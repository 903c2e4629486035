local errors = require "usagelua.errors"
local pages = require "usagelua.flow.pages"

local NUMBERED = { kind = "page", send = "page", first = 1, size_send = "limit", size = 2,
  total = "total", unique = "id" }

-- Serves the lists one after another and notes what was asked.
local function server(lists, total)
  local asked = {}
  return asked, function(extra)
    asked[#asked + 1] = extra
    local keys = lists[#asked] or {}
    return { items = #keys, keys = keys, side = { total = total }, is_partial = false }
  end
end

describe("pages.each", function()
  it("asks once where there are no pages", function()
    local asked, ask = server({ { "a" } })
    assert.is_true(pages.each(nil, ask))
    assert.are.same({ {} }, asked)
  end)

  it("asks numbered pages until the stated total is there", function()
    local asked, ask = server({ { "a", "b" }, { "c", "d" } }, 4)
    assert.is_true(pages.each(NUMBERED, ask))
    assert.are.same({ { query = { { "page", 1 }, { "limit", 2 } } },
      { query = { { "page", 2 }, { "limit", 2 } } } }, asked)
  end)

  it("stops at a short or empty page", function()
    local asked, ask = server({ { "a", "b" }, { "c" } }, 3)
    assert.is_true(pages.each(NUMBERED, ask))
    assert.are.equal(2, #asked)
    local none, ask_none = server({ {} }, 0)
    assert.is_true(pages.each(NUMBERED, ask_none))
    assert.are.equal(1, #none)
  end)

  it("refuses rows that come twice", function()
    local _, ask = server({ { "a", "b" }, { "b", "c" } }, 4)
    local ok, err = pages.each(NUMBERED, ask)
    assert.is_nil(ok)
    assert.are.equal("shape", err.kind)
    assert.truthy(err.message:find("id 'b' came twice", 1, true))
  end)

  -- Pages without keys: told apart by what their rows hold.
  local function alike(names)
    local asked = 0
    return function()
      asked = asked + 1
      assert(asked < 100, "they are asked for without end")
      local name = names[(asked - 1) % #names + 1]
      return { items = name == "" and 0 or 2, likeness = name ~= "" and name or nil, keys = {},
        side = {}, is_partial = false }
    end, function() return asked end
  end

  it("refuses numbered pages that begin anew, however many there are", function()
    for count = 1, 5 do
      local names = {}
      for i = 1, count do names[i] = "page " .. i end
      local ask, asked = alike(names)
      local ok, err = pages.each({ kind = "page" }, ask)
      assert.is_nil(ok)
      assert.are.equal(("page %d is page 1 once more"):format(count + 1), err.message)
      assert.are.equal(count + 1, asked())
    end
    local ask = alike { "a", "b", "c", "b", "" }
    local _, err = pages.each({ kind = "offset" }, ask)
    assert.are.equal("page 4 is page 2 once more", err.message)
  end)

  it("refuses fewer rows than stated", function()
    local _, ask = server({ { "a", "b" }, { "c" } }, 4)
    local ok, err = pages.each(NUMBERED, ask)
    assert.is_nil(ok)
    assert.are.equal("total says 4 rows, 3 came", err.message)
  end)

  it("refuses a stated number that is none", function()
    for _, total in ipairs { "4", 4.0, true } do
      local _, ask = server({ { "a", "b" } }, total)
      local ok, err = pages.each(NUMBERED, ask)
      assert.is_nil(ok)
      assert.truthy(err.message:find("total: expected an integer, got", 1, true), err.message)
    end
  end)

  it("hands on what went wrong with a page", function()
    local _, ask = server({ { "a", "b" } }, 4)
    local calls = 0
    local ok, err = pages.each(NUMBERED, function(extra)
      calls = calls + 1
      if calls == 2 then return nil, errors.new { kind = "http", message = "status 500" } end
      return ask(extra)
    end)
    assert.is_nil(ok)
    assert.are.equal("http", err.kind)
  end)
end)
