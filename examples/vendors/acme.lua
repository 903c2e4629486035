-- A vendor that does not exist, asked in the two ways that most are: a list of
-- rows in pages, and users with their products nested in them.
return {
  name     = "acme",
  version  = 1,
  title    = "Acme Cloud",
  base_url = "https://api.acme.test/v1",
  regions  = { eu = "https://api.eu.acme.test/v1" },
  auth     = { kind = "bearer", token_env = "ACME_TOKEN" },
  rate     = { burst = 5, per_minute = 150, in_flight = 4 },
  errors   = {
    { status = 403, body = "[Qq]uota", kind = "throttled", retry_after_s = 60 },
  },

  datasets = {
    usage = {
      help    = "tests and minutes of every user and day",
      sources = { { page = "docs.acme.test/usage", read = "2026-06-01", status = "documented" } },
      params  = { team = { help = "team id", match = "%w+" } },
      window  = { max_days = 31, ends = "inclusive", format = "%Y-%m-%d" },
      request = { path = "/usage", query = { from = "{from}", to = "{to}", team = "{team}" } },
      pages   = { kind = "page", send = "page", size_send = "limit", size = 2, total = "meta.total",
                  unique = "id" },
      echo    = { from = "meta.from", to = "meta.to" },
      rows    = "data[]",
      fields  = {
        user_id    = { "email", lower = true },
        team       = "team.name",
        product    = { value = "acme-cloud" },
        tests      = "tests_run",                    -- a known measure: kind and unit are known
        duration_s = { "minutes", unit = "min", fraction = true },      -- of the source; converted
        licences   = { "team.seats", kind = "last", of = "team", unit = "1" },
      },
    },

    access = {
      help    = "users with their products, used or not",
      counts  = "acme products",
      window  = { max_days = 31, format = "epoch" },
      request = { path = "/users", query = { since = "{from}", ["until"] = "{to}" } },
      rows    = "data.users[]",
      each    = { "usage.product_data{}", "product_access{}" },         -- one record per key of either
      each_optional = true,                                             -- or one without product
      fields  = {
        user_id    = { "email", lower = true, else_path = "id" },
        product    = "@key",
        has_access = "product_access.{key}",
        last_test  = "usage.last_test",
        tests      = "usage.product_data.{key}.tests_run",
      },
    },
  },
}
