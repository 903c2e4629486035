-- `usagelua -i`: reads lines and runs them, with `usage` at hand.

local errors = require "usagelua.errors"
local session = require "usagelua.cli.session"

local interactive = {}

local function compile(text)
  local expression = load("return " .. text, "=stdin", "t")
  if expression then return expression end
  return load(text, "=stdin", "t")
end

-- More lines are needed while the chunk ends too early.
local function read_chunk(prompt)
  local text = nil
  repeat
    prompt(text and ">> " or "> ")
    local line = io.read "l"
    if not line then return text end
    text = text and text .. "\n" .. line or line
    local chunk, message = compile(text)
    if chunk then return text, chunk end
  until not message:find "<eof>$"
  return text
end

local function print_results(count, ...)
  if count > 0 then print(...) end
end

local function evaluate(text)
  local chunk, message = compile(text)
  if not chunk then return io.stderr:write(message, "\n") end
  local results = table.pack(pcall(chunk))
  if results[1] then
    print_results(results.n - 1, table.unpack(results, 2, results.n))
  else
    io.stderr:write(tostring(errors.from(results[2])), "\n")
  end
end

---@param values table the options
---@param rest string[] arguments
---@return integer status
function interactive.run(values, rest)
  return session.with(values, { script_name = "-i", arguments = rest }, function(run)
    session.publish(run)
    _G.usage = require "usagelua"
    local on_terminal = require("usagelua.core").terminal.isatty(0)
    local function prompt(text)
      if on_terminal then io.write(text); io.flush() end
    end
    local text = read_chunk(prompt)
    while text do
      evaluate(text)
      text = read_chunk(prompt)
    end
    return 0
  end)
end

return interactive
