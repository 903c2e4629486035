-- What README.md and docs/ show is run: Lua blocks with their output behind
-- `-->`, the demo's output, the vendor script, command lines. The tutorial and
-- the how-to pages have specs of their own.
local lyaml = require "lyaml"
local description = require "usagelua.vendor.description"
local nginx = require "support.nginx"
local page = require "support.page"
local shell = require "support.shell"
local tmp = require "support.tmp"

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

local function blocks(text, language)
  local list = {}
  for block in text:gmatch("```" .. language .. "\n(.-)\n```") do list[#list + 1] = block end
  return list
end

local function is_script(block)
  return block:find('require "usagelua"', 1, true) ~= nil
end

local function expected_lines(block)
  local lines = {}
  for line in block:gmatch "%-%-> ?([^\n]*)" do lines[#lines + 1] = line end
  return lines
end

local function output_lines(text)
  local lines = {}
  for line in text:gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
  return lines
end

-- `…` at the end of an expected line stands for anything.
local function assert_line(expected, actual, block)
  local start = expected:match "^(.-)%s*…$"
  if start then actual, expected = (actual or ""):sub(1, #start), start end
  assert.are.equal(expected, actual, block)
end

local function check(block, run)
  local result = run(block)
  assert.are.equal(0, result.status, block .. "\n" .. result.stdout .. result.stderr)
  local printed = output_lines(result.stdout)
  for index, expected in ipairs(expected_lines(block)) do
    assert_line(expected, printed[index], block .. "\n" .. result.stdout)
  end
end

local folder, binary

setup(function()
  folder, binary = tmp.folder(), shell.usagelua()
end)

for _, path in ipairs { "docs/rules.md", "docs/reports.md" } do
  describe(path, function()
    for index, block in ipairs(blocks(read(path), "lua")) do
      it("block " .. index .. " prints what it says", function()
        check(block, function(text)
          return shell.run { binary, folder:write("block.lua", text), "--replay",
            "examples/testmu-monthly.har", "--allow-partial" }
        end)
      end)
    end
  end)
end

describe("docs/primitives.md", function()
  local server
  setup(function() server = nginx.start { vendors = {}, tls = false } end)
  teardown(function() server:stop() end)

  local environment
  before_each(function()
    environment = { ACME_URL = server.url, ACME_TOKEN = "acme-token-0123456789" }
  end)

  for index, block in ipairs(blocks(read "docs/primitives.md", "lua")) do
    it("block " .. index .. " prints what it says", function()
      check(block, function(text)
        return shell.run({ binary, folder:write("block.lua", text) }, { env = environment })
      end)
    end)

    it("block " .. index .. " does so in a plain Lua", function()
      check(block, function(text)
        local head = ('package.path = %q .. package.path; package.cpath = %q .. package.cpath\n')
          :format("lua/?.lua;lua/?/init.lua;", "build/lib/?.so;")
        return shell.run({ "lua5.4", folder:write("block.lua", head .. text) },
          { env = environment })
      end)
    end)
  end
end)

describe("README.md", function()
  local text = read "README.md"

  it("shows what the demo prints", function()
    local result = shell.run { "make", "-s", "demo" }
    assert.are.equal(0, result.status, result.stderr)
    assert.truthy(text:find("$ make deps demo\n" .. result.stdout .. "```", 1, true), result.stdout)
  end)

  it("has a report script that runs", function()
    local count = 0
    for _, block in ipairs(blocks(text, "lua")) do
      if is_script(block) then
        count = count + 1
        local result = shell.run { binary, folder:write("report.lua", block), "--replay",
          "examples/testmu-monthly.har" }
        assert.are.equal(0, result.status, result.stderr)
        assert.truthy(result.stdout:find("By product", 1, true))
      end
    end
    assert.are.equal(1, count)
  end)

  -- Lines of its shells and of its CI files that run usagelua.
  local function command_lines()
    local list = {}
    for _, block in ipairs(page.blocks "README.md") do
      for line in (block.language == "sh" or block.language == "yaml") and block.text:gmatch "[^\n]+"
        or function() end do
        local command = line:match "^usagelua .*$" or line:match ":%s*(usagelua .*)$"
          or line:match "^%s*%- (usagelua .*)$"
        list[#list + 1] = command
      end
    end
    return list
  end

  for number, command in ipairs(command_lines()) do
    it(("has a command line that runs (%d: %s)"):format(number, command), function()
      local work <close> = tmp.folder()
      for _, block in ipairs(blocks(text, "lua")) do
        if is_script(block) then work:write("report.lua", block) end
      end
      local recording = shell.output({ "realpath", "examples/testmu-monthly.har" }):gsub("\n", "")
      local result = shell.run(command, { cwd = work.path, env = { LT_USERNAME = false,
        LT_ACCESS_KEY = false, GITHUB_STEP_SUMMARY = work.path .. "/summary.md",
        PATH = page.recorded(work, recording) .. ":" .. os.getenv "PATH" } })
      -- Without credentials check and get say so; all else is answered by the recording.
      local word = command:match "^usagelua (%a+)"
      local expected = (word == "check" or word == "get") and 2 or 0
      assert.are.equal(expected, result.status, result.stdout .. result.stderr)
    end)
  end

  it("has CI files that can be read", function()
    for _, block in ipairs(blocks(text, "yaml")) do assert.is_table(lyaml.load(block)) end
  end)

  it("has a vendor script that the checker takes", function()
    local count = 0
    for _, block in ipairs(blocks(text, "lua")) do
      if block:find("base_url", 1, true) then
        count = count + 1
        local checked = description.check(assert(load(block))(), "acme.lua")
        assert.are.equal("acme.usage", checked.datasets.usage.name)
      end
    end
    assert.are.equal(1, count)
  end)

  -- What everybody's programs have is not spelled out.
  local PLAIN <const> = { execute = true, interactive = true, format = true, output = true,
    quiet = true, verbose = true }

  local function assert_named(word)
    assert.truthy(text:find(word, 1, true), word)
  end

  it("names every option and format", function()
    for _, row in ipairs(require("usagelua.cli.options").rows) do
      assert_named(PLAIN[row.name] and "-" .. row.short or "--" .. row.name)
    end
    for _, format in ipairs(require("usagelua.formats").names()) do
      assert_named("`" .. format .. "`")
    end
  end)

  it("names every vendor's datasets and credentials, and the variables of our own", function()
    local loader = require("usagelua.vendor.loader").new {
      kit = require "usagelua.vendor.kit", folders = "" }
    for _, name in ipairs(loader:names()) do
      local vendor = loader:load(name)
      for dataset in pairs(vendor.datasets) do assert_named(("`%s.%s`"):format(name, dataset)) end
      for _, variable in ipairs(require("usagelua.vendor.credentials").variables(vendor)) do
        assert_named("`" .. variable .. "`")
      end
    end
    local own = shell.output [[
      grep -rhoE --exclude-dir=templates 'USAGELUA_[A-Z]+(_[A-Z]+)*' lua csrc | sort -u]]
    for name in own:gmatch "[^\n]+" do assert_named(name) end
  end)

  it("links only to files that there are", function()
    for target in text:gmatch "%]%(([^)#]+)%)" do
      assert.truthy(io.open(target), target)
    end
  end)
end)
