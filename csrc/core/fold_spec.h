/*
** The description of a fold, as Lua gives it, made into what fold.c runs on:
** slots of an item, typed columns, rules. All of it is owned by ul_fold.
*/
#ifndef UL_FOLD_SPEC_H
#define UL_FOLD_SPEC_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "column.h"
#include "csv_read.h"
#include "fold_derive.h"
#include "fold_mark.h"
#include "group.h"
#include "identity.h"
#include "item.h"
#include "json_select.h"
#include "kept.h"

/* User values of a fold: who judges, the reader it takes from, the rules'
** functions, the texts that their rows show, who derives columns. */
enum {
  UL_FOLD_JUDGE = 1,
  UL_FOLD_READER,
  UL_FOLD_FUNCTIONS,
  UL_FOLD_SHOWN,
  UL_FOLD_DERIVE,
  UL_FOLD_USER_VALUES = UL_FOLD_DERIVE
};

/* Where a column's values come from. */
typedef enum ul_fold_from {
  UL_FROM_NOTHING,
  UL_FROM_ITEM,
  UL_FROM_MEMBER,
  UL_FROM_KEY
} ul_fold_from;

typedef struct ul_fold_source {
  ul_fold_from from;
  uint32_t slot; /* of the item or of each member */
  bool has_alone; /* of a member: where it is in an item without any, */
  uint32_t alone; /* the slot of the item */
} ul_fold_source;

/* How the values of an item's rows are read. */
typedef enum ul_fold_way {
  UL_READ_NONE,    /* they are known later */
  UL_READ_SHARED,  /* one of the item, */
  UL_READ_OWN,     /* by its slot alone */
  UL_READ_EACH,    /* one of each row, */
  UL_READ_MEMBERS, /* by the members' slot alone: */
  UL_READ_COUNTS,  /* numbers, */
  UL_READ_WORDS,   /* booleans; */
  UL_READ_KEYS     /* or their key */
} ul_fold_way;

typedef struct ul_fold_column {
  ul_fold_source source, other; /* the other where the first holds nothing */
  bool has_other;
  bool of_member; /* another one for each member of an item */
  bool is_late;   /* its value is the same for all items, and known at a take */
  bool is_derived; /* it is known at a take */
  ul_fold_way way;
  uint32_t rule, group; /* of an asked column: whose group it gives */
  uint32_t asked;       /* and its number among the asked ones, from 0 */
  uint32_t shown;       /* the code whose text its row has at hand; 0: none */
  /* The codes of the item's keys, the first ones, of these versions. */
  ul_buffer key_codes;
  uint64_t keys_version, texts_version;
} ul_fold_column;

typedef struct ul_fold {
  bool open;
  bool has_each, each_optional, has_late, has_filter, has_conditions;
  bool holds; /* every item is kept until it is taken: it may be given back */
  bool waits; /* every item is for Lua to judge, until it says otherwise */
  bool keeps; /* rows go into `keeping`; rules are those of whoever reads them */
  ul_identity identity;
  ul_mark mark;
  ul_derive derive;
  ul_json_plan *plan; /* of the reader; NULL where kept rows are added up */
  ul_json_select *select; /* of a reader of JSON, or: */
  ul_csv *csv;
  ul_item item;
  ul_column *columns;
  ul_fold_column *sources;
  uint32_t column_count, asked_count;
  ul_group_rule *rules;
  uint32_t rule_count;
  size_t rows;         /* in the batch */
  size_t room;         /* for rows, in every column */
  size_t row;          /* that a function looks at */
  bool is_asking;      /* while a function does */
  bool is_untold;      /* it asked what the columns do not tell */
  size_t late;         /* rows whose late columns are not filled begin here */
  uint64_t total_rows; /* of the batches before */
  /* Items are kept as they came: those for Lua to judge, those whose values
  ** no condition has judged so far, and the first one since the last take. */
  ul_buffer kept;      /* their bytes and keys */
  ul_buffer doubts, pending; /* of ul_fold_kept */
  size_t given;        /* doubts that Lua has got */
  ul_kept keeping;     /* without its texts, which are the columns' so far */
  ul_buffer dead; /* of bool, by row: it was taken back; as far as needed */
} ul_fold;

typedef struct ul_fold_kept {
  size_t bytes, length; /* in `kept` */
  size_t key, key_length;
  uint64_t number;   /* among the items, from 1 */
  bool has_key;
  bool on_tape;      /* it is the reader's, since it is no object */
  size_t row, rows;  /* pending: those it has in the batch */
} ul_fold_kept;

/* Fills the fold, which is all zero but for the selection that it is to take
** items from, with what the table at `spec` says. Raises for a table that is
** none of ours, and for lack of memory; what was made until then is the
** fold's. */
void ul_fold_read_spec(lua_State *L, int spec, ul_fold *fold);

void ul_fold_free(ul_fold *fold);

#endif
