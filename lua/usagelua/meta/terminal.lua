---@meta
-- core.terminal, bound in C (csrc/core/terminal.c). Unicode 15.0.0.

---@class usagelua.core.terminal
local terminal = {}

---@param descriptor integer
---@return boolean
function terminal.isatty(descriptor) end

---Columns of the terminal there, else what COLUMNS says, else nil.
---@param descriptor integer
---@return integer?
function terminal.columns(descriptor) end

---Rows of the terminal there, else what LINES says, else nil.
---@param descriptor integer
---@return integer?
function terminal.rows(descriptor) end

---Cells that UTF-8 text takes: two for East Asian wide characters and emoji,
---none for combining marks and control characters, one for all else. The
---same in every locale.
---@param text string
---@return integer cells
function terminal.width(text) end

---The longest beginning that fits, never within a character or before a mark
---that belongs to the last one. The same string where all of it fits.
---@param text string
---@param cells integer
---@return string
function terminal.cut(text, cells) end

return terminal
