-- docs/flows.md: every block is run, over the simulator, against a vendor that answers what the
-- blocks ask; the line behind `-->` says what comes out.
local acme = require "support.acme"
local collect = require "usagelua.collect"
local json = require "usagelua.json"
local kit = require "usagelua.vendor.kit"
local loader = require "usagelua.vendor.loader"
local simulated_run = require "support.simulated_run"
local tmp = require "support.tmp"
local url = require "usagelua.client.url"

local SHELL = [[
return { name = "acme", version = 1, base_url = "https://api.acme.test/v1",
  auth = { kind = "bearer", token_env = "ACME_TOKEN" },
  datasets = { usage = { window = { max_days = 31, ends = "inclusive", format = "%%Y-%%m-%%d" },
    fields = { user_id = "email", tests = "tests", team = { "team" } },
%s
  } } }
]]

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

local function blocks()
  local list = {}
  for block in read("docs/flows.md"):gmatch "```lua\n(.-)\n```" do list[#list + 1] = block end
  return list
end

local USERS = { { id = "u/1", email = "Ann@Acme.test" }, { id = "u2", email = "bo@acme.test" },
  { id = "u3", email = "cy@acme.test" } }

local function users_page(args)
  local place = tonumber(args.cursor or "1")
  return { data = { USERS[place] }, meta = { next = USERS[place + 1] and tostring(place + 1) or json.null } }
end

local state
local ROUTES = {
  { "^/users$", users_page },
  { "^/users/(.+)/usage$", function(args)
    assert(args.from == "2026-06-01" and args.to == "2026-06-30")
    return { products = { live = { tests = 5, minutes = 2 }, app = { tests = 6, minutes = 0 } } }
  end },
  { "^/days/2026%-06%-%d%d$", function() return { users = { { email = "a", tests = 2 } } } end },
  { "^/linked$", function(args)
    local place = tonumber(args.page or "1")
    return { users = { { email = "u" .. place, tests = place } },
      next = place < 3 and "?page=" .. place + 1 or json.null }
  end },
  { "^/reports$", function(_, request)
    assert(request.body == '{"from":"2026-06-01","kind":"users","to":"2026-06-30"}', request.body)
    state.created = true
    return { id = "r-1" }
  end },
  { "^/reports/r%-1/status$", function() return { state = "completed" } end },
  { "^/reports/r%-1$", function(_, request)
    state.deleted = request.method == "DELETE"
    return { rows = { { email = "a", tests = 15 } } }
  end },
  { "^/teams$", function() return { teams = { "qa", "dev" } } end },
  { "^/teams/qa/usage$", function() return { email = "a", tests = 4, team = "qa" } end },
  { "^/teams/dev/usage$", function() return acme.answer({}, 403) end },
}

local function answer(request)
  local path = url.split(request.url).path:gsub("^/v1", "")
  for _, route in ipairs(ROUTES) do
    if path:find(route[1]) then
      local given = route[2](acme.arguments(request.url), request)
      return given.status and given or acme.answer(given)
    end
  end
  error("nobody answers " .. path)
end

-- The vendor script that a block is, or is part of.
local function script_of(block)
  return block:find "%f[%w]return {" and block:find "base_url" and block or SHELL:format(block)
end

describe("docs/flows.md", function()
  before_each(function() state = {} end)

  for index, block in ipairs(blocks()) do
    it("block " .. index .. " brings what it says", function()
      local folder <close> = tmp.folder()
      folder:write("acme.lua", script_of(block))
      local run = simulated_run.new { answer = answer, weather = 0,
        loader = loader.new { folders = folder.path, kit = kit } }
      local frame = collect.new(run, { { "acme.usage", period = run:read_period "2026-06" } })
      local value, reason, mark = frame:value "tests"
      local expected = assert(block:match "%-%-> tests ([%w_ ]+)$", "it says nothing")
      assert.are.equal(expected, ("%s%s"):format(value, mark and " " .. mark or ""), reason)
      assert.are.equal(state.created, state.deleted)
    end)
  end

  it("has blocks for every part", function()
    local text = table.concat(blocks(), "\n")
    for _, name in ipairs { "ask:get", "ask:each", "ask:pages", "ask:job", "ask:all", "query:windows",
      "emit%.partial", "kit%.fail", "kit%.escape" } do
      assert.truthy(text:find(name), name)
    end
  end)
end)
