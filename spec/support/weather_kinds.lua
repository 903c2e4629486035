-- What goes wrong on the wire in bad weather: rules of spec/vendors/faults.lua, each with what must
-- become of an answer that meets it. Those that pass are asked again; the others end their call, with
-- words of the reason.
local weather_kinds = {}

local function json(body)
  return { body = body, not_method = "DELETE" } -- a good status, which a deletion would believe
end

-- Name, rule.
local PASSING <const> = {
  { "reset before the headers", { wire = "reset" } },
  { "reset inside the headers", { wire = "reset_headers" } },
  { "reset inside the body", { wire = "reset_body" } },
  { "reset behind the body", { wire = "reset_end" } },
  { "closed before the headers", { wire = "close" } },
  { "closed inside the headers", { wire = "cut_headers" } },
  { "body cut before its Content-Length", { wire = "cut_body" } },
  { "Content-Length too long", { wire = "long_length" } },
  { "Content-Length too short", { wire = "short_length" } },
  { "chunked body cut", { wire = "cut_chunked" } },
  { "chunk broken", { wire = "bad_chunk" } },
  { "close-delimited body cut", { wire = "cut_close" } },
  { "no HTTP at all", { wire = "garbage" } },
  { "gzip cut", { wire = "gzip_cut" } },
  { "gzip without its trailer", { wire = "gzip_no_trailer" } },
  { "gzip with half a trailer", { wire = "gzip_short_trailer" } },
  { "gzip with a wrong sum", { wire = "gzip_wrong_sum" } },
  { "gzip broken inside", { wire = "gzip_broken" } },
  { "gzip in layers", { wire = "gzip_layered" } },
  { "said to be gzip, and is not", { wire = "gzip_plain" } },
  { "coded as nobody knows", { wire = "gzip", coding = "zstd" } },
  { "a bomb of 1 GiB of zeros", { wire = "gzip_bomb" } },
  { "gzip of nothing", { wire = "gzip_empty", not_method = "DELETE" } },
  { "429, Retry-After in seconds", { status = 429, retry_after = 0 } },
  { "429, Retry-After a fraction", { status = 429, retry_after = "0.2" } },
  { "429, Retry-After a date, clock a day behind", { status = 429, retry_after_date_s = 1, date_skew_s = -86400 } },
  { "429, Retry-After a date that is past", { status = 429, retry_after_date_s = -60, date_skew_s = 86400 } },
  { "429, Retry-After a word", { status = 429, retry_after = "soon" } },
  { "429, Retry-After below zero", { status = 429, retry_after = "-1" } },
  { "503, Retry-After in seconds", { status = 503, retry_after = 0 } },
  { "503, Retry-After a date, clock a day ahead", { status = 503, retry_after_date_s = 1, date_skew_s = 86400 } },
  { "503 of HTML without Retry-After", { status = 503, body = "<h1>503</h1>", type = "text/html" } },
  { "500", { status = 500 } },
  { "502 without a body", { status = 502, body = "" } },
  { "408", { status = 408, body = "" } },
  { "HTML with 200", { status = 200, body = "<!doctype html><title>Sorry</title>", type = "text/html" } },
  { "nothing with 200", json "" },
  { "204", { status = 204, body = "", not_method = "DELETE" } },
  { "JSON that ends early", json '{"x":[1,2' },
  { "JSON with a trailing comma", json '{"x":[1,2,]}' },
  { "JSON with a comment", json '{"x":1} // so it is' },
  { "JSON in single quotes", json "{'x':1}" },
  { "JSON with NaN", json '{"x":NaN}' },
  { "JSON with Infinity", json '{"x":-Infinity}' },
  { "JSON with a leading zero", json '{"x":01}' },
  { "JSON with a hexadecimal number", json '{"x":0x10}' },
  { "JSON with a bad escape", json '{"x":"\\x41"}' },
  { "JSON with half a pair of surrogates", json '{"x":"\\ud800"}' },
  { "JSON with a control character", json '{"x":"a\nb"}' },
  { "JSON with something behind it", json '{"x":1}{"x":2}' },
  { "JSON 200 levels deep", json('{"x":' .. ("["):rep(200) .. ("]"):rep(200) .. "}") },
}

local AWAY <const> = "https://usage.example.net/login"

-- Name, rule, words of the reason.
local LASTING <const> = {
  { "401 midway", { status = 401, type = "text/html", body = "HTTP Basic: Access denied.\n" }, "answered 401" },
  { "403", { status = 403 }, "answered 403" },
  { "429 for days", { status = 429, retry_after = 86400 }, "more than the 3600 s that are waited at most" },
  { "503 until the next century", { status = 503, retry_after_date_s = 3e9 }, "that are waited at most" },
  { "other JSON with 200", json '{"hello":"world"}', "expected 'success', got nothing" },
  { "an array with 200", json "[]", "expected an object, found an array" },
  { "null with 200", json "null", "expected 'success', got nothing" },
  { "a key twice", { wire = "key_twice" }, "duplicate key" },
  { "headers of a megabyte", { wire = "huge_headers" }, "the headers from .* are larger than" },
  { "early hints without end", { wire = "informational" }, "the headers from .* are larger than" },
  { "a bomb of 1 GiB of spaces", { wire = "gzip_bomb", fill = " " }, "expands more than 200 : 1" },
  { "redirected to another host", { status = 302, body = "", headers = { Location = AWAY } }, "not followed" },
  { "redirected to plain text", { status = 301, body = "",
    headers = { Location = "ftp://127.0.0.1/" } }, "not followed" },
  { "redirected to nowhere", { status = 302, body = "" }, "answered 302" },
  { "many to choose from", { status = 300, body = "" }, "answered 300" },
  { "not modified", { status = 304, body = "" }, "answered 304" },
}

-- These take the time that a limit takes to notice them: 30 s.
local SLOW <const> = {
  { "stall inside the body", { wire = "stall", stall_s = 40 } },
  { "one byte a second", { wire = "drip", piece = 1, gap_ms = 1000 } },
}

local function listed(rows)
  local list = {}
  for i, row in ipairs(rows) do list[i] = { name = row[1], rule = row[2], reason = row[3] } end
  return list
end

weather_kinds.passing, weather_kinds.lasting, weather_kinds.slow = listed(PASSING), listed(LASTING), listed(SLOW)

---A kind's rule, with further keys.
---@param kind { name: string, rule: table }
---@param more table?
---@return table
function weather_kinds.rule(kind, more)
  local rule = { name = kind.name }
  for key, value in pairs(kind.rule) do rule[key] = value end
  for key, value in pairs(more or {}) do rule[key] = value end
  return rule
end

---Rules that together are drawn with this probability, each as likely as any other.
---@param kinds table[]
---@param probability number
---@param more table? further keys of each
---@return table[]
function weather_kinds.rules(kinds, probability, more)
  local rules, left = {}, 1
  for i, kind in ipairs(kinds) do
    rules[i] = weather_kinds.rule(kind, more)
    rules[i].probability = probability / #kinds / left
    left = left * (1 - rules[i].probability)
  end
  return rules
end

return weather_kinds
