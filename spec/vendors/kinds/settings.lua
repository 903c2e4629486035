-- What the specs set of the small test vendors, one for each kind of paging, answer, window,
-- job and credential. What a setting means stands where it is used.
local options = require "vendors.options"

return options.of("kinds", {
  credentials = { { token = "kinds-token/with+odd=chars&%" } },
  items = 53,
  second_ms = 1000,            -- real milliseconds that a second of the vendors takes

  -- pages.lua
  size = 10, max_size = 100,
  page_first = 1,
  repeat_from = false,         -- from this page (1 and up) on, the one before comes again
  total_off = 0,               -- added to every stated total
  most = false,                -- rows of a page at most, however many are asked for
  moves = 0,                   -- for so many further pages the rows stand a place further back
  cursor_end = "null",         -- "absent", "empty": how the last page says that it is the last
  link = "absolute",           -- "path", "query", "other" (at other_origin): form of next links
  other_origin = false,

  -- answers.lua
  columns_as = "names",        -- "objects": { name, type }
  text = { framing = false,    -- "chunked", "close_delimited"; false: with Content-Length
    gzip = false,              -- "coding" (Content-Encoding), "file" (a .gz file)
    end_mark = false, total = false, bom = false },
  graphql = "ok",              -- "all", "partial": errors inside 200
  graphql_throttles = 0,       -- so many first requests are throttled, inside 200

  -- windows.lua
  window = { format = "date",  -- wall, rfc3339, rfc3339ms, epoch, epoch_ms
    ends = "inclusive",        -- "exclusive"
    max_days = 31 },

  -- batches.lua
  batch = { limit = 50, status = 413, hang_s = 0 }, -- 504 after hang_s: a time-out

  -- exports.lua
  export = { create = "job",   -- "answer": 200 with the rows
    location = "path",         -- "absolute", "none"
    poll = "state",            -- "status": 202, then 200 with the rows
    states = { { state = "created", polls = 1 }, { state = "processing", polls = 1 },
      { state = "completed" } },
    format = "csv",            -- "lines"
    files = 3, deletable = true },
  file_origin = false,         -- "http://127.0.0.1:PORT"; false: this one

  -- credentials.lua
  oauth = { client_id = "kinds-client", client_secret = "kinds-secret/with+odd=chars&%",
    client_in = "header",      -- "body"
    uses = false,              -- requests that a token is good for
    expires_s = 3600,
    answer = false,            -- "html", "error", "empty", "mac", "huge", "reflect": no good one
    refresh = false },         -- true: a refresh token comes with it
  keys = { api = "kinds-api-key/with+odd=chars&%", app = "kinds-app-key-0123456789" },
})
