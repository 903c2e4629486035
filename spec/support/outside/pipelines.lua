-- A vendor of build pipelines: an export job is created and polled, its result is several CSV files
-- in somebody else's store.
return {
  name     = "pipelines",
  version  = 1,
  title    = "Pipelines (outside)",
  base_url = "https://api.pipelines.test/v2",
  auth     = { kind = "bearer", token_env = "PIPELINES_TOKEN" },
  rate     = { burst = 10, per_minute = 600, in_flight = 4 },
  datasets = {
    usage = {
      help   = "builds of every user",
      window = { max_days = 32, format = "rfc3339" },
      job    = {
        create = { path = "/export", json = { start = "{from}", ["end"] = "{to}" } },
        id     = "id",
        status = { path = "/export/{job_id}" },
        state  = "state",
        done   = { "completed" },
        failed = { "failed" },
        files  = "download_urls[]",
        hosts  = { "localhost" },
        delete = { path = "/export/{job_id}" },
        poll   = { first_s = 0.1, longest_s = 1 },
      },
      format = "csv",
      fields = {
        user_id    = { "email", lower = true },
        user_name  = "name",
        product    = "product",
        tests      = "tests",
        duration_s = { "minutes", unit = "min" },
      },
    },
  },
}
