-- JSON with its items at a path: an array, the members of an object, or the
-- document itself. The reader of C does it all: what is complete is whole.

local core = require "usagelua.core"

local json = {
  accept = "application/json",
  help = "items at the path `rows`: of an array (`data[]`), of an object by its keys (`data{}`), "
    .. "or the document (`.`); whole where the JSON is complete",
  has_side = true, has_path = true,
}

function json.open(dataset, side, fields)
  return core.json.reader { rows = dataset.rows, side = side, fields = fields }
end

return json
