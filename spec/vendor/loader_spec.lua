local child = require "support.child"
local core = require "usagelua.core"
local kit = require "usagelua.vendor.kit"
local loader = require "usagelua.vendor.loader"
local tmp = require "support.tmp"

local ACME = [[
return { name = "%s", version = 1, title = "%s", base_url = "https://api.acme.test",
  auth = { kind = "bearer", token_env = "%s" },
  datasets = { usage = { request = { path = "/u" }, rows = "[]", fields = { tests = "n" } } } }
]]

local function script(title, name, variable)
  return ACME:format(name or "acme", title or "Acme", variable or "ACME_TOKEN")
end

-- A folder with these files; folders among them are made.
local function folder_with(files)
  local folder = tmp.folder()
  for name, text in pairs(files) do
    local parent = name:match "^(.*)/"
    if parent then os.execute("mkdir -p '" .. folder.path .. "/" .. parent .. "'") end
    folder:write(name, text)
  end
  return folder
end

local function new(options)
  options.kit = kit
  return loader.new(options)
end

local function assert_refused(expected, fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  assert.are.equal("usage", err.kind, tostring(err))
  assert.truthy(err.message:find(expected, 1, true), err.message)
end

-- Runs with something before Lua's path.
local function with_path(before, fn)
  local path = package.path
  package.path = before .. ";" .. path
  local ok, err = pcall(fn)
  package.path = path
  if not ok then error(err, 0) end
end

describe("a vendor", function()
  it("is found beside the script, then in the folders, then on Lua's path", function()
    local own = folder_with { ["vendors/acme.lua"] = script "beside" }
    local first, second = folder_with { ["acme.lua"] = script "first" }, folder_with {
      ["acme.lua"] = script "second" }
    local rock = folder_with { ["usagelua/vendors/acme.lua"] = script "rock" }
    local folders = first.path .. ":" .. second.path
    with_path(rock.path .. "/?.lua", function()
      assert.are.equal("beside", new({ script_folder = own.path, folders = folders }):load("acme").title)
      assert.are.equal("first", new({ folders = folders }):load("acme").title)
      assert.are.equal("second", new({ folders = second.path }):load("acme").title)
      assert.are.equal("rock", new({}):load("acme").title)
      assert.are.equal("user", new({}):load("acme").origin)
    end)
    assert_refused("unknown vendor 'acme'", function() new({}):load "acme" end)
  end)

  it("on Lua's path is not taken from the current folder", function()
    local rock = folder_with { ["usagelua/vendors/acme.lua"] = script "rock" }
    local relative = ("../"):rep(40) .. rock.path:sub(2)
    with_path(relative .. "/?.lua", function()
      assert_refused("unknown vendor 'acme'", function() new({}):load "acme" end)
    end)
  end)

  it("that is built in is found without any", function()
    local testmu = new({}):load "testmu"
    assert.are.equal("built-in", testmu.origin)
    assert.is_false(testmu.replaces)
  end)

  it("has another name, under which it is the same one", function()
    local one = new {}
    assert.are.equal(one:load "testmu", one:load "lambdatest")
    local vendor, dataset = one:dataset "lambdatest.summary"
    assert.are.same({ "testmu", "testmu.summary" }, { vendor.name, dataset.name })
  end)

  it("is read once a run", function()
    local folder = folder_with { ["acme.lua"] = script() }
    local one = new { folders = folder.path }
    local first = one:load "acme"
    folder:write("acme.lua", "return 1")
    assert.are.equal(first, one:load "acme")
  end)

  it("of the user's own is told, with path and hash", function()
    local heard = {}
    local folder = folder_with { ["acme.lua"] = script() }
    local one = new { folders = folder.path, on_own = function(vendor) heard[#heard + 1] = vendor end }
    one:load "acme"
    one:load "acme"
    one:load "testmu"
    assert.are.same({ one:load "acme" }, heard)
    assert.are.same(heard, one:users_own())
    assert.are.equal(folder.path .. "/acme.lua", heard[1].path)
    assert.are.equal(core.digest.sha256(script()), heard[1].sha256)
    assert.is_false(heard[1].replaces)
  end)

  it("in the place of a built-in one says so", function()
    local folder = folder_with { ["testmu.lua"] = script("mine", "testmu", "TESTMU_TOKEN") }
    local mine = new({ folders = folder.path }):load "testmu"
    assert.are.same({ "mine", true }, { mine.title, mine.replaces })
  end)

  it("that a second installation of the library brings is nobody's own", function()
    local rock = folder_with { ["usagelua/version.lua"] = 'return "0"',
      ["usagelua/vendors/testmu.lua"] = script("other", "testmu", "TESTMU_TOKEN"),
      ["usagelua/vendors/acme.lua"] = script "rock" }
    with_path(rock.path .. "/?.lua", function()
      assert.are.equal("built-in", new({}):load("testmu").origin)
      assert.are.equal("rock", new({}):load("acme").title)
    end)
  end)
end)

describe("a vendor script", function()
  local function load_text(text, name)
    local folder = folder_with { [(name or "acme") .. ".lua"] = text }
    return new({ folders = folder.path }):load(name or "acme")
  end

  it("bears the name of its file", function()
    assert_refused("the file is named for vendor 'acme', its description says 'other'", load_text,
      script("x", "other", "OTHER_TOKEN"))
  end)

  it("that is there and cannot be read is not passed over for the built-in one", function()
    local folder <close> = folder_with {}
    assert(core.file.mkdirs(folder.path .. "/testmu.lua"))
    local found = new { folders = folder.path }
    assert_refused("testmu.lua: Is a directory", found.load, found, "testmu")
  end)

  it("is not named for another vendor's other name", function()
    local folder = folder_with { ["lambdatest.lua"] = script("x", "lambdatest", "LAMBDATEST_TOKEN") }
    local one = new { folders = folder.path }
    for _, name in ipairs { "testmu", "lambdatest" } do
      assert_refused("'lambdatest' is another name of the vendor testmu; to replace it, name the file "
        .. "testmu.lua", one.load, one, name)
    end
  end)

  it("names variables of its own only", function()
    for _, variable in ipairs { "LT_ACCESS_KEY", "ACME", "ACMEX_TOKEN", "HOME" } do
      assert_refused(("vendor acme may name only variables that begin with ACME_, not %s; the user may "
        .. "allow it with USAGELUA_GRANT=acme:%s"):format(variable, variable), load_text,
        script("x", "acme", variable))
    end
  end)

  it("may require what lies beside it", function()
    local folder = folder_with {
      ["acme.lua"] = 'local part = require "acme_part"\n' .. script():gsub('"ACME_TOKEN"', "part.variable"),
      ["acme_part.lua"] = 'return { variable = "ACME_KEY" }' }
    assert.are.equal("ACME_KEY", new({ folders = folder.path }):load("acme").auth[1].token_env)
  end)

  it("that fails says where", function()
    local ok, err = pcall(load_text, "local x = nil + 1")
    assert.is_false(ok)
    assert.are.equal("script", err.kind)
    assert.truthy(err.message:find("acme.lua:1:", 1, true), err.message)
    ok, err = pcall(load_text, "return {")
    assert.is_false(ok)
    assert.are.equal("script", err.kind)
    assert_refused("a vendor script returns its description, a table, not a nil", load_text, "x = 1")
  end)

  it("is no bytecode", function()
    local ok, err = pcall(load_text, string.dump(load(script())))
    assert.is_false(ok)
    assert.are.equal("script", err.kind)
  end)
end)

describe("a grant of the user's", function()
  local LOAD = [[
    local one = require("usagelua.vendor.loader").new { folders = FOLDER, kit = {} }
    local ok, err = pcall(one.load, one, "acme")
    io.write(ok and "loaded" or err.message)
  ]]

  local function load_granted(grant)
    local folder = folder_with { ["acme.lua"] = script("x", "acme", "LT_ACCESS_KEY") }
    return (child.run({ USAGELUA_GRANT = grant }, ("local FOLDER = %q\n"):format(folder.path) .. LOAD))
  end

  it("lets a vendor name one more variable", function()
    assert.are.equal("loaded", load_granted "acme:LT_ACCESS_KEY")
    assert.are.equal("loaded", load_granted "x:Y, acme:LT_ACCESS_KEY")
  end)

  it("holds for that vendor and that variable", function()
    for _, grant in ipairs { "acme:LT_USERNAME", "other:LT_ACCESS_KEY", "LT_ACCESS_KEY", "acme:" } do
      assert.truthy(load_granted(grant):find("may name only variables", 1, true), grant)
    end
  end)
end)

describe("loader:names", function()
  it("lists what can be found", function()
    local own = folder_with { ["vendors/acme.lua"] = "", ["vendors/README.md"] = "",
      ["vendors/Bad.lua"] = "" }
    local rock = folder_with { ["usagelua/vendors/rocky.lua"] = "" }
    with_path(rock.path .. "/?.lua", function()
      assert.are.same({ "acme", "browserstack", "rocky", "testmu", "workato" },
        new({ script_folder = own.path }):names())
    end)
  end)

  it("stands in the message about an unknown one", function()
    local folder = folder_with { ["acme.lua"] = script() }
    assert_refused("did you mean 'acme'? known: acme, browserstack, testmu, workato (searched "
      .. folder.path, function()
      new({ folders = folder.path }):load "acne"
    end)
  end)
end)

describe("loader:dataset", function()
  it("refuses what names none", function()
    local one = new {}
    for _, name in ipairs { "testmu.", ".summary", "testmu.summary.x", "", 5 } do
      assert_refused("is not a dataset: write vendor.dataset", one.dataset, one, name)
    end
    assert_refused("testmu.concurrency, testmu.summary, testmu.users", one.dataset, one, "testmu")
    assert_refused("did you mean 'testmu.summary'?", one.dataset, one, "testmu.sumary")
    assert_refused("'../x' is not a vendor name", one.load, one, "../x")
  end)
end)
