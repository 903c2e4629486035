-- The documents of the benchmark behind one plain request each.

local function count(path)
  return { path, kind = "sum", unit = "1" }
end

local function counts_of_rows()
  local fields = { team = "team", product = "product", tests = "tests" }
  for place = 2, 100 do
    local name = ("f%03d"):format(place)
    fields[name] = count(name)
  end
  return fields
end

local PARAMETERS <const> = {
  document = { help = "the document's name", required = true, match = "[%w-]+" },
  part = { help = "tells one query from another", match = "%d+", list = true },
}

local function dataset(description)
  description.params = PARAMETERS
  description.fan_out = { "part" }
  description.request = { path = "/{document}.json", query = { part = "{part}" } }
  return description
end

return {
  name = "plain",
  version = 1,
  base_url = "https://plain.test", -- USAGELUA_PLAIN_URL says where it is
  auth = { kind = "bearer", token_env = "PLAIN_TOKEN" },
  rate = { in_flight = 1000 },
  datasets = {
    users = dataset {
      ok = { success = true },
      rows = "data.users[]",
      each = { "usage.product_data{}", "product_access{}" },
      each_optional = true,
      fields = {
        user_id = { "email", lower = true },
        user_name = "name",
        role = "role",
        team = "team",
        product = "@key",
        has_access = "product_access.{key}",
        last_activity = "usage.last_activity",
        last_test = "usage.last_test",
        tests = "usage.product_data.{key}.tests_run",
        duration_s = { "usage.product_data.{key}.minutes_used", unit = "min" },
        cypress_runs = "usage.product_data.{key}.cypress_executions_run",
        parallels_from = "usage.product_data.{key}.parallel_consumption_type",
        parallels_allocated = "usage.product_data.{key}.current_parallels_allocated",
        parallels_peak = "usage.product_data.{key}.max_parallels_used",
      },
    },
    figures = dataset {
      rows = "rows[]",
      fields = {
        program = { "program", column = true },
        mb_per_s = { "mb_per_s", kind = "max", unit = "MB/s", fraction = true },
      },
    },
    rows = dataset { rows = "rows[]", fields = counts_of_rows() },
    counts = dataset { rows = "rows[]", fields = { team = "team", product = "product", tests = "tests" } },
    hours = dataset {
      rows = "data[]",
      fields = {
        workspace_id = "workspace_id",
        workspace_name = "workspace_name",
        external_id = "external_id",
        period_start = "from",
        period_end = "to",
        recipes = "recipe_count",
        tasks = "task_count",
        jobs_succeeded = "job_succeeded_count",
        jobs_failed = "job_failed_count",
      },
    },
  },
}
