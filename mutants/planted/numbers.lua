-- Against E: the numbers are right.
return {
  { promise = "E1", says = "windows begin a second after the one before",
    file = "lua/usagelua/flow/windows.lua",
    find = [[
    from = to
  end
end

local function between]],
    put = [[
    from = to + 1
  end
end

local function between]],
    caught_by = { "spec/flow/windows_spec.lua" } },
  { promise = "E1", says = "an inclusive end is the beginning of the next window",
    file = "lua/usagelua/flow/windows/edges.lua",
    find = "(rules.is_inclusive and shown_ms or 0)", put = "0",
    caught_by = { "spec/flow/windows_spec.lua" } },
  { promise = "E1", says = "an inclusive end of milliseconds lies a whole second before",
    file = "lua/usagelua/flow/windows/edges.lua",
    find = [[rules.format.shows == "ms" and 1 or 1000]], put = "1000",
    caught_by = { "spec/flow/windows_spec.lua" } },
  { promise = "E1", says = "a window may be a second longer than the vendor takes",
    file = "lua/usagelua/flow/windows.lua",
    find = "if not units.is_of_days(rules.whole) then return from + rules.limit_s end",
    put = "if not units.is_of_days(rules.whole) then return from + rules.limit_s + 1 end",
    caught_by = { "spec/flow/windows_spec.lua" } },
  { promise = "E1", says = "a window of whole days has one more than the vendor takes",
    file = "lua/usagelua/flow/windows.lua",
    find = "return zone:day_start(zone:date(from).days + rules.limit_s // DAY_S)",
    put = "return zone:day_start(zone:date(from).days + rules.limit_s // DAY_S + 1)",
    caught_by = { "spec/flow/windows_spec.lua" } },
  { promise = "E1", says = "an hour that comes twice is asked for twice in the same words",
    file = "lua/usagelua/flow/windows.lua",
    find = "if is_format or has_ambiguous_part(rules) then", put = "if false then",
    caught_by = { "spec/flow/windows_spec.lua" } },
  { promise = "E1", says = "a date alone is taken for as long a window as there is",
    file = "lua/usagelua/vendor/consistency.lua",
    find = "elseif not windows.is_one(rules, unit) then", put = "elseif false then",
    caught_by = { "spec/vendor/consistency_spec.lua" } },
  { promise = "E1", says = "a window goes over a change of the offset",
    file = "lua/usagelua/flow/windows.lua",
    find = [[local change = rules.zone == "offset" and rules.edge_zone:next_change(from) or math.huge]],
    put = "local change = math.huge",
    caught_by = { "spec/flow/windows_spec.lua" } },
  { promise = "E1", says = "the edges are written with the offset of the window's end",
    file = "lua/usagelua/flow/windows.lua",
    find = "offset_s = (zone:offset(from)),", put = "offset_s = (zone:offset(to)),",
    caught_by = { "spec/flow/windows_spec.lua" } },
  { promise = "E1", says = "days have 24 hours",
    file = "lua/usagelua/time/period.lua",
    find = [[
    start = self.zone:day_start(first)
    return this_first, this_start, start]],
    put = [[
    start = unit == "day" and this_start + DAY_S or self.zone:day_start(first)
    return this_first, this_start, start]],
    caught_by = { "spec/time/period_spec.lua", "spec/flow/windows_spec.lua" } },
  { promise = "E1", says = "the first piece of a split period begins before it",
    file = "lua/usagelua/time/period.lua",
    find = "local from, to = math.max(start, self.from), math.min(stop, self.to)",
    put = "local from, to = start, math.min(stop, self.to)",
    caught_by = { "spec/time/period_spec.lua", "spec/flow/windows_spec.lua" } },
  { promise = "E1", says = "an hour goes over a change of the offset",
    file = "lua/usagelua/time/period.lua",
    find = "to = math.min(to, self.to, change or to)", put = "to = math.min(to, self.to)",
    caught_by = { "spec/time/period_spec.lua" } },

  { promise = "E2", says = "counts of different users are added over windows",
    file = "lua/usagelua/aggregate/single.lua",
    find = "  if state.value == nil then state.value = other.value end",
    put = [[
  state.value = (state.value or 0) + (other.value or 0)
  state.count = 1]],
    caught_by = { "spec/aggregate_spec.lua", "spec/aggregate_laws_spec.lua" } },
  { promise = "E2", says = "of counts of different users the last one stands",
    file = "lua/usagelua/aggregate/single.lua",
    find = "  if state.count <= 1 then return state.value end",
    put = "  if state.count <= 2 then return state.value end",
    caught_by = { "spec/aggregate_spec.lua" } },
  { promise = "E2", says = "different things are counted twice where stages are merged",
    file = "lua/usagelua/aggregate/distinct.lua",
    find = "for value in pairs(other.set) do note(state, value) end",
    put = [[
state.count = state.count + other.count
  for value in pairs(other.set) do state.set[value] = true end]],
    caught_by = { "spec/aggregate_laws_spec.lua", "spec/aggregate_spec.lua" } },
  { promise = "E2", says = "gauges of several teams are added without being asked to",
    file = "lua/usagelua/aggregate/last.lua",
    find = [[  if not slot.over then return team.not_added(slot.source, slot.of or "period") end]], put = "",
    caught_by = { "spec/aggregate_spec.lua" } },
  { promise = "E2", says = "of two values of one gauge in one period the first one stands",
    file = "lua/usagelua/aggregate/last.lua",
    find = "clash = a.clash or b.clash or a.value ~= b.value,", put = "clash = a.clash or b.clash,",
    caught_by = { "spec/aggregate_spec.lua" } },
  { promise = "E2", says = "the earlier gauge stands",
    file = "lua/usagelua/aggregate/last.lua",
    find = "return a.at > b.at and a or b end", put = "return a.at < b.at and a or b end",
    caught_by = { "spec/aggregate_spec.lua" } },
  { promise = "E2", says = "a pool that teams share is added for each",
    file = "lua/usagelua/aggregate/last.lua",
    find = [[
    if reading.shared then return team.is_pool(slot.source, slot.shared, slot.over) end
]],
    put = "",
    caught_by = { "spec/aggregate_spec.lua" } },
  { promise = "E2", says = "columns of groups: gauges of several teams are added without being asked to",
    file = "csrc/core/fold_owners.c",
    find = "if (!o->over) return false;", put = "",
    caught_by = { "spec/flow/fold_law_spec.lua" } },
  { promise = "E2", says = "columns of groups: a pool that teams share is added for each",
    file = "csrc/core/fold_owners.c",
    find = "one->part != part || one->is_shared ||", put = "one->part != part ||",
    caught_by = { "spec/browserstack_traps_spec.lua" } },
  { promise = "E2", says = "columns of groups: a team that may contain others is added to them",
    file = "csrc/core/fold_owners.c",
    find = "one->is_shared || one->contains) return false;", put = "one->is_shared) return false;",
    caught_by = { "spec/flow/fold_law_spec.lua" } },
  { promise = "E2", says = "columns of groups: the earlier gauge stands",
    file = "csrc/core/fold_owners.c",
    find = "if (is_first || at > to->at) {", put = "if (is_first) {",
    caught_by = { "spec/flow/fold_law_spec.lua" } },
  { promise = "E2", says = "columns of groups: of two values of one gauge in one period the first one stands",
    file = "csrc/core/fold_owners.c",
    find = "if (one->clashes || (one->has_dated && one->has_undated)) return false;",
    put = "if (one->has_dated && one->has_undated) return false;",
    caught_by = { "spec/flow/fold_law_spec.lua" } },
  { promise = "E2", says = "columns of groups: what a team's first reading says of others is forgotten",
    file = "csrc/core/fold_owners.c",
    find = "    to->contains = contains;\n", put = "",
    caught_by = { "spec/flow/fold_law_spec.lua" } },
  { promise = "E2", says = "columns of groups: of the columns that say when, the last one counts",
    file = "csrc/core/fold_owners.c",
    find = "i < o->at_count && !found.is_there; i++)", put = "i < o->at_count; i++)",
    caught_by = { "spec/flow/fold_law_spec.lua" } },
  { promise = "E2", says = "columns of groups: a sum's team contains others as its last reading says",
    file = "csrc/core/fold_owners.c",
    find = [[
      to->contains = to->contains || contains;
      continue;]],
    put = [[
      to->contains = contains;
      continue;]],
    caught_by = { "spec/flow/fold_law_spec.lua" } },
  { promise = "E2", says = "columns of groups: a reading without its time stands beside those that have one",
    file = "csrc/core/fold_owners.c",
    find = "  to->has_undated = to->has_undated || !when.is_there;\n", put = "",
    caught_by = { "spec/flow/fold_law_spec.lua" } },
  { promise = "E2", says = "columns of groups: parts that count apart are one owner's",
    file = "csrc/core/fold_owners.c",
    find = "  key[o->id_count + 1] = part;\n", put = "  key[o->id_count + 1] = 0;\n",
    caught_by = { "spec/flow/fold_law_spec.lua" } },
  { promise = "E2", says = "peaks are added",
    file = "lua/usagelua/aggregate/extreme.lua",
    find = "function self.merge(state, other) offer(state, other.value) end",
    put = [[
function self.merge(state, other)
    if grows and state.value and other.value then state.value = state.value + other.value
    else offer(state, other.value) end
  end]],
    caught_by = { "spec/aggregate_spec.lua", "spec/aggregate_laws_spec.lua" } },
  { promise = "E2", says = "a rule may add what is a count of different things",
    file = "lua/usagelua/rule/measure.lua",
    find = [[distinct = { "distinct", "max",]], put = [[distinct = { "distinct", "sum", "max",]],
    caught_by = { "spec/rule_spec.lua" } },

  { promise = "E3", says = "a grouping is sent that nobody asked for",
    file = "lua/usagelua/vendors/workato.lua",
    find = [[one_of = { "recipe", "workspace" } },]],
    put = [[one_of = { "recipe", "workspace" }, default = "workspace" },]],
    caught_by = { "spec/workato_traps_spec.lua" }, only = "how parameters are sent" },
  { promise = "E3", says = "the vendor's interval is sent for a total too",
    file = "lua/usagelua/flow/parts.lua",
    find = [[return rules ~= nil and rules.grain_by == "vendor" and planned.grain ~= "total"]],
    put = [[return rules ~= nil and rules.grain_by == "vendor"]],
    caught_by = { "spec/workato_traps_spec.lua" }, only = "how parameters are sent" },
  { promise = "E3", says = "a range that was cut adds up like any other",
    file = "lua/usagelua/flow/windows.lua",
    find = [[  if #list > 1 and rules.cut == "may_differ" then mark_may_differ(list) end]], put = "",
    caught_by = { "spec/workato_traps_spec.lua" }, only = "jobs that are allotted by the query" },
  { promise = "E3", says = "a range is cut where it must not be",
    file = "lua/usagelua/flow/windows.lua",
    find = [[if #list > 1 and rules.cut == "forbidden" then]], put = [[if rules.cut == "unheard of" then]],
    caught_by = { "spec/flow/windows_spec.lua" } },
  { promise = "E3", says = "two lists of ids are divided, and a workspace counts twice",
    file = "lua/usagelua/flow/tailor.lua",
    find = "if #given ~= 1 then return nil end", put = "if #given == 0 then return nil end",
    caught_by = { "spec/workato_traps_spec.lua" }, only = "too many workspaces at once" },
  { promise = "E3", says = "that deleted recipes are left out is not said",
    file = "lua/usagelua/vendors/workato.lua",
    find = [[.. "more than workspaces, period and interval", given = DROP_DELETED },]],
    put = [[.. "more than workspaces, period and interval", given = { "group_by" } },]],
    caught_by = { "spec/workato_traps_spec.lua" }, only = "how parameters are sent" },
  { promise = "E3", says = "a workspace that nobody asked for is counted",
    file = "lua/usagelua/flow/answer.lua",
    find = [[
  if ok then ok, err = expected.check(planned.dataset, sent, state.rows, state.parts.about) end
]],
    put = "",
    caught_by = { "spec/workato_traps_spec.lua" }, only = "an answer to another question" },
  { promise = "E3", says = "half of a batch is left out when it is halved",
    file = "lua/usagelua/flow/batches.lua",
    find = [[
  table.insert(state.ranges, 1, batch)
]],
    put = [[
  table.insert(state.ranges, 1, { first = batch.first, last = batch.first + state.size - 1 })
]],
    caught_by = { "spec/flow/batches_spec.lua" } },

  { promise = "E4", says = "coverage of an earlier query is lost where frames are joined",
    file = "lua/usagelua/frame/coverage.lua",
    find = "  table.move(other.queries, 1, #other.queries, #self.queries + 1, self.queries)",
    put = "  if #self.queries == 0 then self.queries = other.queries end",
    caught_by = { "spec/frame/coverage_spec.lua", "spec/frame_spec.lua" } },
  { promise = "E4", says = "a window that never ended is not counted",
    file = "lua/usagelua/frame/coverage.lua",
    find = "entry.failed = query.failed + unfinished(query)", put = "entry.failed = query.failed",
    caught_by = { "spec/frame/coverage_spec.lua" } },
  { promise = "E4", says = "a window that stayed partial is an answered one",
    file = "lua/usagelua/frame/coverage.lua",
    find = [[
  query.partial = query.partial + 1
]],
    put = [[
  query.answered = query.answered + 1
]],
    caught_by = { "spec/frame/coverage_spec.lua" } },
  { promise = "E4", says = "the stronger word stands for the period of the query",
    file = "lua/usagelua/frame/coverage.lua",
    find = "STRENGTH[period] < STRENGTH[query.period]", put = "STRENGTH[period] > STRENGTH[query.period]",
    caught_by = { "spec/frame/coverage_spec.lua" } },
  { promise = "E4", says = "a run of which a window failed ends with status 0",
    file = "lua/usagelua/report/evaluation.lua",
    find = [[
    or not gaps.is_whole(evaluated.coverage)
]],
    put = "",
    caught_by = { "spec/report_spec.lua" } },
  { promise = "E4", says = "a run that fetched nothing ends with status 4",
    file = "lua/usagelua/report/evaluation.lua",
    find = [[
  if gaps.is_nothing(evaluated.coverage) then return 5 end
]],
    put = "",
    caught_by = { "spec/report_spec.lua" } },
  { promise = "E4", says = "a failed window is whole where a partial one is too",
    file = "lua/usagelua/report/gaps.lua",
    find = [[return sum(entries, "failed") == 0 and sum(entries, "partial") == 0]],
    put = [[return sum(entries, "failed") - sum(entries, "partial") == 0]],
    caught_by = { "spec/report/gaps_spec.lua" } },
  { promise = "E4", says = "a failed budget ends with status 4",
    file = "lua/usagelua/report/evaluation.lua",
    find = [[  if any(evaluated.budgets, has_outcome "failed") then return 3 end]],
    put = [[  if any(evaluated.budgets, has_outcome "failed") then return 4 end]],
    caught_by = { "spec/report_spec.lua" } },

  { promise = "E5", says = "an item that stands twice in one answer is counted twice",
    file = "csrc/core/identity.c",
    find = "case UL_SEEN_AGAIN: return note_again(identity, item);",
    put = "case UL_SEEN_AGAIN: (void)note_again; break;",
    caught_by = { "spec/flow/alone_spec.lua" } },
  { promise = "E5", says = "a row that stands twice in one answer is counted twice",
    file = "lua/usagelua/flow/alone.lua",
    find = "  self.seen[key] = true\n", put = "",
    caught_by = { "spec/flow/alone_spec.lua" } },
  { promise = "E5", says = "two datasets that count the same are added",
    file = "lua/usagelua/rule/same_usage.lua",
    find = [[  if not has(group_by, "dataset") and any_pair(a, b, do_overlap) then]], put = "  if false then",
    caught_by = { "spec/rule_spec.lua" } },
  { promise = "E5", says = "periods that meet are taken for periods that overlap",
    file = "lua/usagelua/rule/same_usage.lua",
    find = "return from < other_to and other_from < to", put = "return from <= other_to and other_from <= to",
    caught_by = { "spec/rule_spec.lua" } },
  { promise = "E5", says = "periods that overlap are added",
    file = "lua/usagelua/rule/same_usage.lua",
    find = "return from < other_to and other_from < to", put = "return from == other_from and other_to == to",
    caught_by = { "spec/rule_spec.lua" } },
  { promise = "E5", says = "a vendor's own period overlaps with none",
    file = "lua/usagelua/rule/same_usage.lua",
    find = "if not (from and to and other_from and other_to) then return true end",
    put = "if not (from and to and other_from and other_to) then return false end",
    caught_by = { "spec/rule_spec.lua" } },
  { promise = "E5", says = "a budget of which too little is known passes",
    file = "lua/usagelua/report/limit.lua",
    find = [[  { "undecided", "max", "so far, may be over max",]],
    put = [[  { "passed", "max", "so far, may be over max",]],
    caught_by = { "spec/report/budget_spec.lua" } },
  { promise = "E5", says = "a budget passes where no row came",
    file = "lua/usagelua/report/budget.lua",
    find = [[
  if type(figure.value) ~= "number" then
    return undecided(b, figure, limits, why_undecided(figure))
  end]],
    put = [[  if type(figure.value) ~= "number" then figure = { value = 0, unit = figure.unit } end]],
    caught_by = { "spec/report/budget_spec.lua" } },
  { promise = "E5", says = "a budget passes on the rows that a limit left",
    file = "lua/usagelua/report/budget.lua",
    find = [[
  return with_cut_off(b, figure)
]],
    put = [[
  return with_cut_off and figure
]],
    caught_by = { "spec/report/budget_spec.lua" } },
  { promise = "E5", says = "a budget fails at its limit, not over it",
    file = "lua/usagelua/report/limit.lua",
    find = "return l.max and value > l.max end", put = "return l.max and value >= l.max end",
    caught_by = { "spec/report/budget_spec.lua" } },
  { promise = "E5", says = "an undecided budget ends with status 0",
    file = "lua/usagelua/report/evaluation.lua",
    find = [[any(evaluated.budgets, has_outcome "undecided")]], put = "false",
    caught_by = { "spec/report_spec.lua" } },
  { promise = "E5", says = "an earlier figure that was incomplete is compared with",
    file = "lua/usagelua/report/earlier.lua",
    find = "if given(one.state) then", put = "if false then",
    caught_by = { "spec/report/budget_spec.lua" } },
  { promise = "B6", says = "an answer that is still being made is counted",
    file = "lua/usagelua/flow/answer.lua",
    find = "if part_err then return nil, part_err end", put = "",
    caught_by = { "spec/flow/answer_spec.lua" } },
  { promise = "B6", says = "only the page before is known again",
    file = "lua/usagelua/flow/pages/repeated.lua",
    find = "reading.likenesses[digest] = number", put = "reading.likenesses = { [digest] = number }",
    caught_by = { "spec/flow/pages_spec.lua" } },
  { promise = "E5", says = "a quarter's figure is a measure of a month's",
    file = "lua/usagelua/report/earlier.lua",
    find = "length.is_same(before, period) ~= false", put = "true",
    caught_by = { "spec/report/budget_spec.lua" } },
  { promise = "E5", says = "a part of a figure is what floats make of it",
    file = "lua/usagelua/report/budget.lua",
    find = "b.max_share and part.of(b.of, b.max_share)", put = "b.max_share and b.of * b.max_share",
    caught_by = { "spec/report/budget_spec.lua" } },
  { promise = "E5", says = "what may be negative is taken for a lower bound",
    file = "lua/usagelua/aggregate/result.lua",
    find = "local grows = adding.grows and not slot.negative and not figure.negative",
    put = "local grows = adding.grows",
    caught_by = { "spec/aggregate_spec.lua",
      "spec/report/budget_spec.lua",
      "spec/aggregate_laws_spec.lua" } },
  { promise = "E5", says = "a condition that no row met is not told",
    file = "lua/usagelua/aggregate/result.lua",
    find = [[
  for _, found in ipairs(unmatched) do notes[#notes + 1] = matches.describe(found) end
]],
    put = [[
  assert(matches and unmatched)
]],
    caught_by = { "spec/aggregate_spec.lua", "spec/where_spec.lua" } },

  { promise = "E6", says = "texts are sorted as the locale has it",
    file = "lua/usagelua/order.lua",
    find = [[return (collation == "C" or collation == "POSIX") and collated_less or bytes_less]],
    put = "return collation and collated_less or bytes_less",
    caught_by = { "spec/order_spec.lua" } },
  { promise = "E6", says = "figures of equal rank come in the order of their answers",
    file = "lua/usagelua/aggregate/result.lua",
    find = [[
    return by_text(a.row, b.row)
]],
    put = [[
    return #plan.sort == 0 and by_text(a.row, b.row)
]],
    caught_by = { "spec/aggregate_laws_spec.lua", "spec/aggregate_spec.lua" } },
  { promise = "E6", says = "sums of fractions hang on the order of their parts",
    file = "lua/usagelua/aggregate/exact.lua",
    find = [[
    local rest = y - (high - x)
    if rest ~= 0 then
      kept]],
    put = [[
    local rest = 0
    if rest ~= 0 then
      kept]],
    caught_by = { "spec/aggregate/exact_spec.lua", "spec/aggregate_laws_spec.lua" } },
  { promise = "E6", says = "reasons are told in the order in which they came",
    file = "lua/usagelua/marks.lua",
    find = [[
  local list = order.keys(reasons)
]],
    put = [[
  local list = {}
  for reason in pairs(reasons) do list[#list + 1] = reason end
  assert(order)
]],
    caught_by = { "spec/marks_spec.lua", "spec/aggregate_laws_spec.lua" } },
  { promise = "E6", says = "numbers are read with the locale's decimal point",
    file = "csrc/core/json_number.c",
    find = "double value = strtod_l(text, NULL, plain);", put = "double value = strtod(text, NULL);",
    caught_by = { "spec/json_number_spec.lua" } },
  { promise = "E6", says = "what is behind the bits of a long fraction is not looked at",
    file = "csrc/core/json_number.c",
    find = "quotient |= dividend % divisor != 0;", put = "",
    caught_by = { "spec/json_number_spec.lua" } },
  { promise = "E6", says = "what comes next is taken while the piece before it is read",
    file = "csrc/transfer/feeding.c",
    find = [[
    feeding->is_taken = ul_beside_wait(beside);
    if (!feeding->is_taken || feeding->given >= most) break;
    next(feeding, *feeding->scratch, body->held_bytes);
]],
    put = [[
    if (feeding->given < most)
      next(feeding, *feeding->scratch, body->held_bytes);
    feeding->is_taken = ul_beside_wait(beside);
    if (feeding->given >= most) break;
]],
    caught_by = { "spec/feeding_spec.lua" } },
  { promise = "E6", says = "the next piece is inflated over the one that is read",
    file = "csrc/transfer/feeding.c",
    find = "    other = 1 - other;\n", put = "",
    caught_by = { "spec/feeding_spec.lua" } },
  { promise = "E6", says = "what a second thread refuses is not heard of",
    file = "csrc/transfer/exchange.c",
    find = "  if (!feeding->is_taken) {", put = "  if (feeding->given == 0) {",
    caught_by = { "spec/feeding_spec.lua" } },
}
