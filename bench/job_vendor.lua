-- The vendor of the main job: the description of BrowserStack that is shipped,
-- but for the wait of 4 s before the first question about a job, and under
-- another name, so that it replaces no built-in one and has its own credentials.
local paths = require "paths"

local job_vendor = {}

local CHANGES <const> = {
  { 'name = "browserstack"', 'name = "bench"' },
  { 'username_env = "BROWSERSTACK_USERNAME"', 'username_env = "BENCH_USERNAME"' },
  { 'password_env = "BROWSERSTACK_ACCESS_KEY"', 'password_env = "BENCH_ACCESS_KEY"' },
  { "first_s = 4", "first_s = 0.001" },
}

-- Without patterns; what is not there would be measured wrongly.
local function replace(text, from, to)
  local first, last = text:find(from, 1, true)
  assert(first, "not in the vendor's description: " .. from)
  return text:sub(1, first - 1) .. to .. text:sub(last + 1)
end

---Writes it where the benchmark's vendors lie.
function job_vendor.write()
  local source <close> = assert(io.open(paths.root .. "/lua/usagelua/vendors/browserstack.lua"))
  local text = source:read "a"
  for _, change in ipairs(CHANGES) do text = replace(text, change[1], change[2]) end
  assert(os.execute(("mkdir -p '%s/vendors'"):format(paths.build)))
  local target <close> = assert(io.open(paths.build .. "/vendors/bench.lua", "w"))
  assert(target:write(text))
end

return job_vendor
