-- require "usagelua": the library of a run of its own. The interpreter puts
-- the library of its run in this place (cli/script.lua).

return require("usagelua.library").new(require("usagelua.run").new {})
