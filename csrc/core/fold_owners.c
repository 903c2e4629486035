/* Figures of one thing each, see fold_owners.h. */
#include "fold_owners.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "fail.h"
#include "fold_row.h"
#include "instant.h"
#include "json_keys.h"

#define OWNERS "usagelua.fold.owners"
#define LIMIT_BYTES ((size_t)1 << 36)

/* A place in a list `of` where there is none. */
#define NOWHERE UINT32_MAX

/* A column that tells something by one of its values: that a reading is a shared
** pool's, or may contain those of others. */
typedef struct sign {
  bool is_always;
  uint32_t place, code; /* 0: no row has that value */
} sign;

typedef struct moment {
  bool is_known, is_there;
  double at;
} moment;

/* One owner of one group, and its latest reading. */
typedef struct owner {
  double at;
  ul_figure figure;
  uint32_t code; /* of the figure; 0: it is in the group's sum */
  uint32_t group, part;
  bool has_dated, has_undated, clashes, is_shared, contains;
} owner;

struct ul_owners {
  const ul_slot *slot;
  uint32_t ids[UL_GROUP_OF], id_count, part;  /* places */
  uint32_t ats[UL_GROUP_OF], at_count;
  moment *moments[UL_GROUP_OF]; /* of each of them, by code */
  sign shared, contains;
  bool over;
  ul_tuples keys;   /* group, ids, part: an owner's number */
  ul_buffer owners; /* of owner, by number */
  uint32_t *first;  /* behind one more: by group, where its owners begin */
  uint32_t *sorted; /* the owners' numbers, by group */
};

bool ul_owners_has(const ul_slot *slot) {
  return slot->adding == UL_ADDING_LAST ||
         (slot->adding == UL_ADDING_SUM && slot->of_count > 0);
}

static owner *owner_at(const ul_owners *o, uint32_t number) {
  return (owner *)(void *)o->owners.bytes + number;
}

/* ---- the value ---- */

static int owners_gc(lua_State *L) {
  ul_owners *o = luaL_checkudata(L, 1, OWNERS);
  ul_tuples_free(&o->keys);
  ul_buffer_free(&o->owners);
  return 0;
}

