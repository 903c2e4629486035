/* The ways of items, see item_ways.h. */
#include "item_ways.h"

#include <string.h>

typedef ul_way_step step;
typedef ul_way_place place;

#define LIMIT_BYTES ((size_t)1 << 24)

/* After so many a likely step is so no longer. */
enum { WRONG_TURNS = 3 };

/* Items that have no end of ways are left alone. */
enum { MOST_BEHIND = 32, MOST_MEMBERS = 16 };

/* Where the steps do not suffice they are all forgotten, and there are more of
** them from then on. */
enum { FIRST_STEPS = 32, MORE_TIMES = 4, MOST_STEPS = 2048 };

/* A wrong try costs about half of what a right one saves. The first item of a
** document is mostly followed by others, and those are like it. */
enum { FIRST_REST = 1, FIRST_TRUST = 32, LOST_TRUST = 2, REST_ITEMS = 512 };

void ul_ways_init(ul_item_ways *ways) {
  *ways = (ul_item_ways){.trust = FIRST_TRUST, .rest = FIRST_REST,
                         .room = FIRST_STEPS};
  ul_buffer_init(&ways->steps, LIMIT_BYTES);
  ul_buffer_init(&ways->ends, LIMIT_BYTES);
  ul_buffer_init(&ways->keys, LIMIT_BYTES);
  ul_buffer_init(&ways->names, LIMIT_BYTES);
}

void ul_ways_free(ul_item_ways *ways) {
  ul_buffer_free(&ways->steps);
  ul_buffer_free(&ways->ends);
  ul_buffer_free(&ways->keys);
  ul_buffer_free(&ways->names);
  ul_ways_init(ways);
}

static void forget(ul_item_ways *ways) {
  ul_buffer_clear(&ways->steps);
  ul_buffer_clear(&ways->ends);
  ul_buffer_clear(&ways->keys);
  ul_buffer_clear(&ways->names);
  ways->members = 0;
}

static size_t step_count(const ul_item_ways *ways) {
  return ways->steps.length / sizeof(step);
}

static bool is_full(const ul_item_ways *ways) {
  return step_count(ways) == ways->room;
}

static void forget_if_full(ul_item_ways *ways) {
  if (!is_full(ways)) return;
  forget(ways);
  if (ways->room < MOST_STEPS) ways->room *= MORE_TIMES;
}

/* ---- whether it pays ---- */

bool ul_ways_are_tried(ul_item_ways *ways) {
  if (ways->rest == 0) return true;
  ways->rest--;
  return false;
}

void ul_ways_missed(ul_item_ways *ways) {
  ways->trust -= LOST_TRUST;
  if (ways->trust >= 0) return;
  ways->trust = FIRST_TRUST;
  ways->rest = REST_ITEMS;
  forget_if_full(ways);
}

/* ---- steps ---- */

/* What comes most often is to be the likely one, not what came last: the
** machine foresees it better. */
step *ul_way_find(place *at, const char *p) {
  step *s = at->first;
  while (s != NULL && !ul_way_is_at(s, p)) s = s->next;
  if (s != NULL && ++at->wrong >= WRONG_TURNS) {
    at->likely = s;
    at->wrong = 0;
  }
  return s;
}

/* Of a quoted value its quote is known before it comes. */
static ul_way_kind kind_of(ul_way_use use, char first) {
  static const ul_way_kind kinds[] = {
    [UL_WAY_NOBODYS] = UL_WAY_SKIP_NUMBER,
    [UL_WAY_NOBODYS_NUMBER] = UL_WAY_UNNAMED,
    [UL_WAY_LOOKED_AT] = UL_WAY_PASS,
  };
  if (use != UL_WAY_SOMEBODYS && first == '"') return UL_WAY_SKIP_STRING;
  if (use == UL_WAY_NOBODYS && first >= '[') return UL_WAY_SKIP_OTHER;
  if (use != UL_WAY_SOMEBODYS) return kinds[use];
  if (first == '"') return UL_WAY_TAKE_STRING;
  return first >= 'f' ? UL_WAY_TAKE_WORD : UL_WAY_TAKE_NUMBER;
}

static bool is_quoted(ul_way_kind kind) {
  return kind == UL_WAY_SKIP_STRING || kind == UL_WAY_TAKE_STRING;
}

/* Whether both lead to the same value; their texts may differ by its quote. */
static bool leads_to_same(const step *a, const step *b) {
  uint32_t length = a->length - is_quoted(a->kind);
  return (a->kind == UL_WAY_END) == (b->kind == UL_WAY_END) &&
         length == b->length - is_quoted(b->kind) &&
         memcmp(a->text, b->text, length) == 0;
}

/* The step from there that is as this one, or leads to the same value. */
static step *find_same(const place *from, const step *wanted, size_t *count) {
  step *found = NULL;
  *count = 0;
  for (step *s = from->first; s != NULL; s = s->next) {
    ++*count;
    if (!leads_to_same(s, wanted)) continue;
    found = s;
    if (s->length == wanted->length) break;
  }
  return found;
}

/* Every place that leads nowhere so far has this step as its likely one. */
static step *nowhere(const ul_item_ways *ways) {
  return (step *)(void *)ways->steps.bytes;
}

static step *put_step(ul_item_ways *ways, place *from, const step *new) {
  step *made = (step *)(void *)ways->steps.bytes + step_count(ways);
  *made = *new;
  made->next = from->first;
  ways->steps.length += sizeof *made;
  from->first = made;
  if (from->likely == nowhere(ways)) from->likely = made;
  return made;
}

