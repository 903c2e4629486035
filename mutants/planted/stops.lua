-- Against F: stopping, resuming, writing.
return {
  { promise = "F1", says = "a second signal is no more than the first",
    file = "csrc/interpreter/watchdog.c",
    find = "if (atomic_fetch_add(&watchdog.signals, 1) > 0)",
    put = "if (atomic_fetch_add(&watchdog.signals, 1) > 1000)",
    caught_by = { "spec/interpreter_spec.lua" }, only = "a signal during a slow request" },
  { promise = "F1", says = "a run that was stopped ends with status 0",
    file = "lua/usagelua/cli/failure.lua",
    find = "if self.err.signal then return SIGNAL_BASE + self.err.signal end",
    put = "if self.err.signal then return 0 end",
    caught_by = { "spec/interpreter_spec.lua" }, only = "a signal when all answers are in" },
  { promise = "F1", says = "a signal that nobody waited for is forgotten",
    file = "csrc/interpreter/main.c",
    find = "return number != 0 ? 128 + number : status;", put = "return number < 0 ? 128 + number : status;",
    caught_by = { "spec/interpreter_spec.lua" }, only = "a signal when nobody waits" },
  { promise = "F1", says = "a second signal leaves its half-written file",
    file = "csrc/interpreter/watchdog.c",
    find = [[
  ul_leftover_remove();
]],
    put = "",
    caught_by = { "spec/interpreter_spec.lua" }, only = "second" },
  { promise = "F1", says = "a script may catch what stops it",
    file = "lua/usagelua/client/scheduler.lua",
    find = [[
  if not limit then error(task.sticky, 0) end
]],
    put = [[
  local sticky = task.sticky
  if not limit then task.sticky = nil end
  if not limit then error(sticky, 0) end
]],
    caught_by = { "spec/client/scheduler_spec.lua" } },
  { promise = "F1", says = "cleaning up has no end",
    file = "lua/usagelua/client/scheduler.lua",
    find = "return task.clean_up_from and task.clean_up_from + seconds or math.huge",
    put = "return math.huge",
    caught_by = { "spec/client/scheduler_spec.lua" } },
  { promise = "F1", says = "another failure hides the signal that caused it",
    file = "lua/usagelua/cli/session.lua",
    find = "return failure.of(run:stopped_by_signal() or caught)",
    put = "return failure.of(run and caught)",
    caught_by = { "spec/interpreter_spec.lua" }, only = "signal" },
  { promise = "F1", says = "a run that was stopped with all answers in writes its report",
    file = "lua/usagelua/cli/writing.lua",
    find = [[
  refuse_after_signal(run)
  for]],
    put = [[
  if not run then refuse_after_signal(run) end
  for]],
    caught_by = { "spec/interpreter_spec.lua" }, only = "a signal when all answers are in" },
  { promise = "F1", says = "a script's own status hides the signal that stopped it",
    file = "lua/usagelua/cli/session.lua",
    find = "exit(exit_status(run, code), true)", put = "exit(exit_status and code, true)",
    caught_by = { "spec/interpreter_spec.lua" }, only = "a signal when all answers are in" },
  { promise = "F1", says = "a signal that comes while files are written is a status of the program alone",
    file = "lua/usagelua/cli/session.lua",
    find = [[  if stopped then error(failure.of(stopped), 0) end
end]],
    put = [[  return stopped
end]],
    caught_by = { "spec/interpreter_spec.lua" }, only = "a signal when all answers are in" },

  { promise = "F2", says = "a file is written in its place",
    file = "csrc/core/atomic.c",
    find = "  if (!S_ISREG(found->st_mode)) return open_directly(file, path);",
    put = "  return open_directly(file, path);",
    caught_by = { "spec/file_spec.lua" } },
  { promise = "F2", says = "a temporary file may be somebody's link",
    file = "csrc/core/atomic.c",
    find = "const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;",
    put = "const int flags = O_WRONLY | O_CREAT | O_TRUNC;",
    caught_by = { "spec/file_calls_spec.lua" } },
  { promise = "F2", says = "state is readable for all from its beginning",
    file = "csrc/core/atomic.c",
    find = "is_free ? 0666 : mode & 0700", put = "0666",
    caught_by = { "spec/file_calls_spec.lua" } },
  { promise = "F2", says = "state is readable for all",
    file = "csrc/core/file.c",
    find = "O_RDWR | O_CREAT | O_NOFOLLOW, 0600);", put = "O_RDWR | O_CREAT | O_NOFOLLOW, 0644);",
    caught_by = { "spec/ledger_spec.lua", "spec/file_spec.lua" } },
  { promise = "F2", says = "a failure on closing is no failure",
    file = "csrc/core/atomic.c",
    find = [[
  if (error == 0) error = closing;
]],
    put = [[
  (void)closing;
]],
    caught_by = { "spec/file_calls_spec.lua" } },
  { promise = "F2", says = "a file is not brought to the disk before it takes its place",
    file = "csrc/core/atomic.c",
    find = "int error = ul_sync_descriptor(file->descriptor);", put = "int error = 0;",
    caught_by = { "spec/file_calls_spec.lua" } },
  { promise = "F2", says = "a full disk is not noticed",
    file = "csrc/core/io.c",
    find = [[
    } else if (count < 0 && errno != EINTR) {
      return errno;]],
    put = [[
    } else if (count < 0 && errno != EINTR) {
      return errno == ENOSPC ? 0 : errno;]],
    caught_by = { "spec/file_spec.lua", "spec/output_spec.lua" } },
  { promise = "F2", says = "a write that was cut short is a write",
    file = "csrc/core/io.c",
    find = [[
      length -= (size_t)count;
    } else if]],
    put = [[
      length = 0;
    } else if]],
    caught_by = { "spec/file_spec.lua", "spec/output_spec.lua" } },
  { promise = "F2", says = "a file that failed half-way takes its place",
    file = "lua/usagelua/output.lua",
    find = "  if ok and not self.err then ok, err = self.handle:commit() end",
    put = "  ok, err = self.handle:commit()",
    caught_by = { "spec/output_spec.lua" } },
  { promise = "F2", says = "of several files one is in its place before the others are written",
    file = "lua/usagelua/formats/init.lua",
    find = [[
    if failure() then return nil, failure() end
  end
  return commit_all(sinks)]],
    put = [[
    if failure() then return nil, failure() end
    if sink ~= sinks[2] and part.name then commit_all({ sink }) table.remove(sinks) end
  end
  return commit_all(sinks)]],
    caught_by = { "spec/report_spec.lua" } },
  { promise = "F2", says = "what was printed is lost without a word",
    file = "lua/usagelua/cli/session.lua",
    find = "  if ok and not (process and process.stdout_failed()) then return end",
    put = "  do return ok and message and nil end",
    caught_by = { "spec/cli/script_spec.lua" } },
  { promise = "F2", says = "an old file loses its permissions",
    file = "csrc/core/atomic.c",
    find = [[
  if (mode == UL_MODE_KEPT) mode = found->st_mode & 0777;
]],
    put = "",
    caught_by = { "spec/file_spec.lua" } },
  { promise = "F2", says = "a ledger's line is half there where the disk is full",
    file = "csrc/core/file.c",
    find = [[
  if (error != 0 && ftruncate(number, end) == 0) lseek(number, end, SEEK_SET);
]],
    put = "",
    caught_by = { "spec/ledger_spec.lua" } },
  { promise = "F2", says = "a recording that was broken off takes the place of the old one",
    file = "lua/usagelua/run.lua",
    find = "if transport and self.options.record and ok then",
    put = "if transport and self.options.record then",
    caught_by = { "spec/cassette_spec.lua", "spec/interpreter_spec.lua" } },

  { promise = "F3", says = "two runs hold the same lock",
    file = "csrc/core/file.c",
    find = "LOCK_EX | LOCK_NB", put = "LOCK_SH | LOCK_NB",
    caught_by = { "spec/file_spec.lua" } },
  { promise = "F3", says = "a lock is held on a file that is gone",
    file = "csrc/core/file.c",
    find = "while (error == 0 && !is_same) {",
    put = "for (int once = 1; once > 0 && !is_same; once--) {",
    caught_by = { "spec/file_calls_spec.lua" } },
  { promise = "F3", says = "two writers share one temporary file",
    file = "csrc/core/atomic.c",
    find = "(unsigned long long)random);", put = "(unsigned long long)(random & 0));",
    caught_by = { "spec/file_spec.lua" } },
  { promise = "F3", says = "children hold the locks of their parent",
    file = "csrc/core/io.c",
    find = "opened = open(path, flags | O_CLOEXEC, mode);", put = "opened = open(path, flags, mode);",
    caught_by = { "spec/file_spec.lua" } },
  { promise = "F3", says = "a file that is no entry is deleted from the ledger's folder",
    file = "lua/usagelua/ledger/entry.lua",
    find = [[
if name then return refused(path, ("is no entry of a ledger: its %s is of another shape"):format(name)) end]],
    put = "if name then return nil end",
    caught_by = { "spec/ledger_spec.lua" } },
  { promise = "F3", says = "a live run's entry is taken over",
    file = "lua/usagelua/ledger/entry.lua",
    find = [[
    if err.code == "EWOULDBLOCK" then return nil, "live" end
    return nil, errors.from(err)]],
    put = [[    if err.code ~= "EWOULDBLOCK" then return nil, errors.from(err) end]],
    caught_by = { "spec/ledger_spec.lua" } },
  { promise = "F3", says = "all runs of a machine bear one name",
    file = "lua/usagelua/ledger.lua",
    find = "bytes, why = source:read(8) end", put = [[bytes, why = "12345678", nil end]],
    caught_by = { "spec/ledger_spec.lua" } },

  { promise = "F4", says = "marks that turn the direction of writing are shown as they are",
    file = "lua/usagelua/formats/safe.lua",
    find = [[
  { 0x2028, 0x202E },   -- line and paragraph separator, embeddings and overrides
]],
    put = "",
    caught_by = { "spec/formats/safe_spec.lua" } },
  { promise = "F4", says = "tags, which nobody sees, are let through",
    file = "lua/usagelua/formats/safe.lua",
    find = [[
  { 0xE0000, 0xE007F }, -- tags
]],
    put = "",
    caught_by = { "spec/formats/safe_spec.lua" } },
  { promise = "F4", says = "a command of Azure's is let through where it does not begin a line",
    file = "lua/usagelua/formats/safe.lua",
    find = [[core.mask.text(line):gsub("##([A-Za-z]*%[)", "# #%1") end]],
    put = [[core.mask.text(line):gsub("^##([A-Za-z]*%[)", "# #%1") end]],
    caught_by = { "spec/formats/safe_spec.lua", "spec/formats/text_spec.lua" } },
  { promise = "F4", says = "a command of GitHub's is let through behind a space that it passes over",
    file = "lua/usagelua/formats/safe.lua",
    find = [[[" "] = true, ["\u{A0}"] = true,]], put = [[[" "] = true,]],
    caught_by = { "spec/formats/safe_spec.lua",
      "spec/formats/csv_spec.lua",
      "spec/formats/text_spec.lua" } },
  { promise = "F4", says = "a cell that begins with @ is a formula",
    file = "lua/usagelua/formats/csv_cell.lua",
    find = [[["="] = true, ["+"] = true, ["-"] = true, ["@"] = true,]],
    put = [[["="] = true, ["+"] = true, ["-"] = true,]],
    caught_by = { "spec/formats/csv_spec.lua" } },
  { promise = "F4", says = "a formula of full width is a formula",
    file = "lua/usagelua/formats/csv_cell.lua",
    find = [[["\u{FF1D}"] = true, ]], put = "",
    caught_by = { "spec/formats/csv_spec.lua" } },
  { promise = "F4", says = "a quote ends an attribute of HTML",
    file = "lua/usagelua/formats/markup.lua",
    find = [[shown:gsub("[&<>\"']", ENTITIES)]], put = [[shown:gsub("[&<>']", ENTITIES)]],
    caught_by = { "spec/formats/html_spec.lua", "spec/formats/junit_spec.lua" } },
  { promise = "F4", says = "a bar in a name makes a column of Markdown",
    file = "lua/usagelua/formats/markdown.lua",
    find = [[local SPECIAL <const> = "[\\`*_{}%[%]<>()#+!|~$]"]],
    put = [[local SPECIAL <const> = "[\\`*_{}%[%]<>()#+!~$]"]],
    caught_by = { "spec/formats/markdown_spec.lua" } },
  { promise = "F4", says = "a name mentions people",
    file = "lua/usagelua/formats/markdown.lua",
    find = [[text = text:gsub("^@", "@&#8203;")]], put = "",
    caught_by = { "spec/formats/markdown_spec.lua" } },
  { promise = "F4", says = "JSON loses what could act",
    file = "lua/usagelua/formats/safe.lua",
    find = [[if code < 0x10000 then return ("\\u%04x"):format(code) end]],
    put = [[if code < 0x10000 then return "?" end]],
    caught_by = { "spec/formats/safe_spec.lua" } },
}
