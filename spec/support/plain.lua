-- busted output: each file's name as it ends, failures in full, then one plain line,
-- `N passed, N failed, N skipped`. What cannot even be loaded counts as failed.
return function(options)
  local busted = require "busted"
  local handler = require "busted.outputHandlers.base"()

  local function place(case)
    local trace = case.trace or case.element.trace
    return trace and trace.short_src and ("  %s:%s\n"):format(trace.short_src, trace.currentline) or ""
  end

  local function text(message)
    if type(message) == "table" then message = message.message or tostring(message) end
    return message and ("  " .. tostring(message):gsub("\n", "\n  ") .. "\n") or ""
  end

  local function report(kind, list)
    for _, case in ipairs(list) do
      io.write(("\n%s: %s\n"):format(kind, case.name), place(case), text(case.message))
      if options.verbose and case.trace then io.write("  ", case.trace.traceback or "", "\n") end
    end
  end

  handler.suiteEnd = function()
    report("FAILED", handler.failures)
    report("ERROR", handler.errors)
    report("SKIPPED", handler.pendings)
    io.write(("\n%d passed, %d failed, %d skipped\n"):format(handler.successesCount,
      handler.failuresCount + handler.errorsCount, handler.pendingsCount))
    return nil, true
  end

  handler.fileEnd = function(file)
    io.write(("%s\n"):format(file.name))
    io.flush()
    return nil, true
  end

  busted.subscribe({ "suite", "end" }, handler.suiteEnd)
  busted.subscribe({ "file", "end" }, handler.fileEnd)
  return handler
end
