-- Runs busted under this interpreter: `lua5.4 spec/run.lua [spec files]`.
-- The closing line of the run is made by spec/support/plain.lua.
package.path = "lua/?.lua;lua/?/init.lua;spec/?.lua;" .. package.path
package.cpath = (os.getenv "USAGELUA_CPATH" or "build/lib/?.so") .. ";" .. package.cpath
-- .busted names the interpreter for a bare `busted`; here it is the one already running.
table.insert(arg, 1, "--ignore-lua")
require "busted.runner" { standalone = false }
