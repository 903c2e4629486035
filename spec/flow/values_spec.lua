local core = require "usagelua.core"
local json = require "usagelua.json"
local values = require "usagelua.flow.values"

local function assert_shape(expected, value, field)
  local got, err = values.measure(value, field or {}, "data.x.totalTests")
  assert.is_nil(got)
  assert.are.equal("shape", err.kind)
  assert.are.equal("data.x.totalTests: expected " .. expected, err.message)
end

describe("values.measure", function()
  it("takes integers of zero or more", function()
    assert.are.equal(0, (values.measure(0, {}, "x")))
    assert.are.equal(math.maxinteger, (values.measure(math.maxinteger, {}, "x")))
  end)

  it("keeps missing apart from zero", function()
    local value, err = values.measure(nil, {}, "x")
    assert.is_nil(value)
    assert.is_nil(err)
  end)

  it("refuses all else, naming path and value", function()
    assert_shape("an integer of zero or more, got -1", -1)
    assert_shape("an integer of zero or more, got 1.5", 1.5)
    assert_shape("an integer of zero or more, got 1.0", 1.0)
    assert_shape("an integer of zero or more, got '12'", "12")
    assert_shape("an integer of zero or more, got null", json.null)
    assert_shape("an integer of zero or more, got true", true)
    assert_shape("an integer of zero or more, got an object or a list", {})
  end)

  it("says how a field would take it", function()
    local function hint(value, field) return select(2, values.measure(value, field or {}, "x")).hint end
    for key, case in pairs { fraction = { 0.25 }, negative = { -2 }, text = { "12" }, null = { json.null } } do
      assert.are.equal(("a field takes it with %s = true"):format(key), hint(table.unpack(case)))
    end
    assert.matches("fraction", hint("1.5", { text = true }))
    assert.matches("negative", hint("-1.5", { text = true, fraction = true }))
    for _, case in ipairs { { true }, { "many" }, { {} }, { 12, { text = true } }, { "1,234", { text = true } } } do
      assert.is_nil(hint(table.unpack(case)))
    end
  end)

  it("takes what the dataset allows", function()
    assert.are.equal(-1, (values.measure(-1, { negative = true }, "x")))
    assert.are.equal(1.5, (values.measure(1.5, { fraction = true }, "x")))
    assert.are.equal(12, (values.measure("12", { text = true }, "x")))
    assert.is_nil((values.measure(json.null, { null = true }, "x")))
    assert.are.equal(1.5, (values.measure("1.5", { text = true, fraction = true }, "x")))
    assert.are.equal(-3, (values.measure("-3", { text = true, negative = true }, "x")))
  end)

  it("takes no text for a number but plain decimals", function()
    for _, text in ipairs { "0x12", " 12", "12 ", "", "1e3", "1.5", "-1", "nan",
      "99999999999999999999" } do
      assert_shape(("an integer of zero or more, in a string, got '%s'"):format(text:match "^%s*(.-)%s*$"),
        text, { text = true })
    end
    assert_shape("an integer of zero or more, in a string, got 12", 12, { text = true })
  end)

  it("takes integers in strings exactly to the last one, or not at all", function()
    local field = { text = true, negative = true, fraction = true }
    assert.are.equal(math.maxinteger, (values.measure("9223372036854775807", field, "x")))
    assert.are.equal(math.mininteger, (values.measure("-9223372036854775808", field, "x")))
    assert.are.equal(0.1, (values.measure("0.10", field, "x")))
    for _, text in ipairs { "9223372036854775808", "-9223372036854775809", ("9"):rep(400),
      ("9"):rep(400) .. ".5" } do
      assert.is_nil((values.measure(text, field, "x")))
    end
  end)
end)

describe("values.boolean", function()
  it("is true or false, in a string where the field says so", function()
    for value, expected in pairs { [true] = true, ["true"] = true, ["FALSE"] = false } do
      assert.are.equal(expected, (values.boolean(value, { text = true }, "x")))
    end
    assert.is_false((values.boolean(false, {}, "x")))
    assert.is_nil((values.boolean(json.null, { text = true }, "x")))
    for value, field in pairs { ["true"] = {}, ["yes"] = { text = true }, [1] = { text = true }, [""] = { text = true } } do
      local got, err = values.boolean(value, field, "x")
      assert.is_nil(got)
      assert.are.equal("shape", err.kind)
    end
  end)
end)

describe("values.shown", function()
  it("shows a little of long texts, and nothing of a secret, however long", function()
    assert.are.equal("'" .. ("x"):rep(40) .. "…'", values.shown(("x"):rep(50)))
    local path = os.tmpname()
    local key = ("secret-of-these-specs-"):rep(4)
    local file <close> = assert(io.open(path, "wb"))
    file:write(key)
    file:close()
    local secret <close> = setmetatable({ assert(core.secret.file(path)) }, { __close = function(held)
      held[1]:close()
      os.remove(path)
    end })
    assert.are.equal("'***'", values.shown(key))
    assert.are.equal("***", tostring(secret[1]))
  end)
end)

describe("values.text", function()
  it("keeps identifiers, lowers what is to be lowered, and lets null be absent", function()
    assert.are.equal("12345", (values.text(12345, {}, "id")))
    assert.are.equal("a@b.c", (values.text("A@b.C", { lower = true }, "email")))
    assert.is_nil((values.text(json.null, {}, "email")))
    assert.are.equal("shape", select(2, values.text(1.5, {}, "email")).kind)
  end)
end)
