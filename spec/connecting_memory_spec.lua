-- Lack of memory: every allocation may fail while a connection comes about. libcurl would keep the
-- number of the socket that is given up then, and divide by zero where the next one has it.
local nginx = require "support.nginx"
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

describe("with the n-th allocation failing while it connects", function()
  it("a request that is given up leaves nothing that the next one of its engine meets", function()
    local server <close> = nginx.start { tls = false }
    server:control("/faults", { seed = 1, rules = { { path = "^/one$", status = 200, body = "b" } } })
    local fifo = os.tmpname()
    os.remove(fifo)
    assert(os.execute(("mkfifo %s"):format(fifo)))
    local full <close> = assert(io.popen(FULL .. " < " .. fifo, "r"))
    local held <close> = assert(io.open(fifo, "w")) -- until it is closed the port is there
    os.remove(fifo)
    local port = assert(full:read "n")
    short_of_memory.play(("spec/support/connecting_scarce.lua %s/one http://127.0.0.1:%d/")
      :format(server.url, port), 2, 51)
    held:close()
  end)
end)
