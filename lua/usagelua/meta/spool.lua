---@meta
-- core.spool, bound in C (csrc/core/spool.c).

---Bytes that are written, then read as often as wanted: in memory at first, beyond a limit in a
---file without a name (0600), which ends with the process. A sink for the transfer module.
---@class usagelua.core.spool: userdata
local spool = {}

---@param bytes string
---@return true? ok
---@return usagelua.core.failure|usagelua.core.json.error|nil err kind "io", or the check's own error
function spool:feed(bytes) end

---Begins to read at the first byte; from here on nothing more is taken.
---@return true? ok
---@return usagelua.core.failure? err
function spool:rewind() end

---@return string? piece at most 64 KiB; nil behind the last
---@return usagelua.core.failure? err
function spool:read() end

---Gives the next piece to a sink, without making a string of it.
---@param sink userdata
---@return boolean? given false: there is no more
---@return usagelua.core.failure? err kind "io"; kind "sink": ask the sink
function spool:give(sink) end

---@return integer bytes that were written
function spool:size() end

---@return boolean
function spool:on_disk() end

---Gives memory and file back; may be called again. Also by the collector and by `<close>`.
function spool:close() end

return {
  ---@param options { memory_bytes: integer?, check: userdata?, folder: string? }? memory_bytes:
  ---default 8 MiB; check: a sink that has to take all bytes too; folder: of the file, default TMPDIR
  ---@return usagelua.core.spool
  new = function(options) end,
}
