/* Selection by paths, see json_select.h. */
#include "json_select.h"

#include <string.h>

typedef ul_json_node node;
typedef ul_select_frame frame;

#define SIDES_LIMIT_BYTES ((size_t)1 << 24)
#define ITEM_LIMIT_BYTES ((size_t)1 << 31)

static node *node_at(const ul_json_select *s, uint32_t index) {
  return ul_plan_node(&s->plan, index);
}

static ul_select_side *side_at(const ul_json_select *s, uint32_t index) {
  return (ul_select_side *)(void *)s->sides.bytes + index;
}

/* ---- side values ---- */

bool ul_select_side_value(const ul_json_select *s, uint32_t index,
                          const char **at) {
  ul_buffer name;
  ul_buffer_init(&name, SIDES_LIMIT_BYTES);
  ul_path rest;
  const node *n = ul_plan_find_side(&s->plan, index, &rest, &name);
  const ul_select_side *side = n != NULL ? side_at(s, n->side) : NULL;
  bool complete = side != NULL && side->complete;
  *at = complete ? side->tape.buffer.bytes : NULL;
  bool ok = n != NULL && ul_tape_follow(rest, &name, at);
  ul_buffer_free(&name);
  return ok;
}

/* ---- setting up ---- */

void ul_select_init(ul_json_select *s, ul_json_read *read, frame *frames,
                    uint64_t seed) {
  *s = (ul_json_select){.read = read, .frames = frames, .top = frames};
  ul_keys_init(&s->keys, seed);
  ul_plan_init(&s->plan, seed);
  ul_positions_init(&s->positions);
  ul_buffer_init(&s->sides, SIDES_LIMIT_BYTES);
  ul_tape_init(&s->items);
  ul_buffer_init(&s->begun, ITEM_LIMIT_BYTES);
  ul_item_read_init(&s->quick);
  s->whole.place = UL_PLACE_WHOLE;
  s->stray.place = s->unread.place = UL_PLACE_PART;
}

static uint32_t side_count(const ul_json_select *s) {
  return (uint32_t)(s->sides.length / sizeof(ul_select_side));
}

void ul_select_free(ul_json_select *s) {
  for (uint32_t i = 0; i < side_count(s); i++)
    ul_tape_free(&side_at(s, i)->tape);
  ul_buffer_free(&s->sides);
  ul_tape_free(&s->items);
  ul_buffer_free(&s->begun);
  ul_item_read_free(&s->quick);
  ul_plan_free(&s->plan);
  ul_positions_free(&s->positions);
  ul_keys_free(&s->keys);
}

static bool make_sides(ul_json_select *s) {
  while (side_count(s) < ul_plan_side_count(&s->plan)) {
    ul_select_side new = {.complete = false};
    ul_tape_init(&new.tape);
    if (!ul_buffer_append(&s->sides, (const char *)&new, sizeof new))
      return false;
  }
  return true;
}

bool ul_select_start(ul_json_select *s) {
  if (s->plan.nodes.length == 0 || !make_sides(s)) return false;
  for (uint32_t i = 0; i < side_count(s); i++) {
    ul_tape_clear(&side_at(s, i)->tape);
    side_at(s, i)->complete = false;
  }
  ul_tape_clear(&s->items);
  ul_positions_forget(&s->positions);
  ul_keys_clear(&s->keys);
  memset(s->level, 0, sizeof s->level);
  s->complete = s->item_count = 0;
  s->left_offset = UINT64_MAX;
  s->sides_complete = 0;
  s->duplicate = s->null_rows = s->past_tape = false;
  s->top = s->frames;
  *s->top = (frame){.node = &s->whole, .value = node_at(s, 0)};
  return true;
}

void ul_select_set_taker(ul_json_select *s, const ul_select_taker *taker) {
  s->taker = *taker;
  ul_item_read_start(&s->quick, &s->plan, taker->item, &s->serial);
}

