local core = require "usagelua.core"
local errors = require "usagelua.errors"
local output = require "usagelua.output"
local child = require "support.child"

local KEY <const> = 'out+put/key=&"<>9'
assert(core.mask.add(KEY))

-- Lines of every child of this spec.
local SETUP <const> = ([[
  local output = require "usagelua.output"
  core.mask.add(%q)
]]):format(KEY)

local folder

before_each(function()
  folder = os.tmpname()
  os.remove(folder)
  assert(core.file.mkdirs(folder))
end)

after_each(function()
  os.execute("rm -rf " .. folder)
end)

local function assert_io(part, ok, err)
  assert.is_nil(ok)
  assert.is_true(errors.is(err))
  assert.are.equal("io", err.kind)
  assert(tostring(err):find(part, 1, true), tostring(err))
end

describe("a file sink", function()
  it("masks a secret however the pieces are cut", function()
    local path, text = folder .. "/a", "user " .. KEY .. " and %6Fut%2Bput/key=&amp;\\\"<>9 end\n"
    for size = 1, #text do
      local sink = assert(output.file(path))
      for i = 1, #text, size do assert(sink:write(text:sub(i, i + size - 1))) end
      assert(sink:commit())
      assert.are.equal("user *** and *** end\n", core.file.read(path), size)
    end
  end)

  it("masks a secret across its own buffer and across flushes", function()
    local path = folder .. "/a"
    for before = 65536 - #KEY - 1, 65537 do
      local sink = assert(output.file(path))
      for _, piece in ipairs { ("."):rep(before), KEY:sub(1, 9), KEY:sub(10), ("."):rep(70000) } do
        assert(sink:write(piece))
        assert(sink:flush())
      end
      assert(sink:commit())
      assert.are.equal(("."):rep(before) .. "***" .. ("."):rep(70000), core.file.read(path))
    end
  end)

  it("writes the beginning of a secret that never came", function()
    local path = folder .. "/a"
    local sink = assert(output.file(path))
    assert(sink:write(KEY:sub(1, -2)))
    assert(sink:commit())
    assert.are.equal(KEY:sub(1, -2), core.file.read(path))
  end)

  it("is there after commit only, and leaves nothing else", function()
    local path = folder .. "/a"
    assert(output.save(path, "old"))
    local sink = assert(output.file(path))
    assert(sink:write(("new"):rep(50000)))
    assert.are.equal("old", core.file.read(path))
    sink:close()
    sink:close()
    assert.are.equal("old", core.file.read(path))
    do local _ <close> = assert(output.file(path)) end
    output.file(path)
    collectgarbage() collectgarbage()
    assert.are.same({ "a" }, core.file.list(folder))
  end)

  it("bears the permissions asked for", function()
    local sink = assert(output.file(folder .. "/a", "0600"))
    assert(sink:commit())
    assert.are.equal(tonumber("600", 8), core.file.stat(folder .. "/a").mode)
  end)

  it("reports what cannot be opened", function()
    assert_io("/none/a", output.file(folder .. "/none/a"))
    assert_io("Not a directory", output.file("/etc/passwd/a"))
    assert_io("/proc/usagelua", output.file("/proc/usagelua"))
  end)

  it("reports a full disk, and goes on reporting it", function()
    local sink = assert(output.file("/dev/full"))
    assert(sink:write "x\n")
    assert_io("No space left", sink:flush())
    assert_io("No space left", sink:write "y")
    assert_io("No space left", sink:flush())
    assert_io("No space left", sink:commit())
    sink = assert(output.file("/dev/full"))
    assert_io("No space left", sink:write(("x"):rep(70000)))
    sink:close()
    sink = assert(output.file("/dev/full"))
    assert(sink:write "x")
    assert_io("No space left", sink:commit())
  end)

  it("leaves the old file where one piece did not fit, whatever fits after it", function()
    assert(output.save(folder .. "/a", "old"))
    local printed = child.run({ TARGET = folder .. "/a" }, SETUP .. [[
      local sink = assert(output.file(os.getenv "TARGET"))
      local ok = sink:write(("x"):rep(1 << 20))
      local done, err = sink:commit()
      io.write(tostring(ok), " ", tostring(done), " ", err.code)]], nil, "trap '' XFSZ; ulimit -f 1;")
    assert.are.equal("nil nil EFBIG", printed)
    assert.are.equal("old", core.file.read(folder .. "/a"))
  end)

  it("raises once closed", function()
    local sink = assert(output.file(folder .. "/a"))
    assert(sink:commit())
    for _, method in ipairs { "write", "flush", "commit" } do
      local ok, err = pcall(sink[method], sink, "x")
      assert.is_false(ok)
      assert(err:find("closed sink", 1, true))
    end
    sink:close()
  end)

  it("hands itself out as a function that raises", function()
    local sink = assert(output.file(folder .. "/a"))
    local out = sink:out()
    out "one " out "two"
    assert(sink:commit())
    assert.are.equal("one two", core.file.read(folder .. "/a"))
    local full = assert(output.file("/dev/full"))
    local ok, err = pcall(full:out(), ("x"):rep(70000))
    assert.is_false(ok)
    assert.are.equal("io", err.kind)
    full:close()
  end)
end)

