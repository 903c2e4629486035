-- Plants every fault of mutants/list.lua, or those of some promises, each in a copy
-- of the tree, and says which the suite catches:
--
--   lua5.4 mutants/run.lua [-j JOBS] [PROMISE…]      (`make mutants MUTANTS="A5 C2"`)
--
-- Before that, each of the specs is run once without a fault. Status 1 where a fault
-- survived.
local list = dofile "mutants/list.lua"

local FOLDER <const> = "build/mutants"

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function must(command)
  if not os.execute(command) then error("this failed: " .. command, 0) end
end

-- A copy for each process, with what is built, so that only the faulty file and
-- the restored one before it are built again.
local COPY <const> = [[mkdir -p %s && tar -c --exclude=./.git --exclude=./build . | tar -x -C %s &&
mkdir %s/build && find build -mindepth 1 -maxdepth 1 \( -name obj -o -name lib -o -name compiled \
  -o -name embedded.S -o -name lua-files -o -name torture \) -exec cp -a {} %s/build/ \;]]

local function copy_trees(count)
  must("rm -rf " .. FOLDER)
  for slot = 0, count - 1 do
    local tree = ("%s/%d"):format(FOLDER, slot)
    must(COPY:format(tree, tree, tree, tree))
  end
end

local function is_asked(fault, promises)
  for _, promise in ipairs(promises) do
    if fault.promise == promise or fault.promise:sub(1, 1) == promise then return true end
  end
  return #promises == 0
end

local function chosen(promises)
  local numbers = {}
  for number, fault in ipairs(list.all()) do
    if is_asked(fault, promises) then numbers[#numbers + 1] = number end
  end
  return numbers
end

-- The specs that have to catch these faults, each once.
local function specs_of(numbers)
  local all, seen, specs = list.all(), {}, {}
  for _, number in ipairs(numbers) do
    for _, spec in ipairs(all[number].caught_by) do
      if not seen[spec] then specs[#specs + 1] = spec end
      seen[spec] = true
    end
  end
  return specs
end

-- xargs numbers its processes, and each has the tree of its number. The lines of
-- all go on as they come; how many begin with which word.
local function run_all(jobs, words, arguments)
  local command = ("printf '%%s\\n' %s | xargs -P %d -n 1 --process-slot-var=SLOT sh -c %s %s"):format(
    table.concat(arguments, " "), jobs,
    quoted(('TREE=%s/$SLOT exec "$0" mutants/one.lua %s "$@"'):format(FOLDER, words)), quoted(arg[-1]))
  local counts = { caught = 0, SURVIVED = 0, UNSOUND = 0 }
  local pipe = assert(io.popen(command))
  for line in pipe:lines() do
    print(line)
    io.flush()
    local word = line:match "^  (%a+) "
    if counts[word] then counts[word] = counts[word] + 1 end
  end
  return counts, pipe:close()
end

local function main()
  local jobs, first = 2, 1
  if arg[1] == "-j" then jobs, first = assert(math.tointeger(tonumber(arg[2]))), 3 end
  local numbers = chosen(table.move(arg, first, #arg, 1, {}))
  if #numbers == 0 then error("no fault is planted against that promise", 0) end
  copy_trees(jobs)
  local counts, ok = run_all(jobs, "--plain", specs_of(numbers))
  if counts.UNSOUND > 0 or not ok then error("what fails without a fault catches none", 0) end
  counts, ok = run_all(jobs, "", numbers)
  for slot = 0, jobs - 1 do must(("rm -rf %s/%d"):format(FOLDER, slot)) end
  print(("\n%d caught, %d survived"):format(counts.caught, counts.SURVIVED))
  os.exit(ok and counts.caught == #numbers)
end

local ok, err = pcall(main)
if not ok then
  io.stderr:write("mutants: ", tostring(err), "\n")
  os.exit(false)
end
