-- The benchmark, from the root of the checkout:
--
--   lua5.4 bench/run.lua [--quick] [--rounds N] [--rows NAME,…] [--out FILE] [--picture FILE]
--
-- Tables go to stdout or to a file, and the rates of the first main job into a picture.
package.path = "lua/?.lua;lua/?/init.lua;spec/?.lua;bench/?.lua;" .. package.path
package.cpath = "build/lib/?.so;" .. package.cpath

local job_vendor = require "job_vendor"
local paths = require "paths"
local peers = require "peers"
local picture = require "picture"
local rounds = require "rounds"
local rows = require "rows"
local server = require "server"
local tables = require "tables"

local ROUNDS <const>, QUICK_ROUNDS <const> = 5, 3

local function options_of(words)
  local options, place = {}, 1
  local takes = { ["--rounds"] = "rounds", ["--rows"] = "rows", ["--out"] = "out",
    ["--picture"] = "picture" }
  while words[place] do
    local word = words[place]
    if word == "--quick" then
      options.is_quick = true
    elseif takes[word] and words[place + 1] then
      options[takes[word]] = words[place + 1]
      place = place + 1
    else
      io.stderr:write("usage: bench/run.lua [--quick] [--rounds N] [--rows NAME,...] [--out FILE] "
        .. "[--picture FILE]\n")
      os.exit(2)
    end
    place = place + 1
  end
  return options
end

local function chosen(options)
  local list = options.is_quick and rows.quick or rows.all
  if not options.rows then return list end
  local picked = {}
  for name in options.rows:gmatch "[^,]+" do
    local found
    for _, from in ipairs { rows.quick, rows.all, rows.more } do
      for _, one in ipairs(from) do
        if one.name == name then found = one end
      end
    end
    picked[#picked + 1] = assert(found, "no row is named " .. name)
  end
  return picked
end

local function say(result, round)
  local sample = result.samples[round]
  io.stderr:write(("  %d %-45s %s\n"):format(round, result.program.title,
    sample and ("%8.3f s  %6.1f MB  %s"):format(sample.wall, sample.peak_kb / 1024, sample.output)
    or result.problem))
end

local function add_extra(row)
  for _, result in ipairs(row.extra and row.results or {}) do
    result.extra = row.extra.of(result.program)
  end
end

local function measure_row(options, one, url)
  local row = one.row(url)
  io.stderr:write(one.name, ": ", row.title, "\n")
  local count = tonumber(options.rounds) or one.rounds or (options.is_quick and QUICK_ROUNDS or ROUNDS)
  row.name, row.results = one.name, rounds.run(row.programs, count, say)
  add_extra(row)
  return row
end

local function write(path, text)
  local file <close> = assert(io.open(path, "w"))
  assert(file:write(text))
end

-- What was measured stands in the file after every row: all of it takes long.
local function measure(options, url, command)
  local measured = {}
  for _, one in ipairs(chosen(options)) do
    measured[#measured + 1] = measure_row(options, one, url)
    if options.out then write(options.out, tables.text(measured, command)) end
  end
  return measured
end

local function draw(measured, url, path)
  for _, row in ipairs(measured) do
    if row.name:find "^main%-" then return picture.write(row, url, path) end
  end
end

local function command_line(words)
  return "lua5.4 bench/run.lua" .. (#words > 0 and " " .. table.concat(words, " ") or "")
end

local function main(words)
  local options, command = options_of(words), command_line(words)
  peers.tool "generate"
  peers.tool "measure"
  job_vendor.write()
  local served <close> = server.start(paths.documents)
  local measured = measure(options, served.url, command)
  if not options.out then io.stdout:write(tables.text(measured, command)) end
  if options.picture then draw(measured, served.url, options.picture) end
  return tables.has_wrong(measured) and 1 or 0
end

os.exit(main(arg), true)
