std = "lua54"
max_line_length = 110
files["spec"] = { std = "+busted", max_line_length = 130 } -- tables of cases
files["spec/vendors"] = { std = "+ngx_lua" }
exclude_files = { "build", "lua/usagelua/meta" }
files["lua/usagelua/vendors"] = { read_globals = { "kit" } }
