-- docs/vendor-description.md: from the rows that the loader checks vendor
-- descriptions against.

local answers = require "usagelua.flow.answers"
local description = require "usagelua.vendor.description"
local kit = require "usagelua.vendor.kit"
local sandbox = require "usagelua.vendor.sandbox"

local EXAMPLE <const> = "examples/vendors/acme.lua"

local HEAD <const> = [[
# Vendor descriptions

A vendor is a Lua file that returns a table. It lies beside the report script as `vendors/NAME.lua`,
in a folder of `USAGELUA_VENDORS`, or on Lua's path as `usagelua.vendors.NAME`; nothing is built.
This page is printed by `make docs` from the table that checks descriptions when they are loaded: an
unknown or missing key is an error that names the known ones.

## A worked example

]]

local ANSWERS <const> = [[

## Kinds of answers

`format` says what an answer is written in, `json` where nothing is said; `columns` beside `rows`
makes it the second kind below. Whatever the kind, the items become records by the same `fields`.

]]

local CUT <const> = [[

Rows of text look good wherever they are cut. So they are whole only where the transfer tells its
end (Content-Length, chunked, HTTP/2) *and* the sender says at the end of its work that this is all:
`ends = { mark = { id = "#END" }, count = "email" }` for a last row that is none,
`ends = { total = "X-Total-Count" }` for a header field, or a gzip coding, whose check sum comes
last. What contradicts that is an error and asked for again; what lacks it is *at least*, with the
reason, and the run ends with status 4.
]]

