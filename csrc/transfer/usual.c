#include "usual.h"

#include "field.h"

static bool make(struct curl_slist **list, bool is_gzip, bool has_type) {
  return ul_field_add(list, (ul_text){"Accept-Encoding", 15}, (ul_text){"", 0},
                      is_gzip ? (ul_text){"gzip", 4}
                              : (ul_text){"identity", 8}) &&
         ul_field_suppress(list, "Expect") &&
         (has_type || ul_field_suppress(list, "Content-Type"));
}

struct curl_slist *ul_usual_of(ul_usual *usual, bool is_gzip, bool has_type) {
  struct curl_slist **list = &usual->lists[is_gzip][has_type];
  if (*list == NULL && !make(list, is_gzip, has_type))
    ul_field_free(list, NULL);
  return *list;
}

void ul_usual_free(ul_usual *usual) {
  for (int i = 0; i < 4; i++) ul_field_free(&usual->lists[i / 2][i % 2], NULL);
}
