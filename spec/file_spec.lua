local core = require "usagelua.core"
local child = require "support.child"
local file = core.file

local folder

local function shell(format, ...)
  return assert(os.execute(format:format(...)))
end

local function put(path, content)
  local handle <close> = assert(io.open(path, "wb"))
  handle:write(content)
end

local function get(path)
  local handle <close> = assert(io.open(path, "rb"))
  return handle:read "a"
end

local function assert_fails(parts, result, err)
  assert.is_nil(result)
  assert.are.equal("io", err.kind)
  for _, part in ipairs(parts) do
    assert(tostring(err):find(part, 1, true), ("'%s' in '%s'"):format(part, tostring(err)))
  end
  return err
end

local function mode_of(path)
  return ("%o"):format(file.stat(path).mode)
end

before_each(function()
  folder = os.tmpname()
  os.remove(folder)
  shell("mkdir %s", folder)
end)

after_each(function()
  shell("rm -rf %s", folder)
end)

describe("file.write_atomic", function()
  it("writes new files and replaces old ones", function()
    local path = folder .. "/a"
    assert(file.write_atomic(path, "first"))
    assert.are.equal("first", get(path))
    assert(file.write_atomic(path, ""))
    assert.are.equal("", get(path))
    assert(file.write_atomic(path, ("x\0"):rep(1000000)))
    assert.are.equal(("x\0"):rep(1000000), get(path))
    assert.are.same({ "a" }, file.list(folder))
  end)

  it("takes a new file, never the old one's space", function()
    local path = folder .. "/a"
    put(path, "old")
    local reader <close> = assert(io.open(path))
    assert(file.write_atomic(path, "new"))
    assert.are.equal("old", reader:read "a")
  end)

  it("gives exactly the permissions that are asked for", function()
    local path = folder .. "/a"
    local cases = { { "600", "0600" }, { "666", "666" }, { "644", tonumber("644", 8) },
      { "400", "400" } }
    for _, case in ipairs(cases) do
      assert(file.write_atomic(path, "x", case[2]))
      assert.are.equal(case[1], mode_of(path))
    end
    for _, bad in ipairs { "rw", "", "0888", "1234567" } do
      assert.has_error(function() file.write_atomic(path, "x", bad) end)
    end
  end)

  it("keeps an old file's permissions, a new one's are the umask's", function()
    local path = folder .. "/a"
    put(path, "x")
    shell("chmod 640 %s", path)
    assert(file.write_atomic(path, "y"))
    assert.are.equal("640", mode_of(path))
    local out = child.run({ TARGET = folder .. "/b" }, [[
      assert(core.file.write_atomic(os.getenv "TARGET", "x"))
      io.write(("%o"):format(core.file.stat(os.getenv "TARGET").mode))]])
    local handle <close> = io.popen "umask"
    assert.are.equal(("%o"):format(tonumber("666", 8) & ~tonumber(handle:read "l", 8)), out)
  end)

  it("replaces what a link points to and leaves the link", function()
    put(folder .. "/target", "old")
    shell("mkdir %s/sub", folder)
    shell("cd %s/sub; ln -s ../target link; ln -s link second; ln -s ../dangling dangling", folder)
    assert(file.write_atomic(folder .. "/sub/second", "new"))
    assert.are.equal("new", get(folder .. "/target"))
    assert(file.write_atomic(folder .. "/sub/dangling", "made"))
    assert.are.equal("made", get(folder .. "/dangling"))
    shell("test -L %s/sub/link -a -L %s/sub/second -a -L %s/sub/dangling", folder, folder, folder)
    assert.are.same({ "dangling", "link", "second" }, file.list(folder .. "/sub"))
  end)

  it("does not follow links for ever", function()
    shell("ln -s loop %s/loop", folder)
    assert_fails({ "loop", "symbolic links" }, file.write_atomic(folder .. "/loop", "x"))
  end)

  it("fails where it cannot write, leaving nothing beside it", function()
    put(folder .. "/a", "old")
    local long = folder .. "/" .. ("n"):rep(300)
    for path, reason in pairs {
      [folder .. "/a/b"] = "Not a directory", [folder .. "/none/b"] = "No such file",
      [folder] = "Is a directory", [folder .. "/"] = "Is a directory",
      [folder .. "/none/"] = "directory", [""] = "No such file", [long] = "name too long",
      ["/proc/usagelua"] = "/proc/usagelua", ["/" .. ("p/"):rep(3000)] = "name too long",
    } do
      assert_fails({ "cannot write", reason }, file.write_atomic(path, "x"))
    end
    assert.are.equal("old", get(folder .. "/a"))
    assert.are.same({ "a" }, file.list(folder))
  end)

  it("does not replace a file that may not be written", function()
    local path = folder .. "/a"
    put(path, "old")
    shell("chmod 444 %s", path)
    -- Root writes everywhere, unless that right is taken away.
    local as_others = "setpriv --bounding-set=-dac_override --inh-caps=-dac_override "
    local before = os.execute "test $(id -u) != 0" and "" or as_others
    local out = child.run({ TARGET = path }, [[
      local ok, err = core.file.write_atomic(os.getenv "TARGET", "x")
      io.write(tostring(ok), " ", err.code)]], nil, before)
    assert.are.equal("nil EACCES", out)
    assert.are.equal("old", get(path))
  end)

  it("says which failure it was", function()
    assert.are.equal("ENOENT", assert_fails({}, file.write_atomic(folder .. "/none/b", "x")).code)
    assert.are.equal("ENOSPC",
      assert_fails({ "/dev/full" }, file.write_atomic("/dev/full", "x")).code)
  end)

  it("keeps the old file where the disk is full", function()
    put(folder .. "/a", "old")
    local out = child.run({ TARGET = folder .. "/a" }, [[
      local ok, err = core.file.write_atomic(os.getenv "TARGET", ("x"):rep(1 << 20))
      io.write(tostring(ok), " ", err.kind, " ", err.code)]], nil, "trap '' XFSZ; ulimit -f 1;")
    assert.are.equal("nil io EFBIG", out)
    assert.are.equal("old", get(folder .. "/a"))
    assert.are.same({ "a" }, file.list(folder))
  end)

  it("writes devices, pipes and streams directly", function()
    assert(file.write_atomic("/dev/null", "x"))
    assert.are.equal("device", file.stat("/dev/null").kind)
    shell("mkfifo %s/pipe; cat %s/pipe > %s/out &", folder, folder, folder)
    assert(file.write_atomic(folder .. "/pipe", "through"))
    for _ = 1, 3000 do
      if get(folder .. "/out") == "through" then break end
      os.execute "sleep 0.02"
    end
    assert.are.equal("through", get(folder .. "/out"))
    assert.are.equal("pipe", file.stat(folder .. "/pipe").kind)
  end)

  it("goes on where the stream behind /dev/stdout stands", function()
    for _, path in ipairs { "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1" } do
      local out = child.run({ TARGET = path }, [[
        io.write "one " io.flush() assert(core.file.write_atomic(os.getenv "TARGET", "two "))
        assert(core.file.append(os.getenv "TARGET", "three ")) io.write "four"]])
      assert.are.equal("one two three four", out)
    end
    shell("ln -s /dev/stdout %s/out", folder)
    assert.are.equal("x", (child.run({ TARGET = folder .. "/out" },
      [[assert(core.file.write_atomic(os.getenv "TARGET", "x"))]])))
  end)

  it("does not take the place of a closed stream", function()
    local path = folder .. "/a"
    child.run({ TARGET = path }, [[local w = assert(core.file.writer(os.getenv "TARGET"))
      core.file.stream(1):write "to nobody" assert(w:write "to the file") assert(w:commit())]],
      ">&-")
    assert.are.equal("to the file", get(path))
  end)

  it("raises on paths with NUL", function()
    assert.has_error(function() file.write_atomic("a\0b", "x") end)
  end)
end)