local PROSE <const> = [[

## Paths

`a.b` is a member of a member; a name that holds a space or one of `.[]{}"` is written `["a b"]`
(`'["Cost center"]'` for a column of CSV). `rows` ends in `[]` for the items of a list or `{}` for
those of an object, `.` is the whole document. In `fields`, `@key` is the key under which the item
stood (or the present key of `each`), `access.{key}` the member of that key, `^.name` reads the item
around the member of a list, `$.meta.total` a value from the document's root, `.` the item itself.

What is not there is not reported, which is never zero. A figure is a whole number of zero or more
unless its field says otherwise (`fraction`, `negative`, `text`, `null`); all else is an error that
names path and value. A number that no field names is kept under its own name (`raw_` before it
where it would meet one of ours) with kind `unknown`.

## Templates

`{name}` in path, query, headers and body is a parameter of the query, or an edge of the window:
`{from}` and `{to}` as `format` has them, `{timezone}` (`+05:30`), `{from_utc}` and `{to_utc}` (RFC
3339), or one of its `parts`; `{grain}` goes to a vendor that divides its answer itself. An entry
whose name is unset is left out, never sent empty; values are escaped where they stand (`+` is
`%%2B`, a space `%%20`; `plain` names characters that are not).

What is sent has to say where a window begins and where it ends. Where a vendor takes one date or
one month, the windows are just that (`whole = "day", max_days = 1`); where it takes none or only
the first, the rows say which period they are about (`row_period`). A vendor that reads times by a
clock without an offset is not asked for an hour that comes twice, when the clocks are put back.

Where a parameter of the query decides between body and query, or between the forms of lists, the
entries stand in `params`, with `params_in = "{name}"` and `lists_as = "{name}"`. Otherwise how a list
parameter is sent stands in the request:

| in `query` or `form` | is sent as | in `json` |
| --- | --- | --- |
| `ids = "{ids}"` | `ids=1,2`; a comma in a value is refused | `"1,2"` |
| `ids = { "{ids}" }` | `ids=1&ids=2` | `[1,2]` |
| `["ids[]"] = { "{ids}" }` | `ids[]=1&ids[]=2` | |
| `f = { ids = "{ids}", time = { start = "{from}" } }` | `f[ids]=1,2&f[time][start]=…` | as it stands |

In a JSON body `"{name}"` alone keeps a number or a boolean what it is; a parameter given on the
command line is one where its `type` says so.

## Pages

The rows of all pages of a window join together or not at all. A cursor, link or key that comes
twice is an error, as is a numbered page that holds the rows of an earlier one; a stated `total` is
checked against the rows. A page answered 202 is asked for again, one answered 206 is refused: it is
not all that was asked for. Where rows moved while they were read (a `unique` key twice, another
total), all pages are read once more. A link to the next page is the whole address of its request and
is followed within the origin that gave it; any other is refused by its name.

## Names that are not documented

Where a dataset's `status` is `unverified`, a query may say what its fields are called: `fields =
{ tests = "runs" }`, `--set fields=tests:runs`, and `false` or `tests:-` for one that the vendor does
not send. With `must_appear`, a named field that no row of an answer has is an error that lists those
that came.

## Report jobs

A dataset with a `job` instead of a `request` is queued at the vendor: created, asked about until its
state is one of `done`, fetched and deleted. What `rows`, `fields`, `ok` and the like describe is the
result; each of its files is an answer of its own, and all of them count together or not at all.
`{job_id}` stands in the requests behind the creation.

What is done without being said: a creation is repeated after 429 and after a connection that never
stood; after a lost answer once, and the report says that there may be one job more. A full queue (an
error rule of kind `busy`, or `throttled`) is waited for. A poll that fails is no job that fails; a
state that is neither in `done` nor in `failed` is waited on until `time_s`; a job that fails, or that
the vendor does not know three times in a row, is created once more. Polls come less and less often
and count against the rate, of which one request is left for each live job, so that deleting never
waits. The job is deleted on every way out; 404, 409, 410 and 422 are a warning then. A good status
is a yes unless the answer says no: by a rule of `errors` (with `kind = "gone"` nothing is left to
delete), by `success`, `ok` or `deleted` that are false, a `status` of failure, an `error` or `errors`
that hold something other than 0. Then the job is named, stays in the ledger, and the next run tries
again.

Every job stands in the ledger (`USAGELUA_STATE`, else `~/.local/state/usagelua`) from before its
creation until it is deleted. The next run with jobs takes one up again that answers the same question
and is less than an hour old, and deletes the others; `usagelua ledger` lists them.

## Where a table cannot say it

`flow = function(ask, query, emit) … end` asks in straight-line Lua, with the same parts in hand:
[Flow functions](flows.md).

## What a script sees

Copies of `string`, `table`, `math`, `utf8`, and %s; `require` of files beside it, under the same
rules; and `kit` with %s. There is no `io`, `os`, `debug`, `package`, `load` or `coroutine`. This
contains accidents and theft through the API; it is no wall against bugs in the interpreter.

A credential is named by its variable, which begins with the vendor's own name (`ACME_…`) unless the
user allows another with `USAGELUA_GRANT=acme:NAME`. It is sent to the host of `base_url` and to no
other; what a token is asked for with, to the host of `token_url` and to no other. `account = "emea"`
of a query reads each variable with `__EMEA` behind its name. `USAGELUA_ACME_URL` puts another base
URL in the place of `base_url` and of all regions, and the path of `token_url` below it.
]]

local function cell(text)
  return (text:gsub("|", "\\|"):gsub("\n", " "))
end

local function default_of(row)
  if row.required then return "required" end
  if row.default == nil then return "" end
  return ("`%s`"):format(tostring(row.default))
end

local function type_of(row)
  if row.one_of then return "`" .. table.concat(row.one_of, "` `") .. "`" end
  local items = row.items and " of " .. row.items or row.list and " (list)"
    or row.some and ", or a list of them" or ""
  return (row[2]:gsub("|", " or ")) .. items
end

local function key_of(row)
  return math.type(row[1]) == "integer" and "[1]" or row[1]
end

local function line(row)
  return ("| `%s` | %s | %s | %s | `%s` |"):format(key_of(row), cell(type_of(row)), default_of(row),
    cell(row.help), cell(row.example))
end

local function section(name, rows)
  local lines = { ("\n## `%s`\n"):format(name), "| key | type | default | meaning | example |",
    "| --- | --- | --- | --- | --- |" }
  if name == "The description" then lines[1] = "\n## The description\n" end
  for _, row in ipairs(rows) do lines[#lines + 1] = line(row) end
  return table.concat(lines, "\n") .. "\n"
end

local function answer_kinds()
  local lines = { "| kind | what it is |", "| --- | --- |" }
  for _, one in ipairs(answers.help()) do
    lines[#lines + 1] = ("| %s | %s |"):format(one[1], cell(one[2]))
  end
  return ANSWERS .. table.concat(lines, "\n") .. "\n" .. CUT
end

local function quoted(names)
  return "`" .. table.concat(names, "`, `") .. "`"
end

local function kit_names()
  local names = {}
  for name in pairs(kit) do names[#names + 1] = "kit." .. name end
  table.sort(names)
  return names
end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function text()
  local pieces = { HEAD, "```lua\n", read(EXAMPLE), "```\n" }
  for _, one in ipairs(description.SECTIONS) do
    pieces[#pieces + 1] = section(one[1], one[2])
  end
  pieces[#pieces + 1] = answer_kinds()
  pieces[#pieces + 1] = PROSE:format(quoted(sandbox.SAFE), quoted(kit_names()))
  return table.concat(pieces)
end

return { ["docs/vendor-description.md"] = text() }
