local pty = require "support.pty"
local shell = require "support.shell"

local function lines_of(words, columns)
  return pty.run({ shell.usagelua(), table.unpack(words) },
    { columns = columns, rows = 200, env = { USAGELUA_VENDORS = false } }).lines
end

local function has(line, lines)
  for _, one in ipairs(lines) do
    if one == line then return end
  end
  error(("no line %q in\n%s"):format(line, table.concat(lines, "\n")))
end

describe("lines for people", function()
  it("go on below their text where the terminal is too narrow", function()
    local lines = lines_of({ "vendors", "testmu.summary" }, 80)
    has("  window      longest 90 days; end inclusive; %Y-%m-%d %H:%M:%S; wall clock with", lines)
    has("              a fixed offset; may be cut into several", lines)
    has("    duration_s       unit s, kind sum", lines)
  end)

  it("stay whole where nobody reads them on a terminal", function()
    local text = shell.output { shell.usagelua(), "vendors", "testmu.summary" }
    assert.truthy(text:find("\n  window      longest 90 days; end inclusive; %Y-%m-%d %H:%M:%S; "
      .. "wall clock with a fixed offset; may be cut into several\n", 1, true), text)
  end)

  it("have the datasets' texts below one another, however long a name is", function()
    local text, at = shell.output { shell.usagelua(), "vendors" }, {}
    for name in text:gmatch "\n    (browserstack%.[%w_]+ +)" do at[#name] = true end
    assert.is_not_nil(next(at))
    assert.is_nil(next(at, next(at)))
  end)
end)
