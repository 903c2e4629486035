-- What a person can do about an error of which neither vendor nor program has
-- said so: by its kind, and only where that is more than a guess.

local advice = {}

local DOWN <const> = "the vendor may be down: look at its status page, and run it again later"
-- kind → what to do
local BY_KIND <const> = {
  network = "check the network and https_proxy, and whether the vendor is up",
  timeout = DOWN,
  cut = DOWN,
  json = "a proxy or a page to sign in may have answered in the vendor's place",
  auth = "check the credential",
  permission = "the credential is good, and its role may not ask for this",
}
-- Calls that could be asked again once there is time.
local TIME <const> = "give the run more time with --deadline"

---@param err usagelua.error that a call ends with
---@return string? hint
function advice.of(err)
  if err.kind == "deadline" then return TIME end
  if err.kind == "http" and err.status and err.status >= 500 then return DOWN end
  if err.kind == "shape" and err.code == "no_rows" then
    return "the vendor's answers may have changed: --trace FILE writes the request as a curl line"
  end
  return BY_KIND[err.kind]
end

return advice
