#include "fold_items.h"

#include "fold_batch.h"
#include "fold_judge.h"

/* ---- rows of an item ---- */

/* What stands around the row that is being read. */
typedef struct place {
  const char *key; /* NULL: none */
  size_t key_length;
  uint32_t member;
  bool has_member;
} place;

static const ul_item_value *find(const ul_fold *fold, const place *p,
                                 ul_fold_source source) {
  static const ul_item_value nothing;
  if (source.from == UL_FROM_ITEM) return ul_item_own(&fold->item, source.slot);
  if (source.from == UL_FROM_MEMBER && p->has_member)
    return ul_item_of_member(&fold->item, p->member, source.slot);
  if (source.has_alone) return ul_item_own(&fold->item, source.alone);
  return &nothing;
}

static bool holds_nothing(const ul_fold *fold, const place *p,
                          ul_fold_source source) {
  if (source.from == UL_FROM_KEY) return p->key == NULL || p->key_length == 0;
  const ul_item_value *value = find(fold, p, source);
  return value->type <= UL_ITEM_NULL ||
         (value->type == UL_ITEM_TEXT && value->length == 0);
}

static ul_column_result read_value(const ul_fold *fold, uint32_t number,
                                   const place *p, ul_column_value *value) {
  const ul_fold_column *sources = &fold->sources[number];
  ul_column *column = &fold->columns[number];
  ul_fold_source source = sources->source;
  if (sources->has_other && holds_nothing(fold, p, source))
    source = sources->other;
  if (source.from == UL_FROM_KEY && p->key != NULL)
    return ul_column_read_text(column, p->key, p->key_length, value);
  return ul_column_read(column, &fold->item, find(fold, p, source), value);
}

/* A value that is the same for all rows of the item: most stand in it. */
static ul_column_result read_shared(ul_fold *fold, uint32_t column,
                                    const place *p, size_t rows) {
  ul_column_value value = {0};
  const ul_fold_column *sources = &fold->sources[column];
  bool is_plain = sources->source.from == UL_FROM_ITEM && !sources->has_other;
  ul_column_result result =
    is_plain ? ul_column_read(&fold->columns[column], &fold->item,
                              ul_item_own(&fold->item, sources->source.slot),
                              &value)
             : read_value(fold, column, p, &value);
  for (size_t i = 0; i < rows && result == UL_COLUMN_TAKEN; i++)
    ul_column_set(&fold->columns[column], fold->rows + i, &value);
  return result;
}

static place place_of(const ul_item *item, uint32_t member) {
  place p = {.member = member, .has_member = member < item->members};
  if (p.has_member) {
    const ul_item_key *key = ul_item_key_of(item, member);
    p.key = ul_item_name(item, key);
    p.key_length = key->length;
  }
  return p;
}

static uint32_t known_codes(const ul_fold_column *sources) {
  return (uint32_t)(sources->key_codes.length / sizeof(uint32_t));
}

/* Sees to it that the codes of all members' keys are known: they mostly are,
** from the item before. */
static bool know_keys(ul_column *column, ul_fold_column *sources,
                      const ul_item *item) {
  if (sources->keys_version != item->version ||
      sources->texts_version != column->dictionary.version)
    ul_buffer_clear(&sources->key_codes);
  sources->keys_version = item->version;
  sources->texts_version = column->dictionary.version;
  while (known_codes(sources) < item->members) {
    const ul_item_key *key = ul_item_key_of(item, known_codes(sources));
    uint32_t code =
      ul_column_code(column, ul_item_name(item, key), key->length);
    if (code == 0 || !ul_buffer_append(&sources->key_codes,
                                       (const char *)&code, sizeof code))
      return false;
  }
  return true;
}

/* The keys of the members: a column that nothing else goes into. */
static ul_column_result read_keys(ul_fold *fold, uint32_t number) {
  ul_column *column = &fold->columns[number];
  const ul_item *item = &fold->item;
  ul_fold_column *sources = &fold->sources[number];
  if (!know_keys(column, sources, item)) return UL_COLUMN_NO_MEMORY;
  const uint32_t *known =
    (const uint32_t *)(const void *)sources->key_codes.bytes;
  uint32_t *codes = ul_column_codes(column) + fold->rows;
  for (uint32_t i = 0; i < item->members; i++) codes[i] = known[i];
  return UL_COLUMN_TAKEN;
}

static ul_column_result read_members(ul_fold *fold, uint32_t column,
                                     size_t rows) {
  const ul_fold_column *sources = &fold->sources[column];
  bool is_plain = rows == fold->item.members && !sources->has_other;
  if (is_plain && sources->source.from == UL_FROM_MEMBER)
    return ul_column_read_members(&fold->columns[column], &fold->item,
                                  sources->source.slot, fold->rows);
  if (is_plain && sources->source.from == UL_FROM_KEY &&
      fold->columns[column].kind == UL_COLUMN_TEXT &&
      !fold->columns[column].lower)
    return read_keys(fold, column);
  for (size_t i = 0; i < rows; i++) {
    place p = place_of(&fold->item, (uint32_t)i);
    ul_column_value value = {0};
    ul_column_result result = read_value(fold, column, &p, &value);
    if (result != UL_COLUMN_TAKEN) return result;
    ul_column_set(&fold->columns[column], fold->rows + i, &value);
  }
  return UL_COLUMN_TAKEN;
}