bool ul_select_found(const ul_json_select *s) {
  if (!s->plan.has_rows) return false;
  for (uint32_t i = 0; i <= s->plan.levels; i++)
    if (!s->level[i].seen) return i > 0 && s->level[i - 1].count == 0;
  return true;
}

/* ---- running ---- */

static bool no_memory(ul_json_select *s) {
  ul_json_refuse_memory(s->read);
  return false;
}

/* What is put on the tape either fits or ends the run. */
static bool put(ul_json_select *s, bool done) {
  if (done) return true;
  if (s->tape->buffer.length < UL_TAPE_LIMIT_BYTES / 4) return no_memory(s);
  ul_json_refuse(s->read, "limit", "length",
                 "a value too large to be read as one");
  return false;
}

static bool is_inside(const node *n) { return n->place >= UL_PLACE_PART; }

static const ul_json_scope *inner_scope(const ul_json_select *s,
                                        const frame *f) {
  while (++f <= s->top)
    if (f->has_scope) return &f->scope;
  return NULL;
}

static const char *last_key(const ul_json_select *s, const frame *f,
                            size_t *length) {
  if (f->is_few) {
    const ul_item *item = s->taker.item;
    if (f->count == 0 || item == NULL) return NULL;
    const ul_item_key *key = ul_item_key_of(item, item->member);
    *length = key->length;
    return ul_item_name(item, key);
  }
  if (f->has_scope)
    return ul_keys_last(&s->keys, &f->scope, inner_scope(s, f), length);
  if (f->value == NULL || f->value == &s->stray) return NULL;
  *length = f->value->name_length;
  return ul_plan_name(&s->plan, f->value);
}

/* The keys of all {} above an item stand before it. */
static bool put_member_keys(ul_json_select *s) {
  for (const frame *f = s->frames + 1; f <= s->top; f++) {
    if (!f->has_scope) continue;
    size_t length = 0;
    const char *name = last_key(s, f, &length);
    if (!put(s, ul_tape_string(&s->items, name, length))) return false;
  }
  return true;
}

/* ---- past the tape ---- */

static ul_item_value *slot_of(const ul_json_select *s, const node *n) {
  const ul_item *item = s->taker.item;
  return n->slot_of_member ? ul_item_of_member(item, item->member, n->slot - 1)
                           : ul_item_own(item, n->slot - 1);
}

static bool begin_past_tape(ul_json_select *s) {
  s->past_tape = true;
  s->item_offset = s->read->token_offset;
  ul_buffer_clear(&s->begun);
  return ul_item_begin(s->taker.item) || no_memory(s);
}

bool ul_select_keep(ul_json_select *s, const char *piece, size_t length) {
  if (!s->past_tape) return true;
  uint64_t start = s->read->piece_offset - length;
  size_t before = s->item_offset > start ? s->item_offset - start : 0;
  return ul_buffer_append(&s->begun, piece + before, length - before) ||
         no_memory(s);
}

/* At the brace that ends the item. */
static bool give_item(ul_json_select *s) {
  const ul_json_read *r = s->read;
  const ul_select_taker *taker = &s->taker;
  s->past_tape = false;
  uint64_t end = r->token_offset + 1;
  if (s->item_offset >= r->piece_offset) {
    const char *bytes = r->piece + (s->item_offset - r->piece_offset);
    return taker->take(taker->context, bytes, end - s->item_offset) ||
           no_memory(s);
  }
  return (ul_buffer_append(&s->begun, r->piece, end - r->piece_offset) &&
          taker->take(taker->context, s->begun.bytes, s->begun.length)) ||
         no_memory(s);
}

/* A scalar's value, where somebody asked for it, or NULL. One where a path
** goes on makes the item doubtful, but for null. */
static inline ul_item_value *scalar_slot(const ul_json_select *s,
                                         ul_item_type type) {
  const node *n = s->top->value;
  if (n->slot != 0) {
    ul_item_value *value = slot_of(s, n);
    value->type = type;
    return value;
  }
  if ((n->child | n->members | n->items) != 0 && type != UL_ITEM_NULL)
    s->taker.item->is_doubtful = true;
  return NULL;
}

