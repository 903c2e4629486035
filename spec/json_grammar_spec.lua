-- The grammar of RFC 8259: documents whose names say what has to become of
-- them. `y_` must be read, `n_` must not; `i_` is what the RFC leaves open,
-- and stands here with our decision (docs/json.md has the same table).

local json = require "usagelua.json"
local core = require "usagelua.core".json

local function byte(...) return string.char(...) end

local accepted = {
  y_array_empty = "[]",
  y_array_of_arrays = "[[],[[]]]",
  y_array_space = "[ \t\r\n ]",
  y_array_many_types = '[null,1,"1",{},true,false,1.5]',
  y_array_trailing_space = "[2] ",
  y_number_zero = "0",
  y_number_minus_zero = "-0",
  y_number_integer = "[123]",
  y_number_negative = "[-1]",
  y_number_fraction = "[123.456]",
  y_number_minus_zero_fraction = "[-0.0]",
  y_number_exponent = "[1e2]",
  y_number_exponent_capital = "[1E22]",
  y_number_exponent_plus = "[1e+2]",
  y_number_exponent_minus = "[1E-2]",
  y_number_zero_exponent = "[0e1]",
  y_number_zero_exponent_zeros = "[0E+00]",
  y_number_fraction_exponent = "[123.456e78]",
  y_number_after_space = "[ 4]",
  y_number_long_fraction = "[0." .. ("0"):rep(80) .. "1]",
  y_number_smallest_int64 = "[-9223372036854775808]",
  y_number_largest_int64 = "[9223372036854775807]",
  y_object_empty = "{}",
  y_object_empty_key = '{"":0}',
  y_object_nul_in_key = '{"foo\\u0000bar":42}',
  y_object_several = '{"a":1,"b":{"c":[]},"d":null}',
  y_object_spaces = '{ "a" : 1 , "b" : 2 }',
  y_object_newlines = '{\n"a"\n:\n1\n}\n',
  y_object_same_key_elsewhere = '{"a":{"a":{"a":1}}}',
  y_string_empty = '""',
  y_string_all_escapes = [["\"\\\/\b\f\n\r\t"]],
  y_string_u_escape = [["\u0061\u30af\u30EA\u30b9"]],
  y_string_surrogate_pair = [["\uD801\udc37"]],
  y_string_two_pairs = [["\ud83d\ude39\ud83d\udc8d"]],
  y_string_last_surrogates = [["\uDBFF\uDFFF"]],
  y_string_noncharacter = [["\uFFFF"]],
  y_string_escaped_nul = [["\u0000"]],
  y_string_escaped_backslash_u = [["\\u0000"]],
  y_string_escaped_quote_end = [["\""]],
  y_string_del = '"' .. byte(0x7f) .. '"',
  y_string_utf8_two = '"é"',
  y_string_utf8_first_two = '"' .. byte(0xc2, 0x80) .. '"',
  y_string_utf8_last_two = '"' .. byte(0xdf, 0xbf) .. '"',
  y_string_utf8_first_three = '"' .. byte(0xe0, 0xa0, 0x80) .. '"',
  y_string_utf8_before_surrogates = '"' .. byte(0xed, 0x9f, 0xbf) .. '"',
  y_string_utf8_after_surrogates = '"' .. byte(0xee, 0x80, 0x80) .. '"',
  y_string_utf8_last_three = '"' .. byte(0xef, 0xbf, 0xbf) .. '"',
  y_string_utf8_first_four = '"' .. byte(0xf0, 0x90, 0x80, 0x80) .. '"',
  y_string_utf8_last_four = '"' .. byte(0xf4, 0x8f, 0xbf, 0xbf) .. '"',
  y_string_line_separators = '"' .. "\u{2028}\u{2029}" .. '"',
  y_string_bom_inside = '"' .. "\u{feff}" .. '"',
  y_array_leading_space = " [1]",
  y_array_newline_behind = "[1]\n",
  y_array_several_null = "[1,null,null,null,2]",
  y_number_near_zero = "[-0." .. ("0"):rep(70) .. "1]",
  y_number_minus_one = "[-1]",
  y_number_capital_exponent_plus = "[3E+7]",
  y_number_capital_exponent_minus = "[3E-7]",
  y_object_extreme_numbers = '{"least":-1.0e+28,"most":1.0e+28}',
  y_object_long_strings = '{"k":[{"k":"' .. ("x"):rep(300) .. '"}],"l":"' .. ("y"):rep(300) .. '"}',
  y_object_name_escaped = [[{"t\u00eftle":"\u0421\u044a"}]],
  y_string_comment_inside = '["a/*b*/c//d"]',
  y_string_escaped_backslash_a = [["\\a"]],
  y_string_escaped_control = [["\u0012"]],
  y_string_escaped_quote = [["\u0022"]],
  y_string_escaped_backslash = [["\u005C"]],
  y_string_escaped_newline = [["\u000A"]],
  y_string_escaped_no_break_space = [["a\u00A0b"]],
  y_string_escaped_invisible = [["\u200B\u2064"]],
  y_string_escaped_noncharacters = [["\uFDD0\uFFFE\uD83F\uDFFE\uDBFF\uDFFE"]],
  y_string_noncharacters_raw = '"' .. "\u{ffff}\u{1fffe}\u{10ffff}" .. '"',
  y_string_unassigned_raw = '"' .. "\u{1bfff}" .. '"',
  y_string_outside_first_plane = '"' .. "\u{1d11e}" .. '"',
  y_string_space = '" "',
  y_structure_alone_number = "-42",
  y_structure_alone_real = "-0.1",
  y_structure_alone_string = '"asd"',
  y_structure_newline_behind = '["a"]\n',
  y_structure_tabs = "\t{\t}\t",
  y_word_true = "true",
  y_word_false = "[false]",
  y_word_null = " null ",
  i_number_underflow = "[123.456e-789]",
  i_number_very_small = "[-1e-9999]",
  i_number_long_digits = "[1." .. ("3"):rep(400) .. "]",
  i_structure_128_levels = ("["):rep(128) .. ("]"):rep(128),
}