/* An item without members may have none, and then there may be no room yet. */
static ul_column_result read_rows(ul_fold *fold, const place *p, size_t rows) {
  if (rows == 0) return UL_COLUMN_TAKEN;
  for (uint32_t i = 0; i < fold->column_count; i++) {
    if (fold->sources[i].is_late || fold->columns[i].is_asked) continue;
    ul_column_result result = fold->sources[i].of_member
                                ? read_members(fold, i, rows)
                                : read_shared(fold, i, p, rows);
    if (result != UL_COLUMN_TAKEN) return result;
  }
  return UL_COLUMN_TAKEN;
}

static size_t row_count(const ul_fold *fold) {
  if (!fold->has_each) return 1;
  if (fold->item.members == 0) return fold->each_optional ? 1 : 0;
  return fold->item.members;
}

/* ---- items ---- */

/* An item on its way. */
typedef struct coming {
  const char *bytes; /* NULL: it is on the reader's tape */
  size_t length;
  const char *key;   /* NULL: none */
  size_t key_length;
} coming;

static bool keep(ul_fold *fold, ul_buffer *list, const coming *item,
                 size_t rows) {
  ul_fold_kept kept = {
    .length = item->length, .key_length = item->key_length,
    .has_key = item->key != NULL, .on_tape = item->bytes == NULL,
    .row = fold->rows, .rows = rows, .number = fold->identity.items,
  };
  kept.bytes = fold->kept.length;
  if (!kept.on_tape &&
      !ul_buffer_append(&fold->kept, item->bytes, item->length))
    return false;
  kept.key = fold->kept.length;
  if (kept.has_key &&
      !ul_buffer_append(&fold->kept, item->key, item->key_length))
    return false;
  return ul_buffer_append(list, (const char *)&kept, sizeof kept);
}

static bool is_full(const ul_fold *fold) {
  size_t full = fold->keeps ? UL_KEPT_CHUNK_ROWS : UL_FOLD_BATCH_ROWS;
  return fold->rows >= full && fold->pending.length == 0 &&
         !fold->has_late && !fold->has_filter;
}

static bool doubt(ul_fold *fold, const coming *item) {
  return keep(fold, &fold->doubts, item, 0);
}

/* With the rows that are there: the item is taken, or waits for a verdict. */
static bool accept(ul_fold *fold, const coming *item, size_t rows) {
  switch (ul_fold_look_at(fold, rows)) {
    case UL_SOME_DOUBTED: return doubt(fold, item);
    case UL_SOME_NEW:
      if (!keep(fold, &fold->pending, item, rows)) return false;
      break;
    case UL_ALL_SAID:
      if ((fold->has_filter || fold->holds) &&
          !keep(fold, &fold->pending, item, rows))
        return false;
      break;
  }
  fold->rows += rows;
  return !is_full(fold) || ul_fold_add_up(fold);
}

/* Where late columns may turn out to be wrong, the first item that they belong
** to says so. */
static bool keep_first(ul_fold *fold, const coming *item) {
  bool is_first = fold->rows == fold->late && fold->pending.length == 0;
  return !fold->has_late || !is_first ||
         keep(fold, &fold->pending, item, 0);
}

static bool take_row(ul_fold *fold, const coming *item) {
  ul_identity_result noted = ul_identity_note(&fold->identity, &fold->item,
                                              item->bytes, item->length);
  if (noted == UL_IDENTITY_NO_MEMORY || !keep_first(fold, item)) return false;
  if (noted == UL_IDENTITY_DOUBT || item->bytes == NULL || fold->waits ||
      fold->item.is_doubtful)
    return doubt(fold, item);
  size_t rows = row_count(fold);
  if (!ul_fold_make_room(fold, rows)) return false;
  place p = {.key = fold->has_each ? NULL : item->key,
             .key_length = item->key_length};
  switch (read_rows(fold, &p, rows)) {
    case UL_COLUMN_DOUBT: return doubt(fold, item);
    case UL_COLUMN_NO_MEMORY: return false;
    case UL_COLUMN_TAKEN: break;
  }
  return accept(fold, item, rows);
}

static bool take_item(ul_fold *fold, const coming *item) {
  switch (ul_mark_look(&fold->mark, &fold->item, item->bytes, item->length)) {
    case UL_MARK_NO_MEMORY: return false;
    case UL_MARK_TAKEN: return true;
    case UL_MARK_ROW: break;
  }
  return take_row(fold, item);
}

/* For the reader: see ul_select_taker. */
bool ul_fold_take_item(void *context, const char *bytes, size_t length) {
  ul_fold *fold = context;
  coming item = {.bytes = bytes, .length = length};
  item.key = ul_select_item_key(fold->select, &item.key_length);
  return take_item(fold, &item);
}

/* The same of a row of CSV. */
bool ul_fold_take_row(void *context, const char *bytes, size_t length) {
  coming item = {.bytes = bytes, .length = length};
  return take_item(context, &item);
}
