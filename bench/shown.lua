-- Figures as people read them.
local shown = {}

---@param value number
---@return string with three or four digits that matter
function shown.number(value)
  if value >= 1000 then return ("%.0f"):format(value) end
  if value >= 100 then return ("%.1f"):format(value) end
  return value >= 10 and ("%.2f"):format(value) or ("%.3f"):format(value)
end

---@param spread bench.spread?
---@return string
function shown.ratio(spread)
  if not spread then return "–" end
  return ("%.2f (%.2f–%.2f)"):format(spread.median, spread.least, spread.most)
end

local SCALES <const> = { { 1, "s" }, { 1e-3, "ms" }, { 1e-6, "µs" }, { 1e-9, "ns" } }

---@param seconds number
---@return string
function shown.seconds(seconds)
  for _, scale in ipairs(SCALES) do
    if math.abs(seconds) >= scale[1] then return ("%.2f %s"):format(seconds / scale[1], scale[2]) end
  end
  return ("%.2f ns"):format(seconds * 1e9)
end

---In a cell of a table of Markdown.
---@param text string
---@return string
function shown.cell(text)
  return (text:gsub("|", "\\|"))
end

return shown
