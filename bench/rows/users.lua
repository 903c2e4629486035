-- The rows of the main job: a report of users is downloaded, grouped by team
-- and product, tests and minutes added up, printed sorted. usagelua runs a
-- report script through BrowserStack's whole job: create, status, report, delete.
local documents = require "documents"
local program = require "program"

local users = {}

-- Printed behind the four are how complete each line is.
local COLUMNS <const> = "1-4"

local function environment(url, way, document)
  return { USAGELUA_BENCH_URL = ("%s/%s/%s"):format(url, way, document),
    USAGELUA_PLAIN_URL = ("%s/%s"):format(url, way) }
end

local function report(name, url, way, document)
  return program.report(name, {}, environment(url, way, document), { columns = COLUMNS })
end

local COMPILED <const> = { "simdjson", "yajl" }
local SCRIPTS <const> = { "luasocket", "lua_http", "python_json", "python_ijson", "node_fetch", "curl_jq" }

-- What Node can hold in one string.
local LONGEST_STRING_MB <const> = 512

local GOALS <const> = {
  { to = "simdjson", at_most = 1.0 },
  { to = "yajl", at_most = 0.6 },
  { to = "luasocket", at_least = 9 },
  { to = "lua_http", at_least = 9 },
  { to = "python_json", at_least = 14 },
  { to = "python_ijson", at_least = 9 },
  { to = "node_fetch", at_least = 11 },
  { to = "curl_jq", at_least = 35 },
  { peak_mb = 20 },
}

local function goals_of(programs)
  local is_there, list = {}, {}
  for _, one in ipairs(programs) do is_there[one.name] = true end
  for _, goal in ipairs(GOALS) do
    if not goal.to or is_there[goal.to] then list[#list + 1] = goal end
  end
  return list
end

local function download(url, mb, names)
  local document = documents.users(mb)
  local address = ("%s/plain/%s.json"):format(url, document)
  local list = { report("users", url, "plain", document) }
  for _, name in ipairs(names) do
    list[#list + 1] = program.peer(name, { address },
      { may_fail = name == "node_fetch" and mb > LONGEST_STRING_MB })
  end
  list[#list + 1] = program.peer("curl_null", { address }, { is_floor = true })
  for _, one in ipairs(list) do one.reads = documents.path(document) end
  return { title = ("Main job, %d MB"):format(mb), programs = list, goals = goals_of(list), mb = mb }
end

---@param mb integer
---@return bench.row
function users.main(mb)
  local all = table.move(SCRIPTS, 1, #SCRIPTS, #COMPILED + 1, { table.unpack(COMPILED) })
  return function(url) return download(url, mb, all) end
end

local function beside(mb, programs, what)
  return function(url)
    local row = download(url, mb, programs)
    row.title = row.title .. ", " .. what
    return row
  end
end

---The main job beside the compiled programs alone.
---@param mb integer
---@return bench.row
function users.compiled(mb)
  return beside(mb, COMPILED, "compiled programs")
end

---The main job beside the others alone: minutes, where a document is large.
---@param mb integer
---@return bench.row
function users.scripts(mb)
  return beside(mb, SCRIPTS, "programs in script languages")
end

---The document by one request, without the report job around it: what the
---core does of the main job.
---@param mb integer
---@return bench.row
function users.document(mb)
  return function(url)
    local document = documents.users(mb)
    local address = ("%s/plain/%s.json"):format(url, document)
    local own = program.report("plain_users", { "--document", document }, environment(url, "plain", document),
      { columns = COLUMNS })
    return {
      title = ("The document of the main job alone, %d MB"):format(mb), mb = mb, goals = {},
      programs = { own, program.peer("simdjson", { address }), program.peer("yajl", { address }) },
    }
  end
end

---The same job with gzip on the wire.
---@param mb integer
---@return bench.row
function users.gzip(mb)
  return function(url)
    local document = documents.compressed(documents.users(mb))
    local address = ("%s/gzip/%s.json"):format(url, document)
    return {
      title = ("Main job, %d MB, gzip on the wire"):format(mb), mb = mb,
      programs = { report("users", url, "gzip", document), program.peer("simdjson", { address }),
        program.peer("yajl", { address }),
        program.peer("curl_compressed", { address }, { is_floor = true }) },
      goals = { { to = "curl_compressed", at_most = 1.8 }, { peak_mb = 20 } },
    }
  end
end

---The same job with a condition in Lua over all columns.
---@param mb integer
---@return bench.row
function users.where(mb)
  return function(url)
    local document = documents.users(mb)
    local address = ("%s/plain/%s.json"):format(url, document)
    return {
      title = ("Main job, %d MB, where as a Lua function over all columns"):format(mb), mb = mb,
      programs = { report("users_where", url, "plain", document),
        program.peer("luasocket", { address, "where" }) },
      goals = { { to = "luasocket", at_least = 3 } },
    }
  end
end

return users
