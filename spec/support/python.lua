-- Debian's Python, for its own readers of JSON, JSON Schema and CSV.

local python = {}

local PROGRAM <const> = "/usr/bin/python3"

local function with_file(text, use)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  local result = use(path)
  os.remove(path)
  return result
end

---Is the module there?
function python.has(module)
  return os.execute(("%s -c 'import %s' 2>/dev/null"):format(PROGRAM, module)) == true
end

---Runs code that reads the text from the file sys.argv[1]; gives what it prints.
function python.run(code, text)
  return with_file(code, function(script)
    return with_file(text, function(path)
      local pipe = assert(io.popen(("PYTHONUTF8=1 %s %s %s 2>&1"):format(PROGRAM, script, path)))
      local printed = pipe:read "a"
      pipe:close()
      return printed
    end)
  end)
end

return python
