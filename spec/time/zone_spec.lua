local core = require "usagelua.core"
local outcome = require "support.outcome"
local timestamp = require "usagelua.time.timestamp"
local zone = require "usagelua.time.zone"

local function at(text)
  return (assert(timestamp.parse_rfc3339(text)))
end

local function read_all(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read "a"
  file:close()
  return bytes
end

local ZONES = { "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
  "America/Sao_Paulo", "Pacific/Apia", "Europe/Dublin", "Africa/Casablanca", "America/Nuuk",
  "Asia/Gaza", "America/Santiago", "Asia/Tehran", "EST5EDT", "UTC" }

-- Local times as coreutils sees them: one run of date for each zone.
local function ask_date(name, instants)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  for _, epoch in ipairs(instants) do file:write("@", epoch, "\n") end
  file:close()
  local command = ("TZ=%s LC_ALL=C date -f %s +%%Y-%%m-%%dT%%H:%%M:%%S%%::z,%%Z"):format(name, path)
  local pipe = assert(io.popen(command))
  local lines = {}
  for line in pipe:lines() do lines[#lines + 1] = line end
  pipe:close()
  os.remove(path)
  return lines
end

local function as_date_writes(place, epoch)
  local offset_s, abbreviation = place:offset(epoch)
  local wall = timestamp.format_rfc3339(epoch + offset_s):sub(1, -2)
  local size = math.abs(offset_s)
  return ("%s%s%02d:%02d:%02d,%s"):format(wall, offset_s < 0 and "-" or "+", size // 3600,
    size // 60 % 60, size % 60, abbreviation)
end

-- Random instants of 1970 to 2100, and the seconds around some changes.
local function interesting_instants(place)
  local instants = {}
  for i = 1, 200 do instants[i] = math.random(0, 4102444800) end
  for i = 1, 100 do
    local change = place:next_change(instants[i])
    for step = -1, change and 1 or -2 do instants[#instants + 1] = change + step end
  end
  return instants
end

describe("core.zone", function()
  for _, name in ipairs(ZONES) do
    it("agrees with date on " .. name .. " from 1970 to 2100", function()
      math.randomseed(#name)
      local place = assert(core.zone.load(name))
      local instants = interesting_instants(place)
      local expected = ask_date(name, instants)
      assert.equal(#instants, #expected)
      for i, epoch in ipairs(instants) do assert.equal(expected[i], as_date_writes(place, epoch)) end
    end)

    it("finds the instant of each local time of " .. name, function()
      math.randomseed(#name)
      local place = zone.parse(name)
      for _, epoch in ipairs(interesting_instants(place.source)) do
        local d = place:date(epoch)
        local found, fit = place:epoch(d.year, d.month, d.day, d.hour, d.min, d.sec)
        if fit == "exact" then assert.equal(epoch, found) end
        if found ~= epoch then
          assert.equal("overlap", fit)
          local again = place:date(found)
          again.offset, d.offset = nil, nil
          assert.same(d, again)
          assert.is_true(found < epoch)
        end
      end
    end)
  end

  it("says what the clocks do when they are set forward", function()
    local berlin = core.zone.load "Europe/Berlin"
    assert.same({ at "2026-03-29T01:59:59+01:00", "exact" }, { berlin:epoch(2026, 3, 29, 1, 59, 59) })
    assert.same({ at "2026-03-29T02:30:00+01:00", "gap" }, { berlin:epoch(2026, 3, 29, 2, 30, 0) })
    assert.same({ at "2026-03-29T03:00:00+02:00", "exact" }, { berlin:epoch(2026, 3, 29, 3, 0, 0) })
  end)

  it("says what the clocks do when they are set back", function()
    local berlin = core.zone.load "Europe/Berlin"
    assert.same({ at "2026-10-25T02:00:00+02:00", "overlap" }, { berlin:epoch(2026, 10, 25, 2, 0, 0) })
    assert.same({ at "2026-10-25T03:00:00+01:00", "exact" }, { berlin:epoch(2026, 10, 25, 3, 0, 0) })
  end)

  it("finds gaps and overlaps where a rule, no table, says them", function()
    local berlin = core.zone.load "Europe/Berlin"
    assert.equal("gap", select(2, berlin:epoch(2099, 3, 29, 2, 30, 0)))
    assert.equal("overlap", select(2, berlin:epoch(2099, 10, 25, 2, 30, 0)))
    assert.equal(at "2099-10-25T03:00:00+02:00", berlin:next_change(at "2099-06-01T00:00:00Z"))
  end)

  it("knows the day that Apia skipped", function()
    local apia = core.zone.load "Pacific/Apia"
    local epoch, fit = apia:epoch(2011, 12, 30, 12, 0, 0)
    assert.same({ at "2011-12-30T12:00:00-10:00", "gap" }, { epoch, fit })
    assert.equal(at "2011-12-31T00:00:00+14:00", apia:next_change(at "2011-12-01T00:00:00Z"))
  end)

  it("has no change where there is none to come", function()
    assert.is_nil(core.zone.load("Asia/Kolkata"):next_change(0))
    assert.is_nil(core.zone.load("UTC"):next_change(0))
  end)

  it("loads nothing from outside its folder", function()
    for _, name in ipairs { "", "..", "../zoneinfo/UTC", "Europe/../UTC", "/usr/share/zoneinfo/UTC",
      "Europe", "Europe/", "Europe/Berlin\n", "Nowhere", ("x"):rep(5000), "a b" } do
      assert.same({ nil, "no such zone" }, { core.zone.load(name) })
    end
    assert.has_error(function() core.zone.load "UTC\0" end,
      "bad argument #1 to 'load' (name contains a zero byte)")
  end)

  it("refuses files that are no zones", function()
    assert.same({ nil, "not a TZif file" }, { core.zone.load "zone.tab" })
    assert.same({ nil, 'the file counts leap seconds, use the zone without "right/"' },
      { core.zone.load "right/Europe/Berlin" })
  end)

  it("raises on instants and dates that it has no answer to", function()
    local berlin = core.zone.load "Europe/Berlin"
    for _, call in ipairs {
      function() berlin:offset(math.maxinteger) end, function() berlin:offset(math.mininteger) end,
      function() berlin:next_change(253402300800) end, function() berlin:offset(0.5) end,
      function() berlin:epoch(2026, 2, 29, 0, 0, 0) end, function() berlin:epoch(0, 1, 1, 0, 0, 0) end,
      function() berlin:epoch(2026, 1, 1, 24, 0, 0) end, function() berlin.offset(io.stdout, 0) end,
    } do
      assert.is_false(pcall(call))
    end
    assert.equal(3600, (berlin:offset(0)))
  end)
end)

-- A TZif file by its parts; those not given are those of a sound one.
local function tzif(parts)
  local changes, types = parts.changes or { { 100, 1 } }, parts.types or { { 0, 0, 0 }, { 3600, 1, 4 } }
  local names = parts.names or "AAA\0BBB\0"
  local function block(format)
    local data = {}
    for _, change in ipairs(changes) do
      data[#data + 1] = (">" .. format):pack(format == "i4" and parts.narrow or change[1])
    end
    for _, change in ipairs(changes) do data[#data + 1] = string.char(change[2]) end
    for _, row in ipairs(types) do data[#data + 1] = (">i4BB"):pack(table.unpack(row)) end
    local header = ("TZif" .. (parts.version or "2") .. ("\0"):rep(15))
      .. (">I4I4I4I4I4I4"):pack(0, 0, parts.leaps or 0, #changes, #types, #names)
    local leap_bytes = format == "i4" and 8 or 12
    return header .. table.concat(data) .. names .. ("\0"):rep((parts.leaps or 0) * leap_bytes)
  end
  if parts.version == "\0" then return block "i4" end
  return block "i4" .. block "i8" .. (parts.footer or "\nAAA0\n")
end

describe("core.zone.parse", function()
  it("reads files of version 1, which have no rule", function()
    local place = assert(core.zone.parse(tzif { version = "\0" }))
    assert.same({ 0, "AAA" }, { place:offset(99) })
    assert.same({ 3600, "BBB" }, { place:offset(100) })
    assert.equal(100, place:next_change(99))
    assert.is_nil(place:next_change(100))
  end)

  it("finds the next change of the offset, not of the name alone", function()
    local place = assert(core.zone.parse(tzif {
      changes = { { 100, 1 }, { 200, 2 } }, types = { { 0, 0, 0 }, { 0, 0, 4 }, { 60, 0, 4 } },
      footer = "\n\n",
    }))
    assert.same({ 0, "BBB" }, { place:offset(150) })
    assert.equal(200, place:next_change(0))
  end)

  it("follows the rule from the last change on", function()
    local place = assert(core.zone.parse(tzif { footer = "\n<-0330>3:30\n" }))
    assert.same({ 0, "AAA" }, { place:offset(99) })
    assert.same({ -12600, "-0330" }, { place:offset(100) })
  end)

  it("follows the rule alone where there are no changes", function()
    local place = assert(core.zone.parse(tzif { changes = {}, footer = "\nEST5EDT,M3.2.0,M11.1.0\n" }))
    assert.same({ -18000, "EST" }, { place:offset(at "2026-01-01T00:00:00Z") })
    assert.same({ -14400, "EDT" }, { place:offset(at "2026-07-01T00:00:00Z") })
    assert.equal(at "2026-03-08T02:00:00-05:00", place:next_change(at "2026-01-01T00:00:00Z"))
  end)

  it("keeps the last type where the footer is empty", function()
    local place = assert(core.zone.parse(tzif { footer = "\n\n" }))
    assert.same({ 3600, "BBB" }, { place:offset(4102444800) })
  end)

  it("reads every form of a rule's day and time", function()
    for footer, change in pairs {
      ["AAA0BBB,J60,J300"] = "2024-03-01T02:00:00Z", -- 29 February is not counted
      ["AAA0BBB,60,300"] = "2024-03-01T02:00:00Z",
      ["AAA0BBB,59,300"] = "2024-02-29T02:00:00Z",
      ["AAA0BBB,M2.5.4/0,300"] = "2024-02-29T00:00:00Z",
      ["AAA0BBB,M2.1.4/-24,300"] = "2024-01-31T00:00:00Z",
      ["AAA0BBB,M2.1.4/50:30:15,300"] = "2024-02-03T02:30:15Z",
      ["<A+1>-1<B+2>-2:30,J1/25,J2/167"] = "2024-01-02T00:00:00Z",
    } do
      local place = assert(core.zone.parse(tzif { changes = {}, footer = "\n" .. footer .. "\n" }))
      assert.equal(at(change), place:next_change(at "2024-01-01T00:00:00Z"))
    end
  end)

  it("knows summer time that lasts all year", function()
    local place = assert(core.zone.parse(tzif { changes = {}, footer = "\nXXX3EDT4,0/0,J365/23\n" }))
    assert.same({ -14400, "EDT" }, { place:offset(at "2026-01-01T04:00:00Z") })
    assert.is_nil(place:next_change(at "2026-01-01T00:00:00Z"))
  end)

  it("refuses damaged files and says why", function()
    for _, row in ipairs {
      { "not a TZif file", "" }, { "not a TZif file", ("x"):rep(100) }, { "not a TZif file", "TZif" },
      { "not a TZif file", ("TZif2"):rep(300000) },
      { "the file is damaged", tzif { changes = { { 100, 2 } } } },
      { "the file is damaged", tzif { changes = { { 100, 1 }, { 100, 0 } } } },
      { "the file is damaged", tzif { changes = { { 1 << 40, 1 } }, narrow = 100 } },
      { "the file is damaged", tzif { types = {}, changes = {} } },
      { "the file is damaged", tzif { types = { { 0, 0, 8 } }, changes = {} } },
      { "the file is damaged", tzif { types = { { 0, 2, 0 } }, changes = {} } },
      { "the file is damaged", tzif { types = { { 93600, 0, 0 } }, changes = {} } },
      { "the file is damaged", tzif { names = "AAA\0BBB" } },
      { "the file is damaged", tzif { names = "" } },
      { 'the file counts leap seconds, use the zone without "right/"', tzif { leaps = 1 } },
      { "the file is cut short", tzif { footer = "" } },
      { "the file is cut short", tzif { footer = "\nAAA0" } },
      { "the file is cut short", tzif { footer = "AAA0\n" } },
    } do
      assert.same({ nil, row[1] }, { core.zone.parse(row[2]) })
    end
  end)

  it("refuses rules that are none", function()
    for _, rule in ipairs { "A0", "AAA", "AAA25", "AAA0BBB", "AAA0BBB,", "AAA0BBB,M3.5.0",
      "AAA0BBB,M13.1.0,M1.1.0", "AAA0BBB,M1.6.0,M1.1.0", "AAA0BBB,M1.1.7,M1.1.0", "AAA0BBB,J0,J1",
      "AAA0BBB,366,1", "AAA0BBB,1/168,2", "AAA0BBB,1,2,3", "<AAA0", "AAA0 ", "AAA1:60",
      "ABCDEFGHIJKLMNOP0", "AAA0BBB,1/,2", "AAA0\0" } do
      assert.same({ nil, "the rule at the end of the file is none" },
        { core.zone.parse(tzif { footer = "\n" .. rule .. "\n" }) })
    end
  end)

  it("answers for any bytes, cut or changed anywhere", function()
    math.randomseed(1)
    local sound = read_all "/usr/share/zoneinfo/Europe/Berlin"
    local function try(bytes)
      local place, reason = core.zone.parse(bytes)
      if not place then return assert.is_string(reason) end
      for _ = 1, 3 do
        local epoch = math.random(-5000000000, 9000000000)
        assert.is_true(math.abs(place:offset(epoch)) < 93600)
        local change = place:next_change(epoch)
        assert.is_true(change == nil or change > epoch)
        assert.is_string((select(2, place:epoch(math.random(1, 9999), 3, 29, 2, 30, 0))))
      end
    end
    for length = 0, #sound - 1 do assert.is_nil(core.zone.parse(sound:sub(1, length))) end
    for _ = 1, 3000 do
      local place = math.random(#sound)
      try(sound:sub(1, place - 1) .. string.char(math.random(0, 255)) .. sound:sub(place + 1))
    end
  end)
end)

describe("zone.parse", function()
  it("reads UTC, offsets and names", function()
    for text, name in pairs {
      UTC = "UTC", utc = "UTC", Z = "UTC", [" UTC "] = "UTC", ["Etc/UTC"] = "UTC",
      ["+05:30"] = "+05:30", ["-08:00"] = "-08:00", ["+0530"] = "+05:30", ["+5:30"] = "+05:30",
      ["-8"] = "-08:00", ["+14:00"] = "+14:00", ["-00:00"] = "+00:00",
      ["Europe/Berlin"] = "Europe/Berlin", ["europe/berlin"] = "Europe/Berlin",
    } do
      assert.equal(name, zone.parse(text).name)
    end
  end)

  it("refuses what it does not know, with the nearest name", function()
    local forms = "accepted: UTC, an offset such as +05:30, a name such as Europe/Berlin"
    for text, message in pairs {
      ["Europe/Berln"] = "zone 'Europe/Berln': no such zone; did you mean 'Europe/Berlin'? " .. forms,
      ["../UTC"] = "zone '../UTC': no such zone; " .. forms,
      ["zone.tab"] = "zone 'zone.tab': not a TZif file; " .. forms,
      [" "] = "the zone is empty; " .. forms,
      ["UTC\0x"] = "the zone contains a zero byte; " .. forms,
      ["+14:01"] = "zone '+14:01': offsets go from -14:00 to +14:00",
      ["+05:60"] = "zone '+05:60': offsets go from -14:00 to +14:00",
    } do
      assert.equal(message, outcome.usage_error(zone.parse, text))
    end
  end)
end)

describe("a zone", function()
  local berlin = zone.parse "Europe/Berlin"

  it("gives local dates", function()
    assert.same({ year = 2026, month = 6, day = 1, hour = 1, min = 30, sec = 15, offset = 7200,
      days = 20605 }, berlin:date(at "2026-05-31T23:30:15Z"))
  end)

  it("writes RFC 3339 with its offset, Z in UTC", function()
    local epoch = at "2026-06-01T00:00:00Z"
    assert.equal("2026-06-01T02:00:00+02:00", berlin:rfc3339(epoch))
    assert.equal("2026-06-01T05:30:00+05:30", zone.parse("+05:30"):rfc3339(epoch))
    assert.equal("2026-06-01T00:00:00Z", zone.parse("UTC"):rfc3339(epoch))
  end)

  it("formats by the directives of strftime", function()
    local epoch = at "2026-06-01T03:04:05+02:00"
    for format, text in pairs {
      ["%Y-%m-%d %H:%M:%S"] = "2026-06-01 03:04:05", ["%F %T"] = "2026-06-01 03:04:05",
      ["%R%z"] = "03:04+0200", ["%:z"] = "+02:00", ["%-d.%-m.%Y %-H"] = "1.6.2026 3",
      ["%G-W%V"] = "2026-W23", ["%j"] = "152", ["%s"] = "1780275845", ["100%%"] = "100%",
    } do
      assert.equal(text, berlin:format(epoch, format))
    end
  end)

  it("refuses a directive that is not known", function()
    for format, directive in pairs { ["%Q"] = "%Q", ["%Y%"] = "%", ["%-Y"] = "%-Y", ["%B"] = "%B" } do
      local message = outcome.usage_error(berlin.format, berlin, 0, format)
      local start = ("format '%s': unknown directive '%s'; known: %%%% %%-H"):format(format, directive)
      assert.equal(start, message:sub(1, #start))
    end
  end)

  it("starts its days when the clocks do", function()
    for _, row in ipairs {
      { "Europe/Berlin", "2026-03-29", "2026-03-29T00:00:00+01:00" },
      { "America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00" }, -- midnight is skipped
      { "America/Toronto", "1919-03-31", "1919-03-31T00:30:00-04:00" }, -- from 23:30 on
      { "Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00" }, -- the whole day
      { "America/Sao_Paulo", "2018-02-18", "2018-02-18T00:00:00-03:00" }, -- 23:00 came twice
    } do
      local name, date, start = table.unpack(row)
      local days = at(date .. "T00:00:00Z") // 86400
      local place = zone.parse(name)
      assert.equal(start, place:rfc3339(place:day_start(days)))
      assert.is_true(place:is_day_start(at(start)))
      assert.is_false(place:is_day_start(at(start) + 1))
    end
  end)
end)