/* Whether the path that goes on below a place goes on in it. */
static bool fits(const node *n, bool is_object) {
  if (n->items != 0) return !is_object;
  return is_object || n->place == UL_PLACE_ITEM || (n->child | n->members) == 0;
}

static void open_past_tape(const ul_json_select *s, const node *n,
                           bool is_object) {
  if (n->slot != 0) slot_of(s, n)->type = UL_ITEM_OTHER;
  if (!fits(n, is_object)) s->taker.item->is_doubtful = true;
  if (n->is_container) ul_item_open_container(s->taker.item);
}

const char *ul_select_item_key(const ul_json_select *s, size_t *length) {
  for (const frame *f = s->top; f > s->frames; f--)
    if (f->has_scope) return last_key(s, f, length);
  return NULL;
}

/* ---- rows that are arrays ---- */

/* Once the names of the positions have come. */
static bool know_positions(ul_json_select *s) {
  ul_json_positions *positions = &s->positions;
  const char *at;
  if (!positions->are_wanted || positions->are_known || positions->are_wrong)
    return true;
  return (ul_select_side_value(s, positions->side, &at) &&
          (at == NULL || ul_positions_read(positions, &s->plan, at))) ||
         no_memory(s);
}

/* What the next value of a row is. */
static node *value_in_row(ul_json_select *s, uint64_t position) {
  uint32_t index = ul_positions_node(&s->positions, position);
  if (index != 0) return node_at(s, index);
  return node_at(s, s->plan.rows)->has_strays ? &s->stray : &s->unread;
}

static void count_value(ul_json_select *s, frame *f) {
  f->count += !f->is_object;
  if (f->is_row) f->value = value_in_row(s, f->count);
}

/* One of another length than there are names is for others to judge. */
static void end_row(const ul_json_select *s, const frame *f) {
  if (f->count != ul_positions_count(&s->positions))
    s->taker.item->is_doubtful = true;
}

/* ---- items and side values ---- */

static bool goes_past_tape(const ul_json_select *s, const node *n,
                           bool is_object) {
  if (n->place != UL_PLACE_ITEM || s->taker.item == NULL) return false;
  return s->positions.are_wanted ? !is_object && s->positions.are_known
                                 : is_object;
}

/* The tape begins to run for an item or a side value, or the item's slots
** are ready. */
static bool enter(ul_json_select *s, const node *n, bool is_past_tape) {
  if (n->place == UL_PLACE_SIDE) {
    s->tape = &side_at(s, n->side)->tape;
    return true;
  }
  if (is_past_tape) return begin_past_tape(s);
  s->tape = &s->items;
  return s->plan.member_levels == 0 || put_member_keys(s);
}

/* It is complete. */
static bool leave(ul_json_select *s, const node *n) {
  if (n->place == UL_PLACE_SIDE) {
    side_at(s, n->side)->complete = true;
    s->sides_complete++;
    return true;
  }
  s->item_count++;
  s->level[n->level].seen = true;
  if (s->past_tape) return give_item(s);
  s->complete = s->items.consumed + s->items.buffer.length;
  return s->taker.item == NULL ||
         s->taker.take(s->taker.context, NULL, 0) || no_memory(s);
}

static const char *const words[] = {
  [UL_JSON_NULL] = "null",
  [UL_JSON_FALSE] = "false",
  [UL_JSON_TRUE] = "true",
};

static void refuse_shape(ul_json_select *s, const node *n, const char *what) {
  ul_json_refuse(s->read, "shape", "shape", "expected %s, found %s",
                 n->items == 0 ? "an object" : "an array", what);
}

/* A document that should hold the rows under a name. */
static bool is_whole_with_names(const ul_json_select *s, const node *n) {
  return n == node_at(s, 0) && n->items == 0 && n->members == 0;
}

