-- Lack of memory: every allocation may fail while a connection comes about. libcurl would keep the
-- number of the socket that is given up then, and divide by zero where the next one has it.
local nginx = require "support.nginx"
local shell = require "support.shell"
local short_of_memory = require "support.short_of_memory"

-- A port whose queue is full: the kernel takes no more connections there, and refuses none.
local FULL <const> = [[exec /usr/bin/python3 -c '
import socket, sys
full = socket.socket()
full.bind(("127.0.0.1", 0))
full.listen(0)
waiting = []
for i in range(4):
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex(full.getsockname())
    waiting.append(one)
print(full.getsockname()[1], flush=True)
sys.stdin.read()']]

-- A sanitizer wants to be loaded first, and need not be.
local function sanitizer_options()
  local given = os.getenv "ASAN_OPTIONS"
  return given and given .. ":verify_asan_link_order=0:detect_leaks=0" or false
end

-- Calls the function with the URL of a server whose answer takes a moment, and of that port.
local function with_servers(play)
  local server <close> = nginx.start { tls = false }
  server:control("/faults", { seed = 1, rules = { { path = "^/one$", status = 200, body = "b", delay_ms = 50 } } })
  local fifo = os.tmpname()
  os.remove(fifo)
  assert(os.execute(("mkfifo %s"):format(fifo)))
  local full <close> = assert(io.popen(FULL .. " < " .. fifo, "r"))
  local held <close> = assert(io.open(fifo, "w")) -- until it is closed the port is there
  os.remove(fifo)
  play(server, server.url .. "/one", ("http://127.0.0.1:%d/"):format(assert(full:read "n")))
  held:close()
end

describe("with the n-th allocation failing while it connects", function()
  it("a request that is given up leaves nothing that the next one of its engine meets", function()
    with_servers(function(_, good, hanging)
      short_of_memory.play(("spec/support/connecting_scarce.lua %s %s"):format(good, hanging), 2, 51)
    end)
  end)
end)

describe("where libcurl lacks memory in a step", function()
  it("what is in flight ends, and what follows has a handle as good as the first one", function()
    with_servers(function(server, good, hanging)
      local result = shell.run({ shell.usagelua(), "spec/support/worn_engine.lua", good, hanging },
        { env = { LD_PRELOAD = "build/torture/failing.so", ASAN_OPTIONS = sanitizer_options(),
          TORTURE = "curl/curl_multi_socket_action:1:once:3" }, timeout_s = 120 })
      assert.equal("", result.stderr)
      assert.equal(("false\tnot enough memory\n"):rep(2) .. "b\tb\n", result.stdout)
      assert.equal(1, server:control("/counts").peak.none)
    end)
  end)
end)
