-- Export jobs over real HTTP: a vendor that answers at once or later, names the job by its address,
-- and keeps the result's files with somebody else.
local cjson = require "cjson"
local command = require "support.command"
local nginx = require "support.nginx"

local HEAD <const> = [[
return {
  name = "acme", version = 1, base_url = "https://api.acme.test",
  auth = { kind = "bearer", token_env = "ACME_TOKEN" },
  datasets = { usage = {
    window = { format = "%Y-%m-%d" },
    fields = { user_id = "email", product = "product", tests = { "tests", text = TEXT } },
]]
local TAIL <const> = "\n} } }\n"
local CREATE <const> = 'create = { path = "/export", json = { from = "{from}", to = "{to}" } }, '

local FILES <const> = [[
    job = { CREATE id = "id", status = { path = "/export/{job_id}" }, state = "state",
      done = { "completed" }, files = "download_urls[]", hosts = { HOSTS },
      delete = { path = "/export/{job_id}" }, poll = { first_s = 0.1, longest_s = 1 } },
    format = "csv", ends = { mark = { id = "#END" }, count = "email" },
]]
local LATER <const> = [[
    job = { CREATE location = true, ready_status = 200, result = { path = "/export/{job_id}" },
      not_ready = { status = { 202 } }, delete = { path = "/export/{job_id}" },
      poll = { first_s = 0.1, longest_s = 1 } },
    rows = "data[]",
]]

local server, run
setup(function() server = nginx.start { vendors = { "kinds" }, tls = false } end)
teardown(function() server:stop() end)

before_each(function()
  server:reset()
  run = command.new()
  run.env = { USAGELUA_VENDORS = run.folder.path, USAGELUA_STATE = run.folder.path .. "/state",
    USAGELUA_ACME_URL = server:vendor_url "kinds",
    ACME_TOKEN = server:control("/kinds/settings").credentials[1].token }
end)

local function set(settings)
  server:control("/kinds/settings", settings)
end

local function fetch(text, changes, is_text)
  local described = HEAD:gsub("TEXT", is_text and "true" or "false") .. text .. TAIL
  local script = described:gsub("CREATE", function() return CREATE end)
    :gsub("HOSTS", function() return changes and changes.hosts or '"127.0.0.1"' end)
  run.folder:write("acme.lua", script)
  local result = run:run { "fetch", "acme.usage", "-f", "json", "--period", "2026-06" }
  local ok, document = pcall(cjson.decode, result.stdout)
  return ok and document or nil, result
end

local function tests_of(document)
  local sum = 0
  for _, record in ipairs(document.records) do sum = sum + record.tests end
  return sum
end

local function assert_whole(document, result)
  assert.are.equal(0, result.status, result.stderr)
  local total = server:control "/kinds/total"
  assert.are.same({ total.items, total.tests }, { #document.records, tests_of(document) })
end

local function jobs()
  local created, alive = server:control "/kinds/jobs", 0
  for _, job in ipairs(created) do alive = alive + (job.alive and 1 or 0) end
  return { #created, alive }
end

describe("an export", function()
  it("in files on another host comes whole, and no credential goes there", function()
    set { file_origin = "http://127.0.0.1:" .. server.ports.other, text = { end_mark = true } }
    assert_whole(fetch(FILES, nil, true))
    local files = server:control "/kinds/files"
    assert.are.equal(3, #files)
    for _, file in ipairs(files) do
      assert.are.same({ server.ports.other, false, false, false },
        { file.port, file.authorization, file.cookie, file.keys })
    end
    assert.are.same({ 1, 0 }, jobs())
  end)

  it("in files on a host that nobody named is refused by name, and deleted", function()
    set { file_origin = "http://localhost:" .. server.ports.other }
    local _, result = fetch(FILES, nil, true)
    assert.are.equal(5, result.status, result.stderr)
    assert.truthy(result.stdout:find("localhost", 1, true), result.stdout)
    assert.are.same({}, server:control "/kinds/files")
    assert.are.same({ 1, 0 }, jobs())
  end)

  it("of which one file fails brings nothing", function()
    set { file_origin = "http://127.0.0.1:" .. server.ports.other, text = { end_mark = true } }
    server:control("/faults", { rules = { { path = "/files/.*/2", status = 403 } } })
    local document, result = fetch(FILES, nil, true)
    assert.are.equal(5, result.status, result.stderr)
    assert.are.equal(0, #document.records)
    assert.truthy(result.stdout:find("file 2 of 3", 1, true), result.stdout)
    assert.are.same({ 1, 0 }, jobs())
  end)

  it("may be answered at once", function()
    set { export = { create = "answer" } }
    assert_whole(fetch(LATER))
    assert.are.same({ 0, 0 }, jobs())
    assert.are.equal(1, #server:log())
  end)

  it("may be named by its address, and told by the status of its answer", function()
    for _, location in ipairs { "path", "absolute" } do
      set { export = { poll = "status", location = location } }
      assert_whole(fetch(LATER))
      assert.are.same({ 1, 0 }, jobs())
    end
  end)

  it("without any address has no job that could be asked for, and says so", function()
    set { export = { poll = "status", location = "none" } }
    local _, result = fetch(LATER)
    assert.are.equal(5, result.status)
    assert.truthy(result.stdout:find("perhaps one job more", 1, true), result.stdout)
  end)

  it("that may not be deleted is told, and its figures stay", function()
    set { export = { poll = "status", deletable = false } }
    local document, result = fetch(LATER)
    assert_whole(document, result)
    assert.truthy(table.concat(document.provenance.notes, "\n"):find("is left at the vendor", 1, true))
  end)
end)
