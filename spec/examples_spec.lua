-- Every example runs, offline, on the recording beside it, and its recording
-- holds no credential.
local shell = require "support.shell"

local function examples()
  local list = {}
  for path in shell.output("ls examples/*.lua"):gmatch "[^\n]+" do list[#list + 1] = path end
  return list
end

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

for _, script in ipairs(examples()) do
  describe(script, function()
    local cassette = script:gsub("%.lua$", ".har")

    it("runs on its recording without network and credentials", function()
      local result = shell.run({ shell.usagelua(), script, "--replay", cassette },
        { env = { LT_USERNAME = false, LT_ACCESS_KEY = false, https_proxy = "http://127.0.0.1:1" } })
      assert.are.equal(0, result.status, result.stderr)
      assert.truthy(result.stdout:find("nothing was asked", 1, true))
    end)

    it("prints the same bytes under another locale and time zone", function()
      local function run(env)
        return shell.run({ shell.usagelua(), script, "--replay", cassette, "-f", "json" },
          { env = env }).stdout
      end
      assert.are.equal(run { TZ = "UTC", LC_ALL = "C" },
        run { TZ = "Asia/Kolkata", LC_ALL = "de_DE.UTF-8" })
    end)

    it("says in its first lines how it is run", function()
      local text = read(script)
      assert.truthy(text:find("^#!/usr/bin/env usagelua\n%-%- "))
      assert.truthy(text:find("usagelua " .. script:match "[^/]+$", 1, true))
    end)

    it("has a recording without credentials", function()
      assert.is_nil(read(cassette):lower():find("authorization", 1, true))
    end)
  end)
end