describe("output.stdout", function()
  it("masks, keeps the order with what a script prints, and ends complete", function()
    local out = child.run({ KEY = KEY }, SETUP .. [[
      local key = os.getenv "KEY"
      io.write "printed "
      local sink = output.stdout()
      sink:write("first " .. key:sub(1, 5))
      sink:flush()
      sink:write(key:sub(6) .. " second ")
      sink:flush()
      io.write "printed "
      sink:write "third o"
      assert(sink:commit())]])
    assert.are.equal("printed first *** second printed third o", out)
  end)

  it("writes what it holds when it is closed, forgotten or the state ends", function()
    for _, ending in ipairs { "sink:close()", "sink = nil collectgarbage() collectgarbage()", "",
        "os.exit(0, true)", "local s <close> = sink" } do
      local out = child.run({ KEY = KEY }, SETUP .. [[
        local sink = output.stdout()
        sink:write("text " .. os.getenv "KEY" .. " ou")
      ]] .. ending)
      assert.are.equal("text *** ou", out, ending)
    end
  end)

  it("still knows the secrets when the state ends", function()
    local out = child.run({ KEY = KEY }, [[
      local sink = require "usagelua.output".stdout()
      core.mask.add(os.getenv "KEY")
      sink:write("text " .. os.getenv "KEY")]])
    assert.are.equal("text ***", out)
  end)

  it("reports a closed stdout", function()
    local _, status, err = child.run({}, SETUP .. [[
      local sink = output.stdout()
      local ok, err = sink:write "x"
      if ok then ok, err = sink:flush() end
      io.stderr:write(tostring(ok), " ", err.kind, " ", tostring(err))]], ">&-")
    assert.are.equal(0, status)
    assert.are.equal("nil io cannot write standard output: Bad file descriptor", err)
  end)

  it("reports a full disk and a reader that left", function()
    local code = SETUP .. [[
      local sink = output.stdout()
      os.execute "sleep 0.1"
      sink:write "x"
      local ok, err = sink:commit()
      io.stderr:write(tostring(ok), " ", err.kind, " ", err.code)]]
    local _, _, err = child.run({}, code, ">/dev/full")
    assert.are.equal("nil io ENOSPC", err)
  end)

  it("reports that what was printed before could not be written", function()
    local _, _, err = child.run({}, SETUP .. [[
      io.write "printed"
      local sink = output.stdout()
      sink:write "x"
      local ok, err = sink:commit()
      io.stderr:write(tostring(ok), " ", err.kind, " ", tostring(err))]], ">/dev/full")
    assert.are.equal("nil io cannot write what was printed: No space left on device", err)
  end)

  it("waits for a pipe that takes nothing more now", function()
    local pipe, count, full = folder .. "/pipe", folder .. "/count", folder .. "/full"
    assert(os.execute("mkfifo " .. pipe))
    local reader = "(until test -e FULL; do sleep 0.02; done; sleep 0.2; wc -c >PART; mv PART COUNT)"
    reader = reader:gsub("%u+", { FULL = full, PART = count .. ".part", COUNT = count })
    assert(os.execute(("%s <%s &"):format(reader, pipe)))
    local _, status, err = child.run({ FULL = full }, SETUP .. [==[
      assert(os.execute [[env -u LD_PRELOAD perl -MFcntl -e '
        fcntl STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK or die']])
      io.open(os.getenv "FULL", "w"):close()
      local sink = output.stdout()
      for _ = 1, 64 do assert(sink:write((("x"):rep(32 * 1024)))) end
      assert(sink:commit())]==], ">" .. pipe)
    assert.are.equal(0, status, err)
    for _ = 1, 3000 do
      if core.file.exists(count) then break end
      os.execute "sleep 0.02"
    end
    assert.are.equal(64 * 32 * 1024, tonumber(core.file.read(count)))
  end)
end)

describe("output.stderr", function()
  it("comes at once, masked", function()
    local _, _, err = child.run({ KEY = KEY }, SETUP .. [[
      local sink = output.stderr()
      sink:write("one " .. os.getenv "KEY" .. "\n")
      os.exit(0, false)]])
    assert.are.equal("one ***\n", err)
  end)
end)

describe("output.discard", function()
  it("takes everything", function()
    local sink = output.discard()
    assert(sink:write(("x"):rep(100000)))
    assert(sink:flush())
    assert(sink:commit())
    sink:close()
  end)
end)

describe("output.save and append", function()
  it("mask and write whole files", function()
    local path = folder .. "/a"
    assert(output.save(path, "key " .. KEY, "0600"))
    assert.are.equal("key ***", core.file.read(path))
    assert(output.append(path, " and " .. KEY))
    assert.are.equal("key *** and ***", core.file.read(path))
  end)

  it("report what fails", function()
    assert_io("No space left", output.save("/dev/full", "x"))
    assert_io("No space left", output.append("/dev/full", "x"))
    assert_io("No such file", output.save(folder .. "/none/a", "x"))
  end)
end)
