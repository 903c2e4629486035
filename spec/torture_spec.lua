-- Whole runs in which a call fails: what was found so, and a sample of all that can be. All of it:
-- `make torture`.
local cases = require "torture.cases"
local core = require "usagelua.core"
local failures = require "torture.failures"
local flows = require "torture.flows"
local laws = require "torture.laws"
local order = require "usagelua.order"
local shell = require "support.shell"
local worlds = require "torture.world"

-- A commit is judged alike each time; what a seed leaves out, `make torture` plays.
local SEED <const> = tonumber(os.getenv "SEED") or 1
local SAMPLE_S <const>, AT_LEAST <const> = 25, 10
local OF_EACH <const> = 4
local EVERY <const> = { lua = 97 }

local world
local begun = {}

setup(function() world = worlds.start(shell.usagelua()) end)
teardown(function() world:stop() end)

local function begin(name)
  begun[name] = begun[name] or cases.begin(world, name, flows[name])
  return begun[name]
end

local function assert_holds(name, plan)
  local law, what, result = cases.play(begin(name), plan)
  assert.is_nil(law, ("%s %s: %s: %s\n%s"):format(name, plan, law, what, result.stderr))
  return result
end

-- flow, plan, status, and what is said.
local FOUND <const> = {
  ["a lock that is asked for without end"] = { "delete", "files/fstat:1:on:5", 1, "Input/output error" },
  ["a transfer whose owner libcurl does not tell"] = { "fetch", "curl/curl_easy_getinfo:1:once:27", 0, "" },
  ["a vendor script that is there and cannot be read"] = { "jobs", "files/open:1:once:13", 2, "Permission denied" },
  ["a ledger that cannot be read"] = { "orphans", "files/scandir:1:once:5", 0, "may still be there" },
  ["no random name"] = { "jobs", "files/fopen:3:once:24", 1, "cannot read /dev/urandom" },
  ["a module that cannot be read"] = { "start", "files/read:1:on:5", 1, "Input/output error" },
  ["libcurl that does not go on"] = { "report", "curl/curl_multi_socket_action:3:once:4", 1, "libcurl does not go on" },
  ["no memory for the descriptors that are waited for"] = { "fetch", "memory:28:on:12", 1, "not enough memory" },
  ["half a column of figures that finds no memory"] = { "report", "memory:591:once:12", 1, "not enough memory" },
  ["an answer to a creation that is lost"] = { "jobs", "curl/curl_easy_getinfo:2:once:48", 0, "perhaps one job more" },
  ["authorities of the system that cannot be read"] = { "keys", "files/fread:2:once:5", 1,
    "the system's certificate authorities cannot be read from" },
  ["a zone whose file cannot be read"] = { "fetch", "files/fread:1:on:5", 1, "cannot read zone Europe/Berlin" },
  ["no memory for the name of a file"] = { "report", "memory:20:on:12", 1, "not enough memory" },
}

describe("torture has found and holds", function()
  for _, what in ipairs(order.keys(FOUND)) do
    it(what, function()
      local name, plan, status, text = table.unpack(FOUND[what])
      local result = assert_holds(name, plan)
      assert.are.equal(status, result.status, result.stderr)
      assert.truthy((result.stderr .. result.stdout):find(text, 1, true), result.stderr)
      assert.truthy(result.report:find("failed ", 1, true))
    end)
  end
end)

-- What fails for good is retried until the deadline: `make torture` has the time.
local function is_quick(plan)
  return not plan:find ":on:" or plan:find "^lua" or plan:find "^memory"
end

local function pick(random, list, count)
  local picked = {}
  for _ = 1, math.min(count, #list) do picked[#picked + 1] = table.remove(list, random(#list)) end
  return picked
end

-- So many cases of each family in each flow, in a random order.
local function sample(random)
  local all = {}
  for _, name in ipairs(order.keys(flows)) do
    for _, family in ipairs(failures.FAMILIES) do
      local quick, every = {}, EVERY[family] or 1
      for _, plan in ipairs(cases.plans(begin(name), family, every, random(every))) do
        if is_quick(plan) then quick[#quick + 1] = plan end
      end
      for _, plan in ipairs(pick(random, quick, OF_EACH)) do all[#all + 1] = { name, plan } end
    end
  end
  return pick(random, all, #all)
end

local function random_numbers(seed)
  local state = seed % 2147483646 + 1
  return function(most)
    state = state * 48271 % 2147483647
    return state % most + 1
  end
end

describe("a run in which a call fails", function()
  it("ends, exact or marked, with its jobs known, all given back (seed " .. SEED .. ")", function()
    local list = sample(random_numbers(SEED))
    local ends, played = core.clock.monotonic() + SAMPLE_S, 0
    for _, one in ipairs(list) do
      assert_holds(one[1], one[2])
      played = played + 1
      if played >= AT_LEAST and core.clock.monotonic() > ends then break end
    end
    assert.is_true(played >= AT_LEAST, "too few: " .. played)
  end)
end)

describe("the laws are seen to be broken by", function()
  local function doctored(change)
    local first = begin "report"
    local copy = { files = {} }
    for name, value in pairs(first.expected) do if name ~= "files" then copy[name] = value end end
    for name, text in pairs(first.expected.files) do copy.files[name] = text end
    change(copy)
    return laws.broken { flow = first.flow, plan = "files/write:1:once:28", family = "files", result = copy,
      expected = first.expected, world = world }
  end

  local ROWS <const> = {
    ends = function(result) result.status, result.signal = nil, 11 end,
    has_the_right_status = function(result) result.status = 3 end,
    says_why = function(result) result.status, result.stderr = 1, "" end,
    leaves_no_other_file = function(result) result.files[".usagelua-1.tmp"] = "x" end,
    is_good_only_with_all_outputs = function(result) result.files["r.json"] = worlds.OLD end,
    writes_whole_files = function(result)
      result.status, result.stderr = 1, "usagelua: no\n"
      result.files["r.html"] = result.files["r.html"]:sub(1, 100)
    end,
    has_exact_or_marked_figures = function(result)
      result.status = 4
      result.files["r.json"] = result.files["r.json"]:gsub('"tests":181', '"tests":180')
    end,
    says_that_it_is_partial = function(result) result.status = 4 end,
    gives_all_back = function(result) result.report = "x\nheld malloc 0x1 f\nend\n" end,
  }

  for _, law in ipairs(order.keys(ROWS)) do
    it("what " .. law .. " forbids", function()
      assert.are.equal(law, (doctored(ROWS[law])))
    end)
  end

  it("nothing where nothing fails", function()
    assert.is_nil(doctored(function() end))
  end)
end)
