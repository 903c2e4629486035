std = "lua54"
max_line_length = 110
files["spec"] = { std = "+busted" }
files["spec/vendors"] = { std = "+ngx_lua" }
exclude_files = { "build", "lua/usagelua/meta" }
files["lua/usagelua/vendors"] = { read_globals = { "kit" } }
