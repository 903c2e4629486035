/* Positions of rows that are arrays, see json_positions.h. */
#include "json_positions.h"

#include "json_path.h"
#include "json_tape.h"

#define LIMIT_BYTES ((size_t)1 << 24)

void ul_positions_init(ul_json_positions *p) {
  *p = (ul_json_positions){.are_wanted = false};
  ul_buffer_init(&p->path, LIMIT_BYTES);
  ul_buffer_init(&p->nodes, LIMIT_BYTES);
}

void ul_positions_free(ul_json_positions *p) {
  ul_buffer_free(&p->path);
  ul_buffer_free(&p->nodes);
}

void ul_positions_forget(ul_json_positions *p) {
  ul_buffer_clear(&p->nodes);
  p->are_known = p->are_wrong = false;
}

/* Where the name stands in the value at `*at`; NULL: nowhere. */
static bool find_name(const ul_json_positions *p, const char **at,
                      ul_buffer *scratch) {
  if (p->path.length > 0 &&
      !ul_tape_follow(ul_path_of(p->path.bytes, p->path.length), scratch, at))
    return false;
  if (*at != NULL && *(*at)++ != (char)UL_TAPE_STRING) *at = NULL;
  return true;
}

/* The node of the name in the value at `at`. */
static bool add_position(ul_json_positions *p, const ul_json_plan *plan,
                         const char *at, ul_buffer *scratch) {
  if (!find_name(p, &at, scratch)) return false;
  uint32_t node = 0;
  p->are_wrong = p->are_wrong || at == NULL;
  if (at != NULL) {
    uint32_t length = ul_tape_take_u32(&at);
    node = ul_plan_child(plan, plan->rows, at, length);
  }
  return ul_buffer_append(&p->nodes, (const char *)&node, sizeof node);
}

bool ul_positions_read(ul_json_positions *p, const ul_json_plan *plan,
                       const char *at) {
  ul_positions_forget(p);
  p->are_wrong = ul_tape_take_type(&at) != UL_TAPE_ARRAY;
  if (p->are_wrong) return true;
  ul_buffer scratch;
  ul_buffer_init(&scratch, LIMIT_BYTES);
  bool ok = true;
  for (uint32_t count = ul_tape_take_u32(&at); ok && count > 0; count--) {
    ok = add_position(p, plan, at, &scratch);
    at = ul_tape_skip(at);
  }
  ul_buffer_free(&scratch);
  p->are_known = ok && !p->are_wrong;
  return ok;
}
