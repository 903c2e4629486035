-- docs/howto-*.md: their commands, in order, in a folder with the tutorial's
-- script and recording; what they show of CI files is run there too.
local lyaml = require "lyaml"
local page = require "support.page"
local shell = require "support.shell"
local tmp = require "support.tmp"

local PAGES <const> = { "howto-ci", "howto-budgets", "howto-vendor", "howto-proxy" }
local RECORDING <const> = (shell.output { "realpath", "examples/testmu-monthly.har" }):gsub("\n", "")

local function tutorial_script()
  for _, block in ipairs(page.blocks "docs/tutorial.md") do
    if block.file == "usage.lua" then return block.text end
  end
end

local function new_folder()
  local folder = tmp.folder()
  shell.output { "mkdir", folder.path .. "/bin" }
  shell.output { "ln", "-s", shell.usagelua(), folder.path .. "/bin/usagelua" }
  shell.output { "cp", RECORDING, folder.path .. "/june.har" }
  folder:write("usage.lua", tutorial_script())
  page.recorded(folder, RECORDING) -- CI asks the vendor; here the answers are recorded ones
  return folder
end

local function environment(folder, programs)
  return { HOME = folder.path, PATH = folder.path .. programs .. ":" .. os.getenv "PATH",
    https_proxy = "http://127.0.0.1:1", http_proxy = "http://127.0.0.1:1", LT_USERNAME = false,
    LT_ACCESS_KEY = false, ACME_TOKEN = false, USAGELUA_VENDORS = false,
    GITHUB_STEP_SUMMARY = folder.path .. "/summary.md" }
end

for _, name in ipairs(PAGES) do
  local path = ("docs/%s.md"):format(name)
  local commands, others = {}, {}
  for _, block in ipairs(page.blocks(path)) do
    if block.language == "sh" then
      commands[#commands + 1] = block
    elseif block.language ~= "text" and not block.file then
      others[#others + 1] = block
    end
  end

  describe(path, function()
    local folder, steps

    setup(function()
      folder = new_folder()
      steps = page.walk(path, folder, { env = environment(folder, "/bin") })
    end)
    teardown(function() folder:remove() end)

    for number in ipairs(commands) do
      it(("step %d works, and prints what it says"):format(number), function()
        local step = steps[number]
        assert.are.equal(0, step.status, step.block.text .. "\n" .. step.output)
        local ok, missing = page.shows(step.expected or "…", step.output)
        assert.is_true(ok, ("%s\nshows no line '%s':\n%s"):format(step.block.text, missing, step.output))
      end)
    end

    for number, block in ipairs(others) do
      it(("what it shows of CI (%d, %s) runs"):format(number, block.language), function()
        if block.language == "yaml" then assert.is_table(lyaml.load(block.text)) end
        local command = assert(block.text:match "usagelua usage%.lua[^\n]*")
        local result = shell.run(command, { cwd = folder.path, env = environment(folder, "/recorded") })
        assert.are.equal(0, result.status, command .. "\n" .. result.stderr)
        assert.truthy(result.stdout:find("Tests, 2026-06", 1, true), result.stdout)
        assert.truthy(folder:read("usage.xml"):find("<testsuite", 1, true))
      end)
    end
  end)
end

-- A cache that is kept only where all went well forgets the jobs of runs that did not.
describe("the ledger's cache in GitLab", function()
  it("is kept whatever the status, on every page", function()
    local seen = 0
    for _, path in ipairs { "README.md", "docs/howto-ci.md" } do
      for _, block in ipairs(page.blocks(path)) do
        local job = block.language == "yaml" and block.text:find("^usage:") and lyaml.load(block.text).usage
        if job and job.cache then
          seen = seen + 1
          assert.are.equal("always", job.cache.when, path)
        end
      end
    end
    assert.are.equal(2, seen)
  end)
end)

describe("the pages of docs/", function()
  local listed = shell.output "ls docs/*.md docs/vendors/*.md"

  it("link only to files that there are", function()
    for path in listed:gmatch "[^\n]+" do
      local file <close> = assert(io.open(path))
      for target in file:read("a"):gmatch "%]%(([^)#%s]+)%)" do
        if not target:find "^https?:" then
          assert.truthy(io.open(path:match "^.*/" .. target), path .. ": " .. target)
        end
      end
    end
  end)

  it("are all in the index", function()
    local file <close> = assert(io.open "docs/README.md")
    local index = file:read "a"
    for path in listed:gmatch "docs/([^\n]+)" do
      if path ~= "README.md" then assert.truthy(index:find("](" .. path .. ")", 1, true), path) end
    end
  end)
end)
