-- Where the benchmark's things lie, seen from the root of the checkout.
local paths = {}

local function output(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read "a":gsub("%s+$", ""))
end

paths.root = output "pwd"
paths.build = paths.root .. "/build/bench"
paths.documents = paths.build .. "/data"
paths.peers = paths.root .. "/bench/peers"
paths.reports = paths.root .. "/bench/reports"
paths.vendors = paths.build .. "/vendors:" .. paths.root .. "/bench/vendors"
paths.binary = os.getenv "USAGELUA_BIN" or paths.root .. "/usagelua"
paths.output = output

return paths
