-- A vendor with one GraphQL endpoint: a cursor in the variables, errors inside 200.
local QUERY = "query Usage($first: Int!, $after: String) { usage(first: $first, after: $after) { "
  .. "totalCount pageInfo { hasNextPage endCursor } nodes { email product tests minutes } } }"

return {
  name     = "graph",
  version  = 1,
  title    = "Graph (outside)",
  base_url = "https://graph.test",
  auth     = { kind = "bearer", token_env = "GRAPH_TOKEN" },
  rate     = { in_flight = 4 },
  errors   = {
    { path = "errors[].extensions.code", value = "RATE_LIMITED", kind = "throttled", retry_after_s = 1 },
    { path = "errors[].extensions.code", value = "FORBIDDEN", kind = "permission",
      message = "the token may not read usage", hint = "give it the scope usage:read" },
  },
  datasets = {
    usage = {
      help    = "usage of every user",
      request = { method = "POST", path = "/graphql", json = { query = QUERY, variables = { first = 20 } } },
      idempotent = true,
      format  = "graphql",
      pages   = { kind = "cursor", send = "variables.after", send_in = "json", total = "data.usage.totalCount",
                  next = "data.usage.pageInfo.endCursor", more = "data.usage.pageInfo.hasNextPage" },
      rows    = "data.usage.nodes[]",
      fields  = {
        user_id    = { "email", lower = true },
        product    = "product",
        tests      = "tests",
        duration_s = { "minutes", unit = "min" },
      },
    },
  },
}
