local json = require "usagelua.json"
local template = require "usagelua.flow.template"
local url = require "usagelua.client.url"

describe("template.fill", function()
  it("fills names, and gives nothing where one is unset", function()
    assert.are.equal("a-1-b", template.fill("a-{n}-b", { n = 1 }))
    assert.is_nil(template.fill("a-{n}", {}))
    assert.are.equal("plain", template.fill("plain", {}))
  end)

  it("takes values as they are", function()
    assert.are.equal("%1{n}", template.fill("{n}", { n = "%1{n}" }))
  end)
end)

describe("template.entries", function()
  local function query(entries, values)
    return url.decode(url.query(template.entries(entries, values)))
  end

  it("gives entries sorted, without unset and never empty ones", function()
    assert.are.same({ { "a", 1 }, { "b", "1-" }, { "d", true } },
      template.entries({ d = true, c = "{missing}", a = "{x}", b = "{x}-" }, { x = 1 }))
  end)

  it("sends lists as the template says", function()
    local ids = { ids = { 3, "x y", 1 } }
    assert.are.equal("i=3,x y,1", query({ i = "{ids}" }, ids))
    assert.are.equal("i=3&i=x y&i=1", query({ i = { "{ids}" } }, ids))
    assert.are.equal("i[]=3&i[]=x y&i[]=1", query({ ["i[]"] = { "{ids}" } }, ids))
    assert.are.equal("i=0&i=3&i=x y&i=1&i=9", query({ i = { 0, "{ids}", "{missing}", "9" } }, ids))
    assert.are.equal("", query({ i = { "{ids}" }, k = "{ids}" }, {}))
  end)

  it("puts names within names in brackets", function()
    local entries = { f = { t = { start = "{from}", ["end"] = "{to}" }, ["ids[]"] = { "{ids}" },
      none = { x = "{missing}" } } }
    assert.are.equal("f[ids][]=1&f[ids][]=2&f[t][end]=B&f[t][start]=A",
      query(entries, { from = "A", to = "B", ids = { 1, 2 } }))
  end)

  it("refuses a comma in a value of a list with commas, and only there", function()
    local ids = { ids = { "a,b", "c" } }
    assert.are.equal("i=a,b&i=c", query({ i = { "{ids}" } }, ids))
    local ok, err = pcall(template.entries, { i = "{ids}" }, ids)
    assert.is_false(ok)
    assert.are.equal("usage", err.kind)
    assert.truthy(err.message:find("'a,b' holds a comma", 1, true))
  end)

  it("writes numbers with all their digits", function()
    assert.are.equal("a=9007199254740993&b=1.5&c=n-0.1",
      query({ a = "{a}", b = "{b}", c = "n-{c}" }, { a = 9007199254740993, b = 1.5, c = 0.1 }))
  end)
end)

describe("template.tree", function()
  local function encoded(tree, values)
    return json.encode(template.tree(tree, values))
  end

  it("fills texts at any depth and leaves out what is unset, with what it leaves empty", function()
    local tree = { range = { from = "{from}", to = "{to}" }, filter = { team = "{team}" }, n = 5,
      ids = { "{a}", "{team}", "{b}" }, deep = { { x = "{team}" } } }
    assert.are.equal('{"ids":["1",2],"n":5,"range":{"from":"A","to":"B"}}',
      encoded(tree, { from = "A", to = "B", a = "1", b = 2 }))
  end)

  it("keeps the type of what stands alone, and no other", function()
    assert.are.equal('{"b":false,"f":1.5,"n":7,"t":"7","x":"n7"}', encoded(
      { n = "{n}", f = "{f}", b = "{b}", t = "{t}", x = "n{n}" }, { n = 7, f = 1.5, b = false, t = "7" }))
  end)

  it("makes an array of a list, or a text with commas", function()
    local values = { ids = { 1, "b" } }
    assert.are.equal('{"a":[1,"b"],"t":"1,b"}', encoded({ a = { "{ids}" }, t = "{ids}" }, values))
    assert.are.equal('{}', encoded({ a = { "{ids}" }, t = "{ids}" }, {}))
    assert.are.equal('[{"x":1},1,"b"]', encoded({ { x = 1 }, "{ids}" }, values))
  end)

  it("keeps what the description itself has empty", function()
    assert.are.equal('{"filter":{}}', encoded({ filter = {} }, {}))
  end)

  it("does not change the description", function()
    local tree = { a = { "{x}" } }
    template.tree(tree, { x = "1" })
    assert.are.same({ a = { "{x}" } }, tree)
  end)
end)

describe("template.names", function()
  it("tells the names that it needs", function()
    assert.are.same({ x = true, y = true }, template.names { "{x}", { z = "a{y}b" } })
  end)
end)
