local deletion = require "usagelua.flow.deletion"

-- An answer to a deletion, as the client hands it over.
local function answer(body, media_type, rules)
  return { status = 200, headers = {}, now = 0, request = { rules = rules, message_paths = { "why" } },
    media_type = function() return media_type or "application/json" end,
    text = function() return body end,
    masked = function(_, text) return text end,
    description = function() return "as it came" end }
end

describe("an answer to a deletion", function()
  it("is a yes where nothing in it says no", function()
    for _, body in ipairs { "", "OK", "true", "null", "{}", "[]", '{"success":true}', '{"success":"true"}',
      '{"success":"success","message":"Report is successfully removed from queue."}', '{"ok":1,"errors":[]}',
      '{"error":null,"status":"deleted"}', '{"error":0,"errors":0}', '{"error":false,"errors":{}}',
      '[{"success":false}]' } do
      assert.is_true(deletion.confirmed(answer(body)), body)
    end
  end)

  it("is a no where a word of it says so, and quotes the vendor's", function()
    for body, said in pairs {
      ['{"success":false}'] = "as it came",
      ['{"success":"failure","message":"still running"}'] = "still running",
      ['{"success":"False","why":"own words","message":"others"}'] = "own words",
      ['{"ok":false,"error":"not yours"}'] = "not yours",
      ['{"deleted":false,"detail":"locked"}'] = "locked",
      ['{"status":"ERROR","message":"no"}'] = "no",
      ['{"error":{"message":"deep"}}'] = "deep",
      ['{"error":7}'] = "7",
      ['{"errors":[{"message":"listed"}]}'] = "listed",
    } do
      local ok, err = deletion.confirmed(answer(body))
      assert.is_nil(ok)
      assert.same({ "vendor", "answered 200, but not that it is deleted: " .. said, false },
        { err.kind, err.message, deletion.is_gone(err) })
    end
  end)

  it("is what the vendor's own rules say of it", function()
    local rules = { { path = "code", value = "NOT_QUEUED", kind = "gone" } }
    local ok, err = deletion.confirmed(answer('{"success":false,"code":"NOT_QUEUED"}', nil, rules))
    assert.is_nil(ok)
    assert.is_true(deletion.is_gone(err))
  end)

  it("is asked for again where it says nothing", function()
    for _, case in ipairs { { "<html>", "text/html" }, { '{"success":tr' } } do
      local ok, err = deletion.confirmed(answer(case[1], case[2]))
      assert.is_nil(ok)
      assert.equal("json", err.kind)
    end
  end)
end)