/* A value where a path goes on but it cannot. Off the rows' way it is none
** of our business; a document of null alone says nothing of rows. */
static bool dead_end(ul_json_select *s, const node *n, const char *what) {
  if (!n->on_rows) return true;
  if (what == words[UL_JSON_NULL]) {
    if (!is_whole_with_names(s, n))
      s->level[n->level].seen = s->null_rows = true;
    return true;
  }
  refuse_shape(s, n, what);
  return false;
}

/* What becomes of a scalar. */
typedef enum scalar { SCALAR_FAILED, SCALAR_PASSED, SCALAR_TAKEN } scalar;

static scalar enter_scalar(ul_json_select *s, const node *n,
                           const char *what) {
  bool none = n->null_is_none && what == words[UL_JSON_NULL];
  if (n->place != UL_PLACE_WALK && !none)
    return enter(s, n, false) ? SCALAR_TAKEN : SCALAR_FAILED;
  if (!dead_end(s, n, what)) return SCALAR_FAILED;
  count_value(s, s->top);
  return SCALAR_PASSED;
}

/* Each value of a list is a member of its own. */
static inline bool open_next(ul_json_select *s) {
  return !s->top->is_list || ul_item_open_next(s->taker.item) || no_memory(s);
}

static inline scalar begin_scalar(ul_json_select *s, const char *what) {
  const node *n = s->top->value;
  if (!is_inside(n)) return enter_scalar(s, n, what);
  return open_next(s) ? SCALAR_TAKEN : SCALAR_FAILED;
}

static inline bool end_scalar(ul_json_select *s, bool done) {
  const node *n = s->top->value;
  if (!put(s, done)) return false;
  count_value(s, s->top);
  return is_inside(n) || leave(s, n);
}

/* The same of one that goes past the tape. */
static inline bool end_slot(ul_json_select *s, bool done) {
  if (!done) return no_memory(s);
  count_value(s, s->top);
  return true;
}

static bool take_string(void *context, const char *bytes, size_t length) {
  ul_json_select *s = context;
  scalar fate = begin_scalar(s, "a string");
  if (fate != SCALAR_TAKEN) return fate == SCALAR_PASSED;
  if (s->past_tape) {
    ul_item_value *value = scalar_slot(s, UL_ITEM_TEXT);
    return end_slot(s, value == NULL || ul_item_put_text(s->taker.item, value,
                                                         bytes, length));
  }
  return end_scalar(s, ul_tape_string(s->tape, bytes, length));
}

static bool refuse_range(ul_json_select *s, const char *what,
                         const char *text, size_t length) {
  enum { SHOWN_BYTES = 40 };
  bool cut = length > SHOWN_BYTES;
  ul_json_refuse(s->read, "json", "range", "%s %.*s%s is out of range", what,
                 cut ? SHOWN_BYTES : (int)length, text, cut ? "..." : "");
  return false;
}

/* A number that no path names, where somebody keeps those. */
static void note_stray(ul_json_select *s) {
  if (s->top->value == &s->stray) s->taker.item->is_doubtful = true;
}

static bool put_integer(ul_json_select *s, int64_t integer) {
  if (!s->past_tape) return end_scalar(s, ul_tape_integer(s->tape, integer));
  ul_item_value *value = scalar_slot(s, UL_ITEM_INTEGER);
  if (value != NULL)
    value->is.integer = integer;
  else
    note_stray(s);
  return end_slot(s, true);
}

static bool put_real(ul_json_select *s, double real) {
  if (!s->past_tape) return end_scalar(s, ul_tape_real(s->tape, real));
  ul_item_value *value = scalar_slot(s, UL_ITEM_REAL);
  if (value != NULL)
    value->is.real = real;
  else
    note_stray(s);
  return end_slot(s, true);
}

static bool take_number(void *context, const char *text, size_t length) {
  ul_json_select *s = context;
  scalar fate = begin_scalar(s, "a number");
  if (fate != SCALAR_TAKEN) return fate == SCALAR_PASSED;
  ul_number number = ul_number_value(text, length);
  switch (number.kind) {
    case UL_NUMBER_INTEGER: return put_integer(s, number.integer);
    case UL_NUMBER_REAL: return put_real(s, number.real);
    case UL_NUMBER_BIG_INTEGER:
      return refuse_range(s, "integer", text, length);
    case UL_NUMBER_BIG_REAL: break;
  }
  return refuse_range(s, "number", text, length);
}

