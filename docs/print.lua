-- Writes the files that are printed from tables of the source, so that nothing
-- is said twice: `make docs`. Loaded by a spec, it gives their texts only.

local PRINTERS <const> = { "vendor_description", "completions", "manual", "annotations",
  "reference", "vendors" }

local files = {}
for _, name in ipairs(PRINTERS) do
  for path, text in pairs(dofile(("docs/printed/%s.lua"):format(name))) do files[path] = text end
end

if not (arg and arg[0] and arg[0]:find "docs/print%.lua$") then return files end

for path, text in pairs(files) do
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
end
