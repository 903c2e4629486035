local acme = require "support.acme"

local HERE <const> = "acme.lua: vendor acme.datasets.usage"
local PARAMS <const> = { team = {}, zone = { default = "UTC" }, place = { one_of = { "body", "query" },
  default = "body" }, other = { one_of = { "body", "mail" }, default = "body" } }

local function assert_refused(expected, dataset)
  dataset.params = dataset.params or PARAMS
  local ok, err = pcall(acme.vendor, dataset)
  assert.is_false(ok, expected)
  assert.are.equal("usage", err.kind)
  assert.truthy(err.message:find(expected, 1, true), err.message)
end

describe("what a dataset mentions", function()
  for expected, dataset in pairs {
    [HERE .. ".window.zone: unknown parameter 'zoen'; did you mean 'zone'?"] =
      { window = { zone = "{zoen}" } },
    [HERE .. ".window.zone: the parameter 'team' needs required = true or a default"] =
      { window = { zone = "{team}" } },
    [HERE .. ".window.max_days: unknown parameter 'tam'; did you mean 'team'?"] =
      { window = { max_days = "{tam}" } },
    ["'ten' is neither a number of days nor the {name} of a parameter"] =
      { window = { max_days = "ten" } },
    ["max_days must be 1 or more, not 0"] = { window = { max_days = 0 } },
    [HERE .. ".request: params and params_in need one another"] =
      { request = { path = "/u", params = { t = "{team}" } } },
    [HERE .. ".request.lists_as: only params are sent so"] =
      { request = { path = "/u", lists_as = "array" } },
    ["request.params_in: unknown value 'bdy'; did you mean 'body'?"] =
      { request = { path = "/u", params_in = "bdy", params = {} } },
    [HERE .. ".request.params_in: the parameter 'other' may say body, form, query, nothing else"] =
      { request = { path = "/u", params_in = "{other}", params = {} } },
    [HERE .. ".request.params_in: the parameter 'zone' may say"] =
      { request = { path = "/u", params_in = "{zone}", params = {} } },
    [HERE .. ".request.lists_as: the parameter 'place' may say array, commas, repeated"] =
      { request = { path = "/u", params_in = "query", lists_as = "{place}", params = {} } },
    [HERE .. ".request: a body is json or form, not both"] =
      { request = { path = "/u", params_in = "body", params = {}, form = {} } },
    [HERE .. ".expect: unknown parameter 'teams'; did you mean 'team'?"] =
      { expect = { teams = "team" } },
    [HERE .. ".expect: unknown column 'taem'"] = { expect = { team = "taem" } },
    [HERE .. ".must_appear: with `each`"] = { must_appear = true, each = "u{}" },
    [HERE .. ".rows_say_period: needs the fields period_start and period_end"] =
      { rows_say_period = true },
    [HERE .. ".row_period: needs the fields period_start and period_end"] = { row_period = {} },
    [HERE .. ".row_period.lasts: needs the field period_start, and no period_end"] =
      { row_period = { lasts = "1h" } },
    [HERE .. ".row_period.lasts: the parameter 'place' may say lengths"] =
      { row_period = { lasts = "{place}" }, fields = { tests = "n", period_start = "a" } },
    [HERE .. ".row_period.lasts: '1 h' is no length: write 10m"] =
      { row_period = { lasts = "1 h" }, fields = { tests = "n", period_start = "a" } },
    [HERE .. ".row_period.zone: unknown parameter 'timezone'"] =
      { row_period = { zone = "{timezone}" }, fields = { tests = "n", period_start = "a", period_end = "b" } },
    [HERE .. ".needs_one_of: unknown parameter 'ids'"] = { needs_one_of = { "ids" } },
    [HERE .. ".params.a.without: unknown parameter 'b'"] = { params = { a = { without = { "b" } } } },
    [HERE .. ".fields.tests.when: unknown parameter 'by'"] =
      { fields = { tests = { "n", when = { by = "x" } } } },
    [HERE .. ".notes[1].given: unknown parameter 'tema'; did you mean 'team'?"] =
      { notes = { { "x", given = { "tema" } } } },
    [HERE .. ".notes[2].holds: unknown parameter 'x'"] =
      { notes = { { "x" }, { "y", holds = { x = "%*" } } } },
  } do
    it("is its own: " .. expected, function() assert_refused(expected, dataset) end)
  end

  it("is let through where it is", function()
    acme.vendor { params = PARAMS, window = { zone = "{zone}", max_days = "{team}" },
      request = { path = "/u", params_in = "{place}", params = { t = "{team}", from = "{from}", to = "{to}" } },
      expect = { team = "team" }, needs_one_of = { "team" }, notes = { { "x", given = { "team" } } },
      fields = { tests = "n", team = { "t", when = { place = "body" } } } }
  end)
end)
