-- How each call fails: the numbers that it may give, for the families that have several. -1 is a
-- read or a write of a part only, which is no failure at all.

local failures = {}

local EPERM <const>, EINTR <const>, EIO <const>, EAGAIN <const>, ENOMEM <const> = 1, 4, 5, 11, 12
local EACCES <const>, EMFILE <const>, ENOSPC <const>, EROFS <const>, ENOLCK <const> = 13, 24, 28, 30, 37
local PART <const> = -1

local FILES <const> = {
  open = { EMFILE, EACCES, EINTR }, fopen = { EMFILE }, close = { EIO, EINTR },
  read = { EIO, EINTR, PART }, write = { ENOSPC, EIO, EINTR, PART }, fsync = { EIO, EINTR },
  rename = { EACCES, ENOSPC }, unlink = { EPERM }, remove = { EPERM }, flock = { ENOLCK, EINTR },
  fcntl = { EMFILE }, mkdir = { EACCES, ENOSPC }, stat = { EACCES, EIO }, poll = { EINTR, ENOMEM },
  pipe2 = { EMFILE }, socket = { EMFILE }, recv = { EINTR, EIO }, pthread_create = { EAGAIN },
  fwrite = { ENOSPC }, fflush = { ENOSPC, EIO }, ftruncate = { EROFS },
}

local CURLE_SEND_ERROR <const>, CURLE_OUT_OF_MEMORY <const>, CURLE_UNKNOWN_OPTION <const> = 55, 27, 48
local CURLM_OUT_OF_MEMORY <const>, CURLM_INTERNAL_ERROR <const> = 3, 4
local CURLUE_OUT_OF_MEMORY <const> = 7
local MULTI <const> = { CURLM_OUT_OF_MEMORY, CURLM_INTERNAL_ERROR }

local LASTING <const> = { [0] = true, [CURLE_OUT_OF_MEMORY] = true, [CURLM_OUT_OF_MEMORY] = true,
  [CURLUE_OUT_OF_MEMORY] = true }

local CURL <const> = {
  curl_easy_setopt = { CURLE_OUT_OF_MEMORY, CURLE_UNKNOWN_OPTION },
  curl_easy_getinfo = { CURLE_OUT_OF_MEMORY, CURLE_UNKNOWN_OPTION },
  curl_easy_pause = { CURLE_OUT_OF_MEMORY, CURLE_SEND_ERROR },
  curl_global_init = { CURLE_OUT_OF_MEMORY },
  curl_multi_add_handle = MULTI, curl_multi_remove_handle = MULTI, curl_multi_setopt = MULTI,
  curl_multi_socket_action = MULTI,
  curl_url_get = { CURLUE_OUT_OF_MEMORY }, curl_url_set = { CURLUE_OUT_OF_MEMORY },
}

local ANY <const> = { EIO }

-- Families, in the order in which they are played, with how their calls fail. Lua asks its
-- allocator a second time, after collecting what is free: once is survived, twice is not.
failures.FAMILIES = { "files", "curl", "memory", "lua" }
local HOWS <const> = { files = { "once", "on" }, curl = { "once", "on" }, memory = { "once", "on" },
  lua = { "twice", "once", "on" } }

local function errors_of(family, name)
  if family == "files" then return FILES[name] or ANY end
  if family == "curl" then return CURL[name] or { 0 } end
  return { ENOMEM }
end

-- Nothing is interrupted, or does a part, for ever; and of libcurl memory is what may be lacking
-- for good: what is retried until the deadline takes its time.
local function may_last(family, number)
  if family == "files" then return number ~= EINTR and number ~= PART end
  return family ~= "curl" or LASTING[number] == true
end

---Every way in which a call may fail, as plans for failing.so.
---@param family string
---@param n integer the n-th of the family, or of the function
---@param name string? the function's
---@return string[]
function failures.plans(family, n, name)
  local what = name and family .. "/" .. name or family
  local plans = {}
  for _, how in ipairs(HOWS[family]) do
    for _, number in ipairs(errors_of(family, name)) do
      if how ~= "on" or may_last(family, number) then
        plans[#plans + 1] = ("%s:%d:%s:%d"):format(what, n, how, number)
      end
    end
  end
  return plans
end

return failures