local refused = {
  n_structure_empty = { "", "incomplete" },
  n_structure_only_space = { " \n ", "incomplete" },
  n_array_comma_only = { "[,]", "syntax" },
  n_array_comma_first = { "[,1]", "syntax" },
  n_array_comma_last = { "[1,]", "syntax" },
  n_array_two_commas = { "[1,,2]", "syntax" },
  n_array_no_comma = { "[1 2]", "syntax" },
  n_array_colon = { '["a":1]', "syntax" },
  n_array_wrong_bracket = { "[1}", "syntax" },
  n_array_extra_close = { "[1]]", "syntax" },
  n_array_open = { "[1", "incomplete" },
  n_array_open_after_comma = { "[1,", "incomplete" },
  n_array_star = { "[*]", "syntax" },
  n_number_plus = { "[+1]", "syntax" },
  n_number_leading_zero = { "[012]", "syntax" },
  n_number_minus_leading_zero = { "[-012]", "syntax" },
  n_number_two_zeros = { "[00]", "syntax" },
  n_number_minus = { "[-]", "syntax" },
  n_number_minus_end = { "-", "incomplete" },
  n_number_minus_word = { "[-foo]", "syntax" },
  n_number_point_first = { "[.5]", "syntax" },
  n_number_minus_point = { "[-.5]", "syntax" },
  n_number_point_last = { "[1.]", "syntax" },
  n_number_point_exponent = { "[1.e2]", "syntax" },
  n_number_exponent_open = { "[1e]", "syntax" },
  n_number_exponent_sign_open = { "[1e+]", "syntax" },
  n_number_two_exponents = { "[1e2e3]", "syntax" },
  n_number_two_points = { "[1.2.3]", "syntax" },
  n_number_hex = { "[0x1]", "syntax" },
  n_number_letter_behind = { "[1a]", "syntax" },
  n_number_space_inside = { "[1 000]", "syntax" },
  n_number_nan = { "[NaN]", "syntax" },
  n_number_infinity = { "[Infinity]", "syntax" },
  n_number_minus_infinity = { "[-Infinity]", "syntax" },
  n_number_inf = { "[inf]", "syntax" },
  n_number_full_width_digit = { "[１]", "syntax" },
  n_object_comma_last = { '{"a":1,}', "syntax" },
  n_object_comma_first = { '{,"a":1}', "syntax" },
  n_object_two_commas = { '{"a":1,,"b":2}', "syntax" },
  n_object_no_colon = { '{"a" 1}', "syntax" },
  n_object_two_colons = { '{"a"::1}', "syntax" },
  n_object_comma_for_colon = { '{"a",1}', "syntax" },
  n_object_no_value = { '{"a":}', "syntax" },
  n_object_key_unquoted = { "{a:1}", "syntax" },
  n_object_key_number = { "{1:1}", "syntax" },
  n_object_key_single_quotes = { "{'a':1}", "syntax" },
  n_object_wrong_bracket = { '{"a":1]', "syntax" },
  n_object_open = { '{"a":1', "incomplete" },
  n_object_open_key = { '{"a"', "incomplete" },
  n_object_open_colon = { '{"a":', "incomplete" },
  n_object_comment = { '{"a":1}/**/', "syntax" },
  n_object_line_comment = { '{"a":1}//', "syntax" },
  n_object_hash = { '{"a":1}#', "syntax" },
  n_object_second = { "{}{}", "syntax" },
  n_string_open = { '"abc', "incomplete" },
  n_string_open_escape = { '"\\', "incomplete" },
  n_string_open_u = { '"\\u00', "incomplete" },
  n_string_single_quotes = { "['a']", "syntax" },
  n_string_unquoted = { "[abc]", "syntax" },
  n_string_tab = { '["\t"]', "syntax" },
  n_string_newline = { '["\n"]', "syntax" },
  n_string_nul = { '["\0"]', "syntax" },
  n_string_unit_separator = { '["\x1f"]', "syntax" },
  n_string_escape_x = { [["\x00"]], "syntax" },
  n_string_escape_a = { [["\a"]], "syntax" },
  n_string_escape_nul = { '"\\\0"', "syntax" },
  n_string_escape_capital_u = { [["\U0061"]], "syntax" },
  n_string_u_short = { [["\u00A"]], "syntax" },
  n_string_u_no_hex = { [["\u00Gg"]], "syntax" },
  n_string_u_plus = { [["\u+061"]], "syntax" },
  n_word_capital = { "[True]", "syntax" },
  n_word_cut = { "[nul]", "syntax" },
  n_word_cut_end = { "tru", "incomplete" },
  n_word_longer = { "[truex]", "syntax" },
  n_word_undefined = { "undefined", "syntax" },
  n_structure_two_values = { "1 2", "syntax" },
  n_structure_nul = { "[]\0", "syntax" },
  n_structure_form_feed = { "[\f]", "syntax" },
  n_structure_no_break_space = { "[\u{a0}]", "syntax" },
  n_array_word_no_comma = { "[1 true]", "syntax" },
  n_array_comma_behind = { '[""],', "syntax" },
  n_array_inner_no_comma = { "[3[4]]", "syntax" },
  n_array_semicolon = { "[1;2]", "syntax" },
  n_array_bad_utf8_outside = { "[a\xe5]", "syntax" },
  n_array_lone_bad_utf8 = { "[\xff]", "syntax" },
  n_array_vertical_tab = { "[\v]", "syntax" },
  n_array_open_newlines = { '["a",\n4\n,1,', "incomplete" },
  n_array_open_object = { "[{", "incomplete" },
  n_array_open_quote = { '["a', "incomplete" },
  n_array_open_word = { "[tru", "incomplete" },
  n_array_open_minus = { "[-", "incomplete" },
  n_number_plus_plus = { "[++1]", "syntax" },
  n_number_plus_inf = { "[+Inf]", "syntax" },
  n_number_minus_nan = { "[-NaN]", "syntax" },
  n_number_minus_space = { "[- 1]", "syntax" },
  n_number_point_minus = { "[.-1]", "syntax" },
  n_number_point_exponent_first = { "[.2e-3]", "syntax" },
  n_number_minus_point_last = { "[-2.]", "syntax" },
  n_number_point_behind = { "[-1.0.]", "syntax" },
  n_number_zero_exponent_open = { "[0E]", "syntax" },
  n_number_fraction_exponent_open = { "[0.3e+]", "syntax" },
  n_number_fraction_minus_open = { "[1.0e-]", "syntax" },
  n_number_exponent_two_signs = { "[0e+-1]", "syntax" },
  n_number_exponent_two_letters = { "[1eE2]", "syntax" },
  n_number_exponent_letter = { "[1ea]", "syntax" },
  n_number_point_exponent_sign = { "[2.e+3]", "syntax" },
  n_number_expression = { "[1+2]", "syntax" },
  n_number_hex_two = { "[0x42]", "syntax" },
  n_number_underscore = { "[1_000]", "syntax" },
  n_number_letter_inside = { "[1.8H-3]", "syntax" },
  n_number_minus_letter_behind = { "[-1x]", "syntax" },
  n_number_bad_utf8_behind = { "[123\xe5]", "syntax" },
  n_number_bad_utf8_in_exponent = { "[1e1\xe5]", "syntax" },
  n_number_nul_behind = { "123\0", "syntax" },
  n_object_bracket_key = { '{[:"x"}', "syntax" },
  n_object_emoji = { "{\u{1f1e8}}", "syntax" },
  n_object_text_behind_value = { '{"a":"a" 123}', "syntax" },
  n_object_no_key = { '{:"b"}', "syntax" },
  n_object_key_null = { "{null:null}", "syntax" },
  n_object_key_huge_number = { "{9999E9999:1}", "syntax" },
  n_object_key_alone = { '{"a"}', "syntax" },
  n_object_several_commas_last = { '{"a":0,,,}', "syntax" },
  n_object_bad_key_then_comma = { '{"\xb9":"0",}', "utf8" },
  n_object_slash_open = { '{"a":1}/', "syntax" },
  n_object_comment_inside = { '{"a":/*c*/1}', "syntax" },
  n_object_open_value = { '{"a":"a', "incomplete" },
  n_object_open_comma = { '{"a":1,', "incomplete" },
  n_object_open_brace = { "{", "incomplete" },
  n_object_second_close = { "{}}", "syntax" },
  n_object_word_misspelt = { '{"a":truth}', "syntax" },
  n_string_high_then_u_open = { [["\uD800\u"]], "syntax" },
  n_string_high_then_u_short = { [["\uD800\u1x"]], "syntax" },
  n_string_escape_emoji = { '"\\\u{1f300}"', "syntax" },
  n_string_escape_tab = { '"\\\t"', "syntax" },
  n_string_escape_bad_utf8 = { '"\\\xe5"', "syntax" },
  n_string_escape_backslash_open = { [["\\\"]], "incomplete" },
  n_string_u_bad_utf8 = { '"\\u\xe5"', "syntax" },
  n_string_one_quote = { '"', "incomplete" },
  n_string_text_behind = { '""x', "syntax" },
  n_string_escape_outside = { [=[[\u0020"a"]]=], "syntax" },
  n_string_escape_no_quotes = { [=[[\n]]=], "syntax" },
  n_string_accent_unquoted = { "[é]", "syntax" },
  n_structure_angle = { "<.>", "syntax" },
  n_structure_angle_null = { "[<null>]", "syntax" },
  n_structure_text_behind = { "[1]x", "syntax" },
  n_structure_identifier = { "aå", "syntax" },
  n_structure_two_arrays = { "[][]", "syntax" },
  n_structure_comma_for_brace = { '{"x":true,', "incomplete" },
  n_structure_lone_bad_utf8 = { "\xe5", "syntax" },
  n_structure_eacute = { "é", "syntax" },
  n_structure_star = { "*", "syntax" },
  n_structure_apostrophe = { "['", "syntax" },
  n_structure_open_brackets = { '[{"a":[{"b":', "incomplete" },
  n_structure_word_joiner = { "[\u{2060}]", "syntax" },
  n_structure_bom_alone = { "\u{feff}", "syntax" },
  n_structure_bom_cut = { "\xef\xbb{}", "syntax" },
  n_structure_escaped_newline = { [=[[\u000A""]]=], "syntax" },
  n_structure_html = { "<!DOCTYPE html>", "syntax" },
  n_structure_close = { "]", "syntax" },
  n_structure_129_levels = { ("["):rep(129) .. ("]"):rep(129), "depth" },
  n_structure_100000_open = { ("["):rep(100000), "depth" },
  n_structure_open_objects = { ('{"a":'):rep(100000), "depth" },
  i_string_lone_high = { [["\uD800"]], "utf8" },
  i_string_lone_low = { [["\uDC00"]], "utf8" },
  i_string_high_high = { [["\uD800\uD800"]], "utf8" },
  i_string_swapped_pair = { [["\uDC00\uD800"]], "utf8" },
  i_string_high_then_text = { [["\uD83Dabc"]], "utf8" },
  i_string_high_then_escape = { [["\uD83D\n"]], "utf8" },
  i_string_utf8_continuation = { '"\x80"', "utf8" },
  i_string_utf8_overlong_slash = { '"\xc0\xaf"', "utf8" },
  i_string_utf8_overlong_c1 = { '"\xc1\xbf"', "utf8" },
  i_string_utf8_overlong_three = { '"\xe0\x9f\xbf"', "utf8" },
  i_string_utf8_overlong_four = { '"\xf0\x8f\xbf\xbf"', "utf8" },
  i_string_utf8_surrogate = { '"\xed\xa0\x80"', "utf8" },
  i_string_utf8_last_surrogate = { '"\xed\xbf\xbf"', "utf8" },
  i_string_utf8_too_large = { '"\xf4\x90\x80\x80"', "utf8" },
  i_string_utf8_f5 = { '"\xf5\x80\x80\x80"', "utf8" },
  i_string_utf8_ff = { '"\xff"', "utf8" },
  i_string_utf8_cut_two = { '"\xc3"', "utf8" },
  i_string_utf8_cut_three = { '"\xe2\x82"', "utf8" },
  i_string_utf8_cut_four = { '"\xf0\x9f\x98"', "utf8" },
  i_string_utf8_text_for_third = { '"\xe2\x82a"', "utf8" },
  i_string_utf8_text_for_third_of_four = { '"\xf0\x9fa\x80"', "utf8" },
  i_string_utf8_text_for_fourth = { '"\xf0\x9f\x98a"', "utf8" },
  i_string_key_lone_low = { [[{"\uDFAA":0}]], "utf8" },
  i_string_high_then_high_low = { [["\uD800\uD800\uDC00"]], "utf8" },
  i_string_high_then_letter = { [["\uD888\u1234"]], "utf8" },
  i_string_two_lone = { [["\uDd1ea"]], "utf8" },
  i_string_utf8_overlong_six = { '"\xfc\x83\xbf\xbf\xbf\xbf"', "utf8" },
  i_string_utf8_overlong_nul = { '"\xfc\x80\x80\x80\x80\x80"', "utf8" },
  i_string_utf8_two_encodings = { '"\u{65e5}\xd1\x88\xfa"', "utf8" },
  i_string_latin1 = { '"\xe9t\xe9"', "utf8" },
  i_string_bad_key = { '{"\xff":1}', "utf8" },
  i_number_large_exponent = { "[1e400]", "range" },
  i_number_large_negative = { "[-1e+9999]", "range" },
  i_number_large_integer = { "[9223372036854775808]", "range" },
  i_number_small_integer = { "[-9223372036854775809]", "range" },
  i_number_large_alone = { "9223372036854775808", "range" },
  i_number_100_digits = { "[" .. ("1"):rep(100) .. "]", "range" },
  i_object_duplicate = { '{"a":1,"a":1}', "duplicate" },
  i_object_duplicate_escaped = { [[{"a":1,"\u0061":2}]], "duplicate" },
  i_object_duplicate_empty = { '{"":1,"":2}', "duplicate" },
  i_object_duplicate_nul = { [[{"\u0000":1,"\u0000":2}]], "duplicate" },
  i_number_integer_exponent_huge = { "[0.4e00669999999999999999999999999999999999999999999969999999006]", "range" },
  i_number_negative_exponent_huge = { "[-1e+999999999999999999999]", "range" },
  i_structure_500_levels = { ("["):rep(500) .. ("]"):rep(500), "depth" },
  i_structure_utf16_mark = { "\xff\xfe[\0\"\0\"\0]\0", "syntax" },
  i_structure_utf16_big = { "\0[\0\"\0a\0\"\0]", "syntax" },
  i_structure_bom = { "\u{feff}{}", "syntax" },
  i_structure_utf16 = { "[\0\"\0é\0\"\0]\0", "syntax" },
}

-- Errors that a value which is only checked cannot have.
local only_when_built = { range = true, duplicate = true }

-- What comes of the text cut into pieces of `size` bytes; only checked, not
-- built, where the plan has no rows.
local function read(text, size, plan)
  local reader <close> = core.reader(plan)
  for from = 1, #text, size do
    local ok, err = reader:feed(text:sub(from, from + size - 1))
    if not ok then return nil, err end
  end
  return reader:finish()
end

local sizes = { 1, 2, 3, 5, 7, 16, 17, 64 }

describe("a document that must be read", function()
  for name, text in pairs(accepted) do
    it("is read: " .. name, function()
      local _, err = json.decode(text)
      assert.is_nil(err)
    end)

    it("is read in pieces, built or not: " .. name, function()
      for _, size in ipairs(sizes) do
        assert.is_true(read(text, size, { rows = "." }))
        assert.is_true(read(text, size, {}))
      end
    end)
  end
end)

describe("a document that must not be read", function()
  for name, case in pairs(refused) do
    local text, code = case[1], case[2]

    it("is refused: " .. name, function()
      local value, err = json.decode(text)
      assert.is_nil(value)
      assert.equal("json", err.kind)
      assert.equal(code, err.code)
    end)

    it("is refused with the same error however it is cut: " .. name, function()
      local _, whole = core.decode(text)
      for _, size in ipairs(sizes) do
        local ok, err = read(text, size, { rows = "." })
        assert.is_nil(ok)
        assert.same(whole, err)
      end
    end)

    it("is refused where it is only checked, too: " .. name, function()
      for _, size in ipairs(sizes) do
        local ok, err = read(text, size, {})
        if only_when_built[code] then
          assert.is_true(ok)
        else
          assert.is_nil(ok)
          assert.equal(code, err.code)
        end
      end
    end)
  end
end)

-- Names of the cases that begin so.
local function names_of(class, ...)
  local names = {}
  for _, cases in ipairs { ... } do
    for name in pairs(cases) do
      if name:find("^" .. class) then names[#names + 1] = name end
    end
  end
  table.sort(names)
  return names
end

local function page()
  local file <close> = assert(io.open "docs/json.md")
  return file:read "a"
end

describe("docs/json.md", function()
  it("says of each open case what becomes of it", function()
    local text, codes = page(), {}
    for name, code in text:gmatch "|[^|\n]*`(i_[%w_]+)` | ([%w ]+)" do codes[name] = code end
    for _, name in ipairs(names_of("i_", accepted, refused)) do
      local expected = refused[name] and "error " .. refused[name][2] or "read"
      assert.equal(expected, (codes[name] or "nothing"):match "^(.-)%s*$", name)
      codes[name] = nil
    end
    assert.is_nil((next(codes)))
  end)

  it("counts the cases of each class", function()
    local text = page()
    for class, count in text:gmatch "`([yni]_%l+)_…` | (%d+)" do
      assert.equal(#names_of(class .. "_", accepted, refused), math.tointeger(tonumber(count)), class)
    end
    for _, name in ipairs(names_of("", accepted, refused)) do
      assert.truthy(text:find(("`%s_…`"):format(name:match "^%l_%l+"), 1, true), name)
    end
  end)
end)

-- One of everything, with each kind of token at a border of pieces.
local sample = [[{"data": {"näme\n": [1, -2.5e+3, true, false, null, "a\ud83d\ude00b"],
  "empty": [{}, [], ""], "n": 0.001}, "z": "€"}]]

describe("a document that is cut", function()
  it("is incomplete at each position", function()
    for length = 0, #sample - 1 do
      local value, err = json.decode(sample:sub(1, length))
      assert.is_nil(value)
      assert.equal("incomplete", err.code)
      assert.equal(length, err.offset)
    end
    assert.is_table(json.decode(sample))
  end)

  it("is incomplete at each position where it is only checked", function()
    for length = 0, #sample - 1 do
      local ok, err = read(sample:sub(1, length), 4096, {})
      assert.is_nil(ok)
      assert.equal("incomplete", err.code)
    end
  end)

  it("gives the same value for each size of pieces", function()
    local whole = json.decode(sample)
    for size = 1, #sample do
      local reader <close> = core.reader { rows = "." }
      for from = 1, #sample, size do
        assert(reader:feed(sample:sub(from, from + size - 1)))
        assert(reader:feed "")
      end
      assert(reader:finish())
      assert.same(whole, (reader:next()))
    end
  end)

  it("gives the same value for each pair of pieces", function()
    local whole = json.decode(sample)
    for cut = 0, #sample do
      local reader <close> = core.reader { rows = "." }
      assert(reader:feed(sample:sub(1, cut)))
      assert(reader:feed(sample:sub(cut + 1)))
      assert(reader:finish())
      assert.same(whole, (reader:next()))
    end
  end)
end)

describe("a byte that is changed", function()
  it("never crashes, and is judged alike in pieces and when only checked", function()
    math.randomseed(7)
    for _ = 1, 3000 do
      local at = math.random(#sample)
      local text = sample:sub(1, at - 1) .. string.char(math.random(0, 255)) .. sample:sub(at + 1)
      local _, whole = core.decode(text)
      local _, cut = read(text, math.random(9), { rows = "." })
      local _, checked = read(text, math.random(9), {})
      assert.same(whole, cut)
      local expected = whole and not only_when_built[whole.code] and whole.code or nil
      assert.equal(expected, checked and checked.code)
    end
  end)
end)

describe("the place of an error", function()
  local function assert_place(line, column, offset, path, text)
    local _, err = json.decode(text)
    assert.same({ line, column, offset, path },
      { err.line, err.column, err.offset, err.path })
  end

  it("counts lines and bytes, and names the path", function()
    assert_place(1, 2, 1, "[0]", "[x]")
    assert_place(3, 9, 20, "a.b[1]", '{"a":\n{"b":\n[12345, ?]}}')
    assert_place(2, 3, 7, "[1]", "[[],\n  01]")
    assert_place(1, 8, 7, "a", '{"a":1,"a":2}')
    assert_place(1, 4, 3, nil, "[1 2]")
    assert_place(2, 1, 3, nil, "{}\n{}")
  end)

  it("quotes names that a path could not hold", function()
    assert_place(1, 8, 7, '["a.b"]', '{"a.b":x}')
    assert_place(1, 12, 11, '["a\\"\\n"]', '{"a\\"\\n" : x}')
    assert_place(1, 5, 4, '[""]', '{"":x}')
  end)

  it("stands in the message with the offending byte", function()
    local _, err = json.decode '{"users":[1,2,]}'
    assert.equal("unexpected ']', expected a value at line 1, column 15 (byte 14), in users[2]", err.message)
  end)
end)
