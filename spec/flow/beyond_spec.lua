-- Figures that are none in another unit, of 64 bits: refused where they are read, unknown where only
-- a rule's unit is too fine; in C and over rows alike, and never a rounded double.
local cjson = require "cjson"
local json = require("usagelua.core").json
local shell = require "support.shell"
local tmp = require "support.tmp"

-- The largest count of minutes of which the seconds fit.
local MOST <const> = 153722867280912930

local VENDOR <const> = [[
local function dataset(path, more)
  local made = { request = { path = path }, rows = "data[]", fields = { user_id = "id",
    duration_s = { "minutes", unit = "min" }, queue = { "queue", kind = "max", unit = "s" },
    seats = { "queue", kind = "last", of = "user_id", unit = "s" },
    share = { "queue", kind = "distinct", unit = "s" } } }
  for key, value in pairs(more or {}) do made[key] = value end
  return made
end
return { name = "acme", version = 1, base_url = "https://acme.test",
  auth = { kind = "bearer", token_env = "ACME_TOKEN" },
  datasets = { folded = dataset "/u", tables = dataset("/u", { record = function() end }) } }]]

local SCRIPT <const> = [[
local usage = require "usagelua"
local records = usage.collect { { arg[1] } }
local function measure(name, kind) return { name, as = name .. "_" .. kind, unit = "us", kind = kind } end
return usage.report { title = "T", usage.table { records:aggregate { group_by = { "user_id" },
  measures = { measure("duration_s", "sum"), measure("queue", "max"), measure("queue", "min"),
    measure("queue", "mean"), { "queue", as = "queue_q", unit = "us", kind = "quantile", q = 0.5 },
    measure("seats", "last"), measure("share", "distinct") } } } }]]

describe("a figure that is none in another unit", function()
  local folder

  before_each(function()
    folder = tmp.folder()
    folder:write("acme.lua", VENDOR)
    folder:write("report.lua", SCRIPT)
  end)
  after_each(function() folder:remove() end)

  local function usagelua(items, ...)
    folder:write("run.har", cjson.encode { log = { _usagelua = { now = 1782900000, zone = "UTC" }, entries = { {
      request = { method = "GET", url = "https://acme.test/u" },
      response = { status = 200, headers = { { name = "Content-Type", value = "application/json" } },
        content = { text = ('{"data":[%s]}'):format(table.concat(items, ",")) } } } } } })
    local result = shell.run({ shell.usagelua(), "--replay", folder.path .. "/run.har", "-f", "json", ... },
      { cwd = folder.path, env = { USAGELUA_VENDORS = folder.path, USAGELUA_STATE = folder.path } })
    return json.decode(result.stdout), result
  end

  local function minutes(count, id)
    return ('{"id":"%s","minutes":%d,"queue":1}'):format(id or "a", count)
  end

  for _, dataset in ipairs { "acme.folded", "acme.tables" } do
    it("is refused where it is read: " .. dataset, function()
      for _, words in ipairs { {}, { "--measures", "duration_s" }, { "--group-by", "user_id", "--measures", "duration_s" } } do
        local document, result = usagelua({ minutes(1), minutes(MOST + 1, "b") }, "fetch", dataset, table.unpack(words))
        assert.equal(5, result.status)
        assert.truthy(document.coverage[1].reasons[1]:find("data[]: duration_s: expected at most " .. MOST
          .. " min (more do not fit into 64 bits in the measure's own unit), got " .. MOST + 1, 1, true),
          document.coverage[1].reasons[1])
      end
    end)

    it("is exact as long as it fits: " .. dataset, function()
      for _, words in ipairs { {}, { "--measures", "duration_s" } } do
        local _, result = usagelua({ minutes(MOST) }, "fetch", dataset, table.unpack(words))
        assert.equal(0, result.status, result.stderr)
        assert.truthy(result.stdout:find('"duration_s":9223372036854775800', 1, true), result.stdout)
      end
    end)

    it("is unknown where a rule's unit is too fine: " .. dataset, function()
      local large, small = 9223372036855, 9223372036854
      local document, result = usagelua({ ('{"id":"a","minutes":1,"queue":%d}'):format(small),
        ('{"id":"b","minutes":%d,"queue":%d}'):format(large, large) }, "report.lua", dataset)
      assert.equal(4, result.status, result.stderr)
      local fits, beyond = document.sections[1].rows[1], document.sections[1].rows[2]
      for name in pairs { queue_max = 1, queue_min = 1, queue_mean = 1, queue_q = 1, seats_last = 1, share_distinct = 1 } do
        assert.equal(small * 1000000, fits[name], name)
        assert.equal(json.null, beyond[name], name)
        assert.truthy(beyond.marks[name].reason:find("beyond 9223372036854775807", 1, true), name)
      end
      assert.equal(60000000, fits.duration_s_sum)
      assert.equal("the sum is beyond 9223372036854775807", beyond.marks.duration_s_sum.reason)
    end)
  end
end)
