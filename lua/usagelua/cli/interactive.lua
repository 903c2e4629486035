-- `usagelua -i`: reads lines and runs them, with `usage` at hand.

local failure = require "usagelua.cli.failure"
local output = require "usagelua.output"
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
    if chunk then return text end
  until not message:find "<eof>$"
  return text
end

local function say(text)
  local sink = output.stderr()
  sink:write(text .. "\n")
  sink:commit()
end

-- Shown as print shows them; a report is written as a script's would be.
local function show(run, results)
  local report = require "usagelua.report"
  if report.is(results[2]) then
    session.write(run, results[2])
  elseif results.n > 1 then
    print(table.unpack(results, 2, results.n))
  end
end

local function evaluate(run, text)
  local chunk, message = compile(text)
  if not chunk then return say(message) end
  local results = table.pack(xpcall(function()
    show(run, table.pack(true, chunk()))
  end, failure.handler "=stdin"))
  if results[1] then return end
  local caught = failure.of(results[2])
  if failure.is_stop(caught) or caught.err.signal then error(caught, 0) end
  say(failure.text(caught))
end

-- A prompt only for people.
local function prompter()
  if not require("usagelua.core").terminal.isatty(0) then return function() end end
  return function(text)
    io.write(text)
    io.flush()
  end
end

---@param values table the options
---@param rest string[] arguments
---@return integer status 0, whatever the lines came to
function interactive.run(values, rest)
  local fields = { source = "=stdin", script_name = "-i", script_folder = ".", arguments = rest,
    is_open_ended = true }
  return session.with(values, fields, function(run)
    session.publish(run)
    _G.usage = require "usagelua"
    local prompt = prompter()
    local text = read_chunk(prompt)
    while text do
      evaluate(run, text)
      text = read_chunk(prompt)
    end
    return 0
  end)
end

return interactive
