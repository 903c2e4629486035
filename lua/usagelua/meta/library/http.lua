---@meta usagelua.http
-- usage.http: one request or many, in the script's own words.

---How a request says who asks. Passwords, tokens and values are secrets.
---@class usagelua.http.auth
---@field kind "basic"|"bearer"|"header"|"query"|"client_credentials"|"refresh"
---@field username (usagelua.secret|string)? basic
---@field password usagelua.secret? basic
---@field token usagelua.secret? bearer
---@field name string? header, query: the field's or the parameter's name
---@field value usagelua.secret? header, query
---@field prefix string? header: text before the value
---@field headers table<string, usagelua.secret>? header: several fields
---@field parameters table<string, usagelua.secret>? query: several parameters
---@field [string] any what the two kinds of OAuth 2 need besides

---@class usagelua.http.options
---@field method string? GET, or POST with a body, where absent
---@field url string? of `request`; of `get` it is the first argument
---@field query table<string, any>? a list repeats its name
---@field headers table<string, string|number>?
---@field json any body: one of json, form and body
---@field form table<string, any>?
---@field body string?
---@field auth (usagelua.http.auth|usagelua.http.auth[])?
---@field timeout_s number? seconds, for the whole call
---@field to (string|fun(piece: string))? a path (written whole or not at all), or a function of each piece
---@field stream boolean? the body is not held; read it with `items` or `read`
---@field retries integer? how often it is repeated at most
---@field repeatable boolean? a POST that may be sent twice
---@field max_bytes integer? bytes; 64 MiB held, 8 GiB streamed where absent

---@class usagelua.http
local http = {}

---One request. Every status is an answer; nil and an error mean that none came.
---@param options usagelua.http.options
---@return usagelua.http.response? response of any status
---@return usagelua.error? err
function http.request(options) end

---GET.
---@param url string
---@param options usagelua.http.options?
---@return usagelua.http.response? response of any status
---@return usagelua.error? err
function http.get(url, options) end

---Several at once.
---@param list (string|usagelua.http.options)[] urls or options; `in_flight` in it is 16 where absent
---@return (usagelua.http.response|false)[] responses in the order of the list
---@return table<integer, usagelua.error>? errs place to why there is none; nil when all came
function http.all(list) end

---@class usagelua.http.response
---@field status integer
---@field headers table<string, string> names in lower case
---@field body string? the whole body; nil where it went elsewhere or is streamed
---@field url string after redirects
---@field bytes integer of the body, decoded
local response = {}

---The body as a JSON value; null is json.null.
---@return any value
---@return usagelua.error? err kind `json`
function response:json() end

---The next piece of a streamed body; nil at the end.
---@return string? piece
---@return usagelua.error? err
function response:read() end

---Iterates over the items at a path, as they arrive; raises error objects.
---@param path string for example "data.users[]"; "." is the whole document
---@return fun(): any, string?, string? next the item and, below `{}`, its key
function response:items(path) end

---Ends a streamed answer; again does nothing. `<close>` does it too.
function response:close() end

return http
