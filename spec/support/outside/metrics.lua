-- A vendor of metrics: two key headers, bracketed parameter names, a cursor in the body, and one
-- row with a list of measurements. Asked by a table, and once more by a function.
local WINDOW = { max_days = 90, format = "rfc3339" }

-- The column of each of the vendor's words.
local COLUMNS = { tests = "tests", minutes = "duration_s" }

return {
  name     = "metrics",
  version  = 1,
  title    = "Metrics (outside)",
  base_url = "https://api.metrics.test/api/v2",
  auth     = { kind = "header", headers = { ["X-Api-Key"] = "METRICS_API_KEY", ["X-App-Key"] = "METRICS_APP_KEY" } },
  rate     = { in_flight = 4 },
  datasets = {
    usage = {
      help    = "usage per product family and day",
      counts  = "metrics usage",
      window  = WINDOW,
      request = { path = "/brackets", query = {
        filter = { timestamp = { start = "{from}", ["end"] = "{to}" } } } },
      pages   = { kind = "cursor", send = "page[next_record_id]", next = "meta.pagination.next_record_id",
                  size_send = "page[limit]", size = 7, unique = "id" },
      rows    = "data[]",
      each    = "attributes.measurements[]",
      fields  = {
        user_id    = "^.attributes.org_name",
        product    = "^.attributes.product_family",
        usage_type = { "usage_type", column = true },
        tests      = "value",
        duration_s = { "value", unit = "min" },
      },
      record  = function(record)
        for word, column in pairs(COLUMNS) do
          if word ~= record.usage_type then record[column] = nil end
        end
      end,
    },
    usage_by_flow = {
      help   = "the same, asked by a function",
      counts = "metrics usage",
      window = WINDOW,
      fields = { user_id = "org", product = "family", tests = "tests", duration_s = { "minutes", unit = "min" } },
      flow   = function(ask, query, emit)
        for window in query:windows() do
          local events = ask:pages({ path = "/brackets", query = {
            filter = { timestamp = { start = window.from, ["end"] = window.to } } } },
            { rows = "data[]", pages = { kind = "cursor", send = "page[next_record_id]", unique = "id",
              next = "meta.pagination.next_record_id", size_send = "page[limit]", size = 7 } })
          for event in events do
            local about = event.attributes
            local row = { org = about.org_name, family = about.product_family }
            for _, measured in ipairs(about.measurements) do row[measured.usage_type] = measured.value end
            emit(row)
          end
        end
      end,
    },
  },
}
