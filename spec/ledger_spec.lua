local child = require "support.child"
local clock = require "usagelua.time.clock"
local core = require "usagelua.core"
local entries = require "usagelua.ledger.entry"
local errors = require "usagelua.errors"
local json = require "usagelua.json"
local ledger = require "usagelua.ledger"
local tmp = require "support.tmp"

local ABOUT = { vendor = "acme", account = "emea", base_url = "https://api.acme.test",
  dataset = "acme.usage", query = "0123" }
local DELETE = { { method = "DELETE", path = "/reports/job-1" } }

local folder, time
before_each(function()
  folder, time = tmp.folder(), clock.virtual(1767225600)
end)

local function open()
  return ledger.open { clock = time, folder = folder.path }
end

local function files()
  return core.file.list(folder.path .. "/jobs")
end

local function text_of(name)
  return folder:read("jobs/" .. name)
end

-- A job of a run that is gone.
local function leave(id, fields)
  local about = {}
  for key, value in pairs(ABOUT) do about[key] = value end
  for key, value in pairs(fields or {}) do about[key] = value end
  local entry = open():entry(about)
  assert(entry:intend())
  if id then assert(entry:identify { id = id, delete = DELETE }) end
  entry:leave()
  return entry
end

describe("an entry of the ledger", function()
  it("is on the disk from the intent on, for its owner only", function()
    local entry = open():entry(ABOUT)
    assert.are.same({}, files())
    assert.is_true(entry:intend())
    assert.is_true(entry:intend())
    assert.are.equal(1, #files())
    local stat = core.file.stat(folder.path .. "/jobs/" .. files()[1])
    assert.are.equal(tonumber("600", 8), stat.mode)
    assert.are.equal(tonumber("700", 8), core.file.stat(folder.path .. "/jobs").mode)
    assert.is_nil(text_of(files()[1]):find('"id"', 1, true))
    assert.is_true(entry:identify { id = "job-1", delete = DELETE })
    assert.truthy(text_of(files()[1]):find('"id":"job-1"', 1, true))
    entry:forget()
    entry:forget()
    assert.are.same({}, files())
  end)

  it("is masked", function()
    local path = folder:write("key", "hunter2-hunter2-hunter2")
    assert(core.secret.file(path))
    leave("job-1", { dataset = "acme.hunter2-hunter2-hunter2" })
    assert.is_nil(text_of(files()[1]):find("hunter2", 1, true))
  end)

  it("is refused where it cannot be written", function()
    local book = open()
    os.execute(("rm -r %q"):format(folder.path .. "/jobs"))
    local ok, err = book:entry(ABOUT):intend()
    assert.is_nil(ok)
    assert.are.equal("io", err.kind)
  end)
end)

describe("ledger.open", function()
  it("raises a usage error where nothing can be written", function()
    folder:write("file", "")
    for _, path in ipairs { folder.path .. "/file", "/proc/none" } do
      local ok, err = pcall(ledger.open, { clock = time, folder = path })
      assert.is_false(ok)
      assert.are.equal("usage", errors.from(err).kind)
      assert.truthy(err.message:find("USAGELUA_STATE", 1, true), err.message)
    end
  end)

  it("leaves no trace of having tried", function()
    local _ = open()
    assert.are.same({}, files())
  end)
end)

describe("ledger:orphans", function()
  it("gives the entries of who is gone, oldest first, and holds them", function()
    leave "old"
    time:advance(60)
    leave "new"
    local first = open():orphans()
    assert.are.same({ "old", "new" }, { first[1].facts.id, first[2].facts.id })
    assert.are.same({}, open():orphans())
    first[1]:leave()
    assert.are.equal("old", open():orphans()[1].facts.id)
  end)

  it("leaves out what its owner holds", function()
    local entry = open():entry(ABOUT)
    assert(entry:intend())
    assert.are.same({}, open():orphans())
    assert.are.equal("live here", open():list()[1].state)
    entry:forget()
  end)

  it("gives another host's after a day, or where somebody says so", function()
    leave("job-1", { host = "elsewhere" })
    assert.are.same({}, open():orphans())
    assert.are.equal("other host", open():list()[1].state)
    local all = open():orphans(true)
    assert.are.equal(1, #all)
    all[1]:leave()
    time:advance(24 * 3600)
    assert.are.equal("orphan", open():list()[1].state)
    assert.are.equal(1, #open():orphans())
  end)

  it("leaves alone what is no entry of a ledger", function()
    for name, value in pairs { account = {}, id = 7, created = 1e300, query = {}, delete = "/reports/7",
      is_lost = "yes" } do
      leave("job-1", { [name] = value })
      if name == "id" or name == "delete" then
        local path = folder.path .. "/jobs/" .. files()[1]
        folder:write("jobs/" .. files()[1], text_of(files()[1]) .. json.encode { [name] = value })
        local facts, err = entries.read(path)
        assert.is_nil(facts)
        assert.truthy(err.message:find("its " .. name, 1, true), err.message)
      end
      assert.are.same({}, open():orphans())
      assert.are.same({}, open():list())
      assert.are.equal(1, #files(), name)
      core.file.remove(folder.path .. "/jobs/" .. files()[1])
    end
  end)

  it("reads what was cut off at every byte as far as it is whole", function()
    leave "job-1"
    local name = files()[1]
    local text = text_of(name)
    local intent = text:match "^\n[^\n]*\n"
    for length = 0, #text do
      folder:write("jobs/" .. name, text:sub(1, length))
      local found = open():orphans()
      if length < #intent - 1 then
        assert.are.same({}, found)
        assert.are.same({}, files())
      else
        local is_whole = length >= #text - 1
        assert.are.equal(is_whole and "job-1" or nil, found[1].facts.id, length)
        found[1]:leave()
      end
    end
  end)

  it("drops what says nothing, and leaves other files and versions alone", function()
    leave "job-1"
    folder:write("jobs/other.txt", "mine")
    folder:write("jobs/odd.job", '[1,2]\nnull\n"x"\n')
    folder:write("jobs/later.job", '{"schema":2,"vendor":"acme"}\n')
    assert.are.equal(1, #open():orphans())
    assert.are.equal("mine", folder:read "jobs/other.txt")
    assert.is_nil(folder:read "jobs/odd.job")
    assert.truthy(folder:read "jobs/later.job")
    assert.are.equal(1, #open():list())
  end)
end)

describe("ledger:is_fresh", function()
  it("holds for an hour", function()
    local book = open()
    local facts = { created = time.now() }
    assert.is_true(book:is_fresh(facts))
    time:advance(3599)
    assert.is_true(book:is_fresh(facts))
    time:advance(1)
    assert.is_false(book:is_fresh(facts))
  end)
end)

describe("ledger:of_run", function()
  it("knows its own among others', though it holds their locks", function()
    leave "job-1"
    local book = open()
    local entry = book:entry(ABOUT)
    assert(entry:intend())
    assert(entry:identify { id = "job-2", delete = DELETE })
    local own = ledger.look({ clock = time, jobs = book.folder }):of_run(book.run)
    assert.are.equal(1, #own)
    assert.are.equal("job-2", own[1].facts.id)
    entry:forget()
  end)
end)

describe("a locked file", function()
  it("takes more behind what it holds, or nothing", function()
    local path = folder:write("list", "one\n")
    local lock <close> = assert(core.file.lock(path))
    assert.is_true(lock:append "two\n")
    assert.are.equal("one\ntwo\n", folder:read "list")
    lock:close()
    assert.has_error(function() lock:append "three\n" end, "attempt to use a closed lock")
  end)

  it("keeps no half of what the disk does not hold", function()
    folder:write("list", "one\n")
    local printed = child.run({ TARGET = folder.path .. "/list" }, [[
      local lock = assert(core.file.lock(os.getenv "TARGET"))
      local ok, err = lock:append(("x"):rep(1 << 20))
      io.write(tostring(ok), " ", err.code, " ", tostring(lock:append "two\n"))]], nil,
      "trap '' XFSZ; ulimit -f 1;")
    assert.are.equal("nil EFBIG true", printed)
    assert.are.equal("one\ntwo\n", folder:read "list")
  end)

  it("fails whole where the disk is full", function()
    local lock <close> = assert(core.file.lock "/dev/full")
    local ok, err = lock:append "x"
    assert.is_nil(ok)
    assert.are.equal("ENOSPC", err.code)
  end)
end)
