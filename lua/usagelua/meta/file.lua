---@meta
-- core.file and core.digest, bound in C (csrc/core/file.c, digest.c).
-- All failures: nil and kind `io` with path and reason, `code` = "ENOENT" ….
-- A mode is an octal text ("0600") or a number.

---@class usagelua.core.writer
local writer = {}

---@param bytes string
---@return true? ok
---@return usagelua.core.failure? err
function writer:write(bytes) end

---Brings the file to the disk and puts it in its place. On failure the old
---file is as it was, and nothing is left beside it.
---@return true? ok
---@return usagelua.core.failure? err
function writer:commit() end

---Drops what was not committed; also `__close` and `__gc`.
function writer:close() end

---@class usagelua.core.lock
local lock = {}

---Writes behind what the locked file holds, and brings it and its name to the
---disk: all of it, or nothing.
---@param bytes string
---@return true? ok
---@return usagelua.core.failure? err
function lock:append(bytes) end

---Gives the lock back; also `__close` and `__gc`. The file stays.
function lock:close() end

---@class usagelua.core.file
local file = {}

---@param path string
---@param max_bytes? integer default 64 MiB; a larger file is an error
---@return string? bytes
---@return usagelua.core.failure? err
function file.read(path, max_bytes) end

---Replaces the file whole or not at all: written beside it, fsync, rename,
---fsync of the folder. A symbolic link stays and what it points to is
---replaced; pipes, devices and /dev/stdout are written directly; a file that
---may not be written is not replaced either. Without `mode` it keeps the old
---file's permissions, a new one gets 0666 less the umask; with it, exactly it.
---@param path string
---@param bytes string
---@param mode? string|integer
---@return true? ok
---@return usagelua.core.failure? err
function file.write_atomic(path, bytes, mode) end

---The same in pieces.
---@param path string
---@param mode? string|integer
---@return usagelua.core.writer?
---@return usagelua.core.failure? err
function file.writer(path, mode) end

---Standard output (1) or error (2), unbuffered; closing it leaves it open.
---@param descriptor 1|2
---@return usagelua.core.writer
function file.stream(descriptor) end

---@param path string
---@param bytes string
---@param mode? string|integer of a new file; less the umask; default 0666
---@return true? ok
---@return usagelua.core.failure? err
function file.append(path, bytes, mode) end

---@param path string
---@return boolean
function file.exists(path) end

---@class usagelua.core.stat
---@field size integer bytes
---@field mtime number epoch seconds
---@field mode integer permissions
---@field kind "file"|"folder"|"pipe"|"socket"|"device"

---Links are followed.
---@param path string
---@return usagelua.core.stat?
---@return usagelua.core.failure? err
function file.stat(path) end

---Names in the folder, sorted bytewise, without `.` and `..`.
---@param folder string
---@return string[]?
---@return usagelua.core.failure? err
function file.list(folder) end

---Makes the folder and those above it; what exists already is fine.
---@param folder string
---@param mode? string|integer less the umask; default 0777
---@return true? ok
---@return usagelua.core.failure? err
function file.mkdirs(folder, mode) end

---A file or an empty folder.
---@param path string
---@return true? ok
---@return usagelua.core.failure? err
function file.remove(path) end

---@param path string
---@return string?
---@return usagelua.core.failure? err
function file.realpath(path) end

---Takes the lock (flock) of the file at once or fails, `code` "EWOULDBLOCK"
---where another holds it. The file is made (0600) where it is missing. It
---goes with the process, however that ends. Lock a file of its own, not one
---that is replaced: a new file bears no lock.
---@param path string
---@return usagelua.core.lock?
---@return usagelua.core.failure? err
function file.lock(path) end

---@class usagelua.core.digest
local digest = {}

---@param bytes string
---@return string hex 64 lower-case digits
function digest.sha256(bytes) end

return { file = file, digest = digest }