static bool take_word(void *context, ul_json_word word) {
  static const ul_tape_type types[] = {
    [UL_JSON_NULL] = UL_TAPE_NULL,
    [UL_JSON_FALSE] = UL_TAPE_FALSE,
    [UL_JSON_TRUE] = UL_TAPE_TRUE,
  };
  static const ul_item_type slot_types[] = {
    [UL_JSON_NULL] = UL_ITEM_NULL,
    [UL_JSON_FALSE] = UL_ITEM_FALSE,
    [UL_JSON_TRUE] = UL_ITEM_TRUE,
  };
  ul_json_select *s = context;
  scalar fate = begin_scalar(s, words[word]);
  if (fate != SCALAR_TAKEN) return fate == SCALAR_PASSED;
  if (s->past_tape) {
    scalar_slot(s, slot_types[word]);
    return end_slot(s, true);
  }
  return end_scalar(s, ul_tape_word(s->tape, types[word]));
}

/* ---- containers ---- */

static bool leads_on(const node *n, bool is_object) {
  return is_object ? (n->child | n->members) != 0 : n->items != 0;
}

/* What the container of a value on the tape is to its values: a field that
** is of another shape than its path says is given as it stands. */
static node *taken_as(ul_json_select *s, node *n, bool is_object) {
  if (n->place == UL_PLACE_ITEM && s->positions.are_wanted)
    return s->past_tape ? n : &s->whole;
  bool parted = n->place == UL_PLACE_ITEM || n->place == UL_PLACE_PART;
  return parted && leads_on(n, is_object) ? n : &s->whole;
}

static void push(ul_json_select *s, node *n, bool is_object,
                 uint64_t tape_position) {
  frame *f = ++s->top;
  f->node = n;
  f->value = is_object ? NULL : n == &s->whole ? n : node_at(s, n->items);
  f->count = 0;
  f->serial = ++s->serial;
  f->tape_position = tape_position;
  f->is_object = is_object;
  f->has_scope = is_object && (n == &s->whole || n->members != 0);
  f->is_few = f->has_scope && s->past_tape && n->is_container;
  f->is_list = s->past_tape && !is_object && n->is_container;
  f->is_row = s->past_tape && !is_object && n->place == UL_PLACE_ITEM;
  if (f->is_row) f->value = value_in_row(s, 0);
  if (f->has_scope) ul_keys_open(&s->keys, &f->scope);
}

static bool ends_level(const node *n) {
  return n->place == UL_PLACE_WALK && (n->items | n->members) != 0;
}

static ul_json_verdict walk_into(ul_json_select *s, node *n, bool is_object) {
  bool fits = is_object == (n->items == 0);
  if (!fits && n->on_rows) {
    refuse_shape(s, n, is_object ? "an object" : "an array");
    return UL_JSON_STOP;
  }
  count_value(s, s->top);
  if (!fits) return UL_JSON_SKIP;
  if (ends_level(n)) s->level[n->level].seen = true;
  push(s, n, is_object, 0);
  return UL_JSON_WANTED;
}

/* An item that was read at one go. */
static const char *take_read(ul_json_select *s, const node *n, const char *p,
                             const char *behind) {
  count_value(s, s->top);
  s->item_count++;
  s->level[n->level].seen = true;
  ul_json_pass_lines(s->read, s->quick.lines, s->quick.line);
  bool done = s->taker.take(s->taker.context, p, (size_t)(behind - p));
  return done || no_memory(s) ? behind : NULL;
}

/* Whether the next item of a list follows at once. A document is in none. */
static inline bool goes_on(const ul_json_select *s, const char *behind,
                           const char *end) {
  return end - behind > 1 && behind[0] == ',' && behind[1] == '{' &&
         s->top != s->frames && !s->top->is_object;
}

