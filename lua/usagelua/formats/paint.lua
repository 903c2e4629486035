-- Colour for a terminal that asked for it; without, texts stay as they are.

local paint = {}

local CODES <const> = {
  title = "1", faint = "2", passed = "32", failed = "31", undecided = "33",
}

---@param is_on boolean?
---@return fun(style: string, text: string): string
function paint.brush(is_on)
  if not is_on then return function(_, text) return text end end
  return function(style, text)
    local code = CODES[style]
    return code and ("\27[%sm%s\27[0m"):format(code, text) or text
  end
end

return paint
