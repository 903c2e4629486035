-- Against D: memory, requests and time are bounded.
return {
  { promise = "D1", says = "an answer is read whole, however slowly its reader takes it",
    file = "csrc/transfer/body.c",
    find = "if (held(body) == 0) return true;  /* one piece always fits */", put = "return true;",
    caught_by = { "spec/transfer_spec.lua" }, only = "a reader that sleeps" },
  { promise = "D1", says = "a script is handed its items after all have come",
    file = "lua/usagelua/client/response.lua",
    find = [[
    if ok then ok, err = drained(each) end
    if ok and not self.ended then]],
    put = [[
    if ok and self.ended then ok, err = drained(each) end
    if ok and not self.ended then]],
    caught_by = { "spec/script_memory_spec.lua", "spec/client_spec.lua" } },
  { promise = "D1", says = "texts of a column that nobody groups by are kept for ever",
    file = "csrc/core/fold_batch.c",
    find = "uint32_t limit = column->is_loose ? 0 : TEXTS_LIMIT;",
    put = "uint32_t limit = column->is_loose ? UINT32_MAX - 1 : TEXTS_LIMIT;",
    caught_by = { "spec/fold_texts_spec.lua" } },
  { promise = "D1", says = "texts that a condition is about are kept for ever",
    file = "csrc/core/fold_batch.c",
    find = "enum { TEXTS_LIMIT = 4096 };", put = "enum { TEXTS_LIMIT = INT32_MAX };",
    caught_by = { "spec/fold_texts_spec.lua" } },
  { promise = "D1", says = "a second thread reads all before a script is asked",
    file = "csrc/transfer/feeding.c",
    find = "  feeding->given += feeding->piece.length;\n", put = "",
    caught_by = { "spec/feeding_spec.lua" }, only = "a large body" },
  { promise = "D1", says = "a second thread is made for less than it is worth",
    file = "csrc/transfer/feeding.c",
    find = "         exchange->body.body_bytes >= FIRST_BYTES &&\n", put = "",
    caught_by = { "spec/feeding_spec.lua" } },
  { promise = "D1", says = "a second thread is made where there is no processor for it",
    file = "csrc/transfer/beside.c",
    find = "CPU_COUNT(&processors) > 1", put = "CPU_COUNT(&processors) > 0",
    caught_by = { "spec/feeding_spec.lua" } },

  { promise = "D2", says = "no ratio is too much",
    file = "csrc/transfer/inflate.c",
    find = "return gzip->bytes_out / ratio > gzip->bytes_in;", put = "return ratio == 0;",
    caught_by = { "spec/transfer_spec.lua" }, only = "gzip" },
  { promise = "D2", says = "the limit counts what came, not what it expands to",
    file = "csrc/transfer/body.c",
    find = "if (inflate->bytes_out > body->max_bytes) return fail_size(body, failure);",
    put = "if (inflate->bytes_in > body->max_bytes) return fail_size(body, failure);",
    caught_by = { "spec/transfer_spec.lua" }, only = "gzip" },
  { promise = "D2", says = "one byte more than the limit is taken",
    file = "csrc/transfer/body.c",
    find = "if (body->wire_bytes > max_wire_bytes(body)) {",
    put = "if (body->wire_bytes > max_wire_bytes(body) + 1) {",
    caught_by = { "spec/transfer_spec.lua" }, only = "a limit" },
  { promise = "D2", says = "empty members of gzip come without end",
    file = "csrc/transfer/body.c",
    find = "  return body->max_bytes + slack;", put = "  return UINT64_MAX;",
    caught_by = { "spec/transfer_spec.lua" }, only = "gzip" },
  { promise = "D2", says = "headers are limited line by line only",
    file = "csrc/transfer/answer.c",
    find = "answer->header_bytes += length;", put = "answer->header_bytes = length;",
    caught_by = { "spec/transfer_spec.lua" }, only = "a limit" },

  { promise = "D3", says = "what stands aside of a list does not keep its slot",
    file = "csrc/transfer/slots.c",
    find = "  ul_link_append(&slots->aside, &exchange->of_slots);",
    put = "  ul_link_append(&slots->aside, &exchange->of_slots);\n  slots->free++;",
    caught_by = { "spec/client/series_spec.lua" }, only = "in flight" },
  { promise = "D3", says = "one request more at once than the vendor takes",
    file = "lua/usagelua/client/rate.lua",
    find = "if lane.in_flight >= lane.most_in_flight then",
    put = "if lane.in_flight > lane.most_in_flight then",
    caught_by = { "spec/client/rate_spec.lua" } },
  { promise = "D3", says = "a token comes back while its request is under way",
    file = "lua/usagelua/client/rate.lua",
    find = [[
local missing = tokens + #lane.under_way - lane.level
  if missing <= EPSILON]],
    put = [[
local missing = tokens - lane.level
  if missing <= EPSILON]],
    caught_by = { "spec/client/rate_spec.lua" } },
  { promise = "D3", says = "the bucket refills as if the vendor had counted at the sending",
    file = "lua/usagelua/client/rate.lua",
    find = [[
      spend(lane, place, now)
]],
    put = [[
      spend(lane, place, slot.sent)
      lane.updated = math.min(lane.updated, slot.sent)
]],
    caught_by = { "spec/client/rate_spec.lua" } },
  { promise = "D3", says = "the gap between two requests is not kept",
    file = "lua/usagelua/client/rate.lua",
    find = "local after_gap = lane.last_sent + lane.gap_s", put = "local after_gap = lane.last_sent",
    caught_by = { "spec/client/rate_spec.lua" } },
  { promise = "D3", says = "a slot comes back when the headers are there",
    file = "lua/usagelua/client.lua",
    find = [[
  if not slot.counted then slot:answered() end
]],
    put = [[
  slot:release()
]],
    caught_by = { "spec/client_spec.lua" } },
  { promise = "D3", says = "a slot goes on while more of its answer is to come",
    file = "lua/usagelua/client.lua",
    find = " or not opened:has_come() or", put = " or",
    caught_by = { "spec/client/passing_on_spec.lua" } },
  { promise = "D3", says = "a slot goes on though the answer may say that it was asked too fast",
    file = "lua/usagelua/client.lua",
    find = " or may_say_more(call.request) then return end", put = " then return end",
    caught_by = { "spec/client/passing_on_spec.lua" } },
  { promise = "D3", says = "a slot that went on comes back a second time with its answer",
    file = "lua/usagelua/client/rate.lua",
    find = "  if self.released then return end\n", put = "",
    caught_by = { "spec/client/passing_on_spec.lua" } },
  { promise = "D3", says = "a slot goes on once its answer's own reader waits",
    file = "lua/usagelua/client.lua",
    find = "  opened.slot:release()\n  call.client.scheduler:give_way()\n", put = "  opened.slot:release()\n",
    caught_by = { "spec/client/passing_on_spec.lua" } },
  { promise = "D3", says = "a 429 leaves the bucket as full as it was thought",
    file = "lua/usagelua/client/rate.lua",
    find = "if self.per_s > 0 then self.level = math.min(self.level, 0) end", put = "",
    caught_by = { "spec/client/rate_spec.lua", "spec/client_spec.lua" } },
  { promise = "D3", says = "who keeps something free stops all behind it",
    file = "lua/usagelua/client/rate.lua",
    find = "    if other.reserve <= ticket.reserve then return false end", put = "    do return false end",
    caught_by = { "spec/client/rate_spec.lua", "spec/flow/job_spec.lua" } },

  { promise = "D4", says = "half a column of figures that finds no memory is never given back",
    file = "csrc/core/fold_result.c",
    find = [[
    b->count++; /* half of one is freed too */
    if (!ul_column_reserve(column, UL_KEPT_CHUNK_ROWS)) ul_fail_memory(L);
]],
    put = [[
    if (!ul_column_reserve(column, UL_KEPT_CHUNK_ROWS)) ul_fail_memory(L);
    b->count++;
]],
    caught_by = { "spec/frame/columns_memory_spec.lua" } },
  { promise = "D4", says = "exchanges are anchored for ever",
    file = "csrc/transfer/exchange.c",
    find = [[
    unanchor(L, index, exchange);
]],
    put = [[
    (void)unanchor;
]],
    caught_by = { "spec/transfer_spec.lua" }, only = "an engine" },
  { promise = "D4", says = "many keys are compared one by one",
    file = "csrc/core/json_keys.c",
    find = "enum { FEW_KEYS = 8 };", put = "enum { FEW_KEYS = 1 << 24 };",
    caught_by = { "spec/json_reader_spec.lua" }, only = "duplicate keys are looked for in time" },
  { promise = "D4", says = "an old value is left beside a large new one",
    file = "csrc/core/room.c",
    find = "  lua_gc(L, LUA_GCCOLLECT);\n", put = "",
    caught_by = { "spec/json_decode_spec.lua" } },
  { promise = "D4", says = "a collector that was stopped is made to collect",
    file = "csrc/core/room.c",
    find = " || !lua_gc(L, LUA_GCISRUNNING)) return;", put = ") return;",
    caught_by = { "spec/json_decode_spec.lua" } },
  { promise = "D4", says = "all else is looked at for each value, however much it is",
    file = "csrc/core/room.c",
    find = "  if (kb < (size_t)lua_gc(L, LUA_GCCOUNT) / 2) return;\n", put = "",
    caught_by = { "spec/json_decode_spec.lua" } },
  { promise = "D4", says = "what lists take is not counted in what a value will take",
    file = "csrc/core/json_document.c",
    find = "  d->built_bytes += TABLE_BYTES + (size_t)count * ITEM_BYTES;\n", put = "",
    caught_by = { "spec/json_decode_spec.lua" } },
}
