local asked = require "support.asked"
local formats = require "usagelua.formats"

describe("formats.target", function()
  it("reads a format, a file, or both", function()
    for _, case in ipairs {
      { "text", "text" }, { "ndjson", "ndjson" }, { "a.csv", "csv", "a.csv" },
      { "x/a.JSON", "json", "x/a.JSON" },
      { "a.jsonl", "ndjson", "a.jsonl" }, { "csv=a.txt", "csv", "a.txt" }, { "text=-", "text", "-" },
      { "./a=b.csv", "csv", "./a=b.csv" }, { "json=a=b", "json", "a=b" },
    } do
      local format, path = formats.target(case[1])
      assert.equal(case[2], format.name)
      assert.equal(case[3], path)
    end
  end)

  it("refuses what names no format", function()
    for _, text in ipairs { "jsn", "a.xlsx", "pdf=a.pdf", "a", "", "dir/a", "a." } do
      assert.is_string(asked.refusal(formats.target, text))
    end
  end)
end)

describe("formats.part", function()
  it("puts the table's name before the ending", function()
    for _, case in ipairs {
      { "out-t.csv", "out.csv" }, { "a.b/out-t.csv", "a.b/out.csv" },
      { "out-t", "out" }, { "a.b/out-t", "a.b/out" },
      { "out.2026-t.csv", "out.2026.csv" }, { ".csv-t", ".csv" }, { "/dev/stdout-t", "/dev/stdout" },
    } do
      assert.equal(case[1], formats.part(case[2], "t"))
    end
  end)
end)

describe("formats.names", function()
  it("lists modules that bear their names", function()
    for _, name in ipairs(formats.names()) do
      local format = formats.named(name)
      assert.equal(name, format.name)
      assert.is_boolean(format.per_table)
      assert.is_function(format.write)
    end
  end)
end)
