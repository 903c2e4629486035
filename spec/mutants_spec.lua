-- The planted faults of mutants/, without running them (`make mutants` does): each
-- still has its place, each promise has some, and what is said of one is true.
local list = dofile "mutants/list.lua"
local shell = require "support.shell"
local tmp = require "support.tmp"

local function read(path)
  local file <close>, err = io.open(path)
  assert(file, err)
  return file:read "a"
end

-- Promise → what stands in its row of docs/promises.md.
local function rows()
  local found = {}
  for id, row in read "docs/promises.md":gmatch "\n| (%u%d?) | ([^\n]*)%f[\n]" do found[id] = row end
  return found
end

local function by_promise()
  local found = {}
  for _, fault in ipairs(list.all()) do
    found[fault.promise] = found[fault.promise] or {}
    table.insert(found[fault.promise], fault)
  end
  return found
end

local function is_named(fault, row)
  for _, spec in ipairs(fault.caught_by) do
    if row:find("`" .. spec .. "`", 1, true) then return true end
  end
  return false
end

describe("a planted fault", function()
  for promise, faults in pairs(by_promise()) do
    it("has one place in its file, and specs that are there: " .. promise, function()
      for _, fault in ipairs(faults) do
        assert.equal(1, list.count(fault, read(fault.file)), fault.says .. ": " .. fault.file)
        assert.not_equal(fault.find, fault.put, fault.says)
        assert.is_true(#fault.caught_by > 0, fault.says)
        for _, spec in ipairs(fault.caught_by) do read(spec) end
      end
    end)
  end

  it("is planted in its place and nowhere else", function()
    local fault = { find = "aa", put = "b" }
    assert.equal(2, list.count(fault, "xaaax"))
    assert.equal("xbx", list.planted(fault, "xaax"))
    assert.equal("%1 x", list.planted({ find = "a.", put = "%1" }, "a. x"))
  end)
end)

describe("every promise", function()
  local found = by_promise()
  for promise, row in pairs(rows()) do
    it("has a fault that a spec of its row has to catch: " .. promise, function()
      local is_shown = false
      for _, fault in ipairs(found[promise] or {}) do is_shown = is_shown or is_named(fault, row) end
      assert.is_true(is_shown)
    end)
  end

  it("is there for every fault", function()
    local known = rows()
    for promise in pairs(found) do assert.truthy(known[promise], promise) end
  end)
end)

-- A tree of one value, one spec that looks at it, and one that breaks with it.
local GROUPS <const> = { "input", "secrets", "bounds", "numbers", "stops", "scripts", "checks" }

local FAULTS <const> = [[
local function fault(put, spec)
  return { promise = "A1", says = "another value", file = "value.lua", find = "return 1", put = put,
    caught_by = { spec } }
end
return { fault("return 2", "spec/value_spec.lua"), fault("return 1.0", "spec/value_spec.lua"),
  fault("return (", "spec/value_spec.lua"), fault("return nil", "spec/load_spec.lua"),
  fault("os.exit(0)", "spec/value_spec.lua"), fault("return 1 -- again", "spec/busy_spec.lua") }
]]

local FILES <const> = {
  ["mutants/planted/faults.lua"] = FAULTS,
  ["value.lua"] = "return 1\n",
  ["tree/value.lua"] = "return 1\n",
  ["tree/Makefile"] = "all:\n\t@lua5.4 -e 'assert(loadfile \"value.lua\")'\n",
  ["tree/spec/value_spec.lua"] = [[
    describe("the value", function()
      it("is one", function() assert.equal(1, dofile "value.lua") end)
    end)]],
  ["tree/first"] = "",
  ["tree/spec/busy_spec.lua"] = [[
    describe("the value", function()
      it("is one (in time)", function() assert.is_nil(os.remove "first") end)
    end)]],
  ["tree/spec/load_spec.lua"] = [[
    local value = dofile "value.lua" + 1
    describe("the value", function() it("adds up", function() assert.equal(2, value) end) end)]],
}

local COPIED <const> = { ["mutants/one.lua"] = "", ["mutants/list.lua"] = "", [".busted"] = "tree/",
  ["spec/run.lua"] = "tree/", ["spec/support/plain.lua"] = "tree/" }

local function make_tree(folder)
  shell.output({ "mkdir", "-p", "mutants/planted", "build/mutants", "tree/spec/support" },
    { cwd = folder.path })
  for _, group in ipairs(GROUPS) do folder:write(("mutants/planted/%s.lua"):format(group), "return {}") end
  for name, text in pairs(FILES) do folder:write(name, text) end
  for name, under in pairs(COPIED) do folder:write(under .. name, read(name)) end
end

describe("what comes of a fault", function()
  local folder
  setup(function()
    folder = tmp.folder()
    make_tree(folder)
  end)
  teardown(function() folder:remove() end)

  local function verdict(...)
    return shell.output({ shell.lua(), "mutants/one.lua", ... },
      { cwd = folder.path, env = { TREE = "tree", PWD = folder.path } })
  end

  it("is told: caught by a case, or survived", function()
    assert.equal('  caught   A1  another value; by "the value is one"\n', verdict "1")
    assert.equal("  SURVIVED A1  another value; 1 passed, 0 failed, 0 skipped of spec/value_spec.lua\n",
      verdict "2")
  end)

  it("is no catch where it does not build, breaks a spec's loading, or ends the process", function()
    assert.matches("^  SURVIVED A1  another value; it does not build", verdict "3")
    assert.matches("^  SURVIVED A1  another value; no case failed", verdict "4")
    assert.matches("^  SURVIVED A1  another value; the specs did not come to their end", verdict "5")
  end)

  it("is no catch where what failed passes alone", function()
    assert.matches('^  SURVIVED A1  another value; "the value is one %(in time%)" failed, but not when it was run alone',
      (verdict "6"))
  end)

  it("leaves nothing in the tree", function()
    verdict "1"
    assert.equal("return 1\n", folder:read "tree/value.lua")
  end)

  it("is asked only of specs that pass without it", function()
    assert.equal("", verdict("--plain", "spec/value_spec.lua"))
    folder:write("tree/spec/value_spec.lua", "describe('none', function() end)")
    assert.matches("^  UNSOUND  without a fault: 0 passed", verdict("--plain", "spec/value_spec.lua"))
  end)
end)
