---@meta
-- core.secret and core.origin, bound in C (csrc/core/secret.c, origin.c).

---@class usagelua.core.failure what C returns after nil; errors.from makes the error object
---@field kind usagelua.error_kind
---@field message string
---@field code string? the system's name of the failure, "ENOENT"

---A credential that scripts hold and cannot read: it prints and concatenates
---as `***`; comparing by order and `#` raise, `==` is identity. Wiped when
---collected or closed.
---@class usagelua.secret
local secret = {}

---The same credential, to go to these origins only. A host alone means https
---on port 443; `https://host:8443` and, on this machine, `http://127.0.0.1:80`
---say it whole. Raises kind `refused` for a host that a built-in credential
---does not go to, and for http elsewhere; kind `usage` for what is no host.
---@param host string
---@param ... string more of them
---@return usagelua.secret
function secret:bind(host, ...) end

---Where it goes: hosts for https on port 443, else origins; empty: nowhere.
---@return string[]
function secret:hosts() end

---The variable or the path it came from.
---@return string
function secret:name() end

---Wipes the value now. Later use raises.
function secret:close() end

---@class usagelua.core.secret
local module = {}

---Reads the variable, else the file that `NAME_FILE` names (one newline at
---its end does not count, at most 64 KB); an empty variable counts as none. A
---pipe is read once and remembered. Kinds: `credential` (missing, unreadable,
---not one line, under eight characters), `usage` and `refused` (the vendor's
---USAGELUA_…_URL is no URL, or http to another machine). Raises kind `usage`
---where `name` is no variable's name, without showing it.
---@param name string
---@param options? { secret: boolean } false: a user name; ignored for built-in ones
---@return usagelua.secret?
---@return usagelua.core.failure? err
function module.env(name, options) end

---Kinds: `credential`; `refused` for a file that a built-in credential's
---`NAME_FILE` names.
---@param path string
---@return usagelua.secret?
---@return usagelua.core.failure? err
function module.file(path) end

---Whether two secrets hold the same; a closed one holds nothing.
---@param one usagelua.secret
---@param other usagelua.secret
---@return boolean
function module.same(one, other) end

---Whether `env` would find a value; nothing is read.
---@param name string
---@return boolean found
---@return string? path of the file that `NAME_FILE` names, where it is read from there
function module.has(name) end

---Moves the built-in credentials' variables and those named here (accounts and
---`_FILE` too) out of the environment, wiping them from the process's memory,
---so that neither children nor /proc/PID/environ show them. To be called before
---anything is sent: other threads look names up by the environment.
---@param names? string[]
---@return boolean found whether there was a built-in credential
function module.capture(names) end

---@class usagelua.core.origin
local origin = {}

---@class usagelua.origin
---@field scheme "http"|"https"
---@field host string lower case; an IPv6 address in brackets
---@field port integer
---@field is_loopback boolean by its text; no name is looked up
---@field path string without query and fragment, "" where there is none
---@field misprint string? why nothing is sent there: a vendor's documentation names it by mistake

---Reads an absolute URL strictly: no user info, no backslash, no percent sign
---or character outside ASCII in the host, no dot at its end, no odd numbers.
---@param url string
---@return usagelua.origin?
---@return string? message
function origin.parse(url) end

---Whether a text names hosts as a request's `hosts` takes them:
---`files.acme.test`, `*.files.test` (any host below, not files.test itself),
---`files.acme.test:8443`. Without a port 443 is meant; on this machine any.
---@param text string
---@return true?
---@return string? message
function origin.pattern(text) end

---What stands before the path, as it is written: "https://api.acme.test". nil where a URL begins
---in no such way, or holds characters that no URL may hold.
---@param url string
---@return string?
function origin.site(url) end

---The site that all of them begin with; nil where they do not, or are no URLs at all.
---@param urls string[]
---@return string? site
function origin.common_site(urls) end

return { secret = module, origin = origin }
