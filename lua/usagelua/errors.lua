-- The one kind of error object. Code decides by `kind`, never by text; people
-- read the message, which names the place, the value and the next step.

local errors = {}

---@alias usagelua.error_kind
---| "usage"       # wrong option, parameter, range, column: the caller's mistake
---| "credential"  # a credential is missing, empty or unusable
---| "refused"     # our own policy refused, nothing was sent
---| "network"     # the connection failed or broke
---| "timeout"     # a limit of time ran out
---| "cut"         # the answer ended early
---| "limit"       # the answer is larger than allowed
---| "encoding"    # the content coding is broken
---| "json"        # the answer is not JSON
---| "shape"       # the answer is JSON of another shape than documented
---| "http"        # a status that nothing else here names
---| "auth"        # 401: the credential was not accepted
---| "permission"  # 403: accepted, but not allowed
---| "not_found"   # 404: it is not there
---| "gone"        # it was there, and is no more
---| "too_large"   # the request asks for more than the vendor takes at once
---| "throttled"   # 429, or what the vendor says means it
---| "busy"        # a queue of the vendor's is full: nothing was done
---| "partial"     # the vendor itself says that the answer is partial
---| "vendor"      # the vendor refused in words of its own
---| "cancelled"   # ended by us before the answer came
---| "deadline"    # the run has no time left for it
---| "io"          # a file or a stream of ours
---| "script"      # a user's script failed

local KINDS <const> = {
  usage = true, credential = true, refused = true, network = true, timeout = true, cut = true,
  limit = true, encoding = true, json = true, shape = true, http = true, auth = true,
  permission = true, not_found = true, gone = true, throttled = true, busy = true, not_ready = true,
  too_large = true, partial = true, vendor = true, cancelled = true, deadline = true, io = true,
  script = true,
}

---@class usagelua.error
---@field kind usagelua.error_kind
---@field message string lower case, without final dot
---@field hint string? what to do next
---@field status integer? HTTP status
---@field code string? the library's or the vendor's own code
---@field retry_after_s number? seconds the server asked us to wait
---@field url string? without secrets
---@field cause any? what lay beneath
local methods = {}
local metatable = { __name = "usagelua.error", __index = methods }

function metatable:__tostring()
  if self.hint then return self.message .. "; " .. self.hint end
  return self.message
end

---Makes an error object; a kind outside the list is a bug and raises.
---@param fields table kind and message, the other fields as they exist
---@return usagelua.error
function errors.new(fields)
  assert(KINDS[fields.kind], "unknown error kind: " .. tostring(fields.kind))
  assert(type(fields.message) == "string", "an error needs a message")
  local err = {}
  for name, value in pairs(fields) do err[name] = value end
  return setmetatable(err, metatable)
end

---@return boolean
function errors.is_kind(name)
  return KINDS[name] == true
end

---@return boolean
function errors.is(value)
  return getmetatable(value) == metatable
end

---Takes what C returned as `nil, {kind=, message=}`, or any other value.
---@return usagelua.error
function errors.from(value)
  if errors.is(value) then return value end
  if type(value) == "table" and KINDS[value.kind] then return errors.new(value) end
  return errors.new { kind = "script", message = tostring(value), cause = value }
end

---The same error with the place in front of its message.
---@param err any
---@param context string for example "testmu.summary 2026-06"
---@return usagelua.error
function errors.wrap(err, context)
  local wrapped = errors.new(errors.from(err))
  if wrapped.message:sub(1, #context) ~= context then
    wrapped.message = context .. ": " .. wrapped.message
  end
  return wrapped
end

local NO_MEMORY <const> = "not enough memory"

---@param err any as pcall gives it, or what a task made of it
---@return boolean
function errors.is_memory(err)
  return err == NO_MEMORY or errors.is(err) and err.cause == NO_MEMORY
end

---Raises lack of memory once more, which is no failure of what was tried.
---@param err any as pcall gives it
function errors.pass_memory(err)
  if errors.is_memory(err) then error(err, 0) end
end

local function pass(ok, err, ...)
  if not ok then errors.pass_memory(err) end
  return ok, err, ...
end

---pcall, but lack of memory goes on.
---@param fn function
---@return boolean ok
---@return any ... the results, or the error
function errors.try(fn, ...)
  return pass(pcall(fn, ...))
end

---Raises the caller's mistake.
---@param format string
function errors.raise_usage(format, ...)
  error(errors.new { kind = "usage", message = format:format(...) }, 0)
end

---Makes a method that is called with a dot the caller's mistake, not ours.
---@param of table the objects' metatable, whose `__index` holds the methods
---@param object string what a script would call one
---@param names string[]
function errors.want_colon(of, object, names)
  for _, name in ipairs(names) do
    local call = of.__index[name]
    of.__index[name] = function(self, ...)
      if getmetatable(self) ~= of then
        errors.raise_usage("%s is called with a colon: %s:%s(…)", name, object, name)
      end
      return call(self, ...)
    end
  end
end

---The name in the list that the given one was probably meant to be.
---@param name string
---@param list string[]
---@return string?
function errors.nearest(name, list)
  return require("usagelua.likeness").nearest(name, list)
end

---"unknown column 'tets'; did you mean 'tests'? known: …"
---@param what string
---@param name any
---@param list string[]
---@return string
function errors.unknown(what, name, list)
  return require("usagelua.likeness").unknown(what, name, list)
end

return errors
