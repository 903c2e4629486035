/* The plan, see json_plan.h. */
#include "json_plan.h"

#include "json_keys.h"

typedef ul_json_node node;

#define PATHS_LIMIT_BYTES ((size_t)1 << 24)

static const char NO_MEMORY[] = "not enough memory";

static node *node_at(const ul_json_plan *plan, uint32_t index) {
  return ul_plan_node(plan, index);
}

/* A new node's index, or 0 without memory. Nodes move. */
static uint32_t add_node(ul_json_plan *plan, ul_place place) {
  node new = {.place = place};
  if (!ul_buffer_append(&plan->nodes, (const char *)&new, sizeof new)) return 0;
  return (uint32_t)(plan->nodes.length / sizeof new) - 1;
}

uint32_t ul_plan_child(const ul_json_plan *plan, uint32_t parent,
                       const char *name, size_t length) {
  uint32_t i = node_at(plan, parent)->child;
  while (i != 0 && !ul_plan_has_name(plan, node_at(plan, i), name, length))
    i = node_at(plan, i)->next;
  return i;
}

static uint32_t child_named(const ul_json_plan *plan, uint32_t parent,
                            const ul_buffer *name) {
  return ul_plan_child(plan, parent, name->bytes, name->length);
}

static bool set_name(ul_json_plan *plan, uint32_t index,
                     const ul_buffer *name) {
  node *n = node_at(plan, index);
  n->name = (uint32_t)plan->names.length;
  n->name_length = (uint32_t)name->length;
  n->hash = ul_keys_hash(plan->seed, name->bytes, name->length);
  return ul_buffer_append(&plan->names, name->bytes, name->length);
}

/* New children go behind the others, so that keys are found in the order in
** which the paths name them. */
static uint32_t add_child(ul_json_plan *plan, uint32_t parent, ul_place place,
                          const ul_buffer *name) {
  uint32_t index = add_node(plan, place);
  if (index == 0 || !set_name(plan, index, name)) return 0;
  uint32_t *link = &node_at(plan, parent)->child;
  while (*link != 0) link = &node_at(plan, *link)->next;
  *link = index;
  return index;
}

/* The node behind one step, made where it is missing; 0 without memory. */
static uint32_t step_to(ul_json_plan *plan, uint32_t parent, ul_step step,
                        ul_place place, const ul_buffer *name) {
  if (step == UL_STEP_NAME) {
    uint32_t child = child_named(plan, parent, name);
    return child != 0 ? child : add_child(plan, parent, place, name);
  }
  node *n = node_at(plan, parent);
  uint32_t index = step == UL_STEP_ITEMS ? n->items : n->members;
  if (index != 0) return index;
  index = add_node(plan, place);
  n = node_at(plan, parent);
  *(step == UL_STEP_ITEMS ? &n->items : &n->members) = index;
  return index;
}

/* A walk along one path; `visit` sees each step before it is made, and gives
** NULL or why the path cannot be. */
typedef struct walk {
  ul_json_plan *plan;
  uint32_t at;
  ul_place place;
  bool named; /* rows: the last step was a name */
  const char *(*visit)(struct walk *walk, ul_step step);
  ul_buffer name;
} walk;

static const char *one_step(walk *w, ul_step step) {
  const char *problem = w->visit(w, step);
  if (problem != NULL) return problem;
  w->at = step_to(w->plan, w->at, step, w->place, &w->name);
  return w->at == 0 ? NO_MEMORY : NULL;
}

static const char *walk_steps(walk *w, ul_path path) {
  for (;;) {
    ul_step step = ul_path_next(&path, &w->name);
    if (step == UL_STEP_END) return NULL;
    if (step == UL_STEP_MEMORY) return NO_MEMORY;
    if (step == UL_STEP_WRONG)
      return "not a path such as data.users[], data.products{} or .";
    const char *problem = one_step(w, step);
    if (problem != NULL) return problem;
  }
}

static const char *walk_path(walk *w, const char *path, size_t length) {
  if (w->plan->nodes.length == 0) return NO_MEMORY;
  ul_buffer_init(&w->name, PATHS_LIMIT_BYTES);
  const char *problem = walk_steps(w, ul_path_of(path, length));
  ul_buffer_free(&w->name);
  return problem;
}

static const char *visit_rows(walk *w, ul_step step) {
  ul_json_plan *plan = w->plan;
  node *n = node_at(plan, w->at);
  n->on_rows = true;
  n->level = plan->levels;
  w->named = step == UL_STEP_NAME;
  if (w->named) return NULL;
  if (plan->levels++ == UL_PLAN_LEVELS) return "more than 8 times [] or {}";
  plan->member_levels += step == UL_STEP_MEMBERS;
  return NULL;
}

