local arguments = require "usagelua.cli.arguments"
local failure = require "usagelua.cli.failure"
local outcome = require "support.outcome"

local function read(declarations, ...)
  return arguments.read({ script_name = "report.lua", arguments = { ... } }, declarations)
end

local function refused(declarations, ...)
  return outcome.usage_error(read, declarations, ...)
end

local function assert_refused(expected, declarations, ...)
  local message = refused(declarations, ...)
  assert.truthy(message and message:find(expected, 1, true), message)
end

describe("usage.args", function()
  it("reads options by type, in any place, also joined by =", function()
    assert.same({ team_name = "qa", most = 5, ratio = 0.5 }, read({
      team_name = {}, most = { type = "integer" }, ratio = { type = "number" },
    }, "--most", "5", "--ratio=0.5", "--team-name", "qa"))
  end)

  it("takes values that begin with a minus sign", function()
    assert.same({ offset = "-08:00", least = -5, at = -1 }, read({
      offset = {}, least = { type = "integer" }, at = { type = "integer", positional = true },
    }, "--offset", "-08:00", "-1", "--least", "-5"))
    assert.same({ text = "--team" }, read({ text = {} }, "--text", "--team"))
  end)

  it("gives defaults, and leaves out what has none", function()
    local declared = { a = { type = "integer", default = 7 }, b = {}, c = { list = true },
      d = { list = true, default = { "1" } } }
    local values = read(declared)
    assert.same({ a = 7, c = {}, d = { "1" } }, values)
    table.insert(values.d, "2")
    assert.same({ "1" }, read(declared).d)
  end)

  it("collects lists", function()
    assert.same({ team = { "a", "b" } }, read({ team = { list = true } }, "--team", "a", "--team=b"))
  end)

  it("takes positional ones by their places, the last a list", function()
    assert.same({ from = "x", to = "y", rest = { 1, 2 } }, read({
      to = { positional = 2 }, from = { positional = 1 },
      rest = { positional = 3, list = true, type = "integer" },
    }, "x", "y", "1", "2"))
    assert.same({ file = "x" }, read({ file = { positional = true } }, "x"))
  end)

  it("takes only what one_of lists", function()
    local declared = { size = { one_of = { "small", "large" } }, n = { type = "integer", one_of = { 1, 2 } } }
    assert.same({ size = "small", n = 2 }, read(declared, "--size", "small", "--n", "2"))
    assert.are.equal("--size: unknown value 'smal'; did you mean 'small'? known: large, small",
      refused(declared, "--size", "smal"))
    assert_refused("--n: unknown value '3'", declared, "--n", "3")
  end)

  it("has switches, on and off", function()
    local declared = { dry_run = { type = "boolean" }, color = { type = "boolean", default = true } }
    assert.same({ dry_run = false, color = true }, read(declared))
    assert.same({ dry_run = true, color = false }, read(declared, "--dry-run", "--no-color"))
    assert.same({ dry_run = false, color = true }, read(declared, "--dry-run", "--no-dry-run"))
    assert_refused("--dry-run takes no value", declared, "--dry-run=yes")
  end)

  it("leaves what stands behind a switch alone", function()
    assert.same({ all = true, file = "x" },
      read({ all = { type = "boolean" }, file = { positional = true } }, "--all", "x"))
  end)

  it("holds numbers to their range", function()
    local declared = { most = { type = "integer", min = 1, max = 10 } }
    assert.same({ most = 10 }, read(declared, "--most", "10"))
    assert_refused("--most: 0 is less than 1", declared, "--most", "0")
    assert_refused("--most: 11 is more than 10", declared, "--most", "11")
  end)

  it("reads periods as --period does", function()
    local period = require "usagelua.time.period"
    local run = { script_name = "r.lua", arguments = { "--since", "2026-Q2" },
      read_period = function(_, text) return period.parse(text) end }
    local values = arguments.read(run, { since = { type = "period" },
      till = { type = "period", default = "2026-06", one_of = { "2026-06", "2026-07" } } })
    assert.same({ "2026-Q2", "2026-06" }, { values.since.label, values.till.label })
  end)

  for _, case in ipairs {
    { "--most: '0x10' is not a whole number", { most = { type = "integer" } }, "--most", "0x10" },
    { "--ratio: 'inf' is not a number", { ratio = { type = "number" } }, "--ratio", "inf" },
    { "--ratio: 'nan' is not a number", { ratio = { type = "number" } }, "--ratio", "nan" },
    { "--most: 'ten' is not a whole number", { most = { type = "integer" } }, "--most", "ten" },
    { "--most: '1.5' is not a whole number", { most = { type = "integer" } }, "--most=1.5" },
    { "--ratio: 'x' is not a number", { ratio = { type = "number" } }, "--ratio", "x" },
    { "the argument --team-id is required (the team)", { team_id = { required = true, help = "the team" } } },
    { "the argument file is required", { file = { required = true, positional = true } } },
    { "the argument files is required", { files = { required = true, positional = true, list = true } } },
    { "--team needs a value", { team = {} }, "--team" },
    { "unknown option '--taem'; did you mean '--team'?", { team = {} }, "--taem", "x" },
    { "unknown option '--perod'; did you mean '--period'?", { team = {} }, "--perod", "x" },
    { "unknown option '-x'", { team = {} }, "-x" },
    { "'b' is one argument too many", { a = { positional = true } }, "a", "b" },
  } do
    it("refuses: " .. case[1], function()
      assert_refused(table.unpack(case))
    end)
  end

  for _, case in ipairs {
    { "--period is an option of usagelua itself", { period = {} } },
    { "--group-by is an option of usagelua itself", { group_by = {} } },
    { "--q is an option of usagelua itself", { q = {} } },
    { "'Team' is not a name", { Team = {} } },
    { "'1' is not a name", { {} } },
    { "'team' must be a table", { team = "x" } },
    { "team: unknown key 'requird'; did you mean 'required'?", { team = { requird = true } } },
    { "team: unknown type 'integr'; did you mean 'integer'?", { team = { type = "integr" } } },
    { "team: one_of is a list", { team = { one_of = "a" } } },
    { "team: what is required needs no default", { team = { required = true, default = 1 } } },
    { "team: the default of a list is a list", { team = { list = true, default = "a" } } },
    { "a: the default 'x' is not of type integer", { a = { type = "integer", default = "x" } } },
    { "a: the default 'z' is none of one_of", { a = { one_of = { "x" }, default = "z" } } },
    { "a: the default 9 is out of its own range", { a = { type = "integer", max = 5, default = 9 } } },
    { "a: min is of a number", { a = { min = 5 } } },
    { "a: max is a number, not 'x'", { a = { type = "number", max = "x" } } },
    { "a: a boolean is a switch, --a; it is not list", { a = { type = "boolean", list = true } } },
    { "--no-a is the switch a off", { a = { type = "boolean" }, no_a = {} } },
    { "which of a and b comes first?", { a = { positional = true }, b = { positional = true } } },
    { "a takes all that is left, so it must be the last one",
      { a = { positional = 1, list = true }, b = { positional = 2 } } },
  } do
    it("refuses the declaration: " .. case[1], function()
      assert_refused(case[1], case[2])
    end)
  end

  it("lists them for --help, and ends the run", function()
    local run = { script_name = "report.lua", wants_help = true }
    local ok, stop = pcall(arguments.read, run, {
      help = "Tests of a team.",
      team = { help = "team id", required = true },
      most = { type = "integer", default = 10, help = "rows" },
      size = { one_of = { "a", "b" } },
      dry_run = { type = "boolean", help = "send nothing" },
      color = { type = "boolean", default = true, help = "colours" },
      ratio = { type = "number", min = 0, max = 1 },
      file = { positional = true, list = true },
    })
    assert.is_false(ok)
    assert.is_true(failure.is_stop(stop))
    for _, expected in ipairs { "report.lua", "Tests of a team.", "--team TEXT", "team id; required",
      "--most INTEGER", "rows; default 10", "one of a, b", "--dry-run", "send nothing", "--no-color",
      "from 0; to 1", "file", "several allowed" } do
      assert.truthy(stop.text:find(expected, 1, true), expected .. "\n" .. stop.text)
    end
  end)

  it("may have an argument that is called help", function()
    assert_refused("--help is an option of usagelua itself", { help = { help = "x" } })
  end)
end)
