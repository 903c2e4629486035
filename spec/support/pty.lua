-- Runs a command on a pseudo terminal of a given size, and reads what it wrote as
-- a terminal does: what stands there in the end, and every picture on the way. A
-- control byte that no part of the project writes is an error.
local cells = require "usagelua.formats.cells"
local shell = require "support.shell"
local tmp = require "support.tmp"

local pty = {}

-- Made by Debian's Python: a controlling terminal, keys typed when a text shows.
local DRIVER <const> = [[
import fcntl, os, pty, struct, sys, termios
rows, columns, stdout, keys_after, keys = sys.argv[1:6]
pid, master = pty.fork()
if pid == 0:
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0) if keys == "" else None
    if stdout: os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
    while os.get_terminal_size(2).columns != int(columns): pass
    os.execvp(sys.argv[6], sys.argv[6:])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))
seen, typed = b"", False
while True:
    try: piece = os.read(master, 65536)
    except OSError: break
    if not piece: break
    seen += piece
    if keys and not typed and keys_after.encode() in seen:
        typed = True
        os.write(master, keys.encode())
sys.stdout.buffer.write(seen)
sys.stdout.flush()
os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) % 256)
]]

-- A terminal ---------------------------------------------------------------

local function blank_row()
  return {}
end

local terminal = {}
terminal.__index = terminal

local function new_terminal(columns)
  return setmetatable({ columns = columns, rows = { blank_row() }, at = 1, column = 1 }, terminal)
end

local function text_of_row(row)
  local pieces, last = {}, 0
  for column in pairs(row) do last = math.max(last, column) end
  for column = 1, last do pieces[column] = row[column] or " " end
  return (table.concat(pieces):gsub("%s+$", ""))
end

function terminal:lines()
  local lines = {}
  for place, row in ipairs(self.rows) do lines[place] = text_of_row(row) end
  while lines[#lines] == "" do lines[#lines] = nil end
  return lines
end

function terminal:line_feed()
  self.at = self.at + 1
  self.rows[self.at] = self.rows[self.at] or blank_row()
end

function terminal:put(character)
  local width = cells.width(character)
  if self.column + width - 1 > self.columns then
    self:line_feed()
    self.column = 1
  end
  self.rows[self.at][self.column] = character
  for more = 1, width - 1 do self.rows[self.at][self.column + more] = "" end
  self.column = self.column + width
end

local CSI = {}

function CSI.A(self, count) self.at = math.max(1, self.at - count) end

function CSI.K(self, what)
  assert(what == 2, "erases all of a line")
  self.rows[self.at] = blank_row()
end

function CSI.J(self)
  for column in pairs(self.rows[self.at]) do
    if column >= self.column then self.rows[self.at][column] = nil end
  end
  for row = self.at + 1, #self.rows do self.rows[row] = nil end
end

function CSI.m() end

-- Gives a picture of every state in which the cursor went back.
local function play(raw, columns)
  local screen, pictures, at = new_terminal(columns), {}, 1
  while at <= #raw do
    local number, letter, after = raw:match("^\27%[(%d*)(%a)()", at)
    if letter then
      assert(CSI[letter], "an escape sequence of nobody's: " .. letter)
      if letter == "A" then pictures[#pictures + 1] = table.concat(screen:lines(), "\n") end
      CSI[letter](screen, tonumber(number) or 0)
    else
      local character = raw:match("^" .. utf8.charpattern, at)
      after = at + #character
      if character == "\r" then
        screen.column = 1
      elseif character == "\n" then
        screen:line_feed()
      else
        assert(not character:find "%c", ("a control byte of nobody's: %q"):format(character))
        screen:put(character)
      end
    end
    at = after
  end
  return screen, pictures
end

-- Running ------------------------------------------------------------------

---@class spec.pty.Result
---@field status integer
---@field raw string bytes as they came
---@field lines string[] what stands there in the end
---@field pictures string[] what stood there each time it was drawn again
---@field column integer where the cursor stands in the end, from 1
---@field stdout string? of its own file

---@param words string[]
---@param options { columns: integer?, rows: integer?, env: table?, cwd: string?,
---  keys: string?, keys_after: string?, keeps_stdout: boolean? }?
---keys are typed once keys_after shows; keeps_stdout: standard output is no terminal
---@return spec.pty.Result
function pty.run(words, options)
  options = options or {}
  local folder <close> = tmp.folder()
  folder:write("driver.py", DRIVER)
  local columns = options.columns or 80
  local env = { TERM = "xterm", COLUMNS = false, LINES = false }
  for name, value in pairs(options.env or {}) do env[name] = value end
  local result = shell.run({ "/usr/bin/python3", folder.path .. "/driver.py",
    tostring(options.rows or 24), tostring(columns),
    options.keeps_stdout and folder.path .. "/out" or "", options.keys_after or "",
    options.keys or "", table.unpack(words) }, { env = env, cwd = options.cwd, timeout_s = 300 })
  assert(result.stderr == "", result.stderr)
  local screen, pictures = play(result.stdout, columns)
  return { status = result.status, raw = result.stdout, lines = screen:lines(), pictures = pictures,
    column = screen.column, stdout = options.keeps_stdout and folder:read "out" or nil }
end

return pty