describe("file.writer", function()
  it("takes its place at commit, not before", function()
    local path = folder .. "/a"
    put(path, "old")
    local writer = assert(file.writer(path))
    assert(writer:write "ne")
    assert(writer:write "w")
    assert.are.equal("old", get(path))
    assert(writer:commit())
    assert.are.equal("new", get(path))
    writer:close()
    assert.are.equal("new", get(path))
  end)

  it("leaves nothing where it is closed, forgotten or left by an error", function()
    local path = folder .. "/a"
    local writer = assert(file.writer(path))
    writer:write "x"
    assert.are.equal(1, #file.list(folder))
    writer:close()
    assert.are.same({}, file.list(folder))
    pcall(function()
      local _ <close> = assert(file.writer(path))
      error "out"
    end)
    assert.are.same({}, file.list(folder))
    file.writer(path)
    collectgarbage() collectgarbage()
    assert.are.same({}, file.list(folder))
  end)

  it("keeps a 0600 file from others from the beginning", function()
    local writer <close> = assert(file.writer(folder .. "/a", "0600"))
    assert(writer:write "x")
    assert.are.equal("600", mode_of(folder .. "/" .. file.list(folder)[1]))
  end)

  it("raises on a closed writer", function()
    local writer = assert(file.writer(folder .. "/a"))
    assert(tostring(writer):find(folder, 1, true))
    writer:close()
    writer:close()
    assert.are.equal("usagelua.writer (closed)", tostring(writer))
    assert.has_error(function() writer:write "x" end)
    assert.has_error(function() writer:commit() end)
  end)

  it("reports a commit that cannot take its place", function()
    shell("mkdir %s/sub", folder)
    local writer = assert(file.writer(folder .. "/sub/a"))
    assert(writer:write "x")
    shell("rm -rf %s/sub", folder)
    assert_fails({ "cannot write", "/sub/a", "No such file" }, writer:commit())
    assert.are.equal("usagelua.writer (closed)", tostring(writer))
  end)

  it("leaves two writers of one file apart", function()
    local path = folder .. "/a"
    local first, second = assert(file.writer(path)), assert(file.writer(path))
    first:write "first"
    second:write "second"
    assert(second:commit())
    assert(first:commit())
    assert.are.equal("first", get(path))
    assert.are.same({ "a" }, file.list(folder))
  end)
end)

describe("file.read", function()
  it("gives what is there, up to the limit", function()
    local path = folder .. "/a"
    for _, size in ipairs { 0, 1, 1023, 1024, 1025, 5000, 100000 } do
      local content = ("\0abc"):rep(size):sub(1, size)
      put(path, content)
      assert.are.equal(content, file.read(path))
      assert.are.equal(content, file.read(path, size))
      if size > 0 then
        assert_fails({ path, ("larger than %d bytes"):format(size - 1) }, file.read(path, size - 1))
      end
    end
  end)

  it("names the path that it cannot read", function()
    assert.are.equal("ENOENT", assert_fails({ "/none" }, file.read(folder .. "/none")).code)
    assert.are.equal("EISDIR", assert_fails({ folder }, file.read(folder)).code)
  end)

  it("reads what has no size", function()
    assert(#assert(file.read("/proc/self/status")) > 100)
    assert_fails({ "larger than 10 bytes" }, file.read("/dev/zero", 10))
  end)
end)

describe("file.append", function()
  it("adds to the end and makes what is missing", function()
    local path = folder .. "/a"
    assert(file.append(path, "one\n"))
    assert(file.append(path, "two\n"))
    assert.are.equal("one\ntwo\n", get(path))
    assert(file.append(folder .. "/b", "x", "0600"))
    assert.are.equal("600", mode_of(folder .. "/b"))
  end)

  it("fails on a full disk and without folder", function()
    assert.are.equal("ENOSPC", assert_fails({ "/dev/full" }, file.append("/dev/full", "x")).code)
    assert_fails({ "No such file" }, file.append(folder .. "/none/a", "x"))
  end)
end)

describe("file.stat, list, mkdirs, remove, realpath", function()
  it("tell what is there", function()
    put(folder .. "/a", "12345")
    local found = file.stat(folder .. "/a")
    assert.are.equal(5, found.size)
    assert.are.equal("file", found.kind)
    assert(math.abs(found.mtime - os.time()) < 100)
    assert.are.equal("folder", file.stat(folder).kind)
    assert.is_true(file.exists(folder))
    assert.is_false(file.exists(folder .. "/none"))
    assert_fails({ "/none" }, file.stat(folder .. "/none"))
  end)

  it("list names by their bytes, hidden ones too", function()
    for _, name in ipairs { "b", "B", ".hidden", "é", "a b", "a" } do
      put(folder .. "/" .. name, "")
    end
    assert.are.same({ ".hidden", "B", "a", "a b", "b", "é" }, file.list(folder))
    assert_fails({ "cannot list", "/none" }, file.list(folder .. "/none"))
  end)

  it("make folders as deep as needed", function()
    assert(file.mkdirs(folder .. "/a/b//c/", "0700"))
    assert(file.mkdirs(folder .. "/a/b/c"))
    assert.are.equal("700", mode_of(folder .. "/a/b"))
    put(folder .. "/f", "")
    assert_fails({ "/f/x" }, file.mkdirs(folder .. "/f/x"))
    assert_fails({ "/f" }, file.mkdirs(folder .. "/f"))
    assert_fails({ "No such file" }, file.mkdirs(""))
    assert(file.mkdirs("/"))
  end)

  it("remove files and empty folders", function()
    put(folder .. "/a", "")
    assert(file.remove(folder .. "/a"))
    assert.are.equal("ENOENT", assert_fails({ "/a" }, file.remove(folder .. "/a")).code)
    assert(file.mkdirs(folder .. "/d"))
    assert(file.remove(folder .. "/d"))
  end)

  it("find the real path", function()
    shell("ln -s . %s/here", folder)
    assert.are.equal(file.realpath(folder),
      file.realpath(folder .. "/here/here/../" .. folder:match "[^/]+$"))
    assert_fails({ "/none" }, file.realpath(folder .. "/none"))
  end)
end)

describe("file.lock", function()
  local TRY <const> = [[local lock, err = core.file.lock(os.getenv "TARGET")
    io.write(lock and "held" or err.kind .. " " .. err.code .. " " .. err.message)]]

  it("holds against other processes until it is closed", function()
    local path = folder .. "/lock"
    local lock = assert(file.lock(path))
    assert.are.equal("io EWOULDBLOCK " .. path .. " is locked by another process",
      (child.run({ TARGET = path }, TRY)))
    lock:close()
    lock:close()
    assert.are.equal("usagelua.lock (closed)", tostring(lock))
    assert.are.equal("held", (child.run({ TARGET = path }, TRY)))
    assert.are.equal("600", mode_of(path))
  end)

  it("goes with the block or the collector", function()
    local path = folder .. "/lock"
    do local _ <close> = assert(file.lock(path)) end
    assert(file.lock(path)):close()
    file.lock(path)
    collectgarbage() collectgarbage()
    assert.are.equal("held", (child.run({ TARGET = path }, TRY)))
  end)

  it("is not kept by children", function()
    local path = folder .. "/lock"
    local lock = assert(file.lock(path))
    local sleeper = io.popen("sleep 60 >/dev/null 2>&1 & echo $!")
    local pid = sleeper:read "l"
    lock:close()
    assert.are.equal("held", (child.run({ TARGET = path }, TRY)))
    os.execute("kill " .. pid)
    sleeper:close()
  end)

  it("fails without a folder", function()
    assert.are.equal("ENOENT",
      assert_fails({ "cannot lock" }, file.lock(folder .. "/none/lock")).code)
  end)
end)
