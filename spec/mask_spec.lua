local core = require "usagelua.core"
local mask = core.mask

local COMMON <const> = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

local function base64(text, tail)
  local alphabet, out = COMMON .. (tail or "+/"), {}
  for i = 1, #text, 3 do
    local a, b, c = text:byte(i, i + 2)
    local group = a << 16 | (b or 0) << 8 | (c or 0)
    for shift = 18, 0, -6 do
      local index = (group >> shift & 63) + 1
      out[#out + 1] = alphabet:sub(index, index)
    end
    if not c then out[#out] = "=" end
    if not b then out[#out - 1] = "=" end
  end
  return table.concat(out)
end

local function each_byte(text, format)
  return (text:gsub(".", function(c) return format:format(c:byte()) end))
end

local function percent(text)
  return (text:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function json(text)
  return (text:gsub('[%z\1-\31"\\]', function(c)
    return c:match '["\\]' and "\\" .. c or ("\\u%04x"):format(c:byte())
  end))
end

local function json_all(text)
  local out = {}
  for _, code in utf8.codes(text) do
    if code > 0xffff then
      out[#out + 1] = ("\\u%04X\\u%04x"):format(0xd800 + (code - 0x10000 >> 10),
        0xdc00 + (code & 0x3ff))
    else
      out[#out + 1] = ("\\u%04x"):format(code)
    end
  end
  return table.concat(out)
end

local NAMED <const> = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;",
  ["'"] = "&#39;" }

local function html(text)
  return (text:gsub("[&<>\"']", NAMED))
end

local function html_codes(text, format)
  local out = {}
  for _, code in utf8.codes(text) do out[#out + 1] = format:format(code) end
  return table.concat(out)
end

local forms = {
  raw = function(s) return s end,
  percent = percent,
  percent_lower = function(s) return (percent(s):gsub("%%%x%x", string.lower)) end,
  percent_all = function(s) return each_byte(s, "%%%02X") end,
  percent_twice = function(s) return percent(percent(s)) end,
  json = json,
  json_slash = function(s) return (json(s):gsub("/", "\\/")) end,
  json_all = json_all,
  json_twice = function(s) return json(json(s)) end,
  json_thrice = function(s) return json(json(json(s))) end,
  json_in_url = function(s) return percent(json(s)) end,
  json_in_html = function(s) return html(json(s)) end,
  html = html,
  html_apos = function(s) return (html(s):gsub("&#39;", "&apos;")) end,
  html_decimal = function(s) return html_codes(s, "&#%d;") end,
  html_padded = function(s) return html_codes(s, "&#%07d;") end,
  html_hex = function(s) return html_codes(s, "&#x%X;") end,
  html_hex_lower = function(s) return html_codes(s, "&#x%x;") end,
  html_twice = function(s) return html(html(s)) end,
  html_in_json = function(s) return json(html(s)) end,
  html_in_url = function(s) return percent(html(s)) end,
  csv = function(s) return (s:gsub('"', '""')) end,
  lua = function(s) return ("%q"):format(s):sub(2, -2) end,
  markdown = function(s) return (s:gsub("[%p]", "\\%0")) end,
  form = function(s) return (percent(s):gsub("%%20", "+")) end,
  upper = string.upper,
  lower = string.lower,
  upper_in_json = function(s) return json_all(s:upper()) end,
  lower_in_url = function(s) return percent(s:lower()) end,
  hex = function(s) return each_byte(s, "%02x") end,
  hex_upper = function(s) return each_byte(s, "%02X") end,
  base64 = base64,
  base64url = function(s) return base64(s, "-_") end,
  base64_in_url = function(s) return percent(base64(s)) end,
  base64_in_json = function(s) return (base64(s):gsub("/", "\\/")) end,
}

local keys = {
  "a+b/c=&%\"<>'\\", "plainKey1234567890", "ключ-пароль", "p😀ss wörd+more", "%41%42&amp;\\u0041",
  "\\\\\\\\backslashes", "&&&&&&&&;;", "tab\there and %%", "ends in percent%", "/+/+/+/+/+",
  "'\"'\"'\"'\"",
  "AAAAAAAAAAAAAAAA", "quote\"\"quote'''", "\u{fffd}\u{10ffff}edge of it",
}
for _, key in ipairs(keys) do assert(mask.add(key)) end

describe("mask.text", function()
  for name, form in pairs(forms) do
    it("hides every awkward key: " .. name, function()
      for _, key in ipairs(keys) do
        local masked = mask.text("before [" .. form(key) .. "] after")
        assert(masked:match "^before %[[^%]]-%*%*%*[=%%3D]*%] after$",
          ("%s as %s: %s"):format(key, form(key), masked))
      end
    end)
  end

  it("hides a mix of forms, character by character", function()
    local random = 7
    local function pick(n)
      random = (random * 1103515245 + 12345) % 2147483648
      return random // 65536 % n + 1
    end
    local ways = { forms.raw, forms.percent_all, forms.percent_lower, json_all, html,
      forms.html_hex, forms.json_slash }
    for _ = 1, 300 do
      local key = keys[pick(#keys)]
      local text = key:gsub(utf8.charpattern, function(c) return ways[pick(#ways)](c) end)
      assert.are.equal("x ***|", mask.text("x " .. text .. "|"), key .. " as " .. text)
    end
  end)

  it("gives back the same text where there is nothing", function()
    for _, text in ipairs { "", "hello", "100% & more \\ \"quotes\" '' ++", "ünïcödé", "\0\255",
      "a+b/c=&%\"<>'" } do
      assert.are.equal(text, mask.text(text))
    end
  end)

  it("keeps all around it, in one mark for those that overlap", function()
    for _, key in ipairs { "overlapping-one", "one-overlapped", "one-overlapped-long" } do
      assert(mask.add(key))
    end
    assert.are.equal("<***>", mask.text "<overlapping-one-overlapped>")
    assert.are.equal("<***>", mask.text "<one-overlapped-long>")
    assert.are.equal("<***->", mask.text "<one-overlapped->")
    assert.are.equal("******", mask.text "plainKey1234567890plainKey1234567890")
    assert.are.equal("é***é", mask.text "éplainKey1234567890é")
  end)

  it("hides a value that the blanks around it were taken from", function()
    assert(mask.add "  surrounded by blanks \t")
    assert.are.equal("[***]", mask.text "[surrounded by blanks]")
    assert.are.equal("[***]", mask.text "[  surrounded by blanks \t]")
  end)

  it("never leaves half a character", function()
    assert(mask.add "\xa9half-a-character")
    local masked = mask.text "x\u{e9}\xc3\xa9half-a-character-y"
    assert(utf8.len(masked), masked)
    assert.are.equal("x\u{e9}***-y", masked)
  end)

  it("takes time in proportion to the text", function()
    local text = ('{"id":%d,"name":"abc\\/def","url":"https://h.test/?a=%%2F&b=c"},'):rep(20000)
    local start = os.clock()
    assert.are.equal(text, mask.text(text))
    assert(os.clock() - start < 30, os.clock() - start)  -- its square would take hours
  end)

  it("ends with texts made to be slow", function()
    local start = os.clock()
    for _, text in ipairs { ("\\"):rep(20000), ("%25"):rep(20000), ("&amp;"):rep(20000),
      ("A"):rep(100000), ("&#x26;"):rep(10000), ("%5C"):rep(20000), ('"'):rep(50000), ("/+"):rep(30000) } do
      assert.are.equal("string", type(mask.text(text)))
    end
    assert(os.clock() - start < 60, os.clock() - start)
  end)

  it("holds many values", function()
    local function value(i) return ("value-%08d-%08x"):format(i, i * 2654435761 & 0xffffffff) end
    for i = 1, 2000 do assert(mask.add(value(i))) end
    assert.are.equal("[***]", mask.text("[" .. value(1234) .. "]"))
    assert.are.equal("[value-00001234-00000000]", mask.text "[value-00001234-00000000]")
  end)

  it("raises on what is no text", function()
    assert.has_error(function() mask.text(nil) end)
    assert.has_error(function() mask.text {} end)
  end)
end)

-- The bytes that can still be read out of Base64 with a hole in it.
local function decodable(masked)
  local out = {}
  for run in masked:gmatch "[%w+/_-]+" do
    for skip = 0, 3 do
      local bits, count, bytes = 0, 0, {}
      for c in run:sub(skip + 1):gsub("-", "+"):gsub("_", "/"):gmatch "." do
        bits = (bits << 6 | (COMMON .. "+/"):find(c, 1, true) - 1) & 0xffffff
        count = count + 6
        if count >= 8 then
          count = count - 8
          bytes[#bytes + 1] = string.char(bits >> count & 0xff)
        end
      end
      out[#out + 1] = table.concat(bytes)
    end
  end
  return out
end

describe("mask.text of Base64", function()
  it("hides a key in Basic values with users and tails of every length", function()
    for _, key in ipairs(keys) do
      for length = 0, 24 do
        for _, tail in ipairs { "", "x", "xy", "xyz" } do
          for _, alphabet in ipairs { "+/", "-_" } do
            local user = ("ZWQ"):rep(8):sub(1, length)
            local encoded = base64(user .. ":" .. key .. tail, alphabet)
            local masked = mask.text("Basic " .. encoded)
            assert(masked:find("***", 1, true), masked)
            for _, bytes in ipairs(decodable((masked:gsub("Basic ", "")))) do
              assert.is_nil(bytes:find(key:sub(1, 2), 1, true), masked)
              assert.is_nil(bytes:find(key:sub(-2), 1, true), masked)
            end
          end
        end
      end
    end
  end)

  it("leaves what other texts have in common with it", function()
    local encoded = base64 "user:some other thing"
    assert.are.equal(encoded, mask.text(encoded))
  end)

  it("takes the characters that share bits with the key", function()
    assert(mask.add "Shared>>bits??key")
    for _, case in ipairs { { "", "", "***=" }, { "a", "", "Y***" }, { "ab", "", "YW***==" },
      { "abc", "d", "YWJj***k" }, { "a", "d", "Y***ZA==" }, { "ab", "de", "YW***Rl" } } do
      local masked = mask.text(base64(case[1] .. "Shared>>bits??key" .. case[2]))
      assert.are.equal(case[3], masked)
    end
  end)

  it("takes those characters whole where they are escaped", function()
    for _, user in ipairs { "", "a", "ab", "\xff", "\xff\xff", "ÿ>" } do
      for _, tail in ipairs { "", ">", ">>", "\xff\xff\xff" } do
        local text = '"' .. base64(user .. "Shared>>bits??key" .. tail):gsub("/", "\\/") .. '"'
        local masked = mask.text(text)
        assert.is_nil(masked:find("\\*", 1, true), masked)
        assert(masked:find("***", 1, true), masked)
        local url = mask.text(percent(base64(user .. "Shared>>bits??key" .. tail)))
        assert.is_nil(url:gsub("%%%x%x", ""):find("%", 1, true), url)
      end
    end
  end)
end)

describe("mask.add", function()
  it("does not take what is shorter than eight characters", function()
    assert.is_false(mask.add "")
    assert.is_false(mask.add "1234567")
    assert.is_false(mask.add "семьзна")
    assert.are.equal("1234567", mask.text "1234567")
  end)

  it("takes bytes of any kind", function()
    assert(mask.add "nul\0and\1others\255\254")
    assert.are.equal("[***]", mask.text "[nul\0and\1others\255\254]")
    assert.are.equal("[***]", mask.text "[nul%00and%01others%FF%FE]")
    assert.are.equal("[***]", mask.text "[nul\\u0000and\\u0001others\\u00ff\\u00fe]")
  end)

  it("may be asked twice", function()
    assert(mask.add "asked-for-twice")
    assert(mask.add "asked-for-twice")
    assert.are.equal("***", mask.text "asked-for-twice")
  end)
end)

-- Masks a text given in pieces, as a sink does.
local function in_pieces(pieces)
  local out, rest = {}, ""
  for i, piece in ipairs(pieces) do
    out[i], rest = mask.piece(rest .. piece)
  end
  out[#out + 1] = mask.text(rest)
  return table.concat(out)
end

-- A cut between a Base64 form and the character before it, which shares at
-- most four bits with the key, leaves that character.
local function but_for_shared(expected)
  local pattern = expected:gsub("%p", "%%%0"):gsub("%%%*%%%*%%%*", "%%%%?[%%w+/_-]?%%x?%%*%%*%%*")
  return "^" .. pattern .. "$"
end

describe("mask.piece", function()
  it("gives the same as the whole text, wherever that is cut", function()
    for _, name in ipairs { "raw", "percent_all", "json_all", "html", "base64", "json_twice",
      "base64_in_url" } do
      for _, key in ipairs(keys) do
        local text = "user " .. forms[name](key) .. ", " .. forms[name]("xy" .. key .. "z")
          .. " end"
        local expected = mask.text(text)
        for cut = 0, #text do
          local masked = in_pieces { text:sub(1, cut), text:sub(cut + 1) }
          assert(masked == expected or name:match "base64"
            and masked:match(but_for_shared(expected)),
            ("%s cut at %d: %s, not %s"):format(name, cut, masked, expected))
        end
      end
    end
  end)

  it("gives the same byte by byte", function()
    local text = "a " .. table.concat(keys, " and ") .. " z " .. percent(table.concat(keys, " & "))
    local pieces = {}
    for i = 1, #text do pieces[i] = text:sub(i, i) end
    assert.are.equal(mask.text(text), in_pieces(pieces))
  end)

  it("keeps nothing back at the end of a line", function()
    for _, text in ipairs { "hello\n", "100%\n", "plainKey12\n", "a & b\n", "\\\n" } do
      assert.are.same({ text, "" }, { mask.piece(text) })
    end
  end)

  it("keeps back no more than what may become a secret", function()
    assert.are.same({ "text ", "plainKey1" }, { mask.piece "text plainKey1" })
    assert.are.same({ "text.", "" }, { mask.piece "text." })
    assert.are.same({ "***.", "" }, { mask.piece "plainKey1234567890." })
  end)
end)
