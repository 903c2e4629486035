-- Breaks a paragraph into lines of a given width.

local cells = require "usagelua.formats.cells"

local wrap = {}

local LEAST_CELLS <const> = 8

-- A word wider than a line is broken wherever the line ends.
local function each_piece(word, width, take)
  while cells.width(word) > width do
    local piece = cells.cut(word, width)
    if piece == "" then break end
    take(piece)
    word = word:sub(#piece + 1)
  end
  take(word)
end

---@param text string one line of valid UTF-8
---@param width integer cells of a line
---@param first string? stands before the first line
---@param rest string? stands before each further line
---@return string[] lines
function wrap.lines(text, width, first, rest)
  local lines = {}
  local lead, line = first or "", nil
  local lead_width = math.max(cells.width(lead), cells.width(rest or ""))
  local room = math.max(LEAST_CELLS, width - lead_width)
  local function take(piece)
    if line and cells.width(line) + 1 + cells.width(piece) <= room then
      line = line .. " " .. piece
      return
    end
    if line then
      lines[#lines + 1] = lead .. line
      lead = rest or ""
    end
    line = piece
  end
  for word in text:gmatch "[^ ]+" do each_piece(word, room, take) end
  lines[#lines + 1] = lead .. (line or "")
  return lines
end

return wrap
