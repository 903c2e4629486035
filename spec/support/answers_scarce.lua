-- Run by spec/csv_memory_spec.lua under torture/failing.c: the jobs of CSV and of
-- held answers.
local scarcity = require "spec.support.scarcity"
local core = require "usagelua.core"

local jobs = {}

local text = ('a,"%s",c\r\n1,"x""%s",3\r\n'):format(("n"):rep(300), ("y"):rep(600))

local function rows_of(reader)
  local list = {}
  for row in function() return reader:next() end do
    list[#list + 1] = ("%s %s"):format(row.a, row.c)
  end
  return table.concat(list, ";")
end

function jobs.csv()
  local reader <close> = core.csv.reader { fields = { "a", "c" } }
  for i = 1, #text, 5 do assert(reader:feed(text:sub(i, i + 4))) end
  assert(reader:finish())
  return rows_of(reader) .. #table.concat(reader:columns())
end

function jobs.csv_named()
  local reader <close> = core.csv.reader { columns = { "a", "b", "c" } }
  assert(reader:feed(text) and reader:finish())
  return rows_of(reader)
end

function jobs.csv_wrong()
  local reader <close> = core.csv.reader {}
  local _, err = reader:feed(text .. "1,2\n")
  return err.message
end

local function spooled(memory_bytes)
  local check <close> = core.csv.reader {}
  local spool <close> = core.spool.new { memory_bytes = memory_bytes, check = check }
  for i = 1, #text, 50 do assert(spool:feed(text:sub(i, i + 49))) end
  assert(spool:rewind())
  local again <close> = core.csv.reader {}
  while assert(spool:give(again) ~= nil) and again:count() < 1 do end
  return rows_of(again) .. spool:size()
end

function jobs.spool() return spooled(1 << 20) end

function jobs.spool_in_a_file() return spooled(100) end

scarcity.play(jobs)
