-- Against H: what holds whatever the case, as laws and shortage of memory show it.
return {
  { promise = "H", says = "adding up in C takes a figure below zero for none",
    file = "csrc/core/group.c",
    find = [[
    if (integer < 0) cell->is_negative = true;
]],
    put = "",
    caught_by = { "spec/flow/fold_law_spec.lua", "spec/fold_spec.lua" } },
  { promise = "H", says = "adding up in C keeps the smaller peak of two whole numbers",
    file = "csrc/core/group.c",
    find = "if (!cell->has_integer || is_better(adding, new < best, new > best))",
    put = "if (!cell->has_integer || is_better(adding, new > best, new < best))",
    caught_by = { "spec/flow/fold_law_spec.lua", "spec/fold_spec.lua" } },
  { promise = "H", says = "adding up in C looks at all columns of a group but the first",
    file = "csrc/core/tuples.c",
    find = "  for (uint32_t i = 0; i < width; i++) differ |= row[i] ^ numbers[i];",
    put = "  for (uint32_t i = 1; i < width; i++) differ |= row[i] ^ numbers[i];",
    caught_by = { "spec/flow/fold_law_spec.lua", "spec/fold_spec.lua" } },
  { promise = "H", says = "a reader that ran out of memory goes on",
    file = "csrc/core/json_read.c",
    find = [[
  ul_json_refuse_memory(r);
  return false;
}

static void drop_kept]],
    put = [[
  return true;
}

static void drop_kept]],
    caught_by = { "spec/json_memory_spec.lua" } },
  { promise = "H", says = "where a document is wrong hangs on its pieces",
    file = "csrc/core/json_read.c",
    find = "  uint64_t offset = offset_of(r, p) - r->unit_length;",
    put = "  uint64_t offset = offset_of(r, p);",
    caught_by = { "spec/json_grammar_spec.lua" } },
  { promise = "H", says = "a finalizer that decodes writes over what is being decoded",
    file = "csrc/core/json_build.c",
    find = "  lua_pushnil(L);\n  lua_replace(L, place);\n", put = "",
    caught_by = { "spec/json_decode_spec.lua" } },
  { promise = "H", says = "merging stages in another order gives other groups",
    file = "lua/usagelua/aggregate.lua",
    find = [[
    mine.is_real = mine.is_real or theirs.is_real
]],
    put = "",
    caught_by = { "spec/aggregate_laws_spec.lua" } },
  { promise = "H", says = "a mean is the mean of means",
    file = "lua/usagelua/aggregate/mean.lua",
    find = [[
  state.count = state.count + other.count
]],
    put = [[
  state.count = math.max(state.count, other.count)
]],
    caught_by = { "spec/aggregate_laws_spec.lua" } },
  { promise = "H", says = "what libcurl left behind when memory was short is gone on with",
    file = "csrc/transfer/multi.c",
    find = "  multi->is_worn = true;\n", put = "",
    caught_by = { "spec/connecting_memory_spec.lua" } },
  { promise = "H", says = "what was in flight when memory was short is waited for in the new handle",
    file = "csrc/transfer/multi.c",
    find = "while (!ul_link_is_empty(&multi->in_flight)) {\n    ul_exchange *exchange =",
    put = "while (!multi->is_worn) {\n    ul_exchange *exchange =",
    caught_by = { "spec/connecting_memory_spec.lua" } },
  { promise = "H", says = "each request after memory was short has a new handle",
    file = "csrc/transfer/multi.c",
    find = "  multi->is_worn = false;\n", put = "",
    caught_by = { "spec/connecting_memory_spec.lua" } },
  { promise = "H", says = "the new handle after memory was short has no limits",
    file = "csrc/transfer/multi.c",
    find = "if (!set_options(handle, multi->max_connections) ||\n      !ul_loop_follow",
    put = "if (!ul_loop_follow",
    caught_by = { "spec/connecting_memory_spec.lua" } },
}
