---@meta
-- What a flow function has in hand: `flow = function(ask, query, emit) … end`.
-- docs/flows.md shows all of it at work.

---@class usagelua.flow.request : table a path alone, or:
---@field path string below the base URL, or a full URL of the same host
---@field method string?
---@field query table? sent exactly as it is; a list repeats its name, a table of names is bracketed
---@field headers table<string, string>?
---@field json table?
---@field form table?
---@field repeatable boolean? it only reads, and may be sent twice
---@field accept integer[]? statuses that are answers beside 2xx
---@field as "json"|"text"|nil what is made of the answer
---@field values table? what `echo` compares, beside the query's own

---@class usagelua.flow.reading : table the path of the items alone, or the keys that say in a
---description how an answer is read: rows, null_rows, ok, echo, partial, pages, format, packed,
---columns, delimiter, ends

---@class usagelua.flow.answer
---@field status integer
---@field headers table<string, string> names in lower case
---@field url string where it came from
---@field link fun(self, reference: string): string where a link of it leads, absolute

---@class usagelua.flow.ask
local ask = {}

---@param path string
---@param options? usagelua.flow.request without path
---@return any value nil for 204, and for a status that `accept` names
---@return usagelua.flow.answer answer raises what kept a good one from coming
function ask:get(path, options) end

---The same with POST: repeated only where `repeatable`, or the dataset's
---`idempotent`, says that it may be.
---@param path string
---@param options? usagelua.flow.request without path
---@return any value
---@return usagelua.flow.answer answer
function ask:post(path, options) end

---@param request string|usagelua.flow.request
---@return any value
---@return usagelua.flow.answer answer
function ask:request(request) end

---Iterates over the items of one answer that is whole.
---@param request? string|usagelua.flow.request the description's own where absent
---@param reading? string|usagelua.flow.reading
---@return fun(): any, string? next the item, and its key
function ask:each(request, reading) end

---Iterates over the items of all pages, when all of them have come.
---@param request? string|usagelua.flow.request the description's own where absent
---@param reading? usagelua.flow.reading with `pages`
---@return fun(): any, string? next the item, and its key
function ask:pages(request, reading) end

---Creates a report job. It is deleted when its block is left (`<close>`), or
---when the function ends.
---@param job? table as the key `job` of a description; the description's own where absent
---@param reading? string|usagelua.flow.reading
---@param values? table what its templates see beside the query's own
---@return usagelua.flow.job
function ask:job(job, reading, values) end

---Calls the function for several items at once, as many as the credential may
---have requests under way.
---@param list any[] without a function: requests
---@param fn? fun(item: any, place: integer): any
---@return any[] values what it returned, in the order of the list
function ask:all(list, fn) end

---Waits while the other queries go on.
---@param seconds number at most 900; more than the run has left ends the part
function ask:wait(seconds) end

---@class usagelua.flow.job
local job = {}

---@return string? id
function job:id() end

---Waits for the result and iterates over its items, once.
---@return fun(): any, string? next
function job:items() end

---Deletes it at the vendor; again does nothing.
function job:close() end

---@class usagelua.flow.emit
---@overload fun(item: any, key: string?, document: table?) maps an item by the dataset's fields
local emit = {}

---Says that rows are missing.
---@param reason string
function emit.partial(reason) end

return { ask = ask, job = job, emit = emit }
