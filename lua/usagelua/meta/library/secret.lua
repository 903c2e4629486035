---@meta usagelua.secret
-- usage.secret: a script's way to its credentials, which it holds and cannot
-- read. The class of a credential stands in meta/secret.lua.

---`usage.secret "ACME_TOKEN"` is a credential from that environment variable, or
---from the file that `ACME_TOKEN_FILE` names. It goes nowhere until `:bind`.
---Raises kind `credential` where it is missing.
---@class usagelua.secrets
---@overload fun(name: string, options: { secret: boolean }?): usagelua.secret
local secret = {}

---A credential from a file; one newline at its end does not count.
---@param path string
---@return usagelua.secret
function secret.file(path) end

---Whether the variable or its `NAME_FILE` is set, without reading it.
---@param name string
---@return boolean
function secret.has(name) end

return secret
