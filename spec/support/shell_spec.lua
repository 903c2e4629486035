local shell = require "support.shell"

describe("shell.run", function()
  it("gives status, stdout and stderr apart", function()
    local result = shell.run "printf out; printf err >&2; exit 3"
    assert.equal(3, result.status)
    assert.equal("out", result.stdout)
    assert.equal("err", result.stderr)
    assert.is_false(result.timed_out)
  end)

  it("takes words as they are", function()
    local word = "a b'c\"d$HOME`x`\n*%s\\"
    assert.equal(word, shell.run({ "printf", "%s", word }).stdout)
  end)

  it("sets and takes away variables", function()
    local options = { env = { A = "x 'y' $z", PATH_LIKE = "p", HOME = false } }
    assert.equal("x 'y' $z|unset", shell.run('printf "%s|%s" "$A" "${HOME-unset}"', options).stdout)
  end)

  it("shows no variable's value in a command line", function()
    local command = [[cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ']]
    local result = shell.run(command, { env = { A = "hidden-" .. "value" } })
    assert.is_nil(result.stdout:find("hidden-" .. "value", 1, true))
  end)

  it("feeds stdin, and nothing where none is given", function()
    assert.equal("in\0put", shell.run("cat", { stdin = "in\0put" }).stdout)
    assert.equal("", shell.run("cat").stdout)
  end)

  it("ends what runs too long", function()
    local result = shell.run("echo begun; sleep 60", { timeout_s = 3 })
    assert.is_true(result.timed_out)
    assert.equal("begun\n", result.stdout)
  end)

  it("runs in the folder named", function()
    assert.equal("/\n", shell.run("pwd", { cwd = "/" }).stdout)
  end)

  it("tells the signal that ended a command", function()
    assert.equal(9, shell.run("kill -9 $$").signal)
  end)
end)

describe("shell.output", function()
  it("raises with the command's words when it fails", function()
    local ok, message = pcall(shell.output, "echo why >&2; exit 5")
    assert.is_false(ok)
    assert.matches("status 5", message)
    assert.matches("why", message)
  end)
end)

describe("shell.start", function()
  it("gives the command's own process id and takes signals, SIGINT too", function()
    local run <close> = shell.start { "sh", "-c", "trap 'echo caught; exit 7' INT; echo $$; " ..
      "while :; do sleep 0.01; done" }
    repeat local out = run:output() until out ~= ""
    run:signal "INT"
    local result = run:wait(30)
    assert.equal(7, result.status)
    assert.equal(run.pid .. "\ncaught\n", result.stdout)
  end)

  it("waits no longer than told", function()
    local run <close> = shell.start { "sleep", "30" }
    assert.is_nil(run:wait(0.1))
  end)

  it("leaves no process when closed", function()
    local run = shell.start { "sleep", "30" }
    run:close()
    assert.is_nil(io.open("/proc/" .. run.pid .. "/stat"))
  end)
end)
