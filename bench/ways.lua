-- What a row, and a group, costs by the way it takes, in instructions: an answer of
-- so many rows is read and added up by a rule, under callgrind, and one of twice as
-- many. What making the text costs is taken away. In the root of a checkout:
--
--     lua5.4 bench/ways.lua KIND          instructions a row
--     lua5.4 bench/ways.lua KIND 2000     one run of so many rows, and which way they went
package.path = "lua/?.lua;lua/?/init.lua;spec/?.lua;" .. package.path
package.cpath = "build/lib/?.so;" .. package.cpath

local N <const> = 5000

local SENT <const> = { product = "automation", granularity = "10m", timezone = "+00:00",
  from_utc = "2026-06-01T00:00:00Z", to_utc = "2036-06-01T00:00:00Z", from = "2026-06-01T00:00:00Z",
  to = "2036-06-01T00:00:00Z" }

-- Ten minutes after ten minutes.
local function moment(i)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", 1780272000 + i * 600)
end

local function teams(i)
  return ('{"email":"u%d@ex.com","team":"t%d","n":%d,"alloc":%d}'):format(i, i % 50, i % 900, i % 50)
end

local FIELDS <const> = { user_id = "email", team = "team", tests = "n",
  parallels_allocated = { "alloc", of = "team" } }

local KINDS <const> = {
  -- A group for each row, with a gauge of one team each.
  gauges = { line = teams, fields = FIELDS,
    rule = { group_by = { "user_id", "team" }, measures = { { "parallels_allocated", over = "team" } } } },
  -- The same with a plain figure.
  sums = { line = teams, fields = FIELDS,
    rule = { group_by = { "user_id", "team" }, measures = { "tests" } } },
  -- Few groups.
  rows = { line = teams, fields = FIELDS, rule = { group_by = { "team" }, measures = { "tests" } } },
  mark = { line = teams, fields = FIELDS, rule = { group_by = { "team" }, measures = { "tests" } },
    ends = { mark = { ["end"] = true } } },
  lists = { line = function(i)
    return ('{"email":"u%d@ex.com","uses":[%s]}'):format(i, i % 2 == 0 and '{"n":5}' or "")
  end, each = "uses[]", each_optional = true, fields = { user_id = "^.email", tests = "n" },
    rule = { measures = { "tests", { kind = "count", as = "rows" } } } },
  concurrency = { line = function(i)
    return ('{"timestamp":"%s","max_concurrency":%d,"max_queued":0,"max_allowed_concurrency":50,'
      .. '"max_queued_limit":150}'):format(moment(i), i % 40)
  end, rule = { group_by = { "product" }, measures = { "sessions_peak", "queued_peak" } } },
}

local function described(kind)
  local usage = { request = { path = "/u" }, format = "lines", fields = kind.fields, each = kind.each,
    each_optional = kind.each_optional, ends = kind.ends }
  return require("usagelua.vendor.description").check({ name = "acme", version = 1,
    base_url = "https://acme.test", auth = { kind = "bearer", token_env = "ACME_TOKEN" },
    datasets = { usage = usage } }, "acme.lua").datasets.usage
end

local function shipped()
  local kit = require "usagelua.vendor.kit"
  return require("usagelua.vendor.loader").new({ kit = kit }):load("testmu").datasets.concurrency
end

local function text_of(kind, count)
  local lines = {}
  for i = 1, count do lines[i] = kind.line(i) end
  if kind.ends then lines[#lines + 1] = '{"end":true}' end
  if kind.fields then return table.concat(lines, "\n") .. "\n" end
  return '{"status":"success","data":[' .. table.concat(lines, ",") .. "]}"
end

local function response_of(text)
  local function facts() return { framing = "length" } end
  return { headers = {}, facts = facts, feed = function(_, reader, each)
    for i = 1, #text, 16384 do
      assert(reader:feed(text:sub(i, i + 16383)))
      local err = each()
      if err then return nil, err end
    end
    return true
  end }
end

local function one_run(name, count, is_text_alone)
  local kind = assert(KINDS[name], "there is no such kind")
  local text = text_of(kind, count)
  if is_text_alone then return end
  local aggregate, folding = require "usagelua.aggregate", require "usagelua.aggregate.folding"
  local records = require "usagelua.flow.records"
  local dataset = kind.fields and described(kind) or shipped()
  local const = { vendor = "acme", dataset = "acme.usage", product = "automation" }
  local columns, declared = records.schema(dataset)
  local plan = require("usagelua.rule").check(kind.rule, { datasets = { { name = "acme.usage",
    columns = columns, measures = declared, open = true, periods = {},
    const = { vendor = "acme", dataset = "acme.usage" } } } })
  local accumulator = aggregate.new(plan)
  local got = assert(require("usagelua.flow.answer").read(response_of(text),
    { dataset = dataset, vendor = {}, measures = declared, params = SENT }, SENT, plan.fields,
    folding.new { plan }, const))
  got.batch.const = const
  accumulator:add(got.batch)
  local result = accumulator:finish()
  print(name, #got.batch.rows, got.batch.folded and got.batch.folded.rows or 0, #result.rows,
    ("%.1f MB"):format(collectgarbage "count" / 1024))
end

local function instructions(name, count, what)
  local pipe <close> = assert(io.popen(("valgrind --tool=callgrind --callgrind-out-file=/dev/null "
    .. "lua5.4 '%s' %s %d %s 2>&1"):format(arg[0], name, count, what)))
  return assert(tonumber(pipe:read("a"):match "Collected : (%d+)"))
end

local function growth(name, what)
  return instructions(name, 2 * N, what) - instructions(name, N, what)
end

local name, count, what = ...
if count then return one_run(name, math.tointeger(count), what == "text") end
print(("%s\t%d instructions a row"):format(name, (growth(name, "") - growth(name, "text")) // N))
