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

/* A value that is the same for all rows of the item. */
static __attribute__((noinline)) ul_column_result
read_shared(ul_fold *fold, uint32_t number, const place *p, size_t rows) {
  ul_column_value value = {0};
  ul_column_result result = read_value(fold, number, p, &value);
  if (result == UL_COLUMN_TAKEN)
    ul_column_fill(&fold->columns[number], fold->rows, rows, &value);
  return result;
}

/* The same: most stand in it. */
static inline ul_column_result read_own(const ul_fold *fold,
                                        ul_column *column, uint32_t slot,
                                        size_t rows) {
  ul_column_value value = {0};
  const ul_item *item = &fold->item;
  ul_column_result result =
    ul_column_read(column, item, ul_item_own(item, slot), &value);
  if (result == UL_COLUMN_TAKEN)
    ul_column_fill(column, fold->rows, rows, &value);
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
static ul_column_result read_keys(const ul_fold *fold, ul_column *column,
                                  ul_fold_column *sources) {
  const ul_item *item = &fold->item;
  if (!know_keys(column, sources, item)) return UL_COLUMN_NO_MEMORY;
  const uint32_t *known =
    (const uint32_t *)(const void *)sources->key_codes.bytes;
  uint32_t *codes = ul_column_codes(column) + fold->rows;
  for (uint32_t i = 0, count = item->members; i < count; i++)
    codes[i] = known[i];
  return UL_COLUMN_TAKEN;
}

/* A value of each row. */
static __attribute__((noinline)) ul_column_result
read_each(ul_fold *fold, uint32_t column, size_t rows) {
  for (size_t i = 0; i < rows; i++) {
    place p = place_of(&fold->item, (uint32_t)i);
    ul_column_value value = {0};
    ul_column_result result = read_value(fold, column, &p, &value);
    if (result != UL_COLUMN_TAKEN) return result;
    ul_column_set(&fold->columns[column], fold->rows + i, &value);
  }
  return UL_COLUMN_TAKEN;
}

static inline __attribute__((always_inline)) ul_column_result
read_column(ul_fold *fold, ul_column *column, ul_fold_column *sources,
            const place *p, size_t rows, ul_fold_way way) {
  const ul_item *item = &fold->item;
  uint32_t slot = sources->source.slot;
  switch (way) {
    case UL_READ_NONE: break;
    case UL_READ_OWN: return read_own(fold, column, slot, rows);
    case UL_READ_SHARED:
      return read_shared(fold, (uint32_t)(column - fold->columns), p, rows);
    case UL_READ_EACH:
      return read_each(fold, (uint32_t)(column - fold->columns), rows);
    case UL_READ_MEMBERS:
      return ul_column_read_members(column, item, slot, fold->rows);
    case UL_READ_COUNTS:
      return ul_column_read_counts(column, item, slot, fold->rows);
    case UL_READ_WORDS:
      return ul_column_read_words(column, item, slot, fold->rows);
    case UL_READ_KEYS: return read_keys(fold, column, sources);
  }
  return UL_COLUMN_TAKEN;
}

/* Of an item without members, which is a row nevertheless. */
static ul_column_result read_lone_row(ul_fold *fold, const place *p) {
  for (uint32_t i = 0; i < fold->column_count; i++) {
    ul_fold_way way = fold->sources[i].way;
    if (way > UL_READ_EACH) way = UL_READ_EACH;
    ul_column_result result =
      read_column(fold, &fold->columns[i], &fold->sources[i], p, 1, way);
    if (result != UL_COLUMN_TAKEN) return result;
  }
  return UL_COLUMN_TAKEN;
}

/* An item without members may have none, and then there may be no room yet. */
static ul_column_result read_rows(ul_fold *fold, const place *p, size_t rows) {
  if (rows == 0) return UL_COLUMN_TAKEN;
  if (rows != fold->item.members) return read_lone_row(fold, p);
  ul_column *column = fold->columns, *end = column + fold->column_count;
  for (ul_fold_column *sources = fold->sources; column != end;
       column++, sources++) {
    ul_column_result result =
      read_column(fold, column, sources, p, rows, sources->way);
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
} coming;

/* The key that it has in the document, or NULL. */
static const char *key_of(const ul_fold *fold, size_t *length) {
  *length = 0;
  return fold->select != NULL ? ul_select_item_key(fold->select, length)
                              : NULL;
}

static bool keep(ul_fold *fold, ul_buffer *list, const coming *item,
                 size_t rows) {
  size_t key_length;
  const char *key = key_of(fold, &key_length);
  ul_fold_kept kept = {
    .length = item->length, .key_length = key_length,
    .has_key = key != NULL, .on_tape = item->bytes == NULL,
    .row = fold->rows, .rows = rows, .number = fold->identity.items,
  };
  kept.bytes = fold->kept.length;
  if (!kept.on_tape &&
      !ul_buffer_append(&fold->kept, item->bytes, item->length))
    return false;
  kept.key = fold->kept.length;
  if (kept.has_key &&
      !ul_buffer_append(&fold->kept, key, key_length))
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
  switch (fold->has_conditions ? ul_fold_look_at(fold, rows) : UL_ALL_SAID) {
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
  place p = {.key = NULL};
  if (!fold->has_each) p.key = key_of(fold, &p.key_length);
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
  coming item = {.bytes = bytes, .length = length};
  return take_item(context, &item);
}

/* The same of a row of CSV. */
bool ul_fold_take_row(void *context, const char *bytes, size_t length) {
  coming item = {.bytes = bytes, .length = length};
  return take_item(context, &item);
}
