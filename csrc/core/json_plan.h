/*
** What is to be read from a document, as a tree of all the paths that name
** it: the rows, fields of each row, and side values. The reader of selections
** (json_select.h) walks it. Rows come first, then fields and sides.
*/
#ifndef UL_JSON_PLAN_H
#define UL_JSON_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "buffer.h"
#include "json_path.h"
#include "same.h"

/* What a value is, by its place. Inside an item or side value the tape runs:
** these come last. */
typedef enum ul_place {
  UL_PLACE_WALK, /* the way to something */
  UL_PLACE_ITEM,
  UL_PLACE_SIDE,
  UL_PLACE_PART, /* on the way to a field of an item */
  UL_PLACE_WHOLE /* all below is taken */
} ul_place;

/* A place in the tree; others are named by their index, of which 0 stands for
** none (it is the root, nobody's child). */
typedef struct ul_json_node {
  ul_place place;
  uint32_t name, name_length; /* in `names` */
  uint32_t hash;              /* of the name */
  uint32_t next;              /* with the same parent */
  uint32_t child;             /* first one that has a name */
  uint32_t likely;            /* the one to be tried first */
  uint32_t items, members;    /* what `[]` and `{}` lead to */
  uint32_t side;              /* of a side: which */
  uint32_t level;             /* on the way to the items: the [] and {} above */
  bool on_rows;               /* on the way to the items, or the items */
  bool null_is_none;          /* of items: null stands for no item */
  uint32_t slot;              /* where an item keeps its value, from 1 (item.h) */
  bool slot_of_member;        /* one for each member of a container */
  bool is_container;          /* its members, or items, are those of the item */
  bool has_strays;            /* numbers in it that no path names make the */
                              /* item doubtful */
  uint64_t seen;              /* the last object that had this name */
  uint32_t shape;             /* what is known of its objects' keys, from 1 */
} ul_json_node;

/* How many [] and {} a rows path may have. */
enum { UL_PLAN_LEVELS = 8 };

typedef struct ul_json_plan {
  ul_buffer nodes; /* of ul_json_node; they stay where they are once the last */
                   /* path is added */
  ul_buffer names;
  ul_buffer sides; /* of the paths of the side values */
  uint64_t seed;   /* of the names' hashes */
  bool has_rows;
  uint32_t rows; /* the node of the items */
  uint32_t levels, member_levels; /* [] and {} of the rows path; {} alone */
} ul_json_plan;

/* Makes the root; without memory for it all paths fail. */
void ul_plan_init(ul_json_plan *plan, uint64_t seed);
void ul_plan_free(ul_json_plan *plan);

/* NULL where all is well, else why the path cannot be, or no_memory where it is right. */
extern const char ul_plan_no_memory[];
const char *ul_plan_rows(ul_json_plan *plan, const char *path, size_t length);
const char *ul_plan_field(ul_json_plan *plan, const char *path,
                          size_t length);
/* A field by the one name that its path has; false without memory. */
bool ul_plan_named_field(ul_json_plan *plan, const char *name, size_t length);

const char *ul_plan_side(ul_json_plan *plan, const char *path, size_t length);

/* The child of that name, or 0. */
uint32_t ul_plan_child(const ul_json_plan *plan, uint32_t node,
                       const char *name, size_t length);

/* The sides count from 0 in the order of adding. */
uint32_t ul_plan_side_count(const ul_json_plan *plan);

/* The node of side value `side`, or of one that it lies in; `*rest` is the
** way from there. `name` is scratch. NULL without memory. */
const ul_json_node *ul_plan_find_side(const ul_json_plan *plan, uint32_t side,
                                      ul_path *rest, ul_buffer *name);

static inline ul_json_node *ul_plan_node(const ul_json_plan *plan,
                                         uint32_t index) {
  return (ul_json_node *)(void *)plan->nodes.bytes + index;
}

static inline const char *ul_plan_name(const ul_json_plan *plan,
                                       const ul_json_node *node) {
  return plan->names.bytes + node->name;
}

static inline bool ul_plan_has_name(const ul_json_plan *plan,
                                    const ul_json_node *node,
                                    const char *bytes, size_t length) {
  return node->name_length == length &&
         ul_same(ul_plan_name(plan, node), bytes, length);
}

#endif
