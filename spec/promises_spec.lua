-- docs/promises.md is true: each promise has its row, each file that a row names
-- is there, and each spec holds the words that stand beside it.
local IDS <const> = { A = 9, B = 8, C = 6, D = 4, E = 6, F = 4, G = 3 }

local function read(path)
  local file <close>, err = io.open(path)
  assert(file, err)
  return file:read "a"
end

local function rows()
  local list = {}
  for id, promise, kept, shown in read "docs/promises.md":gmatch "\n| (%u%d?) | (.-) | (.-) | ([^\n]*) |%f[\n]" do
    list[#list + 1] = { id = id, promise = promise, kept = kept, shown = shown }
  end
  return list
end

-- The words beside each file of a cell.
local function evidence(cell)
  local list = {}
  for path, words in cell:gsub("%*%*Not yet%*%*.*", ""):gmatch "`([^`]+)`: ([^`]+)" do
    for quoted in words:gmatch '"([^"]+)"' do list[#list + 1] = { path, quoted } end
  end
  return list
end

-- What a line of a spec calls a case or a group; a target says what it asserts.
local function names(path, text)
  if path:find "^fuzz/" then return text end
  local list = {}
  for _, pattern in ipairs { "describe%(%s*(%b\"\")", "it%(%s*(%b\"\")" } do
    for name in text:gmatch(pattern) do list[#list + 1] = name end
  end
  return table.concat(list, "\n")
end

describe("docs/promises.md", function()
  it("has a row for each promise, in order", function()
    local expected, actual = {}, {}
    for _, group in ipairs { "A", "B", "C", "D", "E", "F", "G" } do
      for number = 1, IDS[group] do expected[#expected + 1] = group .. number end
    end
    expected[#expected + 1] = "H"
    for _, row in ipairs(rows()) do actual[#actual + 1] = row.id end
    assert.are.same(expected, actual)
  end)

  for _, row in ipairs(rows()) do
    it("names what is there: " .. row.id, function()
      for path in row.kept:gmatch "`([^`]+)`" do read(path) end
      local shown = evidence(row.shown)
      assert.is_true(#shown > 0)
      for _, pair in ipairs(shown) do
        local path, words = pair[1], pair[2]
        assert.truthy(names(path, read(path)):find(words, 1, true), path .. " does not say: " .. words)
      end
    end)
  end
end)
