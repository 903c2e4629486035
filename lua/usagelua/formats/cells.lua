-- How many cells of a terminal a text takes; the same in every locale.

local terminal = require("usagelua.core").terminal

return { width = terminal.width, cut = terminal.cut }
