-- Whole gzip files as texts, and back.
local core = require "usagelua.core"
local python = require "support.python"
local transfer = require "usagelua.transfer"

local TEXTS <const> = { "", "x", ("0123456789"):rep(50000), "\0\255\31\139binary", ("a"):rep(64 << 10) }

describe("transfer.pack", function()
  it("makes what transfer.unpack reads", function()
    for _, text in ipairs(TEXTS) do
      local packed = transfer.pack(text)
      assert.equal("\31\139", packed:sub(1, 2))
      assert.equal(text, transfer.unpack(packed, #text))
    end
  end)

  it("makes what others read, and the same bytes each time", function()
    local random, bytes = 7, {}
    for i = 1, 200000 do
      random = (random * 1103515245 + 12345) & 0x7fffffff
      bytes[i] = string.char(random >> 16 & 255)
    end
    local text = table.concat(bytes) -- that cannot be made smaller
    local packed = transfer.pack(text)
    assert.equal(packed, transfer.pack(text))
    local read = python.run("import gzip, hashlib, sys; "
      .. "print(hashlib.sha256(gzip.decompress(open(sys.argv[1], 'rb').read())).hexdigest())", packed)
    assert.equal(core.digest.sha256(text) .. "\n", read)
  end)
end)

describe("transfer.unpack", function()
  it("reads members one after another", function()
    assert.equal("onetwo", transfer.unpack(transfer.pack "one" .. transfer.pack "two", 100))
  end)

  it("says what is wrong", function()
    local packed = transfer.pack(("0123456789"):rep(100000))
    for problem, bytes in pairs { cut = packed:sub(1, -2), ["bytes after its end"] = packed .. "x",
      ["incorrect header check"] = "hello, world", ["too large"] = packed } do
      assert.same({ nil, problem }, { transfer.unpack(bytes, problem == "too large" and 999999 or 1000000) })
    end
    assert.same({ nil, "cut" }, { transfer.unpack("", 10) })
    assert.equal(1000000, #transfer.unpack(packed, 1000000))
  end)

  it("raises on what is no text and no number", function()
    assert.has_error(function() transfer.unpack({}, 1) end)
    assert.has_error(function() transfer.unpack("", -1) end)
    assert.has_error(function() transfer.pack(nil) end)
  end)
end)
