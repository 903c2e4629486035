-- docs/tutorial.md, walked by somebody who has nothing but the page: an empty
-- folder, the command on PATH, no credentials, no network.
local monotonic = require("usagelua.core").clock.monotonic
local page = require "support.page"
local shell = require "support.shell"
local tmp = require "support.tmp"

local PATH <const> = "docs/tutorial.md"
local TEN_MINUTES <const> = 600

-- The one step that needs the network; what it does is tested by install_spec
-- and docs_spec. Here the sources and the command are there already.
local INSTALL <const> = [[
git clone https://github.com/usagelua/usagelua.git ~/usagelua
cd ~/usagelua
make deps demo
sudo make install]]

local folder, steps, took_s

setup(function()
  folder = tmp.folder()
  local root = shell.output("pwd -P"):gsub("\n", "")
  shell.output { "mkdir", folder.path .. "/bin" }
  shell.output { "ln", "-s", shell.usagelua(), folder.path .. "/bin/usagelua" }
  shell.output { "ln", "-s", root, folder.path .. "/usagelua" }
  local began = monotonic()
  steps = page.walk(PATH, folder, { instead = { [INSTALL] = "cd ~/usagelua && test -f Makefile" },
    env = { HOME = folder.path, PATH = folder.path .. "/bin:" .. os.getenv "PATH",
      https_proxy = "http://127.0.0.1:1", http_proxy = "http://127.0.0.1:1", LT_USERNAME = false,
      LT_ACCESS_KEY = false, USAGELUA_VENDORS = false, GITHUB_STEP_SUMMARY = false } })
  took_s = monotonic() - began
end)

teardown(function() folder:remove() end)

describe("the tutorial", function()
  local numbers = {}
  for _, block in ipairs(page.blocks(PATH)) do
    if block.language == "sh" then numbers[#numbers + 1] = #numbers + 1 end
  end

  for _, number in ipairs(numbers) do
    it(("step %d works, and prints what it says"):format(number), function()
      local step = steps[number]
      assert.are.equal(0, step.status, step.block.text .. "\n" .. step.output)
      if not step.expected then return end
      local ok, missing = page.shows(step.expected, step.output)
      assert.is_true(ok, ("%s\nshows no line '%s':\n%s"):format(step.block.text, missing, step.output))
    end)
  end

  it("begins with the installation as it is written", function()
    assert.are.equal(INSTALL, steps[1].block.text)
  end)

  it("says the output of most of its commands", function()
    local said = 0
    for _, step in ipairs(steps) do said = said + (step.expected and 1 or 0) end
    assert.is_true(said >= 7)
  end)

  it("runs in CI what it runs at home", function()
    local workflow = folder:read "usage/.github/workflows/usage.yml"
    local command = assert(workflow:match "run: (usagelua [^\n]+)")
    local found = false
    for _, step in ipairs(steps) do found = found or step.block.text:find(command, 1, true) ~= nil end
    assert.is_true(found, command)
  end)

  it("leaves a report with a budget in every file", function()
    assert.truthy(folder:read("usage/summary.md"):find("18,030", 1, true))
    assert.truthy(folder:read("usage/usage.html"):find("contract", 1, true))
    assert.truthy(folder:read("usage/usage.xml"):find("<failure", 1, true))
    assert.truthy(folder:read("usage/usage.csv"):find("automation,10660,", 1, true))
  end)

  it("takes a small part of its ten minutes", function()
    assert.is_true(took_s < TEN_MINUTES / 2)
  end)
end)