/* Items that stand whole in the piece, as far as they follow each other. What is
** not read at one go is the reader's, and is not tried again. */
static const char *object(void *context, const char *p, const char *end) {
  ul_json_select *s = context;
  const node *n = s->top->value;
  const char *behind = NULL;
  if (!goes_past_tape(s, n, true) || s->read->token_offset == s->left_offset)
    return p;
  s->quick.levels = s->read->max_depth - s->read->depth;
  s->quick.one_line = s->read->lines;
  for (const char *left = p;; left = behind, p = behind + 1) {
    ul_json_pass_to(s->read, p);
    switch (ul_item_read_at(&s->quick, p, end, &behind)) {
      case UL_ITEM_READ: break;
      case UL_ITEM_LEFT:
        s->left_offset = s->read->token_offset;
        return left;
      case UL_ITEM_NO_MEMORY: no_memory(s); return NULL;
    }
    if (take_read(s, n, p, behind) == NULL) return NULL;
    if (!goes_on(s, behind, end)) return behind;
  }
}

static ul_json_verdict begin(void *context, bool is_object) {
  ul_json_select *s = context;
  node *n = s->top->value;
  if (n->place == UL_PLACE_WALK) return walk_into(s, n, is_object);
  if (n == &s->stray || n == &s->unread) {
    count_value(s, s->top);
    return UL_JSON_SKIP;
  }
  if (!is_inside(n) && !(know_positions(s) &&
                         enter(s, n, goes_past_tape(s, n, is_object))))
    return UL_JSON_STOP;
  if (!open_next(s)) return UL_JSON_STOP;
  uint64_t position = 0;
  ul_tape_type type = is_object ? UL_TAPE_OBJECT : UL_TAPE_ARRAY;
  if (s->past_tape)
    open_past_tape(s, n, is_object);
  else if (!put(s, ul_tape_open(s->tape, type, &position)))
    return UL_JSON_STOP;
  count_value(s, s->top);
  push(s, taken_as(s, n, is_object), is_object, position);
  return UL_JSON_WANTED;
}

static bool end(void *context) {
  ul_json_select *s = context;
  const frame *f = s->top--;
  if (f->has_scope) ul_keys_close(&s->keys, &f->scope);
  if (f->is_row) end_row(s, f);
  if (ends_level(f->node)) s->level[f->node->level].count += f->count;
  if (f->node->place == UL_PLACE_WALK) return true;
  if (!s->past_tape)
    ul_tape_close(s->tape, f->tape_position, (uint32_t)f->count);
  const node *n = s->top->value;
  return is_inside(n) || leave(s, n);
}

/* ---- keys ---- */

static ul_json_verdict refuse_duplicate(ul_json_select *s) {
  s->duplicate = true;
  ul_json_refuse(s->read, "json", "duplicate", "duplicate key");
  return UL_JSON_STOP;
}

/* Past the tape, the key of a member. */
static ul_json_verdict member_key(ul_json_select *s, frame *f,
                                  const char *bytes, size_t length) {
  switch (ul_item_open_member(s->taker.item, bytes, length)) {
    case UL_MEMBER_TWICE: return refuse_duplicate(s);
    case UL_MEMBER_NO_MEMORY: no_memory(s); return UL_JSON_STOP;
    case UL_MEMBER_OPEN: break;
  }
  f->value = node_at(s, f->node->members);
  return UL_JSON_WANTED;
}

static ul_json_verdict few_key(ul_json_select *s, frame *f, const char *bytes,
                               size_t length) {
  f->count++;
  return member_key(s, f, bytes, length);
}

/* Where there are too many to be compared one by one. */
static bool few_into_scope(ul_json_select *s, frame *f) {
  const ul_item *item = s->taker.item;
  f->is_few = false;
  for (uint32_t i = 0; i < item->members; i++) {
    const ul_item_key *key = ul_item_key_of(item, i);
    if (key->container != item->container) continue;
    const char *bytes = ul_item_name(item, key);
    uint32_t hash = ul_keys_hash(s->keys.seed, bytes, key->length);
    if (ul_keys_add(&s->keys, &f->scope, bytes, key->length, hash) ==
        UL_KEYS_FULL)
      return no_memory(s);
  }
  return true;
}

