-- The benchmark, from the root of the checkout:
--
--   lua5.4 bench/run.lua [--quick] [--rounds N] [--rows NAME,…] [--merge] [--prepare] [--out FILE]
--                        [--picture FILE]
--
-- Tables go to stdout or to a file, and the rates of the first main job into a picture. What is
-- measured is kept: with --merge the rows of earlier runs stand beside those of this one, each
-- with its own date, revision and command. --prepare makes documents and programs, and ends.
package.path = "lua/?.lua;lua/?/init.lua;spec/?.lua;bench/?.lua;" .. package.path
package.cpath = "build/lib/?.so;" .. package.cpath

local job_vendor = require "job_vendor"
local kept = require "kept"
local paths = require "paths"
local peers = require "peers"
local picture = require "picture"
local rounds = require "rounds"
local rows = require "rows"
local server = require "server"
local tables = require "tables"
local origin = require "origin"

local ROUNDS <const>, QUICK_ROUNDS <const> = 5, 3

local function options_of(words)
  local options, place = {}, 1
  local flags = { ["--quick"] = "is_quick", ["--merge"] = "is_merged", ["--prepare"] = "is_prepared" }
  local takes = { ["--rounds"] = "rounds", ["--rows"] = "rows", ["--out"] = "out",
    ["--picture"] = "picture" }
  while words[place] do
    local word = words[place]
    if flags[word] then
      options[flags[word]] = true
    elseif takes[word] and words[place + 1] then
      options[takes[word]] = words[place + 1]
      place = place + 1
    else
      io.stderr:write("usage: bench/run.lua [--quick] [--rounds N] [--rows NAME,...] [--merge] [--prepare] "
        .. "[--out FILE] [--picture FILE]\n")
      os.exit(2)
    end
    place = place + 1
  end
  return options
end

local LISTS <const> = { rows.all, rows.more, rows.quick }

local function names()
  local list, seen = {}, {}
  for _, from in ipairs(LISTS) do
    for _, one in ipairs(from) do
      if not seen[one.name] then seen[one.name], list[#list + 1] = true, one.name end
    end
  end
  return list
end

local function chosen(options)
  local list = options.is_quick and rows.quick or rows.all
  if not options.rows then return list end
  local picked = {}
  for name in options.rows:gmatch "[^,]+" do
    local found
    for _, from in ipairs(LISTS) do
      for _, one in ipairs(from) do
        if one.name == name then found = found or one end
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

local function measure_row(options, one, url, command)
  local row = one.row(url)
  row.origin = origin.now(command)
  io.stderr:write(one.name, ": ", row.title, "\n")
  local count = tonumber(options.rounds) or one.rounds or (options.is_quick and QUICK_ROUNDS or ROUNDS)
  row.name, row.results = one.name, rounds.run(row.programs, count, say)
  add_extra(row)
  origin.finish(row.origin, row.results, count)
  kept.put(row)
  return row
end

local function write(path, text)
  local file <close> = assert(io.open(path, "w"))
  assert(file:write(text))
end

local function shown_rows(options, measured)
  return options.is_merged and kept.beside(measured, names()) or measured
end

-- What was measured stands in the file after every row: all of it takes long.
local function measure(options, url, command)
  local measured = {}
  for _, one in ipairs(chosen(options)) do
    measured[#measured + 1] = measure_row(options, one, url, command)
    if options.out then write(options.out, tables.text(shown_rows(options, measured))) end
  end
  return measured
end

-- A row names its documents and its programs: both are made by then.
local function prepare(options)
  for _, one in ipairs(chosen(options)) do one.row "" end
  return 0
end

local function draw(list, url, path)
  for _, row in ipairs(list) do
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
  if options.is_prepared then return prepare(options) end
  local served <close> = server.start(paths.documents)
  local measured = measure(options, served.url, command)
  local list = shown_rows(options, measured)
  if not options.out then io.stdout:write(tables.text(list)) end
  if options.picture then draw(list, served.url, options.picture) end
  return tables.has_wrong(measured) and 1 or 0
end

os.exit(main(arg), true)
