#include "pace.h"

static double part_s(const ul_pace *pace) {
  return pace->window_s / UL_PACE_PARTS;
}

void ul_pace_start(ul_pace *pace, double now_s, uint64_t total) {
  pace->totals[0] = total;
  pace->count = 1;
  pace->next_s = now_s + part_s(pace);
}

static bool was_not_listening(const ul_pace *pace, double now_s) {
  return now_s - pace->next_s > pace->window_s;
}

bool ul_pace_check(ul_pace *pace, double now_s, uint64_t total) {
  if (now_s < pace->next_s) return true;
  if (was_not_listening(pace, now_s)) {
    ul_pace_start(pace, now_s, total);
    return true;
  }
  bool is_window_full = pace->count >= UL_PACE_PARTS;
  uint64_t *oldest = &pace->totals[pace->count % UL_PACE_PARTS];
  uint64_t came = total - *oldest;
  *oldest = total;
  pace->count++;
  pace->next_s = now_s + part_s(pace);
  return !is_window_full || came >= pace->min_bytes;
}