/* In an object of which all keys are looked at. */
static ul_json_verdict any_key(ul_json_select *s, frame *f, const char *bytes,
                               size_t length) {
  if (f->is_few) {
    if (s->taker.item->members < UL_ITEM_FEW_MEMBERS)
      return few_key(s, f, bytes, length);
    if (!few_into_scope(s, f)) return UL_JSON_STOP;
  }
  uint32_t hash = ul_keys_hash(s->keys.seed, bytes, length);
  switch (ul_keys_add(&s->keys, &f->scope, bytes, length, hash)) {
    case UL_KEYS_DUPLICATE: return refuse_duplicate(s);
    case UL_KEYS_FULL: no_memory(s); return UL_JSON_STOP;
    case UL_KEYS_NEW: break;
  }
  f->count++;
  f->value = f->node == &s->whole ? f->node : node_at(s, f->node->members);
  if (f->node->place == UL_PLACE_WALK) return UL_JSON_WANTED;
  if (s->past_tape && f->node->is_container)
    return member_key(s, f, bytes, length);
  if (s->past_tape) return UL_JSON_WANTED;
  bool done = put(s, ul_tape_key(s->tape, bytes, length, hash));
  return done ? UL_JSON_WANTED : UL_JSON_STOP;
}

/* Objects of one kind mostly have their keys in one order: what followed the
** last time is tried first. */
static node *find_child(const ul_json_select *s, node *n, const char *bytes,
                        size_t length) {
  node *child = node_at(s, n->likely);
  if (n->likely == 0 || !ul_plan_has_name(&s->plan, child, bytes, length)) {
    uint32_t i = n->child;
    while (i != 0 && !ul_plan_has_name(&s->plan, node_at(s, i), bytes, length))
      i = node_at(s, i)->next;
    if (i == 0) return NULL;
    child = node_at(s, i);
  }
  n->likely = child->next != 0 ? child->next : n->child;
  return child;
}

/* In an object of which paths name some. */
static ul_json_verdict named_key(ul_json_select *s, frame *f,
                                 const char *bytes, size_t length) {
  node *child = find_child(s, f->node, bytes, length);
  f->value = child;
  if (child == NULL && s->past_tape && f->node->has_strays) {
    f->value = &s->stray;
    return UL_JSON_WANTED;
  }
  if (child == NULL) return UL_JSON_SKIP;
  if (child->seen == f->serial) return refuse_duplicate(s);
  child->seen = f->serial;
  if (s->past_tape || f->node->place == UL_PLACE_WALK) return UL_JSON_WANTED;
  f->count++;
  bool done = put(s, ul_tape_key(s->tape, bytes, length, child->hash));
  return done ? UL_JSON_WANTED : UL_JSON_STOP;
}

static ul_json_verdict key(void *context, const char *bytes, size_t length) {
  ul_json_select *s = context;
  frame *f = s->top;
  return f->has_scope ? any_key(s, f, bytes, length)
                      : named_key(s, f, bytes, length);
}

const ul_json_sink ul_select_sink = {
  .object = object,
  .begin = begin,
  .end = end,
  .key = key,
  .string = take_string,
  .number = take_number,
  .word = take_word,
};

/* ---- the present path ---- */

void ul_select_print_path(const ul_json_select *s, ul_buffer *out) {
  bool in_value = s->duplicate || ul_json_in_value(s->read);
  for (const frame *f = s->frames + 1; f <= s->top; f++) {
    bool innermost = f == s->top;
    if (innermost && !in_value) return;
    size_t length = 0;
    const char *name = f->is_object ? last_key(s, f, &length) : NULL;
    if (name != NULL) ul_path_print_name(out, name, length);
    if (!f->is_object) ul_path_print_index(out, f->count - !innermost);
  }
}
