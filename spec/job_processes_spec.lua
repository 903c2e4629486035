-- Report jobs of whole runs of the binary against the BrowserStack test vendor: none is left,
-- however a run ends.
local queue_vendor = require "support.queue_vendor"

local LASTING = { { state = "enqueued" } }
local DOCUMENTED = { burst = 5, per_minute = 15 }

local world
setup(function() world = queue_vendor.start() end)
teardown(function() world:stop() end)

local function queue()
  local count = world:queue()
  return { count.created, count.alive }
end

local function notes_of(document)
  return table.concat(document.provenance.notes, "\n")
end

local function has(text, part)
  assert.truthy(text:find(part, 1, true), text)
end

-- A run whose jobs never end, and which has created so many.
local function start(names, count)
  local run = world.command:start(world:words(names))
  queue_vendor.wait_until(function() return world:queue().created >= count end)
  return run
end

local function wait_until_asked()
  queue_vendor.wait_until(function() return #world.server:log() > 0 end)
end

describe("a run with report jobs", function()
  it("leaves nothing, at the vendor or in the ledger", function()
    world:case()
    local document, result = world:fetch { "acme.users", "acme.teams" }
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(64, #document.records)
    assert.are.same({ 2, 0 }, queue())
    assert.are.same({}, world:files())
    assert.are.equal("700 700", (io.popen(("stat -c %%a %q %q"):format(world.state,
      world.state .. "/jobs")):read "a":gsub("%s+", " "):gsub(" $", "")))
  end)

  it("meets no 429 at the documented rate, and deletes after a failure too", function()
    world:case { rate = DOCUMENTED, plans = { { kind = "team", states = { { state = "failed" } } } } }
    local document, result = world:fetch { "acme.users", "acme.teams" }
    assert.are.equal(4, result.status, result.stderr)
    assert.are.equal(60, #document.records)
    assert.are.same({ 3, 0 }, queue())
    assert.are.equal(0, world.server:control("/browserstack/rate").limited)
    assert.are.same({}, world:files())
  end)

  it("writes no secret into its ledger, and only for its owner", function()
    world:case { states = LASTING }
    local run <close> = start({ "acme.users" }, 1)
    queue_vendor.wait_until(function() return #world:files() == 1 end)
    local path = world.state .. "/jobs/" .. world:files()[1]
    queue_vendor.wait_until(function() return (io.open(path):read "a"):find '"id"' ~= nil end)
    local text = io.open(path):read "a"
    has(text, world:jobs()[1].id)
    assert.is_nil(text:find(world.command.env.ACME_KEY, 1, true))
    assert.are.equal("600\n", io.popen(("stat -c %%a %q"):format(path)):read "a")
    run:signal "TERM"
    assert.are.equal(143, run:wait(60).status)
  end)

  for name, status in pairs { INT = 130, TERM = 143 } do
    it(("deletes two live jobs at 15 a minute within seconds of SIG%s"):format(name), function()
      world:case { states = LASTING, rate = DOCUMENTED }
      local run <close> = start({ "acme.users", "acme.teams" }, 2)
      os.execute "sleep 2"
      run:signal(name)
      local result = run:wait(60)
      assert.are.equal(status, result.status, result.stderr)
      -- After five seconds the watchdog ends it, and says so.
      assert.is_nil(result.stderr:find("ended: ", 1, true), result.stderr)
      assert.are.same({ 2, 0 }, queue())
      assert.are.equal(0, world.server:control("/browserstack/rate").limited)
      assert.are.same({}, world:files())
    end)
  end

  it("waits for a creation that is under way when it is stopped, and deletes it", function()
    world:case { states = LASTING }
    world.server:control("/faults", { rules = { { method = "POST", delay_ms = 3000 } } })
    local run <close> = world.command:start(world:words())
    queue_vendor.wait_until(function() return #world:files() == 1 end)
    wait_until_asked()
    run:signal "INT"
    local result = run:wait(60)
    assert.are.equal(130, result.status, result.stderr)
    assert.are.same({ 1, 0 }, queue())
    assert.are.same({}, world:files())
  end)

  it("is not taken for stuck while it deletes, however slowly", function()
    world:case { states = LASTING }
    local run <close> = start({ "acme.users" }, 1)
    queue_vendor.wait_until(function() return world:jobs()[1].polls > 0 end)
    world.server:control("/faults", { rules = { { method = "DELETE", delay_ms = 2700 } } })
    run:signal "INT"
    local result = run:wait(60)
    assert.are.equal(130, result.status, result.stderr)
    assert.is_nil(result.stderr:find("did not come back", 1, true), result.stderr)
  end)

  it("whose script does not come back has its jobs deleted all the same", function()
    for _, case in ipairs { { "INT", 130 }, { "deadline", 1 } } do
      world:case { states = LASTING, plans = { { kind = "team", states = { { state = "completed" } } } } }
      local text = world.command.folder:read "acme.lua"
      world.command.folder:write("acme.lua", (text:gsub("ok = {", "record = function(record) while "
        .. "record.user_count do end end, %0")))
      local words = world:words({ "acme.users", "acme.teams" },
        case[1] == "deadline" and { "--deadline", "9s" })
      local run <close> = world.command:start(words)
      queue_vendor.wait_until(function()
        local all = world:jobs()
        return #all == 2 and all[1].reports + all[2].reports == 1
      end)
      if case[1] ~= "deadline" then
        queue_vendor.wait_until_busy(run.pid)
        run:signal(case[1])
      end
      local result = run:wait(60)
      assert.are.equal(case[2], result.status, result.stderr)
      has(result.stderr, "the script did not come back")
      assert.are.same({ 2, 0 }, queue())
      assert.are.same({}, world:files())
    end
  end)

  it("is refused before anything is sent where its ledger cannot be written", function()
    world:case()
    world.command.folder:write("file", "")
    for _, state in ipairs { world.command.folder.path .. "/file", "/proc/none" } do
      local _, result = world:fetch(nil, nil, { env = { USAGELUA_STATE = state } })
      assert.are.equal(2, result.status, result.stderr)
      has(result.stderr, "set USAGELUA_STATE")
    end
    assert.are.equal(0, #world.server:log())
  end)
end)

describe("a run after one that was killed", function()
  it("takes up a job of the same question", function()
    world:case { states = LASTING }
    local killed <close> = start(nil, 1)
    queue_vendor.wait_until(function() return world:jobs()[1].polls > 0 end)
    killed:signal "KILL"
    killed:wait(60)
    assert.are.equal(1, #world:files())
    world.server:control("/browserstack/job", { id = world:jobs()[1].id,
      states = { { state = "completed" } } })
    local document, result = world:fetch()
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(60, #document.records)
    has(notes_of(document), "took up the report job " .. world:jobs()[1].id)
    assert.are.same({ 1, 0 }, queue())
    assert.are.same({}, world:files())
  end)

  it("deletes those that answer another question", function()
    world:case { states = LASTING }
    local killed <close> = start({ "acme.users", "acme.teams" }, 2)
    queue_vendor.wait_until(function() return world:jobs()[2].polls > 0 end)
    killed:signal "KILL"
    killed:wait(60)
    world.server:control("/browserstack/change", { states = { { state = "completed" } } })
    local document, result = world:fetch({ "acme.users" }, { "--period", "2026-05" })
    assert.are.equal(0, result.status, result.stderr)
    has(notes_of(document), "was deleted")
    assert.are.same({ 3, 0 }, queue())
    assert.are.same({}, world:files())
  end)

  it("names a creation that was cut off, once", function()
    world:case { states = LASTING }
    world.server:control("/faults", { rules = { { method = "POST", delay_ms = 60000, times = 1 } } })
    local killed <close> = world.command:start(world:words())
    queue_vendor.wait_until(function() return #world:files() == 1 end)
    wait_until_asked()
    killed:signal "KILL"
    killed:wait(60)
    world.server:control("/browserstack/change", { states = { { state = "completed" } } })
    local document = world:fetch()
    has(notes_of(document), "perhaps one job more")
    assert.are.same({}, world:files())
    assert.is_nil(notes_of(world:fetch()):find("perhaps", 1, true))
  end)

  it("names a creation whose answer was lost, although the job itself is known", function()
    world:case { states = LASTING }
    world.server:control("/faults", { rules = { { method = "POST", quirks = { status = 502 },
      times = 1 } } })
    local killed <close> = start(nil, 2)
    queue_vendor.wait_until(function() return world:jobs()[2].polls > 0 end)
    killed:signal "KILL"
    has(killed:wait(60).stderr, "outcome unknown, perhaps one job more")
    world.server:control("/browserstack/job", { id = world:jobs()[2].id,
      states = { { state = "completed" } } })
    local document, result = world:fetch()
    assert.are.equal(0, result.status, result.stderr)
    has(notes_of(document), "took up the report job " .. world:jobs()[2].id)
    has(notes_of(document), "perhaps one job more")
    assert.are.same({ 2, 1 }, queue())
    assert.is_true(world:jobs()[1].alive)
  end)

  it("can be saved itself when it has taken up a job and does not come back", function()
    world:case { states = LASTING }
    local killed <close> = start({ "acme.teams" }, 1)
    queue_vendor.wait_until(function() return world:jobs()[1].polls > 0 end)
    killed:signal "KILL"
    killed:wait(60)
    local text = world.command.folder:read "acme.lua"
    world.command.folder:write("acme.lua", (text:gsub("ok = {", "record = function(record) while "
      .. "record.user_id do end end, %0")))
    world.server:control("/browserstack/change", { states = { { state = "completed" } } })
    local stuck <close> = world.command:start(world:words { "acme.users", "acme.teams" })
    queue_vendor.wait_until(function()
      local all = world:jobs()
      return #all == 2 and all[2].reports == 1
    end)
    queue_vendor.wait_until_busy(stuck.pid)
    stuck:signal "TERM"
    local result = stuck:wait(60)
    assert.are.equal(143, result.status, result.stderr)
    has(result.stderr, "the script did not come back")
    assert.are.same({ 2, 0 }, queue())
    assert.are.same({}, world:files())
  end)

  it("leaves the jobs of a run that lives alone", function()
    world:case { states = LASTING }
    local living <close> = start(nil, 1)
    queue_vendor.wait_until(function() return world:jobs()[1].polls > 0 end)
    world.server:control("/browserstack/change", { states = { { state = "completed" } } })
    local document, result = world:fetch()
    assert.are.equal(0, result.status, result.stderr)
    assert.are.same({}, document.provenance.notes)
    assert.are.same({ 2, 1 }, queue())
    assert.is_true(world:jobs()[1].alive)
    living:signal "TERM"
    living:wait(60)
    assert.are.same({ 2, 0 }, queue())
  end)

  it("leaves alone what another machine's run holds, for a day", function()
    world:case()
    local function write(name, hours, id)
      local lines = ('{"schema":1,"vendor":"acme","base_url":"%s","dataset":"acme.users",'
        .. '"query":"q","created":%d,"host":"elsewhere","run":"r"}\n{"id":"%s","delete":'
        .. '[{"method":"DELETE","path":"/reports/usage/v1/user/%s/status"}]}\n'):format(
        world.command.env.USAGELUA_ACME_URL, os.time() - hours * 3600, id, id)
      os.execute(("mkdir -p %q"):format(world.state .. "/jobs"))
      local file <close> = assert(io.open(("%s/jobs/%s.job"):format(world.state, name), "w"))
      file:write(lines)
    end
    write("young", 23, "youngjob")
    write("old", 25, "oldjob")
    local document = world:fetch()
    has(notes_of(document), "oldjob")
    assert.is_nil(notes_of(document):find("youngjob", 1, true))
    assert.are.same({ "young.job" }, world:files())
  end)

  it("says how to delete what it has no credential for", function()
    world:case { states = LASTING }
    local killed <close> = start(nil, 1)
    queue_vendor.wait_until(function() return world:jobs()[1].polls > 0 end)
    killed:signal "KILL"
    killed:wait(60)
    world.server:control("/browserstack/change", { states = { { state = "completed" } } })
    local other = { ACME_USER__EMEA = world.command.env.ACME_USER,
      ACME_KEY__EMEA = world.command.env.ACME_KEY, ACME_USER = false, ACME_KEY = false }
    local document, result = world:fetch(nil, { "--set", "account=emea" }, { env = other })
    assert.are.equal(0, result.status, result.stderr)
    has(notes_of(document), "usagelua ledger --delete")
    assert.are.same({ 2, 1 }, queue())
    assert.are.equal(1, #world:files())
  end)
end)

describe("a replay", function()
  it("touches neither network nor ledger", function()
    world:case()
    local cassette = world.command.folder.path .. "/users.har"
    local _, result = world:fetch(nil, { "--record", cassette })
    assert.are.equal(0, result.status, result.stderr)
    world.server:reset()
    os.execute(("rm -r %q"):format(world.state))
    local document
    document, result = world:fetch(nil, { "--replay", cassette },
      { env = { ACME_KEY = false, USAGELUA_STATE = "/proc/none" } })
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal(60, #document.records)
    assert.are.equal(0, #world.server:log())
    assert.are.same({}, world:files())
  end)
end)
