# fish completion of usagelua; printed by `make docs`.

function __usagelua_ask
    set -l words (commandline -opc)
    eval $words[1] -q -e '$argv[1]' '$argv[2..-1]' 2>/dev/null
end

function __usagelua_names
    __usagelua_ask 'local u = require "usagelua"; for _, v in ipairs(u.vendors()) do print(v); local ok, s = pcall(u.vendors, v); for _, d in ipairs(ok and s.datasets or {}) do print(d.name) end end'
end

# Of the datasets that stand in the line.
function __usagelua_parameters
    set -l names (commandline -opc | string match -r '^[a-z][a-z0-9_]*\.[a-z0-9_]+$')
    __usagelua_ask 'local u = require "usagelua"; print "account="; print "region="; for _, n in ipairs { ... } do local ok, s = pcall(u.vendors, n:match "^[^.]+"); for _, d in ipairs(ok and s.datasets or {}) do if d.name == n then for _, p in ipairs(d.params) do print(p.name .. "=") end end end end' $names
end

function __usagelua_scripts
    __fish_complete_path (commandline -ct) | string match -r '^[^\t]*(?:\.lua|/)(?:\t.*)?$'
end

function __usagelua_none
    not __fish_seen_subcommand_from fetch vendors plan check get ledger new test
end

function __usagelua_on
    __fish_seen_subcommand_from $argv
end

complete -c usagelua -f
complete -c usagelua -n __usagelua_none -a '(__usagelua_scripts)'
complete -c usagelua -n __usagelua_none -a fetch -d 'records without a script, or a rule over them'
complete -c usagelua -n '__usagelua_on fetch' -a '(__usagelua_names)'
complete -c usagelua -n __usagelua_none -a vendors -d 'what can be asked, and how it adds up'
complete -c usagelua -n '__usagelua_on vendors' -a '(__usagelua_names)'
complete -c usagelua -n __usagelua_none -a plan -d 'windows, calls, least time; sends nothing'
complete -c usagelua -n '__usagelua_on plan' -a '(__usagelua_scripts)'
complete -c usagelua -n '__usagelua_on plan' -a '(__usagelua_names)'
complete -c usagelua -n __usagelua_none -a check -d 'are the credentials there, accepted, allowed?'
complete -c usagelua -n '__usagelua_on check' -a '(__usagelua_names)'
complete -c usagelua -n '__usagelua_on check' -a '(__usagelua_scripts)'
complete -c usagelua -n __usagelua_none -a get -d 'one raw call, the answer on stdout'
complete -c usagelua -n '__usagelua_on get' -a '(__usagelua_names)'
complete -c usagelua -n __usagelua_none -a ledger -d 'report jobs not yet deleted at the vendors'
complete -c usagelua -n __usagelua_none -a new -d 'a working starting point'
complete -c usagelua -n '__usagelua_on new' -a 'report vendor workflow'
complete -c usagelua -n __usagelua_none -a test -d 'conformance of a vendor script'
complete -c usagelua -n '__usagelua_on test' -a '(__usagelua_scripts)'
complete -c usagelua -n '__usagelua_on plan' -a fetch
complete -c usagelua -l period -x -d '2026-06, 2026-Q2, A..B, last 30 days, last month (default), vendor'
complete -c usagelua -l zone -x -d 'UTC (default), +05:30, Europe/Berlin'
complete -c usagelua -l grain -x -a 'total year quarter month week day hour' -d 'how finely vendors are asked: total (default), year, quarter, month, week, day, hour'
complete -c usagelua -n '__usagelua_on fetch plan check get test' -l set -x -a '(__usagelua_parameters)' -d 'a parameter of the dataset, or account, region; lists with commas'
complete -c usagelua -n '__usagelua_on fetch plan' -l group-by -x -d 'columns to group by'
complete -c usagelua -n '__usagelua_on fetch plan' -l measures -x -d 'figures to add up'
complete -c usagelua -n '__usagelua_on fetch plan' -l where -x -d 'only records of this value; repeatable'
complete -c usagelua -n '__usagelua_on fetch plan' -l sort -x -d 'order of the rows; -COL from high to low'
complete -c usagelua -n '__usagelua_on fetch plan' -l limit -x -d 'the first N rows only'
complete -c usagelua -n '__usagelua_on ledger' -l delete -d 'delete the jobs at their vendors; those of runs that live are left alone'
complete -c usagelua -l now -x -d 'the time taken as now (RFC 3339)'
complete -c usagelua -l format -s f -x -a 'text markdown html csv csv-excel json ndjson junit openmetrics focus' -d 'format of stdout: text (default), markdown, html, csv, csv-excel, json, ndjson, junit, openmetrics, focus'
complete -c usagelua -l output -s o -r -F -d 'write a file; its ending names the format; repeatable'
complete -c usagelua -l step-summary -d 'append the report as markdown to the file named by GITHUB_STEP_SUMMARY'
complete -c usagelua -l raw-csv -d 'CSV cells that begin with = + - @ as they are; spreadsheets run them'
complete -c usagelua -l csv-separator -x -d 'of csv-excel: , (default), ; (numbers as 1,5), | or tab'
complete -c usagelua -l prices -r -F -d 'a rate card (CSV)'
complete -c usagelua -l record -r -F -d 'record the answers (HAR)'
complete -c usagelua -l replay -r -F -d 'take the answers from a recording: no network, no credentials'
complete -c usagelua -l deadline -x -d 'limit of the whole run, default 30m'
complete -c usagelua -l allow-partial -d 'exit 0 instead of 4; the marks stay'
complete -c usagelua -l max-body -x -d 'largest answer, default 8GiB (64MiB where it is read whole)'
complete -c usagelua -l max-memory -x -d 'memory of the script, default 1GiB'
complete -c usagelua -l quiet -s q -d 'no messages but errors'
complete -c usagelua -l verbose -s v -d 'timings, retries, tracebacks'
complete -c usagelua -l trace -r -F -d 'write every request as a curl line, credentials masked'
complete -c usagelua -l help -s h -d 'this text; after a script: its arguments'
complete -c usagelua -l version -d 'the version'
complete -c usagelua -l execute -s e -x -d 'run CODE'
complete -c usagelua -l interactive -s i -d 'read lines and run them'
