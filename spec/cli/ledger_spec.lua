local cjson = require "cjson"
local queue_vendor = require "support.queue_vendor"

local LASTING = { { state = "enqueued" } }

local world
setup(function() world = queue_vendor.start() end)
teardown(function() world:stop() end)

local function ledger(words, env)
  return world.command:run({ "ledger", table.unpack(words or {}) }, { env = env })
end

local function listed(words, env)
  local result = ledger({ "-f", "json", table.unpack(words or {}) }, env)
  return cjson.decode(result.stdout), result
end

-- A run that was killed with these jobs at the vendor.
local function kill(names)
  local run <close> = world.command:start(world:words(names))
  queue_vendor.wait_until(function()
    local polled = 0
    for _, job in ipairs(world:jobs()) do polled = polled + (job.polls > 0 and 1 or 0) end
    return polled == #names
  end)
  run:signal "KILL"
  run:wait(60)
end

local function has(text, part)
  assert.truthy(text:find(part, 1, true), text)
end

describe("usagelua ledger", function()
  it("says that there is nothing, and makes no folder for it", function()
    world:case()
    assert.are.equal("no report jobs are left\n", ledger().stdout)
    assert.are.same({ schema = 1, folder = world.state .. "/jobs", jobs = {} }, listed())
    assert.is_nil(io.open(world.state))
  end)

  it("lists what killed runs left: vendor, account, job, age, host, state", function()
    world:case { states = LASTING }
    kill { "acme.users" }
    local id = world:jobs()[1].id
    local text = ledger().stdout
    for _, part in ipairs { "acme.users", "account default", id, "old", "host ", "orphan" } do
      has(text, part)
    end
    local job = listed().jobs[1]
    assert.are.same({ "acme", id, "orphan", cjson.null }, { job.vendor, job.job, job.state, job.account })
    assert.is_true(job.age_s >= 0 and job.age_s < 120)
    assert.are.equal(1, #world:files())
  end)

  it("knows the jobs of a run that lives, and leaves them alone", function()
    world:case { states = LASTING }
    local run <close> = world.command:start(world:words())
    queue_vendor.wait_until(function() return world:queue().created == 1 and #world:files() == 1 end)
    assert.are.equal("live here", listed().jobs[1].state)
    assert.are.equal(0, ledger({ "--delete" }).status)
    assert.are.equal(1, world:queue().alive)
    run:signal "TERM"
    run:wait(60)
  end)

  it("deletes at the vendors, and empties", function()
    world:case { states = LASTING }
    kill { "acme.users", "acme.teams" }
    local document, result = listed { "--delete" }
    assert.are.equal(0, result.status, result.stderr)
    assert.are.equal("deleted", document.jobs[1].outcome)
    assert.are.same({ 0, {} }, { world:queue().alive, world:files() })
  end)

  it("takes what is gone already for deleted, and says so", function()
    world:case { states = LASTING }
    kill { "acme.users" }
    world.server:control("/faults", { rules = { { method = "DELETE", status = 410 } } })
    local result = ledger { "--delete" }
    assert.are.equal(0, result.status, result.stderr)
    has(result.stdout, "gone (")
    assert.are.same({}, world:files())
  end)

  it("needs the credential, and keeps what it could not delete", function()
    world:case { states = LASTING }
    kill { "acme.users" }
    local result = ledger({ "--delete" }, { ACME_KEY = false })
    assert.are.equal(2, result.status)
    has(result.stderr, "ACME_KEY")
    world.server:control("/faults", { rules = { { method = "DELETE", status = 403 } } })
    result = ledger { "--delete" }
    assert.are.equal(5, result.status, result.stderr)
    has(result.stdout, "not deleted")
    assert.are.same({ 1, 1 }, { world:queue().alive, #world:files() })
  end)

  it("sends nothing to another place than the job was created at", function()
    world:case { states = LASTING }
    kill { "acme.users" }
    local before = #world.server:log()
    local result = ledger({ "--delete" }, { USAGELUA_ACME_URL = world.server.url .. "/other" })
    assert.are.equal(5, result.status)
    has(result.stdout, "it was created at")
    assert.are.equal(before, #world.server:log())
  end)

  it("reads a file that was cut off, and refuses one that leads elsewhere", function()
    world:case()
    os.execute(("mkdir -p %q"):format(world.state .. "/jobs"))
    local function write(name, text)
      local file <close> = assert(io.open(("%s/jobs/%s.job"):format(world.state, name), "w"))
      file:write(text)
    end
    local facts = ('{"schema":1,"vendor":"acme","base_url":"%s","dataset":"acme.users","query":"q",'
      .. '"created":%d,"host":"h","run":"r"}\n'):format(world.command.env.USAGELUA_ACME_URL, os.time())
    write("empty", "")
    write("cut", facts:sub(1, 40))
    write("intent", facts .. '{"id":"abc')
    write("tampered", facts .. '{"id":"x","delete":[{"method":"DELETE","path":"//evil.test/x"}]}\n')
    local document, result = listed { "--delete" }
    assert.are.equal(5, result.status, result.stderr)
    assert.are.equal(2, #document.jobs)
    has(result.stdout, "perhaps one job more")
    has(result.stdout, "evil.test")
    assert.are.equal(0, #world.server:log())
    assert.are.same({ "tampered.job" }, world:files())
  end)

  it("refuses what it does not know, as every command", function()
    world:case()
    assert.are.equal(2, ledger({ "acme" }).status)
    assert.are.equal(2, ledger({ "--delet" }).status)
    has(ledger({ "--help" }).stdout, "--delete")
    has(world.command:run({ "fetch", "acme.users", "--delete" }).stderr, "belongs to `usagelua ledger`")
  end)
end)
