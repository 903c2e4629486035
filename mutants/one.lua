-- One fault: planted in a copy of the tree, built, and the specs run that are to
-- catch it; one line says what came of it. A case that fails is run once more, alone:
-- what passes then had failed for another reason, a busy machine for one. With
-- `--plain` a spec without any fault, which has to pass.
--
--   TREE=build/mutants/0 lua5.4 mutants/one.lua NUMBER       (part of `make mutants`)
--   TREE=build/mutants/0 lua5.4 mutants/one.lua --plain SPEC
local list = dofile "mutants/list.lua"

local TREE <const> = assert(os.getenv "TREE")
local LUA <const> = arg[-1]
-- A fault may make a spec wait for ever.
local BUILD_S <const>, SPECS_S <const> = 900, 900

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
end

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Runs a command in the tree; what it prints goes to the log.
local function run(command, seconds, log, mode)
  return (os.execute(("cd %s && timeout -k 5 %d %s %s %s 2>&1"):format(quoted(TREE), seconds, command,
    mode, quoted(log))))
end

-- The pattern that finds a text.
local function literal(text)
  return (text:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"))
end

-- To the first failure, or to the end.
local function run_specs(specs, pattern, log)
  local words = { quoted(LUA), "spec/run.lua", "--no-keep-going" }
  if pattern then words[#words + 1] = "--filter=" .. quoted(pattern) end
  for _, spec in ipairs(specs) do words[#words + 1] = quoted(spec) end
  return run(table.concat(words, " "), SPECS_S, log, ">")
end

-- The first case that failed. What fails while a file is loaded is no case.
local function failed_case(text)
  local failed = text:match "\nFAILED: ([^\n]+)"
  if failed then return failed end
  for name in text:gmatch "\nERROR: ([^\n]+)" do
    if not name:find "_spec%.lua$" and not name:find "^suite" then return name end
  end
end

local function last_line(text)
  return text:match "([^\n]+)\n*$" or "nothing"
end

local function say(verdict, fault, format, ...)
  print(("  %-8s %-3s %s; %s"):format(verdict, fault.promise, fault.says, format:format(...)))
end

-- How many cases passed and failed; nothing where the specs did not come to their end.
local function counts(text)
  return text:match "\n(%d+) passed, (%d+) failed, %d+ skipped\n*$"
end

local function fails_again(fault, case, log)
  run_specs(fault.caught_by, "^" .. literal(case), log)
  local text = read(log)
  return counts(text) and failed_case(text)
end

local function judge(fault, log)
  local text = read(log)
  local passed, failed = counts(text)
  local case = failed_case(text)
  if not passed then
    say("SURVIVED", fault, "the specs did not come to their end: %s (%s)", last_line(text), log)
  elseif case and fails_again(fault, case, log .. "-again") then
    say("caught", fault, "by \"%s\"", case)
  elseif case then
    say("SURVIVED", fault, "\"%s\" failed, but not when it was run alone (%s)", case, log)
  elseif failed ~= "0" then
    say("SURVIVED", fault, "no case failed, but what is around them (%s)", log)
  else
    say("SURVIVED", fault, "%s of %s", last_line(text), table.concat(fault.caught_by, ", "))
  end
end

local function plant(fault, log)
  local original = read(fault.file)
  if list.count(fault, original) ~= 1 then
    return say("SURVIVED", fault, "its text does not stand once in %s", fault.file)
  end
  local path = TREE .. "/" .. fault.file
  write(path, list.planted(fault, original))
  local is_built = run("make -s all", BUILD_S, log, ">")
  if is_built then
    run_specs(fault.caught_by, fault.only and literal(fault.only), log)
    judge(fault, log)
  else
    say("SURVIVED", fault, "it does not build (%s)", log)
  end
  write(path, original)
end

-- The tree as it is: a spec that fails by itself catches nothing. What a busy machine
-- makes fail is not to end all, so that a second run has its say too.
local function run_plain(spec, log)
  assert(run("make -s all", BUILD_S, log, ">"))
  local line
  for _ = 1, 2 do
    run_specs({ spec }, nil, log)
    line = last_line(read(log))
    if line:find "^[1-9]%d* passed, 0 failed" then return end
  end
  print(("  UNSOUND  without a fault: %s of %s (%s)"):format(line, spec, log))
end

local function log_of(name)
  return ("%s/build/mutants/%s.log"):format(os.getenv "PWD", (name:gsub("/", "-")))
end

if arg[1] == "--plain" then
  run_plain(arg[2], log_of(arg[2]))
else
  plant(assert(list.all()[math.tointeger(tonumber(arg[1]))]), log_of(arg[1]))
end
