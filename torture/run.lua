-- Puts the flows to torture: every n-th call of every family fails, in each of its ways.
--
--     lua5.4 torture/run.lua [-j JOBS] [--every N] [--first N] [--flow NAME] [--family NAME] [--plan PLAN]
--
-- --every: of Lua's allocations, which are tens of thousands, each N-th (default 100; 1 is all),
-- from the --first on.
-- --plan plays one case alone, as a failure names it: --flow jobs --plan curl:17:once:27.
package.path = "lua/?.lua;lua/?/init.lua;spec/?.lua;./?.lua;" .. package.path
package.cpath = "build/lib/?.so;" .. package.cpath

require("torture.command")(arg)
