-- Against G: scripts are held.
return {
  { promise = "G1", says = "a runaway script is not stopped at the deadline",
    file = "csrc/interpreter/watchdog.c",
    find = "if (since == 0 || now < since) return;", put = "if (since >= 0 || now < since) return;",
    caught_by = { "spec/interpreter_spec.lua" }, only = "past the deadline" },
  { promise = "G1", says = "a script that comes back is taken for one that does not",
    file = "csrc/interpreter/watchdog.c",
    find = "return now - (beat > since ? beat : since) > UL_GRACE_S * INT64_C(1000);",
    put = "return now - since > UL_GRACE_S * INT64_C(1000) && beat >= 0;",
    caught_by = { "spec/job_processes_spec.lua" }, only = "not taken for stuck" },
  { promise = "G1", says = "a process that stood still is taken for a script that does not come back",
    file = "csrc/interpreter/watchdog.c",
    find = "if (now - before > STOOD_STILL_MS) forgive(now);", put = "(void)before, (void)forgive;",
    caught_by = { "spec/interpreter_spec.lua" }, only = "stood still" },
  { promise = "G1", says = "a runaway script leaves its jobs",
    file = "csrc/interpreter/watchdog.c",
    find = [[
  ul_rescue_run(UL_RESCUE_S * 1000);
]],
    put = [[
  (void)ul_rescue_run;
]],
    caught_by = { "spec/job_processes_spec.lua" }, only = "whose script does not come back" },
  { promise = "G1", says = "memory has no limit",
    file = "csrc/interpreter/memory.c",
    find = "if (is_over && new_size > old_size) return NULL;", put = "(void)is_over;",
    caught_by = { "spec/cli/script_spec.lua", "spec/interpreter_spec.lua" }, only = "holds too much" },
  { promise = "G1", says = "memory that is given back is still counted",
    file = "csrc/interpreter/memory.c",
    find = [[
    memory->used -= old_size;
]],
    put = "",
    caught_by = { "spec/cli/script_spec.lua", "spec/interpreter_spec.lua" } },
  { promise = "G1", says = "a small block that grew is copied short",
    file = "csrc/interpreter/memory.c",
    find = "old_size < new_size ? old_size : new_size);",
    put = "old_size < new_size ? old_size / 2 : new_size);",
    caught_by = { "spec/allocator_spec.lua" } },
  { promise = "G1", says = "a loop that asks for ever ends with nothing",
    file = "lua/usagelua/vendor/sandbox.lua",
    find = "if not ok and errors.is(err) and STOPS[err.kind] then error(err, 0) end", put = "assert(STOPS)",
    caught_by = { "spec/vendor/sandbox_spec.lua" } },

  { promise = "G2", says = "a vendor script may run bytecode",
    file = "lua/usagelua/vendor/sandbox.lua",
    find = [[local chunk, message = load(text, "@" .. path, "t", names)]],
    put = [[local chunk, message = load(text, "@" .. path, "bt", names)]],
    caught_by = { "spec/vendor/sandbox_spec.lua" } },
  { promise = "G2", says = "a module beside a vendor script may be bytecode",
    file = "lua/usagelua/vendor/sandbox.lua",
    find = [[assert(load(text, "@" .. path, "t", names))() or true]],
    put = [[assert(load(text, "@" .. path, "bt", names))() or true]],
    caught_by = { "spec/vendor/sandbox_spec.lua" } },
  { promise = "G2", says = "a module beside a vendor script has all of Lua",
    file = "lua/usagelua/vendor/sandbox.lua",
    find = [[assert(load(text, "@" .. path, "t", names))() or true]],
    put = [[assert(load(text, "@" .. path, "t"))() or true]],
    caught_by = { "spec/vendor/sandbox_spec.lua" } },
  { promise = "G2", says = "a vendor script has the system's functions",
    file = "lua/usagelua/vendor/sandbox.lua",
    find = [[
    utf8 = copy(utf8),
]],
    put = [[
    utf8 = copy(utf8), os = os,
]],
    caught_by = { "spec/vendor/sandbox_spec.lua" } },
  { promise = "G2", says = "a vendor script sees its functions as bytecode",
    file = "lua/usagelua/vendor/sandbox.lua",
    find = [[string = copy(string, { "dump" }),]], put = "string = copy(string),",
    caught_by = { "spec/vendor/sandbox_spec.lua" } },
  { promise = "G2", says = "a vendor script changes what others see of string",
    file = "lua/usagelua/vendor/sandbox.lua",
    find = [[
    table = copy(table),
]],
    put = [[
    table = table,
]],
    caught_by = { "spec/vendor/sandbox_spec.lua" } },
  { promise = "G2", says = "a vendor script requires files of other folders",
    file = "lua/usagelua/vendor/sandbox.lua",
    find = [[local MODULE_NAME = "^[%w_]+$"]], put = [[local MODULE_NAME = "^[%w_./]+$"]],
    caught_by = { "spec/vendor/sandbox_spec.lua" } },
  { promise = "G2", says = "a vendor script makes others' numbers foreseeable",
    file = "lua/usagelua/vendor/sandbox.lua",
    find = [[math = copy(math, { "randomseed" }),]], put = "math = copy(math),",
    caught_by = { "spec/vendor/sandbox_spec.lua" } },
  { promise = "G2", says = "a vendor script reaches the metatable of all strings",
    file = "lua/usagelua/vendor/sandbox.lua",
    find = [["assert", "pcall" }]], put = [["assert", "pcall", "getmetatable" }]],
    caught_by = { "spec/vendor/sandbox_spec.lua" } },

  { promise = "G3", says = "a script's line is not told",
    file = "lua/usagelua/cli/failure.lua",
    find = [[
  return self.place .. text
]],
    put = [[
  return text
]],
    caught_by = { "spec/cli/script_spec.lua" } },
  { promise = "G3", says = "an error does not say what was asked",
    file = "lua/usagelua/client.lua",
    find = [[
  failed = errors.wrap(failed, name_of(call))
]],
    put = [[
  assert(name_of)
]],
    caught_by = { "spec/client_spec.lua" } },
  { promise = "G3", says = "an error does not say how often was tried",
    file = "lua/usagelua/client.lua",
    find = [[
local failed = call.attempt > 1 and noted(err, ("after %d attempts"):format(call.attempt)) or err]],
    put = "local failed = errors.new(err)",
    caught_by = { "spec/client_spec.lua" } },
  { promise = "G3", says = "an error does not say what to do",
    file = "lua/usagelua/errors.lua",
    find = [[  if self.hint then return self.message .. "; " .. self.hint end]], put = "",
    caught_by = { "spec/cli/script_spec.lua", "spec/transfer_spec.lua" } },
  { promise = "G3", says = "no near name is offered",
    file = "lua/usagelua/likeness.lua",
    find = "function likeness.nearest(",
    put = [[
function likeness.nearest() end

function likeness.nearest_of(]],
    caught_by = { "spec/likeness_spec.lua" } },
  { promise = "G3", says = "a vendor script that fails is not named",
    file = "lua/usagelua/vendor/sandbox.lua",
    find = [[return errors.new { kind = "script", message = "vendor script: " .. tostring(failure) }]],
    put = [[return errors.new { kind = "script", message = "vendor script failed" }]],
    caught_by = { "spec/vendor/sandbox_spec.lua" } },
}
