-- A vendor of messages and calls: usage records per category, a relative link to the next page in
-- the body, figures in strings.
return {
  name     = "telephony",
  version  = 1,
  title    = "Telephony (outside)",
  base_url = "https://api.telephony.test",
  auth     = { kind = "basic", username_env = "TELEPHONY_ACCOUNT_SID", password_env = "TELEPHONY_AUTH_TOKEN" },
  rate     = { in_flight = 4 },
  errors   = {
    { status = 429, kind = "throttled", message = "too many concurrent requests" },
  },
  datasets = {
    usage = {
      help    = "usage records per category",
      window  = { max_days = 366, ends = "inclusive", format = "%Y-%m-%d" },
      request = { path = "/strings", query = { StartDate = "{from}", EndDate = "{to}", PageSize = 20 } },
      pages   = { kind = "next", next = "next_page_uri" },
      rows    = "usage_records[]",
      fields  = {
        product    = "category",
        user_id    = { "email", lower = true },
        tests      = { "count", text = true },
        duration_s = { "usage", unit = "min", text = true, fraction = true },
      },
    },
  },
}