const char *ul_plan_rows(ul_json_plan *plan, const char *path,
                         size_t length) {
  walk w = {.plan = plan, .visit = visit_rows};
  const char *problem = walk_path(&w, path, length);
  if (problem != NULL) return problem;
  node *n = node_at(plan, w.at);
  n->place = UL_PLACE_ITEM;
  n->on_rows = true;
  n->level = plan->levels;
  n->null_is_none = w.named;
  plan->rows = w.at;
  plan->has_rows = true;
  return NULL;
}

static const char *visit_field(walk *w, ul_step step) {
  const node *n = node_at(w->plan, w->at);
  if ((step == UL_STEP_NAME && n->members != 0) ||
      (step == UL_STEP_MEMBERS && n->child != 0))
    return "{} and a name at the same place";
  return NULL;
}

/* A path that ends on the way of another takes all there, the other's field
** too; the order of the two does not matter. */
const char *ul_plan_field(ul_json_plan *plan, const char *path,
                          size_t length) {
  if (!plan->has_rows) return "fields need rows";
  walk w = {.plan = plan, .at = plan->rows, .place = UL_PLACE_PART,
            .visit = visit_field};
  const char *problem = walk_path(&w, path, length);
  if (problem != NULL) return problem;
  if (w.at == plan->rows) return "not the path of a field";
  node_at(plan, w.at)->place = UL_PLACE_WHOLE;
  return NULL;
}

bool ul_plan_named_field(ul_json_plan *plan, const char *name,
                         size_t length) {
  ul_buffer buffer;
  ul_buffer_init(&buffer, PATHS_LIMIT_BYTES);
  uint32_t at = ul_buffer_reserve(&buffer, length + 1) &&
                    ul_buffer_append(&buffer, name, length)
                  ? step_to(plan, plan->rows, UL_STEP_NAME, UL_PLACE_PART,
                            &buffer)
                  : 0;
  ul_buffer_free(&buffer);
  if (at != 0) node_at(plan, at)->place = UL_PLACE_WHOLE;
  return at != 0;
}

static const char *visit_side(walk *w, ul_step step) {
  const node *n = node_at(w->plan, w->at);
  if (step != UL_STEP_NAME) return "[] and {} are for rows and fields";
  if (n->place == UL_PLACE_ITEM || n->members != 0)
    return "it lies inside the rows";
  return NULL;
}

/* Where the path of a side value stands in the names. */
typedef struct side_path {
  uint32_t text, length;
} side_path;

uint32_t ul_plan_side_count(const ul_json_plan *plan) {
  return (uint32_t)(plan->sides.length / sizeof(side_path));
}

static bool add_side(ul_json_plan *plan, const char *path, size_t length) {
  side_path new = {(uint32_t)plan->names.length, (uint32_t)length};
  return ul_buffer_append(&plan->names, path, length) &&
         ul_buffer_append(&plan->sides, (const char *)&new, sizeof new);
}

/* A side value may lie in another, or be the same: only the outer one is
** taken from the document, the inner one is looked for in it. */
const char *ul_plan_side(ul_json_plan *plan, const char *path,
                         size_t length) {
  walk w = {.plan = plan, .visit = visit_side};
  const char *problem = walk_path(&w, path, length);
  if (problem != NULL) return problem;
  if (!add_side(plan, path, length)) return NO_MEMORY;
  node *n = node_at(plan, w.at);
  if (n->on_rows) return "it holds the rows; name what stands beside them";
  if (n->place == UL_PLACE_SIDE) return NULL;
  n->place = UL_PLACE_SIDE;
  n->side = ul_plan_side_count(plan) - 1;
  return NULL;
}

const ul_json_node *ul_plan_find_side(const ul_json_plan *plan, uint32_t side,
                                      ul_path *rest, ul_buffer *name) {
  const side_path *paths = (const side_path *)(void *)plan->sides.bytes;
  *rest = ul_path_of(plan->names.bytes + paths[side].text,
                     paths[side].length);
  uint32_t i = 0;
  while (node_at(plan, i)->place != UL_PLACE_SIDE) {
    if (ul_path_next(rest, name) != UL_STEP_NAME) return NULL;
    i = child_named(plan, i, name);
  }
  return node_at(plan, i);
}

void ul_plan_init(ul_json_plan *plan, uint64_t seed) {
  *plan = (ul_json_plan){.seed = seed};
  ul_buffer_init(&plan->nodes, PATHS_LIMIT_BYTES);
  ul_buffer_init(&plan->names, PATHS_LIMIT_BYTES);
  ul_buffer_init(&plan->sides, PATHS_LIMIT_BYTES);
  (void)add_node(plan, UL_PLACE_WALK);
}

void ul_plan_free(ul_json_plan *plan) {
  ul_buffer_free(&plan->nodes);
  ul_buffer_free(&plan->names);
  ul_buffer_free(&plan->sides);
}