static ul_owners *push_owners(lua_State *L, const ul_slot *slot) {
  ul_owners *o = lua_newuserdatauv(L, sizeof *o, 0);
  *o = (ul_owners){.slot = slot, .part = NOWHERE};
  ul_buffer_init(&o->owners, LIMIT_BYTES);
  if (luaL_newmetatable(L, OWNERS)) {
    lua_pushcfunction(L, owners_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return o;
}

static void *push_array(lua_State *L, size_t count, size_t size) {
  size_t bytes = (count + 1) * size;
  return memset(lua_newuserdatauv(L, bytes, 0), 0, bytes);
}

/* ---- what is said of them ---- */

static uint32_t check_place(lua_State *L, int index, const ul_slot *slot) {
  lua_Integer place = luaL_checkinteger(L, index);
  if (place < 1 || place > (lua_Integer)slot->of_count)
    luaL_error(L, "place %I is none of the slot's", place);
  return (uint32_t)place - 1;
}

static uint32_t read_places(lua_State *L, int table, const char *name,
                            const ul_slot *slot, uint32_t *places) {
  lua_getfield(L, table, name);
  luaL_checktype(L, -1, LUA_TTABLE);
  lua_Unsigned count = lua_rawlen(L, -1);
  if (count > UL_GROUP_OF) luaL_error(L, "too many places in %s", name);
  for (uint32_t i = 0; i < count; i++) {
    lua_rawgeti(L, -1, (lua_Integer)i + 1);
    places[i] = check_place(L, -1, slot);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return (uint32_t)count;
}

/* The code of the value on top of the stack; 0 where no row can have it. */
static uint32_t code_of(lua_State *L, ul_column *column) {
  if (lua_isboolean(L, -1) && column->kind == UL_COLUMN_BOOLEAN)
    return lua_toboolean(L, -1) ? UL_CODE_TRUE : UL_CODE_FALSE;
  if (lua_type(L, -1) != LUA_TSTRING || column->kind != UL_COLUMN_TEXT)
    return 0;
  size_t length;
  const char *text = lua_tolstring(L, -1, &length);
  uint32_t code = ul_column_code(column, text, length);
  if (code == 0) ul_fail_memory(L);
  return code;
}

/* true, or { place, value }, or nothing. */
static sign read_sign(lua_State *L, int table, const char *name,
                      ul_fold *fold, const ul_slot *slot) {
  sign read = {.is_always = false};
  if (lua_getfield(L, table, name) == LUA_TTABLE) {
    int entry = lua_gettop(L);
    lua_rawgeti(L, entry, 1);
    read.place = check_place(L, -1, slot);
    lua_rawgeti(L, entry, 2);
    read.code = code_of(L, &fold->columns[slot->of[read.place]]);
    lua_settop(L, entry);
  } else {
    read.is_always = lua_toboolean(L, -1);
  }
  lua_pop(L, 1);
  return read;
}

static void read_owners(lua_State *L, int index, ul_fold *fold,
                        ul_owners *o) {
  const ul_slot *slot = o->slot;
  luaL_checktype(L, index, LUA_TTABLE);
  o->id_count = read_places(L, index, "id", slot, o->ids);
  o->at_count = read_places(L, index, "at", slot, o->ats);
  if (lua_getfield(L, index, "part") != LUA_TNIL)
    o->part = check_place(L, -1, slot);
  o->over = lua_getfield(L, index, "over") != LUA_TNIL && lua_toboolean(L, -1);
  lua_pop(L, 2);
  o->shared = read_sign(L, index, "shared", fold, slot);
  o->contains = read_sign(L, index, "contains", fold, slot);
}

/* ---- readings ---- */

static bool shows(const sign *s, const uint32_t *of) {
  return s->is_always || (s->code != 0 && of[s->place] == s->code);
}

/* What date-times C does not read are asked of the function at `instant`. */
static moment read_moment(lua_State *L, int instant, const ul_column *column,
                          uint32_t code) {
  moment read = {.is_known = true};
  if (code == 0 || column->kind != UL_COLUMN_TEXT) return read;
  size_t length;
  const char *text = ul_dictionary_text(&column->dictionary, code, &length);
  int64_t seconds;
  if (ul_instant_read(text, length, &seconds)) {
    read.is_there = true;
    read.at = (double)seconds;
    return read;
  }
  lua_pushvalue(L, instant);
  ul_fold_push_code(L, column, code);
  lua_call(L, 1, 1);
  read.is_there = lua_isnumber(L, -1);
  read.at = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return read;
}

/* When a reading was so: by the first of the columns that says it. */
static moment moment_of(lua_State *L, int instant, const ul_fold *fold,
                        const ul_owners *o, const uint32_t *of) {
  moment found = {.is_there = false};
  for (uint32_t i = 0; i < o->at_count && !found.is_there; i++) {
    const ul_column *column = &fold->columns[o->slot->of[o->ats[i]]];
    moment *known = &o->moments[i][of[o->ats[i]]];
    if (!known->is_known)
      *known = read_moment(L, instant, column, of[o->ats[i]]);
    found = *known;
  }
  return found;
}

/* The number of the one that the reading is of; it may be a new one. */
static uint32_t owner_of(lua_State *L, ul_owners *o, const uint32_t *tuple) {
  uint32_t key[UL_GROUP_OF + 2] = {tuple[0]};
  const uint32_t *of = tuple + 1;
  for (uint32_t i = 0; i < o->id_count; i++) key[i + 1] = of[o->ids[i]];
  uint32_t part = o->part == NOWHERE ? 0 : of[o->part];
  key[o->id_count + 1] = part;
  uint32_t count = o->keys.count, number = ul_tuples_add(&o->keys, key);
  if (number == UL_TUPLES_NONE) ul_fail_memory(L);
  if (number < count) return number;
  owner new = {.group = tuple[0], .part = part};
  if (!ul_buffer_append(&o->owners, (const char *)&new, sizeof new))
    ul_fail_memory(L);
  return number;
}

/* The later one of two readings stands, or both of one moment in one. */
static void put_reading(owner *to, moment when, ul_column_value value,
                        bool is_shared, bool contains) {
  double at = when.is_there ? when.at : 0;
  bool is_first = to->code == 0;
  to->has_dated = to->has_dated || when.is_there;
  to->has_undated = to->has_undated || !when.is_there;
  if (!is_first && at < to->at) return;
  if (is_first || at > to->at) {
    to->at = at;
    to->code = value.code;
    to->figure = value.figure;
    to->clashes = false;
    to->is_shared = is_shared;
    to->contains = contains;
    return;
  }
  to->clashes = to->clashes || ul_figure_compare(to->code, to->figure,
                                                 value.code, value.figure) != 0;
  to->is_shared = to->is_shared || is_shared;
  to->contains = to->contains || contains;
}

static ul_column_value figure_of(const uint32_t *tuple, const ul_slot *slot,
                                 ul_scale scale) {
  const uint32_t *figure = tuple + 1 + slot->of_count;
  ul_column_value value = {.code = figure[0]};
  memcpy(&value.figure, figure + 1, sizeof value.figure);
  return ul_figure_scale(value, scale);
}

static void gather(lua_State *L, int instant, const ul_fold *fold,
                   ul_owners *o, ul_scale scale) {
  const ul_slot *slot = o->slot;
  for (uint32_t i = 0; i < slot->tuples.count; i++) {
    const uint32_t *tuple = ul_tuples_at(&slot->tuples, i);
    uint32_t number = owner_of(L, o, tuple);
    bool contains = shows(&o->contains, tuple + 1);
    if (slot->adding == UL_ADDING_SUM) {
      owner *to = owner_at(o, number);
      to->contains = to->contains || contains;
      continue;
    }
    moment when = moment_of(L, instant, fold, o, tuple + 1);
    put_reading(owner_at(o, number), when, figure_of(tuple, slot, scale),
                shows(&o->shared, tuple + 1), contains);
  }
}

/* Leaves what anchors the lists on the stack. */
static void sort_by_group(lua_State *L, ul_owners *o, uint32_t groups) {
  uint32_t count = o->keys.count;
  o->first = push_array(L, (size_t)groups + 2, sizeof *o->first);
  o->sorted = push_array(L, count, sizeof *o->sorted);
  for (uint32_t i = 0; i < count; i++) o->first[owner_at(o, i)->group + 1]++;
  for (uint32_t i = 0; i < groups; i++) o->first[i + 1] += o->first[i];
  o->first[groups + 1] = count;
  /* So far a group's place says where it ends. */
  for (uint32_t i = count; i-- > 0;)
    o->sorted[--o->first[owner_at(o, i)->group + 1]] = i;
}

ul_owners *ul_owners_push(lua_State *L, int index, int instant, ul_fold *fold,
                          const ul_group_rule *rule, const ul_slot *slot,
                          ul_scale scale) {
  luaL_checkstack(L, UL_GROUP_OF + 16, "too many columns");
  ul_owners *o = push_owners(L, slot);
  read_owners(L, index, fold, o);
  ul_tuples_init(&o->keys, o->id_count + 2, ul_keys_seed());
  for (uint32_t i = 0; i < o->at_count; i++) {
    const ul_column *column = &fold->columns[slot->of[o->ats[i]]];
    o->moments[i] = push_array(L, column->dictionary.count, sizeof(moment));
  }
  gather(L, instant, fold, o, scale);
  sort_by_group(L, o, rule->groups.count);
  return o;
}

/* ---- reading ---- */

typedef struct range {
  const uint32_t *numbers;
  uint32_t count;
} range;

static range owners_of(const ul_owners *o, uint32_t group) {
  uint32_t first = o->first[group + 1];
  uint32_t end = o->first[group + 2];
  return (range){o->sorted + first, end - first};
}

/* Whether figures of several are added at all. */
static bool are_added(const ul_owners *o, range list) {
  if (!o->over) return false;
  uint32_t part = owner_at(o, list.numbers[0])->part;
  for (uint32_t i = 0; i < list.count; i++) {
    const owner *one = owner_at(o, list.numbers[i]);
    if (one->part != part || one->is_shared || one->contains) return false;
  }
  return true;
}

static bool is_sound(const ul_owners *o, range list) {
  for (uint32_t i = 0; i < list.count; i++) {
    const owner *one = owner_at(o, list.numbers[i]);
    if (one->clashes || (one->has_dated && one->has_undated)) return false;
  }
  return true;
}

static ul_figure_result add_readings(const ul_owners *o, range list,
                                     ul_column_value *value) {
  ul_exact_sum sum = {.low = 0};
  ul_figure_result result = UL_FIGURE_READ;
  for (uint32_t i = 0; i < list.count && result == UL_FIGURE_READ; i++) {
    const owner *one = owner_at(o, list.numbers[i]);
    if (one->code == UL_CODE_INTEGER)
      ul_exact_add_integer(&sum, one->figure.integer);
    else if (fabs(one->figure.real) > UL_EXACT_LARGEST)
      result = UL_FIGURE_ODD;
    else if (!ul_exact_add_real(&sum, one->figure.real))
      result = UL_FIGURE_NO_MEMORY;
  }
  if (result == UL_FIGURE_READ)
    result = ul_figure_total(&sum, (ul_scale){1, 1}, value);
  ul_exact_free(&sum);
  return result;
}

static ul_figure_result read_last(const ul_owners *o, range list,
                                  ul_column_value *value) {
  if (list.count == 0) return UL_FIGURE_READ;
  if (!is_sound(o, list)) return UL_FIGURE_ODD;
  if (list.count > 1)
    return are_added(o, list) ? add_readings(o, list, value) : UL_FIGURE_ODD;
  const owner *one = owner_at(o, list.numbers[0]);
  *value = (ul_column_value){one->code, one->figure};
  return ul_figure_is_beyond(*value) ? UL_FIGURE_ODD : UL_FIGURE_READ;
}

ul_figure_result ul_owners_figure(const ul_owners *owners, uint32_t group,
                                  const ul_group_cell *cell, ul_scale scale,
                                  ul_column_value *value) {
  range list = owners_of(owners, group);
  *value = (ul_column_value){.code = 0};
  if (owners->slot->adding == UL_ADDING_LAST)
    return read_last(owners, list, value);
  if (list.count > 1 && !are_added(owners, list)) return UL_FIGURE_ODD;
  return ul_figure_read(owners->slot, cell, 0, scale, value);
}