/* Memory for all steps at once: they stay where they are. */
static bool make_start(ul_item_ways *ways) {
  if (step_count(ways) > 0) return true;
  if (!ul_buffer_reserve(&ways->steps, ways->room * sizeof(step)))
    return false;
  step *start = (step *)(void *)ways->steps.bytes;
  *start = (step){.beyond = {UINT32_MAX, UINT32_MAX}, .own.likely = start};
  ways->steps.length = sizeof *start;
  return true;
}

/* A newline is the reader's business, and the rest is too long to be known. */
static bool set_text(step *new, const char *text, size_t length) {
  if (length == 0 || length > UL_WAY_TEXT_BYTES ||
      memchr(text, '\n', length) != NULL)
    return false;
  memcpy(new->text, text, length);
  new->same = UINT32_MAX;
  new->length = (uint32_t)length;
  new->beyond[0] = length < 32 ? UINT32_MAX << length : 0;
  new->beyond[1] = length <= 32 ? UINT32_MAX
                   : length < 64 ? UINT32_MAX << (length - 32) : 0;
  return true;
}

/* Where the way goes on to a value, by a step that is there already or a new
** one; NULL where it cannot be. */
static place *lead_to_value(ul_item_ways *ways, place *from,
                            const char *text, const ul_way_value *value) {
  step new = {.kind = kind_of(value->use, *value->from),
              .value = value->number, .depth = value->depth};
  size_t length = (size_t)(value->from - text) + is_quoted(new.kind), count;
  if (!set_text(&new, text, length)) return NULL;
  step *same = find_same(from, &new, &count);
  if (same != NULL && same->length == length) return same->place;
  if (count == MOST_BEHIND || is_full(ways)) return NULL;
  step *made = put_step(ways, from, &new);
  made->own = (place){.likely = nowhere(ways)};
  made->place = same != NULL ? same->place : &made->own;
  return made->place;
}

/* ---- ends ---- */

static ul_way_end *end_at(const ul_item_ways *ways, uint32_t index) {
  return (ul_way_end *)(void *)ways->ends.bytes + index;
}

static const ul_item_key *keys_of(const ul_item_ways *ways,
                                  const ul_way_end *end) {
  return (const ul_item_key *)(const void *)ways->keys.bytes + end->first_key;
}

static bool put_keys(ul_item_ways *ways, const ul_item *item) {
  for (uint32_t i = 0; i < item->members; i++) {
    ul_item_key key = *ul_item_key_of(item, i);
    const char *name = ul_item_name(item, &key);
    key.name = ways->names.length;
    /* One byte more, so that there is memory to point to for empty keys. */
    if (!ul_buffer_reserve(&ways->names, key.length + (size_t)1) ||
        !ul_buffer_append(&ways->names, name, key.length) ||
        !ul_buffer_append(&ways->keys, (const char *)&key, sizeof key))
      return false;
  }
  return true;
}

/* Its number; false without memory. */
static bool put_end(ul_item_ways *ways, const ul_item *item,
                    uint32_t *number) {
  ul_way_end end = {.members = item->members, .version = item->version};
  end.first_key = (uint32_t)(ways->keys.length / sizeof(ul_item_key));
  *number = (uint32_t)(ways->ends.length / sizeof end);
  return put_keys(ways, item) &&
         ul_buffer_append(&ways->ends, (const char *)&end, sizeof end);
}

static bool has_keys(const ul_item_ways *ways, const ul_way_end *end,
                     const ul_item *item) {
  if (end->members == 0) return true; /* and there may be no keys at all */
  const ul_item_key *keys = keys_of(ways, end);
  if (end->members * sizeof(ul_item_key) > item->keys.length) return false;
  for (uint32_t i = 0; i < end->members; i++) {
    const ul_item_key *key = ul_item_key_of(item, i);
    if (key->length != keys[i].length ||
        memcmp(ul_item_name(item, key), ways->names.bytes + keys[i].name,
               key->length) != 0)
      return false;
  }
  return true;
}

bool ul_way_set_members(ul_item_ways *ways, uint32_t number, ul_item *item) {
  ul_way_end *end = end_at(ways, number);
  if (end->version != item->version && !has_keys(ways, end, item) &&
      !ul_item_set_keys(item, keys_of(ways, end), ways->names.bytes,
                        end->members, &end->own))
    return false;
  end->version = item->version;
  item->members = end->members;
  return true;
}

/* ---- adding ---- */

static void lead_to_end(ul_item_ways *ways, const ul_item *item, place *from,
                        const char *text, const char *end) {
  step new = {.kind = UL_WAY_END};
  size_t count;
  if (!set_text(&new, text, (size_t)(end - text)) ||
      find_same(from, &new, &count) != NULL || count == MOST_BEHIND ||
      is_full(ways) || !put_end(ways, item, &new.value))
    return;
  step *made = put_step(ways, from, &new);
  made->own = (place){.likely = nowhere(ways)};
  made->place = &made->own;
}

void ul_ways_add(ul_item_ways *ways, const ul_item *item,
                 const ul_way_note *note, const char *p, const char *end) {
  if (note->is_odd || item->members > MOST_MEMBERS) return;
  if (ways->room < MOST_STEPS) forget_if_full(ways);
  if (!make_start(ways)) return;
  if (ways->members < item->members) ways->members = item->members;
  place *at = ul_ways_start(ways);
  for (uint32_t i = 0; i < note->count && at != NULL; i++) {
    at = lead_to_value(ways, at, p, &note->values[i]);
    p = note->values[i].to;
  }
  if (at != NULL) lead_to_end(ways, item, at, p, end);
}
