/* Figures of groups, see group_figure.h. */
#include "group_figure.h"

bool ul_figure_is_merged(const ul_slot *slot) {
  return slot->adding != UL_ADDING_QUANTILE;
}

/* ---- reading ---- */

static ul_column_value integer_value(uint64_t integer) {
  return (ul_column_value){UL_CODE_INTEGER, {.integer = (int64_t)integer}};
}

ul_figure_result ul_figure_total(const ul_exact_sum *sum, ul_scale scale,
                                 ul_column_value *value) {
  if (sum->partials == NULL) {
    int64_t scaled;
    if (sum->carry != 0 ||
        __builtin_mul_overflow(sum->low, scale.numerator, &scaled))
      return UL_FIGURE_ODD;
    *value = ul_figure_quotient(scaled, scale.denominator);
    return UL_FIGURE_READ;
  }
  double real;
  if (!ul_exact_read_real(sum, &real)) return UL_FIGURE_NO_MEMORY;
  *value = ul_figure_plain(real * (double)scale.numerator /
                           (double)scale.denominator);
  return UL_FIGURE_READ;
}

static ul_figure_result read_mean(const ul_group_cell *cell, ul_scale scale,
                                  ul_column_value *value) {
  ul_figure_result result = ul_figure_total(&cell->of.sum, scale, value);
  if (result != UL_FIGURE_READ) return result;
  int64_t count = (int64_t)cell->count;
  *value = value->code == UL_CODE_INTEGER
             ? ul_figure_quotient(value->figure.integer, count)
             : ul_figure_plain(value->figure.real / (double)count);
  return UL_FIGURE_READ;
}

static ul_column_value scaled_integer(const ul_group_cell *cell,
                                      ul_scale scale) {
  ul_column_value value = {UL_CODE_INTEGER, {.integer = cell->of.best.integer}};
  return ul_figure_scale(value, scale);
}

static ul_column_value scaled_real(const ul_group_cell *cell, ul_scale scale) {
  ul_column_value value = {UL_CODE_REAL, {.real = cell->of.best.real}};
  return ul_figure_scale(value, scale);
}

/* The better of the best integer and the best double. */
static ul_column_value read_best(ul_adding adding, const ul_group_cell *cell,
                                 ul_scale scale) {
  if (!cell->has_real) return scaled_integer(cell, scale);
  ul_column_value real = scaled_real(cell, scale);
  if (!cell->has_integer) return real;
  ul_column_value integer = scaled_integer(cell, scale);
  int sign = ul_figure_compare(real.code, real.figure, integer.code,
                               integer.figure);
  bool is_better = adding == UL_ADDING_MAX ? sign > 0 : sign < 0;
  return is_better ? real : integer;
}

ul_figure_result ul_figure_read(const ul_slot *slot, const ul_group_cell *cell,
                                uint64_t different, ul_scale scale,
                                ul_column_value *value) {
  *value = (ul_column_value){.code = 0};
  if (cell->count == 0) return UL_FIGURE_READ;
  switch (slot->adding) {
    case UL_ADDING_SUM: return ul_figure_total(&cell->of.sum, scale, value);
    case UL_ADDING_MEAN: return read_mean(cell, scale, value);
    case UL_ADDING_SINGLE:
      if (cell->count > 1) return UL_FIGURE_ODD;
      /* fallthrough */
    case UL_ADDING_MAX:
    case UL_ADDING_MIN:
      *value = read_best(slot->adding, cell, scale);
      return ul_figure_is_beyond(*value) ? UL_FIGURE_ODD : UL_FIGURE_READ;
    case UL_ADDING_COUNT: *value = integer_value(cell->count); break;
    case UL_ADDING_DISTINCT: *value = integer_value(different); break;
    case UL_ADDING_NONE: break;
    case UL_ADDING_LAST:
    case UL_ADDING_QUANTILE: return UL_FIGURE_ODD;
  }
  return UL_FIGURE_READ;
}

/* ---- merging ---- */

static bool takes_other(ul_adding adding, int sign) {
  return adding == UL_ADDING_MAX ? sign > 0 : sign < 0;
}

static void merge_best(ul_adding adding, ul_group_cell *cell,
                       const ul_group_cell *other) {
  int64_t integer = other->of.best.integer, own = cell->of.best.integer;
  if (other->has_integer &&
      (!cell->has_integer ||
       takes_other(adding, (integer > own) - (integer < own))))
    cell->of.best.integer = integer;
  double real = other->of.best.real, own_real = cell->of.best.real;
  if (other->has_real &&
      (!cell->has_real ||
       takes_other(adding, (real > own_real) - (real < own_real))))
    cell->of.best.real = real;
}

bool ul_figure_merge(const ul_slot *slot, ul_group_cell *cell,
                     const ul_group_cell *other) {
  switch (slot->adding) {
    case UL_ADDING_SUM:
    case UL_ADDING_MEAN:
      if (!ul_exact_merge(&cell->of.sum, &other->of.sum)) return false;
      break;
    case UL_ADDING_MAX:
    case UL_ADDING_MIN: merge_best(slot->adding, cell, other); break;
    case UL_ADDING_SINGLE:
      if (cell->count == 0) cell->of = other->of;
      break;
    default: break;
  }
  cell->count += other->count;
  cell->has_integer |= other->has_integer;
  cell->has_real |= other->has_real;
  cell->is_negative |= other->is_negative;
  return true;
}
