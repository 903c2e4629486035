---@meta
-- core.token, bound in C (csrc/core/token.c).

---@class usagelua.core.token
local token = {}

---@class usagelua.tokens what a token endpoint answered (RFC 6749 5.1)
---@field access_token usagelua.secret
---@field refresh_token usagelua.secret?
---@field token_type string?
---@field expires_in number? seconds

---A reader of a token endpoint's answer: a sink of the transfer module, whose
---bytes never pass through Lua. Wiped when closed or collected.
---@class usagelua.token_reader: userdata
local reader = {}

---Takes a piece, for transports that have it in Lua. Kind `limit` for more than
---64 KB.
---@param bytes string
---@return true?
---@return usagelua.core.failure? err
function reader:feed(bytes) end

---Reads what came. The tokens are masked from here on, and bound to the reader's
---hosts. Kinds: `shape` (no JSON, no access_token, a token that can be none),
---`auth` (the answer is an error, RFC 6749 5.2), `limit`.
---@return usagelua.tokens?
---@return usagelua.core.failure? err nothing of the answer but an error's code
function reader:finish() end

function reader:close() end

---@param name string of the tokens, for messages
---@param host string where they may go, as for secret:bind; raises likewise
---@param ... string more of them
---@return usagelua.token_reader
function token.reader(name, host, ...) end

return token
