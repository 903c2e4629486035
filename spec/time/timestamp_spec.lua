local timestamp = require "usagelua.time.timestamp"

describe("timestamp.parse_rfc3339", function()
  it("reads date-times with their offset", function()
    for _, row in ipairs {
      { 0, 0, "1970-01-01T00:00:00Z" },
      { 1780272000, 0, "2026-06-01T00:00:00Z" },
      { 1780264800, 0, "2026-06-01T00:00:00+02:00" },
      { 1780300800, 0.25, "2026-06-01t00:00:00.250-08:00" },
      { 1780272000, 0, "2026-06-01 00:00:00z" },
      { 1780271999, 0.999, "2026-05-31T23:59:59.999-00:00" },
      { -1, 0, "1969-12-31T23:59:59Z" },
      { 1483228800, 0, "2016-12-31T23:59:60Z" },
    } do
      local epoch, fraction, text = table.unpack(row)
      assert.same({ epoch, fraction }, { timestamp.parse_rfc3339(text) })
    end
  end)

  it("refuses all else and says why", function()
    for text, reason in pairs {
      ["2026-06-01"] = "not an RFC 3339 date-time such as 2026-06-01T00:00:00Z",
      ["2026-06-01T00:00:00"] = "the offset is missing or wrong, write Z or +02:00",
      ["2026-06-01T00:00:00+0200"] = "the offset is missing or wrong, write Z or +02:00",
      ["2026-06-01T00:00:00+24:00"] = "the offset is missing or wrong, write Z or +02:00",
      ["2026-06-01T00:00:00.Z"] = "the offset is missing or wrong, write Z or +02:00",
      ["2026-06-01T00:00:00Z "] = "the offset is missing or wrong, write Z or +02:00",
      ["2026-02-30T00:00:00Z"] = "no such day",
      ["2026-13-01T00:00:00Z"] = "no such month",
      ["2026-06-01T24:00:00Z"] = "no such time of day",
      ["2026-06-01T23:60:00Z"] = "no such time of day",
    } do
      assert.same({ nil, ("'%s': %s"):format(text, reason) }, { timestamp.parse_rfc3339(text) })
    end
  end)
end)

describe("timestamp.format_rfc3339", function()
  it("is undone by parse_rfc3339", function()
    math.randomseed(7)
    for _ = 1, 2000 do
      local epoch, offset_s = math.random(-62135510400, 253402214400), math.random(-839, 839) * 60
      assert.equal(epoch, (timestamp.parse_rfc3339(timestamp.format_rfc3339(epoch, offset_s))))
      assert.equal(epoch, (timestamp.parse_rfc3339(timestamp.format_rfc3339(epoch))))
    end
  end)

  it("writes Z without an offset, and where the offset cannot be said", function()
    assert.equal("2026-06-01T00:00:00Z", timestamp.format_rfc3339(1780272000))
    assert.equal("2026-06-01T00:00:00+00:00", timestamp.format_rfc3339(1780272000, 0))
    assert.equal("2026-05-31T20:30:00.000-03:30",
      timestamp.format_rfc3339(1780272000, -12600, ".000"))
    assert.equal("1970-01-01T00:00:00Z", timestamp.format_rfc3339(0, -2670))
  end)
end)

describe("timestamp.parse_http_date", function()
  local NOW <const> = 1780272000 -- 2026-06-01

  it("reads the three forms of RFC 9110", function()
    for _, text in ipairs {
      "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    } do
      assert.equal(784111777, (timestamp.parse_http_date(text, NOW)))
    end
  end)

  it("takes two digits for the year that is at most 50 ahead", function()
    local function year_of(digits)
      local epoch = timestamp.parse_http_date(("Sunday, 06-Nov-%s 00:00:00 GMT"):format(digits), NOW)
      return tonumber(timestamp.format_rfc3339(epoch):sub(1, 4))
    end
    assert.same({ 2000, 2026, 2027, 2076, 1977, 1999 },
      { year_of "00", year_of "26", year_of "27", year_of "76", year_of "77", year_of "99" })
  end)

  it("refuses what is none", function()
    for _, text in ipairs {
      "", "120", "2026-06-01T00:00:00Z", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37",
      "sun, 06 nov 1994 08:49:37 gmt", "Sun, 06 Nov 1994 08:49:37 +0000",
      "Sun, 06 Foo 1994 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT",
      "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
      " Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT\n",
      "Sun, 06-Nov-94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Son, 06 Nov 1994 08:49:37 GMT",
    } do
      local epoch, reason = timestamp.parse_http_date(text, NOW)
      assert.is_nil(epoch)
      assert.equal(("'%s': "):format(text), reason:sub(1, #text + 4))
    end
  end)

  it("undoes format_http_date", function()
    math.randomseed(8)
    for _ = 1, 1000 do
      local epoch = math.random(0, 4102444800)
      assert.equal(epoch, (timestamp.parse_http_date(timestamp.format_http_date(epoch), NOW)))
    end
    assert.equal("Mon, 01 Jun 2026 00:00:00 GMT", timestamp.format_http_date(NOW))
  end)
end)

describe("timestamp.instant", function()
  local cases = {
    { "1970-01-01T00:00:00Z", 0 }, { "2023-06-30T11:33:40+00:00", 1688124820 },
    { "2026-06-01T00:30:00+05:30", 1780254000 }, { "2026-05-31t19:00:00z", 1780254000 },
    { "2024-02-29T12:00:00Z", 1709208000 }, { "2000-03-01T00:00:00-08:00", 951897600 },
    { "1969-12-31T23:59:59Z", -1 }, { "2026-06-01 00:00:00Z", 1780272000 },
    { "2026-06-01T00:00:00.250Z", 1780272000.25 }, { "9999-12-31T23:59:59Z", 253402300799 },
  }
  for _, case in ipairs(cases) do
    it("reads " .. case[1], function()
      assert.equal(case[2], timestamp.instant(case[1]))
      assert.equal(math.type(case[2]), math.type(timestamp.instant(case[1])))
    end)
  end

  for _, text in ipairs {
    "2026-02-29T00:00:00Z", "2026-06-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z",
    "2026-06-01", "2026-06-01T00:00:00", "2026-06-01T24:00:00Z", "2026-06-01T00:60:00Z",
    "2026-06-01T00:00:00+5:30", "2026-06-01T00:00:00+24:00", "2026-06-01T00:00:00.Z", "yesterday",
      "",
    "2026-06-01T00:00:00Zulu", 1780272000, true,
  } do
    it("refuses " .. tostring(text), function()
      assert.is_nil(timestamp.instant(text))
    end)
  end

  it("agrees with the C library on every day of two centuries", function()
    for day = -25567, 47481, 13 do
      assert.equal(day * 86400, timestamp.instant(os.date("!%Y-%m-%dT%H:%M:%SZ", day * 86400)))
    end
  end)
end)
